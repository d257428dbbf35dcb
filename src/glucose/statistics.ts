/** Central values and spread of readings, each reading one vote. In any unit; results are in the same. Source: cgm-metrics §0, §4. */

/** Makes the median absolute deviation of normal data its standard deviation. */
const MAD_SCALE = 1.4826;

/** Arithmetic mean; null for no values. */
export function mean(values: Float64Array): number | null {
  if (values.length === 0) return null;
  let sum = 0;
  for (const value of values) sum += value;
  const rough = sum / values.length;
  // A second pass takes back what the long sum lost to rounding.
  let rest = 0;
  for (const value of values) rest += value - rough;
  return rough + rest / values.length;
}

/** Sample standard deviation (n − 1); null under two values. */
export function standardDeviation(values: Float64Array): number | null {
  const average = mean(values);
  if (average === null || values.length < 2) return null;
  let squares = 0;
  for (const value of values) squares += (value - average) ** 2;
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
  return quantileOfSorted(sorted(values), 0.5);
}

/** Median absolute deviation from the median, times 1.4826; null for no values. */
export function medianAbsoluteDeviation(values: Float64Array): number | null {
  const middle = median(values);
  if (middle === null) return null;
  return MAD_SCALE * median(values.map((value) => Math.abs(value - middle)))!;
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
  if (values.length === 0) return null;
  const ascending = sorted(values);
  const min = ascending[0]!;
  const max = ascending[ascending.length - 1]!;
  return {
    readings: values.length,
    mean: mean(values)!,
    sd: standardDeviation(values),
    cvPercent: coefficientOfVariation(values),
    median: quantileOfSorted(ascending, 0.5)!,
    iqr: quantileOfSorted(ascending, 0.75)! - quantileOfSorted(ascending, 0.25)!,
    mad: medianAbsoluteDeviation(values)!,
    min,
    max,
    range: max - min,
  };
}
