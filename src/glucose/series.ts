/**
 * A cleaned glucose series: one reading an instant, ascending, with a report of what was done to get there.
 * Source: cgm-metrics §1.
 */
import { type GlucoseUnit, inUnit } from "#units/glucose.ts";
import { MINUTE_MS } from "#units/time.ts";
import { roundHalfEven } from "./rounding.ts";
import { medianBySelection } from "./selection.ts";

/** What becomes of several readings at one instant. `first` and `last` are in the order given. */
export type DuplicatePolicy = "mean" | "first" | "last";

/** What becomes of a sensor's LOW and HIGH: kept as the sensor's limit, or left out. */
export type SentinelPolicy = "clamp" | "drop";

/** The number that stands for a sensor's LOW and HIGH, mg/dL: one beside the limits 40 and 400 (cgm-metrics §1). */
export const SENTINEL_MG_DL = { low: 39, high: 401 } as const;

/** Kept, but worth a remark, mg/dL (cgm-metrics §1). */
export const PLAUSIBLE_MG_DL = { min: 20, max: 600 } as const;

export interface Readings {
  /** UTC epoch milliseconds, any order. */
  readonly timesMs: ArrayLike<number>;
  /** In the unit of the options. */
  readonly values: ArrayLike<number>;
  /** −1 where the sensor said LOW, 1 where it said HIGH, else 0. Absent: all are measured numbers. */
  readonly outOfRange?: ArrayLike<number>;
}

export interface CleaningOptions {
  /** Unit of the values; mg/dL unless said. */
  readonly unit?: GlucoseUnit;
  readonly duplicates?: DuplicatePolicy;
  readonly sentinels?: SentinelPolicy;
  /** Readings nearer than this to the one kept before them are left out: two uploaders of one sensor. None unless given. */
  readonly minSpacingMs?: number;
}

/** What cleaning did. Counts of readings. */
export interface CleaningReport {
  readonly given: number;
  readonly kept: number;
  /** No number, zero or negative, or without a usable time. */
  readonly invalid: number;
  readonly clampedLow: number;
  readonly clampedHigh: number;
  readonly droppedSentinels: number;
  /** Readings that fell to another one of the same instant. */
  readonly duplicates: number;
  /** Readings left out because they came too soon after another one. */
  readonly crowded: number;
  readonly wasUnsorted: boolean;
  /** Kept although below 20 or above 600 mg/dL. */
  readonly implausible: number;
}

export interface Series {
  readonly unit: GlucoseUnit;
  /** UTC epoch milliseconds, strictly ascending. */
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** Minutes between readings (median step, rounded half to even, at least 1); null under two readings. */
  readonly cadenceMinutes: number | null;
  readonly report: CleaningReport;
}

/**
 * Cleans readings: drops what is no measurement, treats sentinels, sorts stably by instant, and leaves one reading an instant.
 * No readings give an empty series, never an error. Throws RangeError when times and values differ in length.
 * Source: cgm-metrics §1.
 */
export function cleanSeries(readings: Readings, options: CleaningOptions = {}): Series {
  const unit = options.unit ?? "mg/dL";
  const taken = takeMeasurements(readings, unit, options.sentinels ?? "clamp");
  const { timesMs, values, wasUnsorted } = sortByInstant(taken.timesMs, taken.values);
  const merged = mergeInstants(timesMs, values, options.duplicates ?? "mean");
  const kept = options.minSpacingMs === undefined ? merged : spaced(merged, options.minSpacingMs);
  let implausible = 0;
  const [least, most] = [inUnit(PLAUSIBLE_MG_DL.min, unit), inUnit(PLAUSIBLE_MG_DL.max, unit)];
  for (let i = 0; i < kept.values.length; i++) if (kept.values[i]! < least || kept.values[i]! > most) implausible++;
  return {
    unit,
    timesMs: kept.timesMs,
    values: kept.values,
    cadenceMinutes: cadenceMinutes(kept.timesMs),
    report: {
      ...taken.counts,
      given: readings.timesMs.length,
      kept: kept.values.length,
      duplicates: values.length - merged.values.length,
      crowded: merged.values.length - kept.values.length,
      wasUnsorted,
      implausible,
    },
  };
}

interface Taken {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly counts: Pick<CleaningReport, "invalid" | "clampedLow" | "clampedHigh" | "droppedSentinels">;
}

