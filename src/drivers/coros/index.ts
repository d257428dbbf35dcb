/** COROS Open API: workouts and days. Source: vendors/coros.md; what is not covered: README.md. */
import type { Driver, Resource } from "#driver/types.ts";
import { DAY_MS } from "#units/time.ts";
import { HISTORY_DAYS, identify, MAX_WINDOW_MS, pull } from "./api.ts";
import { auth, endpoints, settings } from "./auth.ts";
import { map } from "./map.ts";
import { webhook } from "./webhook.ts";

/** Watches are synced days late. */
const OVERLAP_MS = 7 * DAY_MS;
/** A day less than the vendor's "about three months". */
const BACKFILL_DAYS = HISTORY_DAYS - 1;

const resources: readonly Resource[] = [
  {
    name: "sport", format: "json", metrics: [], records: ["workout"],
    // A safety net under the pushes.
    pull: { maxWindowMs: MAX_WINDOW_MS, backfillDays: BACKFILL_DAYS, everySeconds: 21_600, overlapMs: OVERLAP_MS },
  },
  {
    name: "daily", format: "json", records: ["sample", "sleep"],
    // Days are pushed too, but only where COROS turned that on.
    pull: { maxWindowMs: MAX_WINDOW_MS, backfillDays: BACKFILL_DAYS, everySeconds: 7_200, overlapMs: OVERLAP_MS },
    metrics: ["steps", "calories_total", "resting_heart_rate", "hrv_rmssd", "heart_rate"],
  },
];

export const coros: Driver = {
  id: "coros",
  displayName: "COROS",
  brand: {
    // Neutral colours: COROS's own marks need its approval.
    connectText: "Connect with COROS",
    colour: "#334155",
    textColour: "#FFFFFF",
    attribution: "COROS",
    disclosure: {
      en:
        "Islet will read your workouts and your daily steps, sleep, resting heart rate and heart-rate variability from COROS, and COROS will send " +
        "new workouts when you sync. You can withdraw this at COROS or here at any time. What Islet shows is for information only and is no medical advice.",
      es:
        "Islet leerá de COROS tus entrenamientos y, por día, tus pasos, sueño, frecuencia cardíaca en reposo y variabilidad, y " +
        "COROS enviará los entrenamientos nuevos cuando sincronices. Puedes retirar este permiso en COROS o aquí en cualquier " +
        "momento. Lo que muestra Islet es solo informativo y no es consejo médico.",
    },
  },
  auth,
  endpoints,
  settings,
  capabilities: { delivery: "webhook-push", historyLimitDays: HISTORY_DAYS, latencySeconds: 0 },
  rateLimits: [{ requests: 60, perSeconds: 60, scope: "app", source: "Our own figure; COROS publishes none" }],
  resources,
  identify,
  pull,
  map,
  webhook,
};
