import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  InvalidInput, ProviderContractBroken, ProviderMisconfigured, ProviderRateLimited, ProviderRefused, ProviderUnavailable, ReauthorizationRequired, WebhookRejected,
} from "#errors.ts";
import { checkDriver } from "#driver/check.ts";
import type { MapResult, SampleRecord, SleepRecord, WorkoutRecord } from "#driver/records.ts";
import type { DriverCall, PulledPage, PullRequest, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import type { AuthorizedFetch, AuthorizedFetchOptions, VendorResponse } from "#http/types.ts";
import { DAY_MS, formatInstant, HOUR_MS } from "#units/time.ts";
import { suunto } from "./index.ts";

const RECEIVED_MS = Date.UTC(2026, 5, 4);

type Json = Record<string, unknown>;

/** A fixture as Suunto would send it: without our note on its source, and out of its wrapping. */
function fixture(name: string): unknown {
  const { _source, payload, ...body } = JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as Json;
  return payload ?? body;
}

function map(resource: string, payload: unknown = fixture(resource), zone = "Europe/Warsaw"): MapResult {
  return suunto.map(resource, payload, { receivedMs: RECEIVED_MS, zone });
}

/** Samples of one metric as "start(/end) value flags", which reads like a table. */
function lines(result: MapResult, metric: string): string[] {
  return result.records
    .filter((record): record is SampleRecord => record.record === "sample" && record.metric === metric)
    .map((sample) => {
      const times = [sample.startMs, ...(sample.endMs === undefined ? [] : [sample.endMs])].map((ms) => formatInstant(ms).slice(5, 16)).join("/");
      return [times, Number(sample.value.toFixed(3)), ...(sample.flags ?? [])].join(" ");
    });
}

const workoutsOf = ({ records }: MapResult): WorkoutRecord[] => records.filter((record) => record.record === "workout");
const sleepsOf = ({ records }: MapResult): SleepRecord[] => records.filter((record) => record.record === "sleep");

const run = (changes: Json = {}): Json => ({ ...((fixture("event-workout") as Json)["workout"] as Json), ...changes });
const mapRun = (changes: Json): WorkoutRecord | undefined => workoutsOf(map("workout", run(changes)))[0];

describe("mapping Suunto's workouts", () => {
  it("gives a run with energy, pace, steps of both feet and the watch [W2] [W3]", () => {
    const result = map("workouts");
    expect(result.problems).toEqual([]);
    expect(workoutsOf(result)[0]).toMatchObject({
      vendorId: "65f1c0ffee0ddba11", startMs: 1_772_470_000_000, endMs: 1_772_471_860_000, offsetMinutes: 60, sport: "running", vendorSport: "1",
      title: "Morning run", activeS: 1_800, distanceM: 5_000, energyKcal: 380, averageHeartRate: 149, maxHeartRate: 172, averageSpeedMS: 2.78,
      maxSpeedMS: 4.1, averageCadence: 164, elevationGainM: 40, steps: 4_800, isManual: false, device: { id: "0000", name: "Suunto Race" },
    });
    expect(workoutsOf(result)[0]?.averagePaceSKm).toBeCloseTo(359.71, 2);
    expect(workoutsOf(result).map(({ sport }) => sport)).toEqual(["running", "cycling", "strength"]);
  });

  it("takes the highest heart rate of the session, however the payload names it", () => {
    const highest = (hrdata: Json): number | undefined => mapRun({ hrdata })?.maxHeartRate;
    expect(highest({ hrmax: 172, max: 190 })).toBe(172);
    expect(highest({ hrmax: 190, max: 158, userMaxHR: 190 })).toBe(158);
    expect(highest({ hrmax: 190, max: 158 })).toBe(158);
    expect(highest({ workoutMaxHR: 181, hrmax: 190, max: 158 })).toBe(181);
    expect(highest({ hrmax: 190, max: 190, userMaxHR: 190 })).toBe(190);
    expect(highest({ max: 190 })).toBeUndefined();
  });

  it("reads heart rate and cadence in hertz, and a rider's cadence as it is", () => {
    expect(mapRun({ hrdata: { workoutAvgHR: 2.5, workoutMaxHR: 3 }, cadence: { avg: 1.4 } })).toMatchObject({ averageHeartRate: 150, maxHeartRate: 180, averageCadence: 168 });
    expect(workoutsOf(map("workouts"))[1]).toMatchObject({ averageCadence: 78, averagePowerW: 168, maxPowerW: 520 });
    expect(mapRun({ cadence: { avg: 168 } })?.averageCadence).toBe(168);
    expect(mapRun({ startTime: "1772470000000", totalDistance: "5000.0" })).toMatchObject({ startMs: 1_772_470_000_000, distanceM: 5_000 });
  });

  it("finds the end of a workout that lacks it, and leaves out what was not measured", () => {
    expect(workoutsOf(map("workout"))[0]).toMatchObject({ vendorId: "65f1c0ffee0ddba11", endMs: 1_772_471_800_000 });
    const gym = workoutsOf(map("workouts"))[2];
    expect(gym).toMatchObject({ isManual: true, energyKcal: 240 });
    for (const field of ["distanceM", "averageHeartRate", "averageCadence", "steps"]) expect(gym).not.toHaveProperty(field);
  });

  it.each([[1, "running"], [10, "cycling"], [70, "hiking"], [61, "water_sport"], [75, "racket_sport"], [66, "other"], [89, "other"], [null, "other"]])(
    "maps activity %s to %s", (activityId, sport) => expect(mapRun({ activityId })?.sport).toBe(sport),
  );

  it("keeps the good workouts of a list and says where the bad one is, without its values [VA-05]", () => {
    const result = map("workouts", [run(), run({ startTime: "canary" }), run({ totalTime: -5, stopTime: null }), "canary", run({ totalDistance: -3 })]);
    expect(workoutsOf(result)).toHaveLength(2);
    expect(result.problems.map(({ path }) => path)).toEqual(["/1/startTime", "/2/totalTime", "/3", "/4/totalDistance"]);
    expect(JSON.stringify(result.problems)).not.toContain("canary");
  });

  it("withdraws a workout that is gone, and refuses an answer that is an error", () => {
    expect(map("workout_gone", { workoutKey: "abc" }).records).toEqual([{ record: "withdrawal", of: "workout", vendorId: "abc" }]);
    expect(() => map("workouts", { error: { code: 1 }, payload: null })).toThrow(ProviderContractBroken);
    expect(() => map("routes", [])).toThrow(InvalidInput);
  });
});

describe("mapping Suunto's workouts of other answers", () => {
  it("finds the watch in an extension, and the id under its other name", () => {
    const { workoutKey: _, gear: __, ...bare } = run();
    const extensions = [null, { type: "FitnessExtension" }, { type: "SummaryExtension", gear: { displayName: "Suunto Race", serialNumber: "7" } }];
    expect(workoutsOf(map("workouts", [{ ...bare, key: "k1", extensions }]))[0]).toMatchObject({ vendorId: "k1", device: { id: "7", name: "Suunto Race" } });
    expect(workoutsOf(map("workouts", [{ ...bare, extensions: "none" }]))[0]).not.toHaveProperty("device");
  });

  it("takes power and cadence of an extension where the workout itself has none", () => {
    const extensions = [{ type: "SummaryExtension", avgPower: 210, maxPower: "480.0", avgCadence: 1.4 }, { type: "Other", avgPower: {} }];
    const ride = { ...run(), activityId: 2, avgPower: null, maxPower: undefined, avgCadence: null, cadence: { avg: 0 }, extensions };
    expect(workoutsOf(map("workouts", [ride]))[0]).toMatchObject({ averagePowerW: 210, maxPowerW: 480, averageCadence: 84 });
    expect(workoutsOf(map("workouts", [{ ...ride, avgPower: 150, cadence: { avg: 70 } }]))[0]).toMatchObject({ averagePowerW: 150, averageCadence: 70 });
  });
});

describe("mapping Suunto's days and nights", () => {
  it("takes the entry's own time for the start of a night where the night's id is that second", () => {
    const startMs = Date.UTC(2026, 4, 26, 18, 47);
    const data = { DateTime: "2026-05-26T21:47:00.000+03:00", Duration: 35_000, DeepSleepDuration: 6_000, LightSleepDuration: 27_000 };
    const night = (SleepId: unknown): MapResult => map("sleep", [{ timestamp: "2026-05-26T21:47:00.000+03:00", entryData: { ...data, SleepId } }]);
    expect(sleepsOf(night(startMs / 1000))[0]).toMatchObject({ startMs, endMs: startMs + 35_000_000, offsetMinutes: 180, totals: { asleepS: 33_000, inBedS: 35_000 } });
    expect(night(42)).toEqual({ records: [], problems: [{ path: "/0/entryData/BedtimeStart", reason: "missing or of the wrong type" }] });
  });

  it("gives a night with its totals, and a nap whose zeros are no totals", () => {
    const result = map("sleep");
    expect(result.problems).toEqual([]);
    const [night, nap] = sleepsOf(result);
    expect(night).toEqual({
      record: "sleep", vendorId: "42", startMs: Date.UTC(2026, 2, 2, 21, 50), endMs: Date.UTC(2026, 2, 3, 5, 40), offsetMinutes: 60, isNap: false,
      stages: [], totals: { asleepS: 26_400, deepS: 5_400, lightS: 14_400, remS: 6_600, awakeS: 900 }, score: 81,
    });
    expect(nap).toMatchObject({ vendorId: "43", isNap: true, totals: { asleepS: 1_800 } });
    expect(Object.keys(nap?.totals ?? {})).toEqual(["asleepS"]);
    expect(lines(result, "heart_rate")).toEqual(["03-02T21:50 54 day_total"]);
    expect(lines(result, "heart_rate_min")).toEqual(["03-02T21:50/03-03T05:40 46"]);
    expect(lines(result, "hrv_rmssd")).toEqual(["03-02T21:50 61 day_total"]);
    expect(lines(result, "sleep_score")).toEqual(["03-02T21:50/03-03T05:40 81"]);
  });

  it("reads a recording with small initials, heart rate in hertz and quality as a share", () => {
    const result = map("sleep", fixture("sleep-recording"));
    expect(result.problems).toEqual([]);
    expect(sleepsOf(result)[0]).toMatchObject({
      vendorId: "1779487800", startMs: Date.UTC(2026, 4, 22, 22, 10), offsetMinutes: 120, score: 68,
      totals: { inBedS: 35_280, asleepS: 34_650, deepS: 7_860, lightS: 20_190, remS: 6_600, awakeS: 630 },
    });
    expect(lines(result, "heart_rate")).toEqual(["05-22T22:10 56 day_total"]);
    expect(lines(result, "heart_rate_min")).toEqual(["05-22T22:10/05-23T07:58 53"]);
  });

  it("believes the offset through a night in which clocks change", () => {
    const entry = { timestamp: "2026-03-29T07:00:00+02:00", entryData: { BedtimeStart: "2026-03-28T23:00:00+01:00", BedtimeEnd: "2026-03-29T07:00:00+02:00", Duration: 25_200 } };
    expect(sleepsOf(map("sleep", [entry]))[0]).toMatchObject({ startMs: Date.UTC(2026, 2, 28, 22), endMs: Date.UTC(2026, 2, 29, 5), offsetMinutes: 60 });
  });

  it("finds the end by the duration, and refuses nights that end before they begin", () => {
    const entry = (data: Json): Json => ({ timestamp: "2026-03-02T23:00:00+01:00", entryData: { BedtimeStart: "2026-03-02T23:00:00+01:00", ...data } });
    expect(sleepsOf(map("sleep", [entry({ Duration: 3_600 })]))[0]?.endMs).toBe(Date.UTC(2026, 2, 2, 23));
    for (const data of [{}, { Duration: -5 }, { BedtimeEnd: "2026-03-02T22:00:00+01:00" }, { BedtimeEnd: "2026-03-09T22:00:00+01:00" }]) {
      const result = map("sleep", [entry(data)]);
      expect(result.records).toEqual([]);
      expect(result.problems.length).toBeGreaterThan(0);
    }
  });

  it("refuses a night that does not say when it began, rather than begin it at its end", () => {
    const entry = { timestamp: "2026-03-03T06:40:00+01:00", entryData: { DateTime: "2026-03-03T06:40:00+01:00", Duration: 26_400, IsNap: "true" } };
    expect(map("sleep", [entry])).toMatchObject({ records: [], problems: [{ path: "/0/entryData/BedtimeStart" }] });
    const whole = { ...entry, entryData: { ...entry.entryData, BedtimeStart: "2026-03-02T22:50:00+01:00" } };
    expect(sleepsOf(map("sleep", [whole]))[0]).toMatchObject({ isNap: true, endMs: Date.UTC(2026, 2, 3, 5, 10) });
  });

  it("gives activity in our units: hertz and beats, joules, shares and percent; zeros of sensors are gaps", () => {
    const result = map("activity");
    expect(result.problems).toEqual([]);
    expect(lines(result, "heart_rate")).toEqual(["03-02T07:00 72", "03-02T07:10 56", "03-02T07:30 75"]);
    expect(lines(result, "calories_total")).toEqual(["03-02T07:00/03-02T07:10 14", "03-02T07:10/03-02T07:20 5", "03-02T07:30/03-02T07:40 10"]);
    expect(lines(result, "steps")).toEqual(["03-02T07:00/03-02T07:10 412", "03-02T07:10/03-02T07:20 0", "03-02T07:30/03-02T07:40 12"]);
    expect(lines(result, "spo2")).toEqual(["03-02T07:00 96", "03-02T07:10 97"]);
    expect(lines(result, "hrv_rmssd")).toEqual(["03-02T07:00 44"]);
    expect(lines(result, "heart_rate_max")).toEqual(["03-02T07:00/03-02T07:10 91"]);
    expect(result.records.every((record) => record.record === "sample" && record.offsetMinutes === 60)).toBe(true);
  });

  it("gives body resources as a recovery of half hours, and no number for a state of stress", () => {
    const result = map("recovery");
    expect(lines(result, "recovery")).toEqual(["03-03T06:00/03-03T06:30 74", "03-03T06:30/03-03T07:00 70"]);
    expect(result.records).toHaveLength(2);
  });

  it("gives sums of days by device, and passes over means and days without a value", () => {
    const result = map("daily-activity-statistics");
    expect(result.problems).toEqual([]);
    expect(lines(result, "steps")).toEqual(["02-28T23:00/03-01T23:00 9120 day_total", "03-01T23:00/03-02T23:00 7050 day_total"]);
    expect(lines(result, "calories_total")).toEqual(["02-28T23:00/03-01T23:00 2200 day_total"]);
    expect((result.records as SampleRecord[]).map(({ device }) => device?.id)).toEqual(["Suunto Race", undefined, "Suunto Race"]);
  });

  it("gives the day on which clocks change its 23 hours, and finds the local day of a UTC time", () => {
    const day = (TimeISO8601: string, zone: string): string[] =>
      lines(map("daily-activity-statistics", [{ Name: "stepcount", Sources: [{ Samples: [{ TimeISO8601, Value: 5 }] }] }], zone), "steps");
    expect(day("2026-03-29T00:00:00.000+01:00", "Europe/Warsaw")).toEqual(["03-28T23:00/03-29T22:00 5 day_total"]);
    expect(day("2026-03-28T17:00:00", "Asia/Bangkok")).toEqual(["03-28T17:00/03-29T17:00 5 day_total"]);
    expect(day("2026-03-28T17:00:00Z", "Asia/Bangkok")).toEqual(["03-28T17:00/03-29T17:00 5 day_total"]);
    expect(day("2026-03-01T00:00:00.000-08:00", "Europe/Warsaw")).toEqual(["03-01T08:00/03-02T08:00 5 day_total"]);
  });

  it("keeps good entries beside bad ones, and refuses what holds none", () => {
    const good = (fixture("activity") as unknown[])[0];
    const result = map("activity", [good, { timestamp: "2026-02-30T00:00:00Z", entryData: {} }, { entryData: { HR: 60 } }, "canary", { timestamp: "2026-03-02T07:00:00Z", entryData: { HR: "canary" } }]);
    expect(lines(result, "heart_rate")).toEqual(["03-02T07:00 72"]);
    expect(result.problems.map(({ path }) => path)).toEqual(["/1/timestamp", "/2/timestamp", "/3/entryData", "/4/entryData/HR"]);
    expect(JSON.stringify(result.problems)).not.toContain("canary");
    expect(map("activity", { samples: [good] }).records).toEqual(map("activity", [good]).records);
    for (const junk of [null, "canary", {}, { samples: "canary" }]) expect(() => map("recovery", junk)).toThrow(ProviderContractBroken);
  });
});

interface Asked {
  readonly path: string;
  readonly options: AuthorizedFetchOptions;
}
interface Answer { readonly status?: number; readonly body?: unknown }

/** A call whose fetch answers from a list (the last answer again and again) and remembers what was asked. */
function callWith(answers: readonly Answer[], settings: Record<string, string> = {}): { readonly call: DriverCall; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const fetch: AuthorizedFetch = (path, options = {}) => {
    asked.push({ path, options });
    const { status = 200, body = "" } = answers[Math.min(asked.length, answers.length) - 1] ?? {};
    const text = JSON.stringify(body);
    if (status >= 400 && !options.accept?.includes(status)) return Promise.reject(new ProviderRefused(`suunto answered ${status}.`, status, text));
    const response: VendorResponse = { status, headers: {}, body: new TextEncoder().encode(text), json: () => JSON.parse(text) as unknown };
    return Promise.resolve(response);
  };
  return {
    asked,
    call: {
      fetch, settings: { subscription_key: "sub-key", daily_statistics: "auto", ...settings }, account: { vendorUserId: "jkowalski", grantedScopes: null },
      nowMs: RECEIVED_MS, signal: new AbortController().signal,
    },
  };
}

async function pages(call: DriverCall, request: PullRequest): Promise<PulledPage[]> {
  const got: PulledPage[] = [];
  for await (const page of suunto.pull(call, request)) got.push(page);
  return got;
}

const read = (page: PulledPage | undefined): unknown => JSON.parse(new TextDecoder().decode(page?.body)) as unknown;
const window = { fromMs: RECEIVED_MS - 60 * DAY_MS, toMs: RECEIVED_MS };

describe("asking Suunto", () => {
  it("declares nothing that contradicts itself", () => expect(() => checkDriver(suunto)).not.toThrow());

  it("knows the person by the name that webhooks use", async () => {
    const { call, asked } = callWith([]);
    expect(await suunto.identify(call, { user: "jkowalski", scope: "workout" })).toEqual({ vendorUserId: "jkowalski", grantedScopes: null });
    await expect(suunto.identify(call, {})).rejects.toBeInstanceOf(ProviderContractBroken);
    expect(asked).toEqual([]);
  });

  it("sends the subscription's key with every call", async () => {
    const { call, asked } = callWith([{ body: [] }]);
    await pages(call, { resource: "recovery", window });
    for (const { options } of asked) expect(options.headers).toEqual({ "ocp-apim-subscription-key": "sub-key" });
  });

  it("calls a missing or wrong key the operator's matter, and only another 401 the person's", async () => {
    const none = callWith([], { subscription_key: "" });
    await expect(pages(none.call, { resource: "sleep", window })).rejects.toBeInstanceOf(ProviderMisconfigured);
    expect(none.asked).toEqual([]);
    const wrong = callWith([{ status: 401, body: { statusCode: 401, message: "Access denied due to invalid subscription key." } }]);
    await expect(pages(wrong.call, { resource: "sleep", window })).rejects.toBeInstanceOf(ProviderMisconfigured);
    await expect(pages(callWith([{ status: 401 }]).call, { resource: "sleep", window })).rejects.toBeInstanceOf(ReauthorizationRequired);
  });

  it("waits for a spent quota to be filled again, and takes any other 403 for a refusal [VA-02]", async () => {
    const quota = (message: string) => callWith([{ status: 403, body: { statusCode: 403, message } }]).call;
    const spent = pages(quota("Out of call volume quota. Quota will be replenished in 02:00:30."), { resource: "sleep", window });
    await expect(spent).rejects.toMatchObject({ code: "provider_rate_limited", retryAtMs: RECEIVED_MS + 2 * HOUR_MS + 30_000 });
    const days = pages(quota("Out of call volume quota. Quota will be replenished in 3.01:00:00."), { resource: "sleep", window });
    await expect(days).rejects.toMatchObject({ retryAtMs: RECEIVED_MS + 73 * HOUR_MS });
    await expect(pages(quota("Out of call volume quota."), { resource: "sleep", window })).rejects.toBeInstanceOf(ProviderRateLimited);
    await expect(pages(quota("Forbidden"), { resource: "sleep", window })).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 403 });
  });

  it("asks for 24/7 data 28 days at a time, in milliseconds with an inclusive end", async () => {
    const { call, asked } = callWith([{ body: [] }]);
    expect(await pages(call, { resource: "sleep", window })).toHaveLength(3);
    expect(asked.map(({ path }) => path)).toEqual(["/247samples/sleep", "/247samples/sleep", "/247samples/sleep"]);
    const spans = asked.map(({ options: { query } }) => [Number(query?.["from"]), Number(query?.["to"])] as const);
    expect(spans[0]?.[0]).toBe(window.fromMs);
    expect(spans.at(-1)?.[1]).toBe(window.toMs - 1);
    for (const [from, to] of spans) expect(to - from).toBeLessThan(28 * DAY_MS);
    expect(spans[1]?.[0]).toBe(spans[0]![1] + 1);
  });

  it("looks for the daily totals in both places, or in the one that the setting names", async () => {
    const short = { fromMs: RECEIVED_MS - DAY_MS, toMs: RECEIVED_MS };
    const auto = callWith([{ status: 404 }, { body: [] }]);
    expect(await pages(auto.call, { resource: "daily-activity-statistics", window: short })).toHaveLength(1);
    expect(auto.asked.map(({ path }) => path)).toEqual(["/247samples/daily-activity-statistics", "/247/daily-activity-statistics"]);
    expect(auto.asked[0]?.options.query).toEqual({ startdate: "2026-06-03T00:00:00.000Z", enddate: "2026-06-03T23:59:59.999Z" });
    const fixed = callWith([{ status: 404 }], { daily_statistics: "247" });
    await expect(pages(fixed.call, { resource: "daily-activity-statistics", window: short })).rejects.toBeInstanceOf(ProviderRefused);
    expect(fixed.asked.map(({ path }) => path)).toEqual(["/247/daily-activity-statistics"]);
  });

  it("asks for days whole, as the person lives them, so that no part of one is taken for its total [VA-10]", async () => {
    const { call, asked } = callWith([{ body: [] }]);
    // Clocks go forward on 29 March.
    const cut = { fromMs: Date.UTC(2026, 2, 10, 15), toMs: Date.UTC(2026, 3, 20, 9) };
    await pages({ ...call, account: { ...call.account, zone: "Europe/Warsaw" } }, { resource: "daily-activity-statistics", window: cut });
    expect(asked.map(({ options: { query } }) => [query?.["startdate"], query?.["enddate"]])).toEqual([
      ["2026-03-09T23:00:00.000Z", "2026-04-05T21:59:59.999Z"], ["2026-04-05T22:00:00.000Z", "2026-04-20T21:59:59.999Z"],
    ]);
  });

  it("lists workouts by their start until an empty page, and cuts a list that repeats itself [VA-06]", async () => {
    const list = fixture("workouts");
    const { call, asked } = callWith([{ body: list }, { body: { error: null, payload: [] } }]);
    expect((await pages(call, { resource: "workouts", window })).map(read)).toEqual([list]);
    expect(asked[1]).toMatchObject({
      path: "/v3/workouts", options: { query: { since: window.fromMs, until: window.toMs - 1, limit: 100, offset: 3, "filter-by-modification-time": "false" } },
    });
    const stuck = callWith([{ body: list }]);
    await expect(pages(stuck.call, { resource: "workouts", window })).rejects.toBeInstanceOf(ProviderContractBroken);
    expect(stuck.asked).toHaveLength(2);
  });

  it("takes an error inside a 200 for an outage", async () => {
    const { call } = callWith([{ body: { error: { code: "500" }, payload: null } }]);
    await expect(pages(call, { resource: "workouts", window })).rejects.toBeInstanceOf(ProviderUnavailable);
  });

  it("gives a workout by its key, notes one that is gone, and makes no address of anything else [VA-12] [VA-15]", async () => {
    const found = callWith([{ body: fixture("workout") }]);
    expect((await pages(found.call, { resource: "workout", objectId: "65f1c0ffee0ddba11" })).map(({ resource }) => resource)).toEqual(["workout"]);
    const gone = await pages(callWith([{ status: 404 }]).call, { resource: "workout", objectId: "abc" });
    expect(map("workout_gone", read(gone[0])).records).toMatchObject([{ record: "withdrawal", vendorId: "abc" }]);
    await expect(pages(callWith([{ body: fixture("workout") }]).call, { resource: "workout", objectId: "other" })).rejects.toBeInstanceOf(ProviderContractBroken);
    for (const objectId of ["../v2/route", "", "a/b", "a".repeat(65)]) {
      const { call, asked } = callWith([{ body: fixture("workout") }]);
      await expect(pages(call, { resource: "workout", objectId })).rejects.toBeInstanceOf(InvalidInput);
      expect(asked).toEqual([]);
    }
  });
});

