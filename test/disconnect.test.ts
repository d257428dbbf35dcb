/** Ending a connection: at once, for good, and as completely as the person asked. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SimVendor } from "#sim/sim.ts";
import { disconnect } from "#sync/disconnect.ts";
import { syncConnection } from "#sync/sync-connection.ts";
import { METRICS } from "#units/metrics.ts";
import { DAY_MS, HOUR_MS } from "#units/time.ts";
import { startTestApp, type Person, type TestApp } from "./kit/app.ts";
import { begin, callsFromHere, comeBack, connect, decide } from "./kit/connect.ts";
import { fakeVendor, page, reading } from "./kit/fake-driver.ts";
import { layGround, type Ground } from "./kit/ground.ts";

const { signal } = new AbortController();

describe("by a person, against the simulated clouds", () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp();
  });
  afterAll(() => test.close());

  const end = async (as: Person, id: string, data: "keep" | "erase" = "keep") => {
    const answer = await test.request({ as, method: "DELETE", url: `/api/v1/patients/me/connections/${id}?data=${data}` });
    expect(answer.statusCode).toBe(204);
  };
  const isAlive = (vendor: SimVendor, person: string) => test.sim.control.connections().some((one) => one.vendor === vendor && one.person === person && one.isLive);
  const countOf = async (table: string, column: string, value: unknown) => Number((await test.db.asOwner<{ n: string }>(`select count(*) as n from ${table} where ${column} = $1`, [value]))[0]!.n);
  const push = async (person: string, what: string) => {
    const results = await test.sim.control.push("garmin", person, what);
    expect(results.every(({ status }) => status === 200)).toBe(true);
    await test.runJobs();
  };

  it("[P1] [OA-23] erases the tokens, tells the vendor, keeps the data", async () => {
    const as = test.people.patient;
    const id = await connect(test, as, "garmin", { person: "ana" });
    await push("ana", "sleeps");
    const sleeps = await countOf("sleeps", "connection_id", id);
    expect(sleeps).toBeGreaterThan(0);
    await end(as, id);
    expect(await countOf("credentials", "connection_id", id)).toBe(0);
    expect(await countOf("provider_accounts", "connection_id", id)).toBe(0);
    expect(isAlive("garmin", "ana")).toBe(false);
    expect(await countOf("sleeps", "connection_id", id)).toBe(sleeps);
    expect((await test.request({ as, method: "GET", url: `/api/v1/patients/me/connections/${id}` })).json()).toMatchObject({ status: "disconnected", isSyncing: false });
    expect(await syncConnection(test.app.sync, { organizationId: test.people.organizationId, patientId: as.patientId!, connectionId: id }, { signal })).toMatchObject({ wasRun: false });
  });

  it("[OA-23] tells the vendor with a token renewed for it, and ends here even when the vendor is away", async () => {
    const as = test.people.stranger;
    const first = await connect(test, as, "strava", { person: "liam" });
    test.clock.advance(7 * HOUR_MS);
    await end(as, first);
    expect(isAlive("strava", "liam")).toBe(false);
    await connect(test, as, "strava", { person: "liam" });
    test.sim.control.setFault("strava", { kind: "server_error", status: 500, at: "any" });
    await end(as, first);
    test.sim.control.setFault("strava", null);
    expect(isAlive("strava", "liam")).toBe(true);
    expect(await countOf("credentials", "connection_id", first)).toBe(0);
  });

  it("[PR-01] with erasure leaves no record, no raw delivery and no key of it, and blanks what it shared with others", async () => {
    const as = test.people.foreigner;
    const keeper = test.people.stranger;
    const id = await connect(test, as, "garmin", { person: "priya" });
    const kept = await connect(test, keeper, "garmin", { person: "grace" });
    await test.runJobs();
    for (const what of ["dailies", "sleeps", "activities", "stressDetails"]) await push("priya", what);
    const people = test.sim.control.people();
    const userOf = (person: string) => people.find((one) => one.id === person)!.garminUserId;
    const nowS = Math.floor(test.clock.now() / 1000) - 7_200;
    const both = { dailies: ["priya", "grace"].map((person, index) => ({ userId: userOf(person), summaryId: `shared-${index}`, startTimeInSeconds: nowS, durationInSeconds: 3_600, startTimeOffsetInSeconds: 0, steps: 4_000 + index })) };
    await test.request({ method: "POST", url: "/webhooks/garmin", headers: { "content-type": "application/json", "garmin-client-id": "islet-demo-garmin" }, payload: both });
    await test.runJobs();
    const mine = ["samples", "sleeps", "workouts", "deliveries", "series"];
    for (const table of mine) expect(await countOf(table, "patient_id", as.patientId), table).toBeGreaterThan(0);
    const ids = (await test.db.asOwner<{ id: string }>("select id from deliveries where patient_id = $1", [as.patientId])).map((row) => row.id);
    const others = await countOf("samples", "patient_id", keeper.patientId);
    await end(as, id, "erase");
    for (const table of [...mine, "treatments", "credentials"]) expect(await countOf(table, "patient_id", as.patientId), table).toBe(0);
    expect(await test.db.asOwner("select 1 from delivery_keys where delivery_id = any($1)", [ids])).toEqual([]);
    expect(await test.db.asOwner("select octet_length(body) as bytes from deliveries where patient_id is null and resource is null")).toEqual(expect.arrayContaining([{ bytes: 0 }]));
    const raw = await test.db.asOwner<{ body: Buffer }>("select body from deliveries where body_encoding = 'identity'");
    expect(raw.filter(({ body }) => body.includes(userOf("priya")))).toEqual([]);
    expect(await countOf("samples", "patient_id", keeper.patientId)).toBe(others);
    expect(await test.db.asOwner("select cursors, status from connections where id = $1", [id])).toEqual([{ cursors: {}, status: "disconnected" }]);
    await end(keeper, kept);
  });

  it("[WH-20] ignores what is still pushed and keeps none of it, and takes the same bytes again after a new consent", async () => {
    const as = test.people.patient;
    const id = await connect(test, as, "garmin", { person: "tomas" });
    const userId = test.sim.control.people().find((one) => one.id === "tomas")!.garminUserId;
    const payload = { userMetrics: [{ userId, summaryId: "m1", calendarDate: "2026-10-14", vo2Max: 51 }] };
    const post = async () => {
      const answer = await test.request({ method: "POST", url: "/webhooks/garmin", headers: { "content-type": "application/json", "garmin-client-id": "islet-demo-garmin" }, payload });
      expect(answer.statusCode).toBe(200);
      await test.runJobs();
    };
    const vo2 = async () => (await test.db.ofSamples("select value from samples join series on series.patient_id = samples.patient_id and series.id = series_id where series.connection_id = $1 and metric = $2", [id, METRICS.vo2max_running.id])).length;
    await end(as, id);
    const calls = callsFromHere(test, "garmin");
    await post();
    expect(calls()).toEqual([]);
    expect(await test.db.asOwner("select state, octet_length(body) as bytes, patient_id from deliveries where account = $1", [userId])).toEqual([{ state: "ignored", bytes: 0, patient_id: null }]);
    await post();
    expect(await vo2()).toBe(0);
    expect(await connect(test, as, "garmin", { person: "tomas" })).toBe(id);
    await test.runJobs();
    expect(await vo2()).toBe(0);
    await post();
    expect(await vo2()).toBe(1);
    await end(as, id);
  });

  it("asks Garmin after a new consent for the time without one, not for what was pushed before", async () => {
    const signedIn = async (): Promise<Person> => ({ ...test.people.patient, token: await test.signIn(test.people.patient.email) });
    let as = await signedIn();
    const id = await connect(test, as, "garmin", { person: "aroha" });
    await test.runJobs();
    const ref = { organizationId: test.people.organizationId, patientId: as.patientId!, connectionId: id };
    const actor = (await test.app.api.sessions.find(as.token))!;
    test.clock.advance(20 * HOUR_MS);
    const endedMs = test.clock.now();
    await disconnect(test.app.sync, ref, { actor, erase: false });
    test.clock.advance(30 * HOUR_MS);
    as = await signedIn();
    const calls = callsFromHere(test, "garmin");
    const back = await decide(await begin(test, as, "garmin"), { person: "aroha" });
    expect((await comeBack(test, as, back)).headers.location).toContain("connected=garmin");
    const madeMs = test.clock.now();
    await test.runJobs();
    const asked = calls().filter(({ path }) => path.includes("/backfill/")).map(({ query }) => [Number(query["summaryStartTimeInSeconds"]) * 1000, Number(query["summaryEndTimeInSeconds"]) * 1000]);
    expect(asked.length).toBeGreaterThan(5);
    for (const window of asked) expect(window).toEqual([Math.floor(endedMs / 1000) * 1000, Math.ceil(madeMs / 1000) * 1000]);
  });
});

describe("in the middle of things", () => {
  const vendor = fakeVendor();
  let ground: Ground;
  beforeAll(async () => {
    ground = await layGround([vendor.driver]);
  });
  afterAll(() => ground.close());

  it("[OA-24] stores nothing after its moment, though a sync is running, and keeps no raw page of it", async () => {
    const patient = await ground.addPatient("leaves");
    const ref = await ground.link(patient, "leaves");
    const actor = { userId: patient.userId, organizationId: ground.organizationId, roles: ["patient"] as const, patientId: patient.patientId, session: { kind: "bearer" as const, id: null, provenMs: null, scopes: null, hash: Buffer.alloc(32), expiresMs: 0 } };
    let pages = 0;
    vendor.answer = async function* (resource, request) {
      const fromMs = "window" in request ? request.window.fromMs : 0;
      for (let index = 0; index < 3; index += 1) {
        pages += 1;
        if (pages === 2) await disconnect(ground.context, ref, { actor, erase: true });
        yield page(resource, [reading(fromMs + index * 300_000, 100 + pages)]);
      }
    };
    await syncConnection(ground.context, ref, { signal });
    expect(pages).toBeGreaterThanOrEqual(2);
    expect(pages).toBeLessThanOrEqual(3);
    expect(await ground.db.ofSamples("select 1 from samples where patient_id = $1", [patient.patientId])).toEqual([]);
    expect(await ground.db.asOwner("select state, octet_length(body) as bytes from deliveries where connection_id = $1 and (state <> 'ignored' or octet_length(body) > 0)", [ref.connectionId])).toEqual([]);
    expect(await ground.db.asOwner("select status, cursors, sync_lease_id from connections where id = $1", [ref.connectionId])).toEqual([{ status: "disconnected", cursors: {}, sync_lease_id: null }]);
  });

  it("[OA-24] followed by a new consent stores nothing of the old sync either", async () => {
    const patient = await ground.addPatient("returns");
    const ref = await ground.link(patient, "returns");
    vendor.answer = async function* (resource, request) {
      await ground.link(patient, "returns");
      yield page(resource, [reading("window" in request ? request.window.fromMs : 0, 111)]);
    };
    await syncConnection(ground.context, ref, { signal });
    expect(await ground.db.ofSamples("select 1 from samples where patient_id = $1", [patient.patientId])).toEqual([]);
    const [row] = await ground.db.asOwner<{ epoch: number; status: string; cursors: object }>("select epoch, status, cursors from connections where id = $1", [ref.connectionId]);
    expect(row).toEqual({ epoch: 2, status: "active", cursors: {} });
    vendor.answer = (resource, request) => [page(resource, [reading(("window" in request ? request.window.toMs : DAY_MS) - 1, 112)])];
    await syncConnection(ground.context, ref, { signal });
    expect((await ground.db.ofSamples("select 1 from samples where patient_id = $1", [patient.patientId])).length).toBeGreaterThan(0);
  });
});
