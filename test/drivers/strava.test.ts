import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { request as browse } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "#clock.ts";
import { strava } from "#drivers/strava/index.ts";
import type { MapResult, VendorRecord, WorkoutRecord } from "#driver/records.ts";
import type { DriverCall, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
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

/** The suite asks more in one standing quarter of an hour than Strava lets anybody; the limits have a test of their own. */
const LIMITS = ["callsPerQuarterHour", "callsPerDay", "readsPerQuarterHour", "readsPerDay"];

async function startCloud(clock: Clock, person = "ana"): Promise<SimCloud> {
  const cloud = await startSimCloud("strava", person, clock);
  for (const limit of LIMITS) cloud.control.turn("strava", limit, "100000");
  return cloud;
}

const contract: DriverContract = {
  driver: strava,
  // Who runs and rides.
  startCloud: (clock) => startCloud(clock, "liam"),
  nowMs: NOW_MS,
  window: { fromMs: NOW_MS - 12 * DAY_MS, toMs: NOW_MS },
  // An activity that begins within the window brings its samples to its end.
  windowSlackMs: 3 * HOUR_MS,
  askedWindowMs: (url) => {
    const [after, before] = ["after", "before"].map((name) => Number(url.searchParams.get(name)) * 1000);
    return after && before ? before - after : null;
  },
  payloads: [
    payloadOf("activities"),
    // Laps belong to their workout, streams to one another.
    payloadOf("activity", false),
    payloadOf("streams", false),
    payloadOf("zones", false),
    payloadOf("athlete"),
    { resource: "activity_gone", payload: { id: "1360128428" } },
  ],
  webhook,
};

testDriver(contract);

const workoutsOf = (records: readonly VendorRecord[]): WorkoutRecord[] => records.filter((record) => record.record === "workout");
const newestOf = (records: readonly VendorRecord[]): WorkoutRecord => workoutsOf(records).toSorted((a, b) => b.startMs - a.startMs)[0]!;

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

  async function visit(person: string, settings: Record<string, string> = {}): Promise<{ world: World; cloud: SimCloud; call: DriverCall }> {
    const world = new World({ ...contract, settings, startCloud: (clock) => startCloud(clock, person) });
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
      const workouts = workoutsOf(records);
      expect(workouts.length, person).toBeGreaterThan(3);
      for (const listed of workouts.slice(0, 6)) {
        const [detail, streams] = await readOne(world, call, "activity", listed.vendorId!);
        expect([...detail!.problems, ...(streams?.problems ?? [])], person).toEqual([]);
        const [whole] = workoutsOf(detail!.records) as [WorkoutRecord];
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
    const newest = newestOf(records).vendorId!;
    expect((await readOne(world, call, "activity", newest))[0]?.records).toMatchObject([{ record: "workout", vendorId: newest }]);
    await cloud.control.push("strava", "ana", "activity_delete");
    expect(await readOne(world, call, "activity", newest)).toEqual([
      { records: [{ record: "withdrawal", of: "workout", vendorId: newest }], problems: [] },
    ]);
  });

  it("gives what the person sees: steps of both feet, and the watch's own hour", async () => {
    const { world, call } = await visit("grace");
    const walks = workoutsOf((await world.read(call, "activities", { fromMs: NOW_MS - 60 * DAY_MS, toMs: NOW_MS })).records).filter(({ sport }) => sport === "walking");
    expect(walks.length).toBeGreaterThan(5);
    for (const { averageCadence } of walks) expect(averageCadence).toBeGreaterThan(95);
  });

  it("marks power as estimated exactly where no meter measured it", async () => {
    const { world, call } = await visit("liam");
    const { records } = await world.read(call, "activity", { fromMs: NOW_MS - 28 * DAY_MS, toMs: NOW_MS });
    const rides = workoutsOf(records).filter(({ averagePowerW }) => averagePowerW !== undefined);
    expect(new Set(rides.map(({ isPowerEstimated }) => isPowerEstimated))).toEqual(new Set([true, false]));
    for (const { startMs, endMs, isPowerEstimated } of rides) {
      const power = records.filter((record) => record.record === "sample").filter((sample) => sample.metric === "power" && sample.startMs >= startMs && sample.startMs <= endMs);
      expect(power.length).toBeGreaterThan(1_000);
      expect(new Set(power.map(({ flags }) => flags?.[0]))).toEqual(new Set([isPowerEstimated ? "estimated" : undefined]));
    }
  });

  it("finds streams later that were not there yet when the event came", async () => {
    const { world, cloud, call } = await visit("ana");
    cloud.control.turn("strava", "streamsAfterMinutes", "60");
    await cloud.control.push("strava", "ana", "activity_create");
    const { vendorId } = newestOf((await world.read(call, "activities", { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS })).records);
    expect(await readOne(world, call, "activity", vendorId!)).toHaveLength(1);
    world.clock.advance(61 * MINUTE_MS);
    const { records } = await world.read(call, "activity", { fromMs: NOW_MS - 2 * DAY_MS, toMs: NOW_MS });
    const walk = newestOf(records);
    expect(walk.vendorId).toBe(vendorId);
    expect(records.filter((record) => record.record === "sample" && record.metric === "heart_rate" && record.startMs >= walk.startMs).length).toBeGreaterThan(100);
  });

  it("fetches heart-rate zones where they are wanted, and where the athlete has them", async () => {
    const { world, cloud, call } = await visit("ana", { zones: "on" });
    const { vendorId } = newestOf((await world.read(call, "activities", { fromMs: NOW_MS - 20 * DAY_MS, toMs: NOW_MS })).records.filter((record) => record.record !== "workout" || !record.isManual));
    const [detail, zones] = await readOne(world, call, "activity", vendorId!);
    const [[whole], [zoned]] = [workoutsOf(detail!.records), workoutsOf(zones!.records)] as [WorkoutRecord[], WorkoutRecord[]];
    expect(zoned).toMatchObject({ vendorId, startMs: whole!.startMs, endMs: whole!.endMs, sport: whole!.sport });
    expect(zoned!.heartRateZonesS).toHaveLength(5);
    const seconds = zoned!.heartRateZonesS!.reduce((sum, time) => sum + time, 0);
    expect(Math.abs(seconds - (whole!.endMs - whole!.startMs) / 1000)).toBeLessThan(2);
    cloud.control.turn("strava", "subscribers", "none");
    expect((await readOne(world, call, "activity", vendorId!)).flatMap(({ records }) => workoutsOf(records)).every(({ heartRateZonesS }) => heartRateZonesS === undefined)).toBe(true);
  });

  it("keeps a hidden start as it is told", async () => {
    const { world, cloud, call } = await visit("ana");
    cloud.control.turn("strava", "hideStarts", "on");
    const { records, problems } = await world.read(call, "activities", { fromMs: NOW_MS - 20 * DAY_MS, toMs: NOW_MS });
    expect(problems).toEqual([]);
    for (const { startMs, offsetMinutes } of workoutsOf(records)) expect((startMs + offsetMinutes! * MINUTE_MS) % DAY_MS).toBe(1_000);
  });

  it("follows an activity that is renamed, hidden and shown again, whatever the person allows us to see [W2] [VA-12]", async () => {
    for (const scope of ["activity:read", "activity:read_all"]) {
      const { world, cloud, call } = await visitAs("ana", ["read", scope]);
      const told = async (what: string): Promise<[unknown, MapResult[]]> => {
        await cloud.control.push("strava", "ana", what);
        const delivery = cloud.pushed.at(-1)!;
        const body = parseJson(delivery.body) as Record<string, unknown>;
        const { events, problems } = strava.webhook!.parse(body);
        expect(problems).toEqual([]);
        const [event] = events;
        if (event?.kind !== "pull" || !("objectId" in event.request)) throw new Error("no hint");
        return [body["aspect_type"], await readOne(world, call, "activity", event.request.objectId)];
      };
      const [, created] = await told("activity_create");
      const { vendorId } = newestOf(created[0]!.records);
      const [, renamed] = await told("activity_update");
      expect(newestOf(renamed[0]!.records)).toMatchObject({ vendorId, title: expect.stringMatching(/renamed/) as string });
      const seesAll = scope === "activity:read_all";
      const [hiding, hidden] = await told("activity_private");
      expect(hiding).toBe(seesAll ? "update" : "delete");
      expect(hidden[0]!.records[0]).toMatchObject(seesAll ? { record: "workout", vendorId } : { record: "withdrawal", vendorId });
      const [showing, shown] = await told("activity_public");
      expect(showing).toBe(seesAll ? "update" : "create");
      expect(newestOf(shown[0]!.records)).toMatchObject({ vendorId });
    }
  });

  it.each(["old", "new"])("ends the authorization at the %s address, and hears of it [OA-23]", async (address) => {
    const { world, cloud, call } = await visitAs("ana", ["read", "activity:read_all"]);
    cloud.control.turn("strava", "deauthorize", address);
    await strava.revoke!(call, world.appCall());
    await expect(world.read(call, "activities", contract.window)).rejects.toMatchObject({ code: "reauthorization_required" });
    world.clock.advance(2_000);
    await cloud.control.tick();
    expect(strava.webhook!.parse(parseJson(cloud.pushed.at(-1)!.body)).events).toMatchObject([{ kind: "deauthorized", account: call.account.vendorUserId }]);
  });

  it("keeps the same tokens while they have an hour left, and the newest afterwards [OA-18]", async () => {
    const { world } = await visit("ana");
    const connection = await world.connect();
    const first = connection.tokens;
    await world.refresh(connection);
    expect(connection.tokens.accessToken.open()).toBe(first.accessToken.open());
    world.clock.advance(5.5 * HOUR_MS);
    await world.refresh(connection);
    expect(connection.tokens.accessToken.open()).not.toBe(first.accessToken.open());
    expect((await strava.identify(connection.call, {})).vendorUserId).toBe(connection.call.account.vendorUserId);
  });

  it("gives a spent quarter of an hour back to the caller until the next one [VA-02]", async () => {
    const { world, cloud, call } = await visit("ana");
    cloud.control.turn("strava", "readsPerQuarterHour", "0");
    const nowMs = world.clock.now();
    await expect(world.read(call, "activities", contract.window)).rejects.toMatchObject({ code: "provider_rate_limited", retryAtMs: nowMs + 15 * MINUTE_MS });
    cloud.control.turn("strava", "readsPerQuarterHour", "100");
  });

  /** With a subscription of ours, and with these boxes ticked. */
  async function visitAs(person: string, scopes: readonly string[]): Promise<{ world: World; cloud: SimCloud; call: DriverCall }> {
    const start = (clock: Clock): Promise<SimCloud> => startSimCloud("strava", person, clock, { challenge: echo }).then((cloud) => ({ ...cloud, consent: (url) => consentTo(url, person, scopes) }));
    const world = new World({ ...contract, startCloud: start });
    open.push(world);
    await world.start();
    const { call } = await world.connect();
    await strava.webhook!.subscribe!(world.appCall(), { callbackUrl: "https://islet.example/webhooks/strava", verifyToken: VERIFY_TOKEN });
    return { world, cloud: world.cloud as SimCloud, call };
  }
});

/** Our own door, which knows the verify token. */
const echo = (url: string): Promise<{ status: number; contentType: string; body: string }> => {
  const answer = strava.webhook!.handshake!({ headers: {}, query: Object.fromEntries(new URL(url).searchParams), body: new Uint8Array(), receivedMs: NOW_MS }, secrets);
  return Promise.resolve({ status: 200, ...answer });
};

async function consentTo(authorizeUrl: string, person: string, scopes: readonly string[]): Promise<string> {
  const form = new URLSearchParams({ person, decision: "allow" });
  for (const scope of scopes) form.append("permission", scope);
  const url = new URL(authorizeUrl);
  url.searchParams.set("scope", scopes.join(","));
  const answer = await browse(url, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: form.toString() });
  await answer.body.dump();
  return String(answer.headers.location);
}
