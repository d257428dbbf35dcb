/** The end of a person's data: nothing of it is found anywhere, whatever happens on the way. Faults PR-01 to PR-04. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { digestOf } from "#inbox/inbox.ts";
import { runDataExport, runErasureJob, sweepPrivacy } from "#privacy/jobs.ts";
import { eraseRestored } from "#privacy/erasure/restored.ts";
import { readList } from "#privacy/erasure/list.ts";
import { namesAccount } from "#privacy/erasure/raw-deliveries.ts";
import { runErasure } from "#privacy/erasure/run.ts";
import { STEPS } from "#privacy/erasure/steps.ts";
import { askForErasure, findErasure } from "#privacy/erasure/wishes.ts";
import { placeHold, liftHold } from "#privacy/holds.ts";
import { TABLE_RULES } from "#privacy/tables.ts";
import { drainInbox } from "#sync/process.ts";
import { takeMails } from "./kit/accounts.ts";
import { startTestApp, type TestApp } from "./kit/app.ts";
import { scan } from "./kit/canary-scan.ts";
import { connect } from "./kit/connect.ts";
import { CANARY, CANARY_NUMBER, seedPerson } from "./kit/privacy-seed.ts";

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

async function start(env: Record<string, string> = {}): Promise<{ test: TestApp; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "islet-erasure-"));
  const test = await startTestApp({ env: { ISLET_DATA_DIR: folder, ISLET_ERASURE_GRACE_HOURS: "0", ...env } });
  open.push(() => rm(folder, { recursive: true, force: true }), () => test.close());
  return { test, folder };
}

const PROCESS = fileURLToPath(new URL("kit/erasure-process.ts", import.meta.url));
const signal = AbortSignal.timeout(300_000);
const BASE = "/api/v1/patients/me/erasures";

async function ask(test: TestApp): Promise<string> {
  const { organizationId, patient } = test.people;
  const { id } = await test.db.database.withOrganization(organizationId, (tx) =>
    askForErasure(tx, test.app.privacy, { organizationId, patientId: patient.patientId!, askedBy: patient.userId, reason: "own_wish" }));
  return id;
}
const erasureOf = (test: TestApp, id: string) => test.db.database.asSystem((tx) => findErasure(tx, id));
const needlesOf = (test: TestApp) => ({ texts: [CANARY, test.people.patient.patientId!, test.people.patient.userId], number: CANARY_NUMBER });

/** Columns that the law lets us keep: random ids that lead to nobody. */
const EXCEPTIONS = ["audit_log.patient_id", "audit_log.actor_user_id", "erasures.patient_id"];

/** Of tables that know a person, columns of texts that hold a word of ours, never one of the person's. */
const WORDS_OF_OURS: Readonly<Record<string, readonly string[]>> = {
  sessions: ["kind", "token_hash"], device_tokens: [], oauth_states: ["provider", "verifier_sealed", "ring_key_id"], grants: ["scope", "kind"], grant_offers: ["scope"], account_links: ["kind"], api_keys: ["public_id", "scopes"], invitations: ["roles", "national_id_index"], consents: ["purpose", "decision", "locale", "text_hash", "via", "address_hash", "request_id"], second_factors: ["kind", "secret_sealed", "secret_ring_key_id"], challenges: ["purpose"], break_glass_accesses: ["reason", "verdict"],
  deliveries: ["provider", "via", "body_encoding", "state", "account"], series: ["provider"], sleeps: ["provider"], workouts: ["provider"], treatments: ["provider", "kind"],
  appointments: ["state", "motives", "priority", "cleared_from"], appointment_events: ["move", "from_state", "to_state", "actor_kind"], appointment_files: [],
  clinical_files: ["purpose", "media_type", "sha256"], clinical_file_contents: ["key_sealed", "content_sealed"],
  withdrawn_readings: ["provider", "reason"], clinical_entries: ["kind", "status", "audience"], clinical_versions: ["deed", "status", "audience", "reason"], care_team_members: ["role"],
  record_versions: ["kind", "provider", "class"], webhook_events: ["kind"], changes: ["kind"], data_exports: ["locale", "state", "error", "key_sealed", "sha256"], provider_accounts: ["provider"],
  credentials: ["access_sealed", "refresh_sealed", "access_ring_key_id", "refresh_ring_key_id"], farewells: ["access_sealed", "refresh_sealed"], connections: ["provider", "status"],
  patient_keys: ["wrapped", "ring_key_id"], legal_holds: ["reason"], patients: ["zone"], patient_targets: ["preset", "unit"], users: ["password_hash", "password_scheme", "roles", "locale", "glucose_unit", "zone", "national_id_sealed", "national_id_ring_key_id"], zone_entries: ["zone"],
  audit_log: ["action", "object_type", "object_id", "outcome", "request_id", "actor_kind", "actor_role", "purpose", "session_ref", "address_hash", "network", "agent"], erasures: ["reason", "state", "step", "error", "counts"],
};

