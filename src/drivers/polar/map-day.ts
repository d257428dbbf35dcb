/** Days: activity and its steps, heart rate around the clock, cardio load, and what the profile says of the body. Pure. Source: vendors/polar.md. */
import { dayPlace } from "#driver/day.ts";
import type { SamplePlace } from "#driver/payload.ts";
import type { SampleFlag } from "#driver/records.ts";
import type { MetricName } from "#units/metrics.ts";
import { DAY_MS, instantOfWall, localDate, localDay, MINUTE_MS, parseTime } from "#units/time.ts";
import { clockMs, durationS, isPossible, measured, offsetIn, possible, utcMs, wallClock, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

const LONGEST_DAY_MS = 25 * 3_600_000;
const DATE_LENGTH = "2026-01-01".length;
const DEFAULT_STEP_INTERVAL_MS = MINUTE_MS;

const ZONE_METRICS: ReadonlyMap<string, MetricName> = new Map([
  ["SEDENTARY", "sedentary_duration"],
  ["MODERATE", "intensity_moderate"],
  ["VIGOROUS", "intensity_vigorous"],
]);

/** Reads the times of one day's activity. */
type Clock = (text: string) => number | null;

/** A day so far: its totals, marked as the day's, and what it holds of steps and intensities. */
export function mapActivity(item: unknown, path: string, job: MapJob): void {
  const activity = job.mapping.item(schema.activity, item, path);
  if (!activity) return;
  const clock = clockOf(activity, job.context.zone);
  const stretch = stretchOf(activity, clock, path, job);
  if (!stretch) return;
  const { startMs, endMs } = stretch;
  const place = { startMs, endMs, offsetMinutes: offsetIn(job.context.zone, startMs) };
  const total: SamplePlace = { ...place, flags: ["day_total"] };
  const active = typeof activity.active_duration === "string" ? durationS(activity.active_duration) : null;
  job.mapping.sample("steps", activity.steps ?? activity.active_steps, total, `${path}/steps`);
  job.mapping.sample("distance", activity.distance_from_steps, total, `${path}/distance_from_steps`);
  job.mapping.sample("calories_total", activity.calories, total, `${path}/calories`);
  job.mapping.sample("calories_active", activity.active_calories, total, `${path}/active_calories`);
  job.mapping.sample("active_duration", active, total, `${path}/active_duration`);
  addSteps(activity, { clock, endMs }, `${path}/samples/steps`, job);
  addZones(activity, { clock, endMs }, `${path}/samples/activity_zones/samples`, job);
}

const DATE = /^\d{4}-\d{2}-\d{2}/;

/** From start to end; the whole local day where no more than its date is told, or no end of it. */
function stretchOf(activity: schema.Activity, clock: Clock, path: string, job: MapJob): { readonly startMs: number; readonly endMs: number } | null {
  const { start_time: start, end_time: end } = activity;
  if (!start || !end || start.length === DATE_LENGTH) {
    const date = DATE.exec(start || activity.date || "")?.[0];
    const day = date === undefined ? null : dayPlace(date, job.context.zone, null);
    if (day && isPossible(day.startMs, job.context)) return day;
    job.mapping.problem(`${path}/start_time`, "no possible day");
    return null;
  }
  const startMs = possible(clock(start), `${path}/start_time`, job);
  const endMs = possible(clock(end), `${path}/end_time`, job);
  if (startMs === null || endMs === null) return null;
  if (endMs > startMs && endMs - startMs <= LONGEST_DAY_MS) return { startMs, endMs };
  job.mapping.problem(`${path}/end_time`, "no possible day");
  return null;
}

/**
 * The specification calls these times UTC and prints them without a Z; its own example ends at 23:59:59, which is a local day's end. So a day that begins or
 * ends with the printed midnight is read by the person's clock, any other as UTC.
 */
function clockOf({ start_time, end_time }: schema.Activity, zone: string): Clock {
  const isMidnight = /T00:00(?::00(?:\.0+)?)?$/;
  const [start, end] = [start_time ?? "", end_time ?? ""];
  const isLocal = isMidnight.test(start) || isMidnight.test(end) || /T23:59(?::59(?:\.\d+)?)?$/.test(end) || start.length <= DATE_LENGTH;
  if (!isLocal) return utcMs;
  return (text) => {
    const parsed = parseTime(text);
    if (!parsed) return null;
    return parsed.offsetMinutes === null ? instantOfWall(zone, parsed.wallMs) : parsed.wallMs - parsed.offsetMinutes * MINUTE_MS;
  };
}

interface Stretch {
  readonly clock: Clock;
  readonly endMs: number;
}

interface Timed<T> {
  readonly ms: number;
  readonly value: T;
}

/** Steps by interval. Equal ones in a row are sent once: one sample then stands for all of them, with their sum. */
function addSteps(activity: schema.Activity, { clock, endMs }: Stretch, path: string, job: MapJob): void {
  const steps = activity.samples?.steps;
  if (!steps) return;
  const intervalMs = steps.interval_ms ?? DEFAULT_STEP_INTERVAL_MS;
  if (!(intervalMs >= 1_000 && intervalMs <= DAY_MS)) {
    job.mapping.problem(`${path}/interval_ms`, "no possible interval");
    return;
  }
  const told: Timed<number>[] = [];
  for (const [index, item] of (steps.samples ?? []).entries()) {
    const sample = job.mapping.item(schema.stepSample, item, `${path}/samples/${index}`);
    const ms = sample && possible(clock(sample.timestamp), `${path}/samples/${index}/timestamp`, job);
    if (sample && ms !== null) told.push({ ms, value: sample.steps });
  }
  told.sort((a, b) => a.ms - b.ms);
  for (const [index, { ms, value }] of told.entries()) {
    // How long the last value went on is not told: one interval of it is certain.
    const untilMs = told[index + 1]?.ms ?? Math.min(ms + intervalMs, Math.max(endMs, ms));
    const intervals = Math.max(1, Math.round((untilMs - ms) / intervalMs));
    const place: SamplePlace = { startMs: ms, endMs: ms + intervals * intervalMs, offsetMinutes: offsetIn(job.context.zone, ms) };
    job.mapping.sample("steps", value * intervals, place, `${path}/samples`);
  }
}

/** Each zone lasts until the next one is told. Light movement and sleep have no metric. */
function addZones(activity: schema.Activity, { clock, endMs }: Stretch, path: string, job: MapJob): void {
  const told: Timed<string>[] = [];
  for (const [index, item] of (activity.samples?.activity_zones?.samples ?? []).entries()) {
    const sample = job.mapping.item(schema.zoneSample, item, `${path}/${index}`);
    const ms = sample && possible(clock(sample.timestamp), `${path}/${index}/timestamp`, job);
    if (sample && ms !== null) told.push({ ms, value: sample.zone });
  }
  told.sort((a, b) => a.ms - b.ms);
  for (const [index, { ms, value }] of told.entries()) {
    const untilMs = told[index + 1]?.ms ?? endMs;
    const metric = ZONE_METRICS.get(value);
    if (metric === undefined || untilMs <= ms || untilMs - ms > LONGEST_DAY_MS) continue;
    job.mapping.sample(metric, (untilMs - ms) / 1000, { startMs: ms, endMs: untilMs, offsetMinutes: offsetIn(job.context.zone, ms) }, path);
  }
}

/** A day's heart rate about every five minutes, by the device's clock: the person's zone counts. Fields are narrowed by hand: the hot path. */
export function mapContinuousHeartRate(item: unknown, path: string, { mapping, context }: MapJob): void {
  const day = mapping.item(schema.continuousHeartRate, item, path);
  // Midnight beside the date says no more than the date.
  const date = day && /^(\d{4}-\d{2}-\d{2})(?:T00:00(?::00(?:\.0+)?)?Z?)?$/.exec(day.date)?.[1];
  const midnight = date ? parseTime(date) : null;
  if (!day || !midnight || !isPossible(midnight.wallMs, context)) {
    if (day) mapping.problem(`${path}/date`, "no possible date of a measurement");
    return;
  }
  const toMs = wallClock(context.zone);
  let isBad = false;
  for (const sample of day.heart_rate_samples) {
    const { heart_rate: rate, sample_time: clock } = (typeof sample === "object" && sample !== null ? sample : {}) as Readonly<Record<string, unknown>>;
    const ofDayMs = typeof clock === "string" ? clockMs(clock) : null;
    if (rate === null) continue;
    if (ofDayMs === null || typeof rate !== "number") {
      isBad = true;
      continue;
    }
    const startMs = toMs(midnight.wallMs + ofDayMs);
    mapping.sample("heart_rate", measured(rate), { startMs, offsetMinutes: offsetIn(context.zone, startMs) }, `${path}/heart_rate_samples`);
  }
  if (isBad) mapping.problem(`${path}/heart_rate_samples`, "some entries are no numbers by the clock");
}

/** Load of a day, and Polar's strain of the week up to it. −1 stands for "not available", and so does 0 where the status says so. */
export function mapCardioLoad(item: unknown, path: string, { mapping, context }: MapJob): void {
  const load = mapping.item(schema.cardioLoad, item, path);
  const day = load && dayPlace(load.date, context.zone, null);
  if (!load) return;
  if (!day || !isPossible(day.startMs, context)) {
    mapping.problem(`${path}/date`, "no possible date of a measurement");
    return;
  }
  const isKnown = load.cardio_load_status !== "LOAD_STATUS_NOT_AVAILABLE";
  const known = (value: number | null | undefined): number | null => (isKnown && typeof value === "number" && value >= 0 ? value : measured(value));
  mapping.sample("training_load", known(load.cardio_load), { ...day, flags: ["day_total"] }, `${path}/cardio_load`);
  mapping.sample("strain", known(load.strain), day, `${path}/strain`);
}

const CENTIMETRES = 100;
/** Of the other sources (USER, KEEP, none) somebody typed it. */
const WEIGHT_FLAGS: ReadonlyMap<string, readonly SampleFlag[]> = new Map<string, readonly SampleFlag[]>([["MEASURED", []], ["ESTIMATE", ["estimated"]]]);

/**
 * What the profile says since it was last changed. A default weight is nobody's. Resting heart rate is what the person or the watch has set there, over the day
 * of the change.
 */
export function mapPhysicalInfo(item: unknown, path: string, job: MapJob): void {
  const { mapping, context } = job;
  const info = mapping.item(schema.physicalInfo, item, path);
  if (!info) return;
  const changed = info.modified ?? info.created;
  const startMs = possible(changed ? utcMs(changed) : null, `${path}/modified`, job);
  if (startMs === null) return;
  const offsetMinutes = offsetIn(context.zone, startMs);
  const at = (flags: readonly SampleFlag[]): SamplePlace => ({ startMs, offsetMinutes, ...(flags.length > 0 ? { flags } : {}) });
  const source = (info.weight_source ?? "").replace(/^SOURCE_/, "");
  if (source !== "DEFAULT") mapping.sample("weight", measured(info.weight), at(WEIGHT_FLAGS.get(source) ?? ["manual"]), `${path}/weight`);
  const height = measured(info.height);
  mapping.sample("height", height === null ? null : height / CENTIMETRES, at(["manual"]), `${path}/height`);
  mapping.sample("vo2max", measured(info.vo2_max), at([]), `${path}/vo2_max`);
  const day = localDay(context.zone, localDate(context.zone, startMs));
  if (day) {
    const place = { startMs: day.fromMs, endMs: day.toMs, offsetMinutes: offsetIn(context.zone, day.fromMs) };
    mapping.sample("resting_heart_rate", measured(info.resting_heart_rate), { ...place, flags: ["manual"] }, `${path}/resting_heart_rate`);
  }
}
