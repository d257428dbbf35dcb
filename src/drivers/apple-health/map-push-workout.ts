/** A workout of Islet's own push shape, which is that of the Open Wearables SDK. Pure. Source: Apple Health facts, SDK push. */
import type { WorkoutLap } from "#driver/records.ts";
import { instantOf, type MapJob } from "./map-place.ts";
import { placeOf } from "./map-push-place.ts";
import { addWorkout, type WorkoutNumber } from "./map-workout.ts";
import * as schema from "./schema.ts";
import { inOurUnit, type Dimension } from "./units.ts";

const LONGEST_TITLE = 200;

/** The value types that we keep, the better one of each number first. */
const VALUES: readonly (readonly [type: string, number: WorkoutNumber, dimension: Dimension, unit: string])[] = [
  ["duration", "activeS", "duration", "s"],
  ["distance", "distanceM", "length", "m"],
  ["activeEnergyBurned", "energyKcal", "energy", "kcal"],
  ["calories", "energyKcal", "energy", "kcal"],
  ["averageHeartRate", "averageHeartRate", "rate", "bpm"],
  ["meanHeartRate", "averageHeartRate", "rate", "bpm"],
  ["maxHeartRate", "maxHeartRate", "rate", "bpm"],
  ["averageSpeed", "averageSpeedMS", "speed", "m/s"],
  ["meanSpeed", "averageSpeedMS", "speed", "m/s"],
  ["averageRunningSpeed", "averageSpeedMS", "speed", "m/s"],
  ["maxSpeed", "maxSpeedMS", "speed", "m/s"],
  ["averageRunningPower", "averagePowerW", "power", "W"],
  ["meanCadence", "averageCadence", "rate", "rpm"],
  ["elevationAscended", "elevationGainM", "length", "m"],
  ["altitudeGain", "elevationGainM", "length", "m"],
  ["stepCount", "steps", "count", "count"],
];

export function addPushedWorkout(item: unknown, path: string, job: MapJob): void {
  const { mapping } = job;
  const workout = mapping.item(schema.workout, item, path);
  const place = workout && placeOf(workout, path, job);
  if (!workout || !place) return;
  const title = workout.title?.slice(0, LONGEST_TITLE).toWellFormed();
  addWorkout({
    ...place, type: workout.type, id: workout.id ?? null, path, ...(title ? { title } : {}), numbers: numbersOf(workout.values ?? [], `${path}/values`, job),
    laps: lapsOf(workout.laps ?? [], job), isManual: /^(?:1|true)$/.test(String(workout.metadata?.["HKWasUserEntered"])),
  }, job);
}

function numbersOf(values: readonly unknown[], path: string, { mapping }: MapJob): Partial<Record<WorkoutNumber, number>> {
  const numbers: Partial<Record<WorkoutNumber, number>> = {};
  const known = values.flatMap((item, index) => {
    const value = mapping.item(schema.workoutValue, item, `${path}/${index}`);
    return value ? [{ ...value, path: `${path}/${index}` }] : [];
  });
  for (const [type, number, dimension, usual] of VALUES) {
    const found = known.find((each) => each.type === type);
    if (found?.value === null || found?.value === undefined || numbers[number] !== undefined) continue;
    const value = inOurUnit(found.value, found.unit ?? usual, dimension);
    if (value === null) mapping.problem(`${found.path}/unit`, "an unknown unit");
    else numbers[number] = value;
  }
  return numbers;
}

function lapsOf(laps: readonly unknown[], { context }: MapJob): WorkoutLap[] {
  return laps.flatMap((item) => {
    const lap = schema.lap.safeParse(item);
    const [start, end] = lap.success ? [instantOf(lap.data.startDate, context), instantOf(lap.data.endDate, context)] : [];
    return start && end && end.ms > start.ms ? [{ startMs: start.ms, endMs: end.ms }] : [];
  });
}
