/** Nightscout as a source: each person's own server, asked by version 1 or 3 of its API. Polled. Source: vendors/nightscout.md. */
import type { Driver, Resource } from "#driver/types.ts";
import { DAY_MS } from "#units/time.ts";
import { ENTRIES_WINDOW_MS, identify, pull, TREATMENTS_WINDOW_MS } from "./api.ts";
import { auth, endpoints, settings } from "./auth.ts";
import { mapNightscout } from "./map.ts";

const BACKFILL_DAYS = 90;
/** A phone without a network delivers when it has one again; people correct and delete what they entered. */
const LATE_DAYS = 14;
/** Asked whole once in an hour or two: gaps of a sensor are filled when phone and sensor meet again. */
const OVERLAP_DAYS = { entries: 2, treatments: 3 } as const;

const readings = { format: "json", metrics: ["glucose", "glucose_meter"], records: ["sample"] } as const;
const doings = { format: "json", metrics: [], records: ["treatment"] } as const;
const polled = (maxWindowMs: number, overlapDays: number): NonNullable<Resource["pull"]> => ({ maxWindowMs, backfillDays: BACKFILL_DAYS, everySeconds: 300, overlapMs: overlapDays * DAY_MS });
/** Once a day the last fortnight: at each poll that would be too much for a small host. */
const late = (maxWindowMs: number): NonNullable<Resource["pull"]> => ({ maxWindowMs, backfillDays: LATE_DAYS, everySeconds: 86_400, overlapMs: LATE_DAYS * DAY_MS });

export const nightscout: Driver = {
  id: "nightscout",
  displayName: "Nightscout",
  brand: {
    connectText: "Connect Nightscout",
    colour: "#334155",
    textColour: "#ffffff",
    disclosure: {
      en:
        "Islet will read glucose, finger-sticks, insulin, carbohydrates, exercise, notes and profiles from the Nightscout site whose address you give, and keep the token or secret that you give encrypted on this server. It writes nothing there. " +
        "For information only: follow your devices and your care team.",
      es:
        "Islet leerá la glucosa, las glucemias capilares, la insulina, los carbohidratos, el ejercicio, las notas y los perfiles del sitio Nightscout cuya dirección des, y guardará cifrado en este servidor el token o el secreto que des. " +
        "No escribe nada allí. Solo informativo: sigue tus dispositivos y a tu equipo de salud.",
    },
  },
  auth,
  endpoints,
  settings,
  capabilities: { delivery: "poll", historyLimitDays: null, latencySeconds: 0 },
  rateLimits: [
    { requests: 60, perSeconds: 3_600, scope: "connection", source: "none built in; sites run on small free hosts, so no more than a request a minute on average (vendors/nightscout.md, Rate limits)" },
  ],
  resources: [
    { name: "entries", ...readings, pull: polled(ENTRIES_WINDOW_MS, OVERLAP_DAYS.entries) },
    { name: "entries_late", ...readings, pull: late(ENTRIES_WINDOW_MS) },
    { name: "treatments", ...doings, pull: polled(TREATMENTS_WINDOW_MS, OVERLAP_DAYS.treatments) },
    { name: "treatments_late", ...doings, pull: late(TREATMENTS_WINDOW_MS) },
    // Kept raw, gives no records: the list of now, so there is no past to ask for.
    { name: "profile", format: "json", metrics: [], records: [], pull: { maxWindowMs: 29 * DAY_MS, backfillDays: 29, everySeconds: 86_400, overlapMs: 0 } },
  ],
  identify,
  pull,
  map: mapNightscout,
};
