/**
 * What Health's types become, as data. Identifiers stand without their prefix `HKQuantityTypeIdentifier`; what is not here has no metric yet
 * (README.md lists it). Source: Apple Health facts, quantity identifiers and mapping.
 */
import type { MetricName } from "#units/metrics.ts";
import type { Dimension } from "./units.ts";

export interface Quantity {
  readonly metric: MetricName;
  readonly dimension: Dimension;
}

const quantity = (metric: MetricName, dimension: Dimension): Quantity => ({ metric, dimension });
const each = (types: string, metric: MetricName, dimension: Dimension): Record<string, Quantity> =>
  Object.fromEntries(types.split(" ").map((type) => [type, quantity(metric, dimension)]));

/** One number each. Blood glucose, insulin and carbohydrates have rules of their own. */
export const QUANTITIES: Readonly<Record<string, Quantity>> = {
  StepCount: quantity("steps", "count"),
  ...each(
    "DistanceWalkingRunning DistanceCycling DistanceSwimming DistanceWheelchair DistanceDownhillSnowSports DistanceCrossCountrySkiing " +
      "DistancePaddleSports DistanceRowing DistanceSkatingSports",
    "distance", "length",
  ),
  ActiveEnergyBurned: quantity("calories_active", "energy"),
  BasalEnergyBurned: quantity("calories_basal", "energy"),
  AppleExerciseTime: quantity("active_duration", "duration"),
  FlightsClimbed: quantity("floors", "count"),
  PushCount: quantity("wheelchair_pushes", "count"),
  HeartRate: quantity("heart_rate", "rate"),
  RestingHeartRate: quantity("resting_heart_rate", "rate"),
  HeartRateVariabilitySDNN: quantity("hrv_sdnn", "milliseconds"),
  RespiratoryRate: quantity("respiration_rate", "rate"),
  OxygenSaturation: quantity("spo2", "share"),
  BodyFatPercentage: quantity("body_fat", "share"),
  BodyMass: quantity("weight", "mass"),
  LeanBodyMass: quantity("lean_mass", "mass"),
  Height: quantity("height", "length"),
  BodyMassIndex: quantity("bmi", "body mass index"),
  ...each("BodyTemperature BasalBodyTemperature", "body_temperature", "temperature"),
  AppleSleepingWristTemperature: quantity("skin_temperature", "temperature"),
  BloodPressureSystolic: quantity("blood_pressure_systolic", "pressure"),
  BloodPressureDiastolic: quantity("blood_pressure_diastolic", "pressure"),
  VO2Max: quantity("vo2max", "oxygen uptake"),
  ...each("RunningPower CyclingPower", "power", "power"),
  ...each("RunningSpeed CyclingSpeed WalkingSpeed RowingSpeed PaddleSportsSpeed CrossCountrySkiingSpeed", "speed", "speed"),
  CyclingCadence: quantity("cadence", "rate"),
  PhysicalEffort: quantity("met", "effort"),
  DietaryWater: quantity("hydration", "volume"),
};

/** Types that become treatments, by withdrawal and by replacement. Blood glucose only where a meal stands with it. */
export const TREATMENT_TYPES: readonly string[] = [
  "BloodGlucose", "InsulinDelivery", "DietaryCarbohydrates", "HighHeartRateEvent", "LowHeartRateEvent", "IrregularHeartRhythmEvent",
];

/** What the watch itself warned of. Source: Apple Health facts, category identifiers. */
export const ALERTS: Readonly<Record<string, string>> = {
  HighHeartRateEvent: "high heart rate",
  LowHeartRateEvent: "low heart rate",
  IrregularHeartRhythmEvent: "irregular heart rhythm",
};

/** Levels of `menstrual_flow`: 0 none, 1 light, 2 medium, 3 heavy; "unspecified" is none of them. */
export const FLOWS: Readonly<Record<string, number | null>> = {
  "1": null, "2": 1, "3": 2, "4": 3, "5": 0, unspecified: null, light: 1, medium: 2, heavy: 3, none: 0,
};

/** Metrics fed by each type, for replacement. */
export const METRICS_OF: ReadonlyMap<string, readonly MetricName[]> = new Map<string, readonly MetricName[]>([
  ...Object.entries(QUANTITIES).map(([type, { metric }]) => [type, [metric]] as const),
  ["BloodGlucose", ["glucose", "glucose_meter"]],
  ["MenstrualFlow", ["menstrual_flow"]],
]);

/**
 * Names, in a source or its device, of what reads glucose continuously; Health itself does not tell a sensor's reading from a meter's.
 * Loops and followers stand here because what they write comes from a sensor.
 */
export const SENSOR_NAMES = new RegExp(
  [
    "dexcom", "stelo", "libre", "lingo", "eversense", "guardian", "simplera", "minimed", "carelink", "medtronic", "smartguide", "aidex", "linx",
    "sibionics", "caresens ?air", "glucomen ?day", "glunovo", "ottai", "syai", "sugarmate", "gluroo", "nightscout", "nightguard", "xdrip", "shuggah",
    "glucose ?direct", "glucosedirect", "diabox", "spike", "camaps", "\\bloop\\b", "\\btrio\\b", "\\biaps\\b", "freeaps", "signos", "nutrisense",
    "\\blevels\\b", "ultrahuman",
  ].join("|"),
  "i",
);

/** Metric names of Health Auto Export whose points carry one number. Source: Apple Health facts, Health Auto Export REST JSON. */
export const AUTO_EXPORT_NAMES: Readonly<Record<string, string>> = {
  active_energy: "ActiveEnergyBurned", basal_energy_burned: "BasalEnergyBurned", apple_exercise_time: "AppleExerciseTime",
  cycling_distance: "DistanceCycling", swimming_distance: "DistanceSwimming", walking_running_distance: "DistanceWalkingRunning",
  wheelchair_distance: "DistanceWheelchair", flights_climbed: "FlightsClimbed", vo2max: "VO2Max", vo2_max: "VO2Max", physical_effort: "PhysicalEffort",
  step_count: "StepCount", cycling_cadence: "CyclingCadence", cycling_power: "CyclingPower", cycling_speed: "CyclingSpeed", running_power: "RunningPower",
  running_speed: "RunningSpeed", walking_speed: "WalkingSpeed", height: "Height", weight_body_mass: "BodyMass", body_fat_percentage: "BodyFatPercentage",
  body_mass_index: "BodyMassIndex", lean_body_mass: "LeanBodyMass", heart_rate: "HeartRate", resting_heart_rate: "RestingHeartRate",
  heart_rate_variability: "HeartRateVariabilitySDNN", respiratory_rate: "RespiratoryRate", blood_oxygen_saturation: "OxygenSaturation",
  body_temperature: "BodyTemperature", basal_body_temperature: "BasalBodyTemperature", apple_sleeping_wrist_temperature: "AppleSleepingWristTemperature",
  insulin_delivery: "InsulinDelivery", blood_glucose: "BloodGlucose", dietary_water: "DietaryWater", carbohydrates: "DietaryCarbohydrates",
};
