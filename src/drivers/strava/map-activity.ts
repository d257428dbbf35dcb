/** Strava's activities → workouts. Pure. Source: vendors/strava.md, Mapping. */
import type { Mapping } from "#driver/payload.ts";
import type { Device, WorkoutLap, WorkoutRecord } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { DAY_MS, MINUTE_MS, parseTime } from "#units/time.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { cadenceFactor, sportOf } from "./map-sport.ts";
import * as schema from "./schema.ts";

export interface MapJob {
  readonly mapping: Mapping;
  readonly context: MapContext;
  /** Whether the payload is a list, whose activities are summaries without calories. */
  readonly isList: boolean;
}

/** How much of the past is listed again each time: activities are often uploaded days late. */
export const OVERLAP_MS = 7 * DAY_MS;

const CLOCK_FAULT_MS = 2 * DAY_MS;
const EARLIEST_MS = Date.UTC(1990, 0, 1);
const WIDEST_OFFSET_MINUTES = 14 * 60;
/** Expeditions are uploaded as one activity; more is a stuck clock. */
const LONGEST_S = 62 * 86_400;

/** A workout, and Strava's relative effort as its training load. */
export function mapActivity(item: unknown, path: string, job: MapJob): void {
  const activity = job.mapping.item(schema.activity, item, path);
  const workout = activity && workoutOf(activity, path, job);
  if (!activity || !workout) return;
  job.mapping.add(workout);
  const { startMs, endMs, offsetMinutes, device } = workout;
  job.mapping.sample("training_load", activity.suffer_score, { startMs, endMs, offsetMinutes, ...(device ? { device } : {}) }, `${path}/suffer_score`);
}

/** The workout with what is known of it; null, with a problem, without a possible start and length. */
export function workoutOf(activity: schema.Activity, path: string, job: MapJob): WorkoutRecord | null {
  const { mapping } = job;
  const offsetMinutes = activityOffset(activity);
  const startMs = startOf(activity.start_date, `${path}/start_date`, job);
  const durationS = activity.elapsed_time ?? activity.moving_time;
  if (durationS === null || durationS === undefined || !(durationS > 0 && durationS <= LONGEST_S)) {
    mapping.problem(`${path}/elapsed_time`, "no possible duration");
    return null;
  }
  if (startMs === null) return null;
  const endMs = startMs + Math.round(durationS * 1000);
  const vendorSport = sportTypeOf(activity);
  const device = deviceOf(activity.device_name);
  const laps = (activity.laps ?? []).flatMap((lap, index) => lapOf(lap, `${path}/laps/${index}`, job) ?? []);
  return {
    record: "workout",
    vendorId: activity.id,
    startMs,
    endMs,
    offsetMinutes,
    sport: sportOf(vendorSport),
    ...(vendorSport ? { vendorSport } : {}),
    ...(activity.name ? { title: activity.name } : {}),
    ...measuresOf(activity, startMs, path, job),
    ...(typeof activity.manual === "boolean" ? { isManual: activity.manual } : {}),
    ...(device ? { device } : {}),
    ...(laps.length > 0 ? { laps } : {}),
  };
}

/** Our fields that are one of theirs, and the metric whose bounds hold for it. */
const FIELDS = [
  ["activeS", "moving_time", "active_duration"],
  ["distanceM", "distance", "distance"],
  ["averageHeartRate", "average_heartrate", "heart_rate"],
  ["maxHeartRate", "max_heartrate", "heart_rate"],
  ["averageSpeedMS", "average_speed", "speed"],
  ["maxSpeedMS", "max_speed", "speed"],
  ["averagePowerW", "average_watts", "power"],
  ["maxPowerW", "max_watts", "power"],
  ["elevationGainM", "total_elevation_gain", "elevation_gain"],
] as const;

/** Slower is standing still, which has no pace. */
const SLOWEST_MS = 0.1;

type Measures = { -readonly [K in keyof WorkoutRecord]?: WorkoutRecord[K] };

