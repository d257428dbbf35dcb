/**
 * A fake of `/api/v1` for tests of the pages: answers from invented data in the API's shapes (the types are the schemas').
 * Nothing of it is shipped.
 */
import { toMmolL } from "#units/glucose.ts";
import { DAY_MS, localDate } from "#units/time.ts";
import type {
  Connection, ConnectionList, ConnectReply, GlucoseLatest, GlucoseSeries, GlucoseSummary, GlucoseUnit,
  Locale, MetricsReply, PatientList, Provider, ProviderList, Session, SleepLatest, SleepList, SyncReply, TreatmentList, WorkoutList,
} from "#web/client/types.ts";
import { fakeMatters } from "./matters.ts";
import { dayNumbers, glucoseAt, IDS, nightOf, readings, SOURCES, stress, treatments, workouts } from "./people.ts";

export interface FakeOptions {
  readonly nowMs: number;
  readonly unit?: GlucoseUnit;
  readonly locale?: Locale;
  /** Nothing is connected and nothing was measured. */
  readonly isEmpty?: boolean;
  readonly isSignedOut?: boolean;
  /** Age of the newest reading, minutes. */
  readonly lagMinutes?: number;
  /** A clinician with two people. */
  readonly isClinician?: boolean;
}

export interface FakeReply {
  readonly status: number;
  readonly body: unknown;
}

const NOTICE = "For information only.";
const iso = (ms: number): string => new Date(ms).toISOString();

export function fakeSession({ unit = "mg/dL", locale = "en", isClinician = false, nowMs }: FakeOptions): Session {
  return {
    userId: IDS.user, email: "ana@example.org", displayName: "Ana Demo", roles: [isClinician ? "clinician" : "patient"],
    organization: { id: IDS.organization, name: "Demo clinic" }, patientId: isClinician ? null : IDS.patient,
    preferences: { glucoseUnit: unit, locale, zone: "Europe/Madrid" }, csrfToken: "csrf-token", expiresAt: iso(nowMs + DAY_MS),
  };
}

const provider = (facts: Pick<Provider, "id" | "displayName" | "colour" | "metrics" | "records"> & Partial<Provider>): Provider => ({
  canConnect: facts.isConfigured ?? true, signIn: "oauth2", fields: [], unofficial: null, endedOn: null, successor: null, allowsSeveral: false, resources: [], logoUrl: null,
  connectText: `Connect ${facts.displayName}`, textColour: "#ffffff", attribution: null, isConfigured: true, isSimulated: true,
  delivery: "webhook-push", latencySeconds: 60, historyLimitDays: null, settings: [],
  consent: { version: 1, text: `I want Islet to fetch my data from ${facts.displayName} and keep them here.` },
  disclosure: `Islet reads your data from ${facts.displayName}, stores them on this server and shows them to you.`, ...facts,
});

export const FAKE_PROVIDERS: readonly Provider[] = [
  provider({
    id: "dexcom", displayName: "Dexcom", colour: "#1b7f3a", metrics: ["glucose", "glucose_trend_rate"], records: ["sample", "treatment"],
    delivery: "poll", latencySeconds: 3_600, historyLimitDays: 90,
    settings: [{ name: "region", description: "Region of the Dexcom account", values: ["us", "ous", "jp"], default: "us" }],
  }),
  provider({
    id: "garmin", displayName: "Garmin", connectText: "Connect Garmin", colour: "#000000",
    metrics: ["heart_rate", "resting_heart_rate", "steps", "stress", "vo2max_running"], records: ["sample", "sleep", "workout"], historyLimitDays: 90,
  }),
  provider({
    id: "strava", displayName: "Strava", connectText: "Connect with Strava", colour: "#fc5200", attribution: "Powered by Strava",
    metrics: ["heart_rate", "distance"], records: ["workout"], delivery: "webhook-ping",
  }),
  provider({ id: "withings", displayName: "Withings", colour: "#0a6c87", metrics: ["weight"], records: ["sample"], isConfigured: false, isSimulated: false }),
];

