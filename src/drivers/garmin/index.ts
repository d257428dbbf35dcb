/** Garmin (Health, Activity and Women's Health API). Source: vendors/garmin.md; what is not covered: README.md. */
import type { Driver } from "#driver/types.ts";
import { identify, pull, revoke } from "./api.ts";
import { auth, endpoints } from "./auth.ts";
import { map } from "./map.ts";
import { RESOURCES } from "./summary-types.ts";
import { webhook } from "./webhook.ts";

export const garmin: Driver = {
  id: "garmin",
  displayName: "Garmin",
  brand: {
    connectText: "Connect with Garmin",
    colour: "#000000",
    textColour: "#FFFFFF",
    attribution: "Garmin",
    disclosure: {
      en:
        "Garmin will send Islet the health and activity data that you tick on its page, whenever your device syncs, and past data if you " +
        "also tick historical data. You can withdraw this at Garmin or here at any time. What Islet shows is for information only and " +
        "is no medical advice.",
      es:
        "Garmin enviará a Islet los datos de salud y actividad que marques en su página, cada vez que tu dispositivo " +
        "sincronice, y también datos anteriores si marcas el historial. Puedes retirar este permiso en Garmin o aquí en " +
        "cualquier momento. Lo que muestra Islet es solo informativo y no es consejo médico.",
    },
  },
  auth,
  endpoints,
  settings: [],
  capabilities: {
    delivery: "webhook-push",
    // Conflicting: one month before the first connection, or two years (health) and five (activities). Asking ends at a 400.
    historyLimitDays: null,
    latencySeconds: 0,
  },
  rateLimits: [
    { requests: 1_000, perSeconds: 3_600, scope: "app", source: "Our own figure for Garmin (requirement W7); the vendor documents none for reading" },
    { requests: 300, perSeconds: 60, scope: "app", source: "Back-fill in production: 10,000 days of data a minute, at 30 days a request" },
  ],
  resources: RESOURCES,
  identify,
  pull,
  map,
  webhook,
  revoke,
};
