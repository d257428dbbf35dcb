/** Activities, and their details sample by sample. Pure. Source: vendors/garmin.md, activities and activityDetails. */
import { looseNumber, type SamplePlace } from "#driver/payload.ts";
import type { Device, WorkoutLap, WorkoutRecord } from "#driver/records.ts";
import { METRICS } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";
import * as schema from "../schema.ts";
import { instantOf, isPositive, measured, spanOf, startOf, type MapJob, type Summary } from "./place.ts";
import { sportOf } from "./sport.ts";

/** An activity from its summary (also one the person typed or corrected). */
export function mapActivity({ value, path }: Summary, job: MapJob): void {
  const activity = job.mapping.item(schema.activity, value, path);
  const workout = activity && workoutOf(activity, path, job);
  if (workout) job.mapping.add(workout);
}

/**
 * An activity's details: the same workout with laps and moving time, and heart rate, speed, power, cadence and altitude as
 * samples of the device that recorded it.
 */
export function mapActivityDetail({ value, path }: Summary, job: MapJob): void {
  const { mapping } = job;
  const detail = mapping.item(schema.activityDetail, value, path);
  const activity = detail && mapping.item(schema.activity, detail.summary, `${path}/summary`);
  if (!detail || !activity) return;
  const ids = {
    activityId: detail.activityId ?? activity.activityId,
    // "<id>-detail" is the same activity as "<id>".
    summaryId: activity.summaryId ?? detail.summaryId?.replace(/-detail$/, ""),
  };
  const workout = workoutOf({ ...activity, ...ids }, `${path}/summary`, job);
  if (!workout) return;
  const activeS = mapSamples(detail.samples ?? [], workout, `${path}/samples`, job);
  const laps = lapsOf(detail.laps ?? [], workout, `${path}/laps`, job);
  mapping.add({ ...workout, ...(activeS === null ? {} : { activeS }), ...(laps.length > 0 ? { laps } : {}) });
}

function workoutOf(activity: schema.Activity, path: string, job: MapJob): WorkoutRecord | null {
  const start = startOf(activity, path, job);
  const durationS = activity.durationInSeconds;
  if (durationS === null || durationS === undefined) job.mapping.problem(`${path}/durationInSeconds`, "missing or of the wrong type");
  if (!start || durationS === null || durationS === undefined) return null;
  const span = spanOf(start, durationS, path, job);
  if (!span) return null;
  const device = deviceOf(activity.deviceName);
  return {
    record: "workout",
    vendorId: activity.activityId ?? activity.summaryId ?? null,
    startMs: span.fromMs,
    endMs: span.toMs,
    offsetMinutes: span.offsetMinutes,
    sport: activity.isParent === true ? "multisport" : sportOf(activity.activityType),
    ...(activity.activityType ? { vendorSport: activity.activityType } : {}),
    ...(activity.activityName ? { title: activity.activityName } : {}),
    ...measuresOf(activity, path, job),
    ...(typeof activity.manual === "boolean" ? { isManual: activity.manual } : {}),
    ...(device ? { device } : {}),
  };
}

/** Our fields, theirs, and the metric whose bounds hold. In an activity, "active" kilocalories include the basal part. */
const FIELDS = [
  ["averageHeartRate", "averageHeartRateInBeatsPerMinute", "heart_rate"],
  ["maxHeartRate", "maxHeartRateInBeatsPerMinute", "heart_rate"],
  ["averageSpeedMS", "averageSpeedInMetersPerSecond", "speed"],
  ["maxSpeedMS", "maxSpeedInMetersPerSecond", "speed"],
] as const;
const SUMS = [
  ["distanceM", "distanceInMeters", "distance"],
  ["energyKcal", "activeKilocalories", "calories_active"],
  ["steps", "steps", "steps"],
  ["elevationGainM", "totalElevationGainInMeters", "elevation_gain"],
] as const;

/** Slower is standing still. */
const SLOWEST_MIN_KM = 200;
const LONGEST_S = 4 * 86_400;

type Measures = { -readonly [K in keyof WorkoutRecord]?: WorkoutRecord[K] };

/** What was measured. 0 stands for "not measured" and is left out; what no person can do becomes a problem. */
function measuresOf(activity: schema.Activity, path: string, { mapping }: MapJob): Measures {
  const measures: Measures = {};
  // The legs of a multi-sport activity come as activities too: its own sums would be counted twice.
  for (const [ours, theirs, metric] of activity.isParent === true ? FIELDS : [...FIELDS, ...SUMS]) {
    const value = measured(activity[theirs]);
    if (value === null) continue;
    if (value >= METRICS[metric].min && value <= METRICS[metric].max) measures[ours] = value;
    else mapping.problem(`${path}/${theirs}`, "outside what it can be");
  }
  const paceMinKm = measured(activity.averagePaceInMinutesPerKilometer);
  if (paceMinKm !== null && paceMinKm <= SLOWEST_MIN_KM) measures.averagePaceSKm = paceMinKm * 60;
  const cadence = cadenceOf(activity);
  if (cadence !== null && cadence <= METRICS.cadence.max) measures.averageCadence = cadence;
  return measures;
}

