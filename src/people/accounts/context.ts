/** What accounts need, built once by the app. */
import type { Database, Tx } from "#db/database.ts";
import type { Vault } from "#vault/seal.ts";
import type { Clock } from "../../clock.ts";
import type { Hashing } from "../sign-in/hashing.ts";
import type { SignIn } from "../sign-in/sign-in.ts";
import type { Identities } from "./identities.ts";

/** Who may make an account of himself: nobody, anybody with an e-mail address, or whoever was invited. */
export type Registration = "off" | "open" | "invitation";

export interface AccountsContext {
  readonly database: Database;
  readonly clock: Clock;
  readonly hashing: Hashing;
  readonly signIn: SignIn;
  readonly identities: Identities;
  readonly vault: Pick<Vault, "seal">;
  /** Where people reach Islet, from the configuration and never from a request (faults AU-19). */
  readonly publicOrigin: string;
  readonly registration: Registration;
  /** Where people who register by themselves belong; null: to the only organization that there is. */
  readonly registrationOrganizationId: string | null;
  readonly hasSecondFactor?: (tx: Tx, userId: string) => Promise<boolean>;
  /** Orders the erasure of a patient whose person gives up the account; the command line has none. Throws Conflict for a legal hold, and for one that was ordered already. */
  readonly requestErasure?: (order: { readonly organizationId: string; readonly patientId: string; readonly userId: string }) => Promise<unknown>;
}

/** Whoever acts in accounts: a signed-in person, with the session that is to go on. */
export interface AccountActor {
  readonly userId: string;
  readonly organizationId: string;
  readonly session: { readonly hash: Buffer };
}
