/**
 * Every table that knows a person, and what becomes of its rows: told in the person's package or not and why, erased in which step or kept and why. The
 * erasure and the package go by this list; a table with a person in it and no line here fails test/privacy-tables.test.ts.
 */
import type { ShapeName } from "./shapes.ts";

/** Steps of an erasure that delete rows, in their order. */
export const ERASING_STEPS = ["access", "deliveries", "measurements", "records", "derived", "exports", "connections", "account"] as const;
export type ErasingStep = (typeof ERASING_STEPS)[number];

export interface TableRule {
  readonly table: string;
  /** Columns by which a row is a patient's, or their account's. A row that fits either counts. */
  readonly patient?: string;
  readonly user?: string;
  /** A file of the package (without ending), a part of its own, or why it is not told. */
  readonly told: { readonly file: string; readonly shape: ShapeName; readonly isOwnOnly?: true } | { readonly part: string } | { readonly untold: string };
  readonly erased: ErasingStep | { readonly kept: string };
  /** Read by islet_audit, because nobody else may. */
  readonly byAuditor?: true;
  /** Deleted by islet_system, because islet_worker may not. */
  readonly bySystem?: true;
}

const SECRET = "a secret that opens something, of no use to the person";
const BOOKKEEPING = "how far Islet has come with its work, nothing about the person";
const patient = "patient_id";
const user = "user_id";

