/** Garmin's summary types as data: names, spellings, back-fill paths and what each gives. Source: vendors/garmin.md. */
import type { Resource } from "#driver/types.ts";
import type { MetricName } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";

export interface SummaryType {
  /** The key of notifications. */
  readonly name: string;
  /** Other spellings seen: pull and back-fill paths, older notifications. Compared without case. */
  readonly aliases?: readonly string[];
  /** Below `/wellness-api/rest/backfill/`; absent where nothing is to be asked for. */
  readonly backfill?: string;
  readonly metrics: readonly MetricName[];
  readonly records: Resource["records"];
}

const DAY_METRICS: readonly MetricName[] = [
  "steps", "distance", "floors", "calories_active", "calories_basal", "calories_total", "active_duration", "intensity_moderate",
  "intensity_vigorous", "wheelchair_pushes", "heart_rate", "heart_rate_min", "heart_rate_max", "resting_heart_rate", "stress",
  "stress_high_duration",
];

export const SUMMARY_TYPES: readonly SummaryType[] = [
  { name: "dailies", backfill: "dailies", metrics: DAY_METRICS, records: ["sample"] },
  {
    name: "epochs", backfill: "epochs", records: ["sample"],
    metrics: ["steps", "distance", "calories_active", "active_duration", "sedentary_duration", "wheelchair_pushes", "met"],
  },
  { name: "sleeps", backfill: "sleeps", metrics: ["sleep_score", "spo2", "respiration_rate"], records: ["sleep", "sample"] },
  {
    name: "bodyComps", aliases: ["bodyCompositions"], backfill: "bodyComps", records: ["sample"],
    metrics: ["weight", "muscle_mass", "bone_mass", "body_water", "body_fat", "bmi"],
  },
  { name: "stressDetails", backfill: "stressDetails", metrics: ["stress", "body_battery"], records: ["sample"] },
  {
    name: "userMetrics", backfill: "userMetrics", records: ["sample"],
    metrics: ["vo2max_running", "vo2max_cycling", "fitness_age"],
  },
  { name: "pulseox", backfill: "pulseOx", metrics: ["spo2"], records: ["sample"] },
  { name: "allDayRespiration", aliases: ["respiration", "respirations"], backfill: "respiration", metrics: ["respiration_rate"], records: ["sample"] },
  { name: "hrv", backfill: "hrv", metrics: ["hrv_rmssd"], records: ["sample"] },
  {
    name: "bloodPressures", backfill: "bloodPressures", records: ["sample"],
    metrics: ["blood_pressure_systolic", "blood_pressure_diastolic", "heart_rate"],
  },
  { name: "skinTemp", backfill: "skinTemp", metrics: ["skin_temperature_deviation"], records: ["sample"] },
  {
    name: "healthSnapshot", backfill: "healthSnapshot", records: ["sample"],
    metrics: ["heart_rate", "respiration_rate", "stress", "spo2", "hrv_rmssd", "hrv_sdnn"],
  },
  { name: "activities", backfill: "activities", metrics: [], records: ["workout"] },
  { name: "manuallyUpdatedActivities", metrics: [], records: ["workout"] },
  {
    name: "activityDetails", backfill: "activityDetails", records: ["workout", "sample"],
    metrics: ["heart_rate", "speed", "power", "cadence", "altitude"],
  },
  // Found by the watch itself and overlapping with real activities: received, but no workouts.
  { name: "moveIQActivities", aliases: ["moveiq"], metrics: [], records: [] },
  // Cycle days and phases, no flow: nothing that a metric could hold.
  { name: "mct", aliases: ["menstrualCycleTracking"], metrics: [], records: [] },
];

const byName = new Map<string, SummaryType>();
for (const type of SUMMARY_TYPES) {
  for (const name of [type.name, ...(type.aliases ?? [])]) byName.set(name.toLowerCase(), type);
}

/** The summary type of a notification key or resource name in any of its spellings; null for an unknown one. */
export function summaryType(name: string): SummaryType | null {
  return byName.get(name.toLowerCase()) ?? null;
}

/** 30 days for every type: what the vendor's support told others; its documents say 90 for health types (conflicting). */
export const BACKFILL_WINDOW_MS = 30 * DAY_MS;

/** The driver's resources. Garmin permits no polling, so `pull` by window is a request for a back-fill and never repeated. */
export const RESOURCES: readonly Resource[] = SUMMARY_TYPES.map((type) => ({
  name: type.name,
  format: "json",
  metrics: type.metrics,
  records: type.records,
  ...(type.backfill === undefined
    ? {}
    : {
        pull: {
          maxWindowMs: BACKFILL_WINDOW_MS,
          backfillDays: 90,
          everySeconds: 86_400,
          overlapMs: 0,
          deliversByWebhook: true,
          backfillOnly: true,
        } as const,
      }),
}));
