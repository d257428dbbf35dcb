/** Workouts of a phone's bridge. Source: Health Connect and Samsung Health facts, exercise types and workout values; durations by their unit. */
import type { MetricName } from "#units/metrics.ts";
import type { Mapping } from "../payload.ts";
import type { Sport, WorkoutRecord } from "../records.ts";
import type { MapContext } from "../types.ts";
import { deviceOf, instantOf, stretchOf } from "./place.ts";
import type { Workout } from "./schema.ts";

/** Names contain one of these; the first that fits counts. */
const SPORTS: readonly (readonly [RegExp, Sport])[] = [
  [/^RUN/, "running"], [/SNOWBOARD/, "snowboarding"], [/^(CYCL|BIK)|MOUNTAIN_BIK/, "cycling"], [/HIK|SNOWSHOE/, "hiking"], [/WALK/, "walking"], [/SWIM/, "swimming"], [/ROWING/, "rowing"],
  [/STRENGTH|WEIGHT|CALISTHENICS/, "strength"], [/HIIT|HIGH_INTENSITY|BOOT_CAMP|CIRCUIT/, "hiit"], [/YOGA|STRETCH/, "yoga"], [/PILATES/, "pilates"], [/ELLIPTICAL/, "elliptical"], [/STAIR/, "stair_climbing"],
  [/CLIMB/, "climbing"], [/SKIING/, "skiing"], [/SKAT/, "skating"], [/PADDL|SAIL|SCUBA|SURF|WATER_POLO|KAYAK|CANOE/, "water_sport"], [/TENNIS|BADMINTON|SQUASH|RACQUET/, "racket_sport"],
  [/BASEBALL|BASKETBALL|CRICKET|FOOTBALL|SOCCER|SOFTBALL|HANDBALL|HOCKEY|RUGBY|VOLLEYBALL|FRISBEE/, "team_sport"], [/GOLF/, "golf"], [/DANC/, "dance"], [/MARTIAL|BOXING|FENCING/, "martial_arts"],
  [/BREATHING|MEDITATION/, "meditation"], [/WHEELCHAIR/, "wheelchair"],
];

export function sportOf(type: string | null | undefined): Sport {
  const name = (type ?? "").toUpperCase().replace(/^EXERCISE_TYPE_/, "");
  return SPORTS.find(([pattern]) => pattern.test(name))?.[1] ?? "other";
}

const SECONDS: Readonly<Record<string, number>> = { "": 1, s: 1, ms: 0.001, min: 60 };
type Figure = "distanceM" | "energyKcal" | "averageHeartRate" | "maxHeartRate" | "averageSpeedMS" | "maxSpeedMS" | "averageCadence" | "elevationGainM" | "steps";
const FIGURES: Readonly<Record<string, readonly [Figure, Readonly<Record<string, number>>]>> = {
  distance: ["distanceM", { "": 1, m: 1, km: 1_000 }], calories: ["energyKcal", { "": 1, kcal: 1, kj: 1 / 4.184 }], totalCalories: ["energyKcal", { "": 1, kcal: 1, kj: 1 / 4.184 }],
  meanHeartRate: ["averageHeartRate", { "": 1, bpm: 1 }], maxHeartRate: ["maxHeartRate", { "": 1, bpm: 1 }], meanSpeed: ["averageSpeedMS", { "": 1, "m/s": 1 }], maxSpeed: ["maxSpeedMS", { "": 1, "m/s": 1 }],
  meanCadence: ["averageCadence", { "": 1, rpm: 1, "/min": 1, "steps/min": 1 }], altitudeGain: ["elevationGainM", { "": 1, m: 1 }], steps: ["steps", { "": 1, count: 1 }],
};
const SAMPLED: Readonly<Record<string, MetricName>> = { heartRate: "heart_rate", cadence: "cadence", speed: "speed", power: "power" };

export function mapWorkout(mapping: Mapping, item: Workout, { path, context }: { path: string; context: MapContext }): void {
  const stretch = stretchOf(item, context);
  if (!stretch || stretch.endMs <= stretch.startMs) return mapping.problem(`${path}/startDate`, "no time, or no end after it");
  const figures: Partial<Record<Figure | "activeS", number>> = {};
  for (const { type, value, unit } of item.values ?? []) {
    if (value === null || !(value > 0)) continue;
    const plain = (unit ?? "").toLowerCase();
    if (type === "duration" || type === "totalDuration") {
      const seconds = Object.hasOwn(SECONDS, plain) ? value * SECONDS[plain]! : null;
      // A duration longer than the outing is in another unit than it says.
      if (seconds !== null && seconds <= (stretch.endMs - stretch.startMs) / 1000 + 60) figures.activeS = seconds;
      else mapping.problem(`${path}/values`, "a duration that does not fit the workout");
    } else if (Object.hasOwn(FIGURES, type)) {
      const [name, units] = FIGURES[type]!;
      if (Object.hasOwn(units, plain) && value < 1e7) figures[name] ??= value * units[plain]!;
    }
  }
  const device = deviceOf(item);
  const title = item.title?.slice(0, 200);
  mapping.add({
    record: "workout", vendorId: item.id || null, startMs: stretch.startMs, endMs: stretch.endMs, offsetMinutes: stretch.offsetMinutes, sport: sportOf(item.type),
    ...(item.type ? { vendorSport: item.type } : {}), ...(title ? { title } : {}), ...(figures as Partial<WorkoutRecord>), ...(device ? { device } : {}),
    ...(item.source?.recordingMethod === "manual" ? { isManual: true } : {}),
  });
  (item.samples ?? []).forEach(({ timestamp, type, value }, index) => {
    const metric = Object.hasOwn(SAMPLED, type) ? SAMPLED[type] : undefined;
    if (metric === undefined || value === null) return;
    const startMs = instantOf(timestamp, context);
    if (startMs === null) return mapping.problem(`${path}/samples/${index}/timestamp`, "no time, or one that cannot be");
    mapping.sample(metric, value, { startMs, offsetMinutes: stretch.offsetMinutes, ...(device ? { device } : {}) }, `${path}/samples/${index}/value`);
  });
}
