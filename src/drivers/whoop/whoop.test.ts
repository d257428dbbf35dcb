import { oauthOf } from "#driver/auth.ts";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkDriver } from "#driver/check.ts";
import type { MapResult, SampleRecord, SleepRecord, WorkoutRecord } from "#driver/records.ts";
import type { DriverCall, PulledPage, PullRequest, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { InvalidInput, ProviderContractBroken, ProviderRefused, ReauthorizationRequired, WebhookRejected } from "#errors.ts";
import type { AuthorizedFetch, AuthorizedFetchOptions, VendorResponse } from "#http/types.ts";
import { formatInstant } from "#units/time.ts";
import { whoop } from "./index.ts";

const RECEIVED_MS = Date.UTC(2026, 10, 20, 9);
const MEMBER = "10129";
const NIGHT = "5e1f0000-0000-4000-8000-000000000001";

type Json = Record<string, unknown>;

function fixture(name: string): Json {
  const { _source, ...body } = JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as Json;
  return body;
}

const records = (name: string): Json[] => fixture(name)["records"] as Json[];
const one = (name: string, index = 0, changes: Json = {}): Json => ({ ...records(name)[index]!, ...changes });
const scored = (record: Json, changes: Json): Json => ({ ...record, score: { ...(record["score"] as Json), ...changes } });

function map(resource: string, payload: unknown, zone = "Europe/Madrid"): MapResult {
  return whoop.map(resource, payload, { receivedMs: RECEIVED_MS, zone });
}

/** Samples of one metric as "start (end) value flags", which reads like a table. */
function lines(result: MapResult, metric: string): string[] {
  return result.records
    .filter((record): record is SampleRecord => record.record === "sample" && record.metric === metric)
    .map(({ startMs, endMs, value, flags }) =>
      [formatInstant(startMs).slice(0, -5), ...(endMs === undefined ? [] : [`→ ${formatInstant(endMs).slice(0, -5)}`]), Number(value.toFixed(3)), ...(flags ?? [])].join(" "),
    );
}

const sleepsOf = (result: MapResult): SleepRecord[] => result.records.filter((record) => record.record === "sleep");
const workoutsOf = (result: MapResult): WorkoutRecord[] => result.records.filter((record) => record.record === "workout");

const offsetMinutesOf = (timezone_offset: unknown): unknown => sleepsOf(map("sleep", one("sleep", 1, { timezone_offset })))[0]!.offsetMinutes;

const recoveryAfter = (end: string, timezone_offset: string): string =>
  lines(map("recovery", one("recovery", 0, { sleep: { end, timezone_offset } })), "recovery")[0]!;

describe("the WHOOP driver's declarations", () => {
  it("contradict nothing", () => {
    expect(() => checkDriver(whoop)).not.toThrow();
  });

  it("keep to what the fixtures really give, for every resource [W3]", () => {
    for (const { name, metrics, records: kinds } of whoop.resources) {
      if (name === "recovery_gone") continue;
      const given = map(name, fixture(name)).records;
      const found = new Set(given.map((record) => (record.record === "sample" ? record.metric : null)).filter((metric) => metric !== null));
      expect([...found].toSorted(), name).toEqual([...metrics].toSorted());
      expect([...new Set(given.map(({ record }) => record))].toSorted(), name).toEqual([...kinds].toSorted());
    }
  });

  it("lead to WHOOP, or to where the operator says; and send the scope again with each refresh", () => {
    expect(whoop.endpoints({})).toEqual({
      auth: "https://api.prod.whoop.com/oauth/oauth2", token: "https://api.prod.whoop.com/oauth/oauth2", api: "https://api.prod.whoop.com/developer",
    });
    expect(whoop.endpoints({ base_url: "http://sim/whoop/", browser_base_url: "http://localhost:3000/whoop" })).toEqual({
      auth: "http://localhost:3000/whoop/oauth/oauth2", token: "http://sim/whoop/oauth/oauth2", api: "http://sim/whoop/developer",
    });
    expect(oauthOf(whoop)).toMatchObject({ pkce: "none", clientAuthentication: "body", refreshTokenRotates: true, extraRefreshParameters: { scope: "offline" } });
    expect(oauthOf(whoop).scopes).toContain("offline");
  });
});

describe("mapping WHOOP's sleeps", () => {
  it("gives totals without a timeline, performance as score, and breath on the day it ended [W2] [W3]", () => {
    const result = map("sleep", fixture("sleep"));
    expect(result.problems).toEqual([]);
    expect(sleepsOf(result)[1]).toEqual({
      record: "sleep", vendorId: NIGHT, startMs: Date.UTC(2026, 10, 18, 22, 30), endMs: Date.UTC(2026, 10, 19, 6, 30), offsetMinutes: 60, isNap: false, stages: [],
      totals: { inBedS: 28_800, awakeS: 2_400, lightS: 14_400, deepS: 5_400, remS: 6_600, asleepS: 26_400 }, efficiencyPercent: 91.6, score: 91,
    });
    expect(lines(result, "sleep_score")).toEqual(["2026-11-18T23:00:00 → 2026-11-19T23:00:00 91"]);
    expect(lines(result, "respiration_rate")).toEqual(["2026-11-18T23:00:00 15.1 day_total"]);
  });

  it("keeps a nap apart from the night's numbers", () => {
    const nap = map("sleep", one("sleep"));
    expect(nap.records).toHaveLength(1);
    expect(nap.records[0]).toMatchObject({ isNap: true, totals: { inBedS: 1_800, awakeS: 300, lightS: 1_500, deepS: 0, remS: 0, asleepS: 1_500 }, score: 8 });
    expect(nap.records[0]).not.toHaveProperty("efficiencyPercent");
  });

  it("keeps a sleep whose score is pending or cannot be made, without numbers, even where some are sent", () => {
    for (const score_state of ["PENDING_SCORE", "UNSCORABLE", "SOMETHING_NEW"]) {
      const result = map("sleep", one("sleep", 1, { score_state }));
      expect(result.records).toHaveLength(1);
      expect(result.records[0]).toMatchObject({ vendorId: NIGHT, totals: {} });
    }
  });

  it("maps recordings without a state, and those of API v1 with numbers for ids", () => {
    const old = map("sleep", one("sleep", 1, { score_state: undefined, id: 93_845 }));
    expect(old.problems).toEqual([]);
    expect(old.records[0]).toMatchObject({ vendorId: "93845", score: 91 });
  });

  it("keeps one score a night when its times are edited", () => {
    const edited = one("sleep", 1, { start: "2026-11-18T23:20:00.000Z", end: "2026-11-19T07:10:00.000Z" });
    expect(lines(map("sleep", edited), "sleep_score")).toEqual(lines(map("sleep", one("sleep", 1)), "sleep_score"));
  });

  it("leaves out what is missing of the stages, and reports what cannot be, without values [VA-05]", () => {
    const summary = { total_in_bed_time_milli: 28_800_000, total_light_sleep_time_milli: -1, total_rem_sleep_time_milli: null };
    const result = map("sleep", { records: [scored(one("sleep", 1), { stage_summary: summary, sleep_performance_percentage: 271_828 }), one("sleep")] });
    expect(sleepsOf(result)[0]).toMatchObject({ totals: { inBedS: 28_800 } });
    expect(sleepsOf(result)[0]!.totals).toEqual({ inBedS: 28_800 });
    expect(sleepsOf(result)).toHaveLength(2);
    expect(result.problems.map(({ path }) => path)).toEqual([
      "/records/0/score/sleep_performance_percentage", "/records/0/score/stage_summary/total_light_sleep_time_milli",
    ]);
    expect(JSON.stringify(result.problems)).not.toContain("271828");
    for (const change of [{ end: "2026-11-18T20:00:00.000Z" }, { end: "2026-11-29T06:30:00.000Z" }, { start: "0001-01-01T00:00:00Z" }, { start: "2026-02-30T00:00:00Z" }]) {
      expect(map("sleep", one("sleep", 1, change))).toMatchObject({ records: [], problems: [{ path: expect.stringMatching(/^\/(start|end)$/) as string }] });
    }
  });

  it("takes zeros of all stages for not known", () => {
    const zeros = { total_in_bed_time_milli: 3_600_000, total_awake_time_milli: 0, total_light_sleep_time_milli: 0, total_slow_wave_sleep_time_milli: 0, total_rem_sleep_time_milli: 0 };
    expect(sleepsOf(map("sleep", scored(one("sleep", 1), { stage_summary: zeros })))[0]!.totals).toEqual({ inBedS: 3_600 });
  });

  it("reads offsets in all their forms", () => {
    expect(["+01:00", "-05:30", "Z", "+00:00", "", null, "+99:00", "Madrid"].map(offsetMinutesOf)).toEqual([60, -330, 0, 0, null, null, null, null]);
  });
});

describe("mapping WHOOP's recoveries", () => {
  it("gives all of a night on the day its sleep ended [W2] [W3]", () => {
    const result = map("recovery", fixture("recovery"));
    expect(result.problems).toEqual([]);
    const [day, previous] = ["2026-11-18T23:00:00", "2026-11-16T23:00:00"];
    expect(lines(result, "recovery")).toEqual([`${day} → 2026-11-19T23:00:00 64`, `${previous} → 2026-11-17T23:00:00 31 estimated`]);
    expect(lines(result, "resting_heart_rate")).toEqual([`${day} → 2026-11-19T23:00:00 52`, `${previous} → 2026-11-17T23:00:00 57`]);
    expect(lines(result, "hrv_rmssd")).toEqual([`${day} 61.2 day_total`, `${previous} 38.9 day_total`]);
    expect(lines(result, "spo2")).toEqual([`${day} 96.1 day_total`]);
    expect(lines(result, "skin_temperature")).toEqual([`${day} 33.4 day_total`]);
  });

  it("gives nothing while the score is pending", () => {
    expect(map("recovery", one("recovery", 0, { score_state: "PENDING_SCORE" }))).toEqual({ records: [], problems: [] });
  });

  it("places it by its making where the sleep is not known, and by the sleep where both differ", () => {
    const { sleep, ...bare } = one("recovery", 0, { created_at: "2026-11-20T08:00:00.000Z" });
    expect(lines(map("recovery", bare), "recovery")[0]).toMatch(/^2026-11-19T23:00:00/);
    expect(lines(map("recovery", { ...bare, sleep }), "recovery")[0]).toMatch(/^2026-11-18T23:00:00/);
    expect(map("recovery", { ...bare, created_at: null })).toMatchObject({ records: [], problems: [{ path: "/created_at" }] });
  });

  it("takes the date on the sleeper's clock, in summer and away from home", () => {
    // Clocks in Madrid went forward in this night: midnight was still winter.
    expect(recoveryAfter("2026-03-29T05:00:00.000Z", "+02:00")).toMatch(/^2026-03-28T23:00:00 → 2026-03-29T22:00:00/);
    expect(recoveryAfter("2026-11-19T12:00:00.000Z", "-05:00")).toMatch(/^2026-11-19T05:00:00 → 2026-11-20T05:00:00/);
    expect(recoveryAfter("2026-11-19T02:00:00.000Z", "-05:00")).toMatch(/^2026-11-18T05:00:00/);
  });

  it("leaves nothing of a recovery that is gone, and nothing else of its day alone", () => {
    const gone = { sleep: { end: "2026-11-19T06:30:00.000Z", timezone_offset: "+01:00" } };
    expect(map("recovery_gone", gone)).toEqual({
      records: [], problems: [],
      replaces: { fromMs: Date.UTC(2026, 10, 18, 23), toMs: Date.UTC(2026, 10, 19, 23), of: [], metrics: ["recovery", "resting_heart_rate", "hrv_rmssd", "spo2", "skin_temperature"] },
    });
    expect(map("recovery_gone", { sleep: { end: "nonsense" } })).toMatchObject({ records: [], problems: [{ path: "/sleep/end" }] });
    expect(() => map("recovery_gone", {})).toThrow(ProviderContractBroken);
  });
});

describe("mapping WHOOP's days and workouts", () => {
  it("gives strain, energy and heart rate over the physiological day, not a day of the calendar [W2] [W3]", () => {
    const result = map("cycle", fixture("cycle"));
    expect(result.problems).toEqual([]);
    const closed = "2026-11-18T22:30:00 → 2026-11-19T22:45:00";
    expect(lines(result, "strain")).toEqual(["2026-11-19T22:45:00 → 2026-11-20T08:00:00 4.2 day_total", `${closed} 11.3 day_total`]);
    expect(lines(result, "calories_total")).toEqual(["2026-11-19T22:45:00 → 2026-11-20T08:00:00 500 day_total", `${closed} 2000 day_total`]);
    expect(lines(result, "heart_rate")).toEqual(["2026-11-19T22:45:00 61 day_total", "2026-11-18T22:30:00 68 day_total"]);
    expect(lines(result, "heart_rate_max")[1]).toBe(`${closed} 176 day_total`);
  });

  it("lets the cycle that runs end where it was last reckoned, never before it began", () => {
    const end = (changes: Json): string => lines(map("cycle", one("cycle", 0, changes)), "strain")[0]!.slice(22, 41);
    expect(end({})).toBe("2026-11-20T08:00:00");
    expect(end({ updated_at: null })).toBe("2026-11-20T09:00:00");
    expect(end({ updated_at: "2026-11-01T00:00:00Z" })).toBe("2026-11-19T22:46:00");
    // The same start: what is closed later takes the place of the running total.
    const closed = map("cycle", one("cycle", 0, { end: "2026-11-20T22:30:00.000Z" }));
    expect(lines(closed, "strain")).toEqual(["2026-11-19T22:45:00 → 2026-11-20T22:30:00 4.2 day_total"]);
  });

  it("gives a workout with zones, pace and kilocalories, and its strain beside the day's [W2]", () => {
    const result = map("workout", fixture("workout"));
    expect(result.problems).toEqual([]);
    const [run, gym, pending] = workoutsOf(result);
    expect(run).toMatchObject({
      vendorId: "ecfc6a15-4661-442f-a9a4-f160dd7afae8", startMs: Date.UTC(2026, 10, 18, 17), endMs: Date.UTC(2026, 10, 18, 18), offsetMinutes: 60, sport: "running",
      vendorSport: "running", averageHeartRate: 148, maxHeartRate: 176, distanceM: 10_050.4, elevationGainM: 85.2, heartRateZonesS: [60, 300, 900, 1_500, 780, 60],
    });
    expect(run!.energyKcal).toBeCloseTo(623.92, 2);
    expect(run!.averagePaceSKm).toBeCloseTo(358.19, 2);
    expect(gym).toMatchObject({ sport: "strength" });
    expect(gym!.energyKcal).toBeCloseTo(200, 6);
    for (const field of ["distanceM", "averagePaceSKm", "elevationGainM"]) expect(gym).not.toHaveProperty(field);
    expect(pending).toEqual({
      record: "workout", vendorId: "ecfc6a15-4661-442f-a9a4-f160dd7afaea", startMs: Date.UTC(2026, 10, 16, 18, 10), endMs: Date.UTC(2026, 10, 16, 19), offsetMinutes: 0,
      sport: "other", vendorSport: "sauna",
    });
    expect(lines(result, "strain")).toEqual(["2026-11-18T17:00:00 → 2026-11-18T18:00:00 11.3", "2026-11-17T18:10:00 → 2026-11-17T19:00:00 6.1"]);
  });

  it.each([["Hiking/Rucking", "hiking"], ["jiu_jitsu", "martial_arts"], ["cross-country skiing", "skiing"], ["something new", "other"], [null, "other"]])("maps %s to %s", (sport_name, sport) => {
    expect(workoutsOf(map("workout", one("workout", 0, { sport_name })))[0]).toMatchObject({ sport });
  });

  it("reports what no heart can do, and takes no half of the zones", () => {
    const result = map("workout", scored(one("workout"), { max_heart_rate: 900, zone_durations: { zone_zero_milli: 1 } }));
    expect(result.problems).toMatchObject([{ path: "/score/max_heart_rate" }]);
    expect(workoutsOf(result)[0]).not.toHaveProperty("maxHeartRate");
    expect(workoutsOf(result)[0]).not.toHaveProperty("heartRateZonesS");
  });

  it("takes weight and height from when they were read, and nothing of the profile", () => {
    expect(map("body_measurement", fixture("body_measurement")).records).toEqual([
      { record: "sample", metric: "weight", startMs: RECEIVED_MS, value: 74.2, offsetMinutes: 60 },
      { record: "sample", metric: "height", startMs: RECEIVED_MS, value: 1.78, offsetMinutes: 60 },
    ]);
    expect(map("profile", fixture("profile"))).toEqual({ records: [], problems: [] });
    expect(() => map("toString", {})).toThrow(InvalidInput);
    expect(() => map("cycle", { records: null })).toThrow(ProviderContractBroken);
  });
});

interface Asked {
  readonly path: string;
  readonly options: AuthorizedFetchOptions;
}
interface Answer { readonly status?: number; readonly body?: unknown }
type Rule = (path: string, options: AuthorizedFetchOptions, turn: number) => Answer;

const inTurn = (answers: readonly Answer[]): Rule => (_path, _options, turn) => answers[Math.min(turn, answers.length - 1)] ?? {};

/** A call whose fetch answers by a rule and remembers what was asked. */
function callWith(rule: Rule): { readonly call: DriverCall; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const fetch: AuthorizedFetch = (path, options = {}) => {
    asked.push({ path, options });
    const { status = 200, body = "" } = rule(path, options, asked.length - 1);
    const text = JSON.stringify(body);
    if (status === 401 && !options.accept?.includes(401)) return Promise.reject(new ReauthorizationRequired("whoop refuses a fresh token."));
    if (status >= 400 && !options.accept?.includes(status)) return Promise.reject(new ProviderRefused(`whoop answered ${status}.`, status, text));
    const response: VendorResponse = { status, headers: {}, body: new TextEncoder().encode(text), json: () => JSON.parse(text) as unknown };
    return Promise.resolve(response);
  };
  const call: DriverCall = { fetch, settings: {}, account: { vendorUserId: MEMBER, grantedScopes: null }, nowMs: RECEIVED_MS, signal: new AbortController().signal };
  return { call, asked };
}

async function pagesOf(call: DriverCall, request: PullRequest): Promise<PulledPage[]> {
  const pages: PulledPage[] = [];
  for await (const page of whoop.pull(call, request)) pages.push(page);
  return pages;
}

const bodyOf = (page: PulledPage | undefined): Json => JSON.parse(new TextDecoder().decode(page!.body)) as Json;
const window = { fromMs: Date.UTC(2026, 10, 18), toMs: Date.UTC(2026, 10, 20) };
const list = (given: readonly unknown[], next_token?: string | null): Answer => ({ body: { records: given, ...(next_token === undefined ? {} : { next_token }) } });

describe("asking WHOOP", () => {
  it("identifies the member as text", async () => {
    const { call, asked } = callWith(inTurn([{ body: fixture("profile") }]));
    expect(await whoop.identify(call, {})).toEqual({ vendorUserId: MEMBER, grantedScopes: null });
    expect(asked[0]!.path).toBe("/v2/user/profile/basic");
    await expect(whoop.identify(callWith(inTurn([{ body: { user_id: 2 ** 60 } }])).call, {})).rejects.toBeInstanceOf(ProviderContractBroken);
  });

  it("follows the pages, sent as nextToken and given as next_token, to an absent, null or empty one", async () => {
    for (const last of [undefined, null, ""]) {
      const { call, asked } = callWith(inTurn([list(records("cycle"), "t1"), list([], "t2"), list(records("cycle"), last)]));
      expect(await pagesOf(call, { resource: "cycle", window })).toHaveLength(2);
      const query = { limit: 25, start: "2026-11-18T00:00:00.000Z", end: "2026-11-20T00:00:00.000Z" };
      expect(asked.map(({ path, options }) => [path, options.query])).toEqual([
        ["/v2/cycle", query], ["/v2/cycle", { ...query, nextToken: "t1" }], ["/v2/cycle", { ...query, nextToken: "t2" }],
      ]);
    }
  });

  it("asks for sleeps with a day on both sides, for their numbers stand at the day they ended", async () => {
    const { call, asked } = callWith(inTurn([list([])]));
    expect(await pagesOf(call, { resource: "sleep", window })).toEqual([]);
    expect(asked[0]).toMatchObject({ path: "/v2/activity/sleep", options: { query: { start: "2026-11-17T00:00:00.000Z", end: "2026-11-21T00:00:00.000Z" } } });
  });

  it("cuts a loop of pages [VA-06]", async () => {
    const { call, asked } = callWith(inTurn([list(records("cycle"), "again")]));
    await expect(pagesOf(call, { resource: "cycle", window })).rejects.toMatchObject({ code: "provider_contract", path: "/next_token" });
    expect(asked).toHaveLength(2);
    const endless = callWith((_path, _options, turn) => list([], `t${turn}`));
    await expect(pagesOf(endless.call, { resource: "workout", window })).rejects.toBeInstanceOf(ProviderContractBroken);
    expect(endless.asked.length).toBeLessThan(300);
  });

  it("takes in nobody else's records, in lists and alone [VA-15]", async () => {
    const foreign = one("workout", 0, { user_id: 7 });
    await expect(pagesOf(callWith(inTurn([list([one("workout"), foreign])])).call, { resource: "workout", window })).rejects.toMatchObject({ path: "/records/1/user_id" });
    await expect(pagesOf(callWith(inTurn([{ body: foreign }])).call, { resource: "workout", objectId: "w-1" })).rejects.toMatchObject({ path: "/user_id" });
  });

  it("puts the place of its sleep beside each recovery of a list", async () => {
    const { call, asked } = callWith((path) => (path === "/v2/recovery" ? list(records("recovery").map((record) => ({ ...record, sleep: undefined }))) : list(records("sleep"))));
    const pages = await pagesOf(call, { resource: "recovery", window });
    expect(pages.map(({ resource }) => resource)).toEqual(["recovery"]);
    const placed = bodyOf(pages[0])["records"] as Json[];
    expect(placed.map(({ sleep }) => (sleep as Json | undefined)?.["end"])).toEqual(["2026-11-19T06:30:00.000Z", "2026-11-18T06:05:00.000Z", undefined]);
    expect(map("recovery", bodyOf(pages[0])).records).toEqual(map("recovery", fixture("recovery")).records);
    expect(asked.map(({ path, options }) => [path, options.query!["start"]])).toEqual([
      ["/v2/activity/sleep", "2026-11-14T00:00:00.000Z"], ["/v2/recovery", "2026-11-16T00:00:00.000Z"],
    ]);
  });

  it("gives recoveries also where sleeps are not allowed", async () => {
    const { call } = callWith((path) => (path === "/v2/recovery" ? list(records("recovery")) : { status: 403 }));
    expect(await pagesOf(call, { resource: "recovery", window })).toHaveLength(1);
  });

  it("finds a recovery by its sleep and the sleep's cycle [W2]", async () => {
    const { sleep: _, ...bare } = one("recovery");
    const { call, asked } = callWith((path) => ({ body: path.endsWith("/recovery") ? bare : one("sleep", 1) }));
    const pages = await pagesOf(call, { resource: "recovery", objectId: NIGHT });
    expect(asked.map(({ path }) => path)).toEqual([`/v2/activity/sleep/${NIGHT}`, "/v2/cycle/93845/recovery"]);
    expect(lines(map("recovery", bodyOf(pages[0])), "recovery")).toEqual(["2026-11-18T23:00:00 → 2026-11-19T23:00:00 64"]);
  });

  it("says when a sleep has no recovery any more, and nothing when the sleep itself is gone", async () => {
    const gone = callWith((path) => (path.endsWith("/recovery") ? { status: 404 } : { body: one("sleep", 1) }));
    const pages = await pagesOf(gone.call, { resource: "recovery", objectId: NIGHT });
    expect(pages.map(({ resource }) => resource)).toEqual(["recovery_gone"]);
    expect(map("recovery_gone", bodyOf(pages[0])).replaces).toMatchObject({ fromMs: Date.UTC(2026, 10, 18, 23) });
    expect(await pagesOf(callWith(() => ({ status: 404 })).call, { resource: "recovery", objectId: NIGHT })).toEqual([]);
  });

  it("brings the cycles around an announced sleep along, for no event tells of them", async () => {
    const { call, asked } = callWith((path) => (path === "/v2/cycle" ? list(records("cycle")) : { body: one("sleep", 1) }));
    expect((await pagesOf(call, { resource: "sleep", objectId: NIGHT })).map(({ resource }) => resource)).toEqual(["sleep", "cycle"]);
    expect(asked[1]!.options.query).toEqual({ limit: 25, start: "2026-11-16T22:30:00.000Z", end: "2026-11-19T06:30:00.001Z" });
    const refused = callWith((path) => (path === "/v2/cycle" ? { status: 403 } : { body: one("sleep", 1) }));
    expect(await pagesOf(refused.call, { resource: "sleep", objectId: NIGHT })).toHaveLength(1);
  });

  it("gives no page of what is not there: a deleted workout, a body never measured", async () => {
    expect(await pagesOf(callWith(() => ({ status: 404 })).call, { resource: "workout", objectId: "w-1" })).toEqual([]);
    expect(await pagesOf(callWith(() => ({ status: 404 })).call, { resource: "body_measurement", window })).toEqual([]);
    expect(await pagesOf(callWith(() => ({ body: fixture("body_measurement") })).call, { resource: "body_measurement", window })).toHaveLength(1);
  });

  it("refuses ids that would lead elsewhere, and what WHOOP has not", async () => {
    const { call, asked } = callWith(inTurn([{}]));
    for (const objectId of ["../../user/access", "a?b", "", "a/b"]) await expect(pagesOf(call, { resource: "sleep", objectId })).rejects.toBeInstanceOf(InvalidInput);
    for (const request of [{ resource: "profile", window }, { resource: "toString", window }, { resource: "body_measurement", objectId: "1" }, { resource: "sleep", url: "https://api.prod.whoop.com/" }]) {
      await expect(pagesOf(call, request)).rejects.toBeInstanceOf(InvalidInput);
    }
    expect(asked).toEqual([]);
  });

  it("ends the authorization, and is content when it is gone [OA-23]", async () => {
    const { call, asked } = callWith(inTurn([{ status: 204 }]));
    await whoop.revoke!(call);
    expect(asked).toMatchObject([{ path: "/v2/user/access", options: { method: "DELETE" } }]);
    await expect(whoop.revoke!(callWith(inTurn([{ status: 401 }])).call)).resolves.toBeUndefined();
  });
});

const secrets = (given: Partial<WebhookSecrets> = {}): WebhookSecrets => ({
  clientId: "client", clientSecrets: ["test_secret"], verifyToken: null, subscriptionId: null, settings: {}, ...given,
});

describe("WHOOP's webhook", () => {
  const webhook = whoop.webhook!;
  const body = '{"user_id":10129,"id":"550e8400-e29b-41d4-a716-446655440000","type":"recovery.updated","trace_id":"d3709ee7-104e-4f70-a928-2932964b017b"}';
  const receivedMs = 1_795_071_672_000;
  const genuine = { "x-whoop-signature-timestamp": "1795071672000", "x-whoop-signature": "WyMKEFxJQS1PL5RVe5VXb6ePOQPXvvKfDmbKQxw38p0=" };

  const request = (headers: Record<string, string>, given: { text?: string; at?: number } = {}): WebhookRequest => ({
    headers, query: {}, body: new TextEncoder().encode(given.text ?? body), receivedMs: given.at ?? receivedMs,
  });
  const verify = (given: WebhookRequest, with_ = secrets()) => (): void => webhook.verify(given, with_);
  const parse = (changes: Json = {}): WebhookParse => webhook.parse({ ...fixture("event-recovery"), ...changes });

  it("accepts the test vector, and no other digest, secret or time [WH-01] [WH-02] [WH-06]", () => {
    expect(verify(request(genuine))).not.toThrow();
    expect(verify(request(genuine), secrets({ clientSecrets: ["new", "test_secret"] }))).not.toThrow();
    expect(verify(request(genuine), secrets({ clientSecrets: ["other"] }))).toThrow(WebhookRejected);
    expect(verify(request({ ...genuine, "x-whoop-signature-timestamp": "1795071672001" }))).toThrow(WebhookRejected);
    expect(verify(request({ "x-whoop-signature": genuine["x-whoop-signature"] }))).toThrow(WebhookRejected);
    expect(verify(request({ ...genuine, "x-whoop-signature": genuine["x-whoop-signature"].toLowerCase() }))).toThrow(WebhookRejected);
    expect(verify(request(genuine, { text: `${body}\n` }))).toThrow(WebhookRejected);
  });

  it("refuses what was signed more than five minutes away, or at no time [WH-05]", () => {
    expect(verify(request(genuine, { at: receivedMs + 299_000 }))).not.toThrow();
    for (const aside of [301_000, -301_000]) {
      expect(verify(request(genuine, { at: receivedMs + aside }))).toThrow(expect.objectContaining({ code: "webhook_stale" }) as Error);
    }
    const signature = createHmac("sha256", "test_secret").update(`yesterday${body}`).digest("base64");
    expect(verify(request({ "x-whoop-signature-timestamp": "yesterday", "x-whoop-signature": signature }))).toThrow(expect.objectContaining({ code: "webhook_stale" }) as Error);
  });

  it("knows an event again by its trace id, and without one tells a second change from a repetition [WH-07]", () => {
    const key = (text: string, headers: Record<string, string> = genuine): string | null => webhook.dedupeKey!(request(headers, { text }));
    const later = { ...genuine, "x-whoop-signature-timestamp": "1795071972000" };
    expect(key(body)).not.toBeNull();
    expect(key(body.replace("{", "{ "), later)).toBe(key(body));
    expect(key(body.replace("recovery", "sleep"))).not.toBe(key(body));
    const traceless = body.replace(/,"trace_id":"[^"]*"/, "");
    expect(key(traceless, later)).not.toBe(key(traceless));
    expect(key("no JSON")).toBeNull();
  });

  it("turns each kind of event into a reading or a withdrawal; the id of a recovery is its sleep's [W2]", () => {
    const id = "550e8400-e29b-41d4-a716-446655440000";
    const pull = (resource: string): unknown => ({ events: [{ kind: "pull", account: MEMBER, request: { resource, objectId: id } }], problems: [] });
    expect(parse()).toEqual(pull("recovery"));
    expect(parse({ type: "recovery.deleted" })).toEqual(pull("recovery"));
    expect(parse({ type: "sleep.updated" })).toEqual(pull("sleep"));
    expect(parse({ type: "workout.updated", user_id: "10129" })).toEqual(pull("workout"));
    expect(parse({ type: "sleep.deleted" }).events).toEqual([{ kind: "withdrawn", account: MEMBER, of: "sleep", vendorId: id }]);
    expect(parse({ type: "workout.deleted" }).events).toEqual([{ kind: "withdrawn", account: MEMBER, of: "workout", vendorId: id }]);
  });

  it("reports what is unknown or of version 1, and refuses what is no event", () => {
    expect(parse({ type: "cycle.updated" })).toMatchObject({ events: [], problems: [{ path: "/type" }] });
    expect(parse({ id: 93_845 })).toMatchObject({ events: [], problems: [{ path: "/id" }] });
    expect(() => parse({ user_id: null })).toThrow(ProviderContractBroken);
  });
});

describe("mapping recordings of WHOOP's API v1", () => {
  const old = {
    id: 77_001, start: "2024-05-01T17:00:00.000Z", end: "2024-05-01T17:40:00.000Z", timezone_offset: "-07:00", sport_id: 0, score_state: "SCORED",
    score: {
      strain: 7.5, average_heart_rate: 130,
      zone_duration: { zone_zero_milli: 1_000, zone_one_milli: 2_000, zone_two_milli: 3_000, zone_three_milli: 0, zone_four_milli: 0, zone_five_milli: 0 },
    },
  };

  it("knows sports by their numbers, and zones by their older name", () => {
    expect(workoutsOf(map("workout", old))[0]).toMatchObject({ vendorId: "77001", sport: "running", vendorSport: "running", heartRateZonesS: [1, 2, 3, 0, 0, 0] });
    const sports = [45, 52, 96, 63, 71, 9_999, -1, null].map((sport_id) => workoutsOf(map("workout", { ...old, sport_id }))[0]!);
    expect(sports.map(({ sport }) => sport)).toEqual(["strength", "hiking", "hiit", "walking", "other", "other", "other", "other"]);
    expect(sports.map(({ vendorSport }) => vendorSport)).toEqual(["weightlifting", "hiking rucking", "hiit", "walking", "other", "9999", undefined, undefined]);
    expect(workoutsOf(map("workout", { ...old, sport_name: "yoga" }))[0]).toMatchObject({ sport: "yoga", vendorSport: "yoga" });
  });

  it("keeps records without an id by their start", () => {
    const { id: _, ...bare } = old;
    expect(workoutsOf(map("workout", { records: [bare] }))[0]?.vendorId).toBeNull();
    expect(sleepsOf(map("sleep", { start: "2024-05-01T05:00:00.000Z", end: "2024-05-01T12:00:00.000Z" }))[0]).toMatchObject({ vendorId: null, totals: {} });
  });
});
