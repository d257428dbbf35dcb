/**
 * Every operation of the API, as a test calls it: who may, by our own review and not by what the code declares, and what to send so that nothing but
 * permission stands in the way. A route without a line here fails `isolation.test.ts` and `matrix.test.ts`.
 */
import { randomUUID } from "node:crypto";
import type { InjectOptions } from "fastify";
import { parse, stringify } from "node:querystring";
import { keepFile } from "#clinic/files/files.ts";
import type { VendorRecord } from "#driver/records.ts";
import { TEST_PASSWORD, type TestApp } from "#test/kit/app.ts";
import { ONE_PAGE, pdf } from "#uploads/test-kit.ts";
import { give, iso, makeConnection, MINUTE, NOW_MS, readings } from "./kit.ts";

/**
 * `view`, `upload` and `manage`: of the patient in the path; `treat`: a clinician who may view; `self`: the patient alone; `treating`: a clinician who may manage
 * somebody else; `author`: of an entry that a clinician wrote, such a clinician.
 */
export type Who =
  | "anyone" | "user" | "clinician" | "admin" | "clinician admin" | "view" | "upload" | "manage" | "treat" | "self" | "treating" | "author" | "operator" | "vendor" | "device";

export interface Call {
  readonly who: Who;
  /** Query without the question mark. */
  readonly query?: string;
  readonly payload?: InjectOptions["payload"];
  readonly headers?: Readonly<Record<string, string>>;
  /** What the owner of the data is answered, where it is not 200. */
  readonly done?: number;
}

/** The version of the appointment that `restore` brings back. */
const SEEN = { "if-match": '"1"' };
const view: Call = { who: "view" };
const admin: Call = { who: "admin" };
const user: Call = { who: "user" };
const treat: Call = { who: "treat", done: 403 };
const P = "/api/v1/patients/{patientId}";

/** Of one kind of the clinical history. What only clinicians write the person may neither add nor change. */
function historyCalls(path: string, id: string, payload: object, who: "manage" | "treating"): Record<string, Call> {
  const one = `${P}/${path}/{${id}}`;
  const author = who === "manage" ? "manage" : "author";
  const done = who === "manage" ? 200 : 403;
  const { file: _file, ...fields } = payload as { file?: object };
  return {
    [`get ${P}/${path}`]: view, [`get ${one}`]: view, [`get ${one}/versions`]: view,
    [`post ${P}/${path}`]: { who, payload, done: who === "manage" ? 201 : 403 },
    [`put ${one}`]: { who: author, payload: fields, headers: { "if-match": "\"1\"" }, done },
    [`delete ${one}`]: { who: author, done },
    [`post ${one}/restore`]: { who: author, done },
  };
}