export function fakeConnections(nowMs: number): Connection[] {
  const connection = (facts: Pick<Connection, "id" | "provider" | "providerName"> & Partial<Connection>): Connection => ({
    status: "active", statusDetail: null, isSyncing: false, isSimulated: true, connectedAt: iso(nowMs - 40 * DAY_MS),
    lastSyncAt: iso(nowMs - 200_000), nextSyncAt: iso(nowMs + 100_000), lastDataAt: iso(nowMs - 240_000), backfillProgress: 1, grantedScopes: null, missingScopes: [],
    devices: [], settings: {}, ...facts,
  });
  return [
    connection({
      id: IDS.dexcom, provider: "dexcom", providerName: "Dexcom", settings: { region: "ous", base_url: "http://localhost:1/sim" },
      devices: [{ id: "g7", name: "Dexcom G7", lastDataAt: iso(nowMs - 240_000) }],
    }),
    connection({
      id: IDS.garmin, provider: "garmin", providerName: "Garmin", isSyncing: true, backfillProgress: 0.43,
      devices: [{ id: "fr", name: "Forerunner 965", lastDataAt: iso(nowMs - 3_000_000) }],
    }),
    connection({
      id: IDS.strava, provider: "strava", providerName: "Strava", status: "needs_reauthorization", missingScopes: ["activity:read_all"],
      statusDetail: "Strava no longer accepts our key.", nextSyncAt: null,
    }),
  ];
}

const inUnit = (mgDl: number, unit: GlucoseUnit): number => (unit === "mg/dL" ? mgDl : Math.round(toMmolL(mgDl) * 10) / 10);
const THRESHOLDS: Readonly<Record<GlucoseUnit, { veryLow: number; low: number; high: number; veryHigh: number; tightHigh: number }>> = {
  "mg/dL": { veryLow: 54, low: 70, high: 180, veryHigh: 250, tightHigh: 140 },
  "mmol/L": { veryLow: 3, low: 3.9, high: 10, veryHigh: 13.9, tightHigh: 7.8 },
};

export function fakeLatest({ nowMs, isEmpty, lagMinutes = 3 }: FakeOptions): GlucoseLatest {
  if (isEmpty) return { reading: null, notice: NOTICE };
  const at = nowMs - lagMinutes * 60_000;
  const valueMgDl = glucoseAt(at);
  return {
    reading: {
      at: iso(at), valueMgDl, valueMmolL: toMmolL(valueMgDl), trend: "forty_five_up", rateMgDlMin: 1.2, deltaMgDl: 5, flags: [],
      source: SOURCES.sensor, ageSeconds: lagMinutes * 60, isStale: lagMinutes > 15,
    },
    notice: NOTICE,
  };
}

export function fakeSeries(options: FakeOptions, span: { fromMs: number; toMs: number }): GlucoseSeries {
  const unit = options.unit ?? "mg/dL";
  const { times, values } = options.isEmpty ? { times: [], values: [] } : readings(span.fromMs, Math.min(span.toMs, options.nowMs));
  const { tightHigh: _, ...target } = THRESHOLDS[unit];
  return {
    unit, from: iso(span.fromMs), to: iso(span.toMs), times, values: values.map((value) => inUnit(value, unit)), flags: null,
    sourceIndexes: times.map(() => 0), sources: [SOURCES.sensor], target, notice: NOTICE,
  };
}

