/** Wahoo Cloud API: workouts. Source: vendors/wahoo.md; what is not covered: README.md. */
import type { Driver, Resource } from "#driver/types.ts";
import { DAY_MS } from "#units/time.ts";
import { identify, pull, revoke } from "./api.ts";
import { auth, endpoints, settings } from "./auth.ts";
import { map } from "./map.ts";
import { webhook } from "./webhook.ts";

const resources: readonly Resource[] = [
  {
    name: "workouts",
    format: "json",
    // The list cannot be entered in the middle, so that all of the past is asked in one window.
    pull: { maxWindowMs: 3_660 * DAY_MS, backfillDays: 365, everySeconds: 21_600, overlapMs: 7 * DAY_MS },
    metrics: [],
    records: ["workout"],
  },
  { name: "workout", format: "json", metrics: [], records: ["workout"] },
  { name: "workout_summary", format: "json", metrics: [], records: ["workout"] },
  // Made by the driver when Wahoo answers 404 to a workout: gives a withdrawal.
  { name: "workout_gone", format: "json", metrics: [], records: [] },
  // Known and mapped to nothing: an undated weight, and settings of a person's zones.
  { name: "user", format: "json", metrics: [], records: [] },
  { name: "power_zones", format: "json", metrics: [], records: [] },
];

const LIMITS = "cloud-api.wahooligan.com, rate limits";
const limit = (value: "sandbox" | "production", requests: number, perSeconds: number) =>
  ({ requests, perSeconds, scope: "app", source: `${LIMITS} (${value})`, when: { setting: "tier", value } }) as const;

export const wahoo: Driver = {
  id: "wahoo",
  displayName: "Wahoo",
  brand: {
    // Neutral colours: Wahoo's own marks are part of its production review.
    connectText: "Connect with Wahoo",
    colour: "#334155",
    textColour: "#FFFFFF",
    attribution: "Wahoo",
    disclosure: {
      en:
        "Islet will read your workouts from Wahoo, and Wahoo will send new ones when you finish them. You can withdraw this at Wahoo or here " +
        "at any time. What Islet shows is for information only and is no medical advice.",
      es:
        "Islet leerá tus entrenamientos de Wahoo, y Wahoo enviará los nuevos cuando los termines. Puedes retirar este permiso " +
        "en Wahoo o aquí en cualquier momento. Lo que muestra Islet es solo informativo y no es consejo médico.",
    },
  },
  auth,
  endpoints,
  settings,
  capabilities: { delivery: "webhook-push", historyLimitDays: null, latencySeconds: 0 },
  rateLimits: [
    limit("sandbox", 25, 300), limit("sandbox", 100, 3_600), limit("sandbox", 250, 86_400),
    limit("production", 200, 300), limit("production", 1_000, 3_600), limit("production", 5_000, 86_400),
  ],
  resources,
  identify,
  pull,
  map,
  webhook,
  revoke,
};
