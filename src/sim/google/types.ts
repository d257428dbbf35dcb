/** The data types of Google Health. vendors/google-health.md, value fields, webhook data types. */

import * as body from "./body.ts";
import * as logs from "./logs.ts";
import * as movement from "./movement.ts";
import * as sleeps from "./sleeps.ts";
import type { HealthType, Maker, ScopeFamily } from "./world.ts";

const UNTOLD = [
  "electrocardiogram", "irregular-rhythm-notification", "vo2-max", "oxygen-saturation", "core-body-temperature", "daily-vo2-max", "active-energy-burned",
  "basal-energy-burned", "swim-lengths-data", "moods", "symptoms", "menstrual-period", "ovulation-test",
];
const NAMED = ["sleep", "exercise", "weight", "body-fat", "height", "blood-glucose", "core-body-temperature", "hydration-log", "nutrition-log", "electrocardiogram", "irregular-rhythm-notification"];
const UNRECONCILED = ["electrocardiogram", "irregular-rhythm-notification", "moods", "symptoms", "menstrual-period", "ovulation-test"];
const ROLLED_UP_ONLY = ["total-calories", "calories-in-heart-rate-zone"];

const type = (name: string, shape: HealthType["shape"], scope: ScopeFamily, make: Maker): HealthType => ({
  name, shape, scope, make,
  hasNames: NAMED.includes(name),
  isRolledUpOnly: ROLLED_UP_ONLY.includes(name),
  isReconciled: !UNRECONCILED.includes(name),
  isTold: !UNTOLD.includes(name),
});

const MOVEMENT = "activity_and_fitness";
const METRICS = "health_metrics_and_measurements";

/** Which scope lets a type out is not in the facts: the family it is described with. */
export const HEALTH_TYPES: readonly HealthType[] = [
  type("steps", "interval", MOVEMENT, movement.steps),
  type("distance", "interval", MOVEMENT, movement.distance),
  type("floors", "interval", MOVEMENT, movement.floors),
  type("altitude", "interval", MOVEMENT, movement.altitude),
  type("active-energy-burned", "interval", MOVEMENT, movement.activeEnergyBurned),
  type("basal-energy-burned", "interval", MOVEMENT, movement.basalEnergyBurned),
  type("total-calories", "interval", MOVEMENT, movement.totalCalories),
  type("calories-in-heart-rate-zone", "interval", MOVEMENT, movement.caloriesInHeartRateZone),
  type("active-zone-minutes", "interval", MOVEMENT, movement.activeZoneMinutes),
  type("active-minutes", "interval", MOVEMENT, movement.activeMinutes),
  type("activity-level", "interval", MOVEMENT, movement.activityLevel),
  type("sedentary-period", "interval", MOVEMENT, movement.sedentaryPeriod),
  type("time-in-heart-rate-zone", "interval", MOVEMENT, movement.timeInHeartRateZone),
  type("swim-lengths-data", "interval", MOVEMENT, movement.swimLengthsData),
  type("exercise", "session", MOVEMENT, logs.exercise),
  type("vo2-max", "sample", MOVEMENT, body.vo2Max),
  type("run-vo2-max", "sample", MOVEMENT, body.runVo2Max),
  type("daily-vo2-max", "daily", MOVEMENT, body.dailyVo2Max),
  type("heart-rate", "sample", METRICS, body.heartRate),
  type("heart-rate-variability", "sample", METRICS, body.heartRateVariability),
  type("oxygen-saturation", "sample", METRICS, body.oxygenSaturation),
  type("respiratory-rate-sleep-summary", "sample", METRICS, sleeps.respiratoryRateSleepSummary),
  type("core-body-temperature", "sample", METRICS, body.coreBodyTemperature),
  type("weight", "sample", METRICS, body.weight),
  type("body-fat", "sample", METRICS, body.bodyFat),
  type("height", "sample", METRICS, body.height),
  type("blood-glucose", "sample", METRICS, body.bloodGlucose),
  type("daily-resting-heart-rate", "daily", METRICS, body.dailyRestingHeartRate),
  type("daily-heart-rate-variability", "daily", METRICS, body.dailyHeartRateVariability),
  type("daily-heart-rate-zones", "daily", METRICS, body.dailyHeartRateZones),
  type("daily-oxygen-saturation", "daily", METRICS, body.dailyOxygenSaturation),
  type("daily-respiratory-rate", "daily", METRICS, body.dailyRespiratoryRate),
  type("daily-sleep-temperature-derivations", "daily", METRICS, body.dailySleepTemperatureDerivations),
  type("sleep", "session", "sleep", sleeps.sleep),
  type("hydration-log", "session", "nutrition", logs.hydrationLog),
  type("nutrition-log", "session", "nutrition", logs.nutritionLog),
  type("electrocardiogram", "session", "ecg", logs.electrocardiogram),
  type("irregular-rhythm-notification", "session", "irn", logs.irregularRhythmNotification),
  type("moods", "sample", "mindfulness", logs.nothing),
  type("symptoms", "sample", "logged_symptoms", logs.nothing),
  type("menstrual-period", "interval", "reproductive_health", logs.nothing),
  type("ovulation-test", "sample", "reproductive_health", logs.nothing),
];

const byName = new Map(HEALTH_TYPES.map((one) => [one.name, one]));

/** The type with the name in kebab-case; null for none. */
export function healthType(name: string): HealthType | null {
  return byName.get(name) ?? null;
}

/** `daily-vo2-max` → `dailyVo2Max`: the key of the value. */
export function keyOf({ name }: HealthType): string {
  return name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `daily-vo2-max` → `daily_vo2_max`: the prefix in filters. */
export function filterPrefix({ name }: HealthType): string {
  return name.replaceAll("-", "_");
}