/** What was measured. 0 stands for "not measured" and is left out; what no person can do becomes a problem. */
function measuresOf(activity: schema.Activity, startMs: number, path: string, job: MapJob): Measures {
  const measures: Measures = {};
  const known = (metric: MetricName, field: string, value: number | null | undefined): number | null => {
    if (value === null || value === undefined || value === 0) return null;
    if (isWithin(metric, value)) return value;
    job.mapping.problem(`${path}/${field}`, "outside what it can be");
    return null;
  };
  for (const [ours, theirs, metric] of FIELDS) {
    if (metric === "heart_rate" && activity.has_heartrate === false) continue;
    const value = known(metric, theirs, activity[theirs]);
    if (value !== null) measures[ours] = value;
  }
  const energyKcal = known("calories_active", "calories", energyOf(activity, startMs, job));
  if (energyKcal !== null) measures.energyKcal = energyKcal;
  const cadence = known("cadence", "average_cadence", activity.average_cadence);
  if (cadence !== null) measures.averageCadence = cadence * cadenceFactor(sportOf(sportTypeOf(activity)));
  if (measures.averageSpeedMS !== undefined && measures.averageSpeedMS >= SLOWEST_MS) measures.averagePaceSKm = 1000 / measures.averageSpeedMS;
  if (measures.averagePowerW !== undefined && typeof activity.device_watts === "boolean") measures.isPowerEstimated = !activity.device_watts;
  return measures;
}

const isWithin = (metric: MetricName, value: number): boolean => value >= METRICS[metric].min && value <= METRICS[metric].max;

function sportTypeOf(activity: schema.Activity): string | null {
  return activity.sport_type ?? activity.type ?? null;
}

/**
 * Kilocalories, which the detail alone has. For a ride without them the work at the pedals in kilojoules stands for them: a body
 * turns about a quarter of its energy into work, and a kilocalorie is about four kilojoules. But not in a list of the last days:
 * their detail comes by event, and a later list must not put the estimate in place of its calories.
 */
function energyOf(activity: schema.Activity, startMs: number, { isList, context }: MapJob): number | null {
  if (typeof activity.calories === "number" && activity.calories > 0) return activity.calories;
  if (isList && startMs >= context.receivedMs - OVERLAP_MS - DAY_MS) return null;
  return sportOf(sportTypeOf(activity)) === "cycling" ? (activity.kilojoules ?? null) : null;
}

export function deviceOf(name: string | null | undefined): Device | null {
  return name ? { id: name, name } : null;
}

/** `start_date` is UTC, with its Z or without. Null, and a problem, for what is no time or lies ahead. */
export function startOf(text: string | null | undefined, path: string, { mapping, context }: MapJob): number | null {
  const parsed = text ? parseTime(text) : null;
  const ms = parsed ? parsed.wallMs - (parsed.offsetMinutes ?? 0) * MINUTE_MS : null;
  if (ms !== null && ms >= EARLIEST_MS && ms <= context.receivedMs + CLOCK_FAULT_MS) return ms;
  mapping.problem(path, text ? "no possible time of an activity" : "missing or of the wrong type");
  return null;
}

export function offsetMinutesOf(seconds: number | null | undefined): number | null {
  if (seconds === null || seconds === undefined) return null;
  const minutes = Math.round(seconds / 60);
  return Math.abs(minutes) <= WIDEST_OFFSET_MINUTES ? minutes : null;
}

/**
 * `utc_offset` counts: the text in `timezone` is the zone's winter offset. Without it, the difference to `start_date_local`, whose Z
 * is a lie: it is the clock on the wall.
 */
function activityOffset({ utc_offset, start_date, start_date_local }: schema.Activity): number | null {
  if (utc_offset !== null && utc_offset !== undefined) return offsetMinutesOf(utc_offset);
  const utc = start_date ? parseTime(start_date) : null;
  const local = start_date_local ? parseTime(start_date_local) : null;
  return utc && local ? offsetMinutesOf((local.wallMs - utc.wallMs) / 1000) : null;
}

function lapOf(item: unknown, path: string, job: MapJob): WorkoutLap | null {
  const lap = job.mapping.item(schema.lap, item, path);
  const startMs = lap && startOf(lap.start_date, `${path}/start_date`, job);
  if (!lap || startMs === null) return null;
  const elapsedS = lap.elapsed_time ?? 0;
  return {
    startMs,
    ...(elapsedS > 0 && elapsedS <= LONGEST_S ? { endMs: startMs + Math.round(elapsedS * 1000) } : {}),
    ...(lap.distance && isWithin("distance", lap.distance) ? { distanceM: lap.distance } : {}),
    ...(lap.average_heartrate && isWithin("heart_rate", lap.average_heartrate) ? { averageHeartRate: lap.average_heartrate } : {}),
  };
}
