/** Central values and spread of readings, each reading one vote. In any unit; results are in the same. Source: cgm-metrics §0, §4. */

import { distributionOf, meanOf, quantileOf, sumOf, type Distribution } from "./distribution.ts";

/** Makes the median absolute deviation of normal data its standard deviation. */
const MAD_SCALE = 1.4826;

/** Arithmetic mean; null for no values. */
export function mean(values: Float64Array): number | null {
  if (values.length === 0) return null;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const rough = sum / values.length;
  // A second pass takes back what the long sum lost to rounding.
  let rest = 0;
  for (let i = 0; i < values.length; i++) rest += values[i]! - rough;
  return rough + rest / values.length;
}

/** Sample standard deviation (n − 1); null under two values. */
export function standardDeviation(values: Float64Array, average: number | null = mean(values)): number | null {
  if (average === null || values.length < 2) return null;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - average) * (values[i]! - average);
  return Math.sqrt(squares / (values.length - 1));
}

/** Coefficient of variation, percent: 100·SD/mean; null under two values or for a mean of 0. */
export function coefficientOfVariation(values: Float64Array): number | null {
  const average = mean(values);
  const sd = standardDeviation(values);
  return average === null || sd === null || average === 0 ? null : (100 * sd) / average;
}

/** A sorted copy, ascending. */
export function sorted(values: Float64Array): Float64Array {
  return values.toSorted();
}

/**
 * Quantile of ascending values by linear interpolation at h = (n − 1)·p (type 7, the default of R, NumPy and spreadsheets).
 * @param share 0–1. Null for no values.
 */
export function quantileOfSorted(ascending: Float64Array, share: number): number | null {
  if (ascending.length === 0) return null;
  const position = (ascending.length - 1) * Math.min(1, Math.max(0, share));
  const below = Math.floor(position);
  const low = ascending[below]!;
  const high = ascending[Math.min(below + 1, ascending.length - 1)]!;
  return low + (position - below) * (high - low);
}

/** Quantiles (type 7) of values in any order, at shares 0–1; nulls for no values. */
export function quantiles(values: Float64Array, shares: readonly number[]): (number | null)[] {
  const ascending = sorted(values);
  return shares.map((share) => quantileOfSorted(ascending, share));
}

/** Middle value; null for no values. */
export function median(values: Float64Array): number | null {
  return quantileOf(distributionOf(values), 0.5);
}

/** Median absolute deviation from the median, times 1.4826; null for no values. */
export function medianAbsoluteDeviation(values: Float64Array): number | null {
  return madOf(distributionOf(values));
}

function madOf(readings: Distribution): number | null {
  const middle = quantileOf(readings, 0.5);
  if (middle === null) return null;
  const distances = [...readings.values].map((value, i) => ({ distance: Math.abs(value - middle), count: readings.counts[i]! })).toSorted((a, b) => a.distance - b.distance);
  const ascending = { values: Float64Array.from(distances, ({ distance }) => distance), counts: Uint32Array.from(distances, ({ count }) => count), total: readings.total };
  return MAD_SCALE * quantileOf(ascending, 0.5)!;
}

/** Everything this file knows about a series, in its unit; `sd` and `cvPercent` are null for a single reading. */
export interface Description {
  readonly readings: number;
  readonly mean: number;
  readonly sd: number | null;
  readonly cvPercent: number | null;
  readonly median: number;
  /** Third minus first quartile. */
  readonly iqr: number;
  readonly mad: number;
  readonly min: number;
  readonly max: number;
  /** Max minus min. */
  readonly range: number;
}

/** Describes readings in any order; null for none. */
export function describe(values: Float64Array): Description | null {
  return describeDistribution(distributionOf(values));
}

/** The same of a distribution. */
export function describeDistribution(readings: Distribution): Description | null {
  const rough = meanOf(readings, (value) => value);
  if (rough === null) return null;
  const average = rough + meanOf(readings, (value) => value - rough)!;
  const sd = readings.total < 2 ? null : Math.sqrt(sumOf(readings, (value) => (value - average) * (value - average)) / (readings.total - 1));
  const min = readings.values[0]!;
  const max = readings.values[readings.values.length - 1]!;
  return {
    readings: readings.total,
    mean: average,
    sd,
    cvPercent: sd === null || average === 0 ? null : (100 * sd) / average,
    median: quantileOf(readings, 0.5)!,
    iqr: quantileOf(readings, 0.75)! - quantileOf(readings, 0.25)!,
    mad: madOf(readings)!,
    min,
    max,
    range: max - min,
  };
}
