/** One number per stretch of time, by the metric's own aggregate. Pure. */
import { METRICS, type MetricName } from "#units/metrics.ts";
import { addDays, DAY_MS, HOUR_MS, localDate, localDay, MINUTE_MS, offsetMinutesAt, type Window } from "#units/time.ts";
import { dayAt, zoneAt, type ZoneHistory } from "#units/zones.ts";
import type { MergedSamples } from "./sources/columns.ts";

/** Whose days `1d` are of: a zone's, or those of somebody who has lived in several. */
export type DaysOf = string | ZoneHistory;

export type Resolution = "raw" | "1m" | "5m" | "15m" | "1h" | "1d";

const LENGTH_MS: Readonly<Record<Exclude<Resolution, "raw" | "1d">, number>> = {
  "1m": MINUTE_MS, "5m": 5 * MINUTE_MS, "15m": 15 * MINUTE_MS, "1h": HOUR_MS,
};

/** What else can be told of a stretch besides its one number. */
export const STATISTICS = ["mean", "min", "max", "sum", "count", "last"] as const;
export type Statistic = (typeof STATISTICS)[number];

/** Whether a statistic of a metric means anything: heart rates cannot be added up, a share of a day's steps is no step. */
export function isMeant(metric: MetricName, statistic: Statistic): boolean {
  return statistic !== "sum" || METRICS[metric].aggregate === "sum";
}

export interface Buckets {
  readonly samples: MergedSamples;
  /** Per statistic asked for, one number a bucket. */
  readonly statistics: Readonly<Partial<Record<Statistic, number[]>>>;
}

/** Buckets that fill while a line is read part by part; each part follows the one before. */
export interface Bucketing {
  add(samples: Pick<MergedSamples, "offsetMinutes"> & Columns): void;
  /** Buckets until now, the one that is being filled among them. */
  readonly count: number;
  take(): Buckets;
}

/** Numbers in plain or in typed arrays. */
interface Columns {
  readonly startMs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly flags: ArrayLike<number>;
  readonly sourceIndexes: ArrayLike<number>;
}

/**
 * Buckets of merged samples: mean, sum or last as the metric says. `1d` are the local days of the zone (23 to 25 hours; longer and shorter where somebody travelled), the others divide UTC
 * time. A bucket without samples is absent, not 0; its source is that of its first sample.
 */
export function createBucketing(metric: MetricName, resolution: Exclude<Resolution, "raw">, zone: DaysOf, statistics: readonly Statistic[] = []): Bucketing {
  const { aggregate: kind } = METRICS[metric];
  const told = { startMs: [] as number[], endMs: [] as number[], offsetMinutes: [] as (number | null)[], flags: [] as number[], sourceIndexes: [] as number[] };
  const of: Record<Statistic, number[]> = { mean: [], min: [], max: [], sum: [], count: [], last: [] };
  return {
    get count() {
      return told.startMs.length;
    },
    add: ({ startMs, values, flags, sourceIndexes, offsetMinutes }) => {
      let at = told.startMs.length - 1;
      for (let index = 0; index < values.length; index += 1) {
        const [ms, value] = [startMs[index]!, values[index]!];
        if (at < 0 || ms >= told.endMs[at]! || ms < told.startMs[at]!) {
          const { fromMs, toMs } = bucketOf(ms, resolution, zone);
          at += 1;
          told.startMs.push(fromMs);
          told.endMs.push(toMs);
          told.offsetMinutes.push(resolution === "1d" ? offsetMinutesAt(typeof zone === "string" ? zone : zoneAt(zone, fromMs), fromMs) : (offsetMinutes[index] ?? null));
          told.flags.push(0);
          told.sourceIndexes.push(sourceIndexes[index]!);
          of.count.push(0);
          of.sum.push(0);
          of.min.push(value);
          of.max.push(value);
          of.last.push(value);
        }
        of.count[at]! += 1;
        of.sum[at]! += value;
        if (value < of.min[at]!) of.min[at] = value;
        if (value > of.max[at]!) of.max[at] = value;
        of.last[at] = value;
        told.flags[at]! |= flags[index]!;
      }
    },
    take: () => {
      of.mean = of.sum.map((sum, at) => sum / of.count[at]!);
      const samples: MergedSamples = {
        startMs: Float64Array.from(told.startMs), endMs: Float64Array.from(told.endMs), values: Float64Array.from(of[kind]), offsetMinutes: told.offsetMinutes,
        flags: Uint16Array.from(told.flags), sourceIndexes: Uint16Array.from(told.sourceIndexes),
      };
      return { samples, statistics: Object.fromEntries(statistics.map((statistic) => [statistic, of[statistic]])) };
    },
  };
}

/** Merged samples in buckets, as `createBucketing` makes them; as they are for `raw`. */
export function aggregate(metric: MetricName, samples: MergedSamples, resolution: Resolution, zone: DaysOf): MergedSamples {
  if (resolution === "raw") return samples;
  const buckets = createBucketing(metric, resolution, zone);
  buckets.add(samples);
  return buckets.take().samples;
}

/** The stretch of time whose number an instant counts to. */
export function bucketOf(startMs: number, resolution: Exclude<Resolution, "raw">, zone: DaysOf): Window {
  if (resolution === "1d") {
    if (typeof zone !== "string") return dayAt(zone, startMs);
    const date = localDate(zone, startMs);
    const day = localDay(zone, date) ?? { fromMs: startMs, toMs: startMs + DAY_MS };
    // Where clocks go back over midnight, a date comes again after it ended: that hour counts to the day that had begun.
    return startMs < day.toMs ? day : (localDay(zone, addDays(date, 1)) ?? day);
  }
  const length = LENGTH_MS[resolution];
  const fromMs = Math.floor(startMs / length) * length;
  return { fromMs, toMs: fromMs + length };
}

/** The metric's one number of several values. `values` must not be empty. */
export function combine(metric: MetricName, values: readonly number[]): number {
  const { aggregate: kind } = METRICS[metric];
  if (kind === "last") return values.at(-1)!;
  const sum = values.reduce((total, value) => total + value, 0);
  return kind === "sum" ? sum : sum / values.length;
}
