/**
 * Every table has its place when one PostgreSQL becomes many (docs/capacity.md): rows of patients lie with their patient, a few small tables lie
 * everywhere, and what is looked up before a patient is known stays with the coordinator. A new table must say which.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "./kit/database.ts";

/** Distributed by patient_id. */
const WITH_PATIENT = [
  "appointment_details", "appointment_events", "appointment_files", "appointment_resolutions", "appointments",
  "break_glass_accesses", "care_team_members", "changes", "clinical_entries", "clinical_file_contents", "clinical_files", "clinical_versions", "connections", "consents", "credentials", "data_exports", "day_blocks", "day_summaries", "farewells", "grant_offers", "grants", "legal_holds", "patient_keys", "patient_reviews", "patient_tags", "patient_targets", "population_lines", "population_states", "population_work", "record_versions", "sample_versions", "samples", "series", "sleeps",
  "source_rules", "summary_states", "summary_work", "sync_plan", "treatments", "withdrawn_readings", "workouts", "zone_entries",
] as const;
/** Small, and needed beside every patient's rows. */
const EVERYWHERE = ["attention_rules", "consent_texts", "organizations", "patients", "tags", "users", "vault_key_checks"] as const;
/** Found by something else than a patient, or by nobody's name yet; reason beside each. */
const AT_COORDINATOR: Readonly<Record<string, string>> = {
  audit_heads: "of chains of the audit log",
  audit_links: "of chains of the audit log",
  api_keys: "found by their hash",
  appointment_clearings: "of a clinic's whole queue",
  appointment_queues: "one row a clinic, held by whoever asks for a place",
  account_links: "found by their hash, for days at most",
  audit_log: "of actions, also of those on nobody's data",
  audit_prunings: "of chains of the audit log",
  call_budgets: "counts of calls to vendors",
  challenges: "found by their hash, for five minutes",
  change_mark: "of the whole feed",
  deliveries: "come before anybody knows whose they are",
  delivery_keys: "of deliveries",
  device_tokens: "found by their hash",
  erased_accounts: "found by their digest, of nobody any more",
  erasures: "outlive their patients",
  fold_mark: "of the whole store",
  invitations: "found by their hash, for people who are not there yet",
  known_devices: "of users, asked before a patient is known",
  mails: "on their way for minutes",
  oauth_states: "found by their hash, for ten minutes",
  outside_identities: "lead from an issuer's subject to a user",
  outside_sign_ins: "found by their hash, for ten minutes",
  population_follower: "of the whole feed",
  privacy_keys: "of the whole house",
  provider_accounts: "lead from a vendor's account to a patient",
  provider_subscriptions: "of the whole app",
  recovery_codes: "of accounts, asked at sign-in",
  refresh_tokens: "found by their hash",
  replays: "orders of operators",
  registrations: "found by their hash, of people who are not there yet",
  schema_migrations: "of the schema",
  second_factors: "of accounts, asked at sign-in",
  sessions: "found by their hash",
  sign_in_failures: "found by a digest of who tried what",
  summary_follower: "of the whole feed",
  vendor_states: "of vendors",
  webhook_attempts: "of deliveries to the organization's own systems",
  webhook_deliveries: "wait for their endpoint, whomever they are about",
  webhook_endpoints: "of organizations",
  webhook_events: "of the organization's own systems, a trial about nobody among them",
  webhook_follower: "of the whole feed",
  webhook_secrets: "of endpoints",
};

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const IN_PUBLIC = "c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace";

describe("the tables", () => {
  it("[R8] have each exactly one place", async () => {
    const tables = (await db.asOwner<{ name: string }>(`select c.relname as name from pg_class c where ${IN_PUBLIC} order by 1`)).map(({ name }) => name);
    expect([...WITH_PATIENT, ...EVERYWHERE, ...Object.keys(AT_COORDINATOR)].toSorted()).toEqual(tables);
  });

  it("[R8] that lie with their patient carry the patient in every key", async () => {
    const keys = await db.asOwner<{ table: string; key: string; columns: string[] }>(
      `select c.relname as table, i.indexrelid::regclass::text as key, (select array_agg(a.attname::text) from unnest(i.indkey) k join pg_attribute a on a.attrelid = c.oid and a.attnum = k) as columns
       from pg_index i join pg_class c on c.oid = i.indrelid where i.indisunique and ${IN_PUBLIC} and c.relname = any($1)`, [WITH_PATIENT],
    );
    expect(new Set(keys.map(({ table }) => table))).toEqual(new Set(WITH_PATIENT));
    expect(keys.filter(({ columns }) => !columns.includes("patient_id"))).toEqual([]);
    const optional = await db.asOwner("select table_name from information_schema.columns where column_name = 'patient_id' and is_nullable = 'YES' and table_name = any($1)", [WITH_PATIENT]);
    expect(optional).toEqual([]);
  });

  it("[R8] that lie with their patient refer to rows of the same patient, or to what lies everywhere", async () => {
    const references = await db.asOwner<{ table: string; to: string; columns: string[] }>(
      `select c.relname as table, f.relname as to, (select array_agg(a.attname::text) from unnest(r.conkey) k join pg_attribute a on a.attrelid = c.oid and a.attnum = k) as columns
       from pg_constraint r join pg_class c on c.oid = r.conrelid join pg_class f on f.oid = r.confrelid where r.contype = 'f' and ${IN_PUBLIC} and c.relname = any($1)`, [WITH_PATIENT],
    );
    expect(references.length).toBeGreaterThan(10);
    const strays = references.filter(({ to, columns }) => !(EVERYWHERE as readonly string[]).includes(to) && !((WITH_PATIENT as readonly string[]).includes(to) && columns.includes("patient_id")));
    expect(strays).toEqual([]);
  });

  it("[R8] that lie everywhere refer to nothing that does not", async () => {
    const references = await db.asOwner<{ to: string }>(
      `select f.relname as to from pg_constraint r join pg_class c on c.oid = r.conrelid join pg_class f on f.oid = r.confrelid where r.contype = 'f' and c.relname = any($1)`, [EVERYWHERE],
    );
    expect(references.map(({ to }) => to).filter((to) => !(EVERYWHERE as readonly string[]).includes(to))).toEqual([]);
  });

  it("[R8] that grow are cleaned after a part of what is new", async () => {
    const rows = await db.asOwner<{ name: string; settings: string[] | null }>("select relname as name, reloptions as settings from pg_class where relname in ('samples', 'day_blocks', 'changes')");
    for (const { name, settings } of rows) expect(settings?.some((setting) => setting.startsWith("autovacuum_vacuum_insert_scale_factor=")), name).toBe(true);
    expect(rows).toHaveLength(3);
  });
});
