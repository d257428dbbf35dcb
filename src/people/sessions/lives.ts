/** How long what one signs in with lasts, in milliseconds. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { Role } from "./sessions.ts";

export interface SessionLives {
  /** A browser's session, however busy. */
  readonly cookieMs: number;
  /** A browser's session without a sign of its person. */
  readonly idleMs: number;
  /** The same where the person sees data of many. */
  readonly staffIdleMs: number;
  /** An access token of a program: so long it stands by itself where the database is not asked, as in other services. */
  readonly accessMs: number;
  /** A refresh token that is not used. */
  readonly refreshIdleMs: number;
  /** A program's session, however often it is refreshed. */
  readonly refreshMs: number;
}

/** Sources: HIPAA 164.312(a)(2)(iii), ASVS 5.0 7.3.1 and 7.3.2; catalogue AU-21. */
export const LIVES: SessionLives = {
  cookieMs: 12 * HOUR_MS, idleMs: 30 * MINUTE_MS, staffIdleMs: 15 * MINUTE_MS, accessMs: 10 * MINUTE_MS, refreshIdleMs: 14 * DAY_MS, refreshMs: 30 * DAY_MS,
};

const STAFF: readonly Role[] = ["clinician", "admin"];

/** The idle end of a browser's session of somebody with these roles: the shorter where they have both. */
export function idleMsOf(lives: SessionLives, roles: readonly Role[]): number {
  return roles.some((role) => STAFF.includes(role)) ? Math.min(lives.staffIdleMs, lives.idleMs) : lives.idleMs;
}