describe("an erasure", () => {
  it("leaves nothing anywhere: every column, the inbox, dead letters, strangers' bodies, the queue, files; and without it all is found [PR-01]", async () => {
    const { test, folder } = await start();
    const { patient, organizationId } = test.people;
    const seeded = await seedPerson(test, patient);
    const stray = async (state: string, body: string, account: string | null = null): Promise<void> => {
      await test.db.asOwner("insert into deliveries (provider, via, body, body_bytes, state, account) values ('garmin', 'webhook', $1, 1, $2, $3)", [Buffer.from(body), state, account]);
    };
    await stray("dead", `{"half of a body":"${seeded.vendorUserId}"`);
    await stray("unmatched", `{"user":"somebody","note":"${CANARY} unmatched"}`, seeded.vendorUserId);
    const [shared] = await test.db.asOwner<{ id: string }>("insert into deliveries (provider, via, body, body_bytes, state) values ('garmin', 'webhook', $1, 1, 'done') returning id::text", [Buffer.from(`${CANARY} of several`)]);
    await test.db.asOwner("insert into deliveries (provider, via, body, body_bytes, state, organization_id, patient_id, caused_by) values ('garmin', 'webhook', $1, 1, 'done', $2, $3, $4)", [Buffer.from("part"), organizationId, patient.patientId, shared!.id]);
    const neighbour = await test.db.asOwner<{ id: string }>("insert into deliveries (provider, via, body, body_bytes, state) values ('garmin', 'webhook', $1, 1, 'dead') returning id::text", [Buffer.from("a neighbour's")]);
    await test.db.asOwner("create table pgboss.job (id int, data jsonb, state text)");
    const asked = await test.request({ as: patient, method: "POST", url: "/api/v1/patients/me/data-exports", payload: {} });
    expect(asked.statusCode).toBe(202);
    const job = test.jobs.find(({ queue }) => queue === "data-export")!;
    await runDataExport(test.app.privacy, job.data, signal);
    await writeFile(join(folder, "exports", `${job.data["exportId"]}.left-by-a-crash.sealed`), `${CANARY} in a file`);

    // The control: the scan sees, and the seed reaches every column that may hold a word of a person's.
    const before = await scan(test.db, needlesOf(test), folder);
    for (const { table } of TABLE_RULES) {
      const texts = await test.db.asOwner<{ name: string }>(
        "select column_name as name from information_schema.columns where table_schema = 'public' and table_name = $1 and data_type in ('text', 'jsonb', 'ARRAY', 'bytea')", [table],
      );
      const unseen = texts.map(({ name }) => name).filter((name) => !before.has(`${table}.${name}`) && !WORDS_OF_OURS[table]?.includes(name) && !(table === "day_summaries" && name === "ranges"));
      expect(unseen, `${table}: no canary in these columns`).toEqual([]);
    }
    for (const place of ["samples.value", "day_blocks.data", "deliveries.body", "deliveries.patient_id", "day_summaries.mean", "delivery_keys.dedupe_key"]) expect(before, place).toContain(place);
    expect([...before].some((place) => place.startsWith("file exports/"))).toBe(true);

    const id = await ask(test);
    expect(await runErasure(test.app.privacy, id, { signal })).toBe("done");
    // Told once more, in the person's own language, by an outbox that forgets whom.
    const mails = await takeMails(test.app.mail);
    expect(mails.map(({ to, subject }) => ({ to, subject }))).toEqual([{ to: expect.stringContaining(CANARY) as string, subject: "Your data was erased" }]);
    expect(mails[0]!.text).toContain(`Reference: ${id}`);

    const after = await scan(test.db, needlesOf(test), folder);
    expect([...after].filter((place) => !EXCEPTIONS.includes(place))).toEqual([]);
    const done = await erasureOf(test, id);
    expect(done).toMatchObject({ state: "done", step: null, error: null });
    expect(done.counts).toMatchObject({ patients: 1, users: 1, sleeps: 1, workouts: 1, treatments: 2, connections: 1, export_files: 2, deliveries: 5, bodies_emptied: 1 });
    expect(done.counts["day_blocks"]).toBeGreaterThan(5);
    // Nobody else lost anything.
    const [left] = await test.db.asOwner<{ people: number; body: string }>("select (select count(*)::int from patients) as people, (select encode(body, 'escape') from deliveries where id = $1) as body", [neighbour[0]!.id]);
    expect(left).toEqual({ people: 2, body: "a neighbour's" });
    expect((await test.request({ as: patient, method: "GET", url: "/api/v1/me" })).statusCode).toBe(401);
  }, 120_000);

  it("stopped dead at any step goes on there, and counts everything once [PR-02]", async () => {
    const { test, folder } = await start();
    const seeded = await seedPerson(test, test.people.patient);
    const counted = await test.db.asOwner<{ series: number; deliveries: number }>("select (select count(*)::int from series) as series, (select count(*)::int from deliveries) as deliveries");
    const id = await ask(test);
    const reached: string[] = [];
    for (let fatal = 0; fatal <= STEPS.length; fatal += 1) {
      // Whoever dies says nothing to the database: the lease runs out by itself.
      const outcome = await runErasure(
        { ...test.app.privacy, sync: { ...test.app.privacy.sync } }, id,
        { signal, onStep: (step) => (step === STEPS[fatal] ? new Promise<never>((_, reject) => {
          reached.push(step);
          reject(new Error("killed"));
        }) : undefined) },
      ).catch(() => "killed");
      if (fatal < STEPS.length) expect([outcome, (await erasureOf(test, id)).step]).toEqual(["killed", STEPS[fatal]]);
      else expect(outcome).toBe("done");
      test.clock.advance(2 * 3_600_000);
    }
    expect(reached).toEqual([...STEPS]);
    expect(await takeMails(test.app.mail), "told once, whoever died on the way").toHaveLength(1);
    expect([...(await scan(test.db, needlesOf(test), folder))].filter((place) => !EXCEPTIONS.includes(place))).toEqual([]);
    expect((await erasureOf(test, id)).counts).toMatchObject({ series: counted[0]!.series, deliveries: counted[0]!.deliveries, patients: 1, connections: 1, connections_ended: 1 });
    void seeded;
  });

  it("killed with -9 in any step, by a process of its own, is whole in the end [PR-02]", async () => {
    const { test, folder } = await start();
    await seedPerson(test, test.people.patient);
    const id = await ask(test);
    let killed = 0;
    for (const fatal of STEPS) {
      const child = spawn(process.execPath, [PROCESS, test.db.appUrl, folder, id, fatal, String(test.clock.now())], { stdio: ["ignore", "ignore", "pipe"] });
      let words = "";
      child.stderr.on("data", (chunk: Buffer) => (words += chunk.toString()));
      const [code, name] = (await once(child, "exit")) as [number | null, string | null];
      expect([code, name], `${fatal}: ${words}`).toEqual([null, "SIGKILL"]);
      killed += 1;
      // Its lease runs out.
      test.clock.advance(2 * 3_600_000);
    }
    expect(killed).toBe(STEPS.length);
    await runErasure(test.app.privacy, id, { signal });
    expect(await erasureOf(test, id)).toMatchObject({ state: "done", counts: { sleeps: 1, workouts: 1, connections: 1, patients: 1, users: 1 } });
    expect(await takeMails(test.app.mail), "told once, whoever died on the way").toHaveLength(1);
    expect([...(await scan(test.db, needlesOf(test), folder))].filter((place) => !EXCEPTIONS.includes(place))).toEqual([]);
  }, 180_000);

  it("tells vendors, keeps back the end alone while one is away, and tells it later [PR-02]", async () => {
    const { test } = await start();
    const { patient } = test.people;
    await connect(test, patient, "strava");
    await test.runJobs();
    test.sim.control.setFault("strava", { kind: "server_error", status: 500, at: "any" });
    const id = await ask(test);
    expect(await runErasure(test.app.privacy, id, { signal })).toBe("later");
    expect(await erasureOf(test, id)).toMatchObject({ state: "running", step: "last_words", error: "vendors_away" });
    const [left] = await test.db.asOwner<{ samples: number; keys: number; farewells: number }>(
      "select (select count(*)::int from day_blocks) + (select count(*)::int from samples) as samples, (select count(*)::int from patient_keys) as keys, (select count(*)::int from farewells) as farewells",
    );
    expect(left).toEqual({ samples: 0, keys: 1, farewells: 1 });
    // Three days are the end of it: what it took to tell is destroyed.
    for (let hour = 0; hour < 100 && (await erasureOf(test, id)).state !== "done"; hour += 1) {
      test.clock.advance(3_600_000);
      await runErasureJob(test.app.privacy, { erasureId: id }, signal);
    }
    expect(await erasureOf(test, id)).toMatchObject({ state: "done" });
    expect(await test.db.asOwner("select 1 from patient_keys")).toEqual([]);
  }, 60_000);

  it("is not begun while a legal hold stands, stops at one that is placed, and goes on when it is lifted", async () => {
    const { test } = await start({ ISLET_ERASURE_GRACE_HOURS: "1" });
    const { patient, organizationId } = test.people;
    await seedPerson(test, patient);
    const by = () => ({ organizationId, userId: null, nowMs: test.clock.now() });
    const inside = test.db.database.withOrganization.bind(null, organizationId) as typeof test.db.database.withOrganization extends (o: string, w: infer W) => infer R ? (w: W) => R : never;
    const id = await ask(test);
    const hold = (await inside((tx) => placeHold(tx, by(), patient.patientId!, "litigation"))) as { id: string };
    test.clock.advance(2 * 3_600_000);
    expect(await runErasure(test.app.privacy, id, { signal })).toBe("not_due");
    expect(await erasureOf(test, id)).toMatchObject({ state: "waiting", isOnHold: true });
    await inside((tx) => liftHold(tx, by(), hold.id));
    const second = { id: "" };
    const outcome = await runErasure(test.app.privacy, id, { signal, onStep: async (step) => {
      if (step === "measurements") second.id = ((await inside((tx) => placeHold(tx, by(), patient.patientId!, "authority"))) as { id: string }).id;
    } });
    expect(outcome).toBe("later");
    expect(await erasureOf(test, id)).toMatchObject({ state: "running", isOnHold: true });
    expect((await test.db.asOwner("select 1 from sleeps")).length).toBe(1);
    await inside((tx) => liftHold(tx, by(), second.id));
    test.clock.advance(2 * 3_600_000);
    expect(await runErasure(test.app.privacy, id, { signal })).toBe("done");
  });

  it("keeps who also works here as who works here", async () => {
    const { test } = await start();
    const { patient } = test.people;
    await test.db.asOwner("update users set roles = '{patient,clinician}' where id = $1", [patient.userId]);
    expect(await runErasure(test.app.privacy, await ask(test), { signal })).toBe("done");
    expect(await test.db.asOwner("select roles, blocked_at from users where id = $1", [patient.userId])).toEqual([{ roles: ["clinician"], blocked_at: null }]);
    expect(await test.db.asOwner("select 1 from patients where id = $1", [patient.patientId])).toEqual([]);
  });
});

