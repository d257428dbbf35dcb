import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InvalidInput, ProviderContractBroken, ProviderRefused, ReauthorizationRequired, WebhookRejected } from "#errors.ts";
import type { MapResult, SampleRecord, WorkoutRecord } from "#driver/records.ts";
import type { AppCall, DriverCall, PulledPage, PullRequest, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import type { AuthorizedFetch, AuthorizedFetchOptions, VendorResponse } from "#http/types.ts";
import { DAY_MS, formatInstant } from "#units/time.ts";
import { strava } from "./index.ts";

const RECEIVED_MS = Date.UTC(2026, 2, 4);

type Json = Record<string, unknown>;

/** A fixture as Strava would send it: without our note on its source, and a list out of its wrapping. */
function fixture(name: string): unknown {
  const { _source, payload, ...body } = JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as Json;
  return payload ?? body;
}

const detail = (changes: Json = {}): Json => ({ ...(fixture("activity") as Json), ...changes });

function map(resource: string, payload: unknown, receivedMs = RECEIVED_MS): MapResult {
  return strava.map(resource, payload, { receivedMs, zone: "Europe/Madrid" });
}

const workoutsOf = (result: MapResult): WorkoutRecord[] => result.records.filter((record) => record.record === "workout");

const energyOf = (resource: string, payload: unknown, receivedMs = RECEIVED_MS): number | undefined =>
  workoutsOf(map(resource, payload, receivedMs))[0]?.energyKcal;

/** Samples of one metric as "start value flags", which reads like a table. */
function lines(result: MapResult, metric: string): string[] {
  return result.records
    .filter((record): record is SampleRecord => record.record === "sample" && record.metric === metric)
    .map((sample) => [formatInstant(sample.startMs), Number(sample.value.toFixed(3)), ...(sample.flags ?? [])].join(" "));
}

describe("mapping Strava's activities", () => {
  it("gives a run with energy, pace and steps of both feet from its detail [W2] [W3]", () => {
    const result = map("activity", fixture("activity"));
    expect(result.problems).toEqual([]);
    expect(workoutsOf(result)[0]).toMatchObject({
      vendorId: "1360128428", startMs: Date.UTC(2026, 2, 2, 6, 30), endMs: Date.UTC(2026, 2, 2, 6, 56), offsetMinutes: 60,
      sport: "running", vendorSport: "Run", title: "Morning Run", activeS: 1_502, distanceM: 5_012.3, energyKcal: 398,
      averageHeartRate: 150.2, maxHeartRate: 172, averageSpeedMS: 3.337, maxSpeedMS: 5.1, averagePowerW: 251, maxPowerW: 410,
      isPowerEstimated: false, averageCadence: 164.8, elevationGainM: 31, isManual: false,
      device: { id: "Garmin Forerunner 265", name: "Garmin Forerunner 265" },
    });
    expect(workoutsOf(result)[0]?.averagePaceSKm).toBeCloseTo(299.67, 2);
  });

  it("gives the laps of a detail", () => {
    expect(workoutsOf(map("activity", fixture("activity")))[0]?.laps).toEqual([
      { startMs: Date.UTC(2026, 2, 2, 6, 30), endMs: Date.UTC(2026, 2, 2, 6, 43), distanceM: 2_500, averageHeartRate: 146 },
      { startMs: Date.UTC(2026, 2, 2, 6, 43), endMs: Date.UTC(2026, 2, 2, 6, 56), distanceM: 2_512.3, averageHeartRate: 154.5 },
    ]);
  });

  it("gives the same workouts from a list, under the same ids, without what only the detail has", () => {
    const { records, problems } = map("activities", fixture("activities"));
    expect(problems).toEqual([]);
    const [run, ride, gym] = workoutsOf({ records, problems });
    expect(run).toMatchObject({ vendorId: "1360128428", sport: "running" });
    expect(run).not.toHaveProperty("energyKcal");
    expect(ride).toMatchObject({ sport: "cycling", averageCadence: 78, averagePowerW: 160, isPowerEstimated: true });
    expect(gym).toMatchObject({ sport: "strength", isManual: true, activeS: 2_700 });
    for (const field of ["distanceM", "averageSpeedMS", "averagePaceSKm", "averageHeartRate", "isPowerEstimated"]) expect(gym).not.toHaveProperty(field);
  });

  it("takes kilojoules for kilocalories in a ride without calories, but never in a fresh list, which would undo a detail", () => {
    const ride = (fixture("activities") as Json[])[1]!;
    expect(energyOf("activity", ride)).toBe(576);
    expect(energyOf("activity", { ...ride, calories: 610 })).toBe(610);
    expect(energyOf("activity", { ...ride, sport_type: "Run" })).toBeUndefined();
    expect(energyOf("activities", [ride])).toBe(576);
    expect(energyOf("activities", [ride], Date.UTC(2026, 1, 13))).toBeUndefined();
  });

  it("takes start_date for the instant and never believes the Z of start_date_local", () => {
    expect(workoutsOf(map("activity", detail({ start_date_local: "2026-03-02T23:30:00Z" })))[0]?.startMs).toBe(Date.UTC(2026, 2, 2, 6, 30));
    expect(workoutsOf(map("activity", detail({ utc_offset: -12_600 })))[0]?.offsetMinutes).toBe(-210);
    const { utc_offset: _, ...bare } = detail();
    expect(workoutsOf(map("activity", bare))[0]?.offsetMinutes).toBe(60);
    expect(map("activity", detail({ start_date: "2026-02-30T06:30:00Z" })).problems).toMatchObject([{ path: "/start_date" }]);
  });

  it("believes utc_offset where the zone's text shows the winter offset in summer", () => {
    const summer = detail({ start_date: "2025-07-02T06:30:00Z", utc_offset: 7_200, timezone: "(GMT+01:00) Europe/Warsaw", laps: [] });
    expect(workoutsOf(map("activity", summer))[0]?.offsetMinutes).toBe(120);
  });

  it.each([
    ["TrailRun", "running"], ["EMountainBikeRide", "cycling"], ["Snowshoe", "hiking"], ["HighIntensityIntervalTraining", "hiit"],
    ["StandUpPaddling", "water_sport"], ["Padel", "racket_sport"], ["Volleyball", "team_sport"], ["Dance", "dance"], ["Workout", "other"], ["SomethingNew", "other"],
  ])("maps %s to %s", (sportType, sport) => {
    expect(workoutsOf(map("activity", detail({ sport_type: sportType })))[0]).toMatchObject({ sport, vendorSport: sportType });
  });

  it("falls back to the old field type, and does not double a rider's cadence", () => {
    const { sport_type: _, ...old } = detail({ type: "Ride" });
    expect(workoutsOf(map("activity", old))[0]).toMatchObject({ sport: "cycling", averageCadence: 82.4 });
  });

  it.each([["TrailRun", 164.8], ["VirtualRun", 164.8], ["Walk", 164.8], ["Hike", 164.8], ["Ride", 82.4], ["Rowing", 82.4], ["Swim", 82.4]])(
    "counts both legs of whoever is on foot: a cadence of 82.4 in a %s is %d",
    (sportType, cadence) => {
      expect(workoutsOf(map("activity", detail({ sport_type: sportType })))[0]?.averageCadence).toBe(cadence);
    },
  );

  it("takes the relative effort for the training load, over the activity and of its device", () => {
    const { records } = map("activity", detail({ suffer_score: 41 }));
    expect(records.filter(({ record }) => record === "sample")).toEqual([{
      record: "sample", metric: "training_load", startMs: Date.UTC(2026, 2, 2, 6, 30), endMs: Date.UTC(2026, 2, 2, 6, 56), value: 41,
      offsetMinutes: 60, device: { id: "Garmin Forerunner 265", name: "Garmin Forerunner 265" },
    }]);
    expect(map("activity", detail({ suffer_score: null })).records).toHaveLength(1);
    expect(map("activity", detail({ suffer_score: -1 })).problems).toMatchObject([{ path: "/suffer_score" }]);
  });

  it("gives the time in heart-rate zones to the workout, the lowest zone first, and nothing else of it", () => {
    const zones = fixture("zones") as Json;
    const result = map("zones", zones);
    expect(result).toEqual({
      records: [{
        record: "workout", vendorId: "1360128428", startMs: Date.UTC(2026, 2, 2, 6, 30), endMs: Date.UTC(2026, 2, 2, 6, 56), offsetMinutes: 60,
        sport: "running", vendorSport: "Run", heartRateZonesS: [120, 300, 620, 420, 100],
      }],
      problems: [],
    });
    const [heart] = zones["zones"] as [Json];
    for (const odd of [{ ...heart, distribution_buckets: [] }, { ...heart, distribution_buckets: null }, { ...heart, type: "pace" }]) {
      expect(map("zones", { ...zones, zones: [odd] })).toEqual({ records: [], problems: [] });
    }
    const negative = map("zones", { ...zones, zones: [{ ...heart, distribution_buckets: [{ min: 0, max: 115, time: -5 }, { min: 115, max: -1, time: 9 }] }, "junk"] });
    expect(negative.records).toEqual([]);
    expect(negative.problems.map(({ path }) => path)).toEqual(["/zones/0", "/zones/1"]);
  });

  it("keeps the good activities of a list and says where the bad one is, without its values [VA-05]", () => {
    const list = fixture("activities") as Json[];
    const result = map("activities", [list[0], { ...list[1], start_date: "canary" }, { ...list[2], elapsed_time: -5 }, "canary"]);
    expect(workoutsOf(result)).toHaveLength(1);
    expect(result.problems.map(({ path }) => path)).toEqual(["/1/start_date", "/2/elapsed_time", "/3"]);
    expect(JSON.stringify(result.problems)).not.toContain("canary");
  });

  it("refuses an id that a number cannot hold, and reports what no heart can do", () => {
    expect(map("activity", detail({ id: 2 ** 60 })).records).toEqual([]);
    expect(workoutsOf(map("activity", detail({ id: "1152921504606846976" })))[0]?.vendorId).toBe("1152921504606846976");
    const result = map("activity", detail({ average_heartrate: 900 }));
    expect(workoutsOf(result)[0]).not.toHaveProperty("averageHeartRate");
    expect(result.problems).toMatchObject([{ path: "/average_heartrate" }]);
  });

  it("withdraws an activity that is gone, and takes no undated weight from the profile", () => {
    expect(map("activity_gone", { id: "1360128428" }).records).toEqual([{ record: "withdrawal", of: "workout", vendorId: "1360128428" }]);
    expect(map("athlete", fixture("athlete"))).toEqual({ records: [], problems: [] });
    expect(() => map("segments", [])).toThrow(InvalidInput);
  });
});

describe("mapping Strava's streams", () => {
  const streams = fixture("streams") as { streams: Json } & Json;

  it("places each value by the time stream, leaves out missing pulses, and doubles a runner's cadence", () => {
    const result = map("streams", streams);
    expect(result.problems).toEqual([]);
    expect(lines(result, "heart_rate")).toEqual(["2026-03-02T06:30:00.000Z 98", "2026-03-02T06:30:01.000Z 101", "2026-03-02T06:31:00.000Z 104"]);
    expect(lines(result, "cadence")).toEqual([
      "2026-03-02T06:30:00.000Z 0", "2026-03-02T06:30:01.000Z 160", "2026-03-02T06:30:02.000Z 162", "2026-03-02T06:31:00.000Z 164",
    ]);
    expect(lines(result, "power")).toHaveLength(3);
    expect(lines(result, "speed")[0]).toBe("2026-03-02T06:30:00.000Z 0");
    expect(lines(result, "altitude").at(-1)).toBe("2026-03-02T06:31:00.000Z 112");
    expect(result.records.every((record) => record.record === "sample" && record.offsetMinutes === 60 && record.device?.id === "Garmin Forerunner 265")).toBe(true);
  });

  it("marks power that Strava estimated", () => {
    expect(lines(map("streams", { ...streams, device_watts: false }), "power")[0]).toBe("2026-03-02T06:30:01.000Z 230 estimated");
  });

  it("takes streams as a list by type, too", () => {
    const list = Object.entries(streams.streams).map(([type, stream]) => ({ type, ...(stream as Json) }));
    expect(map("streams", { ...streams, streams: list }).records).toEqual(map("streams", streams).records);
  });

  it("passes over what is no stream", () => {
    const more = { ...streams.streams, islet_unknown: { nested: [1] }, moods: null };
    expect(map("streams", { ...streams, streams: more })).toEqual(map("streams", streams));
    const list = Object.entries(streams.streams).map(([type, stream]) => ({ type, ...(stream as Json) }));
    expect(map("streams", { ...streams, streams: [...list, null, { type: "moods" }] })).toEqual(map("streams", streams));
  });

  it("needs the time stream and a start, and maps no streams to nothing", () => {
    const { time: _, ...timeless } = streams.streams;
    expect(() => map("streams", { ...streams, streams: timeless })).toThrow(ProviderContractBroken);
    expect(() => map("streams", streams.streams)).toThrow(ProviderContractBroken);
    expect(map("streams", { ...streams, streams: {} })).toEqual({ records: [], problems: [] });
  });

  it("keeps what has a time when a stream is too short or holds junk, and one value an instant", () => {
    const heartrate = { data: ["98", "x", 99, 250, 100] };
    const result = map("streams", { ...streams, streams: { time: { data: [0, 1, 1, 1] }, heartrate } });
    expect(lines(result, "heart_rate")).toEqual(["2026-03-02T06:30:00.000Z 98", "2026-03-02T06:30:01.000Z 99"]);
    expect(result.problems.map(({ path }) => path)).toEqual(["/streams/heartrate/data", "/streams/heartrate/data"]);
  });
});

interface Asked {
  readonly path: string;
  readonly options: AuthorizedFetchOptions;
}
interface Answer { readonly status?: number; readonly body?: unknown }

/** A fetch that answers from a list (the last answer again and again) and remembers what was asked. */
function fetchWith(answers: readonly Answer[]): { readonly fetch: AuthorizedFetch; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  return {
    asked,
    fetch: (path, options = {}) => {
      asked.push({ path, options });
      const { status = 200, body = "" } = answers[Math.min(asked.length, answers.length) - 1] ?? {};
      const text = JSON.stringify(body);
      if (status >= 400 && !options.accept?.includes(status)) return Promise.reject(new ProviderRefused(`strava answered ${status}.`, status, text));
      const response: VendorResponse = { status, headers: {}, body: new TextEncoder().encode(text), json: () => JSON.parse(text) as unknown };
      return Promise.resolve(response);
    },
  };
}

function callWith(answers: readonly Answer[], given: { account?: Partial<DriverCall["account"]>; settings?: Record<string, string> } = {}) {
  const { fetch, asked } = fetchWith(answers);
  const call: DriverCall = {
    fetch,
    settings: given.settings ?? {},
    account: { vendorUserId: "134815", grantedScopes: null, ...given.account },
    nowMs: RECEIVED_MS,
    signal: new AbortController().signal,
  };
  return { call, asked };
}

async function pages(call: DriverCall, request: PullRequest): Promise<PulledPage[]> {
  const got: PulledPage[] = [];
  for await (const page of strava.pull(call, request)) got.push(page);
  return got;
}

const read = (page: PulledPage | undefined): unknown => JSON.parse(new TextDecoder().decode(page?.body)) as unknown;

describe("asking Strava", () => {
  const window = { fromMs: RECEIVED_MS - 30 * DAY_MS, toMs: RECEIVED_MS };
  const list = fixture("activities") as Json[];

  it("knows the athlete from the code exchange, or asks", async () => {
    const told = callWith([]);
    expect(await strava.identify(told.call, { athlete: { id: 134815 } })).toEqual({ vendorUserId: "134815", grantedScopes: null });
    expect(told.asked).toEqual([]);
    const { call, asked } = callWith([{ body: fixture("athlete") }]);
    expect((await strava.identify(call, {})).vendorUserId).toBe("134815");
    expect(asked[0]?.path).toBe("/api/v3/athlete");
  });

  it("lists a half-open window page by page until an empty page; a short page is not the end", async () => {
    const { call, asked } = callWith([{ body: list.slice(0, 2) }, { body: list.slice(2) }, { body: [] }]);
    const got = await pages(call, { resource: "activities", window });
    expect(got.map(read)).toEqual([list.slice(0, 2), list.slice(2)]);
    expect(asked.map(({ options }) => options.query)).toEqual([1, 2, 3].map((page) => ({
      after: window.fromMs / 1000 - 1, before: window.toMs / 1000, page, per_page: 200,
    })));
  });

  it("cuts a list that repeats itself [VA-06]", async () => {
    const { call, asked } = callWith([{ body: list }]);
    await expect(pages(call, { resource: "activities", window })).rejects.toBeInstanceOf(ProviderContractBroken);
    expect(asked).toHaveLength(2);
  });

  it("gives the detail of an activity and its streams with their start", async () => {
    const { call, asked } = callWith([{ body: fixture("activity") }, { body: (fixture("streams") as Json)["streams"] }]);
    const got = await pages(call, { resource: "activity", objectId: "1360128428" });
    expect(got.map(({ resource }) => resource)).toEqual(["activity", "streams"]);
    expect(read(got[0])).toEqual(fixture("activity"));
    expect(read(got[1])).toEqual(fixture("streams"));
    // No coordinates: there is no record for them.
    expect(asked[1]).toMatchObject({
      path: "/api/v3/activities/1360128428/streams", options: { query: { keys: "time,heartrate,watts,velocity_smooth,cadence,altitude", key_by_type: "true" } },
    });
  });

  it("reads every activity of a window with what hangs on it, in the list's order", async () => {
    const [first, second] = [detail({ id: 11, manual: true }), detail({ id: 12 })];
    const answers = [{ body: [{ id: 11 }, { id: 12 }, { id: 13 }] }, { body: first }, { body: second }, { body: {} }, { status: 404 }, { body: [] }];
    const { call, asked } = callWith(answers);
    const got = await pages(call, { resource: "activity", window });
    expect(got.map(({ resource, body }) => [resource, (JSON.parse(new TextDecoder().decode(body)) as Json)["id"]])).toEqual([
      ["activity", 11], ["activity", 12], ["streams", undefined], ["activity_gone", "13"],
    ]);
    expect(asked.map(({ path }) => path.replace("/api/v3/", ""))).toEqual([
      "athlete/activities", "activities/11", "activities/12", "activities/12/streams", "activities/13", "athlete/activities",
    ]);
    expect(asked[0]?.options.query).toMatchObject({ after: window.fromMs / 1000 - 1, before: window.toMs / 1000 });
  });

  it("asks for zones only where the setting says so, and misses none of an athlete without a subscription", async () => {
    const zones = (fixture("zones") as Json)["zones"];
    const on = callWith([{ body: detail() }, { body: zones }, { body: {} }], { settings: { zones: "on" } });
    const got = await pages(on.call, { resource: "activity", objectId: "1360128428" });
    expect(got.map(({ resource }) => resource)).toEqual(["activity", "zones", "streams"]);
    expect(read(got[1])).toEqual(fixture("zones"));
    for (const status of [402, 403, 404]) {
      const refused = callWith([{ body: detail() }, { status }, { body: {} }], { settings: { zones: "on" } });
      expect((await pages(refused.call, { resource: "activity", objectId: "1360128428" })).map(({ resource }) => resource)).toEqual(["activity", "streams"]);
    }
    const alone = callWith([{ body: detail() }, { body: zones }]);
    expect((await pages(alone.call, { resource: "zones", objectId: "1360128428" })).map(({ resource }) => resource)).toEqual(["zones"]);
  });

  it("asks for no streams of a typed activity, nor when the setting says so, and misses none that are not there yet", async () => {
    const typed = callWith([{ body: detail({ manual: true }) }]);
    expect(await pages(typed.call, { resource: "activity", objectId: "1360128428" })).toHaveLength(1);
    const off = callWith([{ body: detail() }], { settings: { streams: "off" } });
    expect(await pages(off.call, { resource: "activity", objectId: "1360128428" })).toHaveLength(1);
    const early = callWith([{ body: detail() }, { status: 404 }]);
    expect(await pages(early.call, { resource: "activity", objectId: "1360128428" })).toHaveLength(1);
    const alone = callWith([{ body: detail() }, { body: {} }]);
    expect((await pages(alone.call, { resource: "streams", objectId: "1360128428" })).map(({ resource }) => resource)).toEqual(["streams"]);
  });

  it("notes an activity that Strava has no more, so that it is withdrawn [VA-12]", async () => {
    const [page] = await pages(callWith([{ status: 404 }]).call, { resource: "activity", objectId: "77" });
    expect(page?.resource).toBe("activity_gone");
    expect(map("activity_gone", read(page)).records).toMatchObject([{ record: "withdrawal", vendorId: "77" }]);
  });

  it("refuses another athlete's activity and another activity than asked for [VA-15]", async () => {
    const foreign = callWith([{ body: detail({ athlete: { id: 1 } }) }]);
    await expect(pages(foreign.call, { resource: "activity", objectId: "1360128428" })).rejects.toMatchObject({ path: "/athlete/id" });
    await expect(pages(callWith([{ body: detail() }]).call, { resource: "activity", objectId: "5" })).rejects.toMatchObject({ path: "/id" });
    const listed = callWith([{ body: [list[0], { ...list[1], athlete: { id: 1 } }] }]);
    await expect(pages(listed.call, { resource: "activities", window })).rejects.toMatchObject({ path: "/1/athlete/id" });
  });

  it("does not ask without the scope, and asks with either of the two that allow reading [OA-14]", async () => {
    const { call, asked } = callWith([{ body: [] }], { account: { grantedScopes: ["read"] } });
    await expect(pages(call, { resource: "activities", window })).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 403 });
    expect(asked).toEqual([]);
    for (const scope of ["activity:read", "activity:read_all"]) {
      expect(await pages(callWith([{ body: [] }], { account: { grantedScopes: [scope] } }).call, { resource: "activities", window })).toEqual([]);
    }
  });

  it.each(["../athlete", "1/../2", "", "abc", "1".repeat(21)])("makes no address of the id %j", async (objectId) => {
    const { call, asked } = callWith([{ body: detail() }]);
    await expect(pages(call, { resource: "activity", objectId })).rejects.toBeInstanceOf(InvalidInput);
    expect(asked).toEqual([]);
  });

  it("ends the authorization, at the newer address where the old one is gone [OA-23]", async () => {
    const plain = callWith([{ status: 200 }]);
    await strava.revoke?.(plain.call);
    expect(plain.asked.map(({ path, options }) => `${options.method} ${path}`)).toEqual(["POST /oauth/deauthorize"]);
    const moved = callWith([{ status: 410 }, { status: 200 }]);
    await strava.revoke?.(moved.call, { fetch: moved.call.fetch, clientId: "1", clientSecret: "shh", settings: {} });
    expect(moved.asked.map(({ path }) => path)).toEqual(["/oauth/deauthorize", "/oauth/revoke"]);
    expect(moved.asked[1]?.options).toMatchObject({ tokenInQuery: "token", form: { client_id: "1", client_secret: "shh", token_type_hint: "access_token" } });
    await expect(strava.revoke?.(callWith([{ status: 410 }]).call)).rejects.toMatchObject({ vendorStatus: 410 });
    await strava.revoke?.({ ...plain.call, fetch: () => Promise.reject(new ReauthorizationRequired("dead")) });
  });
});

