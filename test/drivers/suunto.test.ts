import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "#clock.ts";
import { oauthOf } from "#driver/auth.ts";
import type { MapResult, SampleRecord, SleepRecord, VendorRecord, WorkoutRecord } from "#driver/records.ts";
import type { DriverCall, WebhookEvent, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { suunto } from "#drivers/suunto/index.ts";
import { createTestClient } from "#http/test-kit.ts";
import { revokeGrant } from "#oauth/revoke.ts";
import { Secret } from "#secret.ts";
import { createPeople } from "#sim/people/person.ts";
import { DAY_MS, localDate, MINUTE_MS } from "#units/time.ts";
import type { WebhookContract } from "./contract-webhook.ts";
import { parseJson, World, type Connection, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";

// After the days of the fixtures.
const NOW_MS = Date.UTC(2026, 5, 4, 12);
/** As `startSimCloud` names them. */
const NOTIFICATION_SECRET = "contract-notification_secret-5b1e";
const SETTINGS = { subscription_key: "contract-subscription_key-5b1e", notification_secret: NOTIFICATION_SECRET };
const PEOPLE = ["ana", "liam", "grace", "tomas", "aroha", "priya"];

type Json = Record<string, unknown>;

function fixture(name: string): unknown {
  const file = new URL(`../../src/drivers/suunto/fixtures/${name}.json`, import.meta.url);
  const { _source, payload, ...body } = JSON.parse(readFileSync(file, "utf8")) as Json;
  return payload ?? body;
}

const secrets: WebhookSecrets = { clientId: "1", clientSecrets: ["client-secret"], verifyToken: null, subscriptionId: null, settings: SETTINGS };

function signed(body: unknown, secret = NOTIFICATION_SECRET): WebhookRequest {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  return { headers: { "x-hmac-sha256-signature": createHmac("sha256", secret).update(bytes).digest("hex") }, query: {}, body: bytes, receivedMs: NOW_MS };
}

const webhook: WebhookContract = {
  secrets,
  genuine: [
    { name: "a workout", request: signed(fixture("event-workout")), kinds: ["data"] },
    { name: "a night", request: signed(fixture("event-sleep")), kinds: ["data"] },
    { name: "an activity of ten minutes", request: signed(fixture("event-activity")), kinds: ["data"] },
    { name: "a recovery", request: signed(fixture("event-recovery")), kinds: ["data"] },
    { name: "a workout that is only named", request: signed({ type: "WORKOUT_CREATED", username: "jkowalski", workoutKey: "65f1c0ffee0ddba11" }), kinds: ["pull"] },
    { name: "a route, of which nothing is read", request: signed({ type: "ROUTE_CREATED", username: "jkowalski", route: {} }), kinds: [] },
  ],
  proofHeader: "x-hmac-sha256-signature",
  coversBody: true,
  toleranceSeconds: null,
  // A secret of its own signs, not the client's.
  usesClientSecrets: false,
  forged: [
    { name: "a delivery signed with the client secret", request: signed(fixture("event-sleep"), "client-secret") },
    { name: "the digest in base64", request: { ...signed({}), headers: { "x-hmac-sha256-signature": createHmac("sha256", NOTIFICATION_SECRET).update("{}").digest("base64") } } },
  ],
};

function askedWindowMs({ searchParams }: URL): number | null {
  const [from, to] = ["from", "to"].map((name) => searchParams.get(name));
  if (from && to) return Number(to) - Number(from);
  const [start, end] = ["startdate", "enddate"].map((name) => searchParams.get(name));
  return start && end ? Date.parse(end) - Date.parse(start) : null;
}

/** The suite's many connections would spend the minute's calls. */
async function startCloud(clock: Clock, person = "ana", switches: Readonly<Record<string, string>> = {}): Promise<SimCloud> {
  const cloud = await startSimCloud("suunto", person, clock);
  for (const [name, position] of Object.entries({ callsPerMinute: "999999999", ...switches })) cloud.control.turn("suunto", name, position);
  return cloud;
}

const contract: DriverContract = {
  driver: suunto,
  startCloud: (clock) => startCloud(clock),
  nowMs: NOW_MS,
  settings: SETTINGS,
  // Watches are synced up to a day late, and today's total grows from call to call.
  window: { fromMs: NOW_MS - 100 * DAY_MS, toMs: NOW_MS - 3 * DAY_MS },
  // A night is found by its end and days are asked for whole, where the core does not say where the person lives in UTC.
  windowSlackMs: 2 * DAY_MS,
  askedWindowMs,
  vendorWindowLimitMs: 28 * DAY_MS,
  payloads: ["workouts", "workout", "sleep", "recovery", "activity", "daily-activity-statistics"].map((resource) => ({
    resource, payload: fixture(resource), ...(resource === "workout" ? { isSingleItem: true } : {}),
  })).concat([{ resource: "sleep", payload: fixture("sleep-recording") }, { resource: "workout", payload: run(), isSingleItem: true }]),
  webhook,
};

/** The workout of a notification, bare. */
function run(): unknown {
  return (fixture("event-workout") as Json)["workout"];
}

testDriver(contract);

describe("the suunto driver and the people of the simulated cloud", () => {
  const open: World[] = [];
  afterEach(async () => {
    for (const world of open.splice(0)) await world.stop();
  });

  async function visit(person: string, switches: Readonly<Record<string, string>> = {}, settings: Readonly<Record<string, string>> = {}): Promise<{ world: World; cloud: SimCloud; connection: Connection; call: DriverCall }> {
    const world = new World({ ...contract, settings: { ...SETTINGS, ...settings }, startCloud: (clock) => startCloud(clock, person, switches) });
    open.push(world);
    await world.start();
    const connection = await world.connect();
    const { zone } = createPeople(1).find(({ who }) => who.id === person)!.who;
    const call = { ...connection.call, account: { ...connection.call.account, zone } };
    return { world, cloud: world.cloud as SimCloud, connection, call };
  }

  const windowOf = (days: number) => ({ fromMs: NOW_MS - days * DAY_MS, toMs: NOW_MS });
  const month = windowOf(28);
  const samplesOf = (records: readonly VendorRecord[], metric: string): SampleRecord[] =>
    records.filter((record): record is SampleRecord => record.record === "sample" && record.metric === metric);
  const sleepsOf = (records: readonly VendorRecord[]): SleepRecord[] => records.filter((record) => record.record === "sleep");
  const workoutsOf = (records: readonly VendorRecord[]): WorkoutRecord[] => records.filter((record) => record.record === "workout");

  /** What the cloud has pushed, verified, parsed and mapped as the inbox does; by resource. */
  function takeIn({ pushed }: SimCloud, account: string, receivedMs = NOW_MS): Map<string, MapResult[]> {
    const found = new Map<string, MapResult[]>();
    for (const { headers, body } of pushed.splice(0)) {
      suunto.webhook!.verify({ headers, query: {}, body, receivedMs }, secrets);
      const { events, problems } = suunto.webhook!.parse(parseJson(body));
      expect(problems).toEqual([]);
      for (const event of events as WebhookEvent[]) {
        if (event.kind !== "data") throw new Error(`A ${event.kind} was not expected.`);
        expect(event.account).toBe(account);
        found.set(event.resource, [...(found.get(event.resource) ?? []), suunto.map(event.resource, event.payload, { receivedMs, zone: "Europe/Madrid" })]);
      }
    }
    return found;
  }

  it("reads everybody's data without a problem, and each declared metric from somebody [W2] [W3]", async () => {
    const polled = suunto.resources.filter(({ pull }) => pull !== undefined);
    const seen = new Map<string, Set<string>>(polled.map(({ name }) => [name, new Set()]));
    for (const person of PEOPLE) {
      const { world, call } = await visit(person);
      for (const { name } of polled) {
        const { records, problems } = await world.read(call, name, month);
        expect(problems, `${person} ${name}`).toEqual([]);
        expect(records.length, `${person} ${name}`).toBeGreaterThan(3);
        for (const record of records) seen.get(name)?.add(record.record === "sample" ? record.metric : record.record);
      }
    }
    for (const { name, metrics, records } of polled) expect(seen.get(name), name).toEqual(new Set([...metrics, ...records.filter((record) => record !== "sample")]));
  }, 60_000);

  it("gives the same in our units whatever units the watch has: hertz or beats, shares or percent [VA-13]", async () => {
    const read = async (switches: Readonly<Record<string, string>>): Promise<MapResult[]> => {
      const { world, call } = await visit("liam", switches);
      return Promise.all(["sleep", "activity"].map((name) => world.read(call, name, windowOf(5))));
    };
    const [plain, odd] = [await read({}), await read({ heartRate: "hertz", oxygen: "percent" })];
    // A rate in hertz keeps the fractions that one in beats has lost.
    const rounded = (results: MapResult[]) => results.map(({ records }) => records.map((record) => (record.record === "sample" ? { ...record, value: Math.round(record.value) } : record)));
    expect(rounded(odd)).toEqual(rounded(plain));
    const rates = samplesOf(plain[1]!.records, "heart_rate");
    expect(rates.length).toBeGreaterThan(500);
    expect(rates.every(({ value }) => value > 35 && value < 200)).toBe(true);
    for (const { value } of samplesOf(odd[1]!.records, "spo2")) expect(value).toBeGreaterThan(80);
  });

  it("tells the nights and outings that were lived", async () => {
    const person = createPeople(20_260_601).find(({ who }) => who.id === "liam")!;
    for (const sleepDuration of ["asleep", "in bed"]) {
      const { world, call } = await visit("liam", { sleepDuration });
      const sleeps = sleepsOf((await world.read(call, "sleep", month)).records).filter(({ isNap }) => !isNap);
      expect(sleeps.length).toBeGreaterThan(20);
      for (const { startMs, endMs, totals, score } of sleeps) {
        const night = person.night(localDate("Europe/London", endMs));
        expect([startMs, endMs]).toEqual([night.bedMs, night.endMs]);
        const { deep, light, rem, awake } = night.seconds;
        expect(totals).toMatchObject({ deepS: deep, lightS: light, remS: rem, awakeS: awake, asleepS: deep + light + rem });
        if (sleepDuration === "in bed") expect(totals.inBedS).toBe((endMs - startMs) / 1000);
        if (score !== undefined) expect(score).toBe(night.score);
      }
    }
    for (const hrdata of ["documented", "swapped"]) {
      const { world, call } = await visit("liam", { hrdata });
      const workouts = workoutsOf((await world.read(call, "workouts", windowOf(60))).records);
      const lived = person.workoutsBetween(NOW_MS - 60 * DAY_MS, NOW_MS - DAY_MS);
      expect(lived.length).toBeGreaterThan(10);
      for (const { startMs, elapsedSeconds, calories, maxHr, sport, cadence, averageWatts } of lived) {
        const same = workouts.find((workout) => workout.startMs === startMs)!;
        expect(same).toMatchObject({ endMs: startMs + elapsedSeconds * 1000, energyKcal: calories, maxHeartRate: maxHr, sport: sport === "run" ? "running" : "cycling" });
        expect(same.averageCadence).toBeCloseTo(cadence!, 0);
        expect(same.averagePowerW).toBe(averageWatts ?? undefined);
      }
    }
  });

  it("puts days where the person lives, whole, however they are dated and wherever the window cuts [VA-10]", async () => {
    for (const [person, offsetMinutes] of [["aroha", 720], ["tomas", -180], ["priya", 330]] as const) {
      const results: MapResult[] = [];
      for (const dayTimes of ["offset", "no offset", "UTC"]) {
        for (const partialDays of ["not at all", "cut"]) {
          const { world, call } = await visit(person, { dayTimes, partialDays });
          const page = await world.pages(call, "daily-activity-statistics", { fromMs: NOW_MS - 9.4 * DAY_MS, toMs: NOW_MS - 2.2 * DAY_MS });
          expect(page).toHaveLength(1);
          results.push(suunto.map("daily-activity-statistics", parseJson(page[0]!.body), { receivedMs: NOW_MS, zone: call.account.zone! }));
        }
      }
      for (const result of results) expect(result, person).toEqual(results[0]);
      const lived = createPeople(20_260_601).find(({ who }) => who.id === person)!;
      const steps = samplesOf(results[0]!.records, "steps");
      expect(steps.length).toBeGreaterThan(7);
      for (const { startMs, endMs, offsetMinutes: told, value, flags } of steps) {
        expect([(startMs + offsetMinutes * MINUTE_MS) % DAY_MS, endMs! - startMs, told, flags], person).toEqual([0, DAY_MS, offsetMinutes, ["day_total"]]);
        expect(value).toBe(lived.day(localDate(lived.who.zone, startMs)).steps.reduce((sum, count) => sum + count, 0));
      }
    }
  });

  it("finds the daily totals at either place, and fails with the setting that names the wrong one", async () => {
    for (const [dailyStatistics, daily_statistics, works] of [["247samples", "auto", true], ["247", "auto", true], ["247", "247", true], ["247", "247samples", false]] as const) {
      const { world, call } = await visit("ana", { dailyStatistics }, { daily_statistics });
      const read = world.read(call, "daily-activity-statistics", windowOf(5));
      if (works) expect((await read).records.length).toBeGreaterThan(8);
      else await expect(read).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 404 });
    }
  });

  it("loses no workout to shorter pages than it asks for", async () => {
    const read = async (workoutsPerPage: string): Promise<MapResult> => {
      const { world, call } = await visit("ana", { workoutsPerPage });
      return world.read(call, "workouts", windowOf(60));
    };
    const whole = await read("100");
    expect(whole.records.length).toBeGreaterThan(10);
    expect(await read("4")).toEqual(whole);
  });

  it("takes an error in a 200 for an outage, and a spent quota for a limit [VA-02] [VA-03]", async () => {
    const away = await visit("ana", { workoutList: "error in 200" });
    await expect(away.world.read(away.call, "workouts", month)).rejects.toMatchObject({ code: "provider_unavailable" });
    const spent = await visit("ana", { callsPerMinute: "0", overLimit: "403" });
    const error = await spent.world.read(spent.call, "sleep", month).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "provider_rate_limited" });
    expect((error as { retryAtMs: number }).retryAtMs - spent.world.clock.now()).toBeLessThanOrEqual(MINUTE_MS);
  });

  it("gives up no connection for a wrong or missing subscription key", async () => {
    for (const subscription_key of ["wrong", ""]) {
      const { world, connection } = await visit("ana", {}, { subscription_key });
      await expect(world.read(connection.call, "sleep", month)).rejects.toMatchObject({ code: "provider_misconfigured" });
    }
  });

  it("knows the person whether the token answer names them or only the token does", async () => {
    const [named, left] = [await visit("ana"), await visit("ana", { tokenAnswer: "leaves it to the token" })];
    const { account } = left.call;
    expect(account.vendorUserId).toBe(named.call.account.vendorUserId);
    expect(account.vendorUserId).toBe(named.cloud.control.people().find(({ id }) => id === "ana")!.facts["suunto"]!["userName"]);
  });

  it("takes in what is pushed: the same workout, night, activity and recovery that the lists have [W2]", async () => {
    const { world, cloud, call } = await visit("ana");
    const account = call.account.vendorUserId!;
    for (const what of ["WORKOUT_CREATED", "ROUTE_CREATED", "SUUNTO_247_SLEEP_CREATED", "SUUNTO_247_ACTIVITY_CREATED", "SUUNTO_247_RECOVERY_CREATED"]) {
      await cloud.control.push("suunto", "ana", what);
    }
    const found = takeIn(cloud, account);
    expect([...found.keys()].toSorted()).toEqual(["activity", "recovery", "sleep", "workout"]);
    for (const [resource, [result]] of found) {
      expect(result!.problems).toEqual([]);
      expect(result!.records.length, resource).toBeGreaterThan(0);
      const listed = await world.read(call, resource === "workout" ? "workouts" : resource, windowOf(8));
      expect(listed.records).toEqual(expect.arrayContaining([...result!.records]));
    }
    const [walk] = workoutsOf(found.get("workout")![0]!.records);
    expect(walk).toMatchObject({ sport: "walking", vendorSport: "0", startMs: NOW_MS - 25 * MINUTE_MS, endMs: NOW_MS });
  });

  it.each(["bare", "wrapped"])("reads a workout that was only named, %s, as the list has it, and notes one that is gone [VA-12]", async (oneWorkout) => {
    const { world, call } = await visit("ana", { oneWorkout });
    for (const listed of workoutsOf((await world.read(call, "workouts", month)).records)) {
      const { events: [event] } = suunto.webhook!.parse({ type: "WORKOUT_CREATED", username: call.account.vendorUserId, workoutKey: listed.vendorId });
      if (event?.kind !== "pull") throw new Error("The notification leads nowhere.");
      const found: VendorRecord[] = [];
      for await (const page of suunto.pull(call, event.request)) found.push(...world.map(page.resource, parseJson(page.body)).records);
      // Its end may be missing there: then it is as long as it moved.
      expect(found).toMatchObject([{ vendorId: listed.vendorId, startMs: listed.startMs, sport: listed.sport, activeS: listed.activeS }]);
    }
    const gone: VendorRecord[] = [];
    for await (const page of suunto.pull(call, { resource: "workout", objectId: "65f1c0ffee0ddba11" })) gone.push(...world.map(page.resource, parseJson(page.body)).records);
    expect(gone).toEqual([{ record: "withdrawal", of: "workout", vendorId: "65f1c0ffee0ddba11" }]);
  });

  it("hears by and by all that the lists have, late nights too", async () => {
    const { world, cloud, connection, call } = await visit("aroha");
    const seen = new Map<string, Set<string>>();
    for (let hour = 0; hour < 6 * 24; hour += 2) {
      await world.clock.sleep(120 * MINUTE_MS);
      await cloud.control.tick();
      for (const [resource, results] of takeIn(cloud, call.account.vendorUserId!, world.clock.now())) {
        const known = seen.get(resource) ?? new Set();
        seen.set(resource, known);
        for (const { records, problems } of results) {
          expect(problems).toEqual([]);
          for (const record of records) known.add(JSON.stringify(record));
        }
      }
    }
    await world.refresh(connection);
    const window = { fromMs: NOW_MS + DAY_MS / 4, toMs: world.clock.now() - DAY_MS / 4 };
    for (const resource of ["sleep", "activity", "recovery"]) {
      const pages = await world.pages(call, resource, window);
      const listed = pages.flatMap(({ body }) => suunto.map(resource, parseJson(body), { receivedMs: world.clock.now(), zone: "Europe/Madrid" }).records);
      expect(listed.length, resource).toBeGreaterThan(5);
      expect(listed.filter((record) => !seen.get(resource)!.has(JSON.stringify(record))), resource).toEqual([]);
    }
  });

  it("ends a grant by its token and our id, and hears no more of the person [OA-23]", async () => {
    const { world, cloud, connection } = await visit("ana");
    const parts = {
      http: createTestClient({ clock: world.clock }), scope: { provider: "suunto", connectionId: "contract" }, auth: oauthOf(suunto),
      endpoints: { token: world.proxy.baseUrl }, client: { id: cloud.clientId, secret: new Secret(cloud.clientSecret) }, token: connection.tokens.accessToken,
    };
    await revokeGrant(parts);
    await expect(world.read(connection.call, "sleep", month)).rejects.toMatchObject({ code: "reauthorization_required" });
    // Once more is no error: that it is gone is what was wanted.
    await expect(revokeGrant(parts)).resolves.toBeUndefined();
    await world.clock.sleep(2 * DAY_MS);
    await cloud.control.tick();
    expect(cloud.pushed).toEqual([]);
  });

  it("does not give up a connection for a 403, and finds out at the next refresh whether the grant is gone [OA-22]", async () => {
    const { world, cloud, connection } = await visit("ana", { deadToken: "403" });
    await cloud.withdrawConsent();
    await expect(world.read(connection.call, "sleep", month)).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 403 });
    expect(connection.refreshes).toBe(0);
    await expect(world.refresh(connection)).rejects.toMatchObject({ code: "reauthorization_required" });
  });
});
