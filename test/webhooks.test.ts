/** Webhooks of Garmin and Strava through the real door: whose they are, what they bring, and what is not believed. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { unpackBody } from "#inbox/body.ts";
import { METRICS } from "#units/metrics.ts";
import { startTestApp, type Person, type TestApp } from "./kit/app.ts";
import { callsFromHere, connect } from "./kit/connect.ts";

let test: TestApp;
let newcomers = 0;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

/** A person nobody else in this file is at the vendors. */
async function newcomer(): Promise<Person> {
  newcomers += 1;
  const email = `webhook-${newcomers}@example.org`;
  const [user] = await test.db.asOwner<{ id: string }>(
    "insert into users (organization_id, email, password_hash, display_name, roles) select organization_id, $1, password_hash, $1, roles from users where id = $2 returning id", [email, test.people.patient.userId],
  );
  const [row] = await test.db.asOwner<{ id: string }>(
    "insert into patients (organization_id, user_id, display_name, zone) select organization_id, id, 'N', 'Europe/Madrid' from users where id = $1 returning id", [user!.id],
  );
  return { email, userId: user!.id, patientId: row!.id, token: await test.signIn(email) };
}

interface Raw {
  id: string; state: string; provider: string; patient_id: string | null; connection_id: string | null; caused_by: string | null; body: Buffer; body_encoding: string;
  problems: { path: string; reason: string }[]; account: string | null; last_error: string | null;
}
const rawAfter = async (id: string): Promise<(Raw & { text: string })[]> =>
  (await test.db.asOwner<Raw>("select * from deliveries where id > $1 order by id", [id])).map((row) => ({ ...row, text: unpackBody(row.body_encoding, row.body).toString() }));
const lastId = async (): Promise<string> => (await test.db.asOwner<{ id: string }>("select coalesce(max(id), 0)::text as id from deliveries"))[0]!.id;
const garminUser = (person: string): string => test.sim.control.people().find((one) => one.id === person)!.garminUserId;
const athlete = (person: string): number => test.sim.control.people().find((one) => one.id === person)!.stravaAthleteId;
const statusOf = async (id: string) => (await test.db.asOwner<{ status: string; status_code: string | null }>("select status, status_code from connections where id = $1", [id]))[0];
const samplesOf = (as: Person, metric: number) =>
  test.db.ofSamples<{ value: number; start_at: Date; delivery_id: string }>(
    "select value, start_at, delivery_id from samples join series on series.patient_id = samples.patient_id and series.id = series_id where samples.patient_id = $1 and metric = $2 order by start_at", [as.patientId, metric],
  );
const workoutsOf = (as: Person) =>
  test.db.asOwner<{ vendor_key: string; sport: string; details: { title?: string; energyKcal?: number }; withdrawn_at: Date | null; delivery_id: string }>(
    "select vendor_key, sport, details, withdrawn_at, delivery_id from workouts where patient_id = $1 order by start_at desc", [as.patientId],
  );

const STEPS = METRICS.steps.id;

const post = (payload: string | object, headers: Record<string, string> = { "garmin-client-id": "islet-demo-garmin" }) =>
  test.request({ method: "POST", url: "/webhooks/garmin", headers: { "content-type": "application/json", ...headers }, payload });

const daily = (person: string, steps: number, change: object = {}) => ({
  userId: garminUser(person), summaryId: `${person}-${steps}`, calendarDate: "2026-10-14", startTimeInSeconds: Date.UTC(2026, 9, 13, 22) / 1000, startTimeOffsetInSeconds: 7_200,
  durationInSeconds: 86_400, steps, ...change,
});

const pushed = async (what: string) => {
  const results = await test.sim.control.push("strava", "ana", what);
  expect(results).toMatchObject([{ status: 200 }]);
  await test.runJobs();
};

const accepted = async (payload: string | object) => {
  expect((await post(payload)).statusCode).toBe(200);
  await test.runJobs();
};

