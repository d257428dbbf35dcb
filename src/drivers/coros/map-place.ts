/** COROS's times and offsets. Pure. Source: vendors/coros.md, Data endpoints. */
import type { Mapping } from "#driver/payload.ts";
import { looseNumber } from "#driver/payload.ts";
import type { MapContext } from "#driver/types.ts";
import { DAY_MS, instantOfWall, MINUTE_MS, parseTime } from "#units/time.ts";

export interface MapJob {
  readonly mapping: Mapping;
  readonly context: MapContext;
}

/** Before the first of these watches. */
const EARLIEST_MS = Date.UTC(2010, 0, 1);
const CLOCK_FAULT_MS = 2 * DAY_MS;
const WIDEST_OFFSET_MINUTES = 14 * 60;

export function isPossible(ms: number, { context }: MapJob): boolean {
  return ms >= EARLIEST_MS && ms <= context.receivedMs + CLOCK_FAULT_MS;
}

/** Units of a quarter of an hour (32 is UTC+8) → minutes; null for what is no offset. */
export function offsetMinutesOf(quarters: number | null | undefined): number | null {
  if (quarters === null || quarters === undefined || !Number.isInteger(quarters)) return null;
  const minutes = quarters * 15;
  return Math.abs(minutes) <= WIDEST_OFFSET_MINUTES ? minutes : null;
}

/**
 * Unix seconds, or the text of a clock with or without its offset; without one it is the person's own, at `offsetMinutes` where that is
 * known. Null for what is no time, or lies ahead.
 */
export function instantOf(value: unknown, offsetMinutes: number | null, job: MapJob): number | null {
  const seconds = typeof value === "number" ? value : looseNumber(value);
  const ms = seconds === null ? clockInstant(value, offsetMinutes, job) : Math.round(seconds * 1000);
  return ms !== null && isPossible(ms, job) ? ms : null;
}

function clockInstant(value: unknown, offsetMinutes: number | null, { context }: MapJob): number | null {
  const parsed = typeof value === "string" ? parseTime(value) : null;
  if (!parsed) return null;
  const offset = parsed.offsetMinutes ?? offsetMinutes;
  return offset === null ? instantOfWall(context.zone, parsed.wallMs) : parsed.wallMs - offset * MINUTE_MS;
}