export const CALLS: Readonly<Record<string, Call>> = {
  "get /health": { who: "anyone" },
  "get /ready": { who: "anyone" },
  "get /metrics": { who: "operator" },
  "get /.well-known/jwks.json": { who: "anyone" },
  "get /.well-known/security.txt": { who: "anyone" },
  "get /logos/{provider}": { who: "anyone" },
  "get /oauth/{provider}/callback": { who: "anyone", query: "state=nobodys" },
  "post /webhooks/{provider}": { who: "vendor", payload: {} },
  "get /webhooks/{provider}": { who: "vendor" },
  "post /api/v1/session": { who: "anyone", payload: { email: "nobody@example.org", password: "not the password of anybody" } },
  "get /api/v1/session": user,
  "delete /api/v1/session": user,
  "post /api/v1/tokens": { who: "anyone", payload: { email: "nobody@example.org", password: "not the password of anybody" } },
  "post /api/v1/session/proof": { who: "user", payload: { password: TEST_PASSWORD } },
  "get /api/v1/me/sessions": user,
  "delete /api/v1/me/sessions": user,
  "delete /api/v1/me/sessions/{sessionId}": user,
  "get /api/v1/sign-in-providers": { who: "anyone" },
  "post /api/v1/sign-in-providers/{providerId}": { who: "anyone", payload: {} },
  "get /api/v1/sign-in-providers/{providerId}/callback": { who: "anyone", query: "state=nobodys" },
  "get /api/v1/me/identities": user,
  "delete /api/v1/me/identities/{providerId}": user,
  "post /api/v1/me/identities/{providerId}": { who: "user", payload: {} },
  "get /api/v1/api-keys": user,
  "post /api/v1/api-keys": { who: "user", payload: { name: "An app", scopes: ["data:read"] } },
  "delete /api/v1/api-keys/{keyId}": user,
  "post /api/v1/session/second-factor": { who: "anyone", payload: { challengeId: "nobodys", code: "000000" } },
  "post /api/v1/session/passkey/options": { who: "anyone" },
  "post /api/v1/session/passkey": { who: "anyone", payload: { challengeId: "nobodys", response: {} } },
  "post /api/v1/tokens/second-factor": { who: "anyone", payload: { challengeId: "nobodys", code: "000000" } },
  "get /api/v1/me/second-factors": user,
  "post /api/v1/me/second-factors/totp": { who: "user", payload: { name: "Phone" } },
  "post /api/v1/me/second-factors/totp/{factorId}/confirm": { who: "user", payload: { code: "000000" } },
  "post /api/v1/me/second-factors/passkeys/options": user,
  "post /api/v1/me/second-factors/passkeys": { who: "user", payload: { challengeId: "nobodys", response: {} } },
  "patch /api/v1/me/second-factors/{factorId}": { who: "user", payload: { name: "Phone" } },
  "delete /api/v1/me/second-factors/{factorId}": user,
  "post /api/v1/me/recovery-codes": user,
  "get /api/v1/me": user,
  "patch /api/v1/me": { who: "user", payload: { locale: "en" } },
  "post /api/v1/registrations": { who: "anyone", payload: { email: "newcomer@example.org", displayName: "Newcomer" } },
  "post /api/v1/registrations/confirm": { who: "anyone", payload: { token: "x".repeat(43), password: "not the password of anybody" } },
  "get /api/v1/invitations": { who: "clinician admin" },
  "post /api/v1/invitations": { who: "clinician admin", payload: { email: "invited@example.org", roles: ["patient"] } },
  "delete /api/v1/invitations/{id}": { who: "clinician admin" },
  "post /api/v1/invitations/look": { who: "anyone", payload: { token: "x".repeat(43) } },
  "post /api/v1/invitations/accept": { who: "anyone", payload: { token: "x".repeat(43), password: "not the password of anybody", displayName: "Invited" } },
  "post /api/v1/email-addresses/confirm": { who: "anyone", payload: { token: "x".repeat(43) } },
  "post /api/v1/email-addresses/undo": { who: "anyone", payload: { token: "x".repeat(43) } },
  "post /api/v1/password-recoveries": { who: "anyone", payload: { identifier: "nobody@example.org" } },
  "put /api/v1/password-recoveries": { who: "anyone", payload: { token: "x".repeat(43), password: "not the password of anybody" } },
  "post /api/v1/me/password/check": { who: "user", payload: { password: "not the password" } },
  "post /api/v1/me/password": { who: "user", payload: { currentPassword: "not the password", newPassword: "not the password either" } },
  "post /api/v1/me/email": { who: "user", payload: { email: "elsewhere@example.org", password: "not the password" } },
  "post /api/v1/me/email/proof": user,
  "post /api/v1/me/deletion": { who: "user", payload: { password: "not the password" } },
  "get /api/v1/users": admin,
  "post /api/v1/users": { who: "admin", payload: { username: "made.by.test", displayName: "Made", roles: ["clinician"] } },
  "post /api/v1/users/search": { who: "admin", payload: { text: "ana" } },
  "get /api/v1/users/{id}": admin,
  "patch /api/v1/users/{id}": { who: "admin", payload: { displayName: "Changed" } },
  "post /api/v1/users/{id}/block": admin,
  "post /api/v1/users/{id}/unblock": admin,
  "get /api/v1/clinicians": user,
  "get /api/v1/me/grant-offers": user,
  "post /api/v1/me/grant-offers/{offerId}": { who: "user", payload: { decision: "decline" } },
  "post /api/v1/break-glass": { who: "clinician", payload: { patientId: randomUUID(), reason: "emergency", explanation: "a test of who may ask" } },
  "get /api/v1/break-glass": admin,
  "post /api/v1/break-glass/{accessId}/review": { who: "admin", payload: { verdict: "justified" } },
  "get /api/v1/patients": user,
  "get /api/v1/patients/summaries": user,
  "get /api/v1/clinic/patients": { who: "clinician" },
  "post /api/v1/clinic/patients/search": { who: "clinician", payload: { text: "pat" } },
  "get /api/v1/clinic/patients.csv": { who: "clinician" },
  "get /api/v1/clinic/attention": { who: "clinician" },
  "get /api/v1/clinic/overview": { who: "clinician" },
  "get /api/v1/clinic/attention-rules": { who: "clinician" },
  "patch /api/v1/clinic/attention-rules": { who: "clinician", payload: { noDataDays: 4 } },
  "get /api/v1/tags": { who: "clinician" },
  "post /api/v1/tags": { who: "clinician", payload: { name: "Pump", color: 1 } },
  "patch /api/v1/tags/{tagId}": { who: "clinician", payload: { color: 2 } },
  "delete /api/v1/tags/{tagId}": { who: "clinician" },
  "post /api/v1/tags/{tagId}/patients": { who: "clinician", payload: { add: [] } },
  "get /api/v1/providers": user,
  "post /api/v1/devices/pair": { who: "anyone", payload: { code: "NOBODYSCODE" } },
  "post /api/v1/push/{provider}": { who: "device", payload: {} },
  "post /api/v1/push/{provider}/{resource}": { who: "device", payload: {} },
  "get /api/v1/audit": admin,
  "get /api/v1/audit/chain": admin,
  "get /api/v1/consent-texts": user,
  "get /api/v1/consent-texts/history": admin,
  "post /api/v1/consent-texts": { who: "admin", payload: { purpose: "research", texts: { en: "Words that ask for research.", es: "Palabras que piden investigar." } } },
  "get /api/v1/inbox/counts": admin,
  "get /api/v1/inbox/deliveries": admin,
  "get /api/v1/inbox/deliveries/{id}": admin,
  "post /api/v1/inbox/deliveries/{id}/retry": admin,
  "post /api/v1/inbox/replays": { who: "admin", payload: { provider: "garmin", reason: "a test" } },
  "get /api/v1/inbox/replays/{id}": admin,

  "get /api/v1/appointments": { who: "clinician" },
  "get /api/v1/appointments/{appointmentId}": { who: "clinician" },
  "post /api/v1/appointments/{appointmentId}/accept": { who: "clinician", headers: SEEN },
  "post /api/v1/appointments/{appointmentId}/deny": { who: "clinician", headers: SEEN, payload: { reason: "a test" } },
  "put /api/v1/appointments/{appointmentId}/priority": { who: "clinician", headers: SEEN, payload: { priority: "high", reason: "a test" } },
  "get /api/v1/appointments/{appointmentId}/resolution": { who: "clinician" },
  "post /api/v1/appointments/{appointmentId}/resolution": { who: "clinician", headers: SEEN, payload: { text: "Words of a clinician." } },
  "get /api/v1/appointments/{appointmentId}/control-data/{fileId}": { who: "clinician" },
  "get /api/v1/appointment-queue": { who: "clinician admin" },
  "patch /api/v1/appointment-queue": { who: "clinician admin", headers: { "if-match": '"0"' }, payload: { capacity: 20 } },
  "post /api/v1/appointment-queue/clear": { who: "clinician admin", payload: { confirm: 9_999 } },
  "post /api/v1/appointment-queue/restore": { who: "clinician admin" },
  "get /api/v1/clinic/live": { who: "clinician admin" },

  [`get ${P}/appointments`]: view,
  // There is an open one: a conflict of the owner's own.
  [`post ${P}/appointments`]: { who: "manage", payload: { motives: ["DUDAS"] }, done: 409 },
  [`get ${P}/appointments/current`]: view,
  [`get ${P}/appointments/{appointmentId}`]: view,
  [`post ${P}/appointments/{appointmentId}/details`]: { who: "manage", payload: { insulinType: "glargine" } },
  [`post ${P}/appointments/{appointmentId}/cancel`]: { who: "manage" },
  [`post ${P}/appointments/{appointmentId}/control-data`]: { who: "manage", headers: { "content-type": "application/pdf" }, payload: pdf(ONE_PAGE), done: 201 },
  [`get ${P}/appointments/{appointmentId}/control-data/{fileId}`]: view,
  [`delete ${P}/appointments/{appointmentId}/control-data/{fileId}`]: { who: "manage", done: 204 },
  [`get ${P}/consents`]: view,
  [`post ${P}/consents`]: { who: "manage", payload: { purpose: "research", decision: "withdrawn" } },
  [`get ${P}/accesses`]: { who: "manage" },
  [`get ${P}/grants`]: { who: "manage" },
  [`post ${P}/grants`]: { who: "manage", payload: { email: "somebody.else@example.org", scope: "view" }, done: 201 },
  [`patch ${P}/grants/{userId}`]: { who: "manage", payload: { scope: "view" } },
  [`delete ${P}/grants/{userId}`]: { who: "manage", done: 204 },
  [`delete ${P}/grant-offers/{offerId}`]: { who: "manage", done: 204 },
  [`delete ${P}/my-grant`]: { who: "view", done: 404 },
  [`get ${P}/connections`]: view,
  [`post ${P}/connections`]: { who: "manage", payload: { provider: "dexcom" }, done: 201 },
  [`get ${P}/connections/{connectionId}`]: view,
  [`post ${P}/connections/{connectionId}/sync`]: { who: "manage" },
  [`delete ${P}/connections/{connectionId}`]: { who: "manage", done: 204 },
  [`get ${P}/metrics`]: { who: "view", query: "metrics=glucose,steps" },
  [`get ${P}/metrics/stream`]: { who: "view", query: "metrics=glucose" },
  [`get ${P}/latest`]: { who: "view", query: "metrics=glucose" },
  [`get ${P}/changes`]: view,
  [`get ${P}/glucose/latest`]: view,
  [`get ${P}/glucose/series`]: view,
  [`get ${P}/glucose/summary`]: view,
  [`get ${P}/glucose/statistics`]: view,
  [`get ${P}/glucose/agp`]: view,
  [`get ${P}/glucose/episodes`]: view,
  [`get ${P}/glucose/daily`]: view,
  [`get ${P}/glucose/compare`]: view,
  [`get ${P}/glucose/report.pdf`]: view,
  [`get ${P}/glucose/tables/{table}`]: view,
  [`get ${P}/sleeps`]: view,
  [`get ${P}/sleeps/latest`]: view,
  [`get ${P}/sleeps/{sleepId}`]: view,
  [`get ${P}/sleeps/{sleepId}/versions`]: view,
  [`get ${P}/workouts`]: view,
  [`get ${P}/workouts/{workoutId}`]: view,
  [`get ${P}/workouts/{workoutId}/versions`]: view,
  [`get ${P}/treatments`]: view,
  [`get ${P}/score-versions`]: { who: "view", query: "metric=readiness" },
  [`get ${P}/days`]: view,
  [`get ${P}/measuring-streak`]: view,
  [`get ${P}/source-rules`]: view,
  [`put ${P}/source-rules/{metric}`]: { who: "manage", payload: { order: [{ provider: "garmin" }] } },
  [`delete ${P}/source-rules/{metric}`]: { who: "manage", done: 204 },
  [`get ${P}`]: view,
  [`get ${P}/zones`]: view,
  [`put ${P}/zones`]: { who: "manage", payload: { data: [{ from: iso(NOW_MS), zone: "Asia/Tokyo" }] } },
  [`post ${P}/zones`]: { who: "manage", payload: { zone: "Asia/Tokyo" } },
  [`get ${P}/targets`]: view,
  [`put ${P}/targets`]: { ...treat, payload: { preset: "older" } },
  [`get ${P}/tags`]: treat,
  [`get ${P}/identity`]: treat,
  [`get ${P}/reviews`]: treat,
  [`post ${P}/reviews`]: { ...treat, payload: {} },
  [`delete ${P}/reviews/{reviewId}`]: treat,
  [`get ${P}/provenance`]: { who: "view", query: `metric=glucose&at=${iso(NOW_MS - MINUTE)}` },
  [`get ${P}/deliveries/{deliveryId}`]: view,
  [`get ${P}/deliveries/{deliveryId}/raw`]: view,
  [`get ${P}/live`]: view,
  [`post ${P}/readings`]: { who: "upload", payload: { readings: [{ at: iso(NOW_MS - 90 * MINUTE), value: 104, unit: "mg/dL" }] } },
  [`get ${P}/readings`]: view,
  [`get ${P}/readings/statistics`]: view,
  [`get ${P}/readings/withdrawn`]: view,
  [`delete ${P}/readings/{readingId}`]: { who: "manage", done: 404 },
  [`post ${P}/readings/{readingId}/restore`]: { who: "manage", done: 404 },
  ...historyCalls("conditions", "conditionId", { name: "Type 1 diabetes" }, "manage"),
  ...historyCalls("medications", "medicationId", { name: "Insulin", medicationKind: "basal_insulin" }, "manage"),
  ...historyCalls("allergies", "allergyId", { substance: "Penicillin" }, "manage"),
  ...historyCalls("procedures", "procedureId", { name: "Eye examination" }, "treating"),
  ...historyCalls("notes", "noteId", { text: "A call", noteKind: "call" }, "treating"),
  ...historyCalls("documents", "documentId", { title: "Laboratory", documentKind: "lab", file: { base64: "JVBERi0=" } }, "treating"),
  [`get ${P}/documents/{documentId}/file`]: view,
  [`get ${P}/care-team`]: view,
  [`post ${P}/care-team`]: { who: "manage", payload: { userId: randomUUID(), role: "nurse" }, done: 404 },
  [`patch ${P}/care-team/{memberId}`]: { who: "manage", payload: { isMainContact: true }, done: 404 },
  [`delete ${P}/care-team/{memberId}`]: { who: "manage", done: 404 },
  "get /api/v1/organization": admin,
  "patch /api/v1/organization": { who: "admin", payload: { zone: "Europe/Madrid" }, headers: { "if-match": "\"1\"" } },
  "get /api/v1/organization/profile": user,
  "get /api/v1/organization/api-keys": admin,
  "delete /api/v1/organization/api-keys/{keyId}": admin,
  "get /api/v1/vendors": admin,
  "get /api/v1/webhook-endpoints": admin,
  "post /api/v1/webhook-endpoints": { who: "admin", payload: { url: "https://hospital.example.org/islet", kinds: ["samples"] } },
  "get /api/v1/webhook-endpoints/{endpointId}": admin,
  "patch /api/v1/webhook-endpoints/{endpointId}": { who: "admin", payload: { state: "paused" } },
  "delete /api/v1/webhook-endpoints/{endpointId}": admin,
  "post /api/v1/webhook-endpoints/{endpointId}/secret": admin,
  "post /api/v1/webhook-endpoints/{endpointId}/trial": admin,
  "get /api/v1/webhook-endpoints/{endpointId}/deliveries": admin,
  "get /api/v1/webhook-endpoints/{endpointId}/deliveries/{deliveryId}": admin,
  "post /api/v1/webhook-endpoints/{endpointId}/deliveries/{deliveryId}/replay": admin,
  "post /api/v1/webhook-endpoints/{endpointId}/replays": { who: "admin", payload: { from: iso(NOW_MS) } },
  "get /api/v1/privacy/holds": admin,
  "post /api/v1/privacy/holds": { who: "admin", payload: { patientId: randomUUID(), reason: "litigation" } },
  "delete /api/v1/privacy/holds/{holdId}": admin,
  "get /api/v1/privacy/retention": admin,
  "patch /api/v1/privacy/retention": { who: "admin", payload: { keepMeasurementsYears: null } },
  [`get ${P}/data-exports`]: { who: "manage" },
  [`post ${P}/data-exports`]: { who: "manage", payload: {}, done: 202 },
  [`get ${P}/data-exports/{exportId}`]: { who: "manage", done: 404 },
  [`get ${P}/data-exports/{exportId}/file`]: { who: "manage", done: 404 },
  [`delete ${P}/data-exports/{exportId}`]: { who: "manage", done: 404 },
  [`get ${P}/erasures`]: { who: "self" },
  [`post ${P}/erasures`]: { who: "self", payload: { confirm: "ERASE" }, done: 202 },
  [`get ${P}/erasures/{erasureId}`]: { who: "self", done: 404 },
  [`delete ${P}/erasures/{erasureId}`]: { who: "self", done: 404 },
  // The same file again is a conflict of the owner's own.
  [`post ${P}/imports`]: { who: "upload", headers: { "content-type": "text/csv" }, payload: `time,gl\n${iso(NOW_MS - 60 * MINUTE)},101\n`, done: 409 },
};

