/** Consent where nobody sits before a page: syncs, pushes and webhooks stop at once, and go on when it is given again. Faults PR-10. */
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "#db/database.ts";
import { migrate } from "#db/migrate.ts";
import { hasConsent, requireConsent } from "#people/consent/consents.ts";
import { auditKeys } from "#people/audit/keys.ts";
import { verifyAuditLog } from "#people/audit/verify.ts";
import { vendorPurpose } from "#people/consent/states.ts";
import { resumePulls, stopPulls } from "#sync/consent-stops.ts";
import { readConnection, type ConnectionRef } from "#sync/connections.ts";
import { connectionsDue } from "#sync/due.ts";
import { drainInbox } from "#sync/process.ts";
import { syncConnection } from "#sync/sync-connection.ts";
import { ConsentMissing } from "../src/errors.ts";
import { silentLog } from "../src/log.ts";
import { decide } from "./kit/consent.ts";
import { fakeVendor, page, reading } from "./kit/fake-driver.ts";
import { layGround, type Ground } from "./kit/ground.ts";

const signal = new AbortController().signal;
const vendor = fakeVendor();
let ground: Ground;
let number = 0;

beforeAll(async () => {
  ground = await layGround([vendor.driver]);
});
afterAll(() => ground.close());

interface Case {
  readonly who: { organizationId: string; patientId: string; userId: string };
  readonly ref: ConnectionRef;
}

async function connected(): Promise<Case> {
  number += 1;
  const patient = await ground.addPatient(`person-${number}`);
  const ref = await ground.link(patient, `account-${number}`);
  return { who: { organizationId: ground.organizationId, ...patient }, ref };
}

const stateOf = (ref: ConnectionRef) => ground.db.database.withOrganization(ref.organizationId, (tx) => readConnection(tx, ref.patientId, ref.connectionId));
const samplesOf = async ({ patientId }: ConnectionRef): Promise<number> => (await ground.db.ofSamples("select 1 from samples where patient_id = $1", [patientId])).length;
const isDue = async ({ connectionId }: ConnectionRef): Promise<boolean> => (await connectionsDue(ground.context)).some((due) => due.connectionId === connectionId);

/** Withdraws as the API does: the decision and what hangs on it in one transaction. */
async function withdraw({ who, ref }: Case, what: "storage" | "vendor"): Promise<void> {
  const provider = what === "vendor" ? vendor.driver.id : null;
  await decide(ground.db, who, what === "vendor" ? vendorPurpose(vendor.driver.id) : "storage", "withdrawn");
  await ground.db.database.withOrganization(ref.organizationId, (tx) => stopPulls(tx, { ...who, provider }));
}

describe.each(["storage", "vendor"] as const)("a person who withdraws %s", (what) => {
  it("is asked about at no vendor any more, and others are [PR-10]", async () => {
    const [mine, other] = [await connected(), await connected()];
    expect(await isDue(mine.ref)).toBe(true);
    await withdraw(mine, what);
    expect(await isDue(mine.ref)).toBe(false);
    expect(await isDue(other.ref)).toBe(true);
    expect((await stateOf(mine.ref)).statusCode).toBe("consent_missing");
    const asked = vendor.asked.length;
    expect(await syncConnection(ground.context, mine.ref, { signal, askAll: true })).toMatchObject({ wasRun: false });
    expect(vendor.asked.length).toBe(asked);
  });

  it("has nothing stored by a sync that was under way", async () => {
    const mine = await connected();
    vendor.answer = async function* () {
      yield page("glucose", [reading(ground.clock.now() - 600_000, 101)]);
      await withdraw(mine, what);
      yield page("glucose", [reading(ground.clock.now() - 300_000, 102)]);
    };
    await syncConnection(ground.context, mine.ref, { signal });
    vendor.answer = () => [];
    expect((await ground.db.ofSamples("select value from samples where patient_id = $1", [mine.ref.patientId])).map(({ value }) => value)).toEqual([101]);
    expect(await stateOf(mine.ref)).toMatchObject({ nextSyncMs: null, statusCode: "consent_missing" });
  });

  it("has nothing stored of what is still pushed", async () => {
    const [mine, other] = [await connected(), await connected()];
    const push = async ({ ref }: Case, value: number): Promise<string> =>
      (await ground.context.inbox.accept({
        provider: vendor.driver.id, via: "push", resource: "glucose", body: Buffer.from(JSON.stringify([reading(ground.clock.now() - value * 1_000, value)])), headers: {}, owner: ref, causedBy: null, dedupeKey: null,
      })).id;
    await push(mine, 100);
    await drainInbox(ground.context, signal);
    await withdraw(mine, what);
    // Many together, and one alone.
    for (const values of [[111, 112, 113], [114]]) {
      const ids: string[] = [];
      for (const value of values) {
        ids.push(await push(mine, value));
        if (values.length > 1) await push(other, value);
      }
      await drainInbox(ground.context, signal);
      expect(await ground.db.asOwner("select distinct state from deliveries where id = any($1)", [ids])).toEqual([{ state: "ignored" }]);
    }
    expect([await samplesOf(mine.ref), await samplesOf(other.ref)]).toEqual([1, 3]);
  });

  it("rests again where something else made it due, and goes on when it is given again", async () => {
    const mine = await connected();
    await withdraw(mine, what);
    await ground.db.asOwner("update connections set next_sync_at = now() - interval '1 hour', status_code = null where id = $1", [mine.ref.connectionId]);
    await syncConnection(ground.context, mine.ref, { signal });
    expect(await stateOf(mine.ref)).toMatchObject({ nextSyncMs: null, statusCode: "consent_missing" });
    await decide(ground.db, mine.who, what === "vendor" ? vendorPurpose(vendor.driver.id) : "storage", "given");
    const resumed = await ground.db.database.withOrganization(mine.ref.organizationId, (tx) => resumePulls(tx, { ...mine.who, provider: null }, ground.clock.now()));
    expect(resumed).toEqual([mine.ref]);
    expect(await isDue(mine.ref)).toBe(true);
    expect(await stateOf(mine.ref)).toMatchObject({ statusCode: null, status: "active" });
  });
});

