/** Workouts, whatever way they came. Pure. Source: Apple Health facts, export.xml structure and push shapes. */
import type { Device, WorkoutLap, WorkoutRecord } from "#driver/records.ts";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import type { MapJob } from "./map-place.ts";
import { sportOf } from "./map-sport.ts";

/** What a workout may tell, in our units. */
export type WorkoutNumbers = Pick<
  WorkoutRecord,
  | "activeS" | "distanceM" | "energyKcal" | "averageHeartRate" | "maxHeartRate" | "averageSpeedMS" | "maxSpeedMS" | "averagePowerW" | "maxPowerW"
  | "averageCadence" | "elevationGainM" | "steps"
>;
export type WorkoutNumber = keyof WorkoutNumbers;

export interface Workout {
  readonly type: unknown;
  readonly startMs: number;
  readonly endMs: number;
  readonly offsetMinutes: number | null;
  /** UUID; null where the way has none: then type, time and source stand for it. */
  readonly id: string | null;
  readonly title?: string;
  readonly numbers: Partial<Record<WorkoutNumber, number | null | undefined>>;
  readonly laps?: readonly WorkoutLap[];
  readonly isManual: boolean;
  readonly device: Device | undefined;
  readonly path: string;
}

const LONGEST_MS = 14 * DAY_MS;

/** What can be at all; 0 is possible only where it says something. */
const BOUNDS: Readonly<Record<WorkoutNumber, readonly [least: number, most: number]>> = {
  activeS: [0, LONGEST_MS / 1_000], distanceM: [0, 5_000_000], energyKcal: [0, 100_000], averageHeartRate: [15, 300], maxHeartRate: [15, 300],
  averageSpeedMS: [0, 150], maxSpeedMS: [0, 150], averagePowerW: [0, 5_000], maxPowerW: [0, 5_000], averageCadence: [0, 400],
  elevationGainM: [0, 30_000], steps: [0, 1_000_000],
};

/** Adds a workout; what of it cannot be is a problem and left out. Apple's duration is without pauses, and so less than end minus start. */
export function addWorkout(workout: Workout, { mapping }: MapJob): void {
  const { startMs, endMs, offsetMinutes, device, path, laps } = workout;
  if (endMs < startMs || endMs - startMs > LONGEST_MS) return mapping.problem(path, "no possible end of a workout");
  const numbers: Partial<Record<WorkoutNumber, number>> = {};
  for (const [name, [least, most]] of Object.entries(BOUNDS) as [WorkoutNumber, readonly [number, number]][]) {
    const value = workout.numbers[name];
    if (value === null || value === undefined) continue;
    const isTooLong = name === "activeS" && value * 1_000 > endMs - startMs + MINUTE_MS;
    if (value >= least && value <= most && !isTooLong) numbers[name] = value;
    else mapping.problem(path, `outside what ${name} can be`);
  }
  const { sport, vendorSport } = sportOf(workout.type);
  mapping.add({
    record: "workout", vendorId: workout.id ?? `Workout/${vendorSport ?? ""}/${startMs}/${endMs}/${device?.id ?? ""}`, startMs, endMs, offsetMinutes, sport,
    ...(vendorSport ? { vendorSport } : {}), ...(workout.title ? { title: workout.title } : {}), ...numbers,
    ...(laps && laps.length > 0 ? { laps: lapsWithin(laps, startMs, endMs) } : {}), ...(workout.isManual ? { isManual: true } : {}), ...(device ? { device } : {}),
  });
}

const MOST_LAPS = 1_000;

function lapsWithin(laps: readonly WorkoutLap[], startMs: number, endMs: number): WorkoutLap[] {
  const within = laps.filter((lap) => lap.startMs >= startMs - MINUTE_MS && (lap.endMs ?? lap.startMs) <= endMs + MINUTE_MS);
  return within.toSorted((a, b) => a.startMs - b.startMs).slice(0, MOST_LAPS);
}

/** How a total, mean and maximum of a type stand in a workout. */
export const STATISTICS: Readonly<Record<string, Partial<Record<"sum" | "average" | "maximum", WorkoutNumber>>>> = {
  ActiveEnergyBurned: { sum: "energyKcal" },
  HeartRate: { average: "averageHeartRate", maximum: "maxHeartRate" },
  StepCount: { sum: "steps" },
  ...Object.fromEntries(["RunningPower", "CyclingPower"].map((type) => [type, { average: "averagePowerW", maximum: "maxPowerW" } as const])),
  ...Object.fromEntries(
    ["RunningSpeed", "CyclingSpeed", "WalkingSpeed", "RowingSpeed", "PaddleSportsSpeed", "CrossCountrySkiingSpeed"].map(
      (type) => [type, { average: "averageSpeedMS", maximum: "maxSpeedMS" } as const],
    ),
  ),
  CyclingCadence: { average: "averageCadence" },
};