function secrets(given: Partial<WebhookSecrets> = {}): WebhookSecrets {
  return {
    clientId: "1", clientSecrets: ["shh"], verifyToken: "verify-me", subscriptionId: "120475", settings: { signature: "verify" }, ...given,
  };
}

const bytes = (body: unknown): Uint8Array => new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));

function request(body: unknown, headers: WebhookRequest["headers"] = {}): WebhookRequest {
  return { headers, query: {}, body: bytes(body), receivedMs: RECEIVED_MS };
}

function signature(body: unknown, atMs = RECEIVED_MS, secret = "shh"): WebhookRequest["headers"] {
  const t = String(atMs / 1000);
  return { "x-strava-signature": `t=${t},v1=${createHmac("sha256", secret).update(`${t}.`).update(bytes(body)).digest("hex")}` };
}

const verify = (given: WebhookRequest, withSecrets = secrets()) => (): void => strava.webhook!.verify(given, withSecrets);
const event = fixture("event-create");
const parse = (body: unknown): WebhookParse => strava.webhook!.parse(body);

function challenge(query: Record<string, string>): WebhookRequest {
  const asked = { "hub.mode": "subscribe", "hub.challenge": "15f7d1a9", "hub.verify_token": "verify-me", ...query };
  return { ...request(""), query: asked };
}

