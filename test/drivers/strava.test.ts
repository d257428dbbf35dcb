import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { strava } from "#drivers/strava/index.ts";
import type { MapResult, WorkoutRecord } from "#driver/records.ts";
import type { DriverCall, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { DAY_MS } from "#units/time.ts";
import type { ContractPayload } from "./contract-payloads.ts";
import type { WebhookContract } from "./contract-webhook.ts";
import { parseJson, World, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";

const NOW_MS = Date.UTC(2026, 5, 1, 12);
const SECRET = "strava-secret";
const VERIFY_TOKEN = "our-verify-token";

function fixture(name: string): unknown {
  const file = new URL(`../../src/drivers/strava/fixtures/${name}.json`, import.meta.url);
  const { _source, payload, ...body } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  return payload ?? body;
}

const payloadOf = (resource: string, hasIndependentItems = true): ContractPayload => ({ resource, payload: fixture(resource), hasIndependentItems });

const secrets: WebhookSecrets = {
  clientId: "1", clientSecrets: [SECRET], verifyToken: VERIFY_TOKEN, subscriptionId: "120475", settings: { signature: "verify", streams: "on" },
};

/** An event as Strava posts it, signed. */
function signed(body: unknown): WebhookRequest {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const time = String(NOW_MS / 1000);
  const digest = createHmac("sha256", SECRET).update(`${time}.`).update(bytes).digest("hex");
  return { headers: { "x-strava-signature": `t=${time},v1=${digest}` }, query: {}, body: bytes, receivedMs: NOW_MS };
}

function unsigned(body: unknown): WebhookRequest {
  return { ...signed(body), headers: {} };
}

function challenge(verifyToken: string): WebhookRequest {
  return { ...unsigned(null), query: { "hub.mode": "subscribe", "hub.challenge": "15f7d1a9", "hub.verify_token": verifyToken } };
}

const event = fixture("event-create") as Record<string, unknown>;

const webhook: WebhookContract = {
  secrets,
  genuine: [
    { name: "a created activity", request: signed(event), kinds: ["pull"] },
    { name: "a renamed activity", request: signed(fixture("event-update")), kinds: ["pull"] },
    { name: "a deleted activity", request: signed({ ...event, aspect_type: "delete" }), kinds: ["pull"] },
    { name: "a deauthorization", request: signed(fixture("event-deauthorized")), kinds: ["deauthorized"] },
  ],
  proofHeader: "x-strava-signature",
  isProofOptional: true,
  coversBody: true,
  toleranceSeconds: 300,
  usesClientSecrets: true,
  forged: [
    { name: "an unsigned event of another subscription", request: unsigned({ ...event, subscription_id: 1 }) },
    { name: "an unsigned body that is no event", request: unsigned("canary-271828") },
    { name: "a signed event of another subscription", request: signed({ ...event, subscription_id: 1 }) },
  ],
  handshake: { request: challenge(VERIFY_TOKEN), answer: '{"hub.challenge":"15f7d1a9"}', wrong: challenge("guess") },
};

const contract: DriverContract = {
  driver: strava,
  startCloud: (clock) => startSimCloud("strava", "ana", clock),
  nowMs: NOW_MS,
  window: { fromMs: NOW_MS - 120 * DAY_MS, toMs: NOW_MS },
  askedWindowMs: (url) => {
    const [after, before] = ["after", "before"].map((name) => Number(url.searchParams.get(name)) * 1000);
    return after && before ? before - after : null;
  },
  payloads: [
    payloadOf("activities"),
    // Laps belong to their workout, streams to one another.
    payloadOf("activity", false),
    payloadOf("streams", false),
    payloadOf("athlete"),
    { resource: "activity_gone", payload: { id: "1360128428" } },
  ],
  webhook,
};

testDriver(contract);

async function readOne(world: World, call: DriverCall, resource: string, objectId: string): Promise<MapResult[]> {
  const results: MapResult[] = [];
  for await (const page of strava.pull(call, { resource, objectId })) results.push(world.map(page.resource, parseJson(page.body)));
  return results;
}

describe("the strava driver and the people of the simulated cloud", () => {
  const open: World[] = [];
  afterEach(async () => {
    for (const world of open.splice(0)) await world.stop();
  });

  async function visit(person: string): Promise<{ world: World; cloud: SimCloud; call: DriverCall }> {
    const world = new World({ ...contract, startCloud: (clock) => startSimCloud("strava", person, clock) });
    open.push(world);
    await world.start();
    return { world, cloud: world.cloud as SimCloud, call: (await world.connect()).call };
  }

  it("reads everybody's activities, each with its detail and streams, without a problem [W2]", async () => {
    const { cloud } = await visit("ana");
    const metrics = new Set<string>();
    for (const { id: person } of cloud.control.people()) {
      const { world, call } = await visit(person);
      const { records, problems } = await world.read(call, "activities", { fromMs: NOW_MS - 60 * DAY_MS, toMs: NOW_MS });
      expect(problems, person).toEqual([]);
      const workouts = records as WorkoutRecord[];
      expect(workouts.length, person).toBeGreaterThan(3);
      for (const listed of workouts.slice(0, 6)) {
        const [detail, streams] = await readOne(world, call, "activity", listed.vendorId!);
        expect([...detail!.problems, ...(streams?.problems ?? [])], person).toEqual([]);
        const whole = detail!.records[0] as WorkoutRecord;
        // The detail adds to the list and contradicts nothing of it.
        expect({ ...whole, energyKcal: listed.energyKcal }).toMatchObject({ ...listed });
        expect(whole.energyKcal, person).toBeGreaterThan(0);
        for (const sample of streams?.records ?? []) {
          if (sample.record !== "sample") continue;
          metrics.add(sample.metric);
          expect(sample.startMs >= whole.startMs && sample.startMs <= whole.endMs, person).toBe(true);
        }
      }
    }
    expect(metrics).toEqual(new Set(["heart_rate", "power", "speed", "cadence", "altitude"]));
  });

  it("withdraws an activity that its owner deleted, whatever the event claims [W2] [VA-12]", async () => {
    const { world, cloud, call } = await visit("ana");
    const { records } = await world.read(call, "activities", { fromMs: NOW_MS - 60 * DAY_MS, toMs: NOW_MS });
    const newest = (records as WorkoutRecord[]).toSorted((a, b) => b.startMs - a.startMs)[0]!.vendorId!;
    expect((await readOne(world, call, "activity", newest))[0]?.records).toMatchObject([{ record: "workout", vendorId: newest }]);
    await cloud.control.push("strava", "ana", "activity_delete");
    expect(await readOne(world, call, "activity", newest)).toEqual([
      { records: [{ record: "withdrawal", of: "workout", vendorId: newest }], problems: [] },
    ]);
  });
});
