import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "#clock.ts";
import { oauthOf } from "#driver/auth.ts";
import { quoteLongIntegers } from "#driver/payload.ts";
import type { MapResult, SampleRecord, SleepRecord, VendorRecord, WorkoutRecord } from "#driver/records.ts";
import type { DriverCall, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { coros } from "#drivers/coros/index.ts";
import { createTestClient } from "#http/test-kit.ts";
import { parseCallback } from "#oauth/callback.ts";
import { revokeGrant } from "#oauth/revoke.ts";
import { refreshTokens } from "#oauth/tokens.ts";
import { Secret } from "#secret.ts";
import { isReceipt } from "#sim/coros/pushes.ts";
import { createPeople } from "#sim/people/person.ts";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { consentAs } from "./consent.ts";
import type { WebhookContract } from "./contract-webhook.ts";
import { World, type Connection, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";

// After the days of the fixtures.
const NOW_MS = Date.UTC(2026, 5, 1, 12);
const SECRET = "coros-secret";
const PEOPLE = ["ana", "liam", "grace", "tomas", "aroha", "priya"];

function fixture(name: string): unknown {
  const file = new URL(`../../src/drivers/coros/fixtures/${name}.json`, import.meta.url);
  const { _source, ...body } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  return body;
}

const secrets: WebhookSecrets = { clientId: "islet-coros", clientSecrets: [SECRET], verifyToken: null, subscriptionId: null, settings: {} };

function push(headers: WebhookRequest["headers"]): WebhookRequest {
  return { headers, query: {}, body: new TextEncoder().encode(JSON.stringify(fixture("event"))), receivedMs: NOW_MS };
}

const webhook: WebhookContract = {
  secrets,
  genuine: [{ name: "workouts of two people", request: push({ client: "islet-coros", secret: SECRET }), kinds: ["data", "data"] }],
  proofHeader: "secret",
  coversBody: false,
  toleranceSeconds: null,
  usesClientSecrets: true,
  forged: [
    { name: "another client's push", request: push({ client: "islet-other", secret: SECRET }) },
    { name: "a push without a client", request: push({ secret: SECRET }) },
  ],
  // Its look at our address proves nothing: it learns that we are there.
  handshake: { request: { headers: {}, query: {}, body: new Uint8Array(), receivedMs: NOW_MS }, answer: '{"message":"ok","result":"0000"}', wrong: null },
};

/** Dates that a call asks for, both ends counted. */
function askedWindowMs({ searchParams }: URL): number | null {
  const [from, to] = ["startDate", "endDate"].map((name) => Date.parse((searchParams.get(name) ?? "").replace(/^(\d{4})(\d{2})(\d{2})$/, "$1-$2-$3")));
  return from === undefined || to === undefined || Number.isNaN(to - from) ? null : to - from + DAY_MS;
}

const contract: DriverContract = {
  driver: coros,
  startCloud: (clock) => startSimCloud("coros", "ana", clock),
  nowMs: NOW_MS,
  // The night of a day comes with the next morning, and today grows from call to call.
  window: { fromMs: NOW_MS - 85 * DAY_MS, toMs: NOW_MS - 3 * DAY_MS },
  // COROS is asked by dates of every zone.
  windowSlackMs: 3 * DAY_MS,
  askedWindowMs,
  vendorWindowLimitMs: 30 * DAY_MS,
  takesTokenInAddress: true,
  payloads: [{ resource: "sport", payload: fixture("sport") }, { resource: "daily", payload: fixture("daily") }],
  webhook,
};

testDriver(contract);

describe("the coros driver and the people of the simulated cloud", () => {
  const open: World[] = [];
  afterEach(async () => {
    for (const world of open.splice(0)) await world.stop();
  });

  async function visit(person: string, switches: Readonly<Record<string, string>> = {}): Promise<{ world: World; cloud: SimCloud; connection: Connection; call: DriverCall }> {
    const startCloud = async (clock: Clock): Promise<SimCloud> => {
      const cloud = await startSimCloud("coros", person, clock);
      for (const [name, position] of Object.entries(switches)) cloud.control.turn("coros", name, position);
      return cloud;
    };
    const world = new World({ ...contract, startCloud });
    open.push(world);
    await world.start();
    const connection = await world.connect();
    return { world, cloud: world.cloud as SimCloud, connection, call: connection.call };
  }

  /** What was pushed, verified, parsed and mapped as the inbox does; by account. */
  function takeIn({ pushed, clientId, clientSecret }: SimCloud): Map<string, MapResult[]> {
    const found = new Map<string, MapResult[]>();
    for (const { headers, body } of pushed.splice(0)) {
      coros.webhook!.verify({ headers, query: {}, body, receivedMs: NOW_MS }, { ...secrets, clientId, clientSecrets: [clientSecret] });
      const { events, problems } = coros.webhook!.parse(JSON.parse(quoteLongIntegers(new TextDecoder().decode(body))) as unknown);
      expect(problems).toEqual([]);
      for (const event of events) {
        if (event.kind !== "data") throw new Error(`A ${event.kind} was not expected.`);
        const result = coros.map(event.resource, event.payload, { receivedMs: NOW_MS + DAY_MS, zone: "Europe/Madrid" });
        found.set(event.account, [...(found.get(event.account) ?? []), result]);
      }
    }
    return found;
  }

  // One page: two would have the days between them twice.
  const month = { fromMs: NOW_MS - 27 * DAY_MS, toMs: NOW_MS };
  const samplesOf = (records: readonly VendorRecord[], metric: string): SampleRecord[] =>
    records.filter((record): record is SampleRecord => record.record === "sample" && record.metric === metric);
  const sleepsOf = (records: readonly VendorRecord[]): SleepRecord[] => records.filter((record) => record.record === "sleep");
  const workoutsOf = (records: readonly VendorRecord[]): WorkoutRecord[] => records.filter((record) => record.record === "workout");

  it("reads everybody's lists without a problem, each declared metric from somebody, and energy in either unit [W2] [W3] [VA-13]", async () => {
    const seen = new Map<string, Set<string>>(coros.resources.map(({ name }) => [name, new Set()]));
    for (const [dailyCalorie, nightOf] of [["kcal", "evening"], ["calories", "morning"]] as const) {
      for (const person of PEOPLE) {
        const { world, call } = await visit(person, { dailyCalorie, nightOf });
        for (const { name } of coros.resources) {
          const { records, problems } = await world.read(call, name, month);
          expect(problems, `${person} ${name}`).toEqual([]);
          expect(records.length, `${person} ${name}`).toBeGreaterThan(3);
          for (const record of records) seen.get(name)?.add(record.record === "sample" ? record.metric : record.record);
          for (const { value, endMs } of samplesOf(records, "calories_total")) expect(value > (endMs! < NOW_MS ? 900 : 1) && value < 8_000, person).toBe(true);
        }
      }
    }
    for (const { name, metrics, records } of coros.resources) expect(seen.get(name), name).toEqual(new Set([...metrics, ...records.filter((record) => record !== "sample")]));
  }, 60_000);

  it("tells the days, nights and outings that were lived, under whichever date a night is filed", async () => {
    const person = createPeople(20_260_601).find(({ who }) => who.id === "liam")!;
    for (const nightOf of ["evening", "morning"]) {
      const { world, call } = await visit("liam", { nightOf });
      const { records } = await world.read(call, "daily", month);
      const sleeps = sleepsOf(records);
      expect(sleeps.length).toBeGreaterThan(20);
      expect(new Set(sleeps.map(({ vendorId }) => vendorId)).size).toBe(sleeps.length);
      for (const { startMs, endMs, offsetMinutes } of sleeps) {
        const night = person.night(new Date(endMs + (offsetMinutes ?? 0) * MINUTE_MS).toISOString().slice(0, 10));
        expect([startMs, endMs].map((ms) => Math.floor(ms / 1000))).toEqual([night.startMs, night.endMs].map((ms) => Math.floor(ms / 1000)));
      }
      for (const { startMs, value } of samplesOf(records, "steps").filter(({ endMs }) => endMs! < NOW_MS)) {
        const walked = person.day(new Date(startMs + 12 * 3_600_000).toISOString().slice(0, 10)).steps.reduce((sum, count) => sum + count, 0);
        expect(value).toBe(walked);
      }
      const workouts = workoutsOf((await world.read(call, "sport", month)).records);
      const lived = person.workoutsBetween(month.fromMs, month.toMs);
      expect(lived.length).toBeGreaterThan(5);
      for (const { startMs, elapsedSeconds, calories, distanceMeters } of lived) {
        const same = workouts.find((workout) => workout.startMs === Math.floor(startMs / 1000) * 1000)!;
        expect(same.endMs - same.startMs).toBe(elapsedSeconds * 1000);
        expect(Math.floor(same.energyKcal!)).toBe(calories);
        expect(same.distanceM).toBe(Math.round(distanceMeters));
      }
    }
  });

  it("puts days where the person was, and workouts at their offset [VA-10]", async () => {
    for (const [person, offsetMinutes] of [["aroha", 720], ["priya", 330], ["tomas", -180]] as const) {
      const { world, call } = await visit(person);
      const { records } = await world.read(call, "daily", month);
      const days = samplesOf(records, "steps");
      expect(days.length, person).toBeGreaterThan(25);
      for (const { startMs, endMs, offsetMinutes: told } of days) {
        expect([(startMs + offsetMinutes * MINUTE_MS) % DAY_MS, endMs! - startMs, told], person).toEqual([0, DAY_MS, offsetMinutes]);
      }
      for (const record of (await world.read(call, "sport", month)).records) expect(record).toMatchObject({ offsetMinutes });
    }
  });

  it("takes in what is pushed: a walk, a triathlon with its legs, the same workout that the list has [W2]", async () => {
    const { world, cloud, call } = await visit("ana");
    const account = call.account.vendorUserId!;
    await cloud.control.push("coros", "ana", "triathlon");
    const race = takeIn(cloud).get(account)!;
    expect(race).toMatchObject([{ problems: [], records: [{ sport: "multisport", laps: [{}, {}, {}] }] }]);
    await cloud.control.push("coros", "ana", "workout");
    const [walk] = takeIn(cloud).get(account)!;
    expect(walk).toMatchObject({ problems: [], records: [{ sport: "walking", startMs: NOW_MS - 25 * MINUTE_MS, endMs: NOW_MS }] });
    const listed = await world.read(call, "sport", { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS });
    expect(listed.records).toEqual(expect.arrayContaining([...race[0]!.records, ...walk!.records]));
  });

  it("gives each person of a push their own workouts, and nobody another's [VA-15]", async () => {
    const { world, cloud, call } = await visit("tomas");
    const flow = world.startFlow();
    const back = parseCallback(Object.fromEntries(new URL(await consentAs("priya", flow.url)).searchParams));
    if (back.kind !== "code") throw new Error("The consent page gave no code.");
    const joined = await world.finishFlow(flow, { consent: back });
    const priya = (await coros.identify(joined.call, joined.answer)).vendorUserId;
    await world.clock.sleep(6 * DAY_MS);
    await cloud.control.tick();
    const found = takeIn(cloud);
    expect(new Set(found.keys())).toEqual(new Set([call.account.vendorUserId, priya]));
    const stranger = { ...call, account: { ...call.account, vendorUserId: priya } };
    await expect(world.read(stranger, "sport", month)).rejects.toMatchObject({ code: "reauthorization_required" });
  });

  it("keeps every digit of a label, on the list and in a push, whether it is a text there or a bare number", async () => {
    const ids: unknown[] = [];
    for (const labelIds of ["text", "number"]) {
      const { world, cloud, call } = await visit("ana", { labelIds });
      await cloud.control.push("coros", "ana", "workout");
      const listed = workoutsOf((await world.read(call, "sport", month)).records).map(({ vendorId }) => vendorId);
      const [pushed] = takeIn(cloud).get(call.account.vendorUserId!)!;
      expect(listed).toContain(workoutsOf(pushed!.records)[0]!.vendorId);
      ids.push(listed);
    }
    expect(ids[0]).toEqual(ids[1]);
  });

  it("answers in the words that COROS takes for a receipt", () => {
    expect(isReceipt({ status: 200, body: coros.webhook!.acknowledgeBody!.body })).toBe(true);
  });

  it("goes on with the tokens it has for 30 days more, or with new ones where they come [OA-18]", async () => {
    for (const refreshAnswer of ["OK", "tokens"]) {
      const { world, cloud, connection } = await visit("ana", { refreshAnswer });
      const before = connection.tokens;
      await world.clock.sleep(25 * DAY_MS);
      await world.refresh(connection);
      const { accessToken, refreshToken, expiresAtMs } = connection.tokens;
      expect([accessToken.open(), refreshToken?.open()]).toEqual([before.accessToken.open(), before.refreshToken?.open()]);
      expect(expiresAtMs - before.expiresAtMs).toBeGreaterThan(24 * DAY_MS);
      await world.clock.sleep(20 * DAY_MS);
      const call = { ...connection.call, nowMs: world.clock.now() };
      const pages = await world.pages(call, "sport", { fromMs: call.nowMs - 20 * DAY_MS, toMs: call.nowMs });
      expect(pages.map(({ body }) => new TextDecoder().decode(body))).toEqual([expect.stringContaining('"labelId"')]);
      expect(connection.refreshes).toBe(1);
      cloud.control.setFault("coros", { kind: "token_expired" });
      await world.pages(call, "sport", { fromMs: call.nowMs - DAY_MS, toMs: call.nowMs });
      expect(connection.refreshes).toBe(2);
    }
  });

  it.each(["anywhere", "address", "form"])("ends a grant wherever COROS reads the token: %s; and hears no more of the person [OA-23]", async (deauthorizeToken) => {
    const { world, cloud, connection } = await visit("ana", { deauthorizeToken });
    const auth = oauthOf(coros);
    const http = createTestClient({ clock: world.clock });
    const scope = { provider: "coros", connectionId: "contract" };
    const endpoints = { token: world.proxy.baseUrl };
    const parts = { http, scope, auth, endpoints, client: { id: cloud.clientId, secret: new Secret(cloud.clientSecret) } };
    await revokeGrant({ ...parts, token: connection.tokens.accessToken });
    await expect(world.read(connection.call, "sport", month)).rejects.toMatchObject({ code: "reauthorization_required" });
    const { accessToken, refreshToken } = connection.tokens;
    await expect(refreshTokens({ ...parts, nowMs: NOW_MS, accessToken, refreshToken: refreshToken! })).rejects.toMatchObject({ code: "reauthorization_required" });
    // Once more is no error: that it is gone is what was wanted.
    await expect(revokeGrant({ ...parts, token: accessToken })).resolves.toBeUndefined();
    await world.clock.sleep(6 * DAY_MS);
    await cloud.control.tick();
    expect(cloud.pushed).toEqual([]);
  });

  it.each(["30009", "403"])("takes a feature that the app was not granted (%s) for that, and not for a dead connection [OA-14]", async (dailyData) => {
    const { world, connection } = await visit("ana", { dailyData });
    await expect(world.read(connection.call, "daily", month)).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 403 });
    expect(connection.refreshes).toBe(0);
    expect((await world.read(connection.call, "sport", month)).problems).toEqual([]);
  });
});
