/** Fitbit's local times, which carry no zone → instants in the patient's zone. Pure. Source: vendors/fitbit.md and vendors/traps.md, Time. */
import type { Mapping, SamplePlace } from "#driver/payload.ts";
import type { MapContext } from "#driver/types.ts";
import { DAY_MS, instantOfWall, localDay, MINUTE_MS, offsetMinutesAt, parseTime, wallTime, type Window } from "#units/time.ts";

export interface MapJob {
  readonly mapping: Mapping;
  readonly context: MapContext;
}

export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** One thing of a list, and where it stands in the payload. */
export interface Item {
  readonly value: unknown;
  readonly path: string;
}

/** Weights are typed in from before Fitbit was there; nothing is older than this. */
const EARLIEST_MS = Date.UTC(1990, 0, 1);
const CLOCK_FAULT_MS = 2 * DAY_MS;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

function isPossible(ms: number, { context }: MapJob): boolean {
  return ms >= EARLIEST_MS && ms <= context.receivedMs + CLOCK_FAULT_MS;
}

/** The patient's day of a date; null, with a problem, for what is none. */
export function dayOf(date: string | null | undefined, path: string, job: MapJob): Window | null {
  const day = date && DATE.test(date) ? localDay(job.context.zone, date) : null;
  if (day && isPossible(day.fromMs, job)) return day;
  job.mapping.problem(path, date ? "no possible date of a measurement" : "missing or of the wrong type");
  return null;
}

/** Place of a number of a whole day. */
export function dayPlace(date: string | null | undefined, path: string, job: MapJob): (SamplePlace & { readonly endMs: number }) | null {
  const day = dayOf(date, path, job);
  return day && { startMs: day.fromMs, endMs: day.toMs, offsetMinutes: offsetMinutesAt(job.context.zone, day.fromMs) };
}

/** Place of a local time; one that carries its offset (newer activities do) is taken at its word. Null, with a problem, for what is none. */
export function timePlace(text: string | null | undefined, path: string, job: MapJob): SamplePlace | null {
  const time = text ? parseTime(text) : null;
  if (time) {
    const { offsetMinutes, wallMs } = time;
    const startMs = offsetMinutes === null ? instantOfWall(job.context.zone, wallMs) : wallMs - offsetMinutes * MINUTE_MS;
    if (isPossible(startMs, job)) return { startMs, offsetMinutes: offsetMinutes ?? offsetMinutesAt(job.context.zone, startMs) };
  }
  job.mapping.problem(path, text ? "no possible time of a measurement" : "missing or of the wrong type");
  return null;
}

/**
 * Gives the instants of times of day `HH:mm:ss` of one date, in the order in which they come. On a day of 25 hours an hour comes twice: a time that lies
 * before the one before it is the second pass. Null for what is no time.
 */
export function clockOf(day: Window, date: string, zone: string): (time: unknown) => number | null {
  const wallOfDay = parseTime(date)?.wallMs ?? Number.NaN;
  const isPlain = day.toMs - day.fromMs === DAY_MS;
  let lastMs = Number.NEGATIVE_INFINITY;
  let pass: "first" | "second" = "first";
  return (time) => {
    const ofDayMs = typeof time === "string" ? readTime(time) : null;
    if (ofDayMs === null) return null;
    if (isPlain) return day.fromMs + ofDayMs;
    if (ofDayMs < lastMs) pass = "second";
    lastMs = ofDayMs;
    return instantOfWall(zone, wallOfDay + ofDayMs, pass);
  };
}

const TIME = /^(\d{2}):(\d{2})(?::(\d{2}))?$/;

function readTime(text: string): number | null {
  const match = TIME.exec(text);
  if (!match) return null;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  const wallMs = wallTime({ year: 1970, month: 1, day: 1, hour, minute, second });
  return wallMs;
}
