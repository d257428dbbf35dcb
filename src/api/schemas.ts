/**
 * Shapes of the public API (`/api/v1`). Requests and replies are checked by these, OpenAPI 3.1 is generated from them, and the
 * portal takes its types from here. Reply schemas are allow-lists: what is not named here is not sent. No transforms in replies.
 */
import { z } from "zod";
import { METRIC_NAMES, type MetricName } from "#units/metrics.ts";
import { MEAL_RELATIONS, MEALS, SAMPLE_LOCATIONS, SAMPLE_TYPES, SPORTS } from "#driver/records.ts";

const instant = z.string().describe("RFC 3339 instant in UTC, e.g. 2026-03-02T06:30:00.000Z");
const uuid = z.string().regex(/^[0-9a-f-]{36}$/);
export const glucoseUnit = z.enum(["mg/dL", "mmol/L"]);
export const metricName = z.enum(METRIC_NAMES as [MetricName, ...MetricName[]]);

/** RFC 9457 problem details. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  instance: z.string(),
  code: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  trace_id: z.string(),
});

// ── sign-in ────────────────────────────────────────────────────────────────────────────────────────────────────────
export const signInRequest = z.object({ email: z.string().min(3).max(254), password: z.string().min(1).max(1024) });

export const role = z.enum(["patient", "clinician", "admin", "follower"]);

export const me = z.object({
  userId: uuid,
  email: z.string(),
  displayName: z.string(),
  roles: z.array(role),
  organization: z.object({ id: uuid, name: z.string() }),
  /** The patient this user is, when it is one. */
  patientId: uuid.nullable(),
  preferences: z.object({ glucoseUnit, locale: z.enum(["en", "es"]), zone: z.string() }),
});

export const session = me.extend({
  csrfToken: z.string().describe("To be sent as X-CSRF-Token with every write that the session cookie authenticates."),
  expiresAt: instant,
});

export const accessToken = z.object({ accessToken: z.string(), tokenType: z.literal("Bearer"), expiresAt: instant });

export const preferencesPatch = z.object({
  glucoseUnit: glucoseUnit.optional(),
  locale: z.enum(["en", "es"]).optional(),
  zone: z.string().max(64).optional(),
});

// ── patients ───────────────────────────────────────────────────────────────────────────────────────────────────────
export const patient = z.object({ id: uuid, displayName: z.string(), zone: z.string(), isSelf: z.boolean() });
export const patientList = z.object({ data: z.array(patient), nextCursor: z.string().nullable() });

const zoneEntry = z.object({
  from: z.string().max(40).describe("RFC 3339 instant with an offset, from which on the zone holds."),
  zone: z.string().max(64).describe("IANA name, e.g. Asia/Tokyo."),
});
export const zonesRequest = z.object({ data: z.array(zoneEntry).max(2_000).describe("The whole list, ascending.") });
export const zoneRequest = zoneEntry.partial({ from: true }).describe("Without `from`, from now on.");
export const zoneHistory = z.object({
  home: z.string().describe("Holds before the first entry; changed by PATCH /me."), current: z.string().describe("Holds now."),
  data: z.array(z.object({ from: instant, zone: z.string() })).describe("Ascending."),
});

// ── providers and connections ──────────────────────────────────────────────────────────────────────────────────────
export const providerSetting = z.object({
  name: z.string(), description: z.string(), values: z.array(z.string()), default: z.string(),
});

/** A field of a vendor's sign-in, for vendors that have no page of their own to consent on. */
export const signInField = z.object({
  name: z.string(), label: z.string(), isSecret: z.boolean(), isOptional: z.boolean(), form: z.enum(["text", "email", "address"]),
});

