/**
 * Shapes of the public API (`/api/v1`). Requests and replies are checked by these, OpenAPI 3.1 is generated from them, and the
 * portal takes its types from here. Reply schemas are allow-lists: what is not named here is not sent. No transforms in replies.
 */
import { z } from "zod";
import { glucoseUnit, instant, metricName, seconds, uuid } from "./schemas/common.ts";
import { consentGiven } from "./schemas/consents.ts";
import { source } from "./schemas/measurements.ts";

export { glucoseUnit, metricName };
export * from "./schemas/appointments.ts";
export * from "./schemas/audit.ts";
export * from "./schemas/care-team.ts";
export * from "./schemas/clinical-history.ts";
export * from "./schemas/consents.ts";
export * from "./schemas/accounts.ts";
export * from "./schemas/glucose-analysis.ts";
export * from "./schemas/measurements.ts";
export * from "./schemas/organization.ts";
export * from "./schemas/outgoing-webhooks.ts";
export * from "./schemas/patients.ts";
export * from "./schemas/population.ts";
export * from "./schemas/privacy.ts";
export * from "./schemas/readings.ts";
export * from "./schemas/records.ts";
export * from "./schemas/second-factor.ts";
export * from "./schemas/sharing.ts";
export * from "./schemas/sources.ts";
export * from "./schemas/streaks.ts";
export * from "./schemas/tokens.ts";
export * from "./schemas/vendors.ts";

/** RFC 9457 problem details. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  instance: z.string(),
  code: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  changed: z.object({ version: z.number().int(), by: z.string().nullable(), at: z.string() }).optional().describe("With 412: which version there is now, who made it and when."),
  trace_id: z.string(),
});

// ── sign-in ────────────────────────────────────────────────────────────────────────────────────────────────────────
export const signInRequest = z.object({
  identifier: z.string().min(3).max(254).optional().describe("An e-mail address, a username or a national id."),
  email: z.string().min(3).max(254).optional().describe("The same, under its older name."),
  password: z.string().min(1).max(1024),
}).refine(({ identifier, email }) => (identifier === undefined) !== (email === undefined), { path: ["identifier"], message: "say whom: one of identifier and email" });

export const role = z.enum(["patient", "clinician", "admin", "follower"]);

export const me = z.object({
  userId: uuid,
  email: z.string().nullable().describe("Null for somebody who signs in by username or national id alone."),
  displayName: z.string(),
  roles: z.array(role),
  organization: z.object({ id: uuid, name: z.string(), notice: z.object({ en: z.string(), es: z.string() }).optional().describe("What it says to whoever is signed in.") }),
  /** The patient this user is, when it is one. */
  patientId: uuid.nullable(),
  preferences: z.object({ glucoseUnit, locale: z.enum(["en", "es"]), zone: z.string() }),
});

export const session = me.extend({
  csrfToken: z.string().describe("To be sent as X-CSRF-Token with every write that the session cookie authenticates."),
  expiresAt: instant,
  mustChangePassword: z.boolean().optional().describe("With a sign-in: the password is to be changed before anything else (POST /me/password)."),
  mustAddSecondFactor: z.boolean().optional().describe("The organization requires a second factor of its staff: one is to be set up before anything else (/me/second-factors)."),
});

export const preferencesPatch = z.object({
  glucoseUnit: glucoseUnit.optional(),
  locale: z.enum(["en", "es"]).optional(),
  zone: z.string().max(64).optional(),
});

// ── patients ───────────────────────────────────────────────────────────────────────────────────────────────────────
export const patient = z.object({ id: uuid, displayName: z.string(), zone: z.string(), isSelf: z.boolean() });
/** One patient, and by what right the caller sees them. */
export const patientShown = patient.extend({
  zone: z.string().describe("Holds now."),
  access: z.object({
    kind: z.enum(["own", "shared", "break_glass"]).describe("`own`: oneself; `break_glass`: taken in an emergency, and not given."),
    scope: z.enum(["view", "upload", "manage"]), until: instant.nullable().describe("Null: until it is taken back."),
  }),
});
export const patientList = z.object({ data: z.array(patient), nextCursor: z.string().nullable() });

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
  consent: z.object({ version: z.number().int(), text: z.string() }).describe("What one consents to by connecting it: to be shown before, its version to be sent along."),
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
  /** Consent to this vendor: the version of the text that the provider shows as `consent`. Needed where it was not given before. */
  consent: consentGiven.optional(),
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

export const syncReply = z.object({
  /** "running": still going on after the wait; ask for the connection's state. */
  outcome: z.enum(["done", "running", "failed"]),
  /** How many records were new or changed. */
  stored: z.object({ samples: z.number(), sleeps: z.number(), workouts: z.number(), treatments: z.number() }),
  lastSyncAt: instant.nullable(),
  detail: z.string().nullable(),
});

// ── days ───────────────────────────────────────────────────────────────────────────────────────────────────────────
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
  kind: z.enum(["samples", "sleep", "workout", "treatment", "connection", "sources", "zone", "appointment", "clinical"])
    .describe("`sources`: other sources are believed from now on, for the metric or, where it is null, for all; `zone`: where the person lives, and so their days; `appointment`: a request moved, or what belongs to it; `clinical`: the clinic wrote something down."),
  /** Set for samples, and for sources where only this metric is concerned. */
  metric: metricName.nullable(),
  connectionId: uuid.nullable(),
  from: instant.nullable(), to: instant.nullable(), count: z.number(),
});
/** Changes in the order in which they were committed. */
export const changeList = z.object({
  data: z.array(liveEvent),
  cursor: z.string().describe("Give it as after= to go on; also where nothing has changed."),
  hasMore: z.boolean().describe("Whether there are more already."),
});

export type Me = z.infer<typeof me>;
export type Session = z.infer<typeof session>;
export type Provider = z.infer<typeof provider>;
export type Connection = z.infer<typeof connection>;
export type ConnectReply = z.infer<typeof connectReply>;
export type SyncReply = z.infer<typeof syncReply>;
export type DaySummary = z.infer<typeof daySummary>;
export type Delivery = z.infer<typeof delivery>;
export type Provenance = z.infer<typeof provenance>;
export type ImportReply = z.infer<typeof importReply>;
export type LiveEvent = z.infer<typeof liveEvent>;
export type ChangeList = z.infer<typeof changeList>;
export type ProblemDetails = z.infer<typeof problem>;
export type Patient = z.infer<typeof patient>;