export function fakeSummary(options: FakeOptions, span: { fromMs: number; toMs: number }, zone: string): GlucoseSummary {
  const unit = options.unit ?? "mg/dL";
  const { times, values } = options.isEmpty ? { times: [], values: [] } : readings(span.fromMs, Math.min(span.toMs, options.nowMs));
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1));
  const share = (test: (value: number) => boolean): number => (values.filter(test).length / count) * 100;
  const days = Map.groupBy(times.map((time, index) => ({ date: localDate(zone, time), value: values[index] ?? 0 })), ({ date }) => date);
  const has = count > 0;
  const spanDays = (span.toMs - span.fromMs) / DAY_MS;
  return {
    from: iso(span.fromMs), to: iso(span.toMs), zone, unit, readings: count, days: days.size,
    mean: has ? inUnit(mean, unit) : null, sd: has ? inUnit(sd, unit) : null, cvPercent: has ? (sd / mean) * 100 : null,
    gmiPercent: has ? 3.31 + 0.02392 * mean : null, gmiMmolMol: has ? 12.71 + 4.70587 * toMmolL(mean) : null,
    median: has ? inUnit(values.toSorted((a, b) => a - b)[Math.floor(count / 2)] ?? 0, unit) : null,
    min: has ? inUnit(Math.min(...values), unit) : null, max: has ? inUnit(Math.max(...values), unit) : null,
    wearPercent: has ? (count / (spanDays * 288)) * 100 : null,
    rangesPercent: has
      ? {
          veryLow: share((v) => v < 54), low: share((v) => v >= 54 && v < 70), target: share((v) => v >= 70 && v <= 180),
          high: share((v) => v > 180 && v <= 250), veryHigh: share((v) => v > 250), tight: share((v) => v >= 70 && v <= 140),
        }
      : null,
    thresholds: THRESHOLDS[unit], isSufficient: spanDays > 13, reasons: spanDays > 13 ? [] : ["fewer than 14 days"],
    daily: [...days].map(([date, points]) => {
      const own = points.map(({ value }) => value);
      return {
        date, readings: own.length, mean: inUnit(own.reduce((sum, value) => sum + value, 0) / own.length, unit),
        inTargetPercent: (own.filter((v) => v >= 70 && v <= 180).length / own.length) * 100,
        min: inUnit(Math.min(...own), unit), max: inUnit(Math.max(...own), unit),
      };
    }),
    notice: NOTICE,
  };
}

const DAILY = [
  ["steps", "{count}", (day: ReturnType<typeof dayNumbers>) => day.steps],
  ["resting_heart_rate", "/min", (day: ReturnType<typeof dayNumbers>) => day.restingHeartRate],
] as const;

export function fakeMetrics({ isEmpty, nowMs }: FakeOptions, query: URLSearchParams): MetricsReply {
  const fromMs = Date.parse(query.get("from") ?? "");
  const toMs = Math.min(Date.parse(query.get("to") ?? ""), nowMs);
  const common = { endTimes: null, flags: null, resolution: "raw" as const };
  const series: MetricsReply["series"] = [];
  const metrics = isEmpty ? [] : (query.get("metrics") ?? "").split(",");
  if (metrics.includes("stress")) {
    const { times, values } = stress(fromMs, toMs);
    series.push({ ...common, metric: "stress", unit: "{score}", aggregate: "mean", times, values, offsets: times.map(() => 60), sourceIndexes: times.map(() => 0) });
  }
  if (metrics.includes("vo2max_running")) {
    const times = Array.from({ length: 12 }, (_, index) => fromMs + (index + 0.5) * 7 * DAY_MS);
    series.push({
      ...common, metric: "vo2max_running", unit: "mL/kg/min", aggregate: "last", times, values: times.map((time) => dayNumbers(Math.floor(time / DAY_MS)).vo2max),
      offsets: times.map(() => null), sourceIndexes: times.map(() => 0),
    });
  }
  for (const [metric, unit, pick] of DAILY) {
    if (!metrics.includes(metric)) continue;
    const times = Array.from({ length: Math.ceil((toMs - fromMs) / DAY_MS) }, (_, index) => fromMs + index * DAY_MS);
    const values = times.map((time) => pick(dayNumbers(Math.round(time / DAY_MS))));
    series.push({
      ...common, metric, unit, resolution: "1d", aggregate: metric === "steps" ? "sum" : "mean", times, values,
      offsets: times.map(() => null), sourceIndexes: times.map(() => 0),
    });
  }
  return { from: query.get("from") ?? "", to: query.get("to") ?? "", sources: [SOURCES.watch], series, nextFrom: null };
}

