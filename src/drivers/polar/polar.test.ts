import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InvalidInput, ProviderContractBroken, ProviderRefused, ReauthorizationRequired, WebhookRejected } from "#errors.ts";
import { checkDriver } from "#driver/check.ts";
import type { MapResult, SampleRecord, SleepRecord, WorkoutRecord } from "#driver/records.ts";
import type { AppCall, DriverCall, PulledPage, PullRequest, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import type { AuthorizedFetch, AuthorizedFetchOptions, VendorResponse } from "#http/types.ts";
import { DAY_MS, formatInstant } from "#units/time.ts";
import { polar } from "./index.ts";
import { durationS } from "./map-place.ts";
import { sportOf } from "./map-sport.ts";

const RECEIVED_MS = Date.UTC(2026, 2, 2, 12);

type Json = Record<string, unknown>;

/** A fixture as Polar would send it: without our note on its source, and a list out of its wrapping. */
function fixture(name: string): unknown {
  const { _source, payload, ...body } = JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as Json;
  return payload ?? body;
}

const items = (name: string): Json[] => fixture(name) as Json[];

function map(resource: string, payload: unknown, zone = "Europe/Madrid", receivedMs = RECEIVED_MS): MapResult {
  return polar.map(resource, payload, { receivedMs, zone });
}

/** Samples of one metric as "start value flags", which reads like a table. */
function lines(result: MapResult, metric: string): string[] {
  return result.records
    .filter((record): record is SampleRecord => record.record === "sample" && record.metric === metric)
    .map((sample) => [formatInstant(sample.startMs).slice(0, 19), Number(sample.value.toFixed(3)), ...(sample.flags ?? [])].join(" "));
}

const sleepsOf = (result: MapResult): SleepRecord[] => result.records.filter((record) => record.record === "sleep");
const workoutsOf = (result: MapResult): WorkoutRecord[] => result.records.filter((record) => record.record === "workout");
const clocksOf = ({ stages }: SleepRecord): string[] =>
  stages.map(({ stage, startMs, endMs }) => `${formatInstant(startMs).slice(11, 16)} ${stage} ${(endMs - startMs) / 60_000}`);

describe("the data sheet of Polar", () => {
  it("contradicts itself nowhere", () => {
    expect(() => checkDriver(polar)).not.toThrow();
    expect(polar.auth).toMatchObject({ clientAuthentication: "basic", givesRefreshToken: false, pkce: "none" });
  });

  it("produces every metric and kind of record that it declares from its fixtures [W3]", () => {
    for (const { name, metrics, records } of polar.resources) {
      const result = map(name, fixture(name === "exercise" ? "exercises" : name));
      expect(result.problems, name).toEqual([]);
      expect(new Set(result.records.flatMap((record) => (record.record === "sample" ? [record.metric] : []))), name).toEqual(new Set(metrics));
      expect(new Set<string>(result.records.map(({ record }) => record)), name).toEqual(new Set(records));
    }
  });
});

describe("mapping Polar's exercises", () => {
  const exercise = fixture("exercise") as Json;

  it("gives a run at its UTC start, local minus offset, with pace, zones and load", () => {
    const result = map("exercise", exercise);
    expect(result.problems).toEqual([]);
    expect(workoutsOf(result)[0]).toMatchObject({
      vendorId: "aQlC83", startMs: Date.UTC(2026, 2, 2, 8), endMs: Date.UTC(2026, 2, 2, 8, 45, 30, 500), offsetMinutes: 60, sport: "running", vendorSport: "RUNNING_ROAD",
      distanceM: 8_050, energyKcal: 480, averageHeartRate: 149, maxHeartRate: 172, heartRateZonesS: [240, 630, 1_860.5], device: { id: "1111AAAA", name: "Polar Vantage V3" },
    });
    expect(workoutsOf(result)[0]?.averagePaceSKm).toBeCloseTo(339.19, 2);
    expect(lines(result, "training_load")).toEqual(["2026-03-02T08:00:00 101.5"]);
  });

  it("places samples by their rate, leaves out sensors that were away, and counts both feet", () => {
    const result = map("exercise", exercise);
    expect(lines(result, "heart_rate")).toEqual(["2026-03-02T08:00:01 120", "2026-03-02T08:00:02 121", "2026-03-02T08:00:04 125"]);
    expect(lines(result, "speed")).toEqual(["2026-03-02T08:00:00 0", "2026-03-02T08:00:05 3"]);
    expect(lines(result, "power")).toEqual(["2026-03-02T08:00:00 0", "2026-03-02T08:00:01 251"]);
    expect(lines(result, "altitude")).toHaveLength(2);
    expect(lines(result, "cadence")).toEqual(["2026-03-02T08:00:00 168", "2026-03-02T08:00:01 170"]);
    expect(lines(map("exercises", fixture("exercises")), "cadence").slice(2)).toEqual(["2026-03-01T16:30:00 0", "2026-03-01T16:30:01 85", "2026-03-01T16:30:03 87"]);
  });

  it("takes zeros for not measured", () => {
    const ride = workoutsOf(map("exercises", fixture("exercises")))[1];
    expect(ride).toMatchObject({ vendorId: "bX7_9-k", sport: "cycling", energyKcal: 480 });
    for (const field of ["distanceM", "averagePaceSKm", "averageHeartRate", "maxHeartRate", "heartRateZonesS"]) expect(ride).not.toHaveProperty(field);
  });

  it("goes by the person's zone where there is no offset, also west of Greenwich and in half hours", () => {
    const { start_time_utc_offset: _, ...bare } = exercise;
    expect(workoutsOf(map("exercise", bare, "America/New_York", Date.UTC(2026, 2, 3)))[0]).toMatchObject({ startMs: Date.UTC(2026, 2, 2, 14), offsetMinutes: -300 });
    expect(workoutsOf(map("exercise", { ...exercise, start_time_utc_offset: -210 }))[0]?.startMs).toBe(Date.UTC(2026, 2, 2, 12, 30));
  });

  it("keeps the good exercises of a list and says where the bad one is, without its values [VA-05]", () => {
    const list = [exercise, { ...exercise, start_time: "canary" }, { ...exercise, duration: "canary" }, { ...exercise, duration: "PT9000H" }, "canary", { ...exercise, id: {} }];
    const result = map("exercises", list);
    expect(workoutsOf(result)).toHaveLength(1);
    expect(result.problems.map(({ path }) => path)).toEqual(["/1/start_time", "/2/duration", "/3/duration", "/4", "/5/id"]);
    expect(JSON.stringify(result.problems)).not.toContain("canary");
  });

  it("reports samples that are no numbers, have no rate, or last too long, and ignores kinds without a metric", () => {
    const samples = [
      { "recording-rate": 1, "sample-type": "0", data: "98,canary,,99" }, { "recording-rate": null, "sample-type": "4", data: "1" },
      { "recording-rate": 1e9, "sample-type": "0", data: "98" }, { "recording-rate": 1, "sample-type": "99", data: "canary" }, { "recording-rate": 1, "sample-type": "0", data: 7 },
    ];
    const result = map("exercise", { ...exercise, samples });
    expect(lines(result, "heart_rate")).toEqual(["2026-03-02T08:00:00 98", "2026-03-02T08:00:03 99"]);
    expect(result.problems.map(({ path }) => path)).toEqual(["/samples/0/data", "/samples/1/recording-rate", "/samples/2/data", "/samples/4/data"]);
  });

  it.each([
    ["RUNNING_TRAIL", "running"], ["TRIATHLON_SWIMMING", "swimming"], ["TRIATHLON", "multisport"], ["WATERSPORTS_WATERSKI", "water_sport"], ["CROSS-COUNTRY_SKIING", "skiing"],
    ["TABLE_TENNIS", "racket_sport"], ["ICE_HOCKEY", "team_sport"], ["INLINE_SKATING", "skating"], ["NORDIC_WALKING", "walking"], ["MOUNTAIN_BIKING", "cycling"], ["MOTORSPORTS_MOTOCYCLING", "other"],
    ["STRENGTH_TRAINING", "strength"], ["CORE", "strength"], ["SNOWSHOE_TREKKING", "hiking"], ["ROLLER_SKIING_CLASSIC", "skiing"], ["INDOOR_ROWING", "rowing"], ["Something new", "other"], [null, "other"],
  ])("maps %s to %s", (word, sport) => {
    expect(sportOf(word)).toBe(sport);
  });

  it.each([["PT45M30.5S", 2_730.5], ["PT1H", 3_600], ["P1DT2H", 93_600], ["PT0S", 0], ["P", null], ["PT", null], ["1H", null], ["PT-5S", null]])("reads the duration %s", (text, seconds) => {
    expect(durationS(text)).toBe(seconds);
  });

  it("maps samples at 15,000 a second even on a busy machine (the bench asks for ten times that)", () => {
    const data = Array.from({ length: 20_000 }, (_, index) => 90 + (index % 80)).join(",");
    const started = performance.now();
    expect(map("exercise", { ...exercise, samples: [{ "recording-rate": 1, "sample-type": "0", data }] }).records.length).toBeGreaterThan(20_000);
    expect(performance.now() - started).toBeLessThan(1_333);
  });
});

describe("mapping Polar's nights", () => {
  const night = (fixture("sleep") as { nights: Json[] }).nights[0]!;

  it("lets each stage last until the next, over midnight, the last until the night ends", () => {
    const result = map("sleep", fixture("sleep"));
    const [sleep] = sleepsOf(result);
    expect(sleep).toMatchObject({
      vendorId: "2026-03-02", startMs: Date.UTC(2026, 2, 1, 22, 5), endMs: Date.UTC(2026, 2, 2, 5, 50), offsetMinutes: 60, isNap: false, score: 81,
      totals: { asleepS: 26_100, lightS: 14_400, deepS: 5_400, remS: 6_300, awakeS: 1_800 }, device: { id: "1111AAAA" },
    });
    expect(clocksOf(sleep!)).toEqual([
      "22:05 light 25", "22:30 deep 50", "23:20 light 50", "00:10 rem 40", "00:50 awake 10", "01:00 unmeasurable 10", "01:10 light 280",
    ]);
    expect(lines(result, "heart_rate")).toEqual(["2026-03-01T22:07:00 58", "2026-03-01T22:12:00 56", "2026-03-01T23:07:00 52"]);
    expect(lines(result, "sleep_score")).toEqual(["2026-03-01T22:05:00 81"]);
  });

  it("reads a single night like one of a list, and does not depend on the order of the clocks", () => {
    expect(map("sleep", night)).toEqual(map("sleep", fixture("sleep")));
    const sorted = Object.fromEntries(Object.entries(night["hypnogram"] as Json).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    expect(sleepsOf(map("sleep", { ...night, hypnogram: sorted }))[0]?.stages).toEqual(sleepsOf(map("sleep", night))[0]?.stages);
  });

  it("begins with the night where the first clock, which has no seconds, is a little before it", () => {
    const [sleep] = sleepsOf(map("sleep", { ...night, sleep_start_time: "2026-03-01T23:05:40+01:00" }));
    expect(sleep?.stages[0]).toMatchObject({ startMs: Date.UTC(2026, 2, 1, 22, 5, 40), endMs: Date.UTC(2026, 2, 1, 22, 30) });
  });

  it("follows the clocks when they go forward and back in the night", () => {
    const forward = { ...night, sleep_start_time: "2026-03-29T00:30:00+01:00", sleep_end_time: "2026-03-29T07:00:00+02:00", hypnogram: { "00:30": 2, "01:50": 4, "03:10": 1, "06:00": 2 } };
    expect(clocksOf(sleepsOf(map("sleep", forward, "Europe/Madrid", Date.UTC(2026, 3, 1)))[0]!)).toEqual(["23:30 light 80", "00:50 deep 20", "01:10 rem 170", "04:00 light 60"]);
    const back = { ...night, sleep_start_time: "2026-10-25T00:30:00+02:00", sleep_end_time: "2026-10-25T06:00:00+01:00", hypnogram: { "00:30": 2, "02:50": 4, "02:20": 1, "05:00": 2 } };
    expect(clocksOf(sleepsOf(map("sleep", back, "Europe/Madrid", Date.UTC(2026, 9, 26)))[0]!)).toEqual(["22:30 light 140", "00:50 deep 30", "01:20 rem 160", "04:00 light 60"]);
  });

  it("goes by the night's own offset where the person slept abroad", () => {
    const abroad = { ...night, sleep_start_time: "2026-03-01T23:05:00-05:00", sleep_end_time: "2026-03-02T06:50:00-05:00" };
    expect(sleepsOf(map("sleep", abroad))[0]?.stages[1]?.startMs).toBe(Date.UTC(2026, 2, 2, 4, 30));
  });

  it("knows nothing of stages that are all 0, and makes no total of what is missing", () => {
    const zeros = { ...night, light_sleep: 0, deep_sleep: 0, rem_sleep: 0, total_interruption_duration: 0, hypnogram: {}, sleep_score: 0 };
    expect(sleepsOf(map("sleep", zeros))[0]).toMatchObject({ stages: [], totals: {} });
    const { deep_sleep: _, ...partly } = night;
    expect(sleepsOf(map("sleep", partly))[0]?.totals).toEqual({ lightS: 14_400, remS: 6_300, awakeS: 1_800 });
  });

  it("reports unknown stages, clocks that are none and impossible nights", () => {
    const odd = map("sleep", { ...night, hypnogram: { "23:05": 2, "23:30": 77, "25:00": 1, canary: 2 }, heart_rate_samples: { "23:07": "canary" } });
    expect(odd.problems.map(({ path }) => path).toSorted()).toEqual(["/heart_rate_samples", "/hypnogram", "/hypnogram"]);
    expect(map("sleep", { ...night, sleep_end_time: "2026-03-01T22:00:00+01:00" })).toMatchObject({ records: [], problems: [{ path: "/sleep_end_time" }] });
    expect(map("sleep", { ...night, sleep_start_time: "2026-02-30T23:05:00" }).problems[0]?.path).toBe("/sleep_start_time");
    for (const broken of [null, "canary", 7, { nights: "canary" }]) expect(() => map("sleep", broken)).toThrow(ProviderContractBroken);
  });

  it("gives the recharge of the evening before its date, and its averages apart", () => {
    const result = map("nightly-recharge", fixture("nightly-recharge"));
    expect(lines(result, "hrv_rmssd")).toEqual(["2026-03-01T22:35:00 44", "2026-03-01T23:05:00 51", "2026-03-01T22:35:00 48 day_total"]);
    expect(lines(result, "respiration_rate")).toEqual(["2026-03-01T22:35:00 13.2", "2026-03-01T23:05:00 13.6", "2026-03-01T22:35:00 13.4 day_total"]);
    const bare = map("nightly-recharge", { date: "2026-03-02", heart_rate_variability_avg: 48 });
    expect(lines(bare, "hrv_rmssd")).toEqual(["2026-03-01T23:00:00 48 day_total"]);
    expect(map("nightly-recharge", { date: "2026-02-30", heart_rate_variability_avg: 48 })).toMatchObject({ records: [], problems: [{ path: "/date" }] });
  });
});

describe("mapping Polar's days", () => {
  it("gives a day's totals; a printed midnight is the person's, other times are UTC", () => {
    const result = map("activities", fixture("activities"));
    expect(lines(result, "steps").filter((line) => line.includes("day_total"))).toEqual(["2026-02-28T23:00:00 8823 day_total", "2026-02-27T23:00:00 0 day_total"]);
    expect(lines(result, "active_duration")[0]).toBe("2026-02-28T23:00:00 11460 day_total");
    expect(lines(result, "calories_active")[0]).toBe("2026-02-28T23:00:00 900 day_total");
    expect(result.records[0]).toMatchObject({ startMs: Date.UTC(2026, 1, 28, 23), endMs: Date.UTC(2026, 2, 1, 22, 59, 59), offsetMinutes: 60 });
  });

  it("adds up steps that were sent once for several equal intervals", () => {
    const steps = map("activities", fixture("activities")).records.filter((record) => record.record === "sample" && record.metric === "steps" && !record.flags) as SampleRecord[];
    expect(steps.map(({ startMs, endMs, value }) => [formatInstant(startMs).slice(11, 16), (endMs! - startMs) / 60_000, value])).toEqual([
      ["23:00", 480, 0], ["07:00", 3, 126], ["07:03", 1, 17], ["07:04", 1, 0],
    ]);
  });

  it("lets a zone last until the next one", () => {
    const result = map("activities", fixture("activities"));
    expect(lines(result, "sedentary_duration")).toEqual(["2026-03-01T06:00:00 3600"]);
    expect(lines(result, "intensity_moderate")).toEqual(["2026-03-01T07:00:00 600"]);
    expect(lines(result, "intensity_vigorous")).toEqual(["2026-03-01T07:10:00 330"]);
  });

  it("reports an impossible day, interval and time, and keeps the day beside it", () => {
    const day = items("activities")[1]!;
    const steps = { interval_ms: 0, samples: [] };
    const result = map("activities", [{ ...day, end_time: "2026-02-20T00:00:00" }, { ...day, samples: { steps } }, { ...day, start_time: "canary" }]);
    expect(result.problems.map(({ path }) => path)).toEqual(["/0/end_time", "/1/samples/steps/interval_ms", "/2/start_time"]);
    expect(lines(result, "calories_total")).toHaveLength(1);
  });

  it("places heart rate by the clock of the person's zone, twice in the hour that comes twice", () => {
    expect(lines(map("continuous-heart-rate", fixture("continuous-heart-rate")), "heart_rate")).toEqual(["2026-02-28T23:02:08 52", "2026-03-01T11:00:00 61"]);
    const rates = ["01:55:00", "02:00:00", "02:55:00", "02:00:01", "02:55:01", "03:00:00"].map((sample_time, index) => ({ sample_time, heart_rate: 50 + index }));
    const autumn = map("continuous-heart-rate", [{ date: "2026-10-25", heart_rate_samples: rates }], "Europe/Madrid", Date.UTC(2026, 9, 27));
    expect(lines(autumn, "heart_rate")).toEqual([
      "2026-10-24T23:55:00 50", "2026-10-25T00:00:00 51", "2026-10-25T00:55:00 52", "2026-10-25T01:00:01 53", "2026-10-25T01:55:01 54", "2026-10-25T02:00:00 55",
    ]);
  });

  it("bears a range of heart rate as a list or wrapped, and reports entries that are none once", () => {
    const day = fixture("continuous-heart-rate");
    expect(map("continuous-heart-rate", { heart_rates: [day] }).records).toEqual(map("continuous-heart-rate", [day]).records);
    const bad = map("continuous-heart-rate", { date: "2026-03-01", heart_rate_samples: ["canary", { heart_rate: 60 }, { heart_rate: null, sample_time: "x" }, { heart_rate: 60, sample_time: "24:00:00" }] });
    expect(bad).toMatchObject({ records: [], problems: [{ path: "/heart_rate_samples" }] });
    expect(bad.problems).toHaveLength(1);
  });

  it("gives load and strain of a day; −1, and 0 without a status, are none", () => {
    const result = map("cardio-load", fixture("cardio-load"));
    expect(lines(result, "training_load")).toEqual(["2026-02-28T23:00:00 101.5 day_total", "2026-02-27T23:00:00 0 day_total"]);
    expect(lines(result, "strain")).toEqual(["2026-02-28T23:00:00 62.4", "2026-02-27T23:00:00 58"]);
  });

  it("dates the profile by its last change, tells a typed weight from a measured one, and takes no default for a weight", () => {
    const info = fixture("physical-info") as Json;
    expect(map("physical-info", info).records).toMatchObject([
      { metric: "weight", value: 70.5, startMs: Date.UTC(2026, 1, 20, 12), flags: ["manual"] }, { metric: "height", value: 1.75 }, { metric: "vo2max", value: 50 },
      { metric: "resting_heart_rate", value: 55, startMs: Date.UTC(2026, 1, 19, 23), endMs: Date.UTC(2026, 1, 20, 23), flags: ["manual"] },
    ]);
    expect(lines(map("physical-info", { ...info, weight_source: "SOURCE_MEASURED" }), "weight")).toEqual(["2026-02-20T12:00:00 70.5"]);
    expect(lines(map("physical-info", { ...info, weight_source: "SOURCE_ESTIMATE" }), "weight")).toEqual(["2026-02-20T12:00:00 70.5 estimated"]);
    expect(lines(map("physical-info", { ...info, weight_source: "SOURCE_DEFAULT" }), "weight")).toEqual([]);
    expect(lines(map("physical-info", { ...info, modified: null }), "weight")).toEqual(["2025-06-01T12:00:00 70.5 manual"]);
    expect(map("physical-info", { ...info, modified: null, created: null })).toMatchObject({ records: [], problems: [{ path: "/modified" }] });
  });

  it("gives temperatures after the start of their period, and only what is known to be core or skin", () => {
    const result = map("bodytemperature", fixture("bodytemperature"));
    expect(lines(result, "body_temperature")).toEqual(["2026-03-01T22:00:00 36.6", "2026-03-01T22:10:00 36.4"]);
    expect(lines(result, "skin_temperature")).toEqual(["2026-03-01T22:00:00 34.1"]);
    const bad = map("bodytemperature", [{ ...items("bodytemperature")[0], samples: [{ temperature_celsius: 36 }, { temperature_celsius: "canary", recording_time_delta_milliseconds: 1 }] }]);
    expect(bad.problems.map(({ path }) => path)).toEqual(["/0/samples/0/recording_time_delta_milliseconds", "/0/samples/1/temperature_celsius"]);
  });

  it("gives a night's skin temperature and its deviation, which may be negative", () => {
    const result = map("skintemperature", fixture("skintemperature"));
    expect(lines(result, "skin_temperature")).toEqual(["2026-03-01T23:00:00 34.6 day_total"]);
    expect(lines(result, "skin_temperature_deviation")).toEqual(["2026-03-01T23:00:00 -0.2"]);
  });

  it("gives oxygen of a test that passed, and of none that did not", () => {
    const result = map("spo2", fixture("spo2"));
    expect(lines(result, "spo2")).toEqual(["2026-03-02T09:00:00 97"]);
    expect(lines(result, "heart_rate")).toEqual(["2026-03-02T09:00:00 60", "2026-03-02T10:00:00 66"]);
    expect(lines(map("ecg", fixture("ecg")), "heart_rate")).toEqual(["2026-03-02T09:05:00 63"]);
    expect(() => map("toString", [])).toThrow(InvalidInput);
  });
});

interface Asked {
  readonly path: string;
  readonly options: AuthorizedFetchOptions;
}
interface Answer { readonly status?: number; readonly body?: unknown }

/** A fetch that answers from a list (the last answer again and again) and remembers what was asked. */
function fetchWith(answers: readonly Answer[]): { readonly fetch: AuthorizedFetch; readonly asked: Asked[]; readonly calls: () => string[] } {
  const asked: Asked[] = [];
  return {
    asked,
    calls: () => asked.map(({ path, options }) => `${options.method ?? "GET"} ${path}`),
    fetch: (path, options = {}) => {
      asked.push({ path, options });
      const { status = 200, body } = answers[Math.min(asked.length, answers.length) - 1] ?? {};
      const text = body === undefined ? "" : JSON.stringify(body);
      if (status >= 400 && !options.accept?.includes(status)) return Promise.reject(new ProviderRefused(`polar answered ${status}.`, status, text));
      const response: VendorResponse = { status, headers: {}, body: new TextEncoder().encode(text), json: () => JSON.parse(text) as unknown };
      return Promise.resolve(response);
    },
  };
}

function callWith(answers: readonly Answer[], account: Partial<DriverCall["account"]> = {}) {
  const { fetch, asked, calls } = fetchWith(answers);
  const call: DriverCall = {
    fetch, settings: {}, account: { vendorUserId: "10579", grantedScopes: null, ...account }, nowMs: RECEIVED_MS, signal: new AbortController().signal,
  };
  return { call, asked, calls };
}

async function pages(call: DriverCall, request: PullRequest): Promise<PulledPage[]> {
  const got: PulledPage[] = [];
  for await (const page of polar.pull(call, request)) got.push(page);
  return got;
}

const read = (page: PulledPage | undefined): unknown => JSON.parse(new TextDecoder().decode(page?.body)) as unknown;

describe("registering at Polar", () => {
  it("is done with the first token, and done already is as good", async () => {
    for (const answer of [{ body: { "polar-user-id": 10579, "member-id": "islet-10579" } }, { status: 204 }, { status: 409, body: { errorType: "conflict" } }]) {
      const { call, asked } = callWith([answer], { vendorUserId: null });
      expect(await polar.identify(call, { x_user_id: 10579 })).toEqual({ vendorUserId: "10579", grantedScopes: null });
      expect(asked).toMatchObject([{ path: "/v3/users", options: { method: "POST", json: { "member-id": "islet-10579" } } }]);
    }
  });

  it("fails without the consents that Polar wants, without a number, and for another person [VA-15]", async () => {
    await expect(polar.identify(callWith([{ status: 403 }]).call, { x_user_id: 10579 })).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 403 });
    await expect(polar.identify(callWith([{}], { vendorUserId: null }).call, {})).rejects.toMatchObject({ path: "/x_user_id" });
    await expect(polar.identify(callWith([{}]).call, { x_user_id: 2 ** 60 })).rejects.toBeInstanceOf(ProviderContractBroken);
    await expect(polar.identify(callWith([{ body: { "polar-user-id": 1 } }]).call, { x_user_id: 10579 })).rejects.toMatchObject({ path: "/polar-user-id" });
  });

  it("is looked after by asking for the person, once they are known", async () => {
    const { call, calls } = callWith([{ body: {} }]);
    expect((await polar.identify(call, {})).vendorUserId).toBe("10579");
    expect(calls()).toEqual(["GET /v3/users/10579"]);
  });

  it("ends with the connection; one that is gone already is no error [OA-23]", async () => {
    for (const status of [204, 403, 404]) {
      const { call, calls } = callWith([{ status }]);
      await polar.revoke?.(call);
      expect(calls()).toEqual(["DELETE /v3/users/10579"]);
    }
    await polar.revoke?.({ ...callWith([]).call, fetch: () => Promise.reject(new ReauthorizationRequired("dead")) });
  });
});

