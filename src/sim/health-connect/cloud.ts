/** A phone with Health Connect. Written from the Health Connect facts; the library turns mg/dL into mmol/L by 18. */

import { phoneCloud } from "../phone/phone.ts";

const SPORTS: Readonly<Record<string, string>> = { run: "RUNNING", trail_run: "RUNNING", ride: "BIKING", indoor_ride: "BIKING_STATIONARY", walk: "WALKING", hike: "HIKING", swim: "SWIMMING_POOL", strength: "STRENGTH_TRAINING", yoga: "YOGA" };

export const healthConnect = phoneCloud("health-connect", "Health Connect", {
  provider: "google",
  types: {
    steps: ["STEP_COUNT", "count"], heart: ["HEART_RATE", "bpm"], resting: ["RESTING_HEART_RATE", "bpm"], spo2: ["OXYGEN_SATURATION", "%"], weight: ["WEIGHT", "kg"], fat: ["BODY_FAT", "%"],
    systolic: ["BLOOD_PRESSURE_SYSTOLIC", "mmHg"], diastolic: ["BLOOD_PRESSURE_DIASTOLIC", "mmHg"], glucose: ["BLOOD_GLUCOSE", "mmol/L"], active: ["ACTIVE_CALORIES_BURNED", "kcal"],
  },
  glucose: (mgDl) => mgDl / 18,
  percent: (value) => value,
  workout: (sport) => SPORTS[sport] ?? "OTHER",
  duration: (value) => ({ value, unit: "s" }),
  source: { appId: "com.google.android.apps.fitness", deviceManufacturer: "Google", deviceModel: "Pixel Watch", deviceType: "watch", recordingMethod: "automatic" },
  glucoseMetadata: { metadata: { specimenSource: "interstitial_fluid" } },
});