describe("Garmin", () => {
  let ana: Person;
  let liam: Person;
  let anaConnection: string;
  let liamConnection: string;
  let before: string;
  beforeAll(async () => {
    [ana, liam] = [await newcomer(), await newcomer()];
    anaConnection = await connect(test, ana, "garmin", { person: "ana" });
    liamConnection = await connect(test, liam, "garmin", { person: "liam" });
    await test.runJobs();
  });
  beforeEach(async () => {
    before = await lastId();
  });

  it("[W1, WH-07] answers when the push is stored and before anything is made of it; repeated, it is one", async () => {
    const payload = { dailies: [daily("ana", 5_001)] };
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(payload)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(await rawAfter(before)).toMatchObject([{ state: "pending", patient_id: null }]);
    await test.runJobs();
    expect(await rawAfter(before)).toMatchObject([{ state: "done", patient_id: ana.patientId, connection_id: anaConnection }]);
    expect((await samplesOf(ana, STEPS)).map(({ value }) => value)).toContain(5_001);
  });

  it("gives every value the way back to the raw delivery it came in", async () => {
    const [sample] = (await samplesOf(ana, STEPS)).filter(({ value }) => value === 5_001);
    const answer = await test.request({ as: ana, method: "GET", url: `/api/v1/patients/me/provenance?metric=steps&at=${encodeURIComponent(sample!.start_at.toISOString())}` });
    const { delivery } = answer.json<{ delivery: { id: string; via: string; provider: string } }>();
    expect(delivery).toMatchObject({ id: sample!.delivery_id, via: "webhook", provider: "garmin" });
    const raw = await test.request({ as: ana, method: "GET", url: `/api/v1/patients/me/deliveries/${delivery.id}/raw` });
    expect(raw.payload).toContain('"steps":5001');
    expect((await test.request({ as: liam, method: "GET", url: `/api/v1/patients/me/deliveries/${delivery.id}/raw` })).statusCode).toBe(404);
  });

  it("takes a body of several people apart: each has their own delivery, and nobody's shows another's", async () => {
    await accepted({ dailies: [daily("ana", 6_001), daily("liam", 7_001), daily("ana", 6_002, { startTimeInSeconds: Date.UTC(2026, 9, 12, 22) / 1000 })], sleeps: [] });
    const [whole, ...parts] = await rawAfter(before);
    expect(whole).toMatchObject({ state: "done", patient_id: null, connection_id: null });
    expect(parts.map(({ state, connection_id, caused_by }) => [state, connection_id, caused_by])).toEqual([["done", anaConnection, whole!.id], ["done", liamConnection, whole!.id]]);
    expect(parts[0]!.text).not.toContain(garminUser("liam"));
    expect(parts[1]!.text).not.toContain(garminUser("ana"));
    expect((await samplesOf(ana, STEPS)).map(({ value }) => value)).toEqual(expect.arrayContaining([6_001, 6_002]));
    expect((await samplesOf(liam, STEPS)).map(({ value }) => value)).toEqual([7_001]);
    for (const as of [ana, liam]) expect((await test.request({ as, method: "GET", url: `/api/v1/patients/me/deliveries/${whole!.id}/raw` })).statusCode).toBe(404);
  });

  it("gives an account to one patient alone, and what it sends to nobody else's connection that bears its name [WH-21]", async () => {
    const account = garminUser("ana");
    const link = "insert into provider_accounts (provider, vendor_user_id, organization_id, patient_id, connection_id) select provider, $1, organization_id, patient_id, id from connections where id = $2";
    await expect(test.db.asOwner(link, [account, liamConnection])).rejects.toMatchObject({ code: "23505" });
    await test.db.asOwner("update connections set vendor_user_id = $1 where id = $2", [account, liamConnection]);
    const day = { startTimeInSeconds: Date.UTC(2026, 9, 10, 22) / 1000, calendarDate: "2026-10-11" };
    await accepted({ dailies: [daily("ana", 6_051, day)] });
    await test.db.asOwner("update connections set vendor_user_id = $1 where id = $2", [garminUser("liam"), liamConnection]);
    expect((await rawAfter(before)).map(({ state, connection_id: connection }) => [state, connection])).toEqual([["done", anaConnection]]);
    expect((await samplesOf(ana, STEPS)).map(({ value }) => value)).toContain(6_051);
    expect((await samplesOf(liam, STEPS)).map(({ value }) => value)).not.toContain(6_051);
  });

  it("does not let one person's trouble cost another their data", async () => {
    await test.db.asOwner("update connections set status = 'needs_reauthorization' where id = $1", [liamConnection]);
    const ping = { userId: garminUser("liam"), callbackURL: `${test.origin}/sim/garmin/wellness-api/rest/dailies?token=x` };
    await accepted({ dailies: [daily("ana", 6_101), ping] });
    expect((await samplesOf(ana, STEPS)).map(({ value }) => value)).toContain(6_101);
    const parts = (await rawAfter(before)).filter(({ caused_by: cause }) => cause !== null);
    expect(parts.map(({ state, problems }) => [state, problems.length])).toEqual([["done", 0], ["done", 1]]);
    await test.db.asOwner("update connections set status = 'active' where id = $1", [liamConnection]);
  });

  it("[WH-19] keeps an unknown person's push, tells nobody that they are unknown, and takes it up when they connect", async () => {
    const known = await post({ dailies: [daily("ana", 6_201)] });
    const unknown = await post({ dailies: [daily("grace", 8_001)] });
    expect([unknown.statusCode, unknown.payload]).toEqual([known.statusCode, known.payload]);
    await test.runJobs();
    expect((await rawAfter(before))[1]).toMatchObject({ state: "unmatched", account: garminUser("grace"), patient_id: null });
    const grace = await newcomer();
    await connect(test, grace, "garmin", { person: "grace" });
    await test.runJobs();
    expect((await samplesOf(grace, STEPS)).map(({ value }) => value)).toEqual([8_001]);
    expect((await rawAfter(before))[1]).toMatchObject({ state: "done", patient_id: grace.patientId, account: null });
  });

  it("[WH-19] keeps the unknown person's part of a body of several, too", async () => {
    await accepted({ dailies: [daily("tomas", 9_001), daily("ana", 6_301)] });
    expect((await samplesOf(ana, STEPS)).map(({ value }) => value)).toContain(6_301);
    const tomas = await newcomer();
    await connect(test, tomas, "garmin", { person: "tomas" });
    await test.runJobs();
    expect((await samplesOf(tomas, STEPS)).map(({ value }) => value)).toEqual([9_001]);
  });

  it("[WH-25] keeps the good items of a push and names the bad one", async () => {
    const items = Array.from({ length: 50 }, (_, index) => daily("ana", 3_000 + index, { startTimeInSeconds: Date.UTC(2026, 7, 1 + index, 22) / 1000 }));
    const bad = { ...items[20]!, steps: "many" };
    await accepted({ dailies: [...items.slice(0, 20), bad, ...items.slice(21)], unheardOf: [{ userId: garminUser("ana") }] });
    const stored = (await samplesOf(ana, STEPS)).filter(({ value }) => value >= 3_000 && value < 3_050);
    expect(stored).toHaveLength(49);
    const [raw] = await rawAfter(before);
    expect(raw).toMatchObject({ state: "done" });
    expect(raw!.problems.map(({ path }) => path).some((path) => path.includes("20"))).toBe(true);
  });

  it.each([
    ["without the client id", {}, 401], ["with another's", { "garmin-client-id": "somebody" }, 401], ["compressed", { "garmin-client-id": "islet-demo-garmin", "content-encoding": "gzip" }, 415],
  ] as const)("[WH-01] refuses a push %s and stores nothing", async (_, headers, status) => {
    expect((await post({ dailies: [daily("ana", 1)] }, headers)).statusCode).toBe(status);
    expect(await lastId()).toBe(before);
  });

  it("[WH-13, WH-14] refuses what is no JSON, and lives through JSON of any depth", async () => {
    expect((await post("not json")).statusCode).toBe(400);
    expect(await lastId()).toBe(before);
    const deep = `{"dailies":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    expect((await post(deep)).statusCode).toBe(200);
    await accepted({ dailies: [daily("ana", 6_401)] });
    expect((await rawAfter(before)).map(({ state }) => state)).toEqual(["failed", "done"]);
  });

  it("[WH-16] takes an id with a NUL for a stranger's", async () => {
    await accepted('{"dailies":[{"userId":"a\\u0000b","steps":1}]}');
    expect(await rawAfter(before)).toMatchObject([{ state: "unmatched" }]);
  });

  it("follows a ping to the data, once", async () => {
    test.sim.control.setDelivery("sleeps", "ping");
    const sent = await test.sim.control.push("garmin", "ana", "sleeps");
    expect(sent.map(({ status }) => status)).toEqual(sent.map(() => 200));
    await test.runJobs();
    test.sim.control.setDelivery("sleeps", "push");
    const [ping, pulled] = await rawAfter(before);
    expect(ping!.text).toContain("callbackURL");
    expect(pulled).toMatchObject({ state: "done", caused_by: ping!.id, patient_id: ana.patientId });
    expect((await test.db.asOwner("select 1 from sleeps where patient_id = $1", [ana.patientId])).length).toBeGreaterThan(0);
  });

  it("[OA-26] does not follow a ping to another host", async () => {
    await accepted({ sleeps: [{ userId: garminUser("ana"), callbackURL: "https://evil.example/wellness-api/rest/sleeps?token=x" }, { ...daily("ana", 1) }] });
    const [raw] = await rawAfter(before);
    expect(raw).toMatchObject({ state: "done" });
    expect(raw!.problems.map(({ reason }) => reason).join()).toContain("could not be followed: invalid_input");
  });

  it("[WH-27] does not believe a forged deregistration, and asks the vendor once", async () => {
    const calls = callsFromHere(test, "garmin");
    await accepted({ deregistrations: [{ userId: garminUser("ana") }] });
    expect(await statusOf(anaConnection)).toMatchObject({ status: "active" });
    expect((await rawAfter(before))[0]!.problems.map(({ reason }) => reason).join()).toContain("still accepts our token");
    expect(calls().map(({ path }) => path)).toEqual(["/wellness-api/rest/user/id", "/wellness-api/rest/user/permissions"]);
  });

  it("[WH-27] does not believe a forged change of permissions but what the vendor says", async () => {
    await accepted({ userPermissionsChange: [{ userId: garminUser("ana"), summaryId: "p1", permissions: [], changeTimeInSeconds: 1 }] });
    expect(await statusOf(anaConnection)).toEqual({ status: "active", status_code: null });
  });

  it("[OA-14] is limited when permissions are withdrawn, whole when they are given back, and asks for the past that was refused", async () => {
    const as = await newcomer();
    const id = await connect(test, as, "garmin", { person: "aroha", permissions: ["HEALTH_EXPORT", "ACTIVITY_EXPORT"] });
    await test.runJobs();
    expect(await statusOf(id)).toEqual({ status: "limited", status_code: "missing_scopes" });
    const [pushed] = await test.sim.control.push("garmin", "aroha", "dailies");
    expect(pushed).toMatchObject({ status: 200 });
    await test.runJobs();
    expect((await samplesOf(as, STEPS)).length).toBeGreaterThan(0);
    expect(await statusOf(id)).toMatchObject({ status: "limited" });
    const calls = callsFromHere(test, "garmin");
    await test.sim.control.push("garmin", "aroha", "userPermissionsChange", { permissions: ["HEALTH_EXPORT", "ACTIVITY_EXPORT", "HISTORICAL_DATA_EXPORT"] });
    await test.runJobs();
    expect(await statusOf(id)).toEqual({ status: "active", status_code: null });
    const backfills = calls().filter(({ path }) => path.includes("/backfill/"));
    expect(backfills.length).toBeGreaterThan(20);
    expect(backfills.every(({ status }) => status === 202 || status === 409)).toBe(true);
    await test.sim.control.push("garmin", "aroha", "userPermissionsChange", { permissions: ["HEALTH_EXPORT"] });
    await test.runJobs();
    expect(await statusOf(id)).toEqual({ status: "limited", status_code: "missing_scopes" });
  });

  it("[W2] [OA-22] ends a connection that was ended at Garmin: tokens destroyed, data kept", async () => {
    const sleeps = await test.db.asOwner("select 1 from sleeps where patient_id = $1", [ana.patientId]);
    await test.sim.control.push("garmin", "ana", "deregistrations");
    await test.runJobs();
    expect(await statusOf(anaConnection)).toEqual({ status: "revoked", status_code: "revoked_at_vendor" });
    expect(await test.db.asOwner("select 1 from credentials where connection_id = $1", [anaConnection])).toEqual([]);
    expect(await test.db.asOwner("select 1 from sleeps where patient_id = $1", [ana.patientId])).toEqual(sleeps);
    expect((await rawAfter(before)).at(-1)).toMatchObject({ state: "done" });
    expect(await test.db.asOwner("select action from audit_log where object_id = $1 order by id desc limit 1", [anaConnection])).toEqual([{ action: "connection.revoked" }]);
  });
});

describe("Strava", () => {
  let as: Person;
  let id: string;
  let before: string;
  beforeAll(async () => {
    as = await newcomer();
    id = await connect(test, as, "strava", { person: "ana" });
    await test.runJobs();
  });
  beforeEach(async () => {
    before = await lastId();
  });

  it("[W2] fetches an activity that was created, with its streams", async () => {
    const known = (await workoutsOf(as)).length;
    await pushed("activity_create");
    const [newest, ...rest] = await workoutsOf(as);
    expect(rest).toHaveLength(known);
    expect(newest).toMatchObject({ sport: "walking", withdrawn_at: null });
    expect(newest!.details.energyKcal).toBeGreaterThan(0);
    expect((await samplesOf(as, METRICS.heart_rate.id)).length).toBeGreaterThan(10);
    const [event, ...pages] = await rawAfter(before);
    expect(event).toMatchObject({ state: "done", provider: "strava", connection_id: id });
    expect(pages.map(({ caused_by, state }) => [caused_by, state])).toEqual(pages.map(() => [event!.id, "done"]));
    expect(newest!.delivery_id).toBe(pages[0]!.id);
  });

  it("[W2] fetches it again when it was changed", async () => {
    await pushed("activity_update");
    expect((await workoutsOf(as))[0]!.details.title).toMatch(/\(renamed\)$/);
  });

  it("[WH-27] does not believe a forged deletion of an activity that is there", async () => {
    const [newest] = await workoutsOf(as);
    const [subscription] = await test.db.asOwner<{ subscription_id: string }>("select subscription_id from provider_subscriptions where provider = 'strava'");
    const event = { object_type: "activity", object_id: Number(newest!.vendor_key), aspect_type: "delete", updates: {}, owner_id: athlete("ana"), subscription_id: Number(subscription!.subscription_id), event_time: 1_790_000_000 };
    const answer = await test.request({ method: "POST", url: "/webhooks/strava", headers: { "content-type": "application/json" }, payload: event });
    expect(answer.statusCode).toBe(200);
    await test.runJobs();
    expect((await workoutsOf(as))[0]).toMatchObject({ vendor_key: newest!.vendor_key, withdrawn_at: null });
    expect((await test.request({ method: "POST", url: "/webhooks/strava", headers: { "content-type": "application/json" }, payload: { ...event, subscription_id: 1 } })).statusCode).toBe(401);
  });

  it("[W2, WH-09] withdraws an activity that was deleted, and a late event of its creation does not bring it back", async () => {
    const [newest] = await workoutsOf(as);
    await pushed("activity_delete");
    expect((await workoutsOf(as)).find((one) => one.vendor_key === newest!.vendor_key)!.withdrawn_at).not.toBeNull();
    const list = await test.request({ as, method: "GET", url: "/api/v1/patients/me/workouts" });
    expect(list.payload).not.toContain(newest!.vendor_key);
    const [subscription] = await test.db.asOwner<{ subscription_id: string }>("select subscription_id from provider_subscriptions where provider = 'strava'");
    await test.request({
      method: "POST", url: "/webhooks/strava", headers: { "content-type": "application/json" },
      payload: { object_type: "activity", object_id: Number(newest!.vendor_key), aspect_type: "create", updates: {}, owner_id: athlete("ana"), subscription_id: Number(subscription!.subscription_id), event_time: 1_790_000_001 },
    });
    await test.runJobs();
    expect((await workoutsOf(as)).find((one) => one.vendor_key === newest!.vendor_key)!.withdrawn_at).not.toBeNull();
  });

  it("[VA-02] comes back to a hint when the vendor lets it, and follows it once", async () => {
    test.sim.control.setFault("strava", { kind: "rate_limited", retryAfterSeconds: 900 });
    await pushed("activity_create");
    const [event] = await rawAfter(before);
    expect(event).toMatchObject({ state: "failed", last_error: "provider_rate_limited" });
    test.sim.control.setFault("strava", null);
    test.clock.advance(901_000);
    await test.db.asOwner("update deliveries set available_at = now() where id = $1", [event!.id]);
    const known = (await workoutsOf(as)).length;
    await test.runJobs();
    expect((await rawAfter(before)).map(({ state }) => state)).toEqual((await rawAfter(before)).map(() => "done"));
    expect(await workoutsOf(as)).toHaveLength(known + 1);
  });

  it("[WH-27] does not believe a forged deauthorization", async () => {
    const [subscription] = await test.db.asOwner<{ subscription_id: string }>("select subscription_id from provider_subscriptions where provider = 'strava'");
    await test.request({
      method: "POST", url: "/webhooks/strava", headers: { "content-type": "application/json" },
      payload: { object_type: "athlete", object_id: athlete("ana"), aspect_type: "update", updates: { authorized: "false" }, owner_id: athlete("ana"), subscription_id: Number(subscription!.subscription_id), event_time: 1_790_000_002 },
    });
    await test.runJobs();
    expect(await statusOf(id)).toMatchObject({ status: "active" });
  });

  it("[W2] [OA-22] ends a connection that was ended at Strava", async () => {
    await pushed("deauthorize");
    expect(await statusOf(id)).toEqual({ status: "revoked", status_code: "revoked_at_vendor" });
    expect(await test.db.asOwner("select 1 from credentials where connection_id = $1", [id])).toEqual([]);
    expect((await workoutsOf(as)).length).toBeGreaterThan(50);
  });

  it("[WH-26] answers the challenge of whoever knows the verify token, and nobody else", async () => {
    const answer = await test.request({ method: "GET", url: "/webhooks/strava?hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token=wrong" });
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.payload).not.toContain("script");
    expect((await test.request({ method: "GET", url: "/webhooks/garmin?hub.mode=subscribe&hub.challenge=x" })).statusCode).toBe(404);
    expect((await test.request({ method: "POST", url: "/webhooks/nobody", payload: {} })).statusCode).toBe(404);
    expect((await test.request({ method: "POST", url: "/webhooks/dexcom", payload: {} })).statusCode).toBe(404);
  });
});