export const provider = z.object({
  id: z.string(),
  displayName: z.string(),
  connectText: z.string(),
  colour: z.string(),
  textColour: z.string(),
  attribution: z.string().nullable(),
  logoUrl: z.string().nullable().describe("The vendor's logo, where the operator has put one into the data folder."),
  disclosure: z.string(),
  /** False when the operator has given no client credentials: it cannot be connected. */
  isConfigured: z.boolean(),
  /** True when the vendor's cloud is Islet's simulator. */
  isSimulated: z.boolean(),
  /** Whether a person can connect it now: it is set up, and its vendor still serves it. */
  canConnect: z.boolean(),
  /** How one signs in: a page of the vendor's (OAuth, or an aggregator's own), fields to fill in, a device to pair, or nothing at all. */
  signIn: z.enum(["oauth2", "hosted", "credentials", "device", "none"]),
  fields: z.array(signInField),
  /** Why it is off unless the operator turns it on; null for what the vendor offers itself. */
  unofficial: z.string().nullable(),
  /** The vendor serves it no more from this date on, and who took over. */
  endedOn: z.string().nullable(),
  successor: z.string().nullable(),
  /** One person may have several connections at once. */
  allowsSeveral: z.boolean(),
  delivery: z.enum(["poll", "webhook-ping", "webhook-push", "device-push", "typed"]),
  latencySeconds: z.number(),
  historyLimitDays: z.number().nullable(),
  metrics: z.array(metricName),
  records: z.array(z.enum(["sample", "sleep", "workout", "treatment"])),
  /** What is read of it, by the vendor's own names. */
  resources: z.array(z.object({
    name: z.string(), metrics: z.array(metricName), records: z.array(z.enum(["sample", "sleep", "workout", "treatment"])),
    everySeconds: z.number().nullable().describe("How often it is asked for; null where it comes by itself."),
  })),
  settings: z.array(providerSetting),
});
export const providerList = z.object({ data: z.array(provider) });

export const connectionStatus = z.enum([
  "active", "limited", "needs_reauthorization", "error", "revoked", "disconnected", "retired",
]);

export const connection = z.object({
  id: uuid,
  provider: z.string(),
  providerName: z.string(),
  status: connectionStatus,
  /** What went wrong, in plain words; null when all is well. */
  statusDetail: z.string().nullable(),
  isSyncing: z.boolean(),
  isSimulated: z.boolean(),
  connectedAt: instant,
  lastSyncAt: instant.nullable(),
  /** When Islet asks the vendor next by itself: the next try after a failure; null when it does not. */
  nextSyncAt: instant.nullable(),
  /** Newest data of this connection. */
  lastDataAt: instant.nullable(),
  /** 0–1 while the first back-fill runs, 1 afterwards. */
  backfillProgress: z.number(),
  grantedScopes: z.array(z.string()).nullable(),
  missingScopes: z.array(z.string()),
  devices: z.array(z.object({ id: z.string(), name: z.string().nullable(), lastDataAt: instant })),
  settings: z.record(z.string(), z.string()),
});
export const connectionList = z.object({ data: z.array(connection) });

export const connectRequest = z.object({
  provider: z.string().max(40),
  settings: z.record(z.string().max(40), z.string().max(80)).optional(),
  /** Where to return after consent: a path of the portal, or a registered deep link. */
  returnTo: z.string().max(300).optional(),
  /** Values of the provider's `fields`, for those that are signed in to here. Secrets are sealed and never shown again. */
  credentials: z.record(z.string().max(40), z.string().max(1_000)).optional(),
});
export const connectReply = z.object({
  /** The vendor's page, where it has one. */
  authorizeUrl: z.string().nullable(),
  /** Of the page's or the code's. */
  expiresAt: instant.nullable(),
  /** The connection, where it was made at once. */
  connectionId: uuid.nullable(),
  /** How a phone or meter is paired. */
  pairing: z.object({
    code: z.string(), pairUrl: z.string(), pushUrl: z.string(),
    demoDeviceUrl: z.string().nullable().describe("A simulated phone to try it with; in the demo only."),
  }).nullable(),
  /** To be shown before the person goes to the vendor (requirement E10). */
  disclosure: z.string(),
  notice: z.string(),
});

export const pairReply = z.object({ token: z.string(), tokenType: z.literal("Bearer"), provider: z.string(), connectionId: uuid, pushUrl: z.string() });
export const pushReply = z.object({ deliveryId: z.string(), isNew: z.boolean() });

