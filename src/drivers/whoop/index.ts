/** WHOOP API v2: recovery, strain, sleep, workouts and body measurement. Source: vendors/whoop.md; what is not covered: README.md. */
import type { Driver, Resource } from "#driver/types.ts";
import { DAY_MS } from "#units/time.ts";
import { identify, pull, revoke } from "./api.ts";
import { auth, endpoints } from "./auth.ts";
import { RECOVERY_METRICS } from "./map-sleep.ts";
import { map } from "./map.ts";
import { webhook } from "./webhook.ts";

/** A quarter of a year is four pages or more. A week again each time is one page, and holds what was edited or came late. */
const LIST = { maxWindowMs: 90 * DAY_MS, backfillDays: 365, overlapMs: 7 * DAY_MS } as const;
/** Behind the events, and enough where there are none: the budget is the whole application's, not a person's. */
const SIX_HOURS_S = 21_600;

const resources: readonly Resource[] = [
  { name: "sleep", format: "json", pull: { ...LIST, everySeconds: SIX_HOURS_S }, metrics: ["sleep_score", "respiration_rate"], records: ["sleep", "sample"] },
  { name: "recovery", format: "json", pull: { ...LIST, everySeconds: SIX_HOURS_S }, metrics: RECOVERY_METRICS, records: ["sample"] },
  {
    name: "cycle", format: "json", records: ["sample"], metrics: ["strain", "calories_total", "heart_rate", "heart_rate_max"],
    // No events tell of it: also asked for with each sleep that is announced.
    pull: { ...LIST, everySeconds: 10_800 },
  },
  { name: "workout", format: "json", pull: { ...LIST, everySeconds: SIX_HOURS_S }, metrics: ["strain"], records: ["workout", "sample"] },
  {
    name: "body_measurement", format: "json", metrics: ["weight", "height"], records: ["sample"],
    pull: { maxWindowMs: 365 * DAY_MS, backfillDays: 1, everySeconds: 86_400, overlapMs: 0 },
  },
  // Made by the driver when a sleep has no recovery any more.
  { name: "recovery_gone", format: "json", metrics: [], records: [] },
  // Known and mapped to nothing: who the person is.
  { name: "profile", format: "json", metrics: [], records: [] },
];

export const whoop: Driver = {
  id: "whoop",
  displayName: "WHOOP",
  brand: {
    connectText: "Connect WHOOP",
    colour: "#000000",
    textColour: "#FFFFFF",
    attribution: "WHOOP",
    disclosure: {
      en:
        "Islet will read your recovery, strain, sleep, workouts and body measurements from WHOOP. You can withdraw this at WHOOP or here at any " +
        "time. What Islet shows is for information only and is no medical advice.",
      es:
        "Islet leerá de WHOOP tu recuperación, esfuerzo, sueño, entrenamientos y medidas corporales. Puedes retirar este " +
        "permiso en WHOOP o aquí en cualquier momento. Lo que muestra Islet es solo informativo y no es consejo médico.",
    },
  },
  auth,
  endpoints,
  settings: [],
  capabilities: { delivery: "webhook-ping", historyLimitDays: null, latencySeconds: 0 },
  rateLimits: [
    { requests: 100, perSeconds: 60, scope: "app", source: "developer.whoop.com, rate limiting: 100 requests a minute" },
    { requests: 10_000, perSeconds: 86_400, scope: "app", source: "developer.whoop.com, rate limiting: 10,000 requests a day" },
  ],
  resources,
  identify,
  pull,
  map,
  webhook,
  revoke,
};