const ok = (body: unknown, status = 200): FakeReply => ({ status, body });

const problem = (status: number, code: string): FakeReply => ({
  status,
  body: { type: `about:blank#${code}`, title: code, status, detail: `Fake: ${code}.`, instance: "/", code, trace_id: "0123456789abcdef" },
});

/** Answers one request. `path` is without `/api/v1`. */
export function fakeApi(options: FakeOptions, request: { method: string; path: string; query: URLSearchParams }): FakeReply {
  const { method, path, query } = request;
  const { nowMs, isEmpty = false } = options;
  const span = { fromMs: Date.parse(query.get("from") ?? iso(nowMs - DAY_MS)), toMs: Date.parse(query.get("to") ?? iso(nowMs)) };
  if (path === "/session" && method === "DELETE") return ok(null, 204);
  if (options.isSignedOut && !(path === "/session" && method === "POST")) return problem(401, "not_authenticated");
  const matters = fakeMatters(path, nowMs);
  if (matters !== undefined) return ok(matters);
  if (path === "/session") return ok(fakeSession(options));
  if (path === "/me") return ok(fakeSession(options));
  if (path === "/providers") return ok({ data: [...FAKE_PROVIDERS] } satisfies ProviderList);
  if (path === "/patients") {
    const own = { id: IDS.patient, displayName: "Ana Demo", zone: "Europe/Madrid", isSelf: !options.isClinician };
    return ok({ data: options.isClinician ? [own, { ...own, id: IDS.otherPatient, displayName: "Bruno Ejemplo" }] : [own], nextCursor: null } satisfies PatientList);
  }
  switch (path.replace(/^\/patients\/[^/]+/, "").replace(/\/connections\/[^/]+/, "/connections/:id")) {
    case "/connections":
      return method === "POST"
        ? ok({ authorizeUrl: "http://localhost:1/consent", connectionId: null, pairing: null, expiresAt: iso(nowMs), disclosure: "…", notice: NOTICE } satisfies ConnectReply, 201)
        : ok({ data: isEmpty ? [] : fakeConnections(nowMs) } satisfies ConnectionList);
    case "/connections/:id": return method === "DELETE" ? ok(null, 204) : ok(fakeConnections(nowMs)[0]);
    case "/connections/:id/sync":
      return ok({ outcome: "done", stored: { samples: 288, sleeps: 1, workouts: 0, treatments: 6 }, lastSyncAt: iso(nowMs), detail: null } satisfies SyncReply);
    case "/glucose/latest": return ok(fakeLatest(options));
    case "/glucose/series": return ok(fakeSeries(options, span));
    case "/glucose/summary": return ok(fakeSummary(options, span, query.get("zone") ?? "UTC"));
    case "/metrics": return ok(fakeMetrics(options, query));
    case "/treatments": return ok({ data: isEmpty ? [] : treatments(span.fromMs, span.toMs), nextCursor: null } satisfies TreatmentList);
    case "/workouts": return ok({ data: isEmpty ? [] : workouts(span.fromMs, span.toMs).slice(0, Number(query.get("limit") ?? 50)), nextCursor: null } satisfies WorkoutList);
    case "/sleeps/latest": return ok({ sleep: isEmpty ? null : nightOf(Math.floor(nowMs / DAY_MS)) } satisfies SleepLatest);
    case "/sleeps": {
      const last = Math.floor(nowMs / DAY_MS);
      return ok({ data: isEmpty ? [] : Array.from({ length: 10 }, (_, index) => nightOf(last - index)), nextCursor: "next" } satisfies SleepList);
    }
    default: return problem(404, "not_found");
  }
}
