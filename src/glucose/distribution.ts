/** Readings as distinct values with how often each occurs: sensors tell whole numbers, so that costly functions are asked a few hundred times and not each reading. */

export interface Distribution {
  /** Ascending, distinct. */
  readonly values: Float64Array;
  /** How many readings have the value. */
  readonly counts: Uint32Array;
  /** All readings. */
  readonly total: number;
}

/** Sensors tell whole mg/dL below this; such readings are counted and not sorted. */
const COUNTED_BELOW = 1024;

/** Distinct values of readings in any order. NaN must not be among them. */
export function distributionOf(readings: Float64Array): Distribution {
  const whole = new Uint32Array(COUNTED_BELOW);
  let others = 0;
  for (let i = 0; i < readings.length; i++) {
    const value = readings[i]!;
    // Whole, and small enough for a place: all others differ from their 32-bit part.
    const place = value | 0;
    if (place === value && place >= 0 && place < COUNTED_BELOW) whole[place]!++;
    else others++;
  }
  const rest = others === 0 ? NO_RUNS : runsOf(readings.filter((value) => !(value >= 0 && value < COUNTED_BELOW && value === Math.floor(value))).toSorted());
  return mergeCounts(whole, rest, readings.length);
}

const NO_RUNS = { values: [], counts: [] };

function runsOf(ascending: Float64Array): { readonly values: number[]; readonly counts: number[] } {
  const [values, counts]: [number[], number[]] = [[], []];
  for (let i = 0; i < ascending.length; i++) {
    if (i > 0 && ascending[i] === ascending[i - 1]) counts[counts.length - 1]!++;
    else {
      values.push(ascending[i]!);
      counts.push(1);
    }
  }
  return { values, counts };
}

function mergeCounts(whole: Uint32Array, rest: { readonly values: number[]; readonly counts: number[] }, total: number): Distribution {
  const [values, counts]: [number[], number[]] = [[], []];
  let at = 0;
  const takeBelow = (limit: number): void => {
    for (; at < rest.values.length && rest.values[at]! < limit; at++) {
      values.push(rest.values[at]!);
      counts.push(rest.counts[at]!);
    }
  };
  for (let value = 0; value < whole.length; value++) {
    if (whole[value] === 0) continue;
    takeBelow(value);
    values.push(value);
    counts.push(whole[value]!);
  }
  takeBelow(Infinity);
  return { values: Float64Array.from(values), counts: Uint32Array.from(counts), total };
}

/** The same with each value multiplied, e.g. mmol/L → mg/dL. @param factor positive. */
export function scaled(distribution: Distribution, factor: number): Distribution {
  return factor === 1 ? distribution : { ...distribution, values: distribution.values.map((value) => value * factor) };
}

/** Sum of a function over all readings. */
export function sumOf({ values, counts }: Distribution, of: (value: number) => number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += counts[i]! * of(values[i]!);
  return sum;
}

/** Mean of a function over all readings; null without any. */
export function meanOf(distribution: Distribution, of: (value: number) => number): number | null {
  return distribution.total === 0 ? null : sumOf(distribution, of) / distribution.total;
}

/** Quantile by linear interpolation at h = (n − 1)·p (type 7); null for no readings. @param share 0–1. */
export function quantileOf({ values, counts, total }: Distribution, share: number): number | null {
  if (total === 0) return null;
  const position = (total - 1) * Math.min(1, Math.max(0, share));
  const rank = Math.floor(position);
  let at = 0;
  let below = 0;
  while (below + counts[at]! <= rank) below += counts[at++]!;
  const low = values[at]!;
  const high = rank + 1 < below + counts[at]! || at + 1 === values.length ? low : values[at + 1]!;
  return low + (position - rank) * (high - low);
}
