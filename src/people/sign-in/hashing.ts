/** Hashing as a process can afford it: a hash takes 19 MiB and a thread that files and name look-ups need, too (faults AU-05). */
import { hashPassword, passwordMatches, type StoredPassword } from "./passwords.ts";
import { createTurns, type TurnLimits } from "./turns.ts";

export interface Hashing {
  /** Throws Unavailable when too many wait already. */
  hash(password: string): Promise<string>;
  /** Whether the password belongs to what rests; nothing at rest costs the same. Throws Unavailable when too many wait already. */
  matches(stored: StoredPassword | null, password: string): Promise<boolean>;
}

export const HASHING_LIMITS: TurnLimits = { atOnce: 2, mostWaiting: 128 };

export function createHashing(limits: TurnLimits = HASHING_LIMITS): Hashing {
  const inTurn = createTurns(limits);
  return { hash: (password) => inTurn(() => hashPassword(password)), matches: (stored, password) => inTurn(() => passwordMatches(stored, password)) };
}
