/** Row-level security, table by table from the catalogue, so that a new table cannot be forgotten. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tx } from "#db/database.ts";
import { createTestDatabase, type TestDatabase } from "./kit/database.ts";

/** Tables without a tenant's rows: reason beside each. */
const WITHOUT_TENANT: Readonly<Record<string, string>> = {
  schema_migrations: "which migrations ran",
  organizations: "the tenants themselves: its own row only",
  delivery_keys: "digests of deliveries, written before the tenant is known",
  provider_subscriptions: "the app's own webhook subscriptions",
  vault_key_checks: "check texts of the vault's keys",
  call_budgets: "counts of calls to vendors, by the app or a connection's random id",
  vendor_states: "until when a vendor is left alone",
  sign_in_failures: "counts of failed sign-ins under digests, before the tenant is known",
  erased_accounts: "keyed digests of accounts whose person was erased",
  privacy_keys: "keys of such digests and of pseudonyms, sealed",
  fold_mark: "up to when days were folded",
  change_mark: "up to where the change feed was forgotten",
  audit_links: "numbers and digests of the audit log's chains",
  audit_heads: "the ends of those chains",
  audit_prunings: "what was taken from their beginnings",
  population_follower: "how far the follower that keeps patients' lines has read it",
  summary_follower: "how far the follower has read the change feed",
  webhook_follower: "the same of the one that makes webhooks",
};

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const tables = async (): Promise<string[]> =>
  (await db.asOwner<{ name: string }>(
    "select relname as name from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by 1",
  )).map((row) => row.name);

describe("row-level security", () => {
  it("is forced on every table that the application may touch", async () => {
    const open = await db.asOwner<{ name: string }>(
      `select relname as name from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
         and not (relrowsecurity and relforcerowsecurity) and relname <> 'schema_migrations'`,
    );
    expect(open).toEqual([]);
    expect((await tables()).length).toBeGreaterThan(15);
  });

  it("carries the organization in every table with a tenant's rows, and a patient's tables lead their key with the patient", async () => {
    for (const table of (await tables()).filter((name) => !(name in WITHOUT_TENANT))) {
      const columns = (await db.asOwner<{ name: string }>("select column_name as name from information_schema.columns where table_name = $1", [table])).map((row) => row.name);
      expect(columns, table).toContain("organization_id");
    }
    for (const table of ["samples", "day_blocks", "sample_versions", "record_versions", "series", "sleeps", "workouts", "treatments", "connections", "credentials", "patient_keys", "grants", "consents", "changes", "source_rules", "zone_entries", "day_summaries", "summary_states", "summary_work", "data_exports", "legal_holds", "withdrawn_readings", "clinical_entries", "clinical_versions", "care_team_members", "appointments", "appointment_events", "appointment_details", "appointment_resolutions", "appointment_files", "clinical_files", "clinical_file_contents", "patient_tags", "patient_targets", "patient_reviews", "population_lines", "population_states", "population_work"]) {
      const [key] = await db.asOwner<{ first: string }>(
        `select a.attname as first from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
         where i.indrelid = $1::regclass and i.indisprimary`, [table],
      );
      expect(key?.first, table).toBe("patient_id");
    }
  });

  it("shows organization B nothing of A, and nobody anything without an organization", async () => {
    const [a, b] = await db.asOwner<{ id: string }>("insert into organizations (name) values ('A'), ('B') returning id");
    const users = await db.asOwner<{ id: string }>(
      "insert into users (organization_id, email, password_hash, display_name, roles) values ($1, 'a@example.org', 'x', 'A', '{patient}') returning id", [a!.id],
    );
    const [patient] = await db.asOwner<{ id: string }>("insert into patients (organization_id, user_id, display_name) values ($1, $2, 'A') returning id", [a!.id, users[0]!.id]);
    const [series] = await db.asOwner<{ id: string }>("insert into series (organization_id, patient_id, metric, provider) values ($1, $2, 1, 'import') returning id", [a!.id, patient!.id]);
    await db.asOwner("insert into samples (organization_id, patient_id, series_id, start_at, value, delivery_id) values ($1, $2, $3, now(), 100, 1)", [a!.id, patient!.id, series!.id]);
    const count = async (organizationId: string, table: string): Promise<number> => {
      const counted = async (tx: Tx): Promise<number> => Number((await tx.query<{ count: string }>(`select count(*) as count from ${table}`))[0]!.count);
      // The audit log is read by a role of its own.
      return table === "audit_log" ? db.database.asAuditor(organizationId, counted) : db.database.withOrganization(organizationId, counted);
    };
    for (const table of ["users", "patients", "series", "samples"]) {
      expect(await count(a!.id, table), `A sees its ${table}`).toBe(1);
      expect(await count(b!.id, table), `B sees no ${table} of A`).toBe(0);
      expect(await count("", table), `nobody sees ${table}`).toBe(0);
    }
    for (const table of (await tables()).filter((name) => !(name in WITHOUT_TENANT))) expect(await count(b!.id, table), table).toBe(0);
  });

  it("refuses to write another organization's row", async () => {
    const [a, b] = await db.asOwner<{ id: string }>("insert into organizations (name) values ('C'), ('D') returning id");
    await expect(
      db.database.withOrganization(b!.id, (tx) => tx.query("insert into patients (organization_id, display_name) values ($1, 'x')", [a!.id])),
    ).rejects.toThrow(/row-level security/);
  });

  it("gives the system role no measurements and no sealed tokens", async () => {
    for (const table of ["samples", "sleeps", "workouts", "treatments", "series", "day_summaries", "zone_entries", "appointments", "appointment_details", "appointment_resolutions", "clinical_files", "clinical_file_contents", "population_lines", "patient_targets", "patient_reviews", "patient_tags", "withdrawn_readings", "clinical_entries", "clinical_versions"]) {
      await expect(db.database.asSystem((tx) => tx.query(`select 1 from ${table}`)), table).rejects.toThrow(/permission denied/);
    }
    await expect(db.database.asSystem((tx) => tx.query("select access_sealed from credentials"))).rejects.toThrow(/permission denied/);
  });

  it("lets nobody change or remove what the audit log says", async () => {
    const [a] = await db.asOwner<{ id: string }>("insert into organizations (name) values ('E') returning id");
    for (const statement of ["update audit_log set action = 'x'", "delete from audit_log"]) {
      await expect(db.database.withOrganization(a!.id, (tx) => tx.query(statement)), statement).rejects.toThrow(/permission denied/);
      await expect(db.database.asSystem((tx) => tx.query(statement)), statement).rejects.toThrow(/permission denied/);
    }
  });
});
