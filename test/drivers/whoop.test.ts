import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "#clock.ts";
import { whoop } from "#drivers/whoop/index.ts";
import type { MapResult, SampleRecord, SleepRecord, VendorRecord, WorkoutRecord } from "#driver/records.ts";
import type { DriverCall, WebhookEvent, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { ContractPayload } from "./contract-payloads.ts";
import type { WebhookContract } from "./contract-webhook.ts";
import { parseJson, World, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";

// After the days of the fixtures.
const NOW_MS = Date.UTC(2026, 10, 20, 12);
const SECRET = "whoop-secret";

function fixture(name: string): Record<string, unknown> {
  const file = new URL(`../../src/drivers/whoop/fixtures/${name}.json`, import.meta.url);
  const { _source, ...body } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  return body;
}

const secrets: WebhookSecrets = { clientId: "1", clientSecrets: [SECRET], verifyToken: null, subscriptionId: null, settings: {} };

/** An event as WHOOP posts it: the time in milliseconds, the digest in base64. */
function signed(body: object): WebhookRequest {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const time = String(NOW_MS);
  const digest = createHmac("sha256", SECRET).update(time).update(bytes).digest("base64");
  return { headers: { "x-whoop-signature": digest, "x-whoop-signature-timestamp": time }, query: {}, body: bytes, receivedMs: NOW_MS };
}

const event = fixture("event-recovery");

const webhook: WebhookContract = {
  secrets,
  genuine: [
    { name: "an updated recovery", request: signed(event), kinds: ["pull"] },
    { name: "a deleted recovery, which is looked for once more", request: signed({ ...event, type: "recovery.deleted" }), kinds: ["pull"] },
    { name: "an updated sleep", request: signed({ ...event, type: "sleep.updated" }), kinds: ["pull"] },
    { name: "a deleted sleep", request: signed({ ...event, type: "sleep.deleted" }), kinds: ["withdrawn"] },
    { name: "an updated workout", request: signed({ ...event, type: "workout.updated" }), kinds: ["pull"] },
    { name: "a deleted workout", request: signed({ ...event, type: "workout.deleted" }), kinds: ["withdrawn"] },
  ],
  proofHeader: "x-whoop-signature",
  coversBody: true,
  toleranceSeconds: 300,
  usesClientSecrets: true,
  forged: [
    { name: "a time that was not signed", request: { ...signed(event), headers: { ...signed(event).headers, "x-whoop-signature-timestamp": String(NOW_MS + 1) } } },
  ],
};

const payloads: ContractPayload[] = whoop.resources
  .filter(({ records }) => records.length > 0)
  .map(({ name }) => ({ resource: name, payload: fixture(name), isSingleItem: name === "body_measurement" }));

/** The suite asks more in its standing minute than a person does in a day: only one test is about the limits. */
async function startCloud(clock: Clock, person = "ana"): Promise<SimCloud> {
  const cloud = await startSimCloud("whoop", person, clock);
  for (const limit of ["callsPerMinute", "callsPerDay"]) cloud.control.turn("whoop", limit, "999999999");
  return cloud;
}

const contract: DriverContract = {
  driver: whoop,
  startCloud: (clock) => startCloud(clock),
  nowMs: NOW_MS,
  window: { fromMs: NOW_MS - 100 * DAY_MS, toMs: NOW_MS },
  // Recoveries are asked for with two days more, and stand at the start of the day their night ended on.
  windowSlackMs: 3 * DAY_MS,
  payloads,
  webhook,
};

testDriver(contract);

describe("the whoop driver and the people of the simulated cloud", () => {
  const open: World[] = [];
  afterEach(async () => {
    for (const world of open.splice(0)) await world.stop();
  });

  async function visit(person: string): Promise<{ world: World; cloud: SimCloud; call: DriverCall }> {
    const world = new World({ ...contract, startCloud: (clock) => startCloud(clock, person) });
    open.push(world);
    await world.start();
    return { world, cloud: world.cloud as SimCloud, call: (await world.connect()).call };
  }

  /** What the cloud has pushed, verified and parsed as the inbox does. */
  function heard({ pushed, clientSecret }: SimCloud, receivedMs = NOW_MS): WebhookEvent[] {
    return pushed.splice(0).flatMap(({ headers, body }) => {
      whoop.webhook!.verify({ headers, query: {}, body, receivedMs }, { ...secrets, clientSecrets: [clientSecret] });
      const { events, problems } = whoop.webhook!.parse(parseJson(body));
      expect(problems).toEqual([]);
      return events;
    });
  }

  async function follow(world: World, call: DriverCall, told: WebhookEvent): Promise<Map<string, MapResult[]>> {
    if (told.kind !== "pull") throw new Error(`A ${told.kind} is nothing to follow.`);
    expect(told.account).toBe(call.account.vendorUserId);
    const found = new Map<string, MapResult[]>();
    for await (const page of whoop.pull(call, told.request)) {
      const result = world.map(page.resource, parseJson(page.body));
      expect(result.problems).toEqual([]);
      found.set(page.resource, [...(found.get(page.resource) ?? []), result]);
    }
    return found;
  }

  const recordsOf = (found: Map<string, MapResult[]>, resource: string): VendorRecord[] => (found.get(resource) ?? []).flatMap(({ records }) => records);
  const sampleOf = (records: readonly VendorRecord[], metric: string): SampleRecord | undefined =>
    records.find((record): record is SampleRecord => record.record === "sample" && record.metric === metric);

  it("reads everybody's data of every list without a problem, and each declared metric from somebody [W2] [W3]", async () => {
    const { cloud } = await visit("ana");
    const polled = whoop.resources.filter(({ pull }) => pull !== undefined);
    const seen = new Map<string, Set<string>>(polled.map(({ name }) => [name, new Set()]));
    for (const { id: person } of cloud.control.people()) {
      const { world, call } = await visit(person);
      for (const { name } of polled) {
        const { records, problems } = await world.read(call, name, { fromMs: NOW_MS - 60 * DAY_MS, toMs: NOW_MS });
        expect(problems, `${person} ${name}`).toEqual([]);
        // One of them never typed a weight.
        if (name === "body_measurement") expect(records.length, person).toBe(person === "priya" ? 0 : 2);
        else expect(records.length, `${person} ${name}`).toBeGreaterThan(3);
        for (const record of records) seen.get(name)?.add(record.record === "sample" ? record.metric : record.record);
      }
    }
    for (const { name, metrics, records } of polled) {
      expect(seen.get(name), name).toEqual(new Set([...metrics, ...records.filter((record) => record !== "sample")]));
    }
  }, 60_000);

  it("puts recovery, score and breath of a night on the local day it ended, wherever the person lives [VA-10]", async () => {
    for (const [person, offsetMinutes] of [["aroha", 780], ["grace", -300]] as const) {
      const { world, call } = await visit(person);
      const window = { fromMs: NOW_MS - 5 * DAY_MS, toMs: NOW_MS };
      const sleeps = (await world.read(call, "sleep", window)).records;
      const recoveries = (await world.read(call, "recovery", window)).records;
      const days = (records: readonly VendorRecord[], metric: string): number[] =>
        records.filter((record): record is SampleRecord => record.record === "sample" && record.metric === metric).map(({ startMs }) => startMs);
      expect(days(recoveries, "recovery").length, person).toBeGreaterThan(3);
      for (const startMs of [...days(sleeps, "sleep_score"), ...days(recoveries, "recovery")]) {
        expect((startMs + offsetMinutes * MINUTE_MS) % DAY_MS, person).toBe(0);
      }
      for (const night of sleeps.filter((record): record is SleepRecord => record.record === "sleep" && !record.isNap && record.score !== undefined)) {
        const local = Math.floor((night.endMs + offsetMinutes * MINUTE_MS) / DAY_MS) * DAY_MS - offsetMinutes * MINUTE_MS;
        expect(days(sleeps, "sleep_score"), person).toContain(local);
      }
    }
  });

  it("turns an event into the records of what it names: a night with its cycles, a recovery by its sleep [W2]", async () => {
    const { world, cloud, call } = await visit("ana");
    await cloud.control.push("whoop", "ana", "sleep.updated");
    const [night] = heard(cloud) as [WebhookEvent];
    const bySleep = await follow(world, call, night);
    expect([...bySleep.keys()]).toEqual(["sleep", "cycle"]);
    expect(sampleOf(recordsOf(bySleep, "cycle"), "strain")).toBeDefined();
    await cloud.control.push("whoop", "ana", "recovery.updated");
    const byRecovery = await follow(world, call, (heard(cloud) as [WebhookEvent])[0]);
    const listed = await world.read(call, "recovery", { fromMs: NOW_MS - 2 * DAY_MS, toMs: NOW_MS });
    const recovery = sampleOf(recordsOf(byRecovery, "recovery"), "recovery");
    expect(recovery).toBeDefined();
    // Told by an event and found in the list it is the same, in the same place.
    expect(listed.records).toContainEqual(recovery);
    await cloud.control.push("whoop", "ana", "workout.updated");
    const [walk] = recordsOf(await follow(world, call, (heard(cloud) as [WebhookEvent])[0]), "workout") as [WorkoutRecord];
    expect(walk).toMatchObject({ record: "workout", sport: "walking" });
    expect(walk.endMs - walk.startMs).toBe(25 * MINUTE_MS);
  });

  it("keeps a night that waits for its score, and hears again when it is scored", async () => {
    const { world, cloud, call } = await visit("liam");
    await world.clock.sleep(30_000);
    await cloud.control.tick();
    cloud.pushed.length = 0;
    const states: unknown[][] = [];
    for (let hour = 0; hour < 24 * 20 && states.length < 2; hour += 1 / 20) {
      await world.clock.sleep(HOUR_MS / 20);
      await cloud.control.tick();
      for (const told of heard(cloud, world.clock.now())) {
        if (told.kind !== "pull" || told.request.resource !== "sleep") continue;
        const pages = [];
        for await (const page of whoop.pull(call, told.request)) pages.push(page);
        const sleep = pages.find(({ resource }) => resource === "sleep")!;
        const { records, problems } = whoop.map("sleep", parseJson(sleep.body), { receivedMs: world.clock.now(), zone: "Europe/London" });
        expect(problems).toEqual([]);
        const night = records.find((record): record is SleepRecord => record.record === "sleep")!;
        if (!night.isNap) states.push([night.vendorId, Object.keys(night.totals).length > 0, sampleOf(records, "sleep_score") !== undefined]);
      }
    }
    const [[id]] = states as [[string]];
    expect(states).toEqual([[id, false, false], [id, true, true]]);
  });

  it("takes deletions back: sleep and workout by their id, a recovery by its day [VA-12]", async () => {
    const { world, cloud, call } = await visit("ana");
    const sampled = sampleOf((await world.read(call, "recovery", { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS })).records, "recovery")!;
    await cloud.control.push("whoop", "ana", "recovery.deleted");
    const gone = (await follow(world, call, (heard(cloud) as [WebhookEvent])[0])).get("recovery_gone");
    expect(gone).toMatchObject([{ records: [], replaces: { fromMs: sampled.startMs, of: [] } }]);
    await cloud.control.push("whoop", "ana", "sleep.deleted");
    await cloud.control.push("whoop", "ana", "workout.deleted");
    const [sleep, recovery, workout] = heard(cloud) as [WebhookEvent, WebhookEvent, WebhookEvent];
    expect([sleep, workout]).toMatchObject([{ kind: "withdrawn", of: "sleep" }, { kind: "withdrawn", of: "workout" }]);
    expect((await follow(world, call, recovery)).size).toBe(0);
  });

  it("does not take an event that comes twice for two, nor two changes of one thing for one [WH-07]", async () => {
    const { cloud } = await visit("ana");
    cloud.control.turn("whoop", "copies", "2");
    await cloud.control.push("whoop", "ana", "sleep.updated");
    const keys = cloud.pushed.splice(0).map(({ headers, body }) => whoop.webhook!.dedupeKey!({ headers, query: {}, body, receivedMs: NOW_MS }));
    expect(new Set(keys).size).toBe(1);
    expect(keys.length).toBe(2);
  });

  it("waits for the next minute, and gives a spent day back to the caller, by X-RateLimit-Reset alone [VA-02]", async () => {
    const { world, cloud, call } = await visit("ana");
    const window = { fromMs: NOW_MS - 2 * DAY_MS, toMs: NOW_MS };
    cloud.control.turn("whoop", "callsPerMinute", "1");
    world.clock.slept.length = 0;
    expect((await world.read(call, "sleep", window)).records.length).toBeGreaterThan(0);
    expect(world.clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(MINUTE_MS);
    cloud.control.turn("whoop", "callsPerDay", "1");
    // The reset is hours away; nobody is asked to wait for more than one at a time.
    await expect(world.read(call, "sleep", window)).rejects.toMatchObject({ code: "provider_rate_limited", retryAtMs: world.clock.now() + HOUR_MS });
  });

  it("says offline again at each refresh, and so keeps a refresh token", async () => {
    const { world, cloud } = await visit("ana");
    cloud.control.turn("whoop", "refreshWithoutOffline", "brings no refresh token");
    const connection = await world.connect();
    const first = connection.tokens.refreshToken?.open();
    await world.refresh(connection);
    expect(connection.tokens.refreshToken?.open()).not.toBe(first);
    await world.refresh(connection);
  });

  it("hears nothing of people who have left [OA-23]", async () => {
    const { world, cloud, call } = await visit("ana");
    await whoop.revoke!(call);
    await world.clock.sleep(DAY_MS);
    await cloud.control.tick();
    expect(cloud.pushed).toEqual([]);
  });
});
