/** Values in a row: heart rate by instant, and series at even steps. Pure; the hot path of this driver, so fields are narrowed by hand. */
import { looseNumber } from "#driver/payload.ts";
import type { MetricName } from "#units/metrics.ts";
import { DAY_MS, MINUTE_MS, parseTime } from "#units/time.ts";
import { instantOf, isPossible, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

/** The fields that are read, all unchecked. */
interface HeartRateDocument {
  readonly timestamp?: unknown;
  readonly timestamp_unix?: unknown;
  readonly bpm?: unknown;
}

/** Documents of `heartrate`: UTC without the person's offset, and no ids. */
export function mapHeartRate(documents: readonly unknown[], path: string, job: MapJob): void {
  const { mapping } = job;
  for (const [index, item] of documents.entries()) {
    const itemPath = `${path}/${index}`;
    if (typeof item !== "object" || item === null) {
      mapping.problem(itemPath, "missing or of the wrong type");
      continue;
    }
    const { bpm: sent, timestamp, timestamp_unix: unix }: HeartRateDocument = item;
    const bpm = typeof sent === "string" ? looseNumber(sent) : sent;
    if (sent === null || bpm === 0) continue;
    const startMs = timeOf(unix, timestamp, job);
    if (startMs === null) mapping.problem(`${itemPath}/timestamp`, "no possible time of a measurement");
    else if (typeof bpm === "number") mapping.sample("heart_rate", bpm, { startMs, offsetMinutes: null }, `${itemPath}/bpm`);
    else mapping.problem(`${itemPath}/bpm`, "missing or of the wrong type");
  }
}

/** `timestamp_unix` in milliseconds where it can be a time; else the text, which is UTC with its offset or without. */
function timeOf(unix: unknown, text: unknown, job: MapJob): number | null {
  if (typeof unix === "number" && isPossible(unix, job)) return Math.round(unix);
  const parsed = typeof text === "string" ? parseTime(text) : null;
  const ms = parsed ? parsed.wallMs - (parsed.offsetMinutes ?? 0) * MINUTE_MS : null;
  return ms !== null && isPossible(ms, job) ? ms : null;
}

const LONGEST_STEP_S = 3_600;
const LONGEST_MS = 2 * DAY_MS;

export interface SeriesRule {
  readonly metric: MetricName;
  /** Whether each value belongs to its step (an interval), not to its instant. */
  readonly isInterval?: true;
  /** Whether 0 is a value; for a heart it is "no reading". */
  readonly isZeroReal?: true;
  /** Where the series begins when it does not say so itself. */
  readonly startsAt?: string;
  /** Leaves values out by their time. */
  readonly isLeftOut?: (startMs: number) => boolean;
}

/** Adds the values of a series `{interval, items, timestamp}`: item n at timestamp + n × interval. Absent series are none. */
export function addSeries(value: unknown, path: string, rule: SeriesRule, job: MapJob): void {
  if (value === null || value === undefined) return;
  const { mapping } = job;
  const series = mapping.item(schema.series, value, path);
  const start = series && instantOf(series.timestamp ?? rule.startsAt, `${path}/timestamp`, job);
  if (!series || !start) return;
  const { interval, items } = series;
  if (!(interval > 0 && interval <= LONGEST_STEP_S) || items.length * interval * 1000 > LONGEST_MS) {
    mapping.problem(`${path}/interval`, "no possible step");
    return;
  }
  let isBad = false;
  for (const [index, item] of items.entries()) {
    if (item === null || (item === 0 && !rule.isZeroReal)) continue;
    const startMs = start.startMs + Math.round(index * interval * 1000);
    if (typeof item !== "number") isBad = true;
    else if (isPossible(startMs, job) && !rule.isLeftOut?.(startMs)) {
      const end = rule.isInterval ? { endMs: startMs + Math.max(1, Math.round(interval * 1000)) } : {};
      mapping.sample(rule.metric, item, { startMs, ...end, offsetMinutes: start.offsetMinutes }, `${path}/items`);
    }
  }
  if (isBad) mapping.problem(`${path}/items`, "some entries are no numbers");
}
