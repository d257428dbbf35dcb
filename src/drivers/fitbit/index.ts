/** Fitbit's Web API, which ended on 2 November 2026: kept for what was authorised and recorded before. Source: vendors/fitbit.md; gaps: README.md. */
import type { Driver } from "#driver/types.ts";
import { identify, pull } from "./api.ts";
import { auth, endpoints, settings } from "./auth.ts";
import { map } from "./map.ts";
import { RESOURCES } from "./resources.ts";
import { webhook } from "./webhook.ts";

export const fitbit: Driver = {
  id: "fitbit",
  displayName: "Fitbit",
  brand: {
    connectText: "Connect Fitbit",
    colour: "#334155",
    textColour: "#ffffff",
    attribution: "Fitbit",
    disclosure: {
      en:
        "Fitbit ended this way to your data on 2 November 2026; Google Health took its place. Islet read from Fitbit your activity, workouts, sleep, heart rate, " +
        "oxygen, breathing, temperature and weight. What it read stays until you erase it. What Islet shows is for information only and is no medical advice.",
      es:
        "Fitbit cerró esta vía a tus datos el 2 de noviembre de 2026; Google Health ocupó su lugar. Islet leía de Fitbit tu " +
        "actividad, entrenamientos, sueño, frecuencia cardíaca, oxígeno, respiración, temperatura y peso. Lo leído se queda " +
        "hasta que lo borres. Lo que muestra Islet es solo informativo y no es consejo médico.",
    },
  },
  auth,
  endpoints,
  settings,
  capabilities: { delivery: "webhook-ping", historyLimitDays: null, latencySeconds: 900, endedOn: "2026-11-02", successor: "google" },
  rateLimits: [{ requests: 150, perSeconds: 3_600, scope: "connection", source: "dev.fitbit.com: 150 calls an hour for each user, reset at the full hour" }],
  resources: RESOURCES,
  identify,
  pull,
  map,
  webhook,
};