export const readingsReply = z.object({
  deliveryId: z.string(),
  isNew: z.boolean().describe("False when the very same was sent before."),
  stored: z.number().describe("Records that were new or changed."),
  problems: z.array(z.object({ path: z.string(), reason: z.string() })),
});

export const syncReply = z.object({
  /** "running": still going on after the wait; ask for the connection's state. */
  outcome: z.enum(["done", "running", "failed"]),
  /** How many records were new or changed. */
  stored: z.object({ samples: z.number(), sleeps: z.number(), workouts: z.number(), treatments: z.number() }),
  lastSyncAt: instant.nullable(),
  detail: z.string().nullable(),
});

// ── measurements ───────────────────────────────────────────────────────────────────────────────────────────────────
export const source = z.object({
  id: z.string().describe("Series id; give it as source= to see this one alone."),
  provider: z.string().nullable(),
  connectionId: uuid.nullable(),
  device: z.string().nullable(),
  attribution: z.string().nullable(),
  linkedTo: z.string().optional().describe("Where it shows the same glucose sensor as a better source: that one's id. Each reading of the two is shown once."),
});

export const resolution = z.enum(["raw", "1m", "5m", "15m", "1h", "1d"]);

/** Columnar: `times[i]`, `values[i]` and `sources[i]` (index into the reply's `sources`) belong together. */
export const metricSeries = z.object({
  metric: metricName,
  unit: z.string(),
  resolution,
  aggregate: z.enum(["none", "mean", "sum", "last"]),
  times: z.array(z.number()).describe("UTC epoch milliseconds, ascending."),
  endTimes: z.array(z.number()).nullable().describe("Ends of intervals; null for instants."),
  values: z.array(z.number()),
  offsets: z.array(z.number().nullable()).describe("Local offset in minutes each value was taken in."),
  flags: z.array(z.array(z.string())).nullable().describe("Quality flags per value; null when no value has any."),
  sourceIndexes: z.array(z.number()),
});
export const metricsReply = z.object({
  from: instant, to: instant, sources: z.array(source), series: z.array(metricSeries),
  /** Give as from= to go on; null when all was sent. */
  nextFrom: instant.nullable(),
});

// ── which sources are believed ─────────────────────────────────────────────────────────────────────────────────────
export const sourceSelector = z.strictObject({
  provider: z.string().min(1).max(40).optional(), connectionId: uuid.optional(), deviceId: z.string().min(1).max(200).optional(),
}).describe("All sources that fit every field given: e.g. a provider, one of its connections, one device.");
export const sourceRuleBody = z.strictObject({
  order: z.array(sourceSelector).max(50).default([]).describe("Believed before all others, the first the most."),
  exclude: z.array(sourceSelector).max(50).default([]).describe("Not shown with the others; `source=` still shows each alone."),
});
export const sourceRule = z.object({
  metric: z.string().describe("A metric, or `all`: every metric without a rule of its own."),
  order: z.array(sourceSelector), exclude: z.array(sourceSelector), updatedAt: instant,
});
export const sourcePlace = z.object({
  source, deviceId: z.string().nullable().describe("As selectors name it."), isDayTotal: z.boolean().describe("The vendor's own totals of days."),
  path: z.enum(["direct", "hub", "typed", "import"]),
  spacingS: z.number().nullable().describe("Typical seconds of its newest intervals, or between its newest instants; null where it does not matter or is not known."),
  firstAt: instant.nullable(), newestAt: instant.nullable(),
  reason: z.enum(["only_source", "own_order", "measured_within_the_day", "direct", "more_detailed", "still_measuring", "newer_device", "by_name", "excluded"])
    .describe("What puts it before the next source; the last one: behind the one before it."),
});
export const sourcePlaces = z.object({
  metric: metricName, rule: z.string().nullable().describe("The rule it goes by: its own name, `all`, or null."), sources: z.array(sourcePlace).describe("The best first."),
});
export const sourceRules = z.object({ rules: z.array(sourceRule), metrics: z.array(sourcePlaces) });
export const sourceRuleReply = z.object({ rule: sourceRule, metrics: z.array(sourcePlaces).describe("Those that go by this rule.") });

