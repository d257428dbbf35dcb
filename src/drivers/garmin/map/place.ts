/** Where in time a summary lies, and its values by offset. Pure. */
import { looseNumber, type Mapping, type SamplePlace } from "#driver/payload.ts";
import type { MapContext } from "#driver/types.ts";
import { DAY_MS, type Window } from "#units/time.ts";
import type { MetricName } from "#units/metrics.ts";
import type { TimedSummary } from "../schema.ts";

/** One summary of a payload and where it stands there. */
export interface Summary {
  readonly value: unknown;
  /** JSON pointer, empty when the payload is the summary itself. */
  readonly path: string;
}

export interface MapJob {
  readonly mapping: Mapping;
  readonly context: MapContext;
}

export interface Start {
  readonly startMs: number;
  readonly offsetMinutes: number | null;
}

/** Before the first of these watches; scrubbed recordings carry negative and tiny epochs. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
const CLOCK_FAULT_MS = 2 * DAY_MS;
const LONGEST_S = 4 * 86_400;
const WIDEST_OFFSET_MINUTES = 14 * 60;

/** Epoch seconds → milliseconds; null (and a problem) when absent, in another unit, or further ahead than a clock can be wrong. */
export function instantOf(seconds: number | null | undefined, path: string, { mapping, context }: MapJob): number | null {
  if (seconds === null || seconds === undefined) {
    mapping.problem(path, "missing or of the wrong type");
    return null;
  }
  const ms = Math.round(seconds * 1000);
  if (ms >= EARLIEST_MS && ms <= context.receivedMs + CLOCK_FAULT_MS) return ms;
  mapping.problem(path, "no possible time of a measurement");
  return null;
}

/** Seconds east of UTC → whole minutes; null for what is no offset. */
export function offsetMinutesOf(seconds: number | null | undefined): number | null {
  if (seconds === null || seconds === undefined) return null;
  const minutes = Math.round(seconds / 60);
  return Math.abs(minutes) <= WIDEST_OFFSET_MINUTES ? minutes : null;
}

/** Start and local offset of a summary that lies at `startTimeInSeconds`. */
export function startOf(summary: TimedSummary, path: string, job: MapJob): Start | null {
  const startMs = instantOf(summary.startTimeInSeconds, `${path}/startTimeInSeconds`, job);
  return startMs === null ? null : { startMs, offsetMinutes: offsetMinutesOf(summary.startTimeOffsetInSeconds ?? otherOffset(summary)) };
}

/** A weighing or blood pressure: the measurement's own time and offset count, a start beside them may be from another year. */
export function measuredAt(summary: TimedSummary, path: string, job: MapJob): Start | null {
  const seconds = summary.measurementTimeInSeconds ?? summary.startTimeInSeconds;
  const startMs = instantOf(seconds, `${path}/measurementTimeInSeconds`, job);
  return startMs === null ? null : { startMs, offsetMinutes: offsetMinutesOf(otherOffset(summary) ?? summary.startTimeOffsetInSeconds) };
}

/** Seconds under one of the other names of the offset. */
function otherOffset(summary: TimedSummary): number | null {
  return summary.measurementTimeOffsetInSeconds ?? summary.offsetStartTimeInSeconds ?? summary.offsetInSeconds ?? null;
}

/** The stretch `[start, start + duration)`; null when it has no length, with a problem when the length is impossible. */
export function spanOf(start: Start, durationS: number, path: string, { mapping }: MapJob): (Window & Start) | null {
  if (durationS < 0 || durationS > LONGEST_S) mapping.problem(`${path}/durationInSeconds`, "no possible duration");
  if (durationS <= 0 || durationS > LONGEST_S) return null;
  return { ...start, fromMs: start.startMs, toMs: start.startMs + Math.round(durationS * 1000) };
}

/** Whether a number is a measurement and none of the vendor's signs for "no value". */
export type IsValue = (value: number) => boolean;
/** Heart rate, breaths, HRV: 0 and −1 mean none. */
export const isPositive: IsValue = (value) => value > 0;
/** 1–100; 0 and −1 … −5 say why there is none (off the wrist, moving, recovering …). */
export const isStress: IsValue = isPositive;
/** 0 and 101 mean none. */
export const isSpo2: IsValue = (value) => value > 0 && value !== 101;
/** 0 is an empty battery. */
export const isNotNegative: IsValue = (value) => value >= 0;

/** The value, or null when it is one of the vendor's signs for "no value". */
export function measured(value: number | null | undefined, isValue: IsValue = isPositive): number | null {
  return value !== null && value !== undefined && isValue(value) ? value : null;
}

/** Samples of a map of seconds after the start (as text) to values. Signs for "no value" are left out; one problem a map. */
export function addOffsetSamples(
  job: MapJob,
  what: { readonly metric: MetricName; readonly isValue: IsValue; readonly path: string },
  sent: unknown,
  start: Start,
): void {
  if (sent === null || sent === undefined) return;
  const { mapping } = job;
  const values = typeof sent === "string" ? entriesOf(sent) : sent;
  if (!isObject(values)) {
    mapping.problem(what.path, "no values by seconds after the start");
    return;
  }
  let isBad = false;
  for (const offset in values) {
    if (values[offset] === null) continue;
    const value = looseNumber(values[offset]);
    const seconds = Number(offset);
    if (value === null || !(seconds >= 0 && seconds <= LONGEST_S)) {
      isBad = true;
    } else if (what.isValue(value)) {
      const place: SamplePlace = { startMs: start.startMs + Math.round(seconds * 1000), offsetMinutes: start.offsetMinutes };
      mapping.sample(what.metric, value, place, what.path);
    }
  }
  if (isBad) mapping.problem(what.path, "some entries are no numbers by seconds after the start");
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const ENTRY = /(-?\d+)"?\s*[:=]\s*"?(-?\d+(?:\.\d+)?)/g;

/** The vendor's own description prints such maps as text, `{0: 18, 180: -1}`, and some who pass them on send them so; null where none is in it. */
function entriesOf(text: string): Readonly<Record<string, unknown>> | null {
  const entries = [...text.matchAll(ENTRY)].map(([, offset = "", value = ""]) => [offset, value] as const);
  return entries.length > 0 || /^\s*\{?\s*\}?\s*$/.test(text) ? Object.fromEntries(entries) : null;
}
