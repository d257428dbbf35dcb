/** Dexcom, API version 3: retrospective glucose and what people enter in the app. Polled; Dexcom has no webhooks. */
import { InvalidInput } from "#errors.ts";
import type { Driver, DriverCall, PulledPage, PullRequest, Resource } from "#driver/types.ts";
import { DAY_MS } from "#units/time.ts";
import { anchoredWindow, getDataRange, MAX_WINDOW_MS, pullList } from "./api.ts";
import { auth, endpoints, settings } from "./auth.ts";
import { mapDexcom } from "./map.ts";
import { LATE_EGVS, LISTS } from "./schema.ts";

/** Phones deliver up to a day late: sensors fill gaps of that length when they meet again. */
const OVERLAP_MS = DAY_MS;
/**
 * A receiver is uploaded by cable, as seldom as once in a sensor's session of ten days, and a phone without a network waits until it has
 * one. For that long events are corrected and deleted, too.
 */
const LATE_DAYS = 14;
const BACKFILL_DAYS = 90;

const pulled = (everySeconds: number, overlapMs = OVERLAP_MS): NonNullable<Resource["pull"]> => ({
  maxWindowMs: MAX_WINDOW_MS,
  backfillDays: BACKFILL_DAYS,
  everySeconds,
  overlapMs,
});

const GLUCOSE = { format: "json", metrics: ["glucose", "glucose_trend_rate"], records: ["sample"] } as const;

const resources: readonly Resource[] = [
  { name: "egvs", ...GLUCOSE, pull: pulled(300) },
  // A fortnight at each poll of `egvs` would be 4,000 readings every five minutes.
  { name: LATE_EGVS, ...GLUCOSE, pull: { ...pulled(86_400, LATE_DAYS * DAY_MS), backfillDays: LATE_DAYS } },
  { name: "events", format: "json", pull: pulled(300, LATE_DAYS * DAY_MS), metrics: [], records: ["treatment"] },
  { name: "calibrations", format: "json", pull: pulled(3_600, LATE_DAYS * DAY_MS), metrics: ["glucose_meter"], records: ["sample"] },
  { name: "alerts", format: "json", pull: pulled(3_600, LATE_DAYS * DAY_MS), metrics: [], records: ["treatment"] },
  // Kept raw, gives no records: the list of now, so there is no past to ask for.
  { name: "devices", format: "json", pull: { ...pulled(86_400), backfillDays: 29, overlapMs: 0 }, metrics: [], records: [] },
  // Asked by the driver itself, to know the person and where the data lies.
  { name: "dataRange", format: "json", metrics: [], records: [] },
];

async function* pull(call: DriverCall, request: PullRequest): AsyncGenerator<PulledPage> {
  if (request.resource === "dataRange") {
    const { response } = await getDataRange(call);
    yield { resource: "dataRange", body: response.body };
    return;
  }
  const name = request.resource === LATE_EGVS ? "egvs" : LISTS.find((list) => list === request.resource);
  if (name === undefined) throw new InvalidInput(`Dexcom has no resource "${request.resource}".`);
  if (!("window" in request)) throw new InvalidInput("Dexcom answers for windows of time only.");
  const isSandbox = call.settings["region"] === "sandbox";
  yield* pullList(call, name, isSandbox ? await anchoredWindow(call, request.window) : request.window);
}

export const dexcom: Driver = {
  id: "dexcom",
  displayName: "Dexcom",
  brand: {
    // Neutral colours: Dexcom's own marks need its partner agreement.
    connectText: "Connect Dexcom",
    colour: "#334155",
    textColour: "#ffffff",
    disclosure: {
      en:
        "Islet will read your glucose, events, calibrations, alerts and devices from Dexcom. Dexcom gives data to other apps about one hour late in the United States and three hours late elsewhere. What you see here is for information only, not for treatment decisions: follow your Dexcom device and your care team.",
      es:
        "Islet leerá de Dexcom tu glucosa, eventos, calibraciones, avisos y dispositivos. Dexcom entrega los datos a otras " +
        "aplicaciones con cerca de una hora de demora en Estados Unidos y tres horas en otros países. Lo que ves aquí es solo " +
        "informativo, no sirve para decidir un tratamiento: sigue tu dispositivo Dexcom y a tu equipo de salud.",
    },
  },
  auth,
  endpoints,
  settings,
  capabilities: { delivery: "poll", historyLimitDays: null, latencySeconds: 3_600 },
  rateLimits: [
    { requests: 60_000, perSeconds: 3_600, scope: "app", source: "developer.dexcom.com: 60,000 calls per app per hour, then 429" },
  ],
  resources,

  /** The account is a hash that Dexcom makes per person and client. Dexcom has one scope and does not repeat it: null. */
  async identify(call) {
    const { range } = await getDataRange(call);
    return { vendorUserId: range.userId, grantedScopes: null };
  },
  pull,
  map: mapDexcom,
};