export const trendArrow = z.enum([
  "double_up", "single_up", "forty_five_up", "flat", "forty_five_down", "single_down", "double_down", "unknown",
]);

export const glucoseLatest = z.object({
  reading: z
    .object({
      at: instant,
      valueMgDl: z.number(),
      valueMmolL: z.number(),
      trend: trendArrow,
      /** mg/dL per minute; null when unknown. */
      rateMgDlMin: z.number().nullable(),
      deltaMgDl: z.number().nullable(),
      flags: z.array(z.string()),
      source,
      ageSeconds: z.number(),
      /** True when older than 15 minutes: never show it as the current value. */
      isStale: z.boolean(),
    })
    .nullable(),
  notice: z.string(),
});

export const glucoseSeries = z.object({
  unit: glucoseUnit,
  from: instant, to: instant,
  times: z.array(z.number()), values: z.array(z.number()), flags: z.array(z.array(z.string())).nullable(),
  sourceIndexes: z.array(z.number()), sources: z.array(source),
  target: z.object({ low: z.number(), high: z.number(), veryLow: z.number(), veryHigh: z.number() }),
  notice: z.string(),
});

export const glucoseSummary = z.object({
  from: instant, to: instant, zone: z.string(), unit: glucoseUnit,
  readings: z.number(), days: z.number(),
  mean: z.number().nullable(), sd: z.number().nullable(), cvPercent: z.number().nullable(),
  gmiPercent: z.number().nullable(), gmiMmolMol: z.number().nullable(),
  median: z.number().nullable(), min: z.number().nullable(), max: z.number().nullable(),
  /** Share of expected readings that are present, 0–100. */
  wearPercent: z.number().nullable(),
  rangesPercent: z
    .object({ veryLow: z.number(), low: z.number(), target: z.number(), high: z.number(), veryHigh: z.number(), tight: z.number() })
    .nullable(),
  thresholds: z.object({ veryLow: z.number(), low: z.number(), high: z.number(), veryHigh: z.number(), tightHigh: z.number() }),
  /** False under the consensus' 14 days with 70 % of readings: show the numbers as preliminary. */
  isSufficient: z.boolean(),
  /** Why a number is null or preliminary; empty when all is well. */
  reasons: z.array(z.string()),
  /** One entry a local day that has data. */
  daily: z.array(
    z.object({ date: z.string(), readings: z.number(), mean: z.number(), inTargetPercent: z.number(), min: z.number(), max: z.number() }),
  ),
  notice: z.string(),
});

export const PATIENT_SORTS = ["name", "timeInRange", "timeBelow", "mean", "cv", "wear", "lastReading"] as const;
/** One patient's glucose over whole local days; null where there is too little to say. */
export const patientSummary = z.object({
  id: uuid, displayName: z.string(), zone: z.string().describe("Holds now."), isSelf: z.boolean(),
  from: instant, asOf: instant.describe("End of the last whole local day: the numbers are of the days before."),
  days: z.number().describe("Local days that have readings."), readings: z.number(),
  rangesPercent: z.object({ veryLow: z.number(), low: z.number(), target: z.number(), high: z.number(), veryHigh: z.number(), tight: z.number() }).nullable(),
  meanMgDl: z.number().nullable(), meanMmolL: z.number().nullable(), sdMgDl: z.number().nullable(), sdMmolL: z.number().nullable(), cvPercent: z.number().nullable(),
  gmiPercent: z.number().nullable(), gmiMmolMol: z.number().nullable(), wearPercent: z.number().nullable().describe("Share of expected readings that are present, 0–100."),
  lastReading: z.object({ at: instant, valueMgDl: z.number(), valueMmolL: z.number(), ageSeconds: z.number(), isStale: z.boolean().describe("Older than 15 minutes: never show it as the current value.") }).nullable(),
});
export const patientSummaryList = z.object({
  asOf: instant.describe("When the list was made."), days: z.number(), data: z.array(patientSummary), nextCursor: z.string().nullable(), notice: z.string(),
});

