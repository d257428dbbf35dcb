/** What one local day of one metric amounts to. Pure. */
import { mean as meanOf } from "#glucose/statistics.ts";
import { combine } from "#samples/resolution.ts";
import type { MetricName } from "#units/metrics.ts";
import type { LocalDay } from "#units/zones.ts";
import { glucoseOfDay, type GlucoseOfDay } from "./glucose-day.ts";

/** What was measured on a day, sources resolved, ascending by start. Never empty. */
export interface DayValues {
  readonly startMs: number[];
  readonly values: number[];
  /** Series of the first value. */
  readonly seriesId: string;
  /** Providers of all values. */
  readonly providers: Set<string>;
}

/** Numbers in the metric's canonical unit. */
export interface DaySummary extends LocalDay {
  readonly count: number;
  /** By the metric's own aggregate: mean, sum or last. */
  readonly value: number;
  readonly mean: number;
  /** Sum of the squared distances from the mean. */
  readonly m2: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly seriesId: string;
  /** In alphabetical order. */
  readonly providers: readonly string[];
  /** Of glucose only. */
  readonly glucose: GlucoseOfDay | null;
}

/** Summarizes a day. @param values in the metric's canonical unit, at least one. */
export function summarizeDay(metric: MetricName, { date, fromMs, toMs }: LocalDay, { startMs, values, seriesId, providers }: DayValues): DaySummary {
  const all = Float64Array.from(values);
  const mean = meanOf(all)!;
  let [m2, min, max] = [0, all[0]!, all[0]!];
  for (const value of all) {
    m2 += (value - mean) ** 2;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return {
    date, fromMs, toMs, count: values.length, value: combine(metric, values), mean, m2, min, max, last: values.at(-1)!, firstMs: startMs[0]!, lastMs: startMs.at(-1)!,
    seriesId, providers: [...providers].toSorted(), glucose: metric === "glucose" ? glucoseOfDay(fromMs, Float64Array.from(startMs), all) : null,
  };
}
