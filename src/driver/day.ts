/** Days as vendors tell them: a date, perhaps with an offset that held somewhere in it. Pure. */
import { DAY_MS, HOUR_MS, instantOfWall, MINUTE_MS, offsetMinutesAt, parseTime } from "#units/time.ts";

/** A local offset that the vendor told, and the instant at which it held. */
export interface OffsetAt {
  readonly atMs: number;
  readonly offsetMinutes: number;
}

export interface DayPlace {
  readonly startMs: number;
  readonly endMs: number;
  /** At the start. */
  readonly offsetMinutes: number;
}

/**
 * The day `date` (`YYYY-MM-DD`) as a stretch of time, `startHour` hours after midnight to the same hour of the next day; null when it is no
 * date. It is the day of the person's zone, with 23 or 25 hours where clocks change, unless the vendor's offset shows that the person
 * was elsewhere: then it has 24 hours at that offset. So a day keeps its start however often the vendor revises what it says of it.
 * Sources: vendors/oura.md (daily documents key on `day`), vendors/whoop.md (Local day).
 */
export function dayPlace(date: string, zone: string, known: OffsetAt | null, startHour = 0): DayPlace | null {
  const parsed = /^\d{4}-\d{2}-\d{2}$/.test(date) ? parseTime(date) : null;
  if (!parsed) return null;
  const wallMs = parsed.wallMs + startHour * HOUR_MS;
  if (known && offsetMinutesAt(zone, known.atMs) !== known.offsetMinutes) {
    const startMs = wallMs - known.offsetMinutes * MINUTE_MS;
    return { startMs, endMs: startMs + DAY_MS, offsetMinutes: known.offsetMinutes };
  }
  const startMs = instantOfWall(zone, wallMs);
  return { startMs, endMs: instantOfWall(zone, wallMs + DAY_MS), offsetMinutes: offsetMinutesAt(zone, startMs) };
}

/** Local date `YYYY-MM-DD` of an instant at its offset. */
export function dateAt({ atMs, offsetMinutes }: OffsetAt): string {
  return new Date(atMs + offsetMinutes * MINUTE_MS).toISOString().slice(0, 10);
}
