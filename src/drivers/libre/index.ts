/** FreeStyle Libre by LibreLinkUp, the follower app's cloud. Unofficial. Source: vendors/abbott-libre.md. */
import type { Driver } from "#driver/types.ts";
import { DAY_MS, HOUR_MS } from "#units/time.ts";
import { identify, pull } from "./api.ts";
import { auth, endpoints, settings } from "./auth.ts";
import { mapLibre } from "./map.ts";

const GLUCOSE = { format: "json", records: ["sample"] } as const;

export const libre: Driver = {
  id: "libre",
  displayName: "FreeStyle Libre (LibreLinkUp)",
  brand: {
    // Neutral words and colours: Abbott has no programme for other apps.
    connectText: "Connect LibreLinkUp", colour: "#334155", textColour: "#ffffff",
    disclosure: {
      en: "Islet will sign in to LibreLinkUp with the follower's e-mail and password you give, keep them encrypted on this server, and read the glucose that is shared with that account. For information only: follow your Libre device and your care team.",
      es: "Islet entrará en LibreLinkUp con el correo y la contraseña de la cuenta seguidora que des, los guardará cifrados en este servidor y leerá la glucosa que se comparte con esa cuenta. Solo informativo: sigue tu dispositivo Libre y a tu equipo de salud.",
    },
  },
  auth,
  endpoints,
  settings,
  capabilities: {
    delivery: "poll", historyLimitDays: 14, latencySeconds: 60,
    unofficial: {
      en: "Abbott does not offer this way to other apps: it breaks whenever Abbott raises the version it wants, and needs the e-mail and password of a LibreLinkUp account that follows you.",
      es: "Abbott no ofrece esta vía a otras aplicaciones: se rompe cada vez que Abbott sube la versión que exige, y necesita el correo y la contraseña de una cuenta de LibreLinkUp que te siga.",
    },
  },
  rateLimits: [{ requests: 6, perSeconds: 60, scope: "connection", source: "vendors/abbott-libre.md: none published; a request a minute works, one in five minutes is recommended" }],
  resources: [
    // Always the last twelve hours, whatever is asked; the graph lags, so all of it is read each time.
    { name: "graph", ...GLUCOSE, metrics: ["glucose", "glucose_trend_rate"], pull: { maxWindowMs: DAY_MS, backfillDays: 0, everySeconds: 300, overlapMs: 12 * HOUR_MS } },
    // Never asked for as readings: it lists everybody who shares with the account.
    { name: "connections", ...GLUCOSE, metrics: ["glucose", "glucose_trend_rate"] },
    { name: "logbook", ...GLUCOSE, metrics: ["glucose"], pull: { maxWindowMs: 14 * DAY_MS, backfillDays: 14, everySeconds: 21_600, overlapMs: DAY_MS } },
  ],
  identify,
  pull,
  map: mapLibre,
};