describe("what comes after an erasure", () => {
  it("is refused and not kept, alone or among others' data, until somebody consents to the account anew [PR-03]", async () => {
    const { test } = await start();
    const { patient, stranger } = test.people;
    await connect(test, patient, "garmin");
    await connect(test, stranger, "garmin", { person: "second" } as never).catch(() => undefined);
    const [own] = await test.db.asOwner<{ vendor_user_id: string }>("select vendor_user_id from connections where patient_id = $1", [patient.patientId]);
    expect(await runErasure(test.app.privacy, await ask(test), { signal })).not.toBe("not_due");
    const before = (await test.db.asOwner("select 1 from deliveries where body <> ''::bytea")).length;
    const summary = (userId: string) => ({ userId, userAccessToken: "x", summaryId: `${CANARY}-${userId}`, calendarDate: "2026-10-14", startTimeInSeconds: 1_792_000_000, startTimeOffsetInSeconds: 7_200, durationInSeconds: 86_400, steps: 5 });
    const send = async (...users: string[]): Promise<string> => {
      const body = Buffer.from(JSON.stringify({ dailies: users.map(summary) }));
      return (await test.app.sync.inbox.accept({ provider: "garmin", via: "webhook", resource: null, body, headers: {}, owner: null, causedBy: null, dedupeKey: digestOf(body) })).id;
    };
    const ids = [await send(own!.vendor_user_id), await send(own!.vendor_user_id, "a stranger's account")];
    await drainInbox(test.app.sync, signal);
    const rows = await test.db.asOwner<{ state: string; body: Buffer; account: string | null }>("select state, body, account from deliveries where id = any($1) order by id", [ids]);
    expect(rows.map(({ state, body, account }) => [state, body.length, account])).toEqual([["ignored", 0, null], ["ignored", 0, null]]);
    // The stranger's part stands on its own, and waits for whoever links the account.
    const parts = await test.db.asOwner<{ account: string | null; body: Buffer }>("select account, body from deliveries where caused_by = $1", [ids[1]]);
    expect(parts.map(({ account }) => account)).toEqual(["a stranger's account"]);
    expect((await test.db.asOwner("select 1 from deliveries where body <> ''::bytea")).length).toBe(before + 1);
    // Nothing readable of the account is kept to know it again by.
    expect([...(await scan(test.db, { texts: [own!.vendor_user_id], number: CANARY_NUMBER }))]).toEqual([]);
    expect((await test.db.asOwner("select 1 from erased_accounts")).length).toBe(1);
    await connect(test, stranger, "garmin").catch(() => undefined);
    const again = await test.db.asOwner("select 1 from connections where vendor_user_id = $1 and disconnected_at is null", [own!.vendor_user_id]);
    if (again.length === 1) expect(await test.db.asOwner("select 1 from erased_accounts")).toEqual([]);
  });

  it("is a restored backup's end, too: who was erased since is erased again before anybody looks, by a list nobody can forge or read [PR-04]", async () => {
    const { test, folder } = await start();
    const { patient, organizationId } = test.people;
    const id = await ask(test);
    expect(await runErasure(test.app.privacy, id, { signal })).toBe("done");
    const file = join(folder, "erasures.jsonl");
    expect(await readFile(file, "utf8")).not.toContain(patient.patientId!);
    // The backup: the person is there again, and nothing is known of the erasure.
    await test.db.asOwner("delete from erasures");
    await test.db.asOwner("delete from erased_accounts");
    await test.db.asOwner("insert into users (id, organization_id, email, password_hash, display_name, roles) values ($1, $2, 'patient@example.org', 'x', 'back', '{patient}')", [patient.userId, organizationId]);
    await test.db.asOwner("insert into patients (id, organization_id, user_id, display_name) values ($1, $2, $3, 'back')", [patient.patientId, organizationId, patient.userId]);
    await seedPerson(test, patient);
    await appendFile(file, `${JSON.stringify({ erasure: id, at: "2026-01-01", sealed: `v1.k1.${"A".repeat(16)}.${"A".repeat(22)}.${"A".repeat(40)}` })}\n{"cut o`);
    expect(await eraseRestored(test.app.privacy, signal)).toBe(1);
    expect([...(await scan(test.db, needlesOf(test)))].filter((place) => !EXCEPTIONS.includes(place))).toEqual([]);
    expect(await test.db.asOwner("select reason, state from erasures")).toEqual([{ reason: "restored_backup", state: "done" }]);
    // The second start finds nobody.
    expect(await eraseRestored(test.app.privacy, signal)).toBe(0);
    expect((await readList(test.app.privacy)).map(({ patientId }) => patientId)).toContain(patient.patientId);
  });
});

