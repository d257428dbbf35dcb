/** Times as Polar writes them: local with and without offset, UTC without its Z, clocks without a date, durations. Pure. */
import type { Mapping } from "#driver/payload.ts";
import type { Device } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { DAY_MS, instantOfWall, MINUTE_MS, offsetMinutesAt, parseTime } from "#units/time.ts";

export interface MapJob {
  readonly mapping: Mapping;
  readonly context: MapContext;
}

/** Before Polar's first service; a watch that lost its clock starts in 2000 or earlier. */
const EARLIEST_MS = Date.UTC(2003, 0, 1);
const CLOCK_FAULT_MS = 2 * DAY_MS;
const WIDEST_OFFSET_MINUTES = 14 * 60;

export function isPossible(ms: number, { receivedMs }: MapContext): boolean {
  return ms >= EARLIEST_MS && ms <= receivedMs + CLOCK_FAULT_MS;
}

/** The instant, or null and a problem for what is no time of a measurement. */
export function possible(ms: number | null, path: string, { mapping, context }: MapJob): number | null {
  if (ms !== null && isPossible(ms, context)) return ms;
  mapping.problem(path, "no possible time of a measurement");
  return null;
}

/** Instant of a time with an offset, or of one in UTC that does not say so. */
export function utcMs(text: string): number | null {
  const parsed = parseTime(text);
  return parsed && parsed.wallMs - (parsed.offsetMinutes ?? 0) * MINUTE_MS;
}

/** Instant of a local time that is `offsetMinutes` ahead of UTC: local minus offset. */
export function localMs(text: string, offsetMinutes: number): number | null {
  const parsed = parseTime(text);
  return parsed && parsed.wallMs - (parsed.offsetMinutes ?? offsetMinutes) * MINUTE_MS;
}

export function offsetOf(minutes: number | null | undefined): number | null {
  return typeof minutes === "number" && Number.isInteger(minutes) && Math.abs(minutes) <= WIDEST_OFFSET_MINUTES ? minutes : null;
}

const DURATION = /^P(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8}(?:[.,]\d{1,9})?)S)?)?$/;

/** Seconds of an ISO 8601 duration, which may have a fraction; null for what is none. */
export function durationS(text: string): number | null {
  const match = DURATION.exec(text);
  if (!match || text.length < 3) return null;
  const [, days = "0", hours = "0", minutes = "0", seconds = "0"] = match;
  return Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds.replace(",", "."));
}

/** Milliseconds after midnight of `HH:mm` or `HH:mm:ss`; null for what is no clock. */
export function clockMs(text: string): number | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?$/.exec(text);
  return match && (Number(match[1]) * 3_600 + Number(match[2]) * 60 + Number(match[3] ?? 0)) * 1000;
}

/**
 * Instants of wall times of a zone that come in order: an hour that clocks show twice is taken for its second pass once the first would lead back.
 */
export function wallClock(zone: string): (wallMs: number) => number {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (wallMs) => {
    const firstMs = instantOfWall(zone, wallMs);
    const ms = firstMs > lastMs ? firstMs : instantOfWall(zone, wallMs, "second");
    lastMs = Math.max(lastMs, ms);
    return ms;
  };
}

export const offsetIn = (zone: string, ms: number): number => offsetMinutesAt(zone, ms);

export function deviceOf(id: string | null | undefined, name?: string | null): Device | null {
  if (!id && !name) return null;
  return { id: id || name || "", ...(name ? { name } : {}) };
}

/** Heart rate, weight, breaths: 0 and −1 mean none. */
export function measured(value: number | null | undefined): number | null {
  return typeof value === "number" && value > 0 ? value : null;
}