/** Things of the patient that addresses name. */
export interface Ids {
  readonly connectionId: string;
  readonly deliveryId: string;
  /** Of a sleep, and of a workout. */
  readonly recordId: string;
  readonly userId: string;
  readonly offerId: string;
  readonly appointmentId: string;
  readonly fileId: string;
  /** Sealed, to be brought back. */
  readonly fileRows: readonly Readonly<Record<string, unknown>>[];
  /** Of entries of the clinical history, by the names that addresses have for them. */
  readonly entries: Readonly<Record<string, string>>;
}

/** Gives the patient a connection, a sleep, a workout, readings and an offer. */
export async function seed(test: TestApp): Promise<Ids> {
  const { patient, clinician } = test.people;
  const connectionId = await makeConnection(test, patient, "garmin");
  const times = { startMs: NOW_MS - 600 * MINUTE, endMs: NOW_MS - 200 * MINUTE, offsetMinutes: 120 };
  const records: VendorRecord[] = [
    { record: "sleep", vendorId: "s", ...times, isNap: false, stages: [], totals: {} }, { record: "workout", vendorId: "w", ...times, sport: "running" },
    ...readings([100, 110, 120], NOW_MS - MINUTE),
  ];
  const deliveryId = await give(test, patient, { records, connectionId, provider: "garmin" });
  const [found] = await test.db.asOwner<{ sleep: string; workout: string }>("select (select max(id) from sleeps)::text as sleep, (select max(id) from workouts)::text as workout");
  if (found!.sleep !== found!.workout) throw new Error("the sleep and the workout have different ids");
  const ids = { connectionId, deliveryId, recordId: found!.sleep, userId: clinician.userId, offerId: randomUUID(), ...(await seedAppointment(test)), entries: await seedHistory(test) };
  await restore(test, ids);
  return ids;
}

