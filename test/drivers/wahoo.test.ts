import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "#clock.ts";
import type { MapResult, VendorRecord, WorkoutRecord } from "#driver/records.ts";
import type { DriverCall, WebhookEvent, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { wahoo } from "#drivers/wahoo/index.ts";
import { createPeople } from "#sim/people/person.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { WebhookContract } from "./contract-webhook.ts";
import { parseJson, World, type Connection, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";

// After the days of the fixtures.
const NOW_MS = Date.UTC(2026, 5, 4, 12);
/** As `startSimCloud` names it. */
const WEBHOOK_TOKEN = "contract-webhook_token-5b1e";
const SETTINGS = { webhook_token: WEBHOOK_TOKEN };
const PEOPLE = ["ana", "liam", "grace", "tomas", "aroha", "priya"];

type Json = Record<string, unknown>;

function fixture(name: string): Json {
  const file = new URL(`../../src/drivers/wahoo/fixtures/${name}.json`, import.meta.url);
  const { _source, ...body } = JSON.parse(readFileSync(file, "utf8")) as Json;
  return body;
}

const secrets: WebhookSecrets = { clientId: "1", clientSecrets: ["client-secret"], verifyToken: null, subscriptionId: null, settings: SETTINGS };

const event = { ...fixture("event"), webhook_token: WEBHOOK_TOKEN };
function sent(body: unknown, headers: WebhookRequest["headers"] = {}): WebhookRequest {
  return { headers, query: {}, body: new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body)), receivedMs: NOW_MS };
}

const webhook: WebhookContract = {
  secrets,
  genuine: [{ name: "a finished workout", request: sent(event), kinds: ["data"] }],
  // The token stands in the body; nothing is signed.
  proofHeader: null,
  coversBody: false,
  toleranceSeconds: null,
  usesClientSecrets: false,
  forged: [
    { name: "another token [WH-01]", request: sent({ ...event, webhook_token: "contract-webhook_token-5b1f" }) },
    { name: "a token cut short [WH-03]", request: sent({ ...event, webhook_token: WEBHOOK_TOKEN.slice(0, -1) }) },
    { name: "a token that is none [WH-03]", request: sent({ ...event, webhook_token: [WEBHOOK_TOKEN] }) },
    { name: "no token", request: sent({ ...event, webhook_token: undefined }) },
    { name: "the token elsewhere than in the body", request: sent({ ...event, webhook_token: undefined }, { webhook_token: WEBHOOK_TOKEN, authorization: WEBHOOK_TOKEN }) },
    { name: "the client secret for a token", request: sent({ ...event, webhook_token: "client-secret" }) },
    { name: "what is no JSON [WH-13]", request: sent(`{"webhook_token":"${WEBHOOK_TOKEN}"`) },
  ],
};

/** The suite's many connections would spend calls and tokens of a sandbox: only some tests are about them. */
const AMPLE = { callsPerDay: "999999999", callsPerHour: "999999999", callsPerFiveMinutes: "999999999", tokensPerPerson: "999999" };

async function startCloud(clock: Clock, person = "ana", switches: Readonly<Record<string, string>> = {}): Promise<SimCloud> {
  const cloud = await startSimCloud("wahoo", person, clock);
  for (const [name, position] of Object.entries({ ...AMPLE, ...switches })) cloud.control.turn("wahoo", name, position);
  return cloud;
}

const contract: DriverContract = {
  driver: wahoo,
  startCloud: (clock) => startCloud(clock),
  nowMs: NOW_MS,
  settings: SETTINGS,
  // Several pages of the list.
  window: { fromMs: NOW_MS - 480 * DAY_MS, toMs: NOW_MS - DAY_MS },
  payloads: [
    { resource: "workouts", payload: fixture("workouts") },
    { resource: "workout", payload: fixture("workout"), isSingleItem: true },
    { resource: "workout_summary", payload: fixture("workout_summary"), isSingleItem: true },
  ],
  webhook,
};

testDriver(contract);

