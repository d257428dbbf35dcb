/** Withings: scales, blood pressure monitors, thermometers, watches and sleep mats. Source: vendors/withings.md; what is not covered: README.md. */
import type { Driver, Resource } from "#driver/types.ts";
import type { MetricName } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";
import { identify, pull, revoke } from "./api.ts";
import { auth, endpoints, settings } from "./auth.ts";
import { METRIC_BY_TYPE } from "./map-measures.ts";
import { map } from "./map.ts";
import { webhook } from "./webhook.ts";

/** Behind the notifications. Devices keep what they measure until a phone is near, sometimes for days. */
const SAFETY = { everySeconds: 21_600, overlapMs: 7 * DAY_MS } as const;

const IN_SLEEP: readonly MetricName[] = ["heart_rate", "respiration_rate", "hrv_rmssd", "hrv_sdnn"];
const OF_SLEEP: readonly MetricName[] = ["sleep_score", "heart_rate_min", "heart_rate_max", "respiration_rate", "hrv_rmssd"];

const resources: readonly Resource[] = [
  {
    name: "getmeas",
    format: "json",
    pull: { ...SAFETY, maxWindowMs: 366 * DAY_MS, backfillDays: 730 },
    metrics: [...METRIC_BY_TYPE.values(), "body_water"],
    records: ["sample"],
  },
  {
    name: "getactivity",
    format: "json",
    pull: { ...SAFETY, maxWindowMs: 180 * DAY_MS, backfillDays: 365 },
    metrics: [
      "steps", "distance", "floors", "active_duration", "intensity_moderate", "intensity_vigorous", "calories_active", "calories_total",
      "heart_rate_min", "heart_rate_max",
    ],
    records: ["sample"],
  },
  {
    name: "getintradayactivity",
    format: "json",
    // One call a day of it: less of the past, and less of it again.
    pull: { maxWindowMs: DAY_MS, backfillDays: 30, everySeconds: 21_600, overlapMs: 2 * DAY_MS },
    metrics: [
      "heart_rate", "spo2", "hrv_rmssd", "hrv_sdnn", "body_temperature", "respiration_rate", "steps", "distance", "floors", "calories_active",
    ],
    records: ["sample"],
  },
  { name: "getworkouts", format: "json", pull: { ...SAFETY, maxWindowMs: 180 * DAY_MS, backfillDays: 365 }, metrics: [], records: ["workout"] },
  {
    // A summary and the details of its night, put together by the driver: one night is one record.
    name: "sleep",
    format: "json",
    pull: { maxWindowMs: 30 * DAY_MS, backfillDays: 90, everySeconds: 21_600, overlapMs: 3 * DAY_MS },
    metrics: [...new Set([...IN_SLEEP, ...OF_SLEEP])],
    records: ["sleep", "sample"],
  },
  {
    name: "heart_list", format: "json", pull: { ...SAFETY, maxWindowMs: 180 * DAY_MS, backfillDays: 365 }, records: ["sample"],
    metrics: ["heart_rate", "blood_pressure_systolic", "blood_pressure_diastolic"],
  },
  // The two halves of `sleep` as Withings sends them.
  { name: "sleep_getsummary", format: "json", metrics: OF_SLEEP, records: ["sleep", "sample"] },
  { name: "sleep_get", format: "json", metrics: IN_SLEEP, records: ["sleep", "sample"] },
  // Known and mapped to nothing.
  { name: "getdevice", format: "json", metrics: [], records: [] },
];

export const withings: Driver = {
  id: "withings",
  displayName: "Withings",
  brand: {
    connectText: "Connect Withings",
    colour: "#000000",
    textColour: "#FFFFFF",
    attribution: "Withings",
    disclosure: {
      en:
        "Islet will read what your Withings devices measure: weight and body composition, blood pressure, temperature, oxygen, heart rate, activity and " +
        "sleep. You can withdraw this at Withings or here at any time. What Islet shows is for information only and is no medical advice.",
      es:
        "Islet leerá lo que miden tus dispositivos Withings: peso y composición corporal, presión arterial, temperatura, " +
        "oxígeno, frecuencia cardíaca, actividad y sueño. Puedes retirar este permiso en Withings o aquí en cualquier momento. " +
        "Lo que muestra Islet es solo informativo y no es consejo médico.",
    },
  },
  auth,
  endpoints,
  settings,
  capabilities: { delivery: "webhook-ping", historyLimitDays: null, latencySeconds: 120 },
  rateLimits: [{ requests: 120, perSeconds: 60, scope: "app", source: "developer.withings.com, Rate limits: 120 requests a minute (free plan)" }],
  resources,
  identify,
  pull,
  map,
  webhook,
  revoke,
};
