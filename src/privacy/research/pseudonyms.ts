/** What stands for a person in data for research: a name and a shift of time, both drawn from the project's key. Pure but for node's digests. */
import { createHmac } from "node:crypto";
import { DAY_MS, HOUR_MS } from "#units/time.ts";

const WEEK_MS = 7 * DAY_MS;
/** Up to two years back, and never none. */
const MOST_WEEKS = 104;
const NAME_CHARACTERS = 20;

/** 100 bits of HMAC-SHA256: without the key nobody finds the person, and two projects' names of one person have nothing in common. */
export function pseudonymOf(projectKey: Buffer, patientId: string): string {
  return createHmac("sha256", projectKey).update(`name\0${patientId}`).digest("base64url").replaceAll(/[-_]/g, "x").slice(0, NAME_CHARACTERS);
}

/** How far all times of a person are moved, in milliseconds, a negative number of whole weeks: weekdays and distances stay. */
export function shiftOf(projectKey: Buffer, patientId: string): number {
  const drawn = createHmac("sha256", projectKey).update(`shift\0${patientId}`).digest().readUInt32BE(0);
  return -(1 + (drawn % MOST_WEEKS)) * WEEK_MS;
}

/** A person's distance from UTC as it may be told: in whole hours. */
export function coarseOffset(offsetMinutes: number): number {
  // Not -0, which no file should hold.
  return Math.round((offsetMinutes * 60_000) / HOUR_MS) + 0;
}
