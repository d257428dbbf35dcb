/** Activities → workouts: of the list of activities, and of the answer for a day. Pure. Source: vendors/fitbit.md, Response fields. */
import type { WorkoutRecord } from "#driver/records.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";
import { timePlace, type Item, type MapJob } from "./map-place.ts";
import { sportOf } from "./map-sport.ts";
import * as schema from "./schema.ts";

/** Longer is a tracker that nobody stopped. */
const LONGEST_MS = 4 * DAY_MS;

/** Metres of a unit of distance. Without a word it is the kilometre: we ask for no other system of units. */
const METRES: ReadonlyMap<string, number> = new Map([["kilometer", 1_000], ["mile", 1_609.344], ["meter", 1], ["", 1_000]]);

type Measures = { -readonly [K in keyof WorkoutRecord]?: WorkoutRecord[K] };

/** An activity of the list. Its start carries an offset. */
export function mapActivity({ value, path }: Item, job: MapJob): void {
  const activity = job.mapping.item(schema.activity, value, path);
  const place = activity && timePlace(activity.startTime, `${path}/startTime`, job);
  const lengthMs = activity && lengthOf(activity.duration, path, job);
  if (!activity || !place || lengthMs === null) return;
  const unit = METRES.get((activity.distanceUnit ?? "").toLowerCase());
  if (unit === undefined) job.mapping.problem(`${path}/distanceUnit`, "no known unit of distance");
  // Fitbit tells climbs in feet where it tells distances in miles.
  const elevationGainM = activity.distanceUnit?.toLowerCase() === "mile" ? null : activity.elevationGain;
  const activeMs = activity.activeDuration ?? 0;
  const measures = measuresOf(
    {
      distanceM: unit === undefined ? null : (activity.distance ?? 0) * unit, energyKcal: activity.calories, steps: activity.steps,
      averageHeartRate: activity.averageHeartRate, elevationGainM, activeS: activeMs <= LONGEST_MS ? activeMs / 1_000 : null,
    },
    path, job,
  );
  const device = activity.source?.name;
  job.mapping.add({
    record: "workout",
    vendorId: activity.logId ?? null,
    startMs: place.startMs,
    endMs: place.startMs + lengthMs,
    offsetMinutes: place.offsetMinutes,
    sport: sportOf(activity.activityName),
    ...(activity.activityName ? { vendorSport: activity.activityName, title: activity.activityName } : {}),
    ...measures,
    ...paceOf(measures),
    ...(activity.logType === "manual" ? { isManual: true } : {}),
    ...(device ? { device: { id: device, name: device } } : {}),
  });
}

/** An activity within the answer for a day: the same id, local time, and less of it. One without a time of day has no place. */
export function mapDayActivity({ value, path }: Item, job: MapJob): void {
  const activity = job.mapping.item(schema.dayActivity, value, path);
  if (!activity || activity.hasStartTime === false || !activity.startTime) return;
  const place = timePlace(`${activity.startDate ?? ""}T${activity.startTime}`, `${path}/startTime`, job);
  const lengthMs = lengthOf(activity.duration, path, job);
  if (!place || lengthMs === null) return;
  job.mapping.add({
    record: "workout",
    vendorId: activity.logId ?? null,
    startMs: place.startMs,
    endMs: place.startMs + lengthMs,
    offsetMinutes: place.offsetMinutes,
    sport: sportOf(activity.activityParentName),
    ...(activity.activityParentName ? { vendorSport: activity.activityParentName } : {}),
    ...measuresOf({ distanceM: (activity.distance ?? 0) * 1_000, energyKcal: activity.calories, steps: activity.steps }, path, job),
  });
}

function lengthOf(durationMs: number | null | undefined, path: string, { mapping }: MapJob): number | null {
  if (durationMs !== null && durationMs !== undefined && durationMs > 0 && durationMs <= LONGEST_MS) return Math.round(durationMs);
  mapping.problem(`${path}/duration`, "no possible duration");
  return null;
}

const BOUNDS = {
  distanceM: "distance", energyKcal: "calories_active", steps: "steps", averageHeartRate: "heart_rate", elevationGainM: "elevation_gain", activeS: "active_duration",
} as const satisfies Partial<Record<keyof WorkoutRecord, MetricName>>;

/** What was measured. 0 stands for "not measured" and is left out; what no person can do becomes a problem. */
function measuresOf(values: Readonly<Partial<Record<keyof typeof BOUNDS, number | null | undefined>>>, path: string, { mapping }: MapJob): Measures {
  const measures: Measures = {};
  for (const [name, metric] of Object.entries(BOUNDS) as [keyof typeof BOUNDS, MetricName][]) {
    const value = values[name] ?? 0;
    if (value === 0) continue;
    if (value >= METRICS[metric].min && value <= METRICS[metric].max) measures[name] = value;
    else mapping.problem(path, `${name} outside what it can be`);
  }
  return measures;
}

/** Slower is standing still, which has no pace. */
const SLOWEST_MS = 0.1;

/** Fitbit's own speed and pace are in the units of the account: distance over moving time is the same in all. */
function paceOf({ distanceM = 0, activeS = 0 }: Measures): Measures {
  const averageSpeedMS = activeS > 0 ? distanceM / activeS : 0;
  return averageSpeedMS >= SLOWEST_MS && averageSpeedMS <= METRICS.speed.max ? { averageSpeedMS, averagePaceSKm: 1_000 / averageSpeedMS } : {};
}
