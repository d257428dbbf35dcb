/**
 * Every table has its place when one PostgreSQL becomes many (docs/capacity.md): rows of patients lie with their patient, a few small tables lie
 * everywhere, and what is looked up before a patient is known stays with the coordinator. A new table must say which.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "./kit/database.ts";

/** Distributed by patient_id. */
const WITH_PATIENT = [
  "changes", "connections", "credentials", "day_blocks", "day_summaries", "farewells", "grants", "patient_keys", "record_versions", "sample_versions", "samples", "series", "sleeps",
  "source_rules", "summary_states", "summary_work", "sync_plan", "treatments", "workouts", "zone_entries",
] as const;
/** Small, and needed beside every patient's rows. */
const EVERYWHERE = ["organizations", "patients", "users", "vault_key_checks"] as const;
/** Found by something else than a patient, or by nobody's name yet; reason beside each. */
const AT_COORDINATOR: Readonly<Record<string, string>> = {
  audit_log: "of actions, also of those on nobody's data",
  call_budgets: "counts of calls to vendors",
  change_mark: "of the whole feed",
  deliveries: "come before anybody knows whose they are",
  delivery_keys: "of deliveries",
  device_tokens: "found by their hash",
  fold_mark: "of the whole store",
  oauth_states: "found by their hash, for ten minutes",
  provider_accounts: "lead from a vendor's account to a patient",
  provider_subscriptions: "of the whole app",
  replays: "orders of operators",
  schema_migrations: "of the schema",
  sessions: "found by their hash",
  summary_follower: "of the whole feed",
  vendor_states: "of vendors",
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
