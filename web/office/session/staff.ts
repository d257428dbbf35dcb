/** Who is signed in at the office, the client that asks for them, and the unit they read glucose in. */
import { createContext, useContext } from "react";
import type { Client } from "#web/client/operation-client.ts";
import type { GlucoseUnit, PreferencesPatch, Session } from "#web/client/types.ts";

export interface Staff {
  readonly client: Client;
  readonly session: Session;
  readonly unit: GlucoseUnit;
  readonly isAdmin: boolean;
  readonly isClinician: boolean;
  readonly savePreferences: (patch: PreferencesPatch) => Promise<void>;
  readonly signOut: () => Promise<void>;
}

const StaffContext = createContext<Staff | null>(null);
export const StaffProvider = StaffContext;

export function useStaff(): Staff {
  const staff = useContext(StaffContext);
  if (!staff) throw new Error("useStaff needs a StaffProvider above it.");
  return staff;
}

/** The API, typed by its OpenAPI document. */
export function useClient(): Client {
  return useStaff().client;
}
