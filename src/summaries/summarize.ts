/** What one local day of one metric amounts to, and what days amount to together. Pure. */
import { gmiMmolMol, gmiPercent } from "#glucose/gmi.ts";
import { timeInRanges, type RangeShares } from "#glucose/ranges.ts";
import { roundHalfEven } from "#glucose/rounding.ts";
import { mean as meanOf } from "#glucose/statistics.ts";
import { wearOfReadings } from "#glucose/wear.ts";
import { combine } from "#samples/resolution.ts";
import type { MetricName } from "#units/metrics.ts";
import { MINUTE_MS, type Window } from "#units/time.ts";
import type { LocalDay } from "#units/zones.ts";

/** What was measured on a day, sources resolved, ascending by start. Never empty. */
export interface DayValues {
  readonly startMs: number[];
  readonly values: number[];
  /** Series of the first value. */
  readonly seriesId: string;
  /** Providers of all values. */
  readonly providers: Set<string>;
}

/** Numbers in the metric's canonical unit. */
export interface DaySummary extends LocalDay {
  readonly count: number;
  /** By the metric's own aggregate: mean, sum or last. */
  readonly value: number;
  readonly mean: number;
  /** Sum of the squared distances from the mean. */
  readonly m2: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly seriesId: string;
  /** In alphabetical order. */
  readonly providers: readonly string[];
  /** Of glucose only. */
  readonly glucose: GlucoseOfDay | null;
}

export interface GlucoseOfDay {
  /** Readings very low, low, in target, high, very high, and those of the target that lie in the tight range. */
  readonly ranges: readonly number[];
  /** Steps from one reading to the next, by whole minutes (halves to the even), ascending. */
  readonly steps: readonly StepBin[];
}

/** `[minutes, count, sum ms, least ms, most ms]` */
export type StepBin = readonly [number, number, number, number, number];

const RANGE_NAMES = ["veryLow", "low", "target", "high", "veryHigh", "tight"] as const satisfies (keyof RangeShares)[];