const answer = (query: Record<string, string> = {}, given = secrets()): { contentType: string; body: string } =>
  strava.webhook!.handshake!(challenge(query), given);

describe("Strava's events", () => {
  it("lets an unsigned event of our subscription in as a hint", () => {
    expect(verify(request(event))).not.toThrow();
    expect(strava.webhook?.isSigned).toBe(false);
  });

  it("refuses an event of another subscription, or that is no event [WH-13]", () => {
    for (const body of [{ ...(event as Json), subscription_id: 1 }, {}, [], "{", ""]) expect(verify(request(body))).toThrow(WebhookRejected);
    expect(verify(request({ ...(event as Json), subscription_id: 1 }), secrets({ subscriptionId: null }))).not.toThrow();
  });

  it("checks a signature that is there, by default [WH-01] [WH-02] [WH-05]", () => {
    expect(verify(request(event, signature(event)))).not.toThrow();
    expect(verify(request(event, signature(event, RECEIVED_MS, "old"))), "rotation").toThrow(WebhookRejected);
    expect(verify(request(event, signature(event, RECEIVED_MS, "old")), secrets({ clientSecrets: ["shh", "old"] }))).not.toThrow();
    expect(verify(request({ ...(event as Json), event_time: 1 }, signature(event)))).toThrow(WebhookRejected);
    expect(verify(request(event, signature(event, RECEIVED_MS - 301_000)))).toThrow(expect.objectContaining({ code: "webhook_stale" }) as Error);
    for (const header of ["", "t=1", "v1=aa", "t=x,v1=é", "nonsense"]) {
      expect(verify(request(event, { "x-strava-signature": header }))).toThrow(WebhookRejected);
    }
  });

  it("demands or ignores the signature when the operator says so", () => {
    expect(verify(request(event), secrets({ settings: { signature: "required" } }))).toThrow(WebhookRejected);
    expect(verify(request(event, signature(event)), secrets({ settings: { signature: "required" } }))).not.toThrow();
    expect(verify(request(event, { "x-strava-signature": "t=1,v1=bad" }), secrets({ settings: { signature: "ignore" } }))).not.toThrow();
  });

  it("keeps a signed body that is no JSON [WH-12]", () => {
    expect(verify(request("{", signature("{")))).not.toThrow();
  });

  it("turns created, updated and deleted activities into a reading of the activity [W2] [WH-09] [WH-27]", () => {
    for (const body of [event, fixture("event-update"), { ...(event as Json), aspect_type: "delete" }]) {
      expect(parse(body)).toEqual({
        events: [{ kind: "pull", account: "134815", request: { resource: "activity", objectId: "1360128428" } }], problems: [],
      });
    }
  });

  it("reads a deauthorization in both its forms [W2]", () => {
    const events = [{ kind: "deauthorized", account: "134815" }];
    expect(parse(fixture("event-deauthorized")).events).toEqual(events);
    expect(parse({ ...(fixture("event-deauthorized") as Json), aspect_type: "delete", updates: {} }).events).toEqual(events);
    expect(parse({ ...(fixture("event-deauthorized") as Json), updates: { authorized: false } }).events).toEqual(events);
    expect(parse({ ...(fixture("event-deauthorized") as Json), updates: { weight: "70" } })).toEqual({ events: [], problems: [] });
    expect(parse({ ...(fixture("event-deauthorized") as Json), updates: { authorized: { toString: 1 } } })).toEqual({ events: [], problems: [] });
  });

  it("reports an unknown kind of event, and refuses what is none", () => {
    expect(parse({ ...(event as Json), object_type: "segment" })).toMatchObject({ events: [], problems: [{ path: "/object_type" }] });
    expect(parse({ ...(event as Json), aspect_type: "like" })).toMatchObject({ events: [], problems: [{ path: "/aspect_type" }] });
    expect(() => parse({ object_type: "activity" })).toThrow(ProviderContractBroken);
  });

  it("answers a challenge that knows our token, in JSON, and no other [W2] [WH-26]", () => {
    expect(answer()).toEqual({ contentType: "application/json", body: '{"hub.challenge":"15f7d1a9"}' });
    expect(answer({ "hub.challenge": '"><script>' }).body).toBe('{"hub.challenge":"\\"><script>"}');
    expect(() => answer({ "hub.verify_token": "guess" })).toThrow(WebhookRejected);
    expect(() => answer({ "hub.verify_token": "" }, secrets({ verifyToken: "" }))).toThrow(WebhookRejected);
    expect(() => answer({}, secrets({ verifyToken: null }))).toThrow(WebhookRejected);
    expect(() => answer({ "hub.challenge": "x".repeat(257) })).toThrow(WebhookRejected);
    expect(() => answer({ "hub.mode": "unsubscribe" })).toThrow(WebhookRejected);
  });
});

