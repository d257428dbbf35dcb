/** When a Suunto entry was, and its numbers, which come in several units. Pure. Source: vendors/suunto.md, Data endpoints. */
import type { Mapping } from "#driver/payload.ts";
import { looseNumber } from "#driver/payload.ts";
import type { MapContext } from "#driver/types.ts";
import { DAY_MS, instantOfWall, MINUTE_MS, offsetMinutesAt, parseTime } from "#units/time.ts";

export interface MapJob {
  readonly mapping: Mapping;
  readonly context: MapContext;
}

export interface Place {
  readonly startMs: number;
  readonly offsetMinutes: number | null;
}

/** Before the first of these watches; scrubbed recordings carry tiny epochs. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
const CLOCK_FAULT_MS = 2 * DAY_MS;
const WIDEST_OFFSET_MINUTES = 14 * 60;

/** Whether an instant can be one of a measurement that has arrived. */
export function isPossible(ms: number, { context }: MapJob): boolean {
  return ms >= EARLIEST_MS && ms <= context.receivedMs + CLOCK_FAULT_MS;
}

/** An ISO time with its offset; without one it is the clock on the person's wall. Null, and a problem, for what is no time or lies ahead. */
export function placeOf(text: unknown, path: string, job: MapJob): Place | null {
  if (typeof text !== "string") {
    job.mapping.problem(path, "missing or of the wrong type");
    return null;
  }
  const parsed = parseTime(text);
  const startMs = parsed && (parsed.offsetMinutes === null ? instantOfWall(job.context.zone, parsed.wallMs) : parsed.wallMs - parsed.offsetMinutes * MINUTE_MS);
  if (parsed === null || startMs === null || !isPossible(startMs, job)) {
    job.mapping.problem(path, "no possible time of a measurement");
    return null;
  }
  return { startMs, offsetMinutes: isOffset(parsed.offsetMinutes) ? parsed.offsetMinutes : offsetMinutesAt(job.context.zone, startMs) };
}

export function isOffset(minutes: number | null | undefined): minutes is number {
  return typeof minutes === "number" && Number.isInteger(minutes) && Math.abs(minutes) <= WIDEST_OFFSET_MINUTES;
}

/** A number, also as text; null when absent; a problem when it is something else. */
export function numberAt(value: unknown, path: string, { mapping }: MapJob): number | null {
  if (value === null || value === undefined) return null;
  const number = typeof value === "number" ? value : looseNumber(value);
  if (number !== null && Number.isFinite(number)) return number;
  mapping.problem(path, "no number");
  return null;
}

/** No heart beats ten times a second, and none ten times a minute. */
const HIGHEST_HERTZ = 10;

/** Beats a minute. Some payloads have hertz (0.933 is 56 a minute, vendors/traps.md, Units), others beats a minute; 0 means none. */
export function beatsPerMinute(value: number | null | undefined): number | null {
  if (value === null || value === undefined || value <= 0) return null;
  return value < HIGHEST_HERTZ ? withoutNoise(value * 60) : value;
}

/** The watch counts in short floats, whose noise (56.0000004) is no measurement. */
function withoutNoise(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** A share in percent, also where it is sent as 0–1. */
export function percent(value: number | null): number | null {
  if (value === null) return null;
  return value <= 1 ? withoutNoise(value * 100) : value;
}

const JOULES_PER_KCAL = 4_184;

/** 24/7 energy comes in joules; that of workouts in kilocalories. */
export function kilocalories(joules: number | null): number | null {
  return joules === null ? null : joules / JOULES_PER_KCAL;
}
