import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "#clock.ts";
import { oauthOf } from "#driver/auth.ts";
import { fitbit } from "#drivers/fitbit/index.ts";
import { google } from "#drivers/google/index.ts";
import type { MapResult, SleepRecord, VendorRecord, WorkoutRecord } from "#driver/records.ts";
import type { Driver, DriverCall, WebhookEvent, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { WebhookRejected } from "#errors.ts";
import { createTestClient } from "#http/test-kit.ts";
import { revokeGrant } from "#oauth/revoke.ts";
import { Secret } from "#secret.ts";
import type { ChallengeAnswer } from "#sim/sim.ts";
import { DAY_MS, type Window } from "#units/time.ts";
import type { WebhookContract } from "./contract-webhook.ts";
import { parseJson, World, type Connection, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";

// Before the end, and after the days of the fixtures.
const NOW_MS = Date.UTC(2026, 9, 30, 12);
const SECRET = "fitbit-secret-7a1c";
/** As `startSimCloud` names it. */
const CODE = "contract-verification_code-5b1e";

const fixtures = new URL("../../src/drivers/fitbit/fixtures/", import.meta.url);
const fixture = (file: string): Record<string, unknown> => JSON.parse(readFileSync(new URL(file, fixtures), "utf8")) as Record<string, unknown>;
/** Fitbit's answers by resource. */
const answers = Object.assign({}, ...readdirSync(fixtures).map((file) => fixture(file)["answers"] ?? {})) as Record<string, unknown>;
const withRecords = fitbit.resources.filter(({ records }) => records.length > 0);
/** One answer about one day. */
const OF_A_DAY = ["activities/date", "activities/heart/intraday", "activities/steps/intraday"];

const secrets: WebhookSecrets = {
  clientId: "1", clientSecrets: [SECRET], verifyToken: null, subscriptionId: null, settings: { verification_code: CODE },
};

function signed(body: unknown): WebhookRequest {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  return { headers: { "x-fitbit-signature": createHmac("sha1", `${SECRET}&`).update(bytes).digest("base64") }, query: {}, body: bytes, receivedMs: NOW_MS };
}

const notice = { collectionType: "body", date: "2026-01-15", ownerId: "ABC123", ownerType: "user", subscriptionId: "1" };
const verification = (code: string): WebhookRequest => ({ headers: {}, query: { verify: code }, body: new Uint8Array(), receivedMs: NOW_MS });

const webhook: WebhookContract = {
  secrets,
  genuine: [
    { name: "new body logs", request: signed([notice]), kinds: ["pull", "pull"] },
    { name: "a withdrawal", request: signed([{ ...notice, collectionType: "userRevokedAccess" }]), kinds: ["deauthorized"] },
    { name: "food, of which nothing is read", request: signed([{ ...notice, collectionType: "foods" }]), kinds: [] },
    { name: "two people in one body", request: signed([notice, { ...notice, ownerId: "DEF456" }]), kinds: ["pull", "pull", "pull", "pull"] },
  ],
  proofHeader: "x-fitbit-signature",
  coversBody: true,
  toleranceSeconds: null,
  usesClientSecrets: true,
  handshake: { request: verification(CODE), answer: "", wrong: verification("guess") },
};

/** Longest range in days of each stem, both ends included. */
const LONGEST: readonly (readonly [stem: RegExp, days: number])[] = [
  [/\/activities\/(date|[a-z]+\/date\/[\d-]+\/1d)\//, 1], [/\/activities\/heart\//, 366], [/\/activities\//, 1095], [/\/sleep\//, 100], [/\/body\/log\//, 31], [/./, 30],
];

/** The asked range as a share of what Fitbit allows, in days; one day is all of it. */
function askedShareMs(url: URL): number | null {
  const [, first, last = first] = /\/date\/(\d{4}-\d{2}-\d{2})(?:\/(\d{4}-\d{2}-\d{2}))?/.exec(url.pathname) ?? [];
  const longest = LONGEST.find(([stem]) => stem.test(url.pathname))?.[1];
  if (first === undefined || last === undefined || longest === undefined) return null;
  return (((Date.parse(last) - Date.parse(first)) / DAY_MS + 1) / longest) * DAY_MS;
}

/** Fitbit's cloud with a subscriber address behind which there is nothing but the driver; its limit does not count the suite's many connections. */
async function startCloud(person: string, clock: Clock, driver: Driver = fitbit): Promise<SimCloud> {
  const cloud = await startSimCloud(driver.id, person, clock, { challenge: (url) => Promise.resolve(answerOf(url)) });
  if (driver === fitbit) cloud.control.turn("fitbit", "callsPerHour", "999999");
  return cloud;
}

function answerOf(url: string): ChallengeAnswer {
  try {
    const answer = fitbit.webhook!.handshake!(verification(new URL(url).searchParams.get("verify") ?? ""), secrets);
    return { status: answer.status ?? 200, contentType: answer.contentType, body: answer.body };
  } catch (error) {
    if (!(error instanceof WebhookRejected)) throw error;
    return { status: fitbit.webhook!.refuseWith ?? 401, contentType: "", body: "" };
  }
}

const contract: DriverContract = {
  driver: fitbit,
  startCloud: (clock) => startCloud("ana", clock),
  nowMs: NOW_MS,
  // The day under way grows from call to call.
  window: { fromMs: NOW_MS - 65 * DAY_MS, toMs: NOW_MS - 2 * DAY_MS },
  // Fitbit is asked by dates of every zone, and for activities without an end.
  windowSlackMs: 3 * DAY_MS,
  askedWindowMs: askedShareMs,
  vendorWindowLimitMs: DAY_MS,
  payloads: withRecords.map(({ name }) => ({ resource: name, payload: answers[name], ...(OF_A_DAY.includes(name) ? { isSingleItem: true } : {}) })),
  webhook,
};

testDriver(contract);

interface Visit {
  readonly world: World;
  readonly cloud: SimCloud;
  readonly call: DriverCall;
  readonly connection: Connection;
  readonly zone: string;
}

describe("the fitbit driver and the people of the simulated cloud", () => {
  const open: World[] = [];
  afterEach(async () => {
    for (const world of open.splice(0)) await world.stop();
  });

  async function visit(person: string, driver: Driver = fitbit): Promise<Visit> {
    const world = new World({ ...contract, driver, startCloud: (clock) => startCloud(person, clock, driver) });
    open.push(world);
    await world.start();
    const connection = await world.connect();
    const { zone = "UTC" } = await driver.identify(connection.call, connection.answer);
    return { world, cloud: world.cloud as SimCloud, call: connection.call, connection, zone };
  }

  /** As sync does it: pulled and mapped in the account's zone. */
  async function read({ world, call, zone }: Visit, resource: string, window: Window, driver: Driver = fitbit): Promise<MapResult> {
    const results: MapResult[] = [];
    for (const page of await world.pages({ ...call, account: { ...call.account, zone } }, resource, window)) {
      results.push(driver.map(page.resource, parseJson(page.body), { receivedMs: NOW_MS, zone }));
    }
    return { records: results.flatMap(({ records }) => records), problems: results.flatMap(({ problems }) => problems) };
  }

  /** What the cloud has pushed, verified and parsed as the inbox does. */
  function heard({ pushed, clientSecret }: SimCloud): WebhookEvent[] {
    return pushed.splice(0).flatMap(({ headers, body }) => {
      fitbit.webhook!.verify({ headers, query: {}, body, receivedMs: NOW_MS }, { ...secrets, clientSecrets: [clientSecret] });
      const { events, problems } = fitbit.webhook!.parse(parseJson(body));
      expect(problems).toEqual([]);
      return events;
    });
  }

  async function follow({ call, zone }: Visit, event: WebhookEvent): Promise<VendorRecord[]> {
    if (event.kind !== "pull") throw new Error(`A ${event.kind} is nothing to follow.`);
    expect(event.account).toBe(call.account.vendorUserId);
    const found: VendorRecord[] = [];
    for await (const page of fitbit.pull(call, event.request)) {
      const { records, problems } = fitbit.map(page.resource, parseJson(page.body), { receivedMs: NOW_MS, zone });
      expect(problems).toEqual([]);
      found.push(...records);
    }
    return found;
  }

  const subscribe = (call: DriverCall): Promise<void> => fitbit.webhook!.subscribeConnection!(call, { callbackUrl: "https://islet.example/webhooks/fitbit", verifyToken: "" });
  const resourceOf = (event: WebhookEvent): string => (event.kind === "pull" ? event.request.resource : event.kind);

  it("reads everybody's data of every resource without a problem, and each declared metric from somebody [W2] [W3]", async () => {
    const { cloud } = await visit("ana");
    const seen = new Map<string, Set<string>>();
    const polled = withRecords.filter(({ pull }) => pull !== undefined);
    for (const { id: person } of cloud.control.people()) {
      const one = await visit(person);
      for (const { name } of polled) {
        const days = OF_A_DAY.includes(name) ? 7 : 60;
        const { records, problems } = await read(one, name, { fromMs: NOW_MS - days * DAY_MS, toMs: NOW_MS });
        expect(problems, `${person} ${name}`).toEqual([]);
        const kinds = seen.get(name) ?? new Set();
        seen.set(name, kinds);
        for (const record of records) kinds.add(kindOf(record));
      }
    }
    for (const { name, metrics, records } of polled) {
      expect(seen.get(name), name).toEqual(new Set([...metrics, ...records.filter((record) => record !== "sample")]));
    }
  }, 60_000);

  it.each(["aroha", "liam", "priya"])("tells of the nights and workouts that Google tells of, across the change of clocks (%s)", async (person) => {
    const window = { fromMs: Date.UTC(2026, 8, 20), toMs: NOW_MS - DAY_MS };
    const [old, successor] = [await visit(person), await visit(person, google)];
    const nightsOf = ({ records }: MapResult): number[][] =>
      records.filter((record): record is SleepRecord => record.record === "sleep").map(({ startMs, endMs }) => [startMs, endMs]).filter(([startMs = 0]) => startMs >= window.fromMs && startMs < window.toMs)
        .toSorted(([one = 0], [other = 0]) => one - other);
    const nights = nightsOf(await read(old, "sleep", window));
    expect(nights.length).toBeGreaterThan(35);
    expect(nights).toEqual(nightsOf(await read(successor, "sleep", window, google)));
    const startsOf = ({ records }: MapResult): number[] =>
      (records as WorkoutRecord[]).map(({ startMs }) => startMs).filter((startMs) => startMs >= window.fromMs && startMs < window.toMs).toSorted((one, other) => one - other);
    const starts = startsOf(await read(old, "activities/list", window));
    expect(starts.length).toBeGreaterThan(4);
    expect(starts).toEqual(startsOf(await read(successor, "exercise", window, google)));
    expect(await google.identify(successor.connection.call, successor.connection.answer)).toMatchObject({ formerly: { provider: "fitbit", vendorUserId: old.call.account.vendorUserId } });
  });

  it("reads oxygen and fitness in the shapes of the service and of its description", async () => {
    const one = await visit("grace");
    const window = { fromMs: NOW_MS - 20 * DAY_MS, toMs: NOW_MS };
    const live = [await read(one, "spo2", window), await read(one, "spo2/all", window), await read(one, "cardioscore", window)];
    one.cloud.control.turn("fitbit", "shapes", "documented");
    expect([await read(one, "spo2", window), await read(one, "spo2/all", window), await read(one, "cardioscore", window)]).toEqual(live);
    for (const { records } of live) expect(records.length).toBeGreaterThan(15);
  });

  it("subscribes for each collection, again without harm, and follows what it is told [W2]", async () => {
    const one = await visit("ana");
    const { cloud, call } = one;
    await subscribe(call);
    await subscribe(call);
    await cloud.control.push("fitbit", "ana", "activities");
    const events = heard(cloud);
    expect(events.map(resourceOf)).toEqual(["activities/date", "activities/heart/intraday", "activities/steps/intraday", "activities/list"]);
    const workouts = (await follow(one, events.at(-1)!)).filter((record): record is WorkoutRecord => record.record === "workout");
    const walk = workouts.toSorted((first, second) => second.startMs - first.startMs)[0]!;
    expect(walk).toMatchObject({ sport: "walking" });
    expect(NOW_MS - walk.endMs).toBeLessThan(60_000);
    await cloud.control.push("fitbit", "ana", "sleep", { days: 2 });
    for (const event of heard(cloud)) {
      const records = await follow(one, event);
      // Ana's tracker has no sensor on the skin.
      if (resourceOf(event) !== "temp/skin") expect(records.length, resourceOf(event)).toBeGreaterThan(0);
    }
  });

  it("ends its subscriptions and then the grant; nothing is told or read afterwards [OA-23]", async () => {
    const { world, cloud, call, connection } = await visit("ana");
    await subscribe(call);
    await fitbit.webhook!.unsubscribeConnection!(call);
    await fitbit.webhook!.unsubscribeConnection!(call);
    await cloud.control.push("fitbit", "ana", "sleep");
    expect(cloud.pushed).toEqual([]);
    await revokeGrant({
      http: createTestClient(), scope: { provider: "fitbit" }, auth: oauthOf(fitbit), endpoints: fitbit.endpoints({ base_url: cloud.baseUrl }),
      client: { id: cloud.clientId, secret: new Secret(cloud.clientSecret) }, token: connection.tokens.refreshToken!,
    });
    await expect(world.read(call, "sleep", contract.window)).rejects.toMatchObject({ code: "reauthorization_required" });
  });

  it("hears of a withdrawal at Fitbit [W2] [OA-22]", async () => {
    const { world, cloud, call } = await visit("ana");
    await subscribe(call);
    await cloud.control.push("fitbit", "ana", "userRevokedAccess");
    expect(heard(cloud)).toEqual([{ kind: "deauthorized", account: call.account.vendorUserId }]);
    await expect(world.read(call, "sleep", contract.window)).rejects.toMatchObject({ code: "reauthorization_required" });
  });

  it.each(["seconds", "unix time"])("stops when the hour's calls are used up, and says when there are new ones (%s)", async (resetHeader) => {
    const { world, cloud, call } = await visit("ana");
    cloud.control.turn("fitbit", "callsPerHour", "5");
    cloud.control.turn("fitbit", "resetHeader", resetHeader);
    const pages = world.pages(call, "activities/date", { fromMs: NOW_MS - 7 * DAY_MS, toMs: NOW_MS });
    await expect(pages).rejects.toMatchObject({ code: "provider_rate_limited", retryAtMs: NOW_MS + 3_600_000 });
  });

  it("reports a closed API as a refusal, without asking twice", async () => {
    const { world, cloud, call } = await visit("ana");
    cloud.control.turn("fitbit", "state", "ended");
    world.proxy.seen.length = 0;
    await expect(world.read(call, "sleep", contract.window)).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 410 });
    expect(world.proxy.seen).toHaveLength(1);
  });
});

const kindOf = (record: VendorRecord): string => (record.record === "sample" ? record.metric : record.record);
