/** Nights and their nightly recharge. Pure. Source: vendors/polar.md, sleep and nightly-recharge. */
import { looseNumber, type SamplePlace } from "#driver/payload.ts";
import type { SleepRecord, SleepStage, SleepStageName } from "#driver/records.ts";
import { dayPlace } from "#driver/day.ts";
import { inOrder } from "#driver/stages.ts";
import type { MetricName } from "#units/metrics.ts";
import { DAY_MS, HOUR_MS, instantOfWall, MINUTE_MS, offsetMinutesAt, parseInstant, parseTime } from "#units/time.ts";
import { clockMs, deviceOf, isPossible, measured, offsetIn, possible, wallClock, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

const STAGES: ReadonlyMap<number | null, SleepStageName> = new Map([
  [0, "awake"],
  [1, "rem"],
  // Lighter and light non-REM sleep.
  [2, "light"],
  [3, "light"],
  [4, "deep"],
  [5, "unmeasurable"],
]);

const LONGEST_NIGHT_MS = DAY_MS;
/** Clocks after this belong to the evening before the date of the night. */
const EVENING_MS = 15 * HOUR_MS;

interface Clocked {
  readonly ms: number;
  readonly value: unknown;
}

interface Bounds {
  readonly start: { readonly ms: number; readonly offsetMinutes: number };
  readonly end: { readonly ms: number; readonly offsetMinutes: number };
}

/** A night with its stages and the heart rate in it. */
export function mapNight(item: unknown, path: string, job: MapJob): void {
  const night = job.mapping.item(schema.night, item, path);
  const bounds = night && boundsOf(night, path, job);
  if (!night || !bounds) return;
  const { start, end } = bounds;
  const device = deviceOf(night.device_id);
  const score = measured(night.sleep_score);
  const place: SamplePlace = { startMs: start.ms, offsetMinutes: start.offsetMinutes, ...(device ? { device } : {}) };
  job.mapping.add({
    record: "sleep",
    // There is one night a date, and a revised one keeps it even if its start moves.
    vendorId: night.date && /^\d{4}-\d{2}-\d{2}$/.test(night.date) ? night.date : null,
    startMs: start.ms,
    endMs: end.ms,
    offsetMinutes: start.offsetMinutes,
    isNap: false,
    stages: stagesOf(night, bounds, path, job),
    totals: totalsOf(night, path, job),
    ...(score === null || score > 100 ? {} : { score }),
    ...(device ? { device } : {}),
  });
  job.mapping.sample("sleep_score", score, { ...place, endMs: end.ms }, `${path}/sleep_score`);
  const ratesPath = `${path}/heart_rate_samples`;
  for (const { ms, value } of onClock(night.heart_rate_samples, bounds, ratesPath, job)) {
    if (typeof value === "number") job.mapping.sample("heart_rate", measured(value), { ...place, startMs: ms }, ratesPath);
    else job.mapping.problem(ratesPath, "some entries are no numbers");
  }
}

function boundsOf(night: schema.Night, path: string, job: MapJob): Bounds | null {
  const start = bedtimeOf(night.sleep_start_time, job.context.zone);
  const end = bedtimeOf(night.sleep_end_time, job.context.zone);
  const startMs = possible(start && start.ms, `${path}/sleep_start_time`, job);
  const endMs = possible(end && end.ms, `${path}/sleep_end_time`, job);
  if (!start || !end || startMs === null || endMs === null) return null;
  if (endMs > startMs && endMs - startMs <= LONGEST_NIGHT_MS) return { start, end };
  job.mapping.problem(`${path}/sleep_end_time`, "no possible night");
  return null;
}

/** Instant and offset as told; without an offset it is a time by the person's clock. */
function bedtimeOf(text: string, zone: string): Bounds["start"] | null {
  const told = parseInstant(text);
  const wall = told ? null : parseTime(text);
  if (!wall) return told;
  const ms = instantOfWall(zone, wall.wallMs);
  return { ms, offsetMinutes: offsetIn(zone, ms) };
}

/** Each stage lasts until the next one is told, the last until the night ends. */
function stagesOf(night: schema.Night, bounds: Bounds, path: string, job: MapJob): SleepStage[] {
  const told = onClock(night.hypnogram, bounds, `${path}/hypnogram`, job);
  const stages: SleepStage[] = [];
  for (const [index, { ms, value }] of told.entries()) {
    const stage = STAGES.get(looseNumber(value));
    if (!stage) job.mapping.problem(`${path}/hypnogram`, "an unknown stage");
    const endMs = Math.min(told[index + 1]?.ms ?? bounds.end.ms, bounds.end.ms);
    if (stage && endMs > ms) stages.push({ stage, startMs: ms, endMs });
  }
  return inOrder(stages).stages;
}

/** Seconds. Where all stages are 0 (a device that knows none), nothing is known of them. */
function totalsOf(night: schema.Night, path: string, { mapping }: MapJob): SleepRecord["totals"] {
  const read = (field: "light_sleep" | "deep_sleep" | "rem_sleep" | "unrecognized_sleep_stage" | "total_interruption_duration"): number | null => {
    const seconds = night[field];
    if (typeof seconds !== "number") return null;
    if (seconds >= 0 && seconds <= LONGEST_NIGHT_MS / 1000) return seconds;
    mapping.problem(`${path}/${field}`, "no possible duration");
    return null;
  };
  const [lightS, deepS, remS] = [read("light_sleep"), read("deep_sleep"), read("rem_sleep")];
  const unknownS = read("unrecognized_sleep_stage") ?? 0;
  const awakeS = read("total_interruption_duration");
  const asleepS = lightS === null || deepS === null || remS === null ? 0 : lightS + deepS + remS + unknownS;
  const hasStages = [lightS, deepS, remS].some((seconds) => seconds !== null && seconds > 0);
  return {
    // Polar's sleep time: the night without its interruptions, which is the sum of its stages.
    ...(asleepS > 0 ? { asleepS } : {}),
    ...(lightS === null || !hasStages ? {} : { lightS }),
    ...(deepS === null || !hasStages ? {} : { deepS }),
    ...(remS === null || !hasStages ? {} : { remS }),
    ...(awakeS === null || (!hasStages && awakeS === 0) ? {} : { awakeS }),
  };
}

/**
 * Values by a clock that shows no date, in order of time: the clock goes on from the night's start over midnight. Where clocks changed in the night, the
 * person's zone tells when, if it was there that the person slept; elsewhere what would lie after the night's end is read at the later offset.
 */
function onClock(values: Readonly<Record<string, unknown>> | null | undefined, { start, end }: Bounds, path: string, { mapping, context }: MapJob): Clocked[] {
  const { zone } = context;
  const startWallMs = start.ms + start.offsetMinutes * MINUTE_MS;
  const midnightMs = Math.floor(startWallMs / DAY_MS) * DAY_MS;
  const isAtHome = offsetMinutesAt(zone, start.ms) === start.offsetMinutes && offsetMinutesAt(zone, end.ms) === end.offsetMinutes;
  const inZone = start.offsetMinutes !== end.offsetMinutes && isAtHome ? wallClock(zone) : null;
  const found: Clocked[] = [];
  let isBad = false;
  for (const [clock, value] of Object.entries(values ?? {})) {
    const ofDayMs = clockMs(clock);
    if (value === null) continue;
    if (ofDayMs === null) {
      isBad = true;
      continue;
    }
    // The clock has no seconds: the first minute of the night may begin before it.
    const sameDayMs = midnightMs + ofDayMs;
    const wallMs = sameDayMs < startWallMs - MINUTE_MS ? sameDayMs + DAY_MS : sameDayMs;
    const plainMs = wallMs - start.offsetMinutes * MINUTE_MS;
    const ms = inZone ? inZone(wallMs) : plainMs > end.ms ? wallMs - end.offsetMinutes * MINUTE_MS : plainMs;
    found.push({ ms: Math.max(ms, start.ms), value });
  }
  if (isBad) mapping.problem(path, "some entries have no clock");
  return found.toSorted((a, b) => a.ms - b.ms);
}

/**
 * What the first hours of a night's sleep showed: values every five minutes by the clock, and their averages, kept apart at the first of them. It tells a date
 * and no start: clocks of the afternoon and evening belong to the day before.
 */
export function mapRecharge(item: unknown, path: string, job: MapJob): void {
  const { mapping, context } = job;
  const recharge = mapping.item(schema.recharge, item, path);
  const day = recharge && dayPlace(recharge.date, context.zone, null);
  if (!recharge || !day || !isPossible(day.startMs, context)) {
    if (recharge) mapping.problem(`${path}/date`, "no possible date of a measurement");
    return;
  }
  const midnightMs = parseTime(recharge.date)!.wallMs;
  let firstMs: number | null = null;
  const add = (metric: MetricName, values: Readonly<Record<string, unknown>> | null | undefined, field: string): void => {
    const toMs = wallClock(context.zone);
    let isBad = false;
    for (const [clock, value] of Object.entries(values ?? {})) {
      const ofDayMs = clockMs(clock);
      if (value === null) continue;
      if (ofDayMs === null || typeof value !== "number") {
        isBad = true;
        continue;
      }
      const startMs = toMs(midnightMs + ofDayMs - (ofDayMs >= EVENING_MS ? DAY_MS : 0));
      firstMs = firstMs === null ? startMs : Math.min(firstMs, startMs);
      mapping.sample(metric, measured(value), { startMs, offsetMinutes: offsetIn(context.zone, startMs) }, `${path}/${field}`);
    }
    if (isBad) mapping.problem(`${path}/${field}`, "some entries are no numbers by the clock");
  };
  add("hrv_rmssd", recharge.hrv_samples, "hrv_samples");
  add("respiration_rate", recharge.breathing_samples, "breathing_samples");
  const startMs = firstMs ?? day.startMs;
  const average: SamplePlace = { startMs, offsetMinutes: offsetIn(context.zone, startMs), flags: ["day_total"] };
  mapping.sample("hrv_rmssd", measured(recharge.heart_rate_variability_avg), average, `${path}/heart_rate_variability_avg`);
  mapping.sample("respiration_rate", measured(recharge.breathing_rate_avg), average, `${path}/breathing_rate_avg`);
}
