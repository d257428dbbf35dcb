import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import Fastify from "fastify";
import type { AddressInfo } from "node:net";
import { request as browse } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "#clock.ts";
import { garmin } from "#drivers/garmin/index.ts";
import type { MapResult, SleepRecord, VendorRecord, WorkoutRecord } from "#driver/records.ts";
import type { DriverCall, WebhookEvent, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import type { ProviderRateLimited } from "#errors.ts";
import { createSim, type SimControl } from "#sim/sim.ts";
import { DAY_MS } from "#units/time.ts";
import type { ContractPayload } from "./contract-payloads.ts";
import type { WebhookContract } from "./contract-webhook.ts";
import { parseJson, World, type ContractCloud, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";

const NOW_MS = Date.UTC(2026, 5, 1, 12);
const CLIENT_ID = "islet-contract";
const CLIENT_SECRET = "contract-secret-5f21c0de77aa";
const REDIRECT_URI = "https://islet.example/oauth/garmin/callback";
const VERIFIER = "a-verifier-of-more-than-forty-three-characters-0123";
const CHALLENGE = createHash("sha256").update(VERIFIER).digest("base64url");
const PERMISSIONS = ["HEALTH_EXPORT", "ACTIVITY_EXPORT", "HISTORICAL_DATA_EXPORT"];

function fixture(name: string): Record<string, unknown> {
  const file = new URL(`../../src/drivers/garmin/fixtures/${name}.json`, import.meta.url);
  const { _source, ...body } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  return body;
}

// Records of one quarter hour are summed, so epochs hang together.
const payloads: ContractPayload[] = garmin.resources.map(({ name }) => ({
  resource: name, payload: fixture(name), hasIndependentItems: name !== "epochs",
}));

const secrets: WebhookSecrets = { clientId: CLIENT_ID, clientSecrets: [CLIENT_SECRET], verifyToken: null, subscriptionId: null, settings: {} };

function notification(body: unknown): WebhookRequest {
  const headers = { "garmin-client-id": CLIENT_ID, "user-agent": "Garmin Health API", "content-type": "application/json;charset=UTF-8" };
  return { headers, query: {}, body: new TextEncoder().encode(JSON.stringify(body)), receivedMs: NOW_MS };
}

const callbackURL = "https://apis.garmin.com/wellness-api/rest/epochs?uploadStartTimeInSeconds=1772409600&uploadEndTimeInSeconds=1772413200&token=XPT0000.AAA";

const webhook: WebhookContract = {
  secrets,
  genuine: [
    ...garmin.resources.filter(({ records }) => records.length > 0).map(({ name }) => ({
      name: `pushed ${name}`, request: notification(fixture(name)), kinds: ["data"],
    })),
    { name: "a body of several types", request: notification({ ...fixture("dailies"), ...fixture("sleeps") }), kinds: ["data", "data"] },
    { name: "a ping", request: notification({ epochs: [{ userId: "u", callbackURL }] }), kinds: ["pull"] },
    { name: "deregistrations", request: notification({ deregistrations: [{ userId: "u" }, { userId: "v" }] }), kinds: ["deauthorized", "deauthorized"] },
    {
      name: "a change of permissions", kinds: ["permissions"],
      request: notification({ userPermissionsChange: [{ userId: "u", summaryId: "x1-pc", permissions: ["ACTIVITY_EXPORT"], changeTimeInSeconds: 1_772_470_500 }] }),
    },
  ],
  proofHeader: "garmin-client-id",
  coversBody: false,
  toleranceSeconds: null,
  usesClientSecrets: false,
};

interface GarminCloud extends ContractCloud {
  readonly control: SimControl;
  /** What the cloud has pushed, oldest first. */
  readonly pushed: WebhookRequest[];
  /** Where callbacks lead to: the proxy, once it is there. */
  callbackOrigin: string;
}

/** Garmin's cloud with a person who ticks `permissions`. Unlike Garmin's page, all of them are ticked unless said. */
async function startCloud(clock: Clock, person = "ana", permissions: readonly string[] = PERMISSIONS): Promise<GarminCloud> {
  const client = { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, redirectUris: [REDIRECT_URI] };
  const server = Fastify();
  const pushed: WebhookRequest[] = [];
  const sim = createSim({
    get baseUrl() {
      return `${cloud.callbackOrigin}/sim`;
    },
    now: () => clock.now(),
    seed: 20_260_601,
    clients: { dexcom: client, garmin: client, strava: client },
    webhookUrls: { garmin: "https://islet.example/webhooks/garmin" },
    send: (_url, headers, body) => {
      pushed.push({ headers, query: {}, body: new TextEncoder().encode(body), receivedMs: clock.now() });
      return Promise.resolve(200);
    },
  });
  const cloud: GarminCloud = {
    baseUrl: "", clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, redirectUri: REDIRECT_URI, callbackOrigin: "", pushed, control: sim.control,
    consent: (authorizeUrl) => consentTo(authorizeUrl, person, permissions),
    withdrawConsent: () => sim.control.setFault("garmin", { kind: "token_revoked", person }),
    close: async () => {
      await sim.stop();
      server.server.closeAllConnections();
      await server.close();
    },
  };
  await server.register(sim.plugin, { prefix: "/sim" });
  await server.listen({ port: 0, host: "127.0.0.1" });
  cloud.callbackOrigin = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  return Object.assign(cloud, { baseUrl: `${cloud.callbackOrigin}/sim/garmin` });
}

async function consentTo(authorizeUrl: string, person: string, permissions: readonly string[]): Promise<string> {
  const form = new URLSearchParams({ person, decision: "allow" });
  for (const permission of permissions) form.append("permission", permission);
  const answer = await browse(authorizeUrl, {
    method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: form.toString(),
  });
  await answer.body.dump();
  return String(answer.headers.location);
}

const contract: DriverContract = {
  driver: garmin,
  startCloud: (clock) => startCloud(clock),
  nowMs: NOW_MS,
  window: { fromMs: NOW_MS - 65 * DAY_MS, toMs: NOW_MS },
  payloads,
  webhook,
};

testDriver(contract);

/** Takes in what was pushed, as the inbox does: verify, parse, follow pings, map. */
async function takeIn(cloud: GarminCloud, call: DriverCall): Promise<{ events: WebhookEvent[]; results: Map<string, MapResult[]> }> {
  const events: WebhookEvent[] = [];
  const results = new Map<string, MapResult[]>();
  const keep = (resource: string, payload: unknown, receivedMs: number): void => {
    const mapped = garmin.map(resource, payload, { receivedMs, zone: "Europe/Madrid" });
    results.set(resource, [...(results.get(resource) ?? []), mapped]);
  };
  for (const delivery of cloud.pushed.splice(0)) {
    garmin.webhook!.verify(delivery, secrets);
    const parsed = garmin.webhook!.parse(parseJson(delivery.body));
    expect(parsed.problems).toEqual([]);
    events.push(...parsed.events);
    for (const event of parsed.events) {
      expect(event.account).toBe(call.account.vendorUserId);
      if (event.kind === "data") keep(event.resource, event.payload, delivery.receivedMs);
      if (event.kind !== "pull") continue;
      for await (const page of garmin.pull(call, event.request)) keep(page.resource, parseJson(page.body), delivery.receivedMs);
    }
  }
  return { events, results };
}

describe("the garmin driver and the people of the simulated cloud", () => {
  const open: World[] = [];
  afterEach(async () => {
    for (const world of open.splice(0)) await world.stop();
  });

  async function visit(person: string, permissions = PERMISSIONS): Promise<{ world: World; cloud: GarminCloud; call: DriverCall }> {
    const world = new World({ ...contract, startCloud: (clock) => startCloud(clock, person, permissions) });
    open.push(world);
    await world.start();
    const cloud = world.cloud as GarminCloud;
    cloud.callbackOrigin = new URL(world.proxy.baseUrl).origin;
    return { world, cloud, call: (await world.connect()).call };
  }

  const backfilled = garmin.resources.filter(({ pull }) => pull !== undefined);

  async function backfill(world: World, cloud: GarminCloud, call: DriverCall, days: number): Promise<void> {
    for (const { name } of backfilled) {
      await world.pages(call, name, { fromMs: NOW_MS - days * DAY_MS, toMs: NOW_MS });
    }
    await world.clock.sleep(5_000);
    await cloud.control.tick();
  }

  it("reads everybody's back-fill of every summary type without a problem, and each declared metric from somebody [W2] [W3]", async () => {
    const { cloud } = await visit("ana");
    const seen = new Map<string, Set<string>>(backfilled.map(({ name }) => [name, new Set()]));
    for (const { id: person } of cloud.control.people()) {
      const one = await visit(person);
      await backfill(one.world, one.cloud, one.call, 14);
      const { results } = await takeIn(one.cloud, one.call);
      for (const [resource, mapped] of results) {
        for (const { records, problems } of mapped) {
          expect(problems, `${person} ${resource}`).toEqual([]);
          for (const record of records) seen.get(resource)?.add(kindOf(record));
        }
      }
    }
    for (const { name, metrics, records } of backfilled) {
      const expected = [...metrics, ...records.filter((record) => record !== "sample")];
      // Nobody there sits in a wheelchair.
      expect(seen.get(name), name).toEqual(new Set(expected.filter((kind) => kind !== "wheelchair_pushes")));
    }
  }, 60_000);

  it("gives one story: nights end after their sleep, an activity and its details are one workout", async () => {
    const { world, cloud, call } = await visit("liam");
    await backfill(world, cloud, call, 30);
    const { results } = await takeIn(cloud, call);
    const recordsOf = (resource: string): VendorRecord[] => (results.get(resource) ?? []).flatMap(({ records }) => records);
    const nights = recordsOf("sleeps").filter((record): record is SleepRecord => record.record === "sleep" && !record.isNap);
    expect(nights.length).toBeGreaterThan(25);
    for (const { startMs, endMs, totals, stages } of nights) {
      expect((endMs - startMs) / 1000).toBeGreaterThanOrEqual((totals.asleepS ?? 0) + (totals.awakeS ?? 0));
      expect(stages.at(-1)?.endMs).toBe(endMs);
    }
    const workouts = recordsOf("activities") as WorkoutRecord[];
    const details = recordsOf("activityDetails").filter((record): record is WorkoutRecord => record.record === "workout");
    expect(workouts.length).toBeGreaterThan(3);
    for (const workout of workouts) {
      expect(details.find(({ vendorId }) => vendorId === workout.vendorId)).toMatchObject({ ...workout });
    }
  });

  it("gives the same records by ping as by push", async () => {
    const { cloud, call } = await visit("ana");
    await cloud.control.push("garmin", "ana", "sleeps", { days: 5 });
    const pushed = await takeIn(cloud, call);
    cloud.control.setDelivery("sleeps", "ping");
    await cloud.control.push("garmin", "ana", "sleeps", { days: 5 });
    const pinged = await takeIn(cloud, call);
    expect(pinged.events.map(({ kind }) => kind)).toEqual(["pull"]);
    expect(pinged.results).toEqual(pushed.results);
    expect(pushed.results.get("sleeps")?.[0]?.records.length).toBeGreaterThan(4);
  });

  it("fetches a callback once: its address is spent afterwards", async () => {
    const { cloud, call } = await visit("ana");
    cloud.control.setDelivery("dailies", "ping");
    await cloud.control.push("garmin", "ana", "dailies");
    const again = [...cloud.pushed];
    await takeIn(cloud, call);
    cloud.pushed.push(...again);
    await expect(takeIn(cloud, call)).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 400 });
  });

  it("asks for the same past twice without harm, and ends at Garmin's horizon or at a type that is not enabled", async () => {
    const { world, cloud, call } = await visit("ana");
    const window = { fromMs: NOW_MS - 60 * DAY_MS, toMs: NOW_MS };
    await world.pages(call, "sleeps", window);
    await world.pages(call, "sleeps", window);
    await world.pages(call, "dailies", { fromMs: NOW_MS - 20 * 365 * DAY_MS, toMs: NOW_MS });
    const asked = cloud.control.received("garmin", 100).filter(({ path }) => path.endsWith("/dailies"));
    expect(asked.map(({ status }) => status).filter((status) => status !== 202)).toEqual([400]);
    cloud.control.setDelivery("hrv", "off");
    expect(await world.pages(call, "hrv", window)).toEqual([]);
  });

  it("ends quietly at a month's horizon, and keeps to 30 days where all types have no more", async () => {
    const { world, cloud, call } = await visit("ana");
    cloud.control.turn("garmin", "backfillWindow", "30 days");
    cloud.control.turn("garmin", "backfillHistory", "one month");
    await world.pages(call, "dailies", { fromMs: NOW_MS - 90 * DAY_MS, toMs: NOW_MS });
    await world.clock.sleep(5_000);
    await cloud.control.tick();
    const days = (await takeIn(cloud, call)).results.get("dailies")!.flatMap(({ records }) => records).filter((record) => record.record === "sample" && record.metric === "steps");
    // The last week comes unasked, too.
    const starts = new Set(days.map((day) => "startMs" in day && day.startMs));
    expect(starts.size).toBeGreaterThanOrEqual(29);
    expect(starts.size).toBeLessThanOrEqual(31);
    const statuses = cloud.control.received("garmin", 100).filter(({ path }) => path.endsWith("/backfill/dailies")).map(({ status }) => status);
    expect(statuses).toEqual(expect.arrayContaining([202, 400]));
  });

  it("waits out the budget of an evaluation key, and takes what was asked before for done [VA-02]", async () => {
    const { world, cloud, call } = await visit("ana");
    cloud.control.turn("garmin", "backfillDaysPerMinute", "100");
    const window = { fromMs: NOW_MS - 150 * DAY_MS, toMs: NOW_MS };
    const asked: string[] = [];
    for (const type of ["sleeps", "hrv"]) {
      for (let attempt = 1; attempt <= 5 && !asked.includes(type); attempt += 1) {
        try {
          await world.pages(call, type, window);
          asked.push(type);
        } catch (error) {
          expect(error).toMatchObject({ code: "provider_rate_limited" });
          world.clock.advance((error as ProviderRateLimited).retryAtMs - world.clock.now());
        }
      }
    }
    expect(asked).toEqual(["sleeps", "hrv"]);
    const statuses = new Set(cloud.control.received("garmin", 100).filter(({ path }) => path.includes("/backfill/")).map(({ status }) => status));
    expect(statuses).toEqual(new Set([202, 409, 429]));
    await world.clock.sleep(5_000);
    await cloud.control.tick();
    const nights = (await takeIn(cloud, call)).results.get("sleeps")!.flatMap(({ records }) => records).filter((record) => record.record === "sleep" && !record.isNap);
    expect(nights.length).toBeGreaterThan(140);
  });

  it("keeps two people of one body apart who share an activity's id [WH-25]", async () => {
    const { cloud } = await visit("ana");
    await sendTogether(cloud, ["ana", "liam"]);
    const { events, problems } = garmin.webhook!.parse(parseJson(cloud.pushed.at(-1)!.body));
    expect(problems).toEqual([]);
    expect(new Set(events.map(({ account }) => account)).size).toBe(2);
    const own = events.map((event) => {
      if (event.kind !== "data") throw new Error("no data");
      return garmin.map(event.resource, event.payload, { receivedMs: NOW_MS, zone: "Europe/Madrid" }).records.filter((record) => record.record === "workout");
    });
    const [anas, liams] = own as [WorkoutRecord[], WorkoutRecord[]];
    const shared = anas.filter(({ vendorId }) => liams.some((other) => other.vendorId === vendorId));
    expect(shared.length).toBeGreaterThan(0);
    for (const workout of shared) expect(liams.find(({ vendorId }) => vendorId === workout.vendorId)?.startMs).not.toBe(workout.startMs);
  });

  it("takes an activity that was named anew for the same one, cycles for nothing, and no files [W2]", async () => {
    const { cloud, call } = await visit("ana", [...PERMISSIONS, "MCT_EXPORT"]);
    for (const what of ["activities", "manuallyUpdatedActivities", "mct"]) await cloud.control.push("garmin", "ana", what, { days: 60 });
    const { results } = await takeIn(cloud, call);
    const workouts = (resource: string): WorkoutRecord[] => (results.get(resource) ?? []).flatMap(({ records }) => records as WorkoutRecord[]);
    expect(workouts("manuallyUpdatedActivities").length).toBeGreaterThan(0);
    for (const renamed of workouts("manuallyUpdatedActivities")) {
      const before = workouts("activities").find(({ vendorId }) => vendorId === renamed.vendorId)!;
      expect(renamed).toEqual({ ...before, title: `${before.title}, with a view` });
    }
    expect(results.get("mct")).toEqual([{ records: [], problems: [] }]);
    cloud.control.setDelivery("activityFiles", "ping");
    await cloud.control.push("garmin", "ana", "activityFiles");
    const { events, problems } = garmin.webhook!.parse(parseJson(cloud.pushed.at(-1)!.body));
    expect(events).toEqual([]);
    expect(problems.map(({ path }) => path)).toEqual(["/activityFiles"]);
  });

  it("does not take a list that lags behind the consent for permissions withdrawn", async () => {
    const { world, cloud, call } = await visit("ana");
    cloud.control.turn("garmin", "permissionsAfterSeconds", "3600");
    expect((await garmin.identify(call, {})).grantedScopes).toBeNull();
    world.clock.advance(3_600_000);
    expect((await garmin.identify(call, {})).grantedScopes).toEqual(PERMISSIONS);
  });

  it("counts a night as neither active nor sedentary, and no day as all of both [W3]", async () => {
    const { cloud, call } = await visit("ana");
    await cloud.control.push("garmin", "ana", "epochs", { days: 8 });
    const { results } = await takeIn(cloud, call);
    const samples = results.get("epochs")!.flatMap(({ records }) => records).filter((record) => record.record === "sample");
    const hoursADay = (metric: string): number => samples.filter((sample) => sample.metric === metric).reduce((sum, { value }) => sum + value, 0) / 3_600 / 8;
    expect(hoursADay("active_duration")).toBeGreaterThan(1);
    expect(hoursADay("active_duration")).toBeLessThan(8);
    expect(hoursADay("active_duration") + hoursADay("sedentary_duration")).toBeLessThan(18);
  });

  it("tells of permissions that are missing and that change [OA-14]", async () => {
    const { world, cloud, call } = await visit("grace", ["HEALTH_EXPORT"]);
    expect(call.account.grantedScopes).toEqual(["HEALTH_EXPORT"]);
    const window = { fromMs: NOW_MS - 3 * DAY_MS, toMs: NOW_MS };
    await expect(world.pages(call, "dailies", window)).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 403 });
    await expect(world.pages(call, "activities", window)).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 412 });
    await cloud.control.push("garmin", "grace", "userPermissionsChange", { permissions: PERMISSIONS });
    expect((await takeIn(cloud, call)).events).toEqual([{ kind: "permissions", account: call.account.vendorUserId, scopes: PERMISSIONS }]);
    expect(await world.pages(call, "activities", window)).toEqual([]);
  });

  it("hears of a deregistration, whichever side began it [W2] [OA-22] [OA-23]", async () => {
    const { world, cloud, call } = await visit("ana");
    await garmin.revoke!(call);
    await world.clock.sleep(5_000);
    await cloud.control.tick();
    expect((await takeIn(cloud, call)).events).toEqual([{ kind: "deauthorized", account: call.account.vendorUserId }]);
    await garmin.revoke!(call);
  });
});

/** One body with the activities of several people, who have connected besides. */
async function sendTogether(cloud: GarminCloud, people: readonly string[]): Promise<void> {
  for (const person of people) {
    const query = new URLSearchParams({ client_id: CLIENT_ID, redirect_uri: REDIRECT_URI, response_type: "code", state: "s", code_challenge: CHALLENGE, code_challenge_method: "S256" });
    const code = new URL(await consentTo(`${cloud.baseUrl}/oauth2Confirm?${query.toString()}`, person, PERMISSIONS)).searchParams.get("code") ?? "";
    const form = new URLSearchParams({ grant_type: "authorization_code", client_id: CLIENT_ID, client_secret: CLIENT_SECRET, code, code_verifier: VERIFIER, redirect_uri: REDIRECT_URI });
    const answer = await browse(`${cloud.baseUrl}/di-oauth2-service/oauth/token`, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: form.toString() });
    expect(answer.statusCode).toBe(200);
    await answer.body.dump();
  }
  cloud.control.turn("garmin", "bodies", "of everybody");
  await cloud.control.push("garmin", people[0]!, "activities", { days: 14 });
}

const kindOf = (record: VendorRecord): string => (record.record === "sample" ? record.metric : record.record);