// ── sleeps, workouts, days ─────────────────────────────────────────────────────────────────────────────────────────
const seconds = z.number().nullable();

export const sleep = z.object({
  id: z.string(), start: instant, end: instant, offsetMinutes: z.number().nullable(), isNap: z.boolean(),
  asleepS: seconds, inBedS: seconds, deepS: seconds, lightS: seconds, remS: seconds, awakeS: seconds,
  efficiencyPercent: z.number().nullable(), score: z.number().nullable(),
  stages: z.array(z.object({ stage: z.string(), start: instant, end: instant })),
  source, deliveryId: z.string(),
});
export const sleepList = z.object({ data: z.array(sleep), nextCursor: z.string().nullable() });
export const sleepLatest = z.object({ sleep: sleep.nullable() });

export const workout = z.object({
  id: z.string(), start: instant, end: instant, offsetMinutes: z.number().nullable(),
  sport: z.enum(SPORTS), vendorSport: z.string().nullable(), title: z.string().nullable(),
  activeS: seconds, distanceM: z.number().nullable(), energyKcal: z.number().nullable(),
  averageHeartRate: z.number().nullable(), maxHeartRate: z.number().nullable(), averagePaceSKm: z.number().nullable(),
  averagePowerW: z.number().nullable(), maxPowerW: z.number().nullable(), isPowerEstimated: z.boolean(),
  averageCadence: z.number().nullable(), elevationGainM: z.number().nullable(),
  /** e.g. "View on Strava", which must stand beside the workout. */
  link: z.object({ text: z.string(), url: z.string() }).nullable(),
  source, deliveryId: z.string(),
});
export const workoutList = z.object({ data: z.array(workout), nextCursor: z.string().nullable() });

export const treatment = z.object({
  id: z.string(), at: instant, end: instant.nullable(), offsetMinutes: z.number().nullable(), kind: z.string(),
  amount: z.number().nullable(), unit: z.string().nullable(), text: z.string().nullable(),
  /** Of a meter reading, as far as it is known. */
  meal: z.enum(MEALS).nullable(), mealRelation: z.enum(MEAL_RELATIONS).nullable(), sampleType: z.enum(SAMPLE_TYPES).nullable(),
  sampleLocation: z.enum(SAMPLE_LOCATIONS).nullable(), isManual: z.boolean(), source, deliveryId: z.string(),
});
export const treatmentList = z.object({ data: z.array(treatment), nextCursor: z.string().nullable() });

export const daySummary = z.object({
  date: z.string(), from: instant, to: instant,
  metrics: z.array(
    z.object({
      metric: metricName, unit: z.string(), count: z.number(),
      value: z.number().describe("By the metric's aggregate: mean, sum or last."), mean: z.number(), sd: z.number().nullable().describe("Null under two values."),
      min: z.number(), max: z.number(), source,
    }),
  ),
  sleepS: seconds, workouts: z.number(), workoutS: seconds,
});
export const daySummaryList = z.object({ zone: z.string(), data: z.array(daySummary), notice: z.string() });

// ── the inbox, for operators ───────────────────────────────────────────────────────────────────────────────────────
export const deliveryState = z.enum(["pending", "processing", "done", "failed", "dead", "unmatched", "ignored"]);
export const inboxDelivery = z.object({
  id: z.string(), provider: z.string(), via: z.enum(["webhook", "pull", "import", "push"]), resource: z.string().nullable(), state: deliveryState, attempts: z.number().int(),
  lastError: z.string().nullable().describe("Code of the last failure, never a value."), receivedAt: instant, processedAt: instant.nullable(),
  nextTryAt: instant.nullable().describe("Null where it is not waiting."), bytes: z.number().int(), patientId: z.string().nullable(),
  problemCount: z.number().int().describe("What could not be made of it."), mappingVersion: z.number().int().nullable(),
});
export const inboxDeliveryShown = inboxDelivery.extend({ problems: z.array(z.object({ path: z.string(), reason: z.string() })), causedBy: z.string().nullable() });
export const inboxList = z.object({ data: z.array(inboxDelivery), nextCursor: z.string().nullable() });
export const inboxCounts = z.object({ data: z.array(z.object({ provider: z.string(), state: deliveryState, count: z.number().int(), oldestAt: instant })) });
export const replay = z.object({
  id: z.string(), askedAt: instant, reason: z.string(), total: z.number().int(), waiting: z.number().int(), done: z.number().int(), dead: z.number().int(),
});