describe("asking Polar", () => {
  const window = { fromMs: Date.UTC(2026, 2, 1), toMs: Date.UTC(2026, 2, 2, 12) };

  it("lists exercises, and reads each that begins in the window with its samples and zones", async () => {
    const { call, asked, calls } = callWith([{ body: fixture("exercises-list") }, { body: fixture("exercise") }, { status: 404 }]);
    const got = await pages(call, { resource: "exercises", window });
    expect(got.map(({ resource }) => resource)).toEqual(["exercise"]);
    expect(read(got[0])).toEqual(fixture("exercise"));
    expect(calls()).toEqual(["GET /v3/exercises", "GET /v3/exercises/aQlC83", "GET /v3/exercises/bX7_9-k"]);
    expect(asked[1]?.options.query).toEqual({ samples: "true", zones: "true" });
    const half = callWith([{ body: fixture("exercises-list") }, { body: fixture("exercise") }]);
    await pages(half.call, { resource: "exercises", window: { fromMs: Date.UTC(2026, 2, 2, 8), toMs: window.toMs } });
    expect(half.calls()).toHaveLength(2);
  });

  it("gives an exercise that it cannot ask for on to its mapping, which says what is wrong", async () => {
    const [page] = await pages(callWith([{ body: [{ id: null, start_time: "canary" }] }]).call, { resource: "exercises", window });
    expect(map("exercises", read(page))).toMatchObject({ records: [], problems: [{ path: "/0/duration" }] });
  });

  it("cuts the list of all nights to the window, and keeps the recharges of the mornings after", async () => {
    const { nights } = fixture("sleep") as { nights: Json[] };
    const other = { ...nights[0], date: "2026-02-10", sleep_start_time: "2026-02-09T23:00:00+01:00" };
    const [page] = await pages(callWith([{ body: { nights: [other, ...nights] } }]).call, { resource: "sleep", window });
    expect(read(page)).toEqual({ nights });
    expect(await pages(callWith([{ body: { nights: [other] } }]).call, { resource: "sleep", window })).toEqual([]);
    const recharges = ["2026-02-10", "2026-03-02", "2026-03-03"].map((date) => ({ date }));
    const [kept] = await pages(callWith([{ body: { recharges } }], { zone: "Europe/Madrid" }).call, { resource: "nightly-recharge", window });
    expect(read(kept)).toEqual({ recharges: recharges.slice(1) });
  });

  it("asks by the person's dates, or by all that the window touches somewhere where the zone is not known", async () => {
    const home = callWith([{ body: fixture("activities") }], { zone: "Europe/Madrid" });
    expect(await pages(home.call, { resource: "activities", window })).toHaveLength(1);
    expect(home.asked).toMatchObject([{ path: "/v3/users/activities", options: { query: { from: "2026-03-01", to: "2026-03-02", steps: "true", activity_zones: "true" } } }]);
    const anywhere = callWith([{ status: 204 }]);
    expect(await pages(anywhere.call, { resource: "cardio-load", window })).toEqual([]);
    expect(anywhere.asked[0]).toMatchObject({ path: "/v3/users/cardio-load/date", options: { query: { from: "2026-02-28", to: "2026-03-03" } } });
  });

  it("asks for no more than 28 days at once, and for nothing that is too old to be given", async () => {
    const long = { fromMs: RECEIVED_MS - 400 * DAY_MS, toMs: RECEIVED_MS };
    const { call, asked } = callWith([{ body: [] }]);
    await pages(call, { resource: "activities", window: long });
    const spans = asked.map(({ options }) => (Date.parse(String(options.query?.["to"])) - Date.parse(String(options.query?.["from"]))) / DAY_MS);
    expect(Math.max(...spans)).toBeLessThan(28);
    expect(Date.parse(String(asked[0]?.options.query?.["from"]))).toBeGreaterThanOrEqual(RECEIVED_MS - 365 * DAY_MS);
    const short = callWith([{ body: [] }]);
    await pages(short.call, { resource: "spo2", window: long });
    expect(short.asked.map(({ path, options }) => [path, options.query?.["from"]])).toEqual([["/v3/users/biosensing/spo2", "2026-02-03"], ["/v3/users/biosensing/spo2", "2026-03-01"]]);
    expect(await pages(short.call, { resource: "ecg", window: { fromMs: 0, toMs: RECEIVED_MS - 40 * DAY_MS } })).toEqual([]);
  });

  it("asks for heart rate date by date, and bears dates without any", async () => {
    const { call, calls } = callWith([{ status: 404 }, { body: fixture("continuous-heart-rate") }], { zone: "Europe/Madrid" });
    expect(await pages(call, { resource: "continuous-heart-rate", window })).toHaveLength(1);
    expect(calls()).toEqual(["GET /v3/users/continuous-heart-rate/2026-03-01", "GET /v3/users/continuous-heart-rate/2026-03-02"]);
  });

  it("gives the profile where it was changed in the window, and on an event as it is", async () => {
    const answers = [{ body: fixture("physical-info") }];
    expect(await pages(callWith(answers).call, { resource: "physical-info", window })).toEqual([]);
    expect(await pages(callWith(answers).call, { resource: "physical-info", window: { fromMs: Date.UTC(2026, 1, 20, 12), toMs: Date.UTC(2026, 1, 20, 13) } })).toHaveLength(1);
    expect(await pages(callWith(answers).call, { resource: "physical-info", objectId: "10579" })).toHaveLength(1);
    await expect(pages(callWith(answers).call, { resource: "physical-info", objectId: "1" })).rejects.toBeInstanceOf(InvalidInput);
  });

  it.each([
    ["sleep", "2026-11-19", "/v3/users/sleep/2026-11-19"], ["nightly-recharge", "2026-11-19", "/v3/users/nightly-recharge/2026-11-19"],
    ["activities", "2026-11-19", "/v3/users/activities/2026-11-19"], ["exercise", "aQlC83", "/v3/exercises/aQlC83"],
  ])("follows an event of %s", async (resource, objectId, path) => {
    const { call, asked } = callWith([{ body: {} }]);
    expect(await pages(call, { resource, objectId })).toMatchObject([{ resource }]);
    expect(asked[0]?.path).toBe(path);
    expect(await pages(callWith([{ status: 404 }]).call, { resource, objectId })).toEqual([]);
  });

  it.each([
    ["exercise", "../users"], ["exercise", ""], ["exercise", "a/b"], ["sleep", "2026-11-19/../.."], ["sleep", "available"], ["cardio-load", "2026-11-19"], ["toString", "2026-11-19"],
  ])("makes no address of %s %j", async (resource, objectId) => {
    const { call, asked } = callWith([{ body: {} }]);
    await expect(pages(call, { resource, objectId })).rejects.toBeInstanceOf(InvalidInput);
    expect(asked).toEqual([]);
  });

  it("refuses another person's data, and an answer that is none [VA-04] [VA-15]", async () => {
    const foreign = { ...(fixture("exercise") as Json), polar_user: "https://www.polaraccesslink/v3/users/1" };
    await expect(pages(callWith([{ body: foreign }]).call, { resource: "exercise", objectId: "aQlC83" })).rejects.toMatchObject({ path: "/polar_user" });
    await expect(pages(callWith([{ body: { nights: [foreign] } }]).call, { resource: "sleep", window })).rejects.toMatchObject({ path: "/nights/0/polar_user" });
    for (const body of [null, "canary", { night: [] }]) await expect(pages(callWith([{ body }]).call, { resource: "sleep", window })).rejects.toBeInstanceOf(ProviderContractBroken);
    for (const body of [null, "canary", {}]) await expect(pages(callWith([{ body }]).call, { resource: "exercises", window })).rejects.toBeInstanceOf(ProviderContractBroken);
    await expect(pages(callWith([]).call, { resource: "toString", window })).rejects.toBeInstanceOf(InvalidInput);
    await expect(pages(callWith([]).call, { resource: "sleep", url: "https://www.polaraccesslink.com/v3/users/sleep" })).rejects.toBeInstanceOf(InvalidInput);
  });
});

