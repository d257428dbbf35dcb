/**
 * What a person's package tells of each table, field by field: allow-lists, from which the rows are read, the JSON Schemas beside them are made, and the
 * tables of docs/privacy.md. A field is its column in camelCase.
 */
import { z } from "zod";

const text = z.string();
const at = z.iso.datetime().describe("UTC.");
const id = z.string().describe("An id of ours.");
const delivery = z.string().describe("The raw delivery that brought it: raw/index.jsonl leads to its bytes.");
const user = z.uuid().nullable().describe("Random id of an account; null: nobody in person.");
const json = z.unknown();
const percent = z.number().nullable().describe("Percent.");
const mgDl = z.number().nullable().describe("mg/dL");
const events = z.int().nullable().describe("Episodes.");

const record = {
  id, provider: text, connectionId: z.uuid().nullable(), vendorKey: text.describe("The vendor's own id, else the start."), startAt: at.nullable(),
  offsetMinutes: z.int().nullable().describe("Minutes east of UTC that the person's clock showed."), details: json.describe("As the record is told by the API; times in it are UTC epoch milliseconds."),
  deliveryId: delivery, withdrawnAt: at.nullable().describe("When the vendor took it back."),
};

export const SHAPES = {
  patients: z.object({ id: z.uuid(), displayName: text, zone: text.describe("IANA zone before the first entry of the zone history."), createdAt: at }),
  users: z.object({
    id: z.uuid(), email: text.nullable(), emailVerifiedAt: at.nullable(), username: text.nullable(), displayName: text, givenName: text.nullable(), familyName: text.nullable(),
    hospitalAccount: text.nullable(), tidepoolAccount: text.nullable(), roles: z.array(text), locale: text, glucoseUnit: text, zone: text, createdAt: at, blockedAt: at.nullable(),
    passwordChangedAt: at.nullable(), mustChangePassword: z.boolean(), deletedAt: at.nullable(),
  }),
  sessions: z.object({ id: z.uuid(), kind: text, device: text.nullable(), createdAt: at, lastSeenAt: at, provenAt: at.nullable(), expiresAt: at }),
  api_keys: z.object({
    id: z.uuid(), publicId: text, name: text, scopes: z.array(text), isOwnOnly: z.boolean(), createdAt: at, expiresAt: at, lastUsedAt: at.nullable(), revokedAt: at.nullable(),
  }),
  outside_identities: z.object({ issuer: text, subject: text, createdAt: at }),
  grants: z.object({
    patientId: z.uuid(), userId: z.uuid(), scope: text, kind: text, grantedBy: user, validFrom: at.nullable(), validTo: at.nullable().describe("Null: without end."), createdAt: at,
  }),
  consents: z.object({
    id, purpose: text, decision: text, version: z.int().nullable(), locale: text.nullable(), at, byUserId: user, isOnBehalf: z.boolean(), via: text,
  }),
  grant_offers: z.object({ id: z.uuid(), email: text, scope: text, validTo: at.nullable(), offeredBy: user, createdAt: at, expiresAt: at }),
  break_glass_accesses: z.object({
    id: z.uuid(), userId: user, reason: text, explanation: text, begunAt: at, until: at, reviewedAt: at.nullable(), verdict: text.nullable(),
  }),
  connections: z.object({
    id: z.uuid(), provider: text, status: text, statusCode: text.nullable(), vendorUserId: text, grantedScopes: z.array(text).nullable(), settings: json, slot: text,
    connectedAt: at, disconnectedAt: at.nullable(), lastSyncAt: at.nullable(),
  }),
  series: z.object({
    id, metric: text, provider: text, connectionId: z.uuid().nullable(), deviceId: text, deviceName: text.nullable(), isDayTotal: z.boolean(), createdAt: at,
  }),
  sleeps: z.object({ ...record, endAt: at.nullable(), isNap: z.boolean() }),
  workouts: z.object({ ...record, endAt: at.nullable(), sport: text }),
  treatments: z.object({ ...record, kind: text }),
  appointments: z.object({
    id: z.uuid(), state: text, motives: z.array(text), otherMotive: text.nullable(), isSevere: z.boolean(), isEmergency: z.boolean(), priority: text, priorityReason: text.nullable(),
    requestedAt: at, requestedBy: user, stateAt: at, handledBy: user, denialReason: text.nullable(), version: z.int(), changedAt: at, changedBy: user,
  }),
  appointment_events: z.object({
    appointmentId: z.uuid(), version: z.int(), move: text, fromState: text.nullable(), toState: text, actorKind: text, byUserId: user, at, reason: text.nullable(),
  }),
  appointment_details: z.object({ appointmentId: z.uuid(), version: z.int(), details: json, authorId: user, writtenAt: at }),
  appointment_resolutions: z.object({ appointmentId: z.uuid(), version: z.int(), resolution: json.describe("The clinician's own words."), authorId: user, writtenAt: at }),
  appointment_files: z.object({ appointmentId: z.uuid(), fileId: z.uuid().describe("See provided/files.") }),
  clinical_files: z.object({
    id: z.uuid().describe("Begins the name of its file in provided/files."), purpose: text, safeName: text, mediaType: text, sizeBytes: z.int(), sha256: text, createdAt: at, createdBy: user,
  }),
  record_versions: z.object({
    id, kind: text, recordId: id, provider: text, connectionId: z.uuid().nullable(), startAt: at, endAt: at, class: text, details: json, deliveryId: delivery, replacedBy: delivery, replacedAt: at,
  }),
  sample_versions: z.object({
    id, seriesId: id, startAt: at, endAt: at.nullable(), value: z.number().describe("In the unit of the series' metric."), deliveryId: delivery, replacedBy: delivery, replacedAt: at,
  }),
  day_summaries: z.object({
    metric: text, date: z.iso.date().describe("Of the person's own calendar."), fromAt: at, toAt: at, count: z.int(), value: z.number().describe("In the metric's unit."), mean: z.number(),
    m2: z.number().describe("Sum of squared distances from the mean."), min: z.number(), max: z.number(), last: z.number(), firstAt: at, lastAt: at, providers: z.array(text),
    ranges: z.array(z.int()).nullable(), glucosePart: text.nullable(),
  }),
  withdrawn_readings: z.object({
    id: z.uuid(), provider: text, connectionId: z.uuid().nullable(), treatmentId: id.nullable().describe("Its line in treatments."), seriesId: id.nullable(), startAt: at,
    value: z.number().nullable().describe("mg/dL, of the curve."), offsetMinutes: z.int().nullable(), flags: z.int().nullable(), deliveryId: delivery.nullable(), reason: text.nullable(), withdrawnAt: at,
    withdrawnBy: user,
  }),
  clinical_entries: z.object({
    id: z.uuid(), kind: text, version: z.int(), status: text.nullable(), audience: text.describe("`care_team`: written for the care team; a package tells it all the same."), isPinned: z.boolean(),
    isSelfReported: z.boolean(), fields: json.describe("As the API tells them; dates are YYYY-MM-DD."), fileId: z.uuid().nullable(), createdAt: at, createdBy: user, changedAt: at, changedBy: user,
    enteredInErrorAt: at.nullable(),
  }),
  clinical_versions: z.object({
    entryId: z.uuid(), version: z.int(), deed: text, status: text.nullable(), audience: text, isPinned: z.boolean(), fields: json, reason: text.nullable(), at, authorId: user,
  }),
  care_team_members: z.object({
    id: z.uuid(), userId: user, role: text, roleWords: text.nullable(), isMainContact: z.boolean(), since: at, addedBy: user, endedAt: at.nullable(),
  }),
  population_lines: z.object({
    days: z.int(), fromAt: at, toAt: at, madeAt: at, targetId: id.nullable(), readings: z.int(), daysRead: z.int(), veryLow: percent, low: percent, target: percent, high: percent, veryHigh: percent, tight: percent,
    mean: mgDl, sd: mgDl, cv: percent, gmi: percent, wear: percent, beforeDays: z.int(), beforeTarget: percent, lowEvents: events, veryLowEvents: events, highEvents: events, veryHighEvents: events,
    lastAt: at.nullable(), lastValue: mgDl,
  }),
  patient_tags: z.object({ tagId: z.uuid().describe("A tag of the clinic's."), addedAt: at }),
  patient_targets: z.object({ id, preset: text, bounds: json, goals: json, unit: text.nullable(), setAt: at }),
  patient_reviews: z.object({ id, reviewedAt: at, snoozedUntil: at.nullable(), snoozedGroups: z.array(text), snoozeReason: text.nullable(), undoneAt: at.nullable() }),
  source_rules: z.object({ metric: text.describe("`all`, or one."), preferred: json, excluded: json, updatedAt: at, updatedBy: user }),
  zone_entries: z.object({ fromAt: at, zone: text, createdAt: at }),
  audit_log: z.object({
    id, at, actorKind: text.nullable(), actorUserId: user, actorRole: text.nullable(), purpose: text.nullable(), action: text, objectType: text.nullable(), objectId: text.nullable(), outcome: text,
  }),
  data_exports: z.object({ id: z.uuid(), askedBy: user, isOwn: z.boolean(), state: text, askedAt: at, readyAt: at.nullable(), fetched: z.int() }),
  erasures: z.object({ id: z.uuid(), reason: text, state: text, askedBy: user, askedAt: at, beginsAt: at, undoneAt: at.nullable() }),
  webhook_events: z.object({
    id: z.uuid(), kind: text.describe("Of what the organization's own systems were told that it changed."), metric: text.nullable(), connectionId: z.uuid().nullable(), fromAt: at.nullable(),
    toAt: at.nullable(), count: z.int(), createdAt: at,
  }),
  legal_holds: z.object({ id: z.uuid(), reason: text, placedAt: at, liftedAt: at.nullable() }),
} as const satisfies Readonly<Record<string, z.ZodObject>>;

export type ShapeName = keyof typeof SHAPES;

/** One sample in `samples/<metric>.jsonl`. */
export const sampleShape = z.object({
  at, end: at.nullable().describe("Null: measured at an instant."), value: z.number(), unit: text, offsetMinutes: z.int().nullable(), provider: text,
  seriesId: id.describe("Which source: see series.jsonl."), flags: z.array(text), deliveryId: delivery,
});

/** One raw delivery in `raw/index.jsonl`. */
export const deliveryShape = z.object({
  id, path: text.describe("Its bytes, as they came, in this package."), provider: text, via: text, resource: text.nullable(), receivedAt: at, processedAt: at.nullable(), state: text, bytes: z.int(),
  sha256: text, connectionId: z.uuid().nullable(), headers: json, problems: json,
});