/** Summarizes a day. @param values in the metric's canonical unit, at least one. */
export function summarizeDay(metric: MetricName, { date, fromMs, toMs }: LocalDay, { startMs, values, seriesId, providers }: DayValues): DaySummary {
  const all = Float64Array.from(values);
  const mean = meanOf(all)!;
  let [m2, min, max] = [0, all[0]!, all[0]!];
  for (const value of all) {
    m2 += (value - mean) ** 2;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return {
    date, fromMs, toMs, count: values.length, value: combine(metric, values), mean, m2, min, max, last: values.at(-1)!, firstMs: startMs[0]!, lastMs: startMs.at(-1)!,
    seriesId, providers: [...providers].toSorted(), glucose: metric === "glucose" ? { ranges: rangeCounts(all), steps: stepsOf(startMs) } : null,
  };
}

function rangeCounts(values: Float64Array): number[] {
  const { ranges } = timeInRanges(values, "mg/dL")!;
  return RANGE_NAMES.map((name) => Math.round((ranges[name] * values.length) / 100));
}

function stepsOf(startMs: readonly number[]): StepBin[] {
  const bins = new Map<number, StepBin>();
  for (let index = 1; index < startMs.length; index += 1) addSteps(bins, binOf(startMs[index]! - startMs[index - 1]!));
  return [...bins.values()].toSorted((a, b) => a[0] - b[0]);
}

function binOf(stepMs: number): StepBin {
  return [roundHalfEven(stepMs / MINUTE_MS), 1, stepMs, stepMs, stepMs];
}

function addSteps(bins: Map<number, StepBin>, [minutes, count, sum, least, most]: StepBin): void {
  const known = bins.get(minutes);
  bins.set(minutes, known ? [minutes, known[1] + count, known[2] + sum, Math.min(known[3], least), Math.max(known[4], most)] : [minutes, count, sum, least, most]);
}

/** What a period needs of each of its days. */
export type GlucosePart = Pick<DaySummary, "count" | "mean" | "m2" | "firstMs" | "lastMs"> & GlucoseOfDay;

/** A part as it rests: JSON that several of, between commas, make an array's inside. */
export function writePart({ count, mean, m2, glucose, firstMs, lastMs }: DaySummary): string | null {
  return glucose && JSON.stringify([count, mean, m2, glucose.ranges, firstMs, lastMs, glucose.steps]);
}

/** Parts of texts that writePart made, between commas; none for null. */
export function readParts(text: string | null): GlucosePart[] {
  const all = text === null ? [] : (JSON.parse(`[${text}]`) as [number, number, number, number[], number, number, StepBin[]][]);
  return all.map(([count, mean, m2, ranges, firstMs, lastMs, steps]) => ({ count, mean, m2, ranges, firstMs, lastMs, steps }));
}

/** Glucose in mg/dL, shares in percent 0–100, unrounded; null where undefined. */
export interface GlucosePeriod {
  readonly readings: number;
  /** Local days that have readings. */
  readonly days: number;
  readonly mean: number | null;
  readonly sd: number | null;
  readonly cvPercent: number | null;
  readonly gmiPercent: number | null;
  readonly gmiMmolMol: number | null;
  readonly rangesPercent: RangeShares | null;
  readonly wearPercent: number | null;
}

const NO_GLUCOSE: GlucosePeriod = {
  readings: 0, days: 0, mean: null, sd: null, cvPercent: null, gmiPercent: null, gmiMmolMol: null, rangesPercent: null, wearPercent: null,
};

/**
 * What whole days amount to together: the same numbers as `summarize` of glucose/summary.ts has of their readings over the window, but for rounding.
 * @param parts ascending, all in the window. Too little data gives nulls.
 * Source: Chan 1983 for the merged spread; cgm-metrics §3 to §5 for the rest.
 */
export function glucosePeriod(parts: readonly GlucosePart[], window: Window): GlucosePeriod {
  if (parts.length === 0) return NO_GLUCOSE;
  const readings = parts.reduce((sum, { count }) => sum + count, 0);
  const mean = parts.reduce((sum, part) => sum + part.mean * (part.count / readings), 0);
  const m2 = parts.reduce((sum, part) => sum + part.m2 + part.count * (part.mean - mean) ** 2, 0);
  const sd = readings < 2 ? null : Math.sqrt(m2 / (readings - 1));
  const share = (index: number): number => (100 * parts.reduce((sum, { ranges }) => sum + ranges[index]!, 0)) / readings;
  const [veryLow, low, target, high, veryHigh, tight] = [share(0), share(1), share(2), share(3), share(4), share(5)];
  return {
    readings, days: parts.length, mean, sd, cvPercent: sd === null || mean === 0 ? null : (100 * sd) / mean, gmiPercent: gmiPercent(mean), gmiMmolMol: gmiMmolMol(mean),
    rangesPercent: { veryLow, low, target, high, veryHigh, tight }, wearPercent: wearOf(parts, window),
  };
}

function wearOf(parts: readonly GlucosePart[], window: Window): number | null {
  const bins = new Map<number, StepBin>();
  for (const [index, part] of parts.entries()) {
    for (const bin of part.steps) addSteps(bins, bin);
    if (index > 0) addSteps(bins, binOf(part.firstMs - parts[index - 1]!.lastMs));
  }
  const steps = [...bins.values()].toSorted((a, b) => a[0] - b[0]);
  const cadence = cadenceOf(steps);
  if (cadence === null) return null;
  const gaps = steps.filter(([minutes]) => minutes > cadence);
  const gapMinutes = gaps.reduce((sum, [, , ms]) => sum + ms, 0) / MINUTE_MS;
  const missing = roundHalfEven((gapMinutes - gaps.reduce((sum, [, count]) => sum + count, 0) * cadence) / cadence);
  return wearOfReadings({ firstMs: parts[0]!.firstMs, lastMs: parts.at(-1)!.lastMs, missing }, cadence, window);
}

/** The median step in whole minutes, at least 1; null without steps. Each bin is a whole number of minutes, so only a median between two needs their ends. */
function cadenceOf(steps: readonly StepBin[]): number | null {
  const count = steps.reduce((sum, [, each]) => sum + each, 0);
  if (count === 0) return null;
  const binAt = (place: number): StepBin => {
    let before = 0;
    return steps.find(([, each]) => (before += each) > place)!;
  };
  const [low, high] = [binAt(Math.floor((count - 1) / 2)), binAt(Math.floor(count / 2))];
  return Math.max(1, low === high ? low[0] : roundHalfEven((low[4] + (high[3] - low[4]) / 2) / MINUTE_MS));
}
