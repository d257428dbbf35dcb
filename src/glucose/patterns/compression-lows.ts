/**
 * Lows that look as if somebody lay on the sensor: a steep fall into low, a short stay, and a steep way back without carbohydrates known. Steepness and
 * duration are a heuristic of our own, no consensus has any; that a low looks like this does not say that it was none.
 */
import { type GlucoseUnit, inUnit } from "#units/glucose.ts";
import { MINUTE_MS } from "#units/time.ts";
import { CONSENSUS_RANGES } from "../ranges.ts";
import type { Series } from "../series.ts";
import { firstFrom } from "./coverage.ts";

/** Glucose in mg/dL, whatever the unit of the series. */
export interface CompressionOptions {
  /** A step at least this steep is steep; 10 mg/dL in 5 minutes unless said. */
  readonly stepMgDlPer5Min?: number;
  /** So is a change of at least this much within `withinMinutes`; 25 mg/dL in 15 minutes unless said. */
  readonly totalMgDl?: number;
  readonly withinMinutes?: number;
  /** Longest stay below low; 60 unless said. */
  readonly maxLowMinutes?: number;
  /** When carbohydrates or another treatment of a low are known, UTC epoch milliseconds. */
  readonly treatmentsMs?: readonly number[];
}

/** Glucose in the unit of the series. */
export interface CompressionLow {
  /** First and last reading below low. */
  readonly startMs: number;
  readonly endMs: number;
  readonly nadir: number;
  /** Greatest fall into low and greatest rise out of it, within `withinMinutes` each; both positive. */
  readonly fall: number;
  readonly rise: number;
}

interface Limits {
  readonly low: number;
  /** Per millisecond. */
  readonly steepness: number;
  readonly total: number;
  readonly withinMs: number;
  readonly maxLowMs: number;
  readonly treatmentsMs: readonly number[];
}

function limitsOf(unit: GlucoseUnit, options: CompressionOptions): Limits {
  return {
    low: CONSENSUS_RANGES[unit].low,
    steepness: inUnit(options.stepMgDlPer5Min ?? 10, unit) / (5 * MINUTE_MS),
    total: inUnit(options.totalMgDl ?? 25, unit),
    withinMs: (options.withinMinutes ?? 15) * MINUTE_MS,
    maxLowMs: (options.maxLowMinutes ?? 60) * MINUTE_MS,
    treatmentsMs: options.treatmentsMs ?? [],
  };
}

/** Every such low of a series, by day and by night; the caller knows when the person slept. */
export function suspectedCompressionLows(series: Series, options: CompressionOptions = {}): CompressionLow[] {
  const { timesMs, values } = series;
  const limits = limitsOf(series.unit, options);
  const lows: CompressionLow[] = [];
  for (let start = 0; start < values.length; start++) {
    if (values[start]! >= limits.low) continue;
    let end = start;
    while (end + 1 < values.length && values[end + 1]! < limits.low) end++;
    const low = judged(series, { start, end }, limits);
    if (low !== null && !isTreated(timesMs[start]!, timesMs[end]!, limits)) lows.push(low);
    start = end;
  }
  return lows;
}

/** Readings `start` to `end`, both in, are below low, and those beside them are not. */
interface Run {
  readonly start: number;
  readonly end: number;
}

function judged({ timesMs, values }: Series, { start, end }: Run, limits: Limits): CompressionLow | null {
  const [startMs, endMs] = [timesMs[start]!, timesMs[end]!];
  // The low lasts until the reading that is none; without one it is not known to have ended.
  if (start === 0 || end + 1 >= timesMs.length || timesMs[end + 1]! - startMs > limits.maxLowMs) return null;
  const way = { from: firstFrom(timesMs, startMs - limits.withinMs), to: Math.min(end, lastUntil(timesMs, startMs + limits.withinMs)) };
  const wayBack = { from: Math.max(start, firstFrom(timesMs, endMs - limits.withinMs)), to: lastUntil(timesMs, endMs + limits.withinMs) };
  const fall = steepest({ timesMs, values }, way, -1, limits);
  const rise = steepest({ timesMs, values }, wayBack, 1, limits);
  if (!fall.isSteep || !rise.isSteep) return null;
  let nadir = Infinity;
  for (let i = start; i <= end; i++) nadir = Math.min(nadir, values[i]!);
  return { startMs, endMs, nadir, fall: fall.change, rise: rise.change };
}

/** Index of the last instant up to `ms`. */
function lastUntil(timesMs: Float64Array, ms: number): number {
  return firstFrom(timesMs, ms + 1) - 1;
}

/**
 * The greatest change in one direction between two of the readings `from` to `to`, both in, that lie at most `withinMs` apart with low on the lower side; and
 * whether it, or a single step, is steep.
 */
function steepest(
  { timesMs, values }: Pick<Series, "timesMs" | "values">, { from, to }: { from: number; to: number }, sign: 1 | -1, limits: Limits,
): { change: number; isSteep: boolean } {
  let change = 0;
  let isSteep = false;
  for (let a = from; a < to; a++) {
    for (let b = a + 1; b <= to && timesMs[b]! - timesMs[a]! <= limits.withinMs; b++) {
      if (Math.min(values[a]!, values[b]!) >= limits.low) continue;
      const difference = sign * (values[b]! - values[a]!);
      change = Math.max(change, difference);
      // A step is one from reading to reading; a change over several is measured by its total.
      const isStep = b === a + 1 && difference >= limits.steepness * (timesMs[b]! - timesMs[a]!) * ROUNDING;
      if (difference > 0 && (isStep || difference >= limits.total * ROUNDING)) isSteep = true;
    }
  }
  return { change, isSteep };
}

/** Thresholds turned into mmol/L are met by what meets them in mg/dL, also after rounding errors. */
const ROUNDING = 1 - 1e-9;

function isTreated(startMs: number, endMs: number, { treatmentsMs, withinMs }: Limits): boolean {
  return treatmentsMs.some((ms) => ms >= startMs && ms <= endMs + withinMs);
}