describe("asking for consent", () => {
  it("throws what names the purpose and what to do, in the transaction of a worker and of a person", async () => {
    const { who } = await connected();
    const { database } = ground.db;
    const asPerson = { organizationId: who.organizationId, userId: who.userId, patientId: who.patientId };
    for (const ask of [database.withOrganization(who.organizationId, (tx) => requireConsent(tx, who.patientId, "sharing")), database.withPerson(asPerson, (tx) => requireConsent(tx, who.patientId, "sharing"))]) {
      await expect(ask).rejects.toThrow(ConsentMissing);
    }
    await decide(ground.db, who, "sharing", "given");
    expect(await database.withPerson(asPerson, (tx) => hasConsent(tx, who.patientId, "sharing"))).toBe(true);
    expect(await database.withPerson(asPerson, (tx) => hasConsent(tx, who.patientId, "research"))).toBe(false);
  });
});

describe("an installation that ran before there were consents and chains", () => {
  it("goes on: nobody's consent is made up, what went on is marked so, and the old log is linked", async () => {
    const admin = new pg.Client({ connectionString: ground.db.ownerUrl });
    await admin.connect();
    const name = `test_before_${randomBytes(6).toString("hex")}`;
    await admin.query(`create database ${name}`);
    const url = new URL(ground.db.ownerUrl);
    url.pathname = `/${name}`;
    const owner = new pg.Client({ connectionString: url.href });
    await owner.connect();
    const folder = new URL("../migrations/", import.meta.url);
    await owner.query("create table schema_migrations (name text primary key, applied_at timestamptz not null default now())");
    for (const file of (await readdir(folder)).filter((each) => each < "0016").toSorted()) {
      await owner.query(await readFile(new URL(file, folder), "utf8"));
      await owner.query("insert into schema_migrations (name) values ($1)", [file]);
    }
    const { rows: [org] } = await owner.query<{ id: string }>("insert into organizations (name) values ('Old') returning id");
    const { rows: [patient] } = await owner.query<{ id: string }>("insert into patients (organization_id, display_name) values ($1, 'Old') returning id", [org!.id]);
    await owner.query("insert into connections (organization_id, patient_id, provider, status, vendor_user_id) values ($1, $2, 'oura', 'active', 'x')", [org!.id, patient!.id]);
    await owner.query("insert into audit_log (organization_id, action, patient_id) select nullif($1, '')::uuid, 'patient.view', $2 from generate_series(1, 5)", [org!.id, patient!.id]);
    await owner.query("insert into audit_log (action) select 'vault.rotated' from generate_series(1, 3)");
    await owner.end();
    await migrate(url.href, new URL(ground.db.appUrl).username);
    const app = new URL(ground.db.appUrl);
    app.pathname = `/${name}`;
    const database = openDatabase({ url: app.href, log: silentLog, size: 2 });
    const consents = await database.withOrganization(org!.id, (tx) => tx.query("select purpose, decision, via, version from consents order by id"));
    expect(consents).toEqual(["sharing", "storage", "vendor:oura"].map((purpose) => ({ purpose, decision: "unrecorded", via: "migration", version: null })));
    const allowed = await database.withOrganization(org!.id, async (tx) => {
      const answers: boolean[] = [];
      for (const purpose of ["storage", "sharing", "vendor:oura", "vendor:dexcom", "research"] as const) answers.push(await hasConsent(tx, patient!.id, purpose));
      return answers;
    });
    expect(allowed).toEqual([true, true, true, false, false]);
    expect(await verifyAuditLog({ database, keys: auditKeys("a secret of at least thirty-two characters"), anchors: [] })).toMatchObject({ chains: 2, links: 8, findings: [] });
    await database.close();
    await admin.query(`drop database ${name}`);
    await admin.end();
  }, 60_000);
});
