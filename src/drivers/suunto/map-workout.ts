/** Suunto's workouts → workouts. Pure. Source: vendors/suunto.md, Workout object. */
import type { Device, WorkoutRecord } from "#driver/records.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";
import { beatsPerMinute, isOffset, isPossible, type MapJob } from "./map-place.ts";
import { isOnFoot, sportOf } from "./map-sport.ts";
import * as schema from "./schema.ts";

/** Expeditions are recorded as one workout; more is a stuck clock. */
const LONGEST_MS = 62 * DAY_MS;

/** `outerGear` stands beside the workout in notifications and inside it in lists. */
export function mapWorkout(item: unknown, path: string, outerGear: unknown, job: MapJob): void {
  const { mapping } = job;
  const told = mapping.item(schema.workout, item, path);
  if (!told) return;
  const workout = withExtensions(told);
  const startMs = Math.round(workout.startTime);
  if (!isPossible(startMs, job)) {
    mapping.problem(`${path}/startTime`, "no possible time of a workout");
    return;
  }
  const endMs = endOf(workout, startMs, job);
  if (endMs === null) {
    mapping.problem(`${path}/totalTime`, "no possible duration");
    return;
  }
  const sport = sportOf(workout.activityId);
  const title = workout.workoutName || workout.name;
  const device = deviceOf(workout["gear"] ?? outerGear ?? workout["extensionGear"]);
  mapping.add({
    record: "workout",
    vendorId: workout.workoutKey ?? workout.key ?? workout.workoutId ?? null,
    startMs,
    endMs,
    offsetMinutes: isOffset(workout.timeOffsetInMinutes) ? workout.timeOffsetInMinutes : null,
    sport,
    ...(typeof workout.activityId === "number" ? { vendorSport: String(workout.activityId) } : {}),
    ...(title ? { title } : {}),
    ...measuresOf(workout, path, job),
    ...(typeof workout.isManuallyAdded === "boolean" ? { isManual: workout.isManuallyAdded } : {}),
    ...(device ? { device } : {}),
  });
}

/** A single workout lacks its end at times; the list has it. Pauses lie between the two. */
function endOf({ stopTime, totalTime }: schema.Workout, startMs: number, job: MapJob): number | null {
  for (const endMs of [stopTime, totalTime ? startMs + totalTime * 1000 : null]) {
    if (endMs && endMs > startMs && endMs - startMs <= LONGEST_MS && isPossible(endMs, job)) return Math.round(endMs);
  }
  return null;
}

/** Our fields that are one of theirs, and the metric whose bounds hold for it. Energy of workouts is in kilocalories already. */
const FIELDS = [
  ["activeS", "totalTime", "active_duration"],
  ["distanceM", "totalDistance", "distance"],
  ["energyKcal", "energyConsumption", "calories_active"],
  ["averageSpeedMS", "avgSpeed", "speed"],
  ["maxSpeedMS", "maxSpeed", "speed"],
  ["averagePowerW", "avgPower", "power"],
  ["maxPowerW", "maxPower", "power"],
  ["elevationGainM", "totalAscent", "distance"],
  ["steps", "stepCount", "steps"],
] as const;

/** Slower is standing still, which has no pace. */
const SLOWEST_MS = 0.1;
/** Steps of both feet are more than these a minute, turns of one leg fewer. */
const MOST_OF_ONE_LEG = 120;
const HIGHEST_HERTZ = 10;

type Measures = { -readonly [K in keyof WorkoutRecord]?: WorkoutRecord[K] };

/** What was measured. 0 stands for "not measured" and is left out; what no person can do becomes a problem. */
function measuresOf(workout: schema.Workout, path: string, { mapping }: MapJob): Measures {
  const measures: Measures = {};
  const known = (metric: MetricName, field: string, value: number | null | undefined): number | null => {
    if (value === null || value === undefined || value === 0) return null;
    if (value >= METRICS[metric].min && value <= METRICS[metric].max) return value;
    mapping.problem(`${path}/${field}`, "outside what it can be");
    return null;
  };
  for (const [ours, theirs, metric] of FIELDS) {
    const value = known(metric, theirs, workout[theirs]);
    if (value !== null) measures[ours] = value;
  }
  const { average, highest } = heartRatesOf(workout.hrdata);
  const averageHeartRate = known("heart_rate", "hrdata", average);
  const maxHeartRate = known("heart_rate", "hrdata", highest);
  if (averageHeartRate !== null) measures.averageHeartRate = averageHeartRate;
  if (maxHeartRate !== null) measures.maxHeartRate = maxHeartRate;
  const cadence = known("cadence", "cadence", cadenceOf(workout));
  if (cadence !== null) measures.averageCadence = cadence;
  if (measures.averageSpeedMS !== undefined && measures.averageSpeedMS >= SLOWEST_MS) measures.averagePaceSKm = 1000 / measures.averageSpeedMS;
  return measures;
}

/**
 * `max` is the highest rate of the person's settings and `hrmax` that of the session, but payloads exist with the two the other way round
 * (vendors/traps.md): without `workoutMaxHR` it is the one that is not the setting, else the lower one.
 */
function heartRatesOf(rates: schema.HeartRates | null | undefined): { average: number | null; highest: number | null } {
  const [hrmax, max, setting] = [beatsPerMinute(rates?.hrmax), beatsPerMinute(rates?.max), beatsPerMinute(rates?.userMaxHR)];
  const others = [hrmax, max].filter((rate) => rate !== null).filter((rate) => rate !== setting);
  // `max` alone, with nothing to tell it from the setting, is the setting.
  const isTold = hrmax !== null || setting !== null;
  const highest = isTold && others.length > 0 ? Math.min(...others) : hrmax;
  return { average: beatsPerMinute(rates?.workoutAvgHR) ?? beatsPerMinute(rates?.avg), highest: beatsPerMinute(rates?.workoutMaxHR) ?? highest };
}

/** Turns a minute, on foot those of one leg, in some payloads a second: made steps of both feet, or turns, a minute. */
function cadenceOf(workout: schema.Workout): number | null {
  const sent = workout.avgCadence ?? workout.cadence?.avg ?? null;
  if (sent === null || sent <= 0) return null;
  const perMinute = sent < HIGHEST_HERTZ ? sent * 60 : sent;
  return isOnFoot(sportOf(workout.activityId)) && perMinute <= MOST_OF_ONE_LEG ? perMinute * 2 : perMinute;
}

/** What the workout itself does not tell, from its extensions. They are many and their numbers secondary: those that cannot be read are passed over. */
function withExtensions(workout: schema.Workout): schema.Workout {
  const parts = (Array.isArray(workout.extensions) ? (workout.extensions as unknown[]) : []).flatMap((item) => {
    const parsed = schema.extension.safeParse(item);
    return parsed.success ? [parsed.data] : [];
  });
  const first = (field: "avgPower" | "maxPower" | "avgCadence"): number | null => parts.map((part) => part[field]).find((value) => value) ?? null;
  return {
    ...workout,
    avgPower: workout.avgPower ?? first("avgPower"),
    maxPower: workout.maxPower ?? first("maxPower"),
    avgCadence: workout.avgCadence ?? (workout.cadence?.avg || first("avgCadence")),
    extensionGear: parts.map(({ gear }) => gear).find(Boolean),
  };
}

function deviceOf(item: unknown): Device | null {
  const parsed = schema.gear.safeParse(item);
  if (!parsed.success) return null;
  const { name, displayName, serialNumber } = parsed.data;
  const shown = displayName || name;
  const id = serialNumber || shown;
  return id ? { id, ...(shown ? { name: shown } : {}) } : null;
}
