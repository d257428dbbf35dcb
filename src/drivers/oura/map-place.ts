/** When Oura's documents happened. Pure. Source: vendors/oura.md, Data endpoints and Errors and quirks. */
import { dayPlace, type DayPlace, type OffsetAt } from "#driver/day.ts";
import type { Mapping } from "#driver/payload.ts";
import type { MapContext } from "#driver/types.ts";
import { DAY_MS, instantOfWall, MINUTE_MS, offsetMinutesAt, parseTime, type ParsedTime } from "#units/time.ts";

export interface MapJob {
  readonly mapping: Mapping;
  readonly context: MapContext;
}

export interface Start {
  readonly startMs: number;
  readonly offsetMinutes: number;
}

/** Before the first ring. */
export const EARLIEST_MS = Date.UTC(2013, 0, 1);
const CLOCK_FAULT_MS = DAY_MS;
const WIDEST_OFFSET_MINUTES = 14 * 60;

/** Whether an instant can be that of a measurement that arrived when this one did. */
export function isPossible(ms: number, { context }: MapJob): boolean {
  return ms >= EARLIEST_MS && ms <= context.receivedMs + CLOCK_FAULT_MS;
}

/**
 * Instant and local offset of a text. Oura writes the offset; where one is missing the time is the person's own. Null, and a problem,
 * for what is no possible time.
 */
export function instantOf(text: string | null | undefined, path: string, job: MapJob): Start | null {
  const parsed = text ? parseTime(text) : null;
  const start = parsed && startOf(parsed, job.context.zone);
  if (start && isPossible(start.startMs, job)) return start;
  job.mapping.problem(path, text ? "no possible time of a measurement" : "missing or of the wrong type");
  return null;
}

function startOf({ wallMs, offsetMinutes }: ParsedTime, zone: string): Start | null {
  if (offsetMinutes === null) {
    const startMs = instantOfWall(zone, wallMs);
    return { startMs, offsetMinutes: offsetMinutesAt(zone, startMs) };
  }
  return Math.abs(offsetMinutes) <= WIDEST_OFFSET_MINUTES ? { startMs: wallMs - offsetMinutes * MINUTE_MS, offsetMinutes } : null;
}

interface DayDocument {
  readonly day: string;
  readonly timestamp?: string | null | undefined;
}

/**
 * The day of a daily document. `day` is the key and counts; `timestamp` only tells the offset, and nothing when it belongs to another day.
 * Null, and a problem, for what is no possible day.
 */
export function dayOf({ day, timestamp }: DayDocument, path: string, job: MapJob, startHour = 0): DayPlace | null {
  const place = dayPlace(day, job.context.zone, offsetBeside(day, timestamp), startHour);
  if (place && isPossible(place.startMs, job)) return place;
  job.mapping.problem(`${path}/day`, "no possible day");
  return null;
}

function offsetBeside(day: string, timestamp: string | null | undefined): OffsetAt | null {
  const parsed = timestamp ? parseTime(timestamp) : null;
  if (!parsed || parsed.offsetMinutes === null || Math.abs(parsed.offsetMinutes) > WIDEST_OFFSET_MINUTES) return null;
  const dayWallMs = parseTime(day)?.wallMs ?? Number.NaN;
  if (!(Math.abs(parsed.wallMs - dayWallMs) <= DAY_MS)) return null;
  return { atMs: parsed.wallMs - parsed.offsetMinutes * MINUTE_MS, offsetMinutes: parsed.offsetMinutes };
}
