/** The inbox over HTTP: admins of the organization see it and give orders, nobody else, and never a body. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "#people/accounts/accounts.ts";
import { drainInbox } from "#sync/process.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "#test/kit/app.ts";
import { makeConnection, problemOf } from "./kit.ts";

let test: TestApp;
let admin: Person;
let connectionId: string;
beforeAll(async () => {
  test = await startTestApp();
  admin = await makeAdmin(test);
  connectionId = await makeConnection(test, test.people.patient, "dexcom");
});
afterAll(() => test.close());

async function makeAdmin({ db, people, signIn }: TestApp): Promise<Person> {
  const email = "admin@example.org";
  const { userId } = await createUser(db.database, { organizationId: people.organizationId, email, password: TEST_PASSWORD, displayName: "Admin", roles: ["admin"], zone: "UTC" });
  return { email, userId, patientId: null, token: await signIn(email) };
}

const SECRET_VALUE = 173;
const egvs = (value: number | string) => ({
  recordType: "egv", recordVersion: "3.0", userId: "u", records: [{
    recordId: "r1", systemTime: "2026-10-14T06:30:00", displayTime: "2026-10-14T08:30:00", value, unit: "mg/dL", trend: "flat", trendRate: 0, rateUnit: "mg/dL/min",
    transmitterId: "t", transmitterTicks: 1, displayDevice: "iOS", transmitterGeneration: "g7",
  }],
});
let bodies = 0;
const put = async (body: unknown, owner: Person | null = test.people.patient): Promise<string> => {
  bodies += 1;
  const { id } = await test.app.sync.inbox.accept({
    provider: "dexcom", via: owner ? "pull" : "webhook", resource: owner ? "egvs" : null, body: Buffer.from(JSON.stringify(body)), headers: { note: String(bodies) },
    owner: owner ? { organizationId: test.people.organizationId, patientId: owner.patientId!, connectionId } : null, causedBy: null, dedupeKey: null,
  });
  return id;
};
const ask = async (method: "GET" | "POST", path: string, options: { as?: Person; payload?: object } = {}) => test.request({ as: admin, method, url: `/api/v1/inbox${path}`, ...options });

describe("the inbox of an organization", () => {
  it("is for admins alone", async () => {
    for (const [method, path] of [["GET", "/counts"], ["GET", "/deliveries"], ["GET", "/deliveries/1"], ["POST", "/deliveries/1/retry"], ["POST", "/replays"], ["GET", "/replays/1"]] as const) {
      const payload = path === "/replays" ? { payload: { provider: "dexcom", reason: "because" } } : {};
      expect((await test.request({ method, url: `/api/v1/inbox${path}`, ...payload })).statusCode, path).toBe(401);
      for (const as of [test.people.patient, test.people.clinician]) expect((await ask(method, path, { as, ...payload })).statusCode, path).toBe(403);
    }
  });

  it("shows what waits, failed or is dead, in pages, without bodies and other organizations' deliveries", async () => {
    await test.db.asOwner("truncate deliveries");
    const ids = [await put(egvs(SECRET_VALUE)), await put("broken"), await put(egvs(120))];
    const foreign = await put({ anything: 1 }, null);
    await test.db.asOwner("update deliveries set state = 'dead', last_error = 'provider_contract' where id = $1", [ids[1]]);
    const first = (await ask("GET", "/deliveries?limit=2")).json<{ data: { id: string; state: string; lastError: string | null }[]; nextCursor: string | null }>();
    expect(first.data.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    const second = await ask("GET", `/deliveries?limit=2&cursor=${encodeURIComponent(first.nextCursor!)}`);
    expect(second.json()).toMatchObject({ data: [{ id: ids[0], state: "pending", nextTryAt: expect.any(String) as string, provider: "dexcom", patientId: test.people.patient.patientId }], nextCursor: null });
    expect((await ask("GET", "/deliveries?state=dead&state=failed")).json()).toMatchObject({ data: [{ id: ids[1], lastError: "provider_contract" }] });
    expect((await ask("GET", "/counts")).json()).toMatchObject({ data: [{ provider: "dexcom", state: "dead", count: 1 }, { provider: "dexcom", state: "pending", count: 2, oldestAt: expect.any(String) as string }] });
    expect((await ask("GET", `/deliveries/${foreign}`)).statusCode).toBe(404);
    expect(second.body).not.toContain(String(SECRET_VALUE));
    expect(problemOf(await ask("GET", `/deliveries?limit=3&state=dead&cursor=${encodeURIComponent(first.nextCursor!)}`))).toMatchObject({ status: 400 });
    expect(problemOf(await ask("GET", "/deliveries?from=yesterday"))).toMatchObject({ status: 400, errors: [{ pointer: "/querystring/from" }] });
  });

  it("shows deliveries that are nobody's yet where there is no other organization", async () => {
    const alone = await startTestApp();
    try {
      const its = await makeAdmin(alone);
      await alone.db.asOwner("delete from sessions where organization_id <> $1", [alone.people.organizationId]);
      await alone.db.asOwner("delete from consents where organization_id <> $1", [alone.people.organizationId]);
      await alone.db.asOwner("delete from patients where organization_id <> $1", [alone.people.organizationId]);
      await alone.db.asOwner("delete from users where organization_id <> $1", [alone.people.organizationId]);
      await alone.db.asOwner("delete from organizations where id <> $1", [alone.people.organizationId]);
      const { id } = await alone.app.sync.inbox.accept({ provider: "garmin", via: "webhook", resource: null, body: Buffer.from("{}"), headers: {}, owner: null, causedBy: null, dedupeKey: null });
      expect((await alone.request({ as: its, method: "GET", url: `/api/v1/inbox/deliveries/${id}` })).json()).toMatchObject({ id, state: "pending", patientId: null });
    } finally {
      await alone.close();
    }
  });

  it("[QU-11] tries a dead delivery again and makes done ones once more, with the same records, by name and reason in the audit log", async () => {
    await test.db.asOwner("truncate deliveries, samples, day_blocks, series, changes");
    const dead = await put(egvs(SECRET_VALUE));
    await test.db.asOwner("update deliveries set state = 'dead', attempts = 3 where id = $1", [dead]);
    expect((await ask("POST", `/deliveries/${dead}/retry`)).json()).toMatchObject({ id: dead, state: "pending", attempts: 0 });
    expect((await ask("POST", `/deliveries/${dead}/retry`)).statusCode).toBe(404);
    const { signal } = new AbortController();
    await drainInbox(test.app.sync, signal);
    const rows = () => test.db.ofSamples("select series_id, start_at, value, delivery_id from samples order by 1, 2");
    const [before, changes] = [await rows(), await test.db.asOwner("select id from changes")];
    expect(before.length).toBeGreaterThan(0);

    const asked = await ask("POST", "/replays", { payload: { provider: "dexcom", reason: "the mapping was mended" } });
    expect([asked.statusCode, asked.json()]).toMatchObject([202, { total: 1, waiting: 1, done: 0, dead: 0, reason: "the mapping was mended" }]);
    await drainInbox(test.app.sync, signal);
    expect((await ask("GET", `/replays/${asked.json<{ id: string }>().id}`)).json()).toMatchObject({ total: 1, waiting: 0, done: 1 });
    expect(await rows()).toEqual(before);
    expect(await test.db.asOwner("select id from changes")).toEqual(changes);
    expect(await test.db.asOwner("select action, actor_user_id, object_id from audit_log where action like 'inbox.%' order by id")).toEqual([
      { action: "inbox.retry", actor_user_id: admin.userId, object_id: dead }, { action: "inbox.replay", actor_user_id: admin.userId, object_id: asked.json<{ id: string }>().id },
    ]);
    expect((await ask("POST", "/replays", { payload: { reason: "everything" } })).statusCode).toBe(400);
    expect((await ask("GET", "/replays/999999")).statusCode).toBe(404);
  });

  it("makes records anew that a mended mapping makes better, by the version that made them", async () => {
    await test.db.asOwner("truncate deliveries, samples, day_blocks, series, changes");
    const id = await put(egvs(SECRET_VALUE));
    await drainInbox(test.app.sync, new AbortController().signal);
    await test.db.asOwner("update deliveries set mapping_version = 3 where id = $1", [id]);
    // As an older version of the mapping would have left it.
    await test.db.asOwner("update samples set value = 1");
    expect((await ask("POST", "/replays", { payload: { mappingBefore: 3, reason: "older than three" } })).json()).toMatchObject({ total: 0 });
    expect((await ask("POST", "/replays", { payload: { mappingBefore: 4, reason: "older than four" } })).json()).toMatchObject({ total: 1 });
    await drainInbox(test.app.sync, new AbortController().signal);
    expect((await test.db.ofSamples<{ value: number }>("select value from samples join series on series.id = series_id where metric = 1")).map(({ value }) => value)).toEqual([SECRET_VALUE]);
  });
});