async function seedHistory(test: TestApp): Promise<Record<string, string>> {
  const { patient, clinician, organizationId } = test.people;
  const file = await test.db.database.withOrganization(organizationId, (tx) => keepFile(test.app.api, tx, {
    organizationId, patientId: patient.patientId!, purpose: "clinical_document", checked: { bytes: Buffer.from("%PDF-"), safeName: "a.pdf", mediaType: "application/pdf", sha256: "0".repeat(64) },
  }));
  const entries: Record<string, string> = {};
  for (const [kind, status, fields] of [
    ["condition", "active", { name: "A", code: null, onset: null, end: null, note: null }],
    ["medication", "active", { name: "A", code: null, dose: null, medicationKind: "oral", from: null, to: null, reason: null, note: null }],
    ["allergy", "active", { substance: "A", code: null, reaction: null, severity: null, note: null }], ["procedure", null, { name: "A", code: null, date: null, note: null }],
    ["note", null, { text: "A", noteKind: "call", date: null }], ["document", null, { title: "A", documentKind: "lab", date: null, note: null }],
  ] as const) {
    const [row] = await test.db.asOwner<{ id: string }>(
      `insert into clinical_entries (organization_id, patient_id, kind, version, status, audience, is_self_reported, fields, file_id, created_at, created_by, changed_at, changed_by)
       values ($1, $2, $3, 1, $4, 'shared', $8, $5, $6, now(), $7, now(), $7) returning id`,
      [organizationId, patient.patientId, kind, status, fields, kind === "document" ? file : null, clinician.userId, status !== null],
    );
    entries[`${kind}Id`] = row!.id;
  }
  return entries;
}

