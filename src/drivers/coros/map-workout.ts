/** COROS's workouts → workouts. Pure. Source: vendors/coros.md, Workout and Mapping. */
import type { WorkoutLap, WorkoutRecord } from "#driver/records.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { instantOf, offsetMinutesOf, type MapJob } from "./map-place.ts";
import { sportOf } from "./map-sport.ts";
import * as schema from "./schema.ts";

/** Expeditions are recorded as one workout; more is a stuck clock. */
const LONGEST_MS = 62 * 86_400_000;

export function mapWorkout(item: unknown, path: string, job: MapJob): void {
  const { mapping } = job;
  const workout = mapping.item(schema.workout, item, path);
  if (!workout) return;
  const startMs = instantOf(workout.startTime, null, job);
  if (startMs === null) {
    mapping.problem(`${path}/startTime`, "no possible time of a workout");
    return;
  }
  const endMs = endOf(workout, startMs, job);
  if (endMs === null) {
    mapping.problem(`${path}/endTime`, "no possible end of a workout");
    return;
  }
  const laps = lapsOf(workout.triathlonItemList ?? [], startMs, endMs, { path: `${path}/triathlonItemList`, job });
  mapping.add({
    record: "workout",
    vendorId: workout.labelId,
    startMs,
    endMs,
    offsetMinutes: offsetMinutesOf(workout.startTimezone),
    sport: sportOf(workout.mode, workout.subMode),
    ...(typeof workout.mode === "number" && typeof workout.subMode === "number" ? { vendorSport: `${workout.mode}/${workout.subMode}` } : {}),
    ...measuresOf(workout, path, job),
    ...(laps.length > 0 ? { laps } : {}),
    ...(workout.deviceName ? { device: { id: workout.deviceName, name: workout.deviceName } } : {}),
  });
}

/** The duration leaves pauses out, so that the end counts first. */
function endOf({ endTime, duration }: schema.Workout, startMs: number, job: MapJob): number | null {
  const told = endTime ? instantOf(endTime, null, job) : null;
  const computed = duration && duration > 0 ? startMs + Math.round(duration * 1000) : null;
  return [told, computed].find((ms) => ms !== null && ms > startMs && ms - startMs <= LONGEST_MS) ?? null;
}

/** Small calories. */
const CALORIES_PER_KCAL = 1_000;

/** Our fields, theirs, how to make ours of it, and the metric whose bounds hold. */
const FIELDS: readonly {
  readonly ours: "activeS" | "distanceM" | "energyKcal" | "averageCadence" | "steps";
  readonly theirs: "duration" | "distance" | "calorie" | "avgFrequency" | "step";
  readonly per: number;
  readonly metric: MetricName;
}[] = [
  { ours: "activeS", theirs: "duration", per: 1, metric: "active_duration" },
  { ours: "distanceM", theirs: "distance", per: 1, metric: "distance" },
  { ours: "energyKcal", theirs: "calorie", per: CALORIES_PER_KCAL, metric: "calories_active" },
  { ours: "averageCadence", theirs: "avgFrequency", per: 1, metric: "cadence" },
  { ours: "steps", theirs: "step", per: 1, metric: "steps" },
];

/** Slower than this many seconds a kilometre is standing still. */
const SLOWEST_S_KM = 10_000;

type Measures = { -readonly [K in keyof WorkoutRecord]?: WorkoutRecord[K] };

/** What was measured. 0 stands for "not measured" and is left out; what no person can do becomes a problem. */
function measuresOf(workout: schema.Workout, path: string, { mapping }: MapJob): Measures {
  const measures: Measures = {};
  for (const { ours, theirs, per, metric } of FIELDS) {
    const sent = workout[theirs];
    if (sent === null || sent === undefined || sent === 0) continue;
    const value = sent / per;
    if (value >= METRICS[metric].min && value <= METRICS[metric].max) measures[ours] = value;
    else mapping.problem(`${path}/${theirs}`, "outside what it can be");
  }
  // Named a speed, but in seconds a kilometre.
  const paceSKm = workout.avgSpeed;
  if (paceSKm === null || paceSKm === undefined || paceSKm === 0 || paceSKm > SLOWEST_S_KM) return measures;
  const speed = 1000 / paceSKm;
  if (speed > 0 && speed <= METRICS.speed.max) Object.assign(measures, { averagePaceSKm: paceSKm, averageSpeedMS: speed });
  else mapping.problem(`${path}/avgSpeed`, "outside what it can be");
  return measures;
}

/** The legs of a triathlon follow one another; only how long each took is told. The sums of the whole are the whole's own. */
function lapsOf(items: readonly unknown[], startMs: number, endMs: number, { path, job }: { path: string; job: MapJob }): WorkoutLap[] {
  const laps: WorkoutLap[] = [];
  let atMs = startMs;
  for (const [index, item] of items.entries()) {
    const leg = job.mapping.item(schema.leg, item, `${path}/${index}`);
    const legMs = Math.round((leg?.duration ?? 0) * 1000);
    if (!leg || legMs <= 0 || atMs + legMs > endMs) continue;
    const isPossible = leg.distance !== null && leg.distance !== undefined && leg.distance > 0 && leg.distance <= METRICS.distance.max;
    laps.push({ startMs: atMs, endMs: atMs + legMs, ...(isPossible ? { distanceM: leg.distance! } : {}) });
    atMs += legMs;
  }
  return laps;
}
