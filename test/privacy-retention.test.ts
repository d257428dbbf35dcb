/** Each class of what is kept is really cut when its time is over, not before, and not while a legal hold stands. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runDataExport, sweepPrivacy } from "#privacy/jobs.ts";
import { placeHold } from "#privacy/holds.ts";
import { retention as officeWords } from "#web/office/messages/en/retention.ts";
import { RETENTION, retentionTable, runRetention, setKeeping } from "#privacy/retention.ts";
import { rulesTable } from "#privacy/tables.ts";
import { keepHouse } from "#sync/housekeeping.ts";
import { sweep } from "#sync/schedule.ts";
import { startTestApp, type Person, type TestApp } from "./kit/app.ts";
import { seedPerson } from "./kit/privacy-seed.ts";

const DAY = 86_400_000;
let folder: string;
let test: TestApp;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "islet-retention-"));
  test = await startTestApp({ env: { ISLET_DATA_DIR: folder } });
});
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true, force: true });
});

/** Puts something of the class in, `ageMs` old; counts what there is of it. */
interface Case {
  readonly keptMs: number;
  readonly put: (age: number) => Promise<unknown>;
  readonly count: string;
}
const at = (age: number): number => (test.clock.now() - age) / 1_000;
const insert = (text: string, ...values: unknown[]) => test.db.asOwner(text, values);
const raw = (via: string) => (age: number) => insert("insert into deliveries (provider, via, body, body_bytes, state, filed_at, received_at) values ('garmin', $1, 'x', 1, 'done', to_timestamp($2), to_timestamp($2))", via, at(age));
const minute = 60_000;

const cases: Readonly<Record<string, (who: Person) => Case>> = {
  // By whole months: whatever the day, two months later it is gone.
  raw_webhooks: () => ({ keptMs: 62 * DAY, put: raw("webhook"), count: "select 1 from deliveries where via = 'webhook'" }),
  raw_pulls: () => ({ keptMs: 397 * DAY, put: raw("pull"), count: "select 1 from deliveries where via = 'pull'" }),
  delivery_keys: () => ({
    keptMs: 45 * DAY, put: (age) => insert("insert into delivery_keys (provider, dedupe_key, delivery_id, first_seen) values ('garmin', $1, 1, to_timestamp($2))", Buffer.from(String(age)), at(age)), count: "select 1 from delivery_keys",
  }),
  oauth_states: ({ userId, patientId }) => ({
    keptMs: 10 * minute, count: "select 1 from oauth_states",
    put: (age) => insert("insert into oauth_states (state_hash, organization_id, patient_id, user_id, session_hash, provider, redirect_uri, return_to, expires_at) values ($1, $2, $3, $4, 'x', 'oura', 'x', 'x', to_timestamp($5))", Buffer.from(String(age)), test.people.organizationId, patientId, userId, at(age - 10 * minute)),
  }),
  vendor_counts: () => ({
    keptMs: 7 * DAY, count: "select 1 from call_budgets",
    put: (age) => insert("insert into call_budgets (provider, whom, limit_key, window_index, ends_at, used, granted) values ('x', $1, '1', 1, to_timestamp($2), 1, 1)", String(age), at(age)),
  }),
  sessions: ({ userId }) => ({
    keptMs: DAY, count: "select 1 from sessions where kind = 'cookie'",
    put: (age) => insert("insert into sessions (token_hash, organization_id, user_id, kind, expires_at) values ($1, $2, $3, 'cookie', to_timestamp($4))", Buffer.from(String(age)), test.people.organizationId, userId, at(age - DAY)),
  }),
  grant_offers: ({ userId, patientId }) => ({
    keptMs: 30 * DAY, count: "select 1 from grant_offers",
    put: (age) => insert("insert into grant_offers (organization_id, patient_id, email, scope, offered_by, expires_at) values ($1, $2, $3, 'view', $4, to_timestamp($5))", test.people.organizationId, patientId, `${age}@example.org`, userId, at(age)),
  }),
  export_rows: ({ userId, patientId }) => ({
    keptMs: 365 * DAY, count: "select 1 from data_exports where state = 'gone'",
    put: (age) => insert("insert into data_exports (organization_id, patient_id, asked_by, is_own, locale, state, asked_at) values ($1, $2, $3, true, 'en', 'gone', to_timestamp($4))", test.people.organizationId, patientId, userId, at(age)),
  }),
  webhook_log: ({ patientId }) => ({
    keptMs: 30 * DAY, count: "select 1 from webhook_events",
    put: (age) => insert("insert into webhook_events (organization_id, patient_id, kind, count, created_at) values ($1, $2, 'samples', 1, to_timestamp($3))", test.people.organizationId, patientId, at(age)),
  }),
};

