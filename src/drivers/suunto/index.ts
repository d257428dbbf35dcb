/** Suunto (Cloud API): workouts, sleep, recovery and activity of the day. Source: vendors/suunto.md; what is not covered: README.md. */
import type { Driver, Resource } from "#driver/types.ts";
import { DAY_MS } from "#units/time.ts";
import { identify, MAX_WINDOW_MS, pull } from "./api.ts";
import { auth, endpoints, settings } from "./auth.ts";
import { map } from "./map.ts";
import { webhook } from "./webhook.ts";

/** A safety net under the notifications: watches are synced days late. */
const OVERLAP_MS = 7 * DAY_MS;
const EVERY_SECONDS = 21_600;

const daily: NonNullable<Resource["pull"]> = { maxWindowMs: MAX_WINDOW_MS, backfillDays: 180, everySeconds: EVERY_SECONDS, overlapMs: OVERLAP_MS };

const resources: readonly Resource[] = [
  {
    name: "workouts", format: "json", metrics: [], records: ["workout"],
    pull: { maxWindowMs: 366 * DAY_MS, backfillDays: 365, everySeconds: EVERY_SECONDS, overlapMs: OVERLAP_MS },
  },
  { name: "workout", format: "json", metrics: [], records: ["workout"] },
  // Made by the driver when Suunto answers 404 to a workout: gives a withdrawal.
  { name: "workout_gone", format: "json", metrics: [], records: [] },
  {
    name: "sleep", format: "json", pull: daily, records: ["sleep", "sample"],
    metrics: ["sleep_score", "heart_rate", "heart_rate_min", "hrv_rmssd"],
  },
  { name: "recovery", format: "json", pull: daily, metrics: ["recovery"], records: ["sample"] },
  {
    name: "activity", format: "json", pull: daily, records: ["sample"],
    metrics: ["heart_rate", "steps", "calories_total", "spo2", "hrv_rmssd", "heart_rate_min", "heart_rate_max"],
  },
  { name: "daily-activity-statistics", format: "json", pull: daily, metrics: ["steps", "calories_total"], records: ["sample"] },
];

export const suunto: Driver = {
  id: "suunto",
  displayName: "Suunto",
  brand: {
    // Neutral colours: Suunto's own marks need its partner agreement.
    connectText: "Connect with Suunto",
    colour: "#334155",
    textColour: "#FFFFFF",
    attribution: "Suunto",
    disclosure: {
      en:
        "Islet will read your workouts, sleep, recovery and daily activity from Suunto, and Suunto will send new ones whenever your watch syncs. " +
        "You can withdraw this at Suunto or here at any time. What Islet shows is for information only and is no medical advice.",
      es:
        "Islet leerá de Suunto tus entrenamientos, sueño, recuperación y actividad diaria, y Suunto enviará los nuevos cada vez " +
        "que tu reloj sincronice. Puedes retirar este permiso en Suunto o aquí en cualquier momento. Lo que muestra Islet es " +
        "solo informativo y no es consejo médico.",
    },
  },
  auth,
  endpoints,
  settings,
  capabilities: { delivery: "webhook-push", historyLimitDays: null, latencySeconds: 0 },
  rateLimits: [
    { requests: 10, perSeconds: 60, scope: "app", source: "Our own figure for a development subscription; Suunto sets limits by subscription and publishes none" },
  ],
  resources,
  identify,
  pull,
  map,
  webhook,
};
