/** Ultrahuman (ring and glucose sensor). Source: vendors/ultrahuman.md; what is not covered: README.md. Polled; there are no webhooks. */
import type { Driver, Resource } from "#driver/types.ts";
import { DAY_MS } from "#units/time.ts";
import { identify, MAX_EPOCHS_MS, pull } from "./api.ts";
import { auth, endpoints, settings } from "./auth.ts";
import { map } from "./map.ts";

const resources: readonly Resource[] = [
  {
    name: "metrics",
    format: "json",
    // A ring that is synced late changes days past.
    pull: { maxWindowMs: MAX_EPOCHS_MS, backfillDays: 90, everySeconds: 3_600, overlapMs: 3 * DAY_MS },
    metrics: [
      "heart_rate", "skin_temperature", "hrv_rmssd", "spo2", "steps", "glucose", "resting_heart_rate", "recovery", "vo2max", "active_duration",
      "sleep_score", "skin_temperature_deviation",
    ],
    records: ["sample", "sleep"],
  },
];

export const ultrahuman: Driver = {
  id: "ultrahuman",
  displayName: "Ultrahuman",
  brand: {
    connectText: "Connect with Ultrahuman",
    colour: "#334155",
    textColour: "#FFFFFF",
    attribution: "Ultrahuman",
    disclosure: {
      en:
        "Islet will read your sleep, heart rate, variability, temperature, oxygen, steps and recovery from Ultrahuman, and your glucose if you wear its " +
        "sensor. You can withdraw this at Ultrahuman or here at any time. What you see here is for information only, not for treatment decisions.",
      es:
        "Islet leerá de Ultrahuman tu sueño, frecuencia cardíaca, variabilidad, temperatura, oxígeno, pasos y recuperación, y " +
        "tu glucosa si usas su sensor. Puedes retirar este permiso en Ultrahuman o aquí en cualquier momento. Lo que ves aquí " +
        "es solo informativo, no sirve para decidir un tratamiento.",
    },
  },
  auth,
  endpoints,
  settings,
  capabilities: { delivery: "poll", historyLimitDays: null, latencySeconds: 0 },
  rateLimits: [{ requests: 60, perSeconds: 60, scope: "app", source: "Our own figure; Ultrahuman publishes none" }],
  resources,
  identify,
  pull,
  map,
};
