/** A person with something in every table that knows people, each text and number of it told apart: to be found in a package, and not after an erasure. */
import { randomUUID } from "node:crypto";
import type { VendorRecord } from "#driver/records.ts";
import { packBody } from "#inbox/body.ts";
import { ingest } from "#ingest/ingest.ts";
import { sealTokens } from "#sync/sealed-tokens.ts";
import { keepFile } from "#clinic/files/files.ts";
import { foldSettled } from "#samples/store/fold.ts";
import { Secret } from "../../src/secret.ts";
import type { Person, TestApp } from "./app.ts";

/** Begins every text that is seeded. */
export const CANARY = "cnry7q";
/** Measured at every instant that is seeded: no other test measures it. */
export const CANARY_NUMBER = 123.456789;

const DAY = 86_400_000;

export interface Seeded {
  readonly connectionId: string;
  readonly vendorUserId: string;
  readonly deliveryIds: readonly string[];
  /** Samples in all, hot and packed. */
  readonly samples: number;
}

/** Puts it all in. The names of columns stand in the texts, so that what is found says where it was. */
export async function seedPerson(test: TestApp, who: Person, options: { readonly mark?: string } = {}): Promise<Seeded> {
  const mark = options.mark ?? CANARY;
  const { organizationId } = test.people;
  const patientId = who.patientId!;
  const { db } = test;
  const nowMs = test.clock.now();
  const vendorUserId = `${mark}-vendor-user`;
  await db.asOwner("update users set display_name = $2, email = $3 where id = $1", [who.userId, `${mark} user name`, `${mark}@example.org`]);
  await db.asOwner(
    "update users set username = $2, given_name = $3, family_name = $4, hospital_account = $5, tidepool_account = $6, national_id_index = $7, national_id_sealed = $8 where id = $1",
    [who.userId, `${mark}-username`, `${mark} given`, `${mark} family`, `${mark}-hospital`, `${mark}-tidepool`, Buffer.from(`${mark}-index`), test.app.api.accounts.identities.seal(`${mark}-dni`, who.userId)],
  );
  await db.asOwner("update sessions set device = $2 where user_id = $1", [who.userId, `${mark} browser`]);
  await db.asOwner("update patients set display_name = $2 where id = $1", [patientId, `${mark} patient name`]);
  const [connection] = await db.asOwner<{ id: string }>(
    `insert into connections (organization_id, patient_id, provider, status, vendor_user_id, settings, cursors, granted_scopes, slot, status_code)
     values ($1, $2, 'garmin', 'active', $3, $4, $5, $6, $7, $8) returning id`,
    [organizationId, patientId, vendorUserId, { base_url: `${mark}-settings` }, { [`${mark}-cursor`]: { fromMs: 1, throughMs: 2 } }, [`${mark}-scope`], `${mark}-slot`, `${mark}-code`],
  );
  const connectionId = connection!.id;
  const ref = { organizationId, patientId, connectionId };
  const owner = { organizationId, patientId };
  await db.asOwner("insert into provider_accounts (provider, vendor_user_id, organization_id, patient_id, connection_id) values ('garmin', $1, $2, $3, $4)", [vendorUserId, organizationId, patientId, connectionId]);
  await db.database.withOrganization(organizationId, async (tx) => {
    const sealed = await sealTokens(tx, test.app.sync, ref, { tokens: { accessToken: new Secret(`${mark}-access`), refreshToken: null }, version: 1, kept: null });
    await tx.query("insert into credentials (organization_id, patient_id, connection_id, access_sealed, expires_at) values ($1, $2, $3, $4, now() + interval '1 day')", [organizationId, patientId, connectionId, sealed.access]);
  });
  const accept = async (body: string, more: { via?: "pull" | "import" | "webhook"; state?: string; provider?: string; owner?: object | null; account?: string | null } = {}): Promise<string> => {
    const { bytes, encoding } = packBody(Buffer.from(body));
    const whose = more.owner === undefined ? { ...ref } : null;
    const [row] = await db.asOwner<{ id: string }>(
      `insert into deliveries (provider, via, resource, organization_id, patient_id, connection_id, account, headers, body, body_encoding, body_bytes, state, problems, last_error)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning id::text`,
      [
        more.provider ?? "garmin", more.via ?? "pull", `${mark}-resource`, whose?.organizationId ?? null, whose?.patientId ?? null, whose?.connectionId ?? null, more.account ?? null,
        JSON.stringify({ "user-agent": `${mark}-header` }), bytes, encoding, Buffer.byteLength(body), more.state ?? "done", JSON.stringify([{ path: `${mark}-path`, reason: `${mark}-reason` }]), `${mark}-error`,
      ],
    );
    await db.asOwner("insert into delivery_keys (provider, dedupe_key, delivery_id) values ($1, $2, $3)", [more.provider ?? "garmin", Buffer.from(`${mark}-key-${row!.id}`), row!.id]);
    return row!.id;
  };
  const long = `${mark}-body ${"glucose ".repeat(400)}`;
  const deliveryIds = [await accept(long), await accept(`${mark}-short`, { via: "import" }), await accept(`${mark}-dead`, { state: "dead" })];
  const deliveryId = deliveryIds[0]!;
  const span = { startMs: nowMs - 9 * DAY, endMs: nowMs - 9 * DAY + 3_600_000, offsetMinutes: 120 };
  const device = { id: `=${mark}-device`, name: `${mark} device name` };
  const samples: VendorRecord[] = [];
  // Days that are packed, and a few rows of today that are not.
  for (let day = 10; day >= 1; day -= 1) {
    for (let index = 0; index < 24; index += 1) samples.push({ record: "sample", metric: "glucose", startMs: nowMs - day * DAY + index * 3_600_000 + 1, value: CANARY_NUMBER, offsetMinutes: 120, device });
  }
  samples.push({ record: "sample", metric: "glucose", startMs: nowMs - 60_000, value: CANARY_NUMBER, offsetMinutes: null, device, flags: ["above_range"] });
  samples.push({ record: "sample", metric: "weight", startMs: nowMs - 60_000, value: CANARY_NUMBER, offsetMinutes: -60 });
  samples.push({ record: "sample", metric: "steps", startMs: nowMs - 120_000, endMs: nowMs - 60_000, value: 77, offsetMinutes: 0 });
  samples.push({ record: "sample", metric: "readiness", startMs: nowMs - DAY, endMs: nowMs, value: 51, offsetMinutes: 0 });
  const records: VendorRecord[] = [
    ...samples,
    { record: "sleep", vendorId: `${mark}-sleep`, ...span, isNap: false, stages: [], totals: {}, device },
    { record: "workout", vendorId: `${mark}-workout`, ...span, sport: `${mark}-sport`, title: `${mark} title` } as unknown as VendorRecord,
    { record: "treatment", vendorId: `${mark}-treatment`, kind: "note", atMs: nowMs - 5_000, offsetMinutes: 120, text: `=HYPERLINK("${mark}")` } as VendorRecord,
  ];
  await db.database.withOrganization(organizationId, (tx) => ingest(tx, { ...ref, provider: "garmin", deliveryId }, records));
  await db.database.withOrganization(organizationId, (tx) => ingest(tx, { ...ref, provider: "garmin", deliveryId: deliveryIds[2]! }, [
    { record: "sample", metric: "readiness", startMs: nowMs - DAY, endMs: nowMs, value: 52, offsetMinutes: 0 },
    { record: "sleep", vendorId: `${mark}-sleep`, ...span, endMs: span.endMs + 60_000, isNap: false, stages: [], totals: {}, device },
    { record: "workout", vendorId: `${mark}-workout`, ...span, endMs: span.endMs + 60_000, sport: `${mark}-sport-2`, title: `${mark} title 2` } as unknown as VendorRecord,
  ]));
  await foldSettled(db.database, { nowMs });
  await db.asOwner("insert into grants (organization_id, patient_id, user_id, scope) values ($1, $2, $3, 'view') on conflict do nothing", [organizationId, patientId, test.people.clinician.userId]);
  await db.asOwner("insert into known_devices (organization_id, user_id, token_hash, created_at, expires_at) values ($1, $2, $3, now(), now() + interval '9 days')", [organizationId, who.userId, Buffer.from(`${mark}-device`)]);
  await db.asOwner("insert into account_links (token_hash, organization_id, user_id, kind, email, created_at, expires_at) values ($1, $2, $3, 'email_change', $4, now(), now() + interval '1 day')", [Buffer.from(`${mark}-link`), organizationId, who.userId, `${mark}-new@example.org`]);
  await db.asOwner("insert into registrations (token_hash, organization_id, email, display_name, locale, zone, created_at, expires_at) values ($1, $2, $3, $4, 'en', 'UTC', now(), now() + interval '1 day')", [Buffer.from(`${mark}-registration`), organizationId, `${mark}@example.org`, `${mark} asked`]);
  await db.asOwner("insert into invitations (organization_id, token_hash, invited_by, roles, email, created_at, expires_at, accepted_at, accepted_by) values ($1, $2, $3, '{patient}', $4, now(), now() + interval '1 day', now(), $5)", [organizationId, Buffer.from(`${mark}-invitation`), test.people.clinician.userId, `${mark}@example.org`, who.userId]);
  await db.asOwner("insert into mails (id, organization_id, to_address, template, locale, mail_values) values (gen_random_uuid(), $1, $2, 'new_device', 'en', $3)", [organizationId, `${mark}@example.org`, { time: `${mark}-time` }]);
  await db.asOwner("insert into api_keys (organization_id, user_id, public_id, secret_hash, name, scopes, is_own_only, created_at, expires_at) values ($1, $2, $3, $4, $5, '{data:read}', true, now(), now() + interval '9 days')", [organizationId, who.userId, who.userId.slice(0, 8), Buffer.from(`${mark}-secret`), `${mark} key`]);
  await db.asOwner("insert into outside_identities (issuer, subject, organization_id, user_id, created_at) values ($1, $2, $3, $4, now())", [`https://${mark}.example`, `${mark}-subject`, organizationId, who.userId]);
  await db.asOwner("insert into outside_sign_ins (state_hash, organization_id, user_id, provider, return_to, expires_at) values ($1, $2, $3, $4, $5, now() + interval '1 day')", [Buffer.from(`${mark}-outside`), organizationId, who.userId, `${mark}-provider`, `/${mark}-outside-return`]);
  await db.asOwner("insert into second_factors (organization_id, user_id, kind, name, credential_id, public_key, transports) values ($1, $2, 'passkey', $3, $4, $5, $6)", [organizationId, who.userId, `${mark} phone`, `${mark}-credential`, Buffer.from(`${mark}-key`), [`${mark}-usb`]]);
  await db.asOwner("insert into recovery_codes (organization_id, user_id, code_hash) values ($1, $2, $3)", [organizationId, who.userId, Buffer.from(`${mark}-code`)]);
  await db.asOwner("insert into challenges (id_hash, organization_id, user_id, purpose, challenge, expires_at) values ($1, $2, $3, 'second_factor', $4, now())", [Buffer.from(`${mark}-challenge-id`), organizationId, who.userId, `${mark}-challenge`]);
  await db.asOwner("insert into consents (organization_id, patient_id, purpose, decision, by_user_id, via) values ($1, $2, 'research', 'withdrawn', $3, 'api')", [organizationId, patientId, who.userId]);
  const [reading] = await db.asOwner<{ id: string }>(
    `insert into treatments (organization_id, patient_id, provider, vendor_key, start_at, kind, details, delivery_id, withdrawn_at)
     values ($1, $2, 'manual', $3, now(), 'meter_glucose', $4, $5, now()) returning id::text`, [organizationId, patientId, `${mark}-reading`, { amount: CANARY_NUMBER, text: `${mark} reading note` }, deliveryId],
  );
  await db.asOwner("insert into withdrawn_readings (organization_id, patient_id, provider, treatment_id, start_at, reason, withdrawn_at, withdrawn_by) values ($1, $2, 'manual', $3, now(), 'mistyped', now(), $4)", [organizationId, patientId, reading!.id, who.userId]);
  const [entry] = await db.asOwner<{ id: string }>(
    `insert into clinical_entries (organization_id, patient_id, kind, version, status, audience, is_self_reported, fields, created_at, created_by, changed_at, changed_by)
     values ($1, $2, 'condition', 2, 'active', 'care_team', false, $3, now(), $4, now(), $4) returning id`, [organizationId, patientId, { name: `${mark} condition` }, test.people.clinician.userId],
  );
  await db.asOwner(
    `insert into clinical_versions (organization_id, patient_id, entry_id, version, deed, status, audience, is_pinned, fields, at, author_id)
     values ($1, $2, $3, 1, 'written', 'active', 'care_team', false, $4, now(), $5), ($1, $2, $3, 2, 'changed', 'active', 'care_team', false, $6, now(), $5)`,
    [organizationId, patientId, entry!.id, { name: `${mark} condition before` }, test.people.clinician.userId, { name: `${mark} condition` }],
  );
  await db.asOwner("insert into care_team_members (organization_id, patient_id, user_id, role, role_words, since, added_by) values ($1, $2, $3, 'other', $4, now(), $5)", [organizationId, patientId, test.people.clinician.userId, `${mark} role words`, who.userId]);
  await db.asOwner("insert into grant_offers (organization_id, patient_id, email, scope, offered_by, expires_at) values ($1, $2, $3, 'view', $4, now() + interval '9 days')", [organizationId, patientId, `${mark}-friend@example.org`, who.userId]);
  await db.asOwner("insert into break_glass_accesses (organization_id, patient_id, user_id, reason, explanation, begun_at, until) values ($1, $2, $3, 'other', $4, now(), now())", [organizationId, patientId, test.people.clinician.userId, `${mark} explanation`]);
  await db.asOwner("insert into device_tokens (token_hash, organization_id, patient_id, connection_id) values ($1, $2, $3, $4)", [Buffer.from(`${mark}-device-token`), organizationId, patientId, connectionId]);
  await db.asOwner(
    `insert into oauth_states (state_hash, organization_id, patient_id, user_id, session_hash, provider, settings, redirect_uri, return_to, expires_at)
     values ($1, $2, $3, $4, $5, 'garmin', $6, $7, $8, now() + interval '1 day')`,
    [Buffer.from(`${mark}-state`), organizationId, patientId, who.userId, Buffer.from(`${mark}-session`), { x: `${mark}-state-settings` }, `https://x.example/${mark}-redirect`, `/${mark}-return`],
  );
  await db.asOwner("insert into source_rules (organization_id, patient_id, metric, preferred, excluded, updated_by) values ($1, $2, 1, $3, $4, $5)", [organizationId, patientId, JSON.stringify([{ deviceId: `${mark}-preferred` }]), JSON.stringify([{ deviceId: `${mark}-excluded` }]), who.userId]);
  await db.asOwner("insert into zone_entries (organization_id, patient_id, from_at, zone) values ($1, $2, to_timestamp($3::float8 / 1000), 'America/Lima')", [organizationId, patientId, nowMs - 3 * DAY]);
  const [series] = await db.asOwner<{ id: string }>("select id::text from series where patient_id = $1 and metric = 1 limit 1", [patientId]);
  await db.asOwner(
    `insert into day_summaries (organization_id, patient_id, metric, date, from_at, to_at, count, value, mean, m2, min, max, last, first_at, last_at, series_id, providers, ranges, glucose_part)
     values ($1, $2, 1, '2026-10-01', now(), now(), 1, $3, $3, 0, $3, $3, $3, now(), now(), $4, $5, '{0,0,1,0,0,1}', $6)`,
    [organizationId, patientId, CANARY_NUMBER, series!.id, [`${mark}-provider`], `["${mark}-part"]`],
  );
  await db.asOwner("insert into summary_states (organization_id, patient_id, rankings, providers) values ($1, $2, $3, $4) on conflict (patient_id) do update set rankings = excluded.rankings, providers = excluded.providers", [organizationId, patientId, { [`${mark}-ranking`]: 1 }, [`${mark}-provider`]]);
  await db.asOwner("insert into summary_work (organization_id, patient_id, metric) values ($1, $2, 1)", [organizationId, patientId]);
  const [tag] = await db.asOwner<{ id: string }>("insert into tags (organization_id, name, color) values ($1, $2, 1) returning id", [organizationId, `of the clinic ${randomUUID().slice(0, 8)}`]);
  await db.asOwner("insert into patient_tags (organization_id, patient_id, tag_id, added_by) values ($1, $2, $3, $4)", [organizationId, patientId, tag!.id, test.people.clinician.userId]);
  await db.asOwner("insert into patient_targets (organization_id, patient_id, preset, bounds, goals, set_by, set_at) values ($1, $2, 'custom', $3, $4, $5, now())", [organizationId, patientId, { [`${mark}-bound`]: CANARY_NUMBER }, { target: CANARY_NUMBER, [`${mark}-goal`]: 1 }, test.people.clinician.userId]);
  await db.asOwner("insert into patient_reviews (organization_id, patient_id, reviewed_by, reviewed_at, snoozed_until, snoozed_groups, snooze_reason) values ($1, $2, $3, now(), now(), $4, $5)", [organizationId, patientId, test.people.clinician.userId, [`${mark}-group`], `${mark} snooze reason`]);
  await db.asOwner("insert into population_lines (organization_id, patient_id, days, from_at, to_at, made_at, readings, days_read, before_days, mean, last_value, last_at, facts) values ($1, $2, 14, now(), now(), now(), 1, 1, 0, $3, $3, now(), $4)", [organizationId, patientId, CANARY_NUMBER, `["${mark}-facts"]`]);
  await db.asOwner("insert into population_states (organization_id, patient_id, due_at) values ($1, $2, now())", [organizationId, patientId]);
  await db.asOwner("insert into population_work (organization_id, patient_id) values ($1, $2)", [organizationId, patientId]);
  await db.asOwner("insert into sync_plan (organization_id, patient_id, connection_id, resource, last_error) values ($1, $2, $3, $4, $5)", [organizationId, patientId, connectionId, `${mark}-plan`, `${mark}-plan-error`]);
  await db.asOwner("insert into webhook_events (organization_id, patient_id, kind, metric, connection_id, count, created_at) values ($1, $2, 'samples', 1, $3, 1, to_timestamp($4::float8 / 1000))", [organizationId, patientId, connectionId, nowMs]);
  await db.asOwner("insert into call_budgets (provider, whom, limit_key, window_index, ends_at, used, granted) values ('garmin', $1, '1/1', 1, now(), 1, 1)", [connectionId]);
  await db.asOwner("insert into vendor_states (provider, whom) values ('garmin', $1)", [connectionId]);
  await db.asOwner("insert into audit_log (organization_id, actor_user_id, action, patient_id) values ($1, $2, 'patient.view', $3)", [organizationId, test.people.clinician.userId, patientId]);
  await db.asOwner("insert into replays (organization_id, asked_by, reason, filter) values ($1, $2, 'a test', $3)", [organizationId, randomUUID(), { patientId, provider: "garmin" }]);
  const fileId = await db.database.withOrganization(organizationId, (tx) => keepFile(test.app.api, tx, {
    organizationId, patientId, purpose: "control_data", createdBy: who.userId,
    checked: { bytes: Buffer.from(`${mark} in a file`), safeName: `${mark} control data.pdf`, mediaType: "application/pdf", sha256: "ab".repeat(32) },
  }));
  const [appointment] = await db.asOwner<{ id: string }>(
    `insert into appointments (organization_id, patient_id, state, motives, other_motive, priority_reason, requested_at, requested_by, state_at, denial_reason, changed_at, changed_by)
     values ($1, $2, 'created', '{ketosis,other}', $3, $4, now(), $6, now(), $5, now(), $6) returning id`,
    [organizationId, patientId, `${mark} other motive`, `${mark} priority reason`, `${mark} denial`, who.userId],
  );
  const asked = [organizationId, patientId, appointment!.id];
  await db.asOwner("insert into appointment_events (organization_id, patient_id, appointment_id, version, move, to_state, actor_kind, by_user_id, at, reason) values ($1, $2, $3, 1, 'ask', 'pending', 'patient', $4, now(), $5)", [...asked, who.userId, `${mark} event reason`]);
  await db.asOwner("insert into appointment_details (organization_id, patient_id, appointment_id, version, details, author_id, written_at) values ($1, $2, $3, 1, $4, $5, now())", [...asked, { insulinType: `${mark} insulin`, glucoseObjective: { value: CANARY_NUMBER, unit: "mg/dL" } }, who.userId]);
  await db.asOwner("insert into appointment_resolutions (organization_id, patient_id, appointment_id, version, resolution, author_id, written_at) values ($1, $2, $3, 1, $4, $5, now())", [...asked, { text: `${mark} resolution` }, test.people.clinician.userId]);
  await db.asOwner("insert into appointment_files (organization_id, patient_id, appointment_id, file_id) values ($1, $2, $3, $4)", [...asked, fileId]);
  void owner;
  return { connectionId, vendorUserId, deliveryIds, samples: samples.length };
}