/** Classes that are not a matter of age alone, each with the test that holds it. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  changes: "test/database-life.test.ts: the feed is forgotten behind its follower", farewells: "test/farewell.test.ts", export_files: "below, with a real file", orphans: "below", measurements: "below",
  audit: "the tests of the audit log", erasures: "kept",
};

async function cutAll(): Promise<void> {
  await keepHouse(test.app.sync);
  await sweep(test.app.sync);
  await sweepPrivacy(test.app.privacy);
  await runRetention(test.app.privacy);
}

describe("what is kept", () => {
  it("has a test for each class, and stands in docs/privacy.md as in the code", async () => {
    expect(officeWords).toEqual(Object.fromEntries(RETENTION.flatMap(({ name, what, keeps }) => [[`retention.what.${name}`, what], [`retention.keeps.${name}`, keeps]])));
    expect([...Object.keys(cases), ...Object.keys(ELSEWHERE)].toSorted()).toEqual(RETENTION.map(({ name }) => name).toSorted());
    const page = await readFile(new URL("../docs/privacy.md", import.meta.url), "utf8");
    expect(page, "run node scripts/privacy-docs.ts").toContain(retentionTable());
    expect(page, "run node scripts/privacy-docs.ts").toContain(rulesTable());
  });

  it.each(Object.keys(cases))("%s: is cut when its time is over, and not before", async (name) => {
    const { keptMs, put, count } = cases[name]!(test.people.patient);
    await cutAll();
    const before = (await test.db.asOwner(count)).length;
    await put(keptMs + minute);
    await put(Math.floor(keptMs / 3));
    expect((await test.db.asOwner(count)).length).toBe(before + 2);
    await cutAll();
    expect((await test.db.asOwner(count)).length).toBe(before + 1);
  });

  it("measurements: for ever, until the organization sets a number of years; then what is older goes in every form", async () => {
    const { patient, organizationId } = test.people;
    await seedPerson(test, patient);
    const tables = ["day_blocks", "samples", "sleeps", "workouts", "treatments", "sample_versions", "record_versions"];
    const left = async (): Promise<number> => {
      let total = 0;
      for (const table of tables) total += (await test.db.asOwner(`select 1 from ${table} where patient_id = $1`, [patient.patientId])).length;
      return total;
    };
    const all = await left();
    expect(all).toBeGreaterThan(15);
    test.clock.advance(3 * 365 * DAY);
    await runRetention(test.app.privacy);
    expect(await left()).toBe(all);
    await test.db.database.withOrganization(organizationId, (tx) => setKeeping(tx, organizationId, 4));
    await runRetention(test.app.privacy);
    expect(await left()).toBe(all);
    await test.db.database.withOrganization(organizationId, (tx) => setKeeping(tx, organizationId, 2));
    const hold = await test.db.database.withOrganization(organizationId, (tx) => placeHold(tx, { organizationId, userId: null, nowMs: test.clock.now() }, patient.patientId!, "authority"));
    await runRetention(test.app.privacy);
    expect(await left(), "a legal hold stands").toBe(all);
    await test.db.asOwner("update legal_holds set lifted_at = now() where id = $1", [hold.id]);
    await runRetention(test.app.privacy);
    expect(await left()).toBe(0);
  });

  it("keeps the raw deliveries of a patient under a legal hold, whole months or not", async () => {
    const { stranger, organizationId } = test.people;
    await test.db.asOwner("delete from deliveries");
    for (const who of [stranger.patientId, null]) {
      await test.db.asOwner("insert into deliveries (provider, via, body, body_bytes, state, filed_at, organization_id, patient_id) values ('garmin', 'webhook', 'x', 1, 'done', to_timestamp($1), $2, $3)", [at(400 * DAY), organizationId, who]);
    }
    await test.db.database.withOrganization(organizationId, (tx) => placeHold(tx, { organizationId, userId: null, nowMs: test.clock.now() }, stranger.patientId!, "litigation"));
    await keepHouse(test.app.sync);
    expect(await test.db.asOwner("select patient_id from deliveries")).toEqual([{ patient_id: stranger.patientId }]);
  });

  it("orphans and export files: gone with the next look", async () => {
    const { patient, organizationId } = test.people;
    await test.db.asOwner("insert into erasures (organization_id, patient_id, reason, state, asked_at, begins_at, next_at) values ($1, gen_random_uuid(), 'court', 'done', now(), now(), now())", [organizationId]);
    await test.db.asOwner("insert into deliveries (provider, via, body, body_bytes, organization_id, patient_id) select 'garmin', 'push', 'x', 1, organization_id, patient_id from erasures");
    expect((await runRetention(test.app.privacy))["orphans"]).toBe(1);
    const token = await test.signIn(patient.email === "patient@example.org" ? "cnry7q@example.org" : patient.email);
    const { id } = (await test.request({ as: { ...patient, token }, method: "POST", url: "/api/v1/patients/me/data-exports", payload: {} })).json<{ id: string }>();
    await runDataExport(test.app.privacy, { organizationId, patientId: patient.patientId!, exportId: id }, AbortSignal.timeout(60_000));
    expect(await test.db.asOwner("select state from data_exports where id = $1", [id])).toEqual([{ state: "ready" }]);
    test.clock.advance(DAY + 1);
    await sweepPrivacy(test.app.privacy);
    expect(await test.db.asOwner("select state, key_sealed from data_exports where id = $1", [id])).toEqual([{ state: "gone", key_sealed: null }]);
  });
});
