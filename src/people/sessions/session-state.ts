/** How a session stands in the database; for programs, which ask often, believed for a few seconds (faults AU-08: gone everywhere within five). */
import type { Clock } from "../../clock.ts";
import type { Database } from "#db/database.ts";
import { SECOND_MS } from "#units/time.ts";
import type { Role } from "./sessions.ts";

/** A second less than what is promised: the question itself takes time, too. */
export const BELIEVED_MS = 4 * SECOND_MS;
const MOST_KEPT = 20_000;

export interface SessionRow {
  readonly id: string;
  readonly organization_id: string;
  readonly roles: Role[];
  readonly patient_id: string | null;
  readonly session_id: string;
  readonly token_hash: Buffer;
  readonly kind: "cookie" | "bearer";
  readonly version: number;
  readonly expires_at: number;
  readonly last_seen_at: number;
  readonly idle_seconds: number | null;
  readonly proven_at: number | null;
  readonly must_change_password: boolean;
  readonly must_add_second_factor: boolean;
}

/** The session of a browser's token (its digest) or of a program (its id, as 16 bytes); null where it has ended. */
export async function readSession(database: Database, key: Buffer, nowMs: number): Promise<SessionRow | null> {
  const [row] = await database.look<SessionRow>("select * from session_of($1, $2)", [key, nowMs]);
  return row ?? null;
}

/** What was read of a thing that its holder shows again and again, kept for `BELIEVED_MS` in this process. */
export interface Believed<T> {
  get(key: string, options: { readonly fresh: boolean; readonly read: () => Promise<T | null> }): Promise<T | null>;
  forget(isOver: (value: T) => boolean): void;
}

export function createBelieved<T>(clock: Clock): Believed<T> {
  const kept = new Map<string, { readonly value: T; readonly readMs: number }>();
  return {
    get: async (key, { fresh, read }) => {
      const found = kept.get(key);
      const ageMs = clock.now() - (found?.readMs ?? 0);
      if (found && !fresh && ageMs >= 0 && ageMs < BELIEVED_MS) return found.value;
      const readMs = clock.now();
      const value = await read();
      kept.delete(key);
      // The oldest go first; who is gone is asked for anew each time.
      if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
      if (value !== null) kept.set(key, { value, readMs });
      return value;
    },
    forget: (isOver) => {
      for (const [key, { value }] of kept) if (isOver(value)) kept.delete(key);
    },
  };
}