/** An accepted request with a file. */
async function seedAppointment(test: TestApp): Promise<Pick<Ids, "appointmentId" | "fileId" | "fileRows">> {
  const { people: { patient, organizationId }, db } = test;
  const [made] = await db.asOwner<{ id: string }>("insert into appointments (organization_id, patient_id, state, requested_at, state_at, changed_at) values ($1, $2, 'accepted', now(), now(), now()) returning id", [organizationId, patient.patientId]);
  const bytes = pdf(ONE_PAGE);
  const checked = { bytes, safeName: "control.pdf", mediaType: "application/pdf", sha256: "0".repeat(64) };
  const fileId = await db.database.withOrganization(organizationId, (tx) => keepFile(test.app.api, tx, { organizationId, patientId: patient.patientId!, checked, purpose: "control_data" }));
  const fileRows = await db.asOwner("select f.*, c.key_sealed, c.content_sealed from clinical_files f join clinical_file_contents c on c.file_id = f.id where f.id = $1", [fileId]);
  return { appointmentId: made!.id, fileId, fileRows };
}

/** Brings back what a call has ended: the connection, the clinician's grant, the offer. */
export async function restore(test: TestApp, ids: Ids): Promise<void> {
  const { patient, clinician, organizationId } = test.people;
  await test.db.asOwner("delete from appointment_events");
  await test.db.asOwner("delete from appointment_files");
  await test.db.asOwner("delete from appointment_details");
  await test.db.asOwner("delete from appointment_resolutions");
  await test.db.asOwner("delete from appointments where id <> $1", [ids.appointmentId]);
  await test.db.asOwner("update appointments set state = 'accepted', version = 1 where id = $1", [ids.appointmentId]);
  const [file] = ids.fileRows;
  await test.db.asOwner(
    "insert into clinical_files (organization_id, patient_id, id, purpose, safe_name, media_type, size_bytes, sha256, created_at) values ($1, $2, $3, 'control_data', 'control.pdf', 'application/pdf', $4, $5, now()) on conflict do nothing",
    [organizationId, patient.patientId, ids.fileId, file!["size_bytes"], file!["sha256"]],
  );
  await test.db.asOwner("insert into clinical_file_contents (organization_id, patient_id, file_id, key_sealed, content_sealed) values ($1, $2, $3, $4, $5) on conflict do nothing", [organizationId, patient.patientId, ids.fileId, file!["key_sealed"], file!["content_sealed"]]);
  await test.db.asOwner("insert into appointment_files (organization_id, patient_id, appointment_id, file_id) select organization_id, patient_id, $2, id from clinical_files where id = $1", [ids.fileId, ids.appointmentId]);
  await test.db.asOwner("delete from data_exports");
  await test.db.asOwner("delete from erasures");
  await test.db.asOwner("update clinical_entries set version = 1, audience = 'shared', entered_in_error_at = null");
  await test.db.asOwner("delete from clinical_versions");
  await test.db.asOwner("update connections set status = 'active', disconnected_at = null where id = $1", [ids.connectionId]);
  await test.db.asOwner("insert into grants (organization_id, patient_id, user_id, scope) values ($1, $2, $3, 'view') on conflict (patient_id, user_id) do update set scope = 'view'", [organizationId, patient.patientId, clinician.userId]);
  await test.db.asOwner(
    `insert into grant_offers (organization_id, patient_id, id, email, scope, offered_by, expires_at) values ($1, $2, $3, 'friend@example.org', 'view', $4, now() + interval '7 days')
     on conflict do nothing`,
    [organizationId, patient.patientId, ids.offerId, patient.userId],
  );
}

