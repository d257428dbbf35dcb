/** The ambulatory glucose profile: percentiles by time of day across days. Source: cgm-metrics §10, web-ux §4. */
import { HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { GlucoseUnit } from "#units/glucose.ts";
import { type LocalTimes, localTimes, type Zone } from "../local-times.ts";
import { distributionOf, quantileOf } from "../distribution.ts";
import type { Series } from "../series.ts";
import { quantileOfSorted, sorted } from "../statistics.ts";
import { coveredIn, coverMs } from "./coverage.ts";
import { groupBy, keysOf, valuesOf } from "./groups.ts";

const MINUTES_OF_DAY = 1440;

/** What a profile needs: days with an hour of readings each, and the mean share of readings of the best of them. */
export const AGP_NEEDS = { days: 7, hoursOfDay: 1, percent: 70 } as const;

/** Type-7 quantiles at 5, 25, 50, 75 and 95 %. */
export interface Percentiles {
  readonly p05: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p95: number;
}

export interface AgpBin {
  /** Middle of the bin, minutes after midnight on the wall. */
  readonly minute: number;
  readonly count: number;
  /** Local days that have readings in the bin. */
  readonly days: number;
  /** Of the bin's readings; null without any. */
  readonly raw: Percentiles | null;
  /** Of the bin and its two neighbours, 1-4-1; null without readings. */
  readonly smoothed: Percentiles | null;
}

/** Why a profile should not be shown: no reading at all, not more than a day, fewer than 7 days with an hour each, too few readings on the best 7. */
export type AgpReason = "no_readings" | "under_24_hours" | "under_7_days" | "under_70_percent";

export interface Agp {
  readonly unit: GlucoseUnit;
  readonly binMinutes: number;
  /** One a stretch of the wall's clock from midnight on, also where it is empty. */
  readonly bins: readonly AgpBin[];
  readonly readings: number;
  /** Local days that have readings. */
  readonly days: number;
  /** When false, the numbers stand here anyhow, and `reason` says why they should not be shown. */
  readonly isSufficient: boolean;
  readonly reason: AgpReason | null;
}

/**
 * Ambulatory profile of raw readings by wall-clock time, in the unit of the series; never an error for thin data.
 * @param binMinutes a whole part of a day, 60 unless said. Throws RangeError for another number and for an unknown zone.
 * Source: cgm-metrics §10; percentiles as in Tidepool viz before smoothing.
 */
export function ambulatoryProfile(series: Series, zone: Zone, { binMinutes = 60 }: { readonly binMinutes?: number } = {}): Agp {
  const count = MINUTES_OF_DAY / binMinutes;
  if (!Number.isInteger(count) || count < 1 || !Number.isInteger(binMinutes)) throw new RangeError("The minutes of a bin must divide a day.");
  const local = localTimes(series.timesMs, zone);
  const keys = keysOf(local.minutes, (minute) => Math.floor(minute / binMinutes));
  const groups = groupBy(keys, count, { values: series.values, dayIndexes: local.dayIndexes });
  const raw = Array.from({ length: count }, (_, bin) => percentilesOf(valuesOf(groups, bin)));
  const reason = lackOf(series, local);
  return {
    unit: series.unit,
    binMinutes,
    bins: smoothCircular(raw).map((smoothed, bin) => ({
      minute: (bin + 0.5) * binMinutes,
      count: groups.starts[bin + 1]! - groups.starts[bin]!,
      days: groups.days[bin]!,
      raw: raw[bin]!,
      smoothed,
    })),
    readings: series.values.length,
    days: local.dates.length,
    isSufficient: reason === null,
    reason,
  };
}

/** From so many readings on, counting whole numbers is faster than sorting. */
const COUNTED_FROM = 500;

/** The five percentiles of readings in any order; null for none. */
export function percentilesOf(values: Float64Array): Percentiles | null {
  if (values.length === 0) return null;
  const readings = values.length > COUNTED_FROM ? distributionOf(values) : null;
  const ascending = readings === null ? sorted(values) : values;
  const at = (share: number): number => (readings === null ? quantileOfSorted(ascending, share) : quantileOf(readings, share))!;
  return { p05: at(0.05), p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95) };
}

/**
 * 1-4-1 smoothing around the clock: each bin weighs four times, each neighbour that has readings once. Empty bins stay empty; a bin without neighbours stays
 * as it is. Source: cgm-metrics §10.
 */
export function smoothCircular(bins: readonly (Percentiles | null)[]): (Percentiles | null)[] {
  return bins.map((own, index) => {
    if (own === null || bins.length < 3) return own;
    const neighbours = [bins.at(index - 1)!, bins[(index + 1) % bins.length]!].filter((bin) => bin !== null);
    const smooth = (key: keyof Percentiles): number =>
      (neighbours.reduce((sum, bin) => sum + bin[key], 0) + 4 * own[key]) / (4 + neighbours.length);
    return { p05: smooth("p05"), p25: smooth("p25"), p50: smooth("p50"), p75: smooth("p75"), p95: smooth("p95") };
  });
}

function lackOf({ timesMs, cadenceMinutes }: Series, local: LocalTimes): AgpReason | null {
  if (timesMs.length === 0) return "no_readings";
  const cadenceMs = (cadenceMinutes ?? 0) * MINUTE_MS;
  if (timesMs[timesMs.length - 1]! - timesMs[0]! + cadenceMs <= 24 * HOUR_MS) return "under_24_hours";
  const cover = coverMs(timesMs, cadenceMinutes);
  const shares: number[] = [];
  for (const [index, day] of local.days.entries()) {
    const covered = coveredIn(day, { timesMs, cover }, local.starts[index]!, local.starts[index + 1]!);
    if (covered >= AGP_NEEDS.hoursOfDay * HOUR_MS) shares.push(covered / (day.toMs - day.fromMs));
  }
  if (shares.length < AGP_NEEDS.days) return "under_7_days";
  const best = shares.toSorted((a, b) => b - a).slice(0, AGP_NEEDS.days);
  const percent = (100 * best.reduce((sum, share) => sum + share, 0)) / AGP_NEEDS.days;
  return percent < AGP_NEEDS.percent ? "under_70_percent" : null;
}