const secrets: WebhookSecrets = { clientId: "id", clientSecrets: ["cs"], verifyToken: "v", subscriptionId: "abdf33", subscriptionSecret: "test_secret", settings: {} };
const EXERCISE = JSON.stringify(fixture("event-exercise"));
const SIGNATURE = "db8a0fdbc7098f15d4dc7ab0071d3780123e82a8e6616952b11225e6a12d32a6";

function request(body: string, headers: WebhookRequest["headers"] = {}): WebhookRequest {
  return { headers, query: {}, body: new TextEncoder().encode(body), receivedMs: RECEIVED_MS };
}

const verify = (given: WebhookRequest, withSecrets = secrets) => (): void => polar.webhook!.verify(given, withSecrets);
const challenge = (body: string, headers: WebhookRequest["headers"] = {}): unknown => polar.webhook!.challenge!(request(body, headers), secrets);
const parse = (body: unknown): WebhookParse => polar.webhook!.parse(body);

describe("Polar's events", () => {
  it("are signed as the vendor's construction says, in either case of hex", () => {
    expect(verify(request(EXERCISE, { "polar-webhook-signature": SIGNATURE }))).not.toThrow();
    expect(verify(request(EXERCISE, { "polar-webhook-signature": SIGNATURE.toUpperCase() }))).not.toThrow();
  });

  it("enter with no other signature, and with none while we have no secret [WH-01] [WH-02]", () => {
    for (const signature of [undefined, "", SIGNATURE.slice(1), `${SIGNATURE}0`, createHmac("sha256", "cs").update(EXERCISE).digest("hex"), "é"]) {
      expect(verify(request(EXERCISE, { "polar-webhook-signature": signature })), String(signature)).toThrow(WebhookRejected);
    }
    expect(verify(request(`${EXERCISE} `, { "polar-webhook-signature": SIGNATURE }))).toThrow(WebhookRejected);
    for (const subscriptionSecret of [null, "", undefined]) {
      const { subscriptionSecret: _, ...rest } = secrets;
      const signed = createHmac("sha256", "").update(EXERCISE).digest("hex");
      expect(verify(request(EXERCISE, { "polar-webhook-signature": signed }), subscriptionSecret === undefined ? rest : { ...secrets, subscriptionSecret })).toThrow(WebhookRejected);
    }
  });

  it("begin with a ping, which is answered unproven and in all its forms; nothing else is", () => {
    const answer = { status: 200, contentType: "application/json", body: "{}" };
    expect(challenge('{"timestamp":"2026-11-19T14:22:24Z","event":"PING"}')).toEqual(answer);
    expect(challenge("", { "polar-webhook-event": "ping" })).toEqual(answer);
    expect(challenge("not json", { "polar-webhook-event": "PING" })).toEqual(answer);
    expect(challenge("")).toEqual(answer);
    expect(challenge(EXERCISE, { "polar-webhook-event": "PING" })).toBeNull();
    expect(challenge("not json")).toBeNull();
    expect(parse({ event: "PING", timestamp: "x" })).toEqual({ events: [], problems: [] });
  });

  it.each([
    [fixture("event-exercise"), [["exercise", "aQlC83"]]],
    [fixture("event-sleep"), [["sleep", "2026-11-19"], ["nightly-recharge", "2026-11-19"]]],
    [{ ...(fixture("event-sleep") as Json), event: "CONTINUOUS_HEART_RATE" }, [["continuous-heart-rate", "2026-11-19"]]],
    [{ ...(fixture("event-sleep") as Json), event: "ACTIVITY_SUMMARY" }, [["activities", "2026-11-19"]]],
    [fixture("event-physical-information"), [["physical-info", "10579"]]],
  ])("are followed by asking, never at the address that they carry [WH-27]", (body, asked) => {
    expect(parse(body)).toEqual({
      events: asked.map(([resource, objectId]) => ({ kind: "pull", account: "10579", request: { resource, objectId } })), problems: [],
    });
  });

  it("that are not used, not known or not whole ask for nothing", () => {
    for (const event of ["SLEEP_WISE_ALERTNESS", "SLEEP_WISE_CIRCADIAN_BEDTIME"]) expect(parse({ event, user_id: 1, from: "a", to: "b" })).toEqual({ events: [], problems: [] });
    expect(parse({ event: "toString", user_id: 1, date: "2026-11-19" }).problems).toMatchObject([{ path: "/event" }]);
    expect(parse({ event: "SLEEP", user_id: 1, date: "../1" }).problems).toMatchObject([{ path: "/date" }]);
    expect(parse({ event: "EXERCISE", user_id: 1 }).problems).toMatchObject([{ path: "/entity_id" }]);
    for (const junk of [null, "canary", 7, {}, { event: "SLEEP", date: "2026-11-19" }]) expect(() => parse(junk)).toThrow(ProviderContractBroken);
  });

  it("are one where kind, person, object and time are the same [WH-09]", () => {
    const key = (body: unknown): string | null => polar.webhook!.dedupeKey!(request(JSON.stringify(body)));
    const event = fixture("event-sleep") as Json;
    expect(key(event)).toBe(key({ ...event, url: "elsewhere" }));
    for (const change of [{ date: "2026-11-20" }, { user_id: 2 }, { event: "ACTIVITY_SUMMARY" }, { timestamp: "2026-11-19T07:02:01Z" }]) expect(key({ ...event, ...change })).not.toBe(key(event));
    expect(key({ ...event, timestamp: undefined })).toBeNull();
    expect(polar.webhook!.dedupeKey!(request("no json"))).toBeNull();
  });
});