const bytes = (body: unknown): Uint8Array => new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));

function request(body: unknown, secret = "notify"): WebhookRequest {
  const signature = createHmac("sha256", secret).update(bytes(body)).digest("hex");
  return { headers: { "x-hmac-sha256-signature": signature }, query: {}, body: bytes(body), receivedMs: RECEIVED_MS };
}

function verify(given: WebhookRequest, notification_secret = "notify"): () => void {
  const secrets: WebhookSecrets = { clientId: "1", clientSecrets: ["shh"], verifyToken: null, subscriptionId: null, settings: { notification_secret } };
  return () => suunto.webhook!.verify(given, secrets);
}

const parse = (body: unknown): WebhookParse => suunto.webhook!.parse(body);

describe("Suunto's notifications", () => {
  it("enter with the HMAC-SHA256 of their raw bytes by the notification secret, and not otherwise [WH-01] [WH-02]", () => {
    const body = fixture("event-sleep");
    expect(verify(request(body))).not.toThrow();
    expect(verify(request(body, "older"), "newer older")).not.toThrow();
    expect(verify(request(body, "shh"))).toThrow(WebhookRejected);
    expect(verify({ ...request(body), body: bytes(fixture("event-recovery")) })).toThrow(WebhookRejected);
    expect(verify({ ...request(body), headers: {} })).toThrow(WebhookRejected);
    for (const none of ["", "  "]) expect(verify(request(body, ""), none)).toThrow(WebhookRejected);
  });

  it("agree with a digest that was computed elsewhere", () => {
    const known: WebhookRequest = {
      headers: { "x-hmac-sha256-signature": "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8" },
      query: {}, body: bytes("The quick brown fox jumps over the lazy dog"), receivedMs: RECEIVED_MS,
    };
    expect(verify(known, "key")).not.toThrow();
  });

  it.each([["event-workout", "workout"], ["event-sleep", "sleep"], ["event-recovery", "recovery"], ["event-activity", "activity"]])(
    "hold their data: %s", (name, resource) => {
      const { events, problems } = parse(fixture(name));
      expect(problems).toEqual([]);
      expect(events).toMatchObject([{ kind: "data", account: "jkowalski", resource }]);
      const [event] = events;
      const result = map(resource, event?.kind === "data" ? event.payload : null);
      expect(result.problems).toEqual([]);
      expect(result.records.length).toBeGreaterThan(0);
    },
  );

  it("give the same workout, with its watch, as the list does", () => {
    const [event] = parse(fixture("event-workout")).events;
    expect(map("workout", event?.kind === "data" ? event.payload : null).records[0]).toEqual(map("workouts").records[0]);
  });

  it("lead to a workout that they only name, pass over routes, and report what is unknown or empty", () => {
    for (const body of [{ username: "jkowalski", workoutid: "abc" }, { type: "WORKOUT_CREATED", username: "jkowalski", workoutKey: "abc" }]) {
      expect(parse(body)).toEqual({ events: [{ kind: "pull", account: "jkowalski", request: { resource: "workout", objectId: "abc" } }], problems: [] });
    }
    expect(parse({ type: "ROUTE_CREATED", username: "jkowalski", route: {} })).toEqual({ events: [], problems: [] });
    expect(parse({ type: "SOMETHING_NEW", username: "jkowalski" })).toMatchObject({ events: [], problems: [{ path: "/type" }] });
    expect(parse({ type: "SUUNTO_247_SLEEP_CREATED", username: "jkowalski" })).toMatchObject({ events: [], problems: [{ path: "/samples" }] });
    expect(parse({ type: "WORKOUT_CREATED", username: "jkowalski" })).toMatchObject({ events: [], problems: [{ path: "/workout" }] });
    for (const junk of [null, [], "canary", { type: "WORKOUT_CREATED" }]) expect(() => parse(junk)).toThrow(ProviderContractBroken);
  });
});
