/** Strava API v3: workouts with their samples. Source: vendors/strava.md; what is not covered: README.md. */
import type { Driver, Resource } from "#driver/types.ts";
import { DAY_MS } from "#units/time.ts";
import { identify, pull, revoke } from "./api.ts";
import { auth, endpoints, settings } from "./auth.ts";
import { OVERLAP_MS } from "./map-activity.ts";
import { map } from "./map.ts";
import { webhook } from "./webhook.ts";

const STREAMS = ["heart_rate", "power", "speed", "cadence", "altitude"] as const;

const resources: readonly Resource[] = [
  {
    name: "activities",
    format: "json",
    // A safety net under the events, and cheap: a year takes two or three calls.
    pull: { maxWindowMs: 366 * DAY_MS, backfillDays: 365, everySeconds: 21_600, overlapMs: OVERLAP_MS },
    metrics: ["training_load"],
    records: ["workout", "sample"],
  },
  {
    name: "activity",
    format: "json",
    // Two calls an activity, of a thousand a day for all athletes: the last weeks at first; then daily what no event told of, and streams
    // that were not there yet when it did.
    pull: { maxWindowMs: 14 * DAY_MS, backfillDays: 28, everySeconds: 86_400, overlapMs: 2 * DAY_MS },
    metrics: ["training_load", ...STREAMS],
    records: ["workout", "sample"],
  },
  { name: "streams", format: "json", metrics: STREAMS, records: ["sample"] },
  { name: "zones", format: "json", metrics: [], records: ["workout"] },
  // Made by the driver when Strava answers 404 to an activity: gives a withdrawal.
  { name: "activity_gone", format: "json", metrics: [], records: [] },
  // Known and mapped to nothing: the weight in it has no date.
  { name: "athlete", format: "json", metrics: [], records: [] },
];

export const strava: Driver = {
  id: "strava",
  displayName: "Strava",
  brand: {
    connectText: "Connect with Strava",
    colour: "#FC5200",
    textColour: "#FFFFFF",
    attribution: "Powered by Strava",
    workoutLink: { text: "View on Strava", url: "https://www.strava.com/activities/{id}" },
    // vendors/strava.md, Brand/UX rules: data only to the athlete it belongs to.
    isForOwnerOnly: true,
    disclosure: {
      en:
        "Islet will read your activities at Strava, those visible to you alone too if you allow it, with heart rate, power and altitude. " +
        "You can withdraw this at Strava or here at any time. What Islet shows is for information only and is no medical advice.",
      es:
        "Islet leerá tus actividades de Strava, también las visibles solo para ti si lo permites, con frecuencia cardíaca, " +
        "potencia y altitud. Puedes retirar este permiso en Strava o aquí en cualquier momento. Lo que muestra Islet es solo " +
        "informativo y no es consejo médico.",
    },
  },
  auth,
  endpoints,
  settings,
  capabilities: { delivery: "webhook-ping", historyLimitDays: null, latencySeconds: 0 },
  // Overall limits of 200 and 2,000 exist too; everything the driver calls counts as reading, whose limits are half of them.
  rateLimits: [
    { requests: 100, perSeconds: 900, scope: "app", source: "developers.strava.com/docs/rate-limits: 100 reads each 15 minutes (default)" },
    { requests: 1_000, perSeconds: 86_400, scope: "app", source: "developers.strava.com/docs/rate-limits: 1,000 reads a day (default)" },
  ],
  resources,
  identify,
  pull,
  map,
  webhook,
  revoke,
};
