import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "#clock.ts";
import type { MapResult, SampleRecord, SleepRecord, VendorRecord, WorkoutRecord } from "#driver/records.ts";
import type { DriverCall, WebhookEvent, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { polar } from "#drivers/polar/index.ts";
import { WebhookRejected } from "#errors.ts";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import type { ContractPayload } from "./contract-payloads.ts";
import type { WebhookContract } from "./contract-webhook.ts";
import { parseJson, World, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";

const NOW_MS = Date.UTC(2026, 5, 1, 12);
const SECRET = "signature-secret";
const ONE_NIGHT_MS = DAY_MS;

function fixture(name: string): unknown {
  const file = new URL(`../../src/drivers/polar/fixtures/${name}.json`, import.meta.url);
  const { _source, payload, ...body } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  return payload ?? body;
}

// One exercise or one day of heart rate is one item, whatever it holds.
const SINGLE = ["exercise", "continuous-heart-rate", "physical-info"];
const payloads: ContractPayload[] = [
  ...polar.resources.map(({ name }) => ({ resource: name, payload: fixture(name), isSingleItem: SINGLE.includes(name) })),
  { resource: "exercises", payload: fixture("exercises-list") },
];

const secrets: WebhookSecrets = { clientId: "1", clientSecrets: ["secret"], verifyToken: null, subscriptionId: "abdf33", subscriptionSecret: SECRET, settings: {} };

function signed(body: unknown): WebhookRequest {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const digest = createHmac("sha256", SECRET).update(bytes).digest("hex");
  return { headers: { "polar-webhook-signature": digest }, query: {}, body: bytes, receivedMs: NOW_MS };
}

const night = fixture("event-sleep") as Record<string, unknown>;

const webhook: WebhookContract = {
  secrets,
  genuine: [
    { name: "an exercise", request: signed(fixture("event-exercise")), kinds: ["pull"] },
    { name: "a night, with its recharge", request: signed(night), kinds: ["pull", "pull"] },
    { name: "a day", request: signed({ ...night, event: "ACTIVITY_SUMMARY" }), kinds: ["pull"] },
    { name: "a day's heart rate", request: signed({ ...night, event: "CONTINUOUS_HEART_RATE" }), kinds: ["pull"] },
    { name: "a changed profile", request: signed(fixture("event-physical-information")), kinds: ["pull"] },
    { name: "a forecast", request: signed({ event: "SLEEP_WISE_ALERTNESS", user_id: 10_579, from: "2026-05-31", to: "2026-05-31", timestamp: "2026-06-01T06:00:00Z" }), kinds: [] },
  ],
  proofHeader: "polar-webhook-signature",
  coversBody: true,
  toleranceSeconds: null,
  usesClientSecrets: false,
};

/** The suite's connections each have a budget of their own, and the clock stands still: together they are over the application's. */
async function startUnlimited(clock: Clock): Promise<SimCloud> {
  const cloud = await startSimCloud("polar", "ana", clock);
  cloud.control.turn("polar", "callsPerQuarterHour", "999999999");
  cloud.control.turn("polar", "callsPerDay", "999999999");
  return cloud;
}

const contract: DriverContract = {
  driver: polar,
  startCloud: startUnlimited,
  nowMs: NOW_MS,
  window: { fromMs: NOW_MS - 26 * DAY_MS, toMs: NOW_MS },
  // Days are asked for by their date wherever the person may be; a night goes on after the window in which it began.
  windowSlackMs: 3 * DAY_MS,
  askedWindowMs(url) {
    const [from, to] = ["from", "to"].map((name) => Date.parse(url.searchParams.get(name) ?? ""));
    return from && to ? to - from : null;
  },
  vendorWindowLimitMs: 28 * DAY_MS,
  payloads,
  webhook,
};

testDriver(contract);

describe("the polar driver and the people of the simulated cloud", () => {
  const open: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });

  type Visited = { readonly world: World; readonly cloud: SimCloud; readonly call: DriverCall };

  async function visit(person: string, switches: Readonly<Record<string, string>> = {}): Promise<Visited> {
    const startCloud = async (clock: Clock): Promise<SimCloud> => {
      const cloud = await startSimCloud("polar", person, clock);
      for (const [name, position] of Object.entries(switches)) cloud.control.turn("polar", name, position);
      return cloud;
    };
    const world = new World({ ...contract, startCloud });
    open.push(() => world.stop());
    await world.start();
    return { world, cloud: world.cloud as SimCloud, call: (await world.connect()).call };
  }

  /** Our address: answers what the driver says is a challenge, and refuses everything else. */
  async function startDoor(): Promise<string> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
        const answer = polar.webhook!.challenge!({ headers, query: {}, body: Buffer.concat(chunks), receivedMs: NOW_MS }, { ...secrets, subscriptionSecret: null });
        response.writeHead(answer?.status ?? 401).end(answer?.body ?? "");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/polar`;
  }

  async function readOne(world: World, call: DriverCall, resource: string, objectId: string): Promise<MapResult> {
    const results: MapResult[] = [];
    for await (const page of polar.pull(call, { resource, objectId })) results.push(world.map(page.resource, parseJson(page.body)));
    return { records: results.flatMap(({ records }) => records), problems: results.flatMap(({ problems }) => problems) };
  }

  it("reads everybody's everything without a problem, and each declared metric from somebody [W2] [W3]", async () => {
    const polled = polar.resources.filter(({ pull }) => pull !== undefined);
    const seen = new Map<string, Set<string>>(polled.map(({ name }) => [name, new Set()]));
    const { cloud } = await visit("ana");
    for (const { id: person } of cloud.control.people()) {
      const { world, call } = await visit(person);
      for (const { name } of polled) {
        const { records, problems } = await world.read(call, name, { fromMs: NOW_MS - 40 * DAY_MS, toMs: NOW_MS });
        expect(problems, `${person} ${name}`).toEqual([]);
        for (const record of records) seen.get(name)?.add(record.record === "sample" ? record.metric : record.record);
      }
    }
    for (const { name, metrics, records } of polled) {
      expect(seen.get(name), name).toEqual(new Set([...metrics, ...records.filter((record) => record !== "sample")]));
    }
  }, 60_000);

  it("gets the times right: stages fill the night, heart rate by the clock is the one of the night, steps by the minute add up to the day", async () => {
    const { world, call } = await visit("ana");
    const nights = (await world.read(call, "sleep", contract.window)).records;
    for (const { startMs, endMs, stages, totals } of nights.filter((record): record is SleepRecord => record.record === "sleep")) {
      expect(stages[0]?.startMs).toBe(startMs);
      expect(stages.at(-1)?.endMs).toBe(endMs);
      const deepMs = stages.filter(({ stage }) => stage === "deep").reduce((sum, stage) => sum + stage.endMs - stage.startMs, 0);
      // The map's clock has no seconds, which the first stretch pays for.
      expect(Math.abs((totals.deepS ?? 0) - deepMs / 1000)).toBeLessThan(60);
    }
    const rates = (records: readonly VendorRecord[]): Map<number, number> =>
      new Map((records as SampleRecord[]).filter(({ metric }) => metric === "heart_rate").map(({ startMs, value }) => [startMs, value]));
    const [ofNights, ofDays] = [rates(nights), rates((await world.read(call, "continuous-heart-rate", contract.window)).records)];
    const both = [...ofNights].filter(([ms]) => ofDays.has(ms));
    expect(both.length).toBeGreaterThan(1_000);
    for (const [ms, rate] of both) expect(ofDays.get(ms)).toBe(rate);

    const days = (await world.read(call, "activities", contract.window)).records as SampleRecord[];
    const steps = days.filter(({ metric }) => metric === "steps");
    const totals = steps.filter(({ flags }) => flags?.includes("day_total"));
    expect(totals.length).toBeGreaterThan(20);
    for (const { startMs, endMs, value } of totals) {
      const inDay = steps.filter((step) => !step.flags && step.startMs >= startMs && step.startMs < (endMs ?? 0));
      expect(inDay.reduce((sum, step) => sum + step.value, 0)).toBe(value);
    }
  });

  it("follows each event to what it names, and takes the walk for the one that has just ended [W2]", async () => {
    const { world, cloud, call } = await visit("liam");
    const url = await startDoor();
    const app = world.appCall();
    const made = await polar.webhook!.subscribe!(app, { callbackUrl: url, verifyToken: "v", keptSecretOf: null });
    if (typeof made === "string") throw new Error("Polar gave no secret.");
    expect(await polar.webhook!.subscribe!(app, { callbackUrl: url, verifyToken: "v", keptSecretOf: made.subscriptionId })).toBe(made.subscriptionId);

    for (const event of ["EXERCISE", "SLEEP", "CONTINUOUS_HEART_RATE", "ACTIVITY_SUMMARY", "PHYSICAL_INFORMATION"]) await cloud.control.push("polar", "liam", event);
    expect(cloud.pushed.length).toBe(5);
    const found: VendorRecord[] = [];
    for (const { headers, body } of cloud.pushed) {
      const request: WebhookRequest = { headers, query: {}, body, receivedMs: NOW_MS };
      polar.webhook!.verify(request, { ...secrets, subscriptionSecret: made.secret });
      expect(() => polar.webhook!.verify(request, secrets)).toThrow(WebhookRejected);
      expect(polar.webhook!.challenge!(request, secrets)).toBeNull();
      const { events, problems } = polar.webhook!.parse(parseJson(body));
      expect(problems).toEqual([]);
      for (const event of events as Extract<WebhookEvent, { kind: "pull" }>[]) {
        expect(event.account).toBe(call.account.vendorUserId);
        if (!("objectId" in event.request)) throw new Error("An event names an object.");
        const result = await readOne(world, call, event.request.resource, event.request.objectId);
        expect(result.problems).toEqual([]);
        expect(result.records.length, event.request.resource).toBeGreaterThan(0);
        found.push(...result.records);
      }
    }
    const walk = found.find((record): record is WorkoutRecord => record.record === "workout")!;
    expect(walk).toMatchObject({ sport: "walking", startMs: NOW_MS - 25 * MINUTE_MS });
    const cadences = (found as SampleRecord[]).filter(({ metric }) => metric === "cadence");
    // Steps of both feet.
    expect(cadences.every(({ value }) => value > 80 && value < 130)).toBe(true);
  });

  it("shows nothing from before the registration, and needs it", async () => {
    const { world, call } = await visit("ana", { unsyncedDays: "0" });
    for (const { name, pull } of polar.resources) {
      if (!pull || name === "physical-info" || name === "activities" || name === "continuous-heart-rate") continue;
      const { records } = await world.read(call, name, { fromMs: NOW_MS - 20 * DAY_MS, toMs: NOW_MS - ONE_NIGHT_MS });
      expect(records, name).toEqual([]);
    }
    const other = new World({ ...contract, startCloud: async (clock) => {
      const cloud = await startSimCloud("polar", "ana", clock);
      cloud.control.turn("polar", "mandatoryConsents", "missing");
      return cloud;
    } });
    open.push(() => other.stop());
    await other.start();
    await expect(other.connect()).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 403 });
  });

  it("ends the registration, and can be connected again [OA-22] [OA-23]", async () => {
    const { world, cloud, call } = await visit("ana");
    await polar.revoke!(call);
    expect(cloud.control.connections().filter(({ isLive }) => isLive)).toEqual([]);
    await expect(world.read(call, "sleep", contract.window)).rejects.toMatchObject({ code: "reauthorization_required" });
    await polar.revoke!(call);
    const again = await world.connect();
    expect((await world.read(again.call, "sleep", contract.window)).records.length).toBeGreaterThan(0);
  });
});