// ── provenance ─────────────────────────────────────────────────────────────────────────────────────────────────────
export const delivery = z.object({
  id: z.string(), provider: z.string(), via: z.enum(["webhook", "pull", "import", "push"]), resource: z.string().nullable(),
  receivedAt: instant, processedAt: instant.nullable(),
  state: z.enum(["pending", "processing", "done", "failed", "dead", "unmatched", "ignored"]),
  bytes: z.number(), attempts: z.number(),
  problems: z.array(z.object({ path: z.string(), reason: z.string() })),
});
export const provenance = z.object({
  value: z.object({ metric: metricName, at: instant, value: z.number(), unit: z.string(), source }),
  delivery,
});

// ── imports ────────────────────────────────────────────────────────────────────────────────────────────────────────
export const importReply = z.object({
  deliveryId: z.string(), format: z.string(), unit: glucoseUnit.nullable().describe("Of a glucose file; null where each measurement has its own."), zone: z.string(),
  rows: z.number(), stored: z.number(), duplicates: z.number(),
  problems: z.array(z.object({ line: z.number(), reason: z.string() })),
});

// ── live feed: the `data` of each server-sent event ────────────────────────────────────────────────────────────────
/** Events carry what changed, not the values: the page asks again for what it shows. */
export const liveEvent = z.object({
  kind: z.enum(["samples", "sleep", "workout", "treatment", "connection", "sources", "zone"])
    .describe("`sources`: other sources are believed from now on, for the metric or, where it is null, for all; `zone`: where the person lives, and so their days."),
  /** Set for samples, and for sources where only this metric is concerned. */
  metric: metricName.nullable(),
  connectionId: uuid.nullable(),
  from: instant.nullable(), to: instant.nullable(), count: z.number(),
});

export type Me = z.infer<typeof me>;
export type Session = z.infer<typeof session>;
export type Provider = z.infer<typeof provider>;
export type Connection = z.infer<typeof connection>;
export type ConnectReply = z.infer<typeof connectReply>;
export type SyncReply = z.infer<typeof syncReply>;
export type Source = z.infer<typeof source>;
export type SourceSelector = z.infer<typeof sourceSelector>;
export type SourceRule = z.infer<typeof sourceRule>;
export type SourcePlaces = z.infer<typeof sourcePlaces>;
export type SourceRules = z.infer<typeof sourceRules>;
export type SourceRuleReply = z.infer<typeof sourceRuleReply>;
export type MetricsReply = z.infer<typeof metricsReply>;
export type MetricSeries = z.infer<typeof metricSeries>;
export type GlucoseLatest = z.infer<typeof glucoseLatest>;
export type GlucoseSeries = z.infer<typeof glucoseSeries>;
export type GlucoseSummary = z.infer<typeof glucoseSummary>;
export type Sleep = z.infer<typeof sleep>;
export type Workout = z.infer<typeof workout>;
export type Treatment = z.infer<typeof treatment>;
export type DaySummary = z.infer<typeof daySummary>;
export type Delivery = z.infer<typeof delivery>;
export type Provenance = z.infer<typeof provenance>;
export type ImportReply = z.infer<typeof importReply>;
export type LiveEvent = z.infer<typeof liveEvent>;
export type ProblemDetails = z.infer<typeof problem>;
export type Patient = z.infer<typeof patient>;
export type PatientSummary = z.infer<typeof patientSummary>;
export type ZoneHistoryReply = z.infer<typeof zoneHistory>;
