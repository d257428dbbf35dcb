/** An iPhone with Apple Health and a bridge. Written from the Apple Health facts: percents are fractions of one, types are HealthKit's identifiers. */

import { phoneCloud } from "../phone/phone.ts";

const QUANTITY = "HKQuantityTypeIdentifier";
const SPORTS: Readonly<Record<string, string>> = { run: "Running", trail_run: "Running", ride: "Cycling", indoor_ride: "Cycling", walk: "Walking", hike: "Hiking", swim: "Swimming", strength: "TraditionalStrengthTraining", yoga: "Yoga" };

export const appleHealth = phoneCloud("apple-health", "Apple Health", {
  provider: "apple",
  types: {
    steps: [`${QUANTITY}StepCount`, "count"], heart: [`${QUANTITY}HeartRate`, "count/min"], resting: [`${QUANTITY}RestingHeartRate`, "count/min"], spo2: [`${QUANTITY}OxygenSaturation`, "%"],
    weight: [`${QUANTITY}BodyMass`, "kg"], fat: [`${QUANTITY}BodyFatPercentage`, "%"], systolic: [`${QUANTITY}BloodPressureSystolic`, "mmHg"], diastolic: [`${QUANTITY}BloodPressureDiastolic`, "mmHg"],
    glucose: [`${QUANTITY}BloodGlucose`, "mg/dL"], active: [`${QUANTITY}ActiveEnergyBurned`, "kcal"],
  },
  glucose: (mgDl) => mgDl,
  percent: (value) => Math.round(value * 10) / 1000,
  workout: (sport) => `HKWorkoutActivityType${SPORTS[sport] ?? "Other"}`,
  duration: (value) => ({ value, unit: "s" }),
  source: { bundleIdentifier: "com.dexcom.G7", name: "Dexcom G7", deviceName: "Apple Watch", deviceManufacturer: "Apple Inc.", productType: "Watch7,1" },
  glucoseMetadata: {},
});
