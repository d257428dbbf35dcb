/** Dexcom Share: readings of the last day, minutes after the sensor, by the way of Dexcom's own apps. Unofficial. Source: vendors/dexcom-share.md. */
import type { Driver } from "#driver/types.ts";
import { DAY_MS } from "#units/time.ts";
import { identify, pull } from "./api.ts";
import { auth, endpoints, settings } from "./auth.ts";
import { mapReadings } from "./map.ts";

export const dexcomShare: Driver = {
  id: "dexcom-share",
  displayName: "Dexcom Share",
  brand: {
    connectText: "Connect Dexcom Share", colour: "#334155", textColour: "#ffffff",
    disclosure: {
      en: "Islet will sign in to Dexcom Share with the name and password you give, keep them encrypted on this server, and read your glucose of the last 24 hours every five minutes. For information only: follow your Dexcom device and your care team.",
      es: "Islet entrará en Dexcom Share con el nombre y la contraseña que des, los guardará cifrados en este servidor y leerá cada cinco minutos tu glucosa de las últimas 24 horas. Solo informativo: sigue tu dispositivo Dexcom y a tu equipo de salud.",
    },
  },
  auth,
  endpoints,
  settings,
  capabilities: {
    delivery: "poll", historyLimitDays: 1, latencySeconds: 300,
    unofficial: {
      en: "Dexcom does not offer this way to other apps and may end it at any time; it needs your Dexcom name and password. The official connection arrives one to three hours late.",
      es: "Dexcom no ofrece esta vía a otras aplicaciones y puede cerrarla en cualquier momento; necesita tu nombre y contraseña de Dexcom. La conexión oficial llega con una a tres horas de demora.",
    },
  },
  rateLimits: [{ requests: 12, perSeconds: 300, scope: "connection", source: "vendors/dexcom-share.md: none published; one poll in five minutes is what clients do" }],
  resources: [
    {
      name: "readings", format: "json", metrics: ["glucose"], records: ["sample"],
      pull: { maxWindowMs: DAY_MS, backfillDays: 1, everySeconds: 300, overlapMs: 6 * 3_600_000 },
    },
  ],
  identify,
  pull,
  map: (_resource, payload, context) => mapReadings(payload, context),
};
