/** Polar (AccessLink v3): watches and their exercises, nights, days and tests. Source: vendors/polar.md; what is not covered: README.md. */
import type { Driver, Resource } from "#driver/types.ts";
import type { MetricName } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";
import { identify, pull, revoke } from "./api.ts";
import { auth, endpoints } from "./auth.ts";
import { map } from "./map.ts";
import { webhook } from "./webhook.ts";

/** Behind the events, twice a day. Nothing from before the registration is ever given, and nothing older than 28 days. */
const SAFETY = { maxWindowMs: 28 * DAY_MS, backfillDays: 28, everySeconds: 43_200, overlapMs: 3 * DAY_MS } as const;

const IN_EXERCISE: readonly MetricName[] = ["heart_rate", "speed", "cadence", "altitude", "power", "training_load"];

const sampled = (name: string, metrics: readonly MetricName[], pull: Resource["pull"] = SAFETY): Resource => ({
  name, format: "json", metrics, records: ["sample"], ...(pull ? { pull } : {}),
});

const resources: readonly Resource[] = [
  {
    // The list, and each exercise of it by itself.
    name: "exercises",
    format: "json",
    pull: { ...SAFETY, maxWindowMs: 30 * DAY_MS, backfillDays: 30, overlapMs: 7 * DAY_MS },
    metrics: IN_EXERCISE,
    records: ["workout", "sample"],
  },
  { name: "exercise", format: "json", metrics: IN_EXERCISE, records: ["workout", "sample"] },
  { name: "sleep", format: "json", pull: SAFETY, metrics: ["sleep_score", "heart_rate"], records: ["sleep", "sample"] },
  sampled("nightly-recharge", ["hrv_rmssd", "respiration_rate"]),
  sampled("activities", [
    "steps", "distance", "calories_total", "calories_active", "active_duration", "sedentary_duration", "intensity_moderate", "intensity_vigorous",
  ]),
  // One call a day of it.
  sampled("continuous-heart-rate", ["heart_rate"], { ...SAFETY, maxWindowMs: 7 * DAY_MS, overlapMs: 2 * DAY_MS }),
  sampled("cardio-load", ["training_load", "strain"]),
  sampled("physical-info", ["weight", "height", "vo2max", "resting_heart_rate"], {
    maxWindowMs: 366 * DAY_MS, backfillDays: 365, everySeconds: 86_400, overlapMs: DAY_MS,
  }),
  sampled("bodytemperature", ["body_temperature", "skin_temperature"]),
  sampled("skintemperature", ["skin_temperature", "skin_temperature_deviation"]),
  sampled("spo2", ["spo2", "heart_rate"]),
  sampled("ecg", ["heart_rate"]),
];

export const polar: Driver = {
  id: "polar",
  displayName: "Polar",
  brand: {
    connectText: "Connect Polar",
    colour: "#000000",
    textColour: "#FFFFFF",
    attribution: "Polar",
    disclosure: {
      en:
        "Islet will read your exercises, sleep, activity and heart rate at Polar Flow from now on, and what your profile says of weight and height. Data from before " +
        "you connect is not given. You can withdraw this in Polar Flow or here at any time. What Islet shows is for information only and is no medical advice.",
      es:
        "Islet leerá de Polar Flow, desde ahora, tus ejercicios, sueño, actividad y frecuencia cardíaca, y lo que tu perfil " +
        "diga de peso y altura. Los datos anteriores a la conexión no se entregan. Puedes retirar este permiso en Polar Flow o " +
        "aquí en cualquier momento. Lo que muestra Islet es solo informativo y no es consejo médico.",
    },
  },
  auth,
  endpoints,
  settings: [],
  capabilities: { delivery: "webhook-ping", historyLimitDays: 365, latencySeconds: 0 },
  // The limits grow by 20 and 100 with each registered person; what a single one is allowed is kept to.
  rateLimits: [
    { requests: 500, perSeconds: 900, scope: "app", source: "AccessLink: 500 + 20 × users in 15 minutes" },
    { requests: 5_000, perSeconds: 86_400, scope: "app", source: "AccessLink: 5,000 + 100 × users in 24 hours" },
  ],
  resources,
  identify,
  pull,
  map,
  webhook,
  revoke,
};
