/** One number per stretch of time, by the metric's own aggregate. Pure. */
import { METRICS, type MetricName } from "#units/metrics.ts";
import { addDays, DAY_MS, HOUR_MS, localDate, localDay, MINUTE_MS, offsetMinutesAt, type Window } from "#units/time.ts";
import type { MergedSamples } from "./columns.ts";

export type Resolution = "raw" | "1m" | "5m" | "15m" | "1h" | "1d";

const LENGTH_MS: Readonly<Record<Exclude<Resolution, "raw" | "1d">, number>> = {
  "1m": MINUTE_MS, "5m": 5 * MINUTE_MS, "15m": 15 * MINUTE_MS, "1h": HOUR_MS,
};

interface Bucket {
  readonly fromMs: number;
  readonly toMs: number;
  values: number[];
  flags: number;
  sourceIndex: number;
  offsetMinutes: number | null;
}

/**
 * Aggregates merged samples into buckets: mean, sum or last as the metric says. `1d` are the local days of the zone (23 to 25 hours),
 * the others divide UTC time. A bucket without samples is absent, not 0; its source is that of its first sample.
 */
export function aggregate(metric: MetricName, samples: MergedSamples, resolution: Resolution, zone: string): MergedSamples {
  if (resolution === "raw") return samples;
  const buckets: Bucket[] = [];
  for (let index = 0; index < samples.values.length; index += 1) {
    const startMs = samples.startMs[index]!;
    let bucket = buckets.at(-1);
    if (!bucket || startMs >= bucket.toMs || startMs < bucket.fromMs) {
      const window = bucketOf(startMs, resolution, zone);
      bucket = { ...window, values: [], flags: 0, sourceIndex: samples.sourceIndexes[index]!, offsetMinutes: samples.offsetMinutes[index] ?? null };
      buckets.push(bucket);
    }
    bucket.values.push(samples.values[index]!);
    bucket.flags |= samples.flags[index]!;
  }
  return {
    startMs: Float64Array.from(buckets, (bucket) => bucket.fromMs),
    endMs: Float64Array.from(buckets, (bucket) => bucket.toMs),
    values: Float64Array.from(buckets, (bucket) => combine(metric, bucket.values)),
    offsetMinutes: buckets.map((bucket) => (resolution === "1d" ? offsetMinutesAt(zone, bucket.fromMs) : bucket.offsetMinutes)),
    flags: Uint16Array.from(buckets, (bucket) => bucket.flags),
    sourceIndexes: Uint16Array.from(buckets, (bucket) => bucket.sourceIndex),
  };
}

/** The stretch of time whose number an instant counts to. */
export function bucketOf(startMs: number, resolution: Exclude<Resolution, "raw">, zone: string): Window {
  if (resolution === "1d") {
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
