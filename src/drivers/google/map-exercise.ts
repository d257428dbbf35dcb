/** Exercises → workouts. Pure. Source: vendors/google-health.md, exercise. */
import type { WorkoutLap, WorkoutRecord } from "#driver/records.ts";
import { METRICS } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";
import { durationS, instantOf, isObject, offsetMinutesOf, pointId, sourceOf, type MapJob } from "./map-place.ts";
import { sportOf } from "./map-sport.ts";
import * as schema from "./schema.ts";

/** Longer is a recording that nobody stopped. */
const LONGEST_MS = 4 * DAY_MS;

/** Google tells no maximum of the heart rate and no power. */
export function mapExercise(item: unknown, path: string, job: MapJob): void {
  const { mapping } = job;
  const point = isObject(item) ? item : {};
  const at = `${path}/exercise`;
  const exercise = mapping.item(schema.exercise, point["exercise"], at);
  if (!exercise) return;
  const startMs = instantOf(exercise.interval.startTime, `${at}/interval/startTime`, job);
  const endMs = instantOf(exercise.interval.endTime, `${at}/interval/endTime`, job);
  if (startMs === null || endMs === null) return;
  if (endMs <= startMs || endMs - startMs > LONGEST_MS) {
    mapping.problem(`${at}/interval`, "no possible stretch of an exercise");
    return;
  }
  const { device, flags } = sourceOf(point);
  const activeS = durationS(exercise.activeDuration);
  const laps = lapsOf(exercise, { startMs, endMs }, at, job);
  mapping.add({
    record: "workout",
    vendorId: pointId(point),
    startMs,
    endMs,
    offsetMinutes: offsetMinutesOf(exercise.interval.startUtcOffset),
    sport: sportOf(exercise.exerciseType),
    ...(exercise.exerciseType ? { vendorSport: exercise.exerciseType } : {}),
    ...(exercise.displayName ? { title: exercise.displayName } : {}),
    ...(activeS !== null && activeS > 0 && activeS * 1000 <= LONGEST_MS ? { activeS } : {}),
    ...measuresOf(exercise.metricsSummary, `${at}/metricsSummary`, job),
    ...(laps.length > 0 ? { laps } : {}),
    ...(flags?.includes("manual") ? { isManual: true } : {}),
    ...(device ? { device } : {}),
  });
}

/** Our fields, theirs, the factor, and the metric whose bounds hold. */
const FIELDS = [
  ["distanceM", "distanceMillimeters", 0.001, "distance"],
  ["energyKcal", "caloriesKcal", 1, "calories_active"],
  ["averageHeartRate", "averageHeartRateBeatsPerMinute", 1, "heart_rate"],
  ["averageSpeedMS", "averageSpeedMillimetersPerSecond", 0.001, "speed"],
  ["elevationGainM", "elevationGainMillimeters", 0.001, "elevation_gain"],
  ["steps", "steps", 1, "steps"],
] as const;

/** Slower is standing still, which has no pace. */
const SLOWEST_S_KM = 10_000;

type Measures = { -readonly [K in keyof WorkoutRecord]?: WorkoutRecord[K] };

/** What was measured. 0 stands for "not measured" and is left out; what no person can do becomes a problem. */
function measuresOf(item: unknown, path: string, { mapping }: MapJob): Measures {
  const measures: Measures = {};
  if (item === undefined || item === null) return measures;
  const summary = mapping.item(schema.metricsSummary, item, path);
  if (!summary) return measures;
  for (const [ours, theirs, factor, metric] of FIELDS) {
    const value = (summary[theirs] ?? 0) * factor;
    if (value === 0) continue;
    if (value >= METRICS[metric].min && value <= METRICS[metric].max) measures[ours] = value;
    else mapping.problem(`${path}/${theirs}`, "outside what it can be");
  }
  const paceSKm = (summary.averagePaceSecondsPerMeter ?? 0) * 1000;
  if (paceSKm > 0 && paceSKm <= SLOWEST_S_KM) measures.averagePaceSKm = paceSKm;
  return measures;
}

/** The laps that were recorded; where there are none, the kilometres or miles that Google makes of every longer exercise. */
function lapsOf(exercise: schema.Exercise, within: { readonly startMs: number; readonly endMs: number }, path: string, job: MapJob): WorkoutLap[] {
  const name = (exercise.splitSummaries ?? []).length > 0 ? "splitSummaries" : "splits";
  return (exercise[name] ?? []).flatMap((item, index) => lapOf(item, within, `${path}/${name}/${index}`, job) ?? []);
}

function lapOf(item: unknown, within: { readonly startMs: number; readonly endMs: number }, path: string, job: MapJob): WorkoutLap | null {
  const split = job.mapping.item(schema.split, item, path);
  const startMs = split && instantOf(split.startTime, `${path}/startTime`, job);
  if (!split || startMs === null) return null;
  if (startMs < within.startMs - DAY_MS || startMs > within.endMs + DAY_MS) {
    job.mapping.problem(path, "not within the exercise");
    return null;
  }
  const endMs = split.endTime ? instantOf(split.endTime, `${path}/endTime`, job) : null;
  const { distanceM, averageHeartRate } = measuresOf(split.metricsSummary, `${path}/metricsSummary`, job);
  return {
    startMs,
    ...(endMs !== null && endMs > startMs ? { endMs } : {}),
    ...(distanceM === undefined ? {} : { distanceM }),
    ...(averageHeartRate === undefined ? {} : { averageHeartRate }),
  };
}
