import { oauthOf } from "#driver/auth.ts";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InvalidInput, ProviderContractBroken, ProviderRefused, ReauthorizationRequired, WebhookRejected } from "#errors.ts";
import { checkDriver } from "#driver/check.ts";
import type { MapResult, WorkoutRecord } from "#driver/records.ts";
import type { DriverCall, PulledPage, PullRequest, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import type { AuthorizedFetch, AuthorizedFetchOptions, VendorResponse } from "#http/types.ts";
import { classifyRefusal } from "#oauth/token-refusal.ts";
import { wahoo } from "./index.ts";

const RECEIVED_MS = Date.UTC(2026, 2, 4);

type Json = Record<string, unknown>;

/** A fixture as Wahoo would send it: without our note on its source. */
function fixture(name: string): Json {
  const { _source, ...body } = JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as Json;
  return body;
}

function map(resource: string, payload: unknown = fixture(resource)): MapResult {
  return wahoo.map(resource, payload, { receivedMs: RECEIVED_MS, zone: "Europe/Madrid" });
}

const workoutsOf = ({ records }: MapResult): WorkoutRecord[] => records.filter((record) => record.record === "workout");

const summary = (changes: Json = {}): Json => ({ ...(fixture("workout")["workout_summary"] as Json), ...changes });
const mapSummary = (changes: Json): WorkoutRecord | undefined => workoutsOf(map("workout", { ...fixture("workout"), workout_summary: summary(changes) }))[0];

describe("mapping Wahoo's workouts", () => {
  it("gives a ride whose numbers are texts [W2] [W3]", () => {
    const result = map("workout");
    expect(result.problems).toEqual([]);
    expect(workoutsOf(result)[0]).toMatchObject({
      vendorId: "123456", startMs: Date.UTC(2026, 2, 2, 6, 55), endMs: Date.UTC(2026, 2, 2, 7, 56, 5), offsetMinutes: 60, sport: "cycling",
      vendorSport: "15", title: "Morning Ride", activeS: 3_610, distanceM: 30_120.5, energyKcal: 640, averageHeartRate: 141, averageSpeedMS: 8.34,
      averagePowerW: 188, averageCadence: 84.2, elevationGainM: 210, isManual: false,
    });
    expect(workoutsOf(result)[0]?.averagePaceSKm).toBeCloseTo(119.9, 1);
  });

  it("gives the same workout from a list, by itself and from a notification, under one id", () => {
    const [ride] = workoutsOf(map("workout"));
    expect(workoutsOf(map("workouts"))[0]).toEqual(ride);
    expect(workoutsOf(map("workout_summary"))[0]).toEqual(ride);
    expect(workoutsOf(map("workout_summary", fixture("event")))[0]).toEqual(ride);
  });

  it("passes over plans, which have no summary, and takes zeros for sensors that were not there", () => {
    const result = map("workouts");
    expect(result.problems).toEqual([]);
    expect(workoutsOf(result).map(({ vendorId }) => vendorId)).toEqual(["123456", "123457"]);
    const run = workoutsOf(result)[1];
    expect(run).toMatchObject({ sport: "running", activeS: 1_800, energyKcal: 310, isManual: true, endMs: Date.UTC(2026, 2, 1, 17, 30) });
    for (const field of ["averageHeartRate", "averagePowerW", "averageCadence", "elevationGainM"]) expect(run).not.toHaveProperty(field);
  });

  it("makes steps of the turns of one leg, on foot alone", () => {
    const cadence = (workout_type_id: number, cadence_avg: string): number | undefined =>
      workoutsOf(map("workout", { ...fixture("workout"), workout_type_id, workout_summary: summary({ cadence_avg }) }))[0]?.averageCadence;
    expect([cadence(1, "83.0"), cadence(6, "54.0"), cadence(1, "166.0"), cadence(15, "84.2"), cadence(1, "0.0")]).toEqual([166, 108, 166, 84.2, undefined]);
  });

  it("takes a start without an offset for the UTC that it is", () => {
    expect(workoutsOf(map("workout", { ...fixture("workout"), starts: "2026-03-02T06:55:00" }))[0]?.startMs).toBe(Date.UTC(2026, 2, 2, 6, 55));
  });

  it("takes the time at which a workout was done, not the one that it was planned for", () => {
    expect(mapSummary({ started_at: "2026-03-01T17:02:03.000Z" })).toMatchObject({ vendorId: "123456", startMs: Date.UTC(2026, 2, 1, 17, 2, 3), endMs: Date.UTC(2026, 2, 1, 18, 3, 8) });
    expect(mapSummary({ started_at: null })?.startMs).toBe(Date.UTC(2026, 2, 2, 6, 55));
    expect(mapSummary({ started_at: "soon" })?.startMs).toBe(Date.UTC(2026, 2, 2, 6, 55));
  });

  it("takes a summary by itself where it tells its start, under the workout's id if that is told", () => {
    const alone = summary({ started_at: "2026-03-02T06:55:00.000Z" });
    expect(workoutsOf(map("workout_summary", alone))[0]).toMatchObject({ vendorId: null, startMs: Date.UTC(2026, 2, 2, 6, 55), distanceM: 30_120.5, sport: "other" });
    expect(workoutsOf(map("workout_summary", { ...alone, workout_id: 77 }))[0]?.vendorId).toBe("77");
    expect(map("workout_summary", summary())).toEqual({ records: [], problems: [{ path: "/starts", reason: "missing or of the wrong type" }] });
  });

  it("makes no workout of a plan whose summary is empty", () => {
    expect(map("workout", { ...fixture("workout"), workout_summary: {} })).toEqual({ records: [], problems: [] });
  });

  it("tells that it left out what another maker's app recorded", () => {
    expect(map("workout", { ...fixture("workout"), workout_summary: summary({ fitness_app_id: 1_002 }) }).problems.map(({ path }) => path))
      .toEqual(["/workout_summary/fitness_app_id"]);
  });

  it("takes numbers that are numbers, and leaves out an echo of another app", () => {
    expect(mapSummary({ heart_rate_avg: 124, calories_accum: 1_500 })).toMatchObject({ averageHeartRate: 124, energyKcal: 1_500 });
    expect(mapSummary({ fitness_app_id: 1_001 })).toBeUndefined();
    expect(mapSummary({ fitness_app_id: 1_000 })).toBeDefined();
  });

  it("knows the clock on the wall by the zone, in summer and winter, and none without one", () => {
    const inJuly = { ...fixture("workout"), starts: "2025-07-02T06:30:00.000Z" };
    expect(workoutsOf(map("workout", inJuly))[0]?.offsetMinutes).toBe(120);
    expect(mapSummary({ time_zone: "Mars/Olympus" })?.offsetMinutes).toBeNull();
    expect(mapSummary({ time_zone: null })?.offsetMinutes).toBeNull();
  });

  it.each([[1, "running"], [61, "cycling"], [25, "swimming"], [22, "rowing"], [44, "stair_climbing"], [62, "multisport"], [47, "other"], [255, "other"]])(
    "maps type %i to %s", (workout_type_id, sport) => expect(workoutsOf(map("workout", { ...fixture("workout"), workout_type_id }))[0]?.sport).toBe(sport),
  );

  it("keeps the good workouts of a list and says where the bad one is, without its values [VA-05]", () => {
    const good = fixture("workout");
    const bad = [{ ...good, starts: "canary" }, { ...good, id: 2 ** 60 }, "canary", { ...good, minutes: null, workout_summary: summary({ duration_total_accum: "-5", duration_active_accum: null }) }];
    const result = map("workouts", { workouts: [good, ...bad, { ...good, workout_summary: summary({ heart_rate_avg: "900", speed_avg: "canary" }) }] });
    expect(workoutsOf(result)).toHaveLength(1);
    expect(result.problems.map(({ path }) => path)).toEqual([
      "/workouts/1/starts", "/workouts/2/id", "/workouts/3", "/workouts/4/workout_summary/duration_total_accum", "/workouts/5/workout_summary/speed_avg",
    ]);
    expect(JSON.stringify(result.problems)).not.toContain("canary");
  });

  it("withdraws a workout that is gone, and makes nothing of an undated weight or a person's zones", () => {
    expect(map("workout_gone", { id: "123456" }).records).toEqual([{ record: "withdrawal", of: "workout", vendorId: "123456" }]);
    expect(map("user")).toEqual({ records: [], problems: [] });
    expect(map("power_zones", { zones: [] })).toEqual({ records: [], problems: [] });
    expect(() => map("routes", [])).toThrow(InvalidInput);
    for (const junk of [null, "canary", { workouts: 5 }]) expect(() => map("workouts", junk)).toThrow(ProviderContractBroken);
  });
});

interface Asked {
  readonly path: string;
  readonly options: AuthorizedFetchOptions;
}
interface Answer { readonly status?: number; readonly body?: unknown }

function callWith(answers: readonly Answer[]): { readonly call: DriverCall; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const fetch: AuthorizedFetch = (path, options = {}) => {
    asked.push({ path, options });
    const { status = 200, body = "" } = answers[Math.min(asked.length, answers.length) - 1] ?? {};
    const text = JSON.stringify(body);
    if (status >= 400 && !options.accept?.includes(status)) return Promise.reject(new ProviderRefused(`wahoo answered ${status}.`, status, text));
    const response: VendorResponse = { status, headers: {}, body: new TextEncoder().encode(text), json: () => JSON.parse(text) as unknown };
    return Promise.resolve(response);
  };
  const call: DriverCall = {
    fetch, settings: {}, account: { vendorUserId: "60462", grantedScopes: null }, nowMs: RECEIVED_MS, signal: new AbortController().signal,
  };
  return { call, asked };
}

async function pages(call: DriverCall, request: PullRequest): Promise<PulledPage[]> {
  const got: PulledPage[] = [];
  for await (const page of wahoo.pull(call, request)) got.push(page);
  return got;
}

const read = (page: PulledPage | undefined): Json => JSON.parse(new TextDecoder().decode(page?.body)) as Json;
const idsOf = (page: PulledPage | undefined): unknown[] => (read(page)["workouts"] as Json[]).map(({ id }) => id);

describe("asking Wahoo", () => {
  it("declares nothing that contradicts itself", () => expect(() => checkDriver(wahoo)).not.toThrow());

  it("asks who the person is", async () => {
    const { call, asked } = callWith([{ body: fixture("user") }]);
    expect(await wahoo.identify(call, {})).toEqual({ vendorUserId: "60462", grantedScopes: null });
    expect(asked[0]?.path).toBe("/v1/user");
  });

  it("reads the list until it is older than the window, and gives only what lies in it", async () => {
    const list = fixture("workouts");
    const older = { ...list, workouts: [{ ...fixture("workout"), id: 5, starts: "2026-02-01T06:55:00.000Z" }] };
    const { call, asked } = callWith([{ body: list }, { body: older }, { body: { workouts: [] } }]);
    const window = { fromMs: Date.UTC(2026, 2, 1), toMs: Date.UTC(2026, 2, 2, 6, 55) };
    const got = await pages(call, { resource: "workouts", window });
    expect(got.map(idsOf)).toEqual([[123457]]);
    expect(asked.map(({ options }) => options.query)).toEqual([{ page: 1, per_page: 100 }, { page: 2, per_page: 100 }]);
  });

  it("stops at the first workout that is too old where the list says that it is sorted, and reads on where it does not", async () => {
    const window = { fromMs: Date.UTC(2026, 2, 2), toMs: Date.UTC(2026, 2, 3) };
    const sorted = callWith([{ body: fixture("workouts") }, { body: { workouts: [] } }]);
    expect((await pages(sorted.call, { resource: "workouts", window })).map(idsOf)).toEqual([[123456]]);
    expect(sorted.asked).toHaveLength(1);
    const { order, sort, ...silent } = fixture("workouts");
    expect([order, sort]).toEqual(["descending", "starts"]);
    const unsorted = callWith([{ body: silent }, { body: { workouts: [{ ...fixture("workout"), id: 9 }] } }, { body: { workouts: [] } }]);
    expect((await pages(unsorted.call, { resource: "workouts", window })).map(idsOf)).toEqual([[123456], [9]]);
  });

  it("takes an empty page for the end, and cuts a list that repeats itself [VA-06]", async () => {
    const window = { fromMs: 0, toMs: RECEIVED_MS };
    const ended = callWith([{ body: fixture("workouts") }, { body: { workouts: [] } }]);
    expect((await pages(ended.call, { resource: "workouts", window })).map(idsOf)).toEqual([[123456, 123457]]);
    const stuck = callWith([{ body: fixture("workouts") }]);
    await expect(pages(stuck.call, { resource: "workouts", window })).rejects.toBeInstanceOf(ProviderContractBroken);
    expect(stuck.asked).toHaveLength(2);
  });

  it("gives a workout by id, notes one that is gone, and makes no address of anything else [VA-12] [VA-15]", async () => {
    expect((await pages(callWith([{ body: fixture("workout") }]).call, { resource: "workout", objectId: "123456" })).map(({ resource }) => resource)).toEqual(["workout"]);
    const gone = await pages(callWith([{ status: 404 }]).call, { resource: "workout", objectId: "77" });
    expect(map("workout_gone", read(gone[0])).records).toMatchObject([{ record: "withdrawal", vendorId: "77" }]);
    await expect(pages(callWith([{ body: fixture("workout") }]).call, { resource: "workout", objectId: "5" })).rejects.toMatchObject({ path: "/id" });
    for (const objectId of ["../user", "", "abc"]) {
      await expect(pages(callWith([]).call, { resource: "workout", objectId })).rejects.toBeInstanceOf(InvalidInput);
    }
  });

  it("ends the app's permissions, also where they are gone already [OA-23]", async () => {
    const { call, asked } = callWith([{ status: 204 }]);
    await wahoo.revoke?.(call);
    expect(asked).toMatchObject([{ path: "/v1/permissions", options: { method: "DELETE" } }]);
    await wahoo.revoke?.({ ...call, fetch: () => Promise.reject(new ReauthorizationRequired("dead")) });
  });

  it("makes no token ahead of a call, and asks the person when there are too many", () => {
    const auth = oauthOf(wahoo);
    expect(auth.refreshAheadSeconds).toBe(0);
    const refusal = { provider: "wahoo", status: 403, body: '{"error":"Too many unrevoked access tokens exist for this user"}' };
    expect(classifyRefusal(refusal, auth)).toBeInstanceOf(ReauthorizationRequired);
    expect(classifyRefusal({ ...refusal, body: '{"error":"something else"}' }, auth)).toBeNull();
  });
});

const bytes = (body: unknown): Uint8Array => new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
const request = (body: unknown): WebhookRequest => ({ headers: {}, query: {}, body: bytes(body), receivedMs: RECEIVED_MS });

function verify(body: unknown, webhook_token = "d3f1c0ffee"): () => void {
  const secrets: WebhookSecrets = { clientId: "1", clientSecrets: ["shh"], verifyToken: null, subscriptionId: null, settings: { webhook_token } };
  return () => wahoo.webhook!.verify(request(body), secrets);
}

const parse = (body: unknown): WebhookParse => wahoo.webhook!.parse(body);

describe("Wahoo's notifications", () => {
  const event = fixture("event");

  it("enter with the token in their body, and not otherwise [WH-01] [WH-13]", () => {
    expect(verify(event)).not.toThrow();
    expect(verify(event, "newer d3f1c0ffee")).not.toThrow();
    for (const webhook_token of ["d3f1c0ffe", "d3f1c0ffeee", "", null, 5, undefined]) expect(verify({ ...event, webhook_token })).toThrow(WebhookRejected);
    for (const body of ["", "{", "[]", "null", '"d3f1c0ffee"']) expect(verify(body)).toThrow(WebhookRejected);
    for (const none of ["", "  "]) expect(verify({ ...event, webhook_token: "" }, none)).toThrow(WebhookRejected);
  });

  it("are stored without the token, and otherwise as they came", () => {
    const text = '{"event_type":"workout_summary", "webhook_token" : "d3f1\\"c0ffee","id":18446744073709551615}';
    const stored = new TextDecoder().decode(wahoo.webhook!.redact!(new TextEncoder().encode(text)));
    expect(stored).toBe('{"event_type":"workout_summary", "webhook_token":"","id":18446744073709551615}');
  });

  it("hold the finished workout, and no token goes further", () => {
    const { events, problems } = parse(event);
    expect(problems).toEqual([]);
    expect(events).toMatchObject([{ kind: "data", account: "60462", resource: "workout_summary" }]);
    expect(JSON.stringify(events)).not.toContain("d3f1c0ffee");
  });

  it("are reported when they are unknown or empty, and refused when they are none", () => {
    expect(parse({ ...event, event_type: "plan" })).toMatchObject({ events: [], problems: [{ path: "/event_type" }] });
    expect(parse({ ...event, workout_summary: null })).toMatchObject({ events: [], problems: [{ path: "/workout_summary" }] });
    for (const junk of [null, [], "canary", { event_type: "workout_summary" }]) expect(() => parse(junk)).toThrow(ProviderContractBroken);
  });
});
