/** When WHOOP's records happened. Pure. Source: vendors/whoop.md, Fields and Local day. */
import { dateAt, dayPlace, type DayPlace } from "#driver/day.ts";
import type { Mapping } from "#driver/payload.ts";
import type { MapContext } from "#driver/types.ts";
import { DAY_MS, MINUTE_MS, offsetMinutesAt, parseTime } from "#units/time.ts";

export interface MapJob {
  readonly mapping: Mapping;
  readonly context: MapContext;
}

export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
  readonly offsetMinutes: number | null;
}

/** Before the first strap. */
const EARLIEST_MS = Date.UTC(2012, 0, 1);
const CLOCK_FAULT_MS = DAY_MS;
const WIDEST_OFFSET_MINUTES = 14 * 60;

/** WHOOP's times are UTC and end in Z. Null for what is no possible time of a measurement. */
export function timeOf(text: string | null | undefined, { context }: MapJob): number | null {
  const parsed = text ? parseTime(text) : null;
  const ms = parsed ? parsed.wallMs - (parsed.offsetMinutes ?? 0) * MINUTE_MS : null;
  return ms !== null && ms >= EARLIEST_MS && ms <= context.receivedMs + CLOCK_FAULT_MS ? ms : null;
}

export function instantOf(text: string | null | undefined, path: string, job: MapJob): number | null {
  const ms = timeOf(text, job);
  if (ms === null) job.mapping.problem(path, text ? "no possible time of a measurement" : "missing or of the wrong type");
  return ms;
}

/** `+01:00`, `-05:00`, `Z` → minutes; null for what is no offset. */
export function offsetOf(text: string | null | undefined): number | null {
  const minutes = text ? (parseTime(`2000-01-01T00:00${text}`)?.offsetMinutes ?? null) : null;
  return minutes !== null && Math.abs(minutes) <= WIDEST_OFFSET_MINUTES ? minutes : null;
}

interface Timed {
  readonly start: string;
  readonly end: string;
  readonly timezone_offset?: string | null | undefined;
}

/** From `start` to `end`; null, and a problem, when that is no possible stretch of at most `longestMs`. */
export function stretchOf(record: Timed, longestMs: number, path: string, job: MapJob): Stretch | null {
  const startMs = instantOf(record.start, `${path}/start`, job);
  const endMs = startMs === null ? null : instantOf(record.end, `${path}/end`, job);
  if (startMs === null || endMs === null) return null;
  if (endMs > startMs && endMs - startMs <= longestMs) return { startMs, endMs, offsetMinutes: offsetOf(record.timezone_offset) };
  job.mapping.problem(`${path}/end`, "no possible end");
  return null;
}

/**
 * The day that a sleep belongs to: the local date of its end. What WHOOP says once a night is placed there, so that a sleep whose times are
 * edited keeps one value. Null for a date that cannot be.
 */
export function wakeDay(endMs: number, offsetMinutes: number | null, { context }: MapJob): DayPlace | null {
  const known = { atMs: endMs, offsetMinutes: offsetMinutes ?? offsetMinutesAt(context.zone, endMs) };
  return dayPlace(dateAt(known), context.zone, known);
}
