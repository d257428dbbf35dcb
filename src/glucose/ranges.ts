/**
 * Shares of readings in the consensus ranges. Readings are classified in the unit they were measured in: 10.0 mmol/L is
 * Target, but 180.16 mg/dL, its conversion, would be High. Source: cgm-metrics §0 and §5 (Battelino 2019 and 2023).
 */
import { MG_DL_PER_MMOL_L, type GlucoseUnit } from "#units/glucose.ts";
import type { Distribution } from "./distribution.ts";

/** Very low: below `veryLow`. Low: from there to below `low`. Target: `low` to `high`, both in. Very high: above `veryHigh`. */
export interface RangeThresholds {
  readonly veryLow: number;
  readonly low: number;
  readonly high: number;
  readonly veryHigh: number;
  /** The tight range is `low` to `tightHigh`, both in. */
  readonly tightHigh: number;
}

/** Consensus ranges for nonpregnant people. */
export const CONSENSUS_RANGES: RangeBounds = {
  "mg/dL": { veryLow: 54, low: 70, high: 180, veryHigh: 250, tightHigh: 140 },
  "mmol/L": { veryLow: 3.0, low: 3.9, high: 10.0, veryHigh: 13.9, tightHigh: 7.8 },
};

/** Shares in percent, 0–100, unrounded. The first five add up to 100; `tight` is a part of `target`. */
export interface RangeShares {
  readonly veryLow: number;
  readonly low: number;
  readonly target: number;
  readonly high: number;
  readonly veryHigh: number;
  readonly tight: number;
}

export interface TimeInRanges {
  readonly ranges: RangeShares;
  /** Below target, percent: low and very low. */
  readonly tbr: number;
  /** Above target, percent: high and very high. */
  readonly tar: number;
}

/**
 * Shares of readings in the five ranges and the tight one; null for no readings.
 * @param values readings in `unit`. In mg/dL, a value that was converted from mmol/L with our factor is recognised and
 * classified as the mmol/L it was. @param bounds those of the consensus unless given.
 */
export function timeInRanges(values: Float64Array, unit: GlucoseUnit, bounds: RangeBounds = CONSENSUS_RANGES): TimeInRanges | null {
  return countRanges(values, null, { unit, bounds });
}

/** The same of a distribution. */
export function rangesOf(readings: Distribution, unit: GlucoseUnit, bounds: RangeBounds = CONSENSUS_RANGES): TimeInRanges | null {
  return countRanges(readings.values, readings.counts, { unit, bounds });
}

/** Thresholds in both units: printed ones, never converted. */
export type RangeBounds = Readonly<Record<GlucoseUnit, RangeThresholds>>;

function countRanges(values: Float64Array, counts: Uint32Array | null, { unit, bounds }: { readonly unit: GlucoseUnit; readonly bounds: RangeBounds }): TimeInRanges | null {
  const own = bounds[unit];
  const { low: ownLow, high: ownHigh, tightHigh: ownTight } = own;
  let [n, veryLow, low, target, high, veryHigh, tight] = [0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const count = counts === null ? 1 : counts[i]!;
    const mmolL = unit === "mg/dL" && !isWhole(value) ? convertedMmolL(value) : null;
    const g = mmolL ?? value;
    const limits = mmolL === null ? own : bounds["mmol/L"];
    n += count;
    if (mmolL === null && value >= ownLow && value <= ownHigh) {
      target += count;
      if (value <= ownTight) tight += count;
    } else if (g < limits.veryLow) veryLow += count;
    else if (g < limits.low) low += count;
    else if (g > limits.veryHigh) veryHigh += count;
    else if (g > limits.high) high += count;
    else {
      target += count;
      if (g <= limits.tightHigh) tight += count;
    }
  }
  if (n === 0) return null;
  const percent = (count: number): number => (100 * count) / n;
  return {
    ranges: {
      veryLow: percent(veryLow), low: percent(low), target: percent(target),
      high: percent(high), veryHigh: percent(veryHigh), tight: percent(tight),
    },
    tbr: percent(veryLow + low),
    tar: percent(high + veryHigh),
  };
}

/** Up to here no whole mg/dL is a converted one. */
const MOST_WHOLE = 600;

/**
 * The mmol/L number, two decimals, that a mg/dL value was converted from; null for a value measured in mg/dL.
 * No whole mg/dL up to 600 is a hundredth of a mmol/L times 18.01559, and of those with up to three decimals that come near one, none
 * lies where the two classifications differ. The tolerance leaves room for stores that keep 32-bit numbers.
 */
export function convertedMmolL(mgDl: number): number | null {
  if (isWhole(mgDl)) return null;
  const hundredths = (mgDl / MG_DL_PER_MMOL_L) * 100;
  const nearest = Math.round(hundredths);
  return Math.abs(hundredths - nearest) < 2e-7 * hundredths ? nearest / 100 : null;
}

function isWhole(mgDl: number): boolean {
  return mgDl <= MOST_WHOLE && mgDl === Math.trunc(mgDl);
}

/** Percent of readings below the threshold; null for no readings. Threshold in the unit of the values. */
export function percentBelow(values: Float64Array, threshold: number): number | null {
  return percentWhere(values, (value) => value < threshold);
}

/** Percent of readings above the threshold; null for no readings. Threshold in the unit of the values. */
export function percentAbove(values: Float64Array, threshold: number): number | null {
  return percentWhere(values, (value) => value > threshold);
}

/** Percent of readings from `low` to `high`, both in; null for no readings. Bounds in the unit of the values. */
export function percentWithin(values: Float64Array, low: number, high: number): number | null {
  return percentWhere(values, (value) => value >= low && value <= high);
}

function percentWhere(values: Float64Array, holds: (value: number) => boolean): number | null {
  if (values.length === 0) return null;
  let count = 0;
  for (const value of values) if (holds(value)) count++;
  return (100 * count) / values.length;
}
