/** A phone with Samsung Health. Written from the Samsung Health facts: no resting heart rate, durations in milliseconds, meters only. */

import { phoneCloud } from "../phone/phone.ts";

const SPORTS: Readonly<Record<string, string>> = { run: "RUNNING", trail_run: "RUNNING", ride: "CYCLING", indoor_ride: "CYCLING_STATIONARY", walk: "WALKING", hike: "HIKING", swim: "SWIMMING_POOL", strength: "STRENGTH_TRAINING", yoga: "YOGA" };

export const samsungHealth = phoneCloud("samsung-health", "Samsung Health", {
  provider: "samsung",
  types: {
    steps: ["STEP_COUNT", "count"], heart: ["HEART_RATE", "bpm"], spo2: ["OXYGEN_SATURATION", "%"], weight: ["WEIGHT", "kg"], fat: ["BODY_FAT", "%"],
    systolic: ["BLOOD_PRESSURE_SYSTOLIC", "mmHg"], diastolic: ["BLOOD_PRESSURE_DIASTOLIC", "mmHg"], active: ["ACTIVE_CALORIES_BURNED", "kcal"],
  },
  glucose: (mgDl) => mgDl,
  percent: (value) => value,
  workout: (sport) => SPORTS[sport] ?? "OTHER",
  duration: (seconds) => ({ value: seconds * 1000, unit: "ms" }),
  source: { appId: "com.sec.android.app.shealth", deviceModel: "SM-R960", deviceType: "watch" },
  glucoseMetadata: {},
});
