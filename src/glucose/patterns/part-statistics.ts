/** The numbers told of any part of a series: a day, an hour of the day, a weekday, a window. */
import { type GlucoseUnit, toMgDl } from "#units/glucose.ts";
import { gmiPercent } from "../gmi.ts";
import { type RangeBounds, type TimeInRanges, timeInRanges } from "../ranges.ts";

/** Glucose in the unit of the series, shares in percent 0–100, unrounded. */
export interface PartStatistics {
  readonly readings: number;
  /** Local days that have readings in the part. */
  readonly days: number;
  /** This and all below are null without readings; `sd` and `cvPercent` are null for a single one, too. */
  readonly mean: number | null;
  readonly sd: number | null;
  readonly cvPercent: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly timeInRanges: TimeInRanges | null;
  /** Why numbers are null; null when none is. */
  readonly reason: "no_readings" | "single_reading" | null;
}

/** Statistics of readings in any order. @param bounds ranges of the consensus unless given. Source: cgm-metrics §4, §5. */
export function partStatistics(values: Float64Array, days: number, unit: GlucoseUnit, bounds?: RangeBounds): PartStatistics {
  const { mean, sd, min, max } = moments(values);
  return {
    readings: values.length,
    days,
    mean,
    sd,
    cvPercent: mean === null || sd === null || mean === 0 ? null : (100 * sd) / mean,
    min,
    max,
    timeInRanges: timeInRanges(values, unit, bounds),
    reason: values.length === 0 ? "no_readings" : values.length === 1 ? "single_reading" : null,
  };
}

/**
 * Statistics of parts that have no day in common, together, without looking at a reading again. @param parts those without readings are left out.
 * Source: Chan 1983 for the merged spread.
 */
export function mergedStatistics(parts: readonly PartStatistics[]): PartStatistics {
  const filled = parts.filter(({ readings }) => readings > 0);
  const readings = filled.reduce((sum, part) => sum + part.readings, 0);
  const [days, reason] = [filled.reduce((sum, part) => sum + part.days, 0), readings === 0 ? "no_readings" as const : readings === 1 ? "single_reading" as const : null];
  if (readings === 0) return { readings, days, mean: null, sd: null, cvPercent: null, min: null, max: null, timeInRanges: null, reason };
  const mean = filled.reduce((sum, part) => sum + part.mean! * part.readings, 0) / readings;
  const squares = filled.reduce((sum, part) => sum + (part.readings - 1) * (part.sd ?? 0) ** 2 + part.readings * (part.mean! - mean) ** 2, 0);
  const sd = readings < 2 ? null : Math.sqrt(squares / (readings - 1));
  return {
    readings, days, mean, sd, cvPercent: sd === null || mean === 0 ? null : (100 * sd) / mean, min: Math.min(...filled.map(({ min }) => min!)),
    max: Math.max(...filled.map(({ max }) => max!)), timeInRanges: mergedRanges(filled), reason,
  };
}

/** Time in ranges of all parts together, without looking at a reading again; null without readings. */
function mergedRanges(parts: readonly PartStatistics[]): TimeInRanges | null {
  const readings = parts.reduce((sum, part) => sum + part.readings, 0);
  if (readings === 0) return null;
  const share = (of: (inRanges: TimeInRanges) => number): number => {
    const count = parts.reduce((sum, part) => sum + (part.timeInRanges === null ? 0 : Math.round((of(part.timeInRanges) * part.readings) / 100)), 0);
    return (100 * count) / readings;
  };
  return {
    ranges: {
      veryLow: share(({ ranges }) => ranges.veryLow), low: share(({ ranges }) => ranges.low), target: share(({ ranges }) => ranges.target),
      high: share(({ ranges }) => ranges.high), veryHigh: share(({ ranges }) => ranges.veryHigh), tight: share(({ ranges }) => ranges.tight),
    },
    tbr: share(({ tbr }) => tbr),
    tar: share(({ tar }) => tar),
  };
}

/** `mean` and `standardDeviation` (n − 1) in two rounds over plain indexes: each part of each page asks for them, and iterators take several times as long. */
function moments(values: Float64Array): Pick<PartStatistics, "mean" | "sd" | "min" | "max"> {
  const n = values.length;
  if (n === 0) return { mean: null, sd: null, min: null, max: null };
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < n; i++) {
    const value = values[i]!;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const rough = sum / n;
  let rest = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const off = values[i]! - rough;
    rest += off;
    squares += off * off;
  }
  // What the long sum lost to rounding is taken back, from the squares, too.
  const lost = rest / n;
  return { mean: rough + lost, sd: n < 2 ? null : Math.sqrt(Math.max(0, squares - rest * lost) / (n - 1)), min, max };
}

/** GMI, percent, of a mean in the given unit. The caller knows whether it means anything. */
export function gmiOf(average: number, unit: GlucoseUnit): number {
  return gmiPercent(unit === "mg/dL" ? average : toMgDl(average));
}