function takeMeasurements({ timesMs, values, outOfRange }: Readings, unit: GlucoseUnit, sentinels: SentinelPolicy): Taken {
  if (timesMs.length !== values.length) throw new RangeError("A series needs as many times as values.");
  const counts = { invalid: 0, clampedLow: 0, clampedHigh: 0, droppedSentinels: 0 };
  const times = new Float64Array(timesMs.length);
  const kept = new Float64Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const side = outOfRange?.[i] ?? 0;
    let value = values[i]!;
    if (side !== 0 && sentinels === "drop") {
      counts.droppedSentinels++;
      continue;
    }
    // A vendor may send its own number beside the flag; only a missing one is replaced.
    if (side !== 0 && !(value > 0 && Number.isFinite(value))) {
      value = inUnit(side < 0 ? SENTINEL_MG_DL.low : SENTINEL_MG_DL.high, unit);
    }
    if (!(value > 0) || !Number.isFinite(value) || !Number.isFinite(timesMs[i]!)) {
      counts.invalid++;
      continue;
    }
    if (side < 0) counts.clampedLow++;
    if (side > 0) counts.clampedHigh++;
    times[count] = timesMs[i]!;
    kept[count++] = value;
  }
  return { timesMs: times.subarray(0, count), values: kept.subarray(0, count), counts };
}

function sortByInstant(
  timesMs: Float64Array, values: Float64Array,
): { timesMs: Float64Array; values: Float64Array; wasUnsorted: boolean } {
  let isSorted = true;
  for (let i = 1; i < timesMs.length && isSorted; i++) isSorted = timesMs[i]! >= timesMs[i - 1]!;
  if (isSorted) return { timesMs, values, wasUnsorted: false };
  // Equal instants keep their order: "first" and "last" are those of the file.
  const order = Uint32Array.from(timesMs.keys()).toSorted((a, b) => timesMs[a]! - timesMs[b]! || a - b);
  return {
    timesMs: Float64Array.from(order, (index) => timesMs[index]!),
    values: Float64Array.from(order, (index) => values[index]!),
    wasUnsorted: true,
  };
}

function mergeInstants(
  timesMs: Float64Array, values: Float64Array, policy: DuplicatePolicy,
): { timesMs: Float64Array; values: Float64Array } {
  let isDistinct = true;
  for (let i = 1; i < timesMs.length && isDistinct; i++) isDistinct = timesMs[i] !== timesMs[i - 1];
  if (isDistinct) return { timesMs, values };
  const times = new Float64Array(timesMs.length);
  const kept = new Float64Array(values.length);
  let count = 0;
  for (let start = 0; start < timesMs.length; ) {
    let end = start + 1;
    while (end < timesMs.length && timesMs[end] === timesMs[start]) end++;
    times[count] = timesMs[start]!;
    kept[count++] = pick(values.subarray(start, end), policy);
    start = end;
  }
  return { timesMs: times.slice(0, count), values: kept.slice(0, count) };
}

function spaced({ timesMs, values }: { timesMs: Float64Array; values: Float64Array }, spacingMs: number): { timesMs: Float64Array; values: Float64Array } {
  let lastMs = -Infinity;
  const isKept = Array.from(timesMs, (ms) => {
    const isFar = ms - lastMs >= spacingMs;
    if (isFar) lastMs = ms;
    return isFar;
  });
  return { timesMs: timesMs.filter((_, index) => isKept[index]), values: values.filter((_, index) => isKept[index]) };
}

function pick(values: Float64Array, policy: DuplicatePolicy): number {
  if (values.length === 1 || policy === "first") return values[0]!;
  if (policy === "last") return values[values.length - 1]!;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Minutes between readings: the median step, rounded half to even, at least 1.
 * @param timesMs ascending instants. Null under two readings. Source: cgm-metrics §1 (cadence), §2.2.
 */
export function cadenceMinutes(timesMs: Float64Array): number | null {
  if (timesMs.length < 2) return null;
  const steps = new Float64Array(timesMs.length - 1);
  for (let i = 1; i < timesMs.length; i++) steps[i - 1] = timesMs[i]! - timesMs[i - 1]!;
  return Math.max(1, roundHalfEven(medianBySelection(steps) / MINUTE_MS));
}
