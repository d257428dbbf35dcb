/** What the parts of Terra share: accounts, sessions, how errors read. vendors/terra.md, Identity and Errors. */

import { z } from "zod";
import type { CloudContext } from "../cloud.ts";
import { json, type Answer } from "../exchange.ts";
import type { Person } from "../people/person.ts";

export const PROVIDERS = ["GARMIN", "OURA", "DEXCOM"];
export const API_VERSION = "2022-03-16";

const session = z.object({ reference: z.string(), success: z.string(), failure: z.string(), expiresMs: z.number(), providers: z.string().default(""), userId: z.string().nullable().default(null) });
export type Session = z.infer<typeof session>;
const user = z.object({ id: z.string(), personId: z.string(), provider: z.string(), reference: z.string(), isActive: z.boolean(), toldMs: z.number(), scopes: z.string().default("activity,daily,sleep,body"), madeMs: z.number().default(0) });
export type User = z.infer<typeof user>;
export const state = z.object({ sessions: z.record(z.string(), session), users: z.array(user), count: z.number() });
export type State = z.infer<typeof state>;

export interface World {
  readonly context: CloudContext;
  readonly state: State;
}

/** RFC 9457, as the present documents have it. */
export function problem(status: number, detail: string, headers: Record<string, string> = {}): Answer {
  return { ...json(status, { type: "about:blank", title: detail, instance: "", detail }, headers), type: "application/problem+json" };
}

export function usersOf({ state: { users } }: World, person: Person): User[] {
  return users.filter(({ personId, isActive }) => personId === person.who.id && isActive);
}

export function activeUser({ state: { users } }: World, id: string | null): User | undefined {
  return users.find((one) => one.isActive && one.id === id);
}

/** TerraUser. */
export function shown({ id, provider, reference, isActive, scopes, toldMs, madeMs }: User): Record<string, unknown> {
  return {
    user_id: id, provider, reference_id: reference === "" ? null : reference, active: isActive, scopes, created_at: madeMs > 0 ? utc(madeMs) : null,
    last_webhook_update: toldMs > madeMs ? utc(toldMs) : null,
  };
}

/** Microseconds, in UTC. */
export function utc(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000+00:00");
}
