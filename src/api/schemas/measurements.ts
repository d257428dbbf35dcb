/** Shapes of series and of glucose. */
import { z } from "zod";
import { STATISTICS } from "#samples/resolution.ts";
import { glucoseUnit, instant, metricName, uuid } from "./common.ts";

export const source = z.object({
  id: z.string().describe("Series id; give it as source= to see this one alone."),
  provider: z.string().nullable(),
  connectionId: uuid.nullable(),
  device: z.string().nullable(),
  attribution: z.string().nullable(),
  linkedTo: z.string().optional().describe("Where it shows the same glucose sensor as a better source: that one's id. Each reading of the two is shown once."),
});

export const resolution = z.enum(["raw", "1m", "5m", "15m", "1h", "1d"]);

/** Columnar: `times[i]`, `values[i]` and `sources[i]` (index into the reply's `sources`) belong together. */
export const metricSeries = z.object({
  metric: metricName,
  unit: z.string(),
  resolution,
  aggregate: z.enum(["none", "mean", "sum", "last"]),
  times: z.array(z.number()).describe("UTC epoch milliseconds, ascending."),
  endTimes: z.array(z.number()).nullable().describe("Ends of intervals; null for instants."),
  values: z.array(z.number()),
  offsets: z.array(z.number().nullable()).describe("Local offset in minutes each value was taken in."),
  flags: z.array(z.array(z.string())).nullable().describe("Quality flags per value; null when no value has any."),
  sourceIndexes: z.array(z.number()),
  stats: z.partialRecord(z.enum(STATISTICS), z.array(z.number())).optional().describe("The statistics asked for, one number a value."),
  statsLeftOut: z.array(z.enum(STATISTICS)).optional().describe("Statistics asked for that mean nothing for this metric: heart rates cannot be added up."),
  breaks: z.array(z.number()).nullable().optional()
    .describe("With `points`: places where a new stretch begins after a gap in what was measured; draw no line to them. Null where hardly any two values are close."),
  deliveryIds: z.array(z.string()).optional().describe("With `provenance=true`: the delivery that each value came in."),
});
export const metricsReply = z.object({
  from: instant, to: instant, sources: z.array(source), series: z.array(metricSeries),
  /** Give as from= to go on; null when all was sent. */
  nextFrom: instant.nullable(),
});

/** The newest value of a metric; glucose in both units. */
export const latestValue = z.object({
  metric: metricName,
  unit: z.string(),
  sample: z.object({
    at: instant, end: instant.nullable().describe("End of an interval; null for an instant."), offsetMinutes: z.number().nullable(),
    value: z.number(),
    valueMmolL: z.number().nullable().describe("Of glucose, whose `value` is in mg/dL; null for anything else."),
    ageSeconds: z.number().describe("Since the value was measured, or its interval ended; 0 where the device's clock runs ahead."),
    isStale: z.boolean().nullable().describe("Of sensor glucose: older than 15 minutes, never to be shown as the current value. Null for anything else."),
    flags: z.array(z.string()), source, deliveryId: z.string(),
  }).nullable().describe("Null where nothing was ever measured."),
});
export const latestReply = z.object({ data: z.array(latestValue) });

export const trendArrow = z.enum([
  "double_up", "single_up", "forty_five_up", "flat", "forty_five_down", "single_down", "double_down", "unknown",
]);

export const glucoseLatest = z.object({
  reading: z
    .object({
      at: instant,
      valueMgDl: z.number(),
      valueMmolL: z.number(),
      trend: trendArrow,
      /** mg/dL per minute; null when unknown. */
      rateMgDlMin: z.number().nullable(),
      deltaMgDl: z.number().nullable(),
      flags: z.array(z.string()),
      source,
      ageSeconds: z.number(),
      /** True when older than 15 minutes: never show it as the current value. */
      isStale: z.boolean(),
    })
    .nullable(),
  notice: z.string(),
});

export const glucoseSeries = z.object({
  unit: glucoseUnit,
  from: instant, to: instant,
  times: z.array(z.number()), values: z.array(z.number()), flags: z.array(z.array(z.string())).nullable(),
  sourceIndexes: z.array(z.number()), sources: z.array(source),
  target: z.object({ low: z.number(), high: z.number(), veryLow: z.number(), veryHigh: z.number() }),
  notice: z.string(),
});

export const glucoseSummary = z.object({
  from: instant, to: instant, zone: z.string(), unit: glucoseUnit,
  readings: z.number(), days: z.number(),
  mean: z.number().nullable(), sd: z.number().nullable(), cvPercent: z.number().nullable(),
  gmiPercent: z.number().nullable(), gmiMmolMol: z.number().nullable(),
  median: z.number().nullable(), min: z.number().nullable(), max: z.number().nullable(),
  /** Share of expected readings that are present, 0–100. */
  wearPercent: z.number().nullable(),
  rangesPercent: z
    .object({ veryLow: z.number(), low: z.number(), target: z.number(), high: z.number(), veryHigh: z.number(), tight: z.number() })
    .nullable(),
  thresholds: z.object({ veryLow: z.number(), low: z.number(), high: z.number(), veryHigh: z.number(), tightHigh: z.number() }),
  /** False under the consensus' 14 days with 70 % of readings: show the numbers as preliminary. */
  isSufficient: z.boolean(),
  /** Why a number is null or preliminary; empty when all is well. */
  reasons: z.array(z.string()),
  /** One entry a local day that has data. */
  daily: z.array(
    z.object({ date: z.string(), readings: z.number(), mean: z.number(), inTargetPercent: z.number(), min: z.number(), max: z.number() }),
  ),
  notice: z.string(),
});

export type Source = z.infer<typeof source>;
export type MetricsReply = z.infer<typeof metricsReply>;
export type MetricSeries = z.infer<typeof metricSeries>;
export type LatestValue = z.infer<typeof latestValue>;
export type LatestReply = z.infer<typeof latestReply>;
export type GlucoseLatest = z.infer<typeof glucoseLatest>;
export type GlucoseSeries = z.infer<typeof glucoseSeries>;
export type GlucoseSummary = z.infer<typeof glucoseSummary>;
