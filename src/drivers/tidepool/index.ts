/** Tidepool: everything that people's pumps, sensors and meters uploaded there. Polled; Tidepool has no webhooks for others. Source: vendors/tidepool.md. */
import type { Driver } from "#driver/types.ts";
import { DAY_MS } from "#units/time.ts";
import { identify, MAX_WINDOW_MS, pull } from "./api.ts";
import { auth, endpoints, settings } from "./auth.ts";
import { mapData } from "./map.ts";

export const tidepool: Driver = {
  id: "tidepool",
  displayName: "Tidepool",
  brand: {
    connectText: "Connect Tidepool", colour: "#281946", textColour: "#ffffff",
    disclosure: {
      en: "Islet will read from Tidepool your glucose, finger-sticks, ketones, insulin, meals and activity, as far as they were uploaded there. For information only: follow your devices and your care team.",
      es: "Islet leerá de Tidepool tu glucosa, punciones, cetonas, insulina, comidas y actividad, en la medida en que se hayan subido allí. Solo informativo: sigue tus dispositivos y a tu equipo de salud.",
    },
  },
  auth,
  endpoints,
  settings,
  capabilities: { delivery: "poll", historyLimitDays: null, latencySeconds: 900 },
  rateLimits: [{ requests: 60, perSeconds: 60, scope: "app", source: "vendors/tidepool.md: none published, 429 is possible; a guess that a review may raise" }],
  resources: [
    {
      name: "data", format: "json", metrics: ["glucose", "glucose_trend_rate", "glucose_meter", "ketone"], records: ["sample", "treatment", "workout"],
      // Pumps and meters are uploaded by cable, weeks late; there is no question for what has changed.
      pull: { maxWindowMs: MAX_WINDOW_MS, backfillDays: 90, everySeconds: 900, overlapMs: 18 * DAY_MS },
    },
  ],
  identify,
  pull,
  map: (_resource, payload, context) => mapData(payload, context),
};
