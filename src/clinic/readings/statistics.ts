/** What readings of a meter amount to. They are moments that a person chose: shares are of readings and never of time. Pure. */
import type { Meal } from "#driver/records.ts";
import { eA1cPercent } from "#glucose/gmi.ts";
import { RANGE_PRESETS, type PresetName } from "#glucose/range-presets.ts";
import { timeInRanges, type RangeShares } from "#glucose/ranges.ts";
import { describe } from "#glucose/statistics.ts";
import { dateAt, type ZoneHistory } from "#units/zones.ts";
import type { Reading } from "./reading.ts";

/** With less, a mean of finger-sticks says little of the mean of a life. The published relation rests on seven or more a day over three months. */
export const FEWEST_DAYS = 14;
export const FEWEST_READINGS = 42;

export type RangeCounts = { readonly [Range in keyof RangeShares]: number };

export interface Spread {
  readonly count: number;
  /** mg/dL, unrounded; null without readings. */
  readonly mean: number | null;
  /** Null under two readings. */
  readonly sd: number | null;
  readonly cvPercent: number | null;
  readonly median: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** Percent of readings, 0–100. */
  readonly rangesPercent: RangeShares | null;
  readonly rangesCount: RangeCounts | null;
}

export interface ReadingStatistics extends Spread {
  /** Local days that have readings. */
  readonly days: number;
  readonly byType: readonly (Spread & { readonly meal: Meal | null })[];
  /** One entry a local day that has readings, the newest first. */
  readonly daily: readonly { readonly date: string; readonly count: number; readonly mean: number; readonly min: number; readonly max: number }[];
  /** Estimated A1C (ADAG) of the mean of these readings, percent; null with its reason. */
  readonly eA1cPercent: number | null;
  readonly eA1cReason: "no_readings" | "under_14_days" | "under_42_readings" | null;
}

export function statisticsOf(readings: readonly Reading[], { zones, preset }: { readonly zones: ZoneHistory; readonly preset: PresetName }): ReadingStatistics {
  const whole = spreadOf(readings, preset);
  const byDate = Map.groupBy(readings, ({ atMs }) => dateAt(zones, atMs));
  const days = byDate.size;
  const reason = whole.count === 0 ? "no_readings" : days < FEWEST_DAYS ? "under_14_days" : whole.count < FEWEST_READINGS ? "under_42_readings" : null;
  return {
    ...whole, days,
    byType: [...Map.groupBy(readings, ({ meal }) => meal)].map(([meal, some]) => ({ meal, ...spreadOf(some, preset) })).toSorted((a, b) => b.count - a.count),
    daily: [...byDate].map(([date, some]) => dayOf(date, some)).toSorted((a, b) => (a.date < b.date ? 1 : -1)),
    eA1cPercent: reason === null && whole.mean !== null ? eA1cPercent(whole.mean) : null, eA1cReason: reason,
  };
}

function dayOf(date: string, readings: readonly Reading[]): ReadingStatistics["daily"][number] {
  const { mean, min, max, readings: count } = describe(valuesOf(readings))!;
  return { date, count, mean, min, max };
}

function spreadOf(readings: readonly Reading[], preset: PresetName): Spread {
  const values = valuesOf(readings);
  const found = describe(values);
  const shares = timeInRanges(values, "mg/dL", RANGE_PRESETS[preset].bounds)?.ranges ?? null;
  const counts = shares && (Object.fromEntries(Object.entries(shares).map(([range, percent]) => [range, Math.round((percent * values.length) / 100)])) as RangeCounts);
  return {
    count: values.length, mean: found?.mean ?? null, sd: found?.sd ?? null, cvPercent: found?.cvPercent ?? null, median: found?.median ?? null, min: found?.min ?? null,
    max: found?.max ?? null, rangesPercent: shares, rangesCount: counts,
  };
}

function valuesOf(readings: readonly Reading[]): Float64Array {
  return Float64Array.from(readings, ({ mgDl }) => mgDl);
}