/** Steps of both feet, turns, strokes or pushes a minute: one of them, by sport. */
function cadenceOf(activity: schema.Activity): number | null {
  return (
    measured(activity.averageRunCadenceInStepsPerMinute) ?? measured(activity.averageBikeCadenceInRoundsPerMinute) ??
    measured(activity.averageSwimCadenceInStrokesPerMinute) ?? measured(activity.averagePushCadenceInPushesPerMinute)
  );
}

/** The model's name is all that Garmin tells of a device; a typed activity has "unknown". */
function deviceOf(name: string | null | undefined): Device | null {
  return name && name.toLowerCase() !== "unknown" ? { id: name, name } : null;
}

/** Of the metrics whose sample field is the same in every sport. A heart rate of 0 is none; standing still is a speed. */
const SAMPLED = [
  ["heart_rate", "heartRate", isPositive],
  ["speed", "speedMetersPerSecond", () => true],
  ["power", "powerInWatts", () => true],
  ["altitude", "elevationInMeters", () => true],
] as const;
/** Steps of both feet, turns, strokes or pushes a minute: one of them, by sport. */
const CADENCES = [
  "stepsPerMinute", "bikeCadenceInRPM", "swimCadenceInStrokesPerMinute", "wheelChairCadenceInPushesPerMinute", "directWheelchairCadence",
] as const;

/**
 * Adds the samples; gives the moving time at the last of them, null when it is not told. There are thousands in a payload: their fields are
 * narrowed by hand, so that a bad one does not lose the others of its moment.
 */
function mapSamples(items: readonly unknown[], workout: WorkoutRecord, path: string, job: MapJob): number | null {
  const { mapping } = job;
  let activeS: number | null = null;
  for (const [index, item] of items.entries()) {
    const samplePath = `${path}/${index}`;
    if (typeof item !== "object" || item === null) {
      mapping.problem(samplePath, "missing or of the wrong type");
      continue;
    }
    const sample: Readonly<Record<string, unknown>> = { ...item };
    const read = (field: string): number | null => {
      const number = looseNumber(sample[field]);
      if (number === null && sample[field] !== null && sample[field] !== undefined) mapping.problem(`${samplePath}/${field}`, "of the wrong type");
      return number;
    };
    const startMs = instantOf(read("startTimeInSeconds"), `${samplePath}/startTimeInSeconds`, job);
    if (startMs === null) continue;
    const place: SamplePlace = {
      startMs, offsetMinutes: workout.offsetMinutes, ...(workout.device ? { device: workout.device } : {}),
    };
    for (const [metric, field, isValue] of SAMPLED) mapping.sample(metric, measured(read(field), isValue), place, `${samplePath}/${field}`);
    // Where all of them are sent, those of other sports are 0.
    const told = CADENCES.filter((field) => sample[field] !== null && sample[field] !== undefined);
    const cadence = told.find((field) => looseNumber(sample[field]) !== 0) ?? told[0];
    if (cadence) mapping.sample("cadence", read(cadence), place, `${samplePath}/${cadence}`);
    const movingS = measured(read("movingDurationInSeconds"));
    if (movingS !== null && movingS <= LONGEST_S) activeS = Math.max(activeS ?? 0, movingS);
  }
  return activeS;
}

/** Garmin tells only where laps start: each ends where the next one starts, the last with the activity. */
function lapsOf(items: readonly unknown[], workout: WorkoutRecord, path: string, { mapping }: MapJob): WorkoutLap[] {
  const starts: number[] = [];
  for (const [index, item] of items.entries()) {
    const lap = mapping.item(schema.lap, item, `${path}/${index}`);
    if (!lap) continue;
    const startMs = Math.round(lap.startTimeInSeconds * 1000);
    if (startMs < workout.startMs - DAY_MS || startMs > workout.endMs + DAY_MS) mapping.problem(`${path}/${index}`, "not within the activity");
    else starts.push(startMs);
  }
  starts.sort((a, b) => a - b);
  return starts.map((startMs, index) => {
    const endMs = starts[index + 1] ?? workout.endMs;
    return endMs > startMs ? { startMs, endMs } : { startMs };
  });
}