export interface Route {
  /** As in CALLS. */
  readonly name: string;
  readonly method: NonNullable<InjectOptions["method"]>;
  readonly path: string;
}

/** The routes of the server, from its own document. */
export async function routesOf(test: TestApp): Promise<(Route & { readonly access: { readonly who: string; readonly scope?: string; readonly roles?: readonly string[] } })[]> {
  const { paths } = (await test.request({ method: "GET", url: "/openapi.json" })).json<{ paths: Record<string, Record<string, { "x-access"?: { who: string; scope?: string; roles?: string[] } }>> }>();
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ name: `${method} ${path}`, method: method.toUpperCase() as "GET", path, access: operation["x-access"] ?? { who: "undeclared" } })));
}

/** The request of a route: names in its path filled in, the rest as in CALLS. */
export function requestOf(route: Route, patientId: string, ids: Ids): InjectOptions & { readonly url: string } {
  const { query, payload, headers } = CALLS[route.name]!;
  const names: Readonly<Record<string, string>> = {
    patientId, connectionId: ids.connectionId, deliveryId: ids.deliveryId, sleepId: ids.recordId, workoutId: ids.recordId, userId: ids.userId, offerId: ids.offerId, appointmentId: ids.appointmentId, fileId: ids.fileId, accessId: randomUUID(),
    sessionId: randomUUID(), keyId: randomUUID(), providerId: "clinic", exportId: randomUUID(), erasureId: randomUUID(), holdId: randomUUID(), factorId: randomUUID(), tagId: randomUUID(), endpointId: randomUUID(), reviewId: "999999999",
    ...ids.entries, memberId: randomUUID(), readingId: "999999999", metric: "glucose", table: "statistics", provider: "garmin", resource: "dailies", id: "1",
  };
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = names[name];
    if (value === undefined) throw new Error(`${route.name}: nothing is known to put in the place of ${name}`);
    return value;
  });
  const search = query === undefined ? "" : `?${stringify(parse(query))}`;
  return { method: route.method, url: path + search, ...(payload === undefined ? {} : { payload }), ...(headers ? { headers } : {}) };
}