describe("Polar's webhook", () => {
  const wanted = { callbackUrl: "https://islet.example/webhooks/polar", verifyToken: "v" };
  const EVENTS = ["EXERCISE", "SLEEP", "CONTINUOUS_HEART_RATE", "ACTIVITY_SUMMARY", "PHYSICAL_INFORMATION"];
  const existing = { id: "abdf33", url: wanted.callbackUrl, events: EVENTS, active: true };
  const created = { status: 201, body: { data: { id: "new", events: EVENTS, url: wanted.callbackUrl, signature_secret_key: "s3" } } };

  async function subscribe(answers: readonly Answer[], keptSecretOf: string | null = "abdf33"): Promise<{ made: unknown; asked: Asked[]; calls: string[] }> {
    const { fetch, asked, calls } = fetchWith(answers);
    const call: AppCall = { fetch, clientId: "id", clientSecret: "cs", settings: {} };
    return { made: await polar.webhook!.subscribe!(call, { ...wanted, keptSecretOf }), asked, calls: calls() };
  }

  it("is made with the app's own credentials, and its secret is told once", async () => {
    const { made, asked } = await subscribe([{ body: { data: [] } }, created], null);
    expect(made).toEqual({ subscriptionId: "new", secret: "s3" });
    expect(asked[1]).toMatchObject({ path: "/v3/webhooks", options: { method: "POST", json: { events: EVENTS, url: wanted.callbackUrl } } });
    for (const { options } of asked) expect(options.headers).toEqual({ authorization: `Basic ${Buffer.from("id:cs").toString("base64")}` });
  });

  it("is kept while we have its secret, and switched on again", async () => {
    expect((await subscribe([{ body: { data: [existing] } }])).calls).toEqual(["GET /v3/webhooks"]);
    const off = await subscribe([{ body: { data: [{ ...existing, active: false }] } }, {}]);
    expect(off.made).toBe("abdf33");
    expect(off.calls).toEqual(["GET /v3/webhooks", "POST /v3/webhooks/activate"]);
  });

  it.each([
    ["we have no secret of it", existing, null],
    ["our secret is another one's", existing, "older"],
    ["it leads elsewhere", { ...existing, url: "https://old.example/" }, "abdf33"],
    ["it lacks an event", { ...existing, events: ["EXERCISE"] }, "abdf33"],
  ])("is made anew where %s", async (_, webhook, kept) => {
    const { made, calls } = await subscribe([{ body: { data: [webhook] } }, { status: 204 }, created], kept);
    expect(made).toEqual({ subscriptionId: "new", secret: "s3" });
    expect(calls).toEqual(["GET /v3/webhooks", "DELETE /v3/webhooks/abdf33", "POST /v3/webhooks"]);
  });

  it("is not made where the ping was not answered, and is not taken without its secret", async () => {
    await expect(subscribe([{ status: 204 }, { status: 400 }])).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 400 });
    await expect(subscribe([{ status: 404 }, { status: 201, body: { data: { id: "new" } } }])).rejects.toMatchObject({ path: "/data/signature_secret_key" });
    const app: AppCall = { fetch: fetchWith([]).fetch, clientId: "id", clientSecret: "cs", settings: {} };
    await expect(polar.webhook!.subscribe!(app, { ...wanted, callbackUrl: `https://islet.example/${"x".repeat(3_000)}` })).rejects.toBeInstanceOf(InvalidInput);
  });

  it("is looked after within the seven days after which Polar switches it off", () => {
    expect(polar.webhook?.renewAfterDays).toBeLessThan(7);
  });
});