describe("asking for an erasure", () => {
  it("needs the person and their word, waits, can be undone until it begins, and is one at a time", async () => {
    const { test } = await start({ ISLET_ERASURE_GRACE_HOURS: "72" });
    const { patient, clinician, organizationId } = test.people;
    const post = (as: typeof patient, whose: string, confirm: string) => test.request({ as, method: "POST", url: `/api/v1/patients/${whose}/erasures`, payload: { confirm } });
    expect((await post(patient, "me", "yes please")).statusCode).toBe(422);
    await test.db.asOwner("update grants set scope = 'manage' where user_id = $1", [clinician.userId]);
    expect((await post(clinician, patient.patientId!, "ERASE")).statusCode).toBe(403);
    const asked = await post(patient, "me", "  Patient ");
    expect(asked.statusCode, asked.body).toBe(202);
    const wish = asked.json<{ id: string; state: string; beginsAt: string }>();
    expect(wish).toMatchObject({ state: "waiting", beginsAt: new Date(test.clock.now() + 72 * 3_600_000).toISOString() });
    expect((await post(patient, "me", "borrar")).statusCode).toBe(409);
    await sweepPrivacy(test.app.privacy);
    expect(test.jobs.filter(({ queue }) => queue === "erasure")).toEqual([]);
    expect(await runErasure(test.app.privacy, wish.id, { signal })).toBe("not_due");
    expect((await test.request({ as: patient, method: "DELETE", url: `${BASE}/${wish.id}` })).statusCode).toBe(204);
    test.clock.advance(73 * 3_600_000);
    expect(await runErasure(test.app.privacy, wish.id, { signal })).toBe("not_due");
    await test.db.asOwner("update sessions set expires_at = expires_at + interval '1 year'");
    const list = await test.request({ as: patient, method: "GET", url: BASE });
    expect(list.json<{ data: { state: string }[] }>().data.map(({ state }) => state)).toEqual(["undone"]);
    await test.db.database.withOrganization(organizationId, (tx) => placeHold(tx, { organizationId, userId: null, nowMs: test.clock.now() }, patient.patientId!, "litigation"));
    const held = await post(patient, "me", "ERASE");
    expect([held.statusCode, held.json<{ code: string; detail: string }>().code]).toEqual([409, "on_hold"]);
    expect(await test.db.asOwner("select action from audit_log where action like 'erasure.%' order by id")).toEqual([{ action: "erasure.asked" }, { action: "erasure.undone" }]);
  });
});

describe("a stranger's body", () => {
  it("names an account as a whole word only", () => {
    const names = (text: string, account: string): boolean => namesAccount(Buffer.from(text), account);
    expect([names('{"user":"12"}', "12"), names('{"user":12}', "12"), names('{"user":312}', "12"), names("12-3", "12"), names("a 12", "12"), names("x", ""), names("3124 and 12", "12")]).toEqual([true, true, false, false, true, false, true]);
  });
});