/** In the order in which rows refer to one another: what refers comes before what it refers to. */
export const TABLE_RULES: readonly TableRule[] = [
  { table: "sessions", user, told: { file: "account/sessions", shape: "sessions", isOwnOnly: true }, erased: "access" },
  { table: "second_factors", user, told: { untold: SECRET }, erased: "access" },
  { table: "recovery_codes", user, told: { untold: SECRET }, erased: "access" },
  { table: "challenges", user, told: { untold: SECRET }, erased: "access", bySystem: true },
  { table: "known_devices", user, told: { untold: SECRET }, erased: "access" },
  { table: "account_links", user, told: { untold: SECRET }, erased: "access", bySystem: true },
  { table: "api_keys", user, told: { file: "account/api-keys", shape: "api_keys", isOwnOnly: true }, erased: "access" },
  { table: "outside_identities", user, told: { file: "account/identities", shape: "outside_identities", isOwnOnly: true }, erased: "access" },
  { table: "outside_sign_ins", user, told: { untold: SECRET }, erased: "access", bySystem: true },
  // By whom it was accepted: of whoever invited, the name is emptied.
  { table: "invitations", user: "accepted_by", told: { untold: "how the account came to be: its names stand in account/account" }, erased: "access", bySystem: true },
  { table: "device_tokens", patient, told: { untold: SECRET }, erased: "access" },
  { table: "oauth_states", patient, user, told: { untold: SECRET }, erased: "access" },
  { table: "grants", patient, user, told: { file: "access/grants", shape: "grants" }, erased: "access" },
  { table: "consents", patient, told: { file: "access/consents", shape: "consents" }, erased: "derived", bySystem: true },
  { table: "grant_offers", patient, user: "offered_by", told: { file: "access/grant-offers", shape: "grant_offers" }, erased: "access" },
  { table: "break_glass_accesses", patient, user, told: { file: "access/emergency-access", shape: "break_glass_accesses" }, erased: "access" },
  { table: "care_team_members", patient, user, told: { file: "access/care-team", shape: "care_team_members" }, erased: "access" },
  { table: "deliveries", patient, told: { part: "raw" }, erased: "deliveries" },
  { table: "withdrawn_readings", patient, told: { file: "provided/withdrawn-readings", shape: "withdrawn_readings" }, erased: "measurements" },
  { table: "sample_versions", patient, told: { file: "observed/sample-versions", shape: "sample_versions" }, erased: "measurements" },
  { table: "samples", patient, told: { part: "samples" }, erased: "measurements" },
  { table: "day_blocks", patient, told: { part: "samples" }, erased: "measurements" },
  { table: "series", patient, told: { file: "observed/series", shape: "series" }, erased: "measurements" },
  { table: "sleeps", patient, told: { file: "observed/sleeps", shape: "sleeps" }, erased: "records" },
  { table: "workouts", patient, told: { file: "observed/workouts", shape: "workouts" }, erased: "records" },
  { table: "treatments", patient, told: { file: "provided/treatments", shape: "treatments" }, erased: "records" },
  { table: "record_versions", patient, told: { file: "observed/record-versions", shape: "record_versions" }, erased: "records" },
  { table: "clinical_versions", patient, told: { file: "provided/clinical-history-versions", shape: "clinical_versions" }, erased: "records" },
  { table: "clinical_entries", patient, told: { file: "provided/clinical-history", shape: "clinical_entries" }, erased: "records" },
  { table: "appointment_events", patient, told: { file: "clinic/appointment-events", shape: "appointment_events" }, erased: "records" },
  { table: "appointment_details", patient, told: { file: "clinic/appointment-details", shape: "appointment_details" }, erased: "records" },
  { table: "appointment_resolutions", patient, told: { file: "clinic/appointment-resolutions", shape: "appointment_resolutions" }, erased: "records" },
  { table: "appointment_files", patient, told: { file: "clinic/appointment-files", shape: "appointment_files" }, erased: "records" },
  { table: "appointments", patient, told: { file: "clinic/appointments", shape: "appointments" }, erased: "records" },
  { table: "clinical_file_contents", patient, told: { part: "files" }, erased: "records" },
  { table: "clinical_files", patient, told: { file: "provided/files", shape: "clinical_files" }, erased: "records" },
  { table: "day_summaries", patient, told: { file: "derived/day-summaries", shape: "day_summaries" }, erased: "derived" },
  { table: "summary_states", patient, told: { untold: BOOKKEEPING }, erased: "derived" },
  { table: "summary_work", patient, told: { untold: BOOKKEEPING }, erased: "derived" },
  { table: "population_lines", patient, told: { file: "derived/population-lines", shape: "population_lines" }, erased: "derived" },
  { table: "population_states", patient, told: { untold: BOOKKEEPING }, erased: "derived" },
  { table: "population_work", patient, told: { untold: BOOKKEEPING }, erased: "derived" },
  { table: "patient_tags", patient, told: { file: "provided/clinic-tags", shape: "patient_tags" }, erased: "derived" },
  { table: "patient_targets", patient, told: { file: "provided/targets", shape: "patient_targets" }, erased: "derived" },
  { table: "patient_reviews", patient, told: { file: "access/reviews", shape: "patient_reviews" }, erased: "derived" },
  { table: "source_rules", patient, told: { file: "provided/source-rules", shape: "source_rules" }, erased: "derived" },
  { table: "zone_entries", patient, told: { file: "provided/zones", shape: "zone_entries" }, erased: "derived" },
  { table: "changes", patient, told: { untold: "which stretches of time were touched when: what was touched is told itself" }, erased: "derived", bySystem: true },
  { table: "webhook_events", patient, told: { file: "access/webhook-events", shape: "webhook_events" }, erased: "derived" },
  { table: "data_exports", patient, told: { file: "access/data-exports", shape: "data_exports" }, erased: "exports" },
  { table: "sync_plan", patient, told: { untold: BOOKKEEPING }, erased: "connections" },
  { table: "provider_accounts", patient, told: { untold: "the accounts that provided/connections tells" }, erased: "connections" },
  { table: "credentials", patient, told: { untold: SECRET }, erased: "connections" },
  { table: "farewells", patient, told: { untold: SECRET }, erased: "connections" },
  { table: "connections", patient, told: { file: "provided/connections", shape: "connections" }, erased: "connections" },
  { table: "patient_keys", patient, told: { untold: SECRET }, erased: "account" },
  { table: "legal_holds", patient, told: { file: "access/legal-holds", shape: "legal_holds" }, erased: "account" },
  { table: "patients", patient: "id", told: { file: "profile/patient", shape: "patients" }, erased: "account" },
  { table: "users", user: "id", told: { file: "account/account", shape: "users", isOwnOnly: true }, erased: "account" },
  {
    table: "audit_log", patient, byAuditor: true, told: { file: "access/who-saw-my-data", shape: "audit_log" },
    erased: { kept: "who did what, for seven years, by random ids that lead to nobody any more and without a value (GDPR Art. 17(3)(b), HIPAA § 164.316)" },
  },
  { table: "erasures", patient, user, told: { file: "access/erasures", shape: "erasures" }, erased: { kept: "that there was an erasure: random ids, counts and times, with which a restored backup is cleaned again" } },
];