describe("mapping other shapes of Polar's answers", () => {
  it("reads dashes as underscores, as the older way spells all names", () => {
    const old = {
      id: 1_937_529_874, "start-time": "2026-03-01T10:40:02.000", "start-time-utc-offset": 120, duration: "PT30M", "heart-rate": { average: 129, maximum: 147 },
      "detailed-sport-info": "RUNNING", "device-id": "1111AAAA",
    };
    for (const given of [old, [old], { exercises: [old] }]) {
      expect(workoutsOf(map("exercises", given))[0]).toMatchObject({
        vendorId: "1937529874", startMs: Date.UTC(2026, 2, 1, 8, 40, 2), sport: "running", averageHeartRate: 129, maxHeartRate: 147,
      });
    }
    const recharge = map("nightly-recharge", { date: "2026-03-01", "heart-rate-variability-avg": 28, "hrv-samples": { "00:41": 14 } });
    expect(lines(recharge, "hrv_rmssd")).toEqual(["2026-02-28T23:41:00 14", "2026-02-28T23:41:00 28 day_total"]);
  });

  it("keeps an exercise without an id by its start", () => {
    expect(workoutsOf(map("exercise", { start_time: "2026-03-01T10:00:00", start_time_utc_offset: 60, duration: "PT1H" }))[0]).toMatchObject({ vendorId: null });
  });

  it("takes the local day where an activity tells no more than its date", () => {
    const day = "2026-02-28T23:00:00 1600 day_total";
    expect(lines(map("activities", [{ start_time: "2026-03-01", steps: 1_600 }]), "steps")).toEqual([day]);
    expect(lines(map("activities", { date: "2026-03-01", start_time: "2026-03-01T00:00:00", steps: 1_600 }), "steps")).toEqual([day]);
    const old = map("activities", { id: 123, date: "2026-03-01", created: "2026-03-01T20:11:33.000Z", calories: 2_329, "active-calories": 428, "active-steps": 1_600 });
    expect(lines(old, "steps")).toEqual([day]);
    expect(lines(old, "calories_active")).toEqual(["2026-02-28T23:00:00 428 day_total"]);
    expect(map("activities", [{ steps: 5 }]).problems[0]?.path).toBe("/0/start_time");
  });

  it("reads a day of heart rate whose date has a midnight beside it", () => {
    const day = { date: "2026-03-01T00:00:00", heart_rate_samples: [{ heart_rate: 61, sample_time: "00:02:08" }] };
    expect(lines(map("continuous-heart-rate", day), "heart_rate")).toEqual(["2026-02-28T23:02:08 61"]);
  });

  it("reads bedtimes without an offset by the person's clock", () => {
    const night = { date: "2026-03-01", sleep_start_time: "2026-02-28T23:15:00", sleep_end_time: "2026-03-01T07:30:00" };
    expect(sleepsOf(map("sleep", night))[0]).toMatchObject({ startMs: Date.UTC(2026, 1, 28, 22, 15), offsetMinutes: 60 });
  });

  it("takes profiles as a list, too", () => {
    expect(lines(map("physical-info", [{ weight: 70, "weight-source": "SOURCE_MEASURED", created: "2026-03-01T09:00:00Z" }]), "weight")).toEqual(["2026-03-01T09:00:00 70"]);
  });
});

describe("mapping odd values of Polar's answers", () => {
  it("reads the time of a test in seconds and in milliseconds", () => {
    for (const test_time of [1_772_355_600, 1_772_355_600_000]) {
      expect(lines(map("spo2", { test_time, test_status: "COMPLETED", blood_oxygen_percent: 98 }), "spo2")).toEqual(["2026-03-01T09:00:00 98"]);
    }
    expect(lines(map("spo2", { test_time: 1_772_355_600, test_status: "SPO2_TEST_INCONCLUSIVE_TOO_NOISY", blood_oxygen_percent: 98 }), "spo2")).toEqual([]);
  });

  it("doubles a running cadence of one foot, and leaves one of both as it is", () => {
    const run = (data: string): string[] =>
      lines(map("exercise", { start_time: "2026-03-01T10:00:00Z", duration: "PT1H", samples: [{ "recording-rate": 1, "sample-type": "8", data }] }), "cadence").map((line) => line.split(" ")[1]!);
    expect(run("0,82,86")).toEqual(["0", "164", "172"]);
    expect(run("172,0,170")).toEqual(["172", "0", "170"]);
  });
});