describe("the wahoo driver and the people of the simulated cloud", () => {
  const open: World[] = [];
  afterEach(async () => {
    for (const world of open.splice(0)) await world.stop();
  });

  async function visit(person: string, switches: Readonly<Record<string, string>> = {}): Promise<{ world: World; cloud: SimCloud; connection: Connection; call: DriverCall }> {
    const world = new World({ ...contract, startCloud: (clock) => startCloud(clock, person, switches) });
    open.push(world);
    await world.start();
    const connection = await world.connect();
    return { world, cloud: world.cloud as SimCloud, connection, call: connection.call };
  }

  const windowOf = (days: number) => ({ fromMs: NOW_MS - days * DAY_MS, toMs: NOW_MS });
  const workoutsOf = (records: readonly VendorRecord[]): WorkoutRecord[] => records.filter((record) => record.record === "workout");
  const apiCalls = (world: World): number => world.proxy.seen.filter(({ isToken }) => !isToken).length;

  /** What the cloud has pushed, verified, parsed and mapped as the inbox does. */
  function takeIn({ pushed }: SimCloud, account: string | null, receivedMs = NOW_MS): MapResult[] {
    return pushed.splice(0).flatMap(({ headers, body }) => {
      wahoo.webhook!.verify({ headers, query: {}, body, receivedMs }, secrets);
      const { events, problems } = wahoo.webhook!.parse(parseJson(body));
      expect(problems).toEqual([]);
      return events.map((told: WebhookEvent) => {
        if (told.kind !== "data") throw new Error(`A ${told.kind} was not expected.`);
        expect(told.account).toBe(account);
        return wahoo.map(told.resource, told.payload, { receivedMs, zone: "Europe/Madrid" });
      });
    });
  }

  it("reads everybody's workouts without a problem: what was done, and neither plans nor other makers' [W2] [W3]", async () => {
    const sports = new Set<string>();
    for (const id of PEOPLE) {
      const { world, call } = await visit(id);
      const person = createPeople(20_260_601).find(({ who }) => who.id === id)!;
      const { records, problems } = await world.read(call, "workouts", windowOf(90));
      // What another maker recorded is left out, and that is told.
      expect(problems.filter(({ path }) => !path.endsWith("/fitness_app_id")), id).toEqual([]);
      const workouts = workoutsOf(records);
      const lived = person.workoutsBetween(NOW_MS - 90 * DAY_MS, NOW_MS - HOUR_MS);
      expect(workouts.length, id).toBeGreaterThan(5);
      for (const workout of workouts) {
        const { startMs, elapsedSeconds, movingSeconds, calories, distanceMeters, averageWatts, cadence, averageHr } = lived.find(({ number }) => String(number) === workout.vendorId)!;
        expect(workout).toMatchObject({ startMs, endMs: startMs + elapsedSeconds * 1000, activeS: movingSeconds, energyKcal: calories, offsetMinutes: offsetMinutesAt(person.who.zone, startMs) });
        if (distanceMeters > 0) expect(workout.distanceM).toBeCloseTo(distanceMeters, 1);
        else expect(workout).not.toHaveProperty("distanceM");
        expect(workout.averagePowerW).toBe(averageWatts ?? undefined);
        // A sensor that was not there has no zero.
        if (workout.averageHeartRate !== undefined) expect(workout.averageHeartRate).toBeCloseTo(averageHr, 0);
        if (workout.averageCadence !== undefined) expect(workout.averageCadence).toBeCloseTo(cadence!, 0);
        sports.add(workout.sport);
      }
      // Indoor rides apart, of which some were another maker's.
      const missing = lived.filter(({ number, sport }) => sport !== "indoor_ride" && !workouts.some(({ vendorId }) => vendorId === String(number)));
      expect(missing, id).toEqual([]);
      if (id === "liam") expect(workouts.length).toBeLessThan(lived.length);
    }
    expect(sports).toEqual(new Set(["running", "cycling", "walking", "hiking", "swimming", "other", "yoga"]));
  }, 30_000);

  it("asks for one page where the window ends on it, and leaves out what lies beside the window", async () => {
    const { world, call } = await visit("aroha");
    const window = { fromMs: NOW_MS - 20 * DAY_MS, toMs: NOW_MS - 5 * DAY_MS };
    const { records } = await world.read(call, "workouts", window);
    expect(records.length).toBeGreaterThan(3);
    expect(apiCalls(world)).toBe(1);
    for (const { startMs } of workoutsOf(records)) expect(startMs >= window.fromMs && startMs < window.toMs).toBe(true);
    world.proxy.seen.length = 0;
    expect((await world.pages(call, "workouts", windowOf(3_000))).length).toBeGreaterThan(1);
    // To the empty page.
    expect(apiCalls(world)).toBeGreaterThan(2);
  });

  it("takes in what is pushed: a finished workout and its edit, under one id and as the list has it [W2]", async () => {
    const { world, cloud, call } = await visit("ana");
    for (const [what, edited] of [["workout_summary", false], ["workout_summary, edited", true]] as const) {
      await cloud.control.push("wahoo", "ana", what);
      const [result, ...others] = takeIn(cloud, call.account.vendorUserId);
      expect([others, result!.problems]).toEqual([[], []]);
      const [walk] = workoutsOf(result!.records);
      expect(walk).toMatchObject({ sport: "walking", startMs: NOW_MS - 25 * MINUTE_MS, endMs: NOW_MS, isManual: false });
      expect(walk!.title!.endsWith("(renamed)")).toBe(edited);
      const listed = workoutsOf((await world.read(call, "workouts", windowOf(1))).records);
      expect(listed).toContainEqual(walk);
      const single: VendorRecord[] = [];
      for await (const page of wahoo.pull(call, { resource: "workout", objectId: walk!.vendorId! })) single.push(...world.map(page.resource, parseJson(page.body)).records);
      expect(single).toEqual([walk]);
    }
  });

  it("hears by and by of every workout that the list has", async () => {
    const { world, cloud, connection, call } = await visit("aroha");
    const heard = new Set<string>();
    for (let hour = 0; hour < 8 * 24; hour += 1) {
      await world.clock.sleep(HOUR_MS);
      await cloud.control.tick();
      for (const { records, problems } of takeIn(cloud, call.account.vendorUserId, world.clock.now())) {
        expect(problems).toEqual([]);
        for (const record of records) heard.add(JSON.stringify(record));
      }
    }
    await world.refresh(connection);
    const pages = await world.pages(call, "workouts", { fromMs: NOW_MS, toMs: world.clock.now() - HOUR_MS });
    const listed = pages.flatMap(({ resource, body }) => wahoo.map(resource, parseJson(body), { receivedMs: world.clock.now(), zone: "Europe/Madrid" }).records);
    expect(listed.length).toBeGreaterThan(1);
    expect(listed.filter((record) => !heard.has(JSON.stringify(record)))).toEqual([]);
  });

  it("notes a workout that Wahoo does not have, and another's as one [VA-12] [VA-15]", async () => {
    const { world, call } = await visit("ana");
    const stranger = createPeople(20_260_601).find(({ who }) => who.id === "liam")!.workoutsBetween(NOW_MS - 30 * DAY_MS, NOW_MS - DAY_MS)[0]!;
    for (const objectId of ["7", String(stranger.number)]) {
      const found: VendorRecord[] = [];
      for await (const page of wahoo.pull(call, { resource: "workout", objectId })) found.push(...world.map(page.resource, parseJson(page.body)).records);
      expect(found).toEqual([{ record: "withdrawal", of: "workout", vendorId: objectId }]);
    }
  });

  it("gives spent calls back to the caller with the time to return, by X-RateLimit-Reset alone [VA-02]", async () => {
    const { world, cloud, call } = await visit("ana", { callsPerFiveMinutes: "1" });
    // The one call went into finding out who the person is.
    await expect(world.read(call, "workouts", windowOf(20))).rejects.toMatchObject({ code: "provider_rate_limited", retryAtMs: NOW_MS + 5 * MINUTE_MS });
    await world.clock.sleep(5 * MINUTE_MS);
    expect((await world.read(call, "workouts", windowOf(20))).records.length).toBeGreaterThan(0);
    cloud.control.turn("wahoo", "callsPerDay", "1");
    await world.clock.sleep(5 * MINUTE_MS);
    // Nobody is asked to wait for more than an hour at a time.
    await expect(world.read(call, "workouts", windowOf(20))).rejects.toMatchObject({ code: "provider_rate_limited", retryAtMs: world.clock.now() + HOUR_MS });
  });

  it("asks the person when there are too many tokens, and is let in again as they end [OA-20]", async () => {
    const { world, connection } = await visit("ana", { tokensPerPerson: "3" });
    await world.refresh(connection);
    await world.refresh(connection);
    await expect(world.refresh(connection)).rejects.toMatchObject({ code: "reauthorization_required" });
    // The core believes it only after this long, and by then it is over.
    const { auth } = wahoo;
    const proofS = auth.kind === "oauth2" ? (auth.refusalProofSeconds ?? 0) : 0;
    expect(proofS).toBeGreaterThan(7_200);
    await world.clock.sleep(proofS * 1000);
    await world.refresh(connection);
    expect((await wahoo.identify(connection.call, connection.answer)).vendorUserId).toBe(connection.call.account.vendorUserId);
  });

  it("may ask twice with one refresh token until the new access token is used [OA-19]", async () => {
    const { world, connection } = await visit("ana");
    const first = connection.tokens.refreshToken!;
    await world.refresh(connection);
    const made = connection.tokens.accessToken.open();
    await world.refresh(connection, { refreshToken: first });
    expect(connection.tokens.accessToken.open()).toBe(made);
    await wahoo.identify(connection.call, connection.answer);
    await expect(world.refresh(connection, { refreshToken: first })).rejects.toMatchObject({ code: "reauthorization_required" });
  });

  it.each(["204", "200"])("ends the permissions, answered %s, and hears no more of the person [OA-23]", async (permissionsAnswer) => {
    const { world, cloud, connection, call } = await visit("ana", { permissionsAnswer });
    await wahoo.revoke!(call);
    await expect(world.refresh(connection)).rejects.toMatchObject({ code: "reauthorization_required" });
    // Once more is no error: that they are gone is what was wanted.
    await expect(wahoo.revoke!(call)).resolves.toBeUndefined();
    await world.clock.sleep(6 * DAY_MS);
    await cloud.control.tick();
    expect(cloud.pushed).toEqual([]);
  });
});