/** Columns by which other people's rows name an account: emptied when it goes. */
export const NAMED_ELSEWHERE: readonly (readonly [table: string, column: string])[] = [
  ["grants", "granted_by"], ["invitations", "invited_by"], ["break_glass_accesses", "reviewed_by"], ["consents", "by_user_id"], ["consent_texts", "published_by"], ["organizations", "changed_by"],
  ["withdrawn_readings", "withdrawn_by"], ["clinical_entries", "created_by"], ["clinical_entries", "changed_by"], ["clinical_versions", "author_id"], ["care_team_members", "added_by"],
];

/** Fields of a told table that its file leaves out, and why; what is neither here nor in the shape fails the test. */
export const LEFT_OUT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "*": { organization_id: "the organization that keeps the data stands in the manifest", patient_id: "the person stands in the manifest" },
  break_glass_accesses: { reviewed_by: "an account of the organization's staff" },
  users: {
    ...Object.fromEntries(["password_hash", "password_scheme", "national_id_index", "national_id_ring_key_id", "session_version"].map((name) => [name, SECRET])),
    national_id_sealed: "opened in account/national-id, in one's own package", blocked_by: "an account of the organization's staff",
  },
  api_keys: { secret_hash: SECRET, user_id: "the account's id stands in its own file" },
  outside_identities: { user_id: "the account's id stands in its own file" },
  patients: { user_id: "the account's id stands in its own file" },
  sessions: { token_hash: SECRET, user_id: "the account's id stands in its own file", version: BOOKKEEPING, idle_seconds: BOOKKEEPING },
  connections: Object.fromEntries(["cursors", "backfill_progress", "epoch", "failures", "syncing_since", "sync_lease_id", "sync_lease_until", "next_sync_at", "subscribe_at", "reconnect_told_at"].map((name) => [name, BOOKKEEPING])),
  series: { keeps_versions: BOOKKEEPING },
  day_summaries: { series_id: BOOKKEEPING },
  population_lines: { facts: "the same numbers once more" },
  patient_reviews: { reviewed_by: "an account of the organization's staff" },
  patient_targets: { set_by: "an account of the organization's staff" },
  patient_tags: { added_by: "an account of the organization's staff" },
  audit_log: Object.fromEntries(["request_id", "actor_key_id", "session_ref", "address_hash", "network", "agent"].map((name) => [name, "of somebody else, or bookkeeping"])),
  consents: Object.fromEntries(["text_hash", "address_hash", "request_id"].map((name) => [name, "evidence, digests that say nothing to the person"])),
  appointments: { rank: BOOKKEEPING, clearing_id: BOOKKEEPING, cleared_from: BOOKKEEPING },
  data_exports: Object.fromEntries(["locale", "progress", "tries", "lease_id", "lease_until", "error", "expires_at", "file_id", "key_sealed", "bytes", "sha256", "files", "row_count"].map((name) => [name, BOOKKEEPING])),
  erasures: Object.fromEntries(["user_id", "step", "begun_at", "done_at", "counts", "tries", "error", "next_at", "lease_id", "lease_until"].map((name) => [name, BOOKKEEPING])),
  legal_holds: { placed_by: "an account of the organization's staff", lifted_by: "an account of the organization's staff" },
};

/** The rules as a Markdown table, as docs/privacy.md has them. */
export function rulesTable(): string {
  const toldText = (told: TableRule["told"]): string => ("file" in told ? `\`${told.file}\`${told.isOwnOnly ? " (in one's own package)" : ""}` : "part" in told ? `part \`${told.part}\`` : `no: ${told.untold}`);
  const erasedText = (erased: TableRule["erased"]): string => (typeof erased === "string" ? `step \`${erased}\`` : `kept: ${erased.kept}`);
  return ["| table | in a package | by an erasure |", "|---|---|---|", ...TABLE_RULES.map(({ table, told, erased }) => `| ${table} | ${toldText(told)} | ${erasedText(erased)} |`)].join("\n");
}
