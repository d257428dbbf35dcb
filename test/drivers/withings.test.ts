import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "#clock.ts";
import { parseForm } from "#driver/payload.ts";
import type { SampleRecord, SleepRecord, VendorRecord, WorkoutRecord } from "#driver/records.ts";
import type { DriverCall, WebhookEvent, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { withings } from "#drivers/withings/index.ts";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import type { ContractPayload } from "./contract-payloads.ts";
import type { WebhookContract } from "./contract-webhook.ts";
import { World, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";

const NOW_MS = Date.UTC(2026, 5, 1, 12);
const KEY = "our-verify-token";

/** The body of an answer: the envelope around it is the cloud's, which the suite reads too. */
function fixture(name: string): unknown {
  const file = new URL(`../../src/drivers/withings/fixtures/${name}.json`, import.meta.url);
  const { _source, body, ...bare } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  return body ?? bare;
}

// A group that comes twice is one; stages of a night cut one another; days of minutes are one answer.
const TOGETHER = ["getmeas", "sleep", "sleep_get", "getintradayactivity"];
const payloads: ContractPayload[] = withings.resources.map(({ name }) => ({ resource: name, payload: fixture(name), hasIndependentItems: !TOGETHER.includes(name) }));

const secrets: WebhookSecrets = { clientId: "1", clientSecrets: ["secret"], verifyToken: KEY, subscriptionId: null, settings: {} };

function notification(body: string, key: string | undefined = KEY): WebhookRequest {
  return { headers: { "content-type": "application/x-www-form-urlencoded" }, query: { key }, body: new TextEncoder().encode(body), receivedMs: NOW_MS };
}

const webhook: WebhookContract = {
  secrets,
  genuine: [
    { name: "a weighing", request: notification("userid=363&appli=1&startdate=1795075199&enddate=1795075201"), kinds: ["pull"] },
    { name: "a day", request: notification("userid=363&appli=16&date=2026-05-31"), kinds: ["pull", "pull", "pull"] },
    { name: "a night", request: notification("userid=363&appli=44&startdate=1780268400&enddate=1780297200"), kinds: ["pull"] },
    { name: "an unlinking", request: notification("userid=363&appli=46&action=unlink"), kinds: ["deauthorized"] },
    { name: "a deletion", request: notification("userid=363&appli=46&action=delete"), kinds: ["deauthorized"] },
    { name: "getting into bed", request: notification("userid=363&appli=50&startdate=1780268400&enddate=1780268400"), kinds: [] },
  ],
  proofHeader: null,
  coversBody: false,
  toleranceSeconds: null,
  usesClientSecrets: false,
  forged: [
    { name: "a notification with another key", request: notification("userid=363&appli=1&startdate=1795075199&enddate=1795075201", "guess") },
    { name: "a notification without a key", request: { ...notification("userid=363&appli=46&action=unlink"), query: {} } },
    { name: "a body that is no notification", request: notification("canary=271828") },
  ],
  handshake: { request: notification(""), answer: "", wrong: notification("", "guess") },
};

/** The suite's connections each have a budget of their own, and the clock stands still: together they are over the application's. */
async function startUnlimited(clock: Clock): Promise<SimCloud> {
  const cloud = await startSimCloud("withings", "ana", clock);
  cloud.control.turn("withings", "callsPerMinute", "999999999");
  return cloud;
}

const contract: DriverContract = {
  driver: withings,
  startCloud: startUnlimited,
  nowMs: NOW_MS,
  window: { fromMs: NOW_MS - 40 * DAY_MS, toMs: NOW_MS },
  // Days are asked for by their date wherever the person may be; a night goes on after the window in which it began.
  windowSlackMs: 3 * DAY_MS,
  payloads,
  webhook,
};

testDriver(contract);

describe("the withings driver and the people of the simulated cloud", () => {
  const open: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });

  async function visit(person: string): Promise<{ world: World; cloud: SimCloud; call: DriverCall }> {
    const world = new World({ ...contract, startCloud: (clock) => startSimCloud("withings", person, clock) });
    open.push(() => world.stop());
    await world.start();
    return { world, cloud: world.cloud as SimCloud, call: (await world.connect()).call };
  }

  /** Our address, which answers every call with 200; what was asked of it. */
  async function startDoor(): Promise<{ url: string; asked: string[] }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/withings`, asked };
  }

  /** Takes in what was pushed, as the inbox does: verify, parse, ask. */
  async function takeIn({ world, cloud, call }: Awaited<ReturnType<typeof visit>>): Promise<{ events: WebhookEvent[]; records: VendorRecord[] }> {
    const events: WebhookEvent[] = [];
    const records: VendorRecord[] = [];
    for (const { url, headers, body } of cloud.pushed.splice(0)) {
      const request: WebhookRequest = { headers, query: Object.fromEntries(new URL(url).searchParams), body, receivedMs: world.clock.now() };
      withings.webhook!.verify(request, secrets);
      const parsed = withings.webhook!.parse(parseForm(body));
      expect(parsed.problems).toEqual([]);
      events.push(...parsed.events);
      for (const event of parsed.events) {
        expect(event.account).toBe(call.account.vendorUserId);
        if (event.kind !== "pull" || !("window" in event.request)) continue;
        const result = await world.read({ ...call, nowMs: world.clock.now() }, event.request.resource, event.request.window);
        expect(result.problems).toEqual([]);
        records.push(...result.records);
      }
    }
    return { events, records };
  }

  it("reads everybody's everything without a problem, and each declared metric from somebody [W2] [W3]", async () => {
    const polled = withings.resources.filter(({ pull }) => pull !== undefined);
    const seen = new Map<string, Set<string>>(polled.map(({ name }) => [name, new Set()]));
    const { cloud } = await visit("ana");
    for (const { id: person } of cloud.control.people()) {
      const { world, call } = await visit(person);
      for (const { name } of polled) {
        // Height is typed at sign-up, some years ago.
        const fromMs = name === "getmeas" ? Date.UTC(2024, 0, 1) : name === "heart_list" ? NOW_MS - 200 * DAY_MS : NOW_MS - 20 * DAY_MS;
        const { records, problems } = await world.read(call, name, { fromMs, toMs: NOW_MS });
        expect(problems, `${person} ${name}`).toEqual([]);
        for (const record of records) seen.get(name)?.add(record.record === "sample" ? record.metric : record.record);
      }
    }
    for (const { name, metrics, records } of polled) {
      expect(seen.get(name), name).toEqual(new Set([...metrics, ...records.filter((record) => record !== "sample")]));
    }
  }, 60_000);

  it("takes no goal, no stranger, no limb and no zero for a body's measure", async () => {
    for (const person of ["liam", "tomas"]) {
      const { world, call } = await visit(person);
      const { records } = await world.read(call, "getmeas", { fromMs: Date.UTC(2024, 0, 1), toMs: NOW_MS });
      const samples = records as SampleRecord[];
      const of = (metric: string): SampleRecord[] => samples.filter((sample) => sample.metric === metric);
      const mean = (metric: string): number => of(metric).reduce((sum, { value }) => sum + value, 0) / of(metric).length;
      expect(of("weight").length, person).toBeGreaterThan(30);
      for (const { metric, value } of samples) {
        if (["weight", "lean_mass", "muscle_mass", "bone_mass"].includes(metric)) expect(Math.abs(value / mean(metric) - 1), `${person} ${metric}`).toBeLessThan(0.12);
        expect(value).toBeGreaterThan(0);
      }
      // A cuff that records the heart as well tells the same pulse twice.
      const keys = samples.filter(({ metric }) => metric !== "heart_rate").map(({ metric, startMs }) => `${metric} ${startMs}`);
      expect(new Set(keys).size, person).toBe(keys.length);
    }
  });

  it("tells the night of the watch and that of the mat apart, and knows no stages where there are none", async () => {
    const { world, call } = await visit("liam");
    const { records } = await world.read(call, "sleep", { fromMs: NOW_MS - 60 * DAY_MS, toMs: NOW_MS });
    const nights = records.filter((record): record is SleepRecord => record.record === "sleep");
    const whole = nights.filter(({ device }) => device !== undefined);
    expect(new Set(whole.map(({ device }) => device?.id)).size).toBe(2);
    expect(nights.length).toBeGreaterThan(110);
    expect(new Set(nights.map(({ vendorId }) => vendorId)).size).toBe(nights.length);
    for (const { startMs, endMs, stages, totals } of whole) {
      expect(stages[0]?.startMs).toBe(startMs);
      expect(stages.at(-1)?.endMs).toBe(endMs);
      const deepS = stages.filter(({ stage }) => stage === "deep").reduce((sum, stage) => sum + (stage.endMs - stage.startMs) / 1000, 0);
      expect(totals.deepS).toBe(deepS);
    }
    const bare = nights.filter(({ device }) => device === undefined);
    expect(bare.length).toBeGreaterThan(0);
    for (const { totals, stages } of bare) {
      expect(totals).not.toHaveProperty("deepS");
      expect(stages.every(({ stage }) => stage === "asleep")).toBe(true);
    }
  });

  it("subscribes each kind once after our address has answered, hears a hint, asks, and finds the data [W2]", async () => {
    const visited = await visit("priya");
    const { world, cloud, call } = visited;
    const door = await startDoor();
    await withings.webhook!.subscribeConnection!(call, { callbackUrl: door.url, verifyToken: KEY });
    const calls = door.asked.length;
    expect(calls).toBeGreaterThan(5);
    expect(door.asked.every((line) => line.startsWith("HEAD "))).toBe(true);
    await withings.webhook!.subscribeConnection!(call, { callbackUrl: door.url, verifyToken: KEY });
    expect(door.asked.length).toBe(calls);

    for (const what of ["weight", "blood_pressure", "temperature", "sleep"]) {
      await cloud.control.push("withings", "priya", what);
      const { records } = await takeIn(visited);
      expect(records.length, what).toBeGreaterThan(0);
    }
    await cloud.control.push("withings", "priya", "workout");
    const { records } = await takeIn(visited);
    const walk = records.find((record): record is WorkoutRecord => record.record === "workout" && record.startMs === world.clock.now() - 25 * MINUTE_MS);
    expect(walk).toMatchObject({ sport: "walking", endMs: world.clock.now() });
    expect(records.some((record) => record.record === "sample" && record.metric === "steps")).toBe(true);
  });

  it("hears that the person unlinked us, and ends a connection of its own accord [OA-22] [OA-23]", async () => {
    const visited = await visit("ana");
    const { world, cloud, call } = visited;
    const door = await startDoor();
    await withings.webhook!.subscribeConnection!(call, { callbackUrl: door.url, verifyToken: KEY });
    await cloud.control.push("withings", "ana", "unlink");
    expect((await takeIn(visited)).events).toEqual([{ kind: "deauthorized", account: call.account.vendorUserId }]);
    await expect(world.read(call, "getmeas", contract.window)).rejects.toMatchObject({ code: "reauthorization_required" });

    const other = await world.connect();
    await withings.webhook!.subscribeConnection!(other.call, { callbackUrl: door.url, verifyToken: KEY });
    await withings.revoke!(other.call, world.appCall());
    expect(cloud.control.connections().filter(({ isLive }) => isLive)).toEqual([]);
    expect(cloud.pushed).toEqual([]);
  });
});