describe("Strava's subscription", () => {
  const wanted = { callbackUrl: "https://islet.example/webhooks/strava", verifyToken: "verify-me" };

  async function subscribe(answers: readonly Answer[]): Promise<{ id: unknown; asked: Asked[] }> {
    const { fetch, asked } = fetchWith(answers);
    const call: AppCall = { fetch, clientId: "1", clientSecret: "shh", settings: {} };
    return { id: await strava.webhook!.subscribe!(call, wanted), asked };
  }

  it("is made when there is none", async () => {
    const { id, asked } = await subscribe([{ body: [] }, { status: 201, body: { id: 120475 } }]);
    expect(id).toBe("120475");
    expect(asked[1]).toMatchObject({
      path: "/api/v3/push_subscriptions",
      options: { method: "POST", form: { client_id: "1", client_secret: "shh", callback_url: wanted.callbackUrl, verify_token: "verify-me" } },
    });
  });

  it("is kept when it leads to us", async () => {
    const { id, asked } = await subscribe([{ body: [{ id: 7, callback_url: wanted.callbackUrl }] }]);
    expect(id).toBe("7");
    expect(asked).toHaveLength(1);
  });

  it("is replaced when it leads elsewhere, for there can be one only", async () => {
    const { id, asked } = await subscribe([{ body: [{ id: 7, callback_url: "https://old.example/" }] }, { status: 204 }, { status: 201, body: { id: 8 } }]);
    expect(id).toBe("8");
    expect(asked.map(({ path, options }) => `${options.method ?? "GET"} ${path}`)).toEqual([
      "GET /api/v3/push_subscriptions", "DELETE /api/v3/push_subscriptions/7", "POST /api/v3/push_subscriptions",
    ]);
  });

  it("is found when another process of ours made it a moment before", async () => {
    const made = { id: 9, callback_url: wanted.callbackUrl };
    expect((await subscribe([{ body: [] }, { status: 400 }, { body: [made] }])).id).toBe("9");
    await expect(subscribe([{ body: [] }, { status: 400 }, { body: [] }])).rejects.toBeInstanceOf(ProviderContractBroken);
  });
});
