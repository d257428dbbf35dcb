/** What all documents share: when, at which local offset, by which device. Pure. */
import { looseNumber, type Mapping } from "#driver/payload.ts";
import type { Device } from "#driver/records.ts";
import { DAY_MS, MINUTE_MS, parseTime } from "#units/time.ts";
import { textOf, type Row } from "./schema.ts";

/** Version 3 takes no earlier date, and reads smaller numbers as seconds. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
/** So far ahead carbohydrates may be planned; a reading has none of it. */
export const FARTHEST_AHEAD_MS = 2 * DAY_MS;
const FARTHEST_WEST_MINUTES = -12 * 60;
const FARTHEST_EAST_MINUTES = 14 * 60;

export interface Place {
  readonly startMs: number;
  readonly offsetMinutes: number | null;
}

/**
 * Instant of a time as any of Nightscout's programs writes it: milliseconds (also with a fraction, or as text), seconds, or a text, which is UTC
 * where it has no offset. Null for what is no time.
 */
export function instantOf(value: unknown): number | null {
  const number = looseNumber(value);
  if (number !== null) return Math.floor(number >= EARLIEST_MS ? number : number * 1000);
  const parsed = typeof value === "string" ? parseTime(value) : null;
  return parsed && parsed.wallMs - (parsed.offsetMinutes ?? 0) * MINUTE_MS;
}

/** Whether a time can be a measurement's: neither of a clock that was never set, nor of one that runs ahead. */
export function isPossible(ms: number, receivedMs: number, aheadMs: number): boolean {
  return ms >= EARLIEST_MS && ms <= receivedMs + aheadMs;
}

/** The first of `fields` that is a time, as `isPossible` has it; null, with a problem, when there is none. */
export function timeOf(row: Row, fields: readonly string[], at: { readonly path: string; readonly mapping: Mapping; readonly receivedMs: number; readonly aheadMs: number }): number | null {
  for (const field of fields) {
    const ms = instantOf(row[field]);
    if (ms === null) continue;
    if (isPossible(ms, at.receivedMs, at.aheadMs)) return ms;
    at.mapping.problem(`${at.path}/${field}`, "too far in the past or the future");
    return null;
  }
  at.mapping.problem(`${at.path}/${fields[0]}`, "missing or not a possible time");
  return null;
}

/**
 * Minutes east of UTC, null where nobody says. `utcOffset` 0 says nothing: it is what the server notes for every program that writes UTC. Nor
 * does the offset of a text that contradicts the time it stands beside. Source: vendors/nightscout.md, Document fields.
 */
export function offsetOf(row: Row, startMs: number, textField: string): number | null {
  const given = looseNumber(row["utcOffset"]);
  if (given !== null && given !== 0 && isOffset(given)) return given;
  const text = row[textField];
  const parsed = typeof text === "string" ? parseTime(text) : null;
  if (!parsed?.offsetMinutes || !isOffset(parsed.offsetMinutes)) return null;
  return Math.abs(parsed.wallMs - parsed.offsetMinutes * MINUTE_MS - startMs) < MINUTE_MS ? parsed.offsetMinutes : null;
}

function isOffset(minutes: number): boolean {
  return Number.isInteger(minutes) && minutes >= FARTHEST_WEST_MINUTES && minutes <= FARTHEST_EAST_MINUTES;
}

/** Program and sensor in one text ("xDrip-DexcomG6"), for want of anything better. */
export function deviceOf(row: Row): Device | undefined {
  const id = textOf(row["device"]);
  return id === undefined ? undefined : { id };
}
