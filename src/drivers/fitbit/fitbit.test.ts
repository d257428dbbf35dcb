import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InvalidInput, ProviderContractBroken, ProviderRateLimited, ProviderRefused, WebhookRejected } from "#errors.ts";
import { checkDriver } from "#driver/check.ts";
import type { MapResult, SampleRecord, SleepRecord, WorkoutRecord } from "#driver/records.ts";
import type { DriverCall, PulledPage, PullRequest, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import type { AuthorizedFetchOptions, VendorResponse } from "#http/types.ts";
import { DAY_MS, formatInstant, MINUTE_MS } from "#units/time.ts";
import { sportOf } from "./map-sport.ts";
import { fitbit } from "./index.ts";

const RECEIVED_MS = Date.UTC(2026, 1, 1);

type Json = Record<string, unknown>;

const readFixture = (file: string): Json => JSON.parse(readFileSync(new URL(`./fixtures/${file}`, import.meta.url), "utf8")) as Json;

/** Fitbit's answer to each resource. */
const answers = Object.assign(
  {}, ...readdirSync(new URL("./fixtures/", import.meta.url)).map((file) => readFixture(file)["answers"] ?? {}),
) as Record<string, Json>;

function map(resource: string, payload: unknown = answers[resource], zone = "Europe/Madrid"): MapResult {
  return fitbit.map(resource, payload, { receivedMs: RECEIVED_MS, zone });
}

/** Samples as "start[+length] metric value flags", which reads like a table. */
function lines(result: MapResult): string[] {
  return result.records.filter((record): record is SampleRecord => record.record === "sample").map((sample) => {
    const length = sample.endMs === undefined ? "" : `+${(sample.endMs - sample.startMs) / 1000}s`;
    return [formatInstant(sample.startMs).replace(".000Z", "Z") + length, sample.metric, Number(sample.value.toFixed(3)), ...(sample.flags ?? [])].join(" ");
  });
}

const sleepsOf = (result: MapResult): SleepRecord[] => result.records.filter((record) => record.record === "sleep");
const workoutsOf = (result: MapResult): WorkoutRecord[] => result.records.filter((record) => record.record === "workout");
const stagesOf = (sleep: SleepRecord | undefined): string[] =>
  (sleep?.stages ?? []).map((stage) => `${stage.stage} ${formatInstant(stage.startMs).slice(11, 19)}-${formatInstant(stage.endMs).slice(11, 19)}`);

describe("the Fitbit driver", () => {
  it("says without contradiction that its API has ended, and what took its place", () => {
    expect(() => checkDriver(fitbit)).not.toThrow();
    expect(fitbit.capabilities).toMatchObject({ endedOn: "2026-11-02", successor: "google" });
  });

  it.each(fitbit.resources.filter(({ records }) => records.length > 0))(
    "gives each metric and kind of record that $name declares, from its fixture, without problems [W3]",
    ({ name, metrics, records: kinds }) => {
      const { records, problems } = map(name);
      expect(problems).toEqual([]);
      expect(new Set(records.filter((record) => record.record === "sample").map(({ metric }) => metric))).toEqual(new Set(metrics));
      expect(new Set(records.map(({ record }) => record))).toEqual(new Set(kinds));
    },
  );

  it("knows what it does not take over, and nothing else", () => {
    for (const name of ["profile", "devices", "ecg/list", "activities/minutesLightlyActive"]) expect(map(name, {})).toEqual({ records: [], problems: [] });
    for (const name of ["foods", "activities/goals", "body"]) expect(() => map(name, {})).toThrow(InvalidInput);
    expect(() => map("hrv", { br: [] })).toThrow(ProviderContractBroken);
    expect(() => map("activities/heart/intraday", { "activities-heart": [] })).toThrow(ProviderContractBroken);
  });
});

describe("Fitbit's days", () => {
  it("are totals over the local day, numbers in text, kilometres as metres and minutes as seconds", () => {
    expect(lines(map("activities/steps"))).toEqual(["2026-01-14T23:00:00Z+86400s steps 10432 day_total"]);
    expect(lines(map("activities/distance"))).toEqual(["2026-01-14T23:00:00Z+86400s distance 7620 day_total"]);
    expect(lines(map("activities/minutesVeryActive"))).toEqual(["2026-01-14T23:00:00Z+86400s intensity_vigorous 720 day_total"]);
    expect(lines(map("activities/calories"))).toEqual(["2026-01-14T23:00:00Z+86400s calories_total 2231 day_total"]);
  });

  it("leave out zeros and a whole day at rest, which cannot be told from a tracker that was not worn", () => {
    expect(lines(map("activities/minutesSedentary"))).toEqual(["2026-01-14T23:00:00Z+86400s sedentary_duration 39600 day_total"]);
    expect(map("activities/floors", { "activities-floors": [{ dateTime: "2026-01-15", value: "0" }] })).toEqual({ records: [], problems: [] });
  });

  it("have 23 or 25 hours where clocks change, and refuse dates that are none", () => {
    const on = (dateTime: string): MapResult => map("activities/steps", { "activities-steps": [{ dateTime, value: "5" }] });
    expect(lines(on("2025-03-30"))).toEqual(["2025-03-29T23:00:00Z+82800s steps 5 day_total"]);
    expect(lines(on("2025-10-26"))).toEqual(["2025-10-25T22:00:00Z+90000s steps 5 day_total"]);
    for (const dateTime of ["2025-02-29", "2027-01-01", "15.01.2026", ""]) {
      expect(on(dateTime)).toMatchObject({ records: [], problems: [{ path: "/activities-steps/0/dateTime" }] });
    }
  });

  it("keep their neighbours when one is bad, and report it by place", () => {
    const result = map("activities/steps", { "activities-steps": [{ dateTime: "2026-01-13", value: "many" }, null, { dateTime: "2026-01-15", value: 7 }] });
    expect(lines(result)).toEqual(["2026-01-14T23:00:00Z+86400s steps 7 day_total"]);
    expect(result.problems.map(({ path }) => path)).toEqual(["/activities-steps/0/value", "/activities-steps/1"]);
  });

  it("in the answer for a day come with active minutes of all levels, by the date that the driver adds", () => {
    const result = map("activities/date");
    expect(lines(result)).toEqual([
      "2026-01-14T23:00:00Z+86400s steps 10432 day_total", "2026-01-14T23:00:00Z+86400s distance 7620 day_total", "2026-01-14T23:00:00Z+86400s floors 11 day_total",
      "2026-01-14T23:00:00Z+86400s elevation_gain 33.53 day_total", "2026-01-14T23:00:00Z+86400s calories_total 2231 day_total",
      "2026-01-14T23:00:00Z+86400s calories_active 812 day_total", "2026-01-14T23:00:00Z+86400s calories_basal 1620 day_total",
      "2026-01-14T23:00:00Z+86400s active_duration 13020 day_total", "2026-01-14T23:00:00Z+86400s intensity_moderate 1500 day_total",
      "2026-01-14T23:00:00Z+86400s intensity_vigorous 720 day_total", "2026-01-14T23:00:00Z+86400s sedentary_duration 39600 day_total",
      "2026-01-14T23:00:00Z+86400s resting_heart_rate 57",
    ]);
    const { date: _, ...undated } = answers["activities/date"]!;
    expect(lines(map("activities/date", undated))).toEqual(lines(result));
    expect(map("activities/date", { ...undated, activities: [] })).toMatchObject({ records: [], problems: [{ path: "/date" }] });
  });
});

const heart = (date: string, ...dataset: unknown[]): MapResult =>
  map("activities/heart/intraday", { "activities-heart": [{ dateTime: date, value: "72.1" }], "activities-heart-intraday": { dataset, datasetInterval: 1, datasetType: "minute" } });

describe("Fitbit within the day", () => {
  it("gives heart rate at local times, and steps by the minute, without zeros", () => {
    expect(lines(map("activities/heart/intraday"))).toEqual([
      "2026-01-14T23:00:00Z+86400s resting_heart_rate 57", "2026-01-14T23:00:00Z heart_rate 61", "2026-01-15T06:30:05Z heart_rate 72",
    ]);
    expect(lines(map("activities/steps/intraday"))).toEqual(["2026-01-15T06:31:00Z+60s steps 87"]);
    expect(map("activities/steps/intraday").records[0]).toMatchObject({ offsetMinutes: 60 });
  });

  it("gives the repeated hour of the autumn twice, and moves the missing one of the spring", () => {
    expect(lines(heart("2025-10-26", ...["01:59:00", "02:30:00", "02:59:00", "02:00:00", "02:30:00", "03:00:00"].map((time) => ({ time, value: 60 }))))).toEqual([
      "2025-10-25T23:59:00Z heart_rate 60", "2025-10-26T00:30:00Z heart_rate 60", "2025-10-26T00:59:00Z heart_rate 60", "2025-10-26T01:00:00Z heart_rate 60",
      "2025-10-26T01:30:00Z heart_rate 60", "2025-10-26T02:00:00Z heart_rate 60",
    ]);
    expect(lines(heart("2025-03-30", { time: "01:59:00", value: 60 }, { time: "03:00:00", value: 61 }))).toEqual([
      "2025-03-30T00:59:00Z heart_rate 60", "2025-03-30T01:00:00Z heart_rate 61",
    ]);
  });

  it("bears a mere text for the day's value, and reports entries that are none", () => {
    const result = heart("2026-01-15", { time: "25:00:00", value: 60 }, { time: "07:00:00" }, null, { time: "07:01", value: "62" });
    expect(lines(result)).toEqual(["2026-01-15T06:01:00Z heart_rate 62"]);
    expect(result.problems.map(({ path }) => path)).toEqual([0, 1, 2].map((index) => `/activities-heart-intraday/dataset/${index}`));
  });
});

const changedNight = (changes: Json, zone?: string): MapResult => map("sleep", { sleep: [{ ...(answers["sleep"]!["sleep"] as Json[])[0], ...changes }] }, zone);

const levels = (...starts: string[]): Json => ({ data: starts.map((time) => ({ dateTime: `2025-10-26T${time}.000`, level: "light", seconds: 1_800 })) });

describe("the length and the totals of Fitbit's nights", () => {
  const night = (changes: Json): SleepRecord | undefined => sleepsOf(map("sleep", { sleep: [{
    logId: 1, startTime: "2026-01-10T00:40:00.000", duration: 31_620_000, isMainSleep: true, ...changes,
  }] }))[0];

  it("end with the half minute that whole minutes leave out, and by their duration where clocks changed", () => {
    const startMs = Date.UTC(2026, 0, 9, 23, 40);
    expect(night({ endTime: "2026-01-10T09:27:30.000" })?.endMs).toBe(startMs + 31_650_000);
    expect(night({ endTime: "2026-01-10T10:27:30.000" })?.endMs).toBe(startMs + 31_620_000);
    expect(night({ endTime: "later" })?.endMs).toBe(startMs + 31_620_000);
    expect(night({})?.endMs).toBe(startMs + 31_620_000);
  });

  it("take totals from the levels where the answer has them there alone", () => {
    expect(night({ levels: { summary: { asleep: { minutes: 495 }, restless: { minutes: 20 }, awake: { minutes: 12 } } } })?.totals).toEqual({ asleepS: 29_700, awakeS: 1_920 });
    expect(night({ levels: { summary: { wake: { minutes: 32 } } } })?.totals).toEqual({ awakeS: 1_920 });
    expect(night({ minutesAwake: 5, levels: { summary: { wake: { minutes: 32 } } } })?.totals).toEqual({ awakeS: 300 });
  });
});

describe("Fitbit's nights", () => {
  const [night, nap] = sleepsOf(map("sleep"));
  it("come with stages, short awakenings laid over them, efficiency and totals [W3]", () => {
    expect(night).toMatchObject({
      vendorId: "40000000001", startMs: Date.UTC(2026, 0, 14, 22, 10), endMs: Date.UTC(2026, 0, 15, 5, 40), offsetMinutes: 60, isNap: false, efficiencyPercent: 92,
      totals: { asleepS: 24_300, awakeS: 2_700, inBedS: 27_000, deepS: 4_800, lightS: 14_100, remS: 5_400 },
    });
    expect(stagesOf(night)).toEqual([
      "light 22:10:00-22:40:00", "deep 22:40:00-23:40:00", "rem 23:40:00-00:02:30", "awake 00:02:30-00:03:30", "rem 00:03:30-00:10:00", "awake 00:10:00-00:25:00",
      "light 00:25:00-05:40:00",
    ]);
  });

  it("of the classic kind have no stages, and their restless minutes are no sleep", () => {
    expect(nap).toMatchObject({ isNap: true, endMs: Date.UTC(2026, 0, 14, 13, 50) });
    expect(nap?.totals).toEqual({ asleepS: 2_640, awakeS: 0, inBedS: 3_000 });
    expect(stagesOf(nap)).toEqual(["asleep 13:00:00-13:30:00", "awake 13:30:00-13:36:00", "asleep 13:36:00-13:50:00"]);
    const zeros = { summary: { deep: { minutes: 0 }, light: { minutes: 0 }, rem: { minutes: 0 } } };
    expect(sleepsOf(changedNight({ levels: zeros }))[0]?.totals).toEqual({ asleepS: 24_300, awakeS: 2_700, inBedS: 27_000 });
  });

  it("last as long as they lasted, whatever the clock did meanwhile", () => {
    const long = sleepsOf(changedNight({ startTime: "2025-10-26T01:30:00.000", endTime: "2025-10-26T03:30:00.000", duration: 10_800_000, levels: levels("01:30:00", "02:00:00", "02:30:00", "02:00:00", "02:30:00", "03:00:00") }));
    expect(long[0]?.endMs).toBe(Date.UTC(2025, 9, 26, 2, 30));
    expect(stagesOf(long[0])).toEqual([
      "light 23:30:00-00:00:00", "light 00:00:00-00:30:00", "light 00:30:00-01:00:00", "light 01:00:00-01:30:00", "light 01:30:00-02:00:00", "light 02:00:00-02:30:00",
    ]);
  });

  it("that are being worked out are none, and impossible ones are reported", () => {
    expect(map("sleep", { meta: { retryDuration: 3_000, state: "pending" } })).toEqual({ records: [], problems: [] });
    expect(() => map("sleep", { summary: {} })).toThrow(ProviderContractBroken);
    for (const duration of [0, -5, 1e12]) expect(changedNight({ duration })).toMatchObject({ records: [], problems: [{ path: "/sleep/0/duration" }] });
    const odd = changedNight({ levels: { data: [{ dateTime: "2026-01-14T23:10:00.000", level: "dream", seconds: 60 }, { dateTime: "2026-01-20T23:10:00.000", level: "deep", seconds: 60 }, { level: "deep" }] } });
    expect(odd.records).toHaveLength(1);
    expect(odd.problems.map(({ path }) => path)).toEqual(["/sleep/0/levels/data/0/level", "/sleep/0/levels/data/1", "/sleep/0/levels/data/2/dateTime"]);
  });

  it("bring HRV, breathing and oxygen: the night's number marked as the day's, the minutes at their own times", () => {
    expect(lines(map("hrv"))).toEqual(["2026-01-14T23:00:00Z hrv_rmssd 34.94 day_total"]);
    expect(lines(map("hrv/all"))).toEqual(["2026-01-15T00:00:00Z hrv_rmssd 26.617", "2026-01-15T00:05:00Z hrv_rmssd 34.845"]);
    expect(lines(map("br"))).toEqual(["2026-01-14T23:00:00Z respiration_rate 14.2 day_total"]);
    expect(lines(map("br/all"))).toEqual(lines(map("br")));
    expect(lines(map("spo2/all"))).toEqual(["2026-01-15T00:00:00Z spo2 96.1", "2026-01-15T00:05:00Z spo2 96.6"]);
  });

  it("bring oxygen as an object, as a bare list or under a key", () => {
    const [day] = answers["spo2"] as unknown as Json[];
    const expected = ["2026-01-14T23:00:00Z spo2 96.4 day_total"];
    for (const payload of [day, [day], { spo2: [day] }]) expect(lines(map("spo2", payload))).toEqual(expected);
    expect(map("spo2", [])).toEqual({ records: [], problems: [] });
  });
});

describe("Fitbit's body", () => {
  it("is weighed at its local time, not at the one that its id seems to tell", () => {
    expect(lines(map("body/log/weight"))).toEqual(["2026-01-15T06:00:00Z weight 72.45", "2026-01-15T06:00:00Z bmi 24.49", "2026-01-15T06:00:00Z body_fat 21.5"]);
    expect(map("body/log/weight").records[0]).toMatchObject({ device: { id: "Aria", name: "Aria" }, offsetMinutes: 60 });
    expect(lines(map("body/log/fat"))).toEqual(["2026-01-15T06:00:00Z body_fat 21.5"]);
  });

  it("has a skin temperature that is a distance from its baseline", () => {
    expect(lines(map("temp/skin"))).toEqual(["2026-01-14T23:00:00Z+86400s skin_temperature_deviation -0.3"]);
    expect(lines(map("temp/core"))).toEqual(["2026-01-15T09:00:00Z body_temperature 36.9"]);
  });

  it("has a VO2max as a number or as a range, whose middle is an estimate, in either spelling of its key", () => {
    const expected = ["2026-01-14T23:00:00Z vo2max 46 estimated", "2026-01-15T23:00:00Z vo2max 45.1"];
    expect(lines(map("cardioscore"))).toEqual(expected);
    expect(lines(map("cardioscore", { cardioscore: answers["cardioscore"]!["cardioScore"] }))).toEqual(expected);
    expect(map("cardioscore", [{ dateTime: "2026-01-15", value: { vo2Max: "good" } }]).problems).toMatchObject([{ path: "/0/value/vo2Max" }]);
  });
});

const changedWalk = (changes: Json): WorkoutRecord | undefined => workoutsOf(map("activities/list", { activities: [{ ...(answers["activities/list"]!["activities"] as Json[])[0], ...changes }] }))[0];

describe("Fitbit's activities", () => {
  it("carry their own offset, distance in metres, and a pace of distance over moving time [W3]", () => {
    expect(changedWalk({})).toMatchObject({
      vendorId: "50000000001", startMs: Date.UTC(2026, 0, 15, 17, 10), endMs: Date.UTC(2026, 0, 15, 17, 35), offsetMinutes: 60, sport: "walking", activeS: 1_440,
      distanceM: 2_100, energyKcal: 120, steps: 2_750, averageHeartRate: 104, elevationGainM: 12.2, device: { id: "Charge 6" },
    });
    expect(changedWalk({})?.averagePaceSKm).toBeCloseTo(685.71, 2);
    expect(changedWalk({})?.averageSpeedMS).toBeCloseTo(1.4583, 4);
  });

  it("in miles become metres, and in an unknown unit have no distance", () => {
    expect(changedWalk({ distance: 1, distanceUnit: "Mile" })).toMatchObject({ distanceM: 1_609.344 });
    expect(changedWalk({ distanceUnit: "Mile" })).not.toHaveProperty("elevationGainM");
    expect(changedWalk({ distanceUnit: "Furlong" })).not.toHaveProperty("distanceM");
    expect(changedWalk({ logType: "manual", averageHeartRate: 0 })).toMatchObject({ isManual: true });
    expect(changedWalk({ averageHeartRate: 0 })).not.toHaveProperty("averageHeartRate");
  });

  it("in the answer for a day are the same ones, by the same id; one without a time of day has no place", () => {
    expect(workoutsOf(map("activities/date"))).toMatchObject([{ vendorId: "50000000001", startMs: Date.UTC(2026, 0, 15, 17, 10), sport: "walking", distanceM: 2_100 }]);
  });

  it.each([
    ["Run", "running"], ["Treadmill", "running"], ["Outdoor Bike", "cycling"], ["Spinning", "cycling"], ["Weights", "strength"], ["Interval Workout", "hiit"], ["Tennis", "racket_sport"],
    ["Kickboxing", "martial_arts"], ["Swim", "swimming"], ["Rowing machine", "rowing"], ["Stairclimber", "stair_climbing"], ["Walking the dog", "walking"], ["Workout", "other"], [undefined, "other"],
  ])("call %s %s", (name, sport) => {
    expect(sportOf(name)).toBe(sport);
  });
});

interface Asked {
  readonly path: string;
  readonly options: AuthorizedFetchOptions;
}

interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

function callWith(inTurn: readonly Answer[], more: { settings?: Record<string, string>; scopes?: readonly string[] | null; zone?: string } = {}): { call: DriverCall; asked: Asked[] } {
  const asked: Asked[] = [];
  const fetch = async (path: string, options: AuthorizedFetchOptions = {}): Promise<VendorResponse> => {
    const { status = 200, body = {}, headers = {} } = inTurn[Math.min(asked.length, inTurn.length - 1)] ?? {};
    asked.push({ path, options });
    if (status >= 400 && !options.accept?.includes(status)) throw new ProviderRefused(`answered ${status}.`, status, "");
    return { status, headers, body: new TextEncoder().encode(JSON.stringify(body)), json: () => body };
  };
  const settings = { ...Object.fromEntries(fitbit.settings.map((setting) => [setting.name, setting.default])), ...more.settings };
  const account = { vendorUserId: "ABC123", grantedScopes: more.scopes ?? null, ...(more.zone === undefined ? {} : { zone: more.zone }) };
  return { call: { fetch, settings, account, nowMs: RECEIVED_MS, signal: new AbortController().signal }, asked };
}

async function collect(call: DriverCall, request: PullRequest): Promise<PulledPage[]> {
  const pages: PulledPage[] = [];
  for await (const page of fitbit.pull(call, request)) pages.push(page);
  return pages;
}

const window = { fromMs: Date.UTC(2026, 0, 15, 10), toMs: Date.UTC(2026, 0, 15, 20) };

const pathsOf = async (resource: string, more: Parameters<typeof callWith>[1] = { zone: "Europe/Madrid" }): Promise<string[]> => {
  const { call, asked } = callWith([{}], more);
  await collect(call, { resource, window });
  return asked.map(({ path }) => path);
};

const activity = (startTime: string): Json => ({ logId: 1, startTime });

describe("asking Fitbit", () => {
  it.each([
    ["sleep", "/1.2/user/-/sleep/date/2026-01-15/2026-01-15.json"],
    ["activities/date", "/1/user/-/activities/date/2026-01-15.json"],
    ["activities/caloriesBMR", "/1/user/-/activities/caloriesBMR/date/2026-01-15/2026-01-15.json"],
    ["activities/heart/intraday", "/1/user/-/activities/heart/date/2026-01-15/1d/1min.json"],
    ["hrv/all", "/1/user/-/hrv/date/2026-01-15/2026-01-15/all.json"],
    ["temp/skin", "/1/user/-/temp/skin/date/2026-01-15/2026-01-15.json"],
    ["body/log/weight", "/1/user/-/body/log/weight/date/2026-01-15/2026-01-15.json"],
  ])("for %s asks for local dates", async (resource, path) => {
    expect(await pathsOf(resource)).toEqual([path]);
  });

  it("asks for the dates of all zones where the person's is not known, but for none that has not begun", async () => {
    expect(await pathsOf("br", {})).toEqual(["/1/user/-/br/date/2026-01-14/2026-01-16.json"]);
    const { call, asked } = callWith([{}]);
    await collect(call, { resource: "br", window: { fromMs: RECEIVED_MS - DAY_MS, toMs: RECEIVED_MS } });
    expect(asked[0]?.path).toBe("/1/user/-/br/date/2026-01-30/2026-02-01.json");
  });

  it("asks as finely within the day as the operator wants, steps by the minute at the finest, or not at all", async () => {
    const zone = "Europe/Madrid";
    expect(await pathsOf("activities/heart/intraday", { zone, settings: { detail: "1sec" } })).toEqual(["/1/user/-/activities/heart/date/2026-01-15/1d/1sec.json"]);
    expect(await pathsOf("activities/steps/intraday", { zone, settings: { detail: "1sec" } })).toEqual(["/1/user/-/activities/steps/date/2026-01-15/1d/1min.json"]);
    expect(await pathsOf("activities/steps/intraday", { zone, settings: { intraday: "off" } })).toEqual([]);
  });

  it.each([["hrv", 30], ["body/log/fat", 31], ["sleep", 100], ["activities/heart", 365], ["activities/steps", 1_095], ["activities/date", 1]])(
    "asks %s for fewer than the %i days that Fitbit allows, oldest first and without a hole",
    async (resource, most) => {
      const { call, asked } = callWith([{}]);
      await collect(call, { resource, window: { fromMs: window.toMs - 1_500 * DAY_MS, toMs: window.toMs } });
      const ranges = asked.map(({ path }) => (path.match(/\d{4}-\d{2}-\d{2}/g) ?? []).map((date) => Date.parse(date) / DAY_MS));
      for (const [index, [first = 0, last = first]] of ranges.entries()) {
        expect(last - first + 1).toBeLessThanOrEqual(most);
        expect(first).toBe((ranges[index - 1]?.at(-1) ?? first - 1) + 1);
      }
      expect(ranges.at(-1)?.at(-1)).toBe(Date.UTC(2026, 0, 16) / DAY_MS);
    },
  );

  it("fits each planned window of a range into one call, also in an unknown zone", async () => {
    for (const { name, pull } of fitbit.resources) {
      if (!pull || /intraday|activities\/(date|list)/.test(name)) continue;
      const { call, asked } = callWith([{}]);
      await collect(call, { resource: name, window: { fromMs: window.toMs - pull.maxWindowMs, toMs: window.toMs } });
      expect(asked, name).toHaveLength(1);
    }
  });

  it("asks for the one date of a notification, and stores the answer for a day with it", async () => {
    const { call, asked } = callWith([{ body: { summary: { steps: 5 } } }]);
    const [page] = await collect(call, { resource: "activities/date", objectId: "2026-01-15" });
    expect(asked.map(({ path }) => path)).toEqual(["/1/user/-/activities/date/2026-01-15.json"]);
    expect(JSON.parse(new TextDecoder().decode(page?.body))).toEqual({ summary: { steps: 5 }, date: "2026-01-15" });
    for (const objectId of ["2026-02-30", "today", "../profile"]) await expect(collect(call, { resource: "sleep", objectId })).rejects.toBeInstanceOf(InvalidInput);
  });

  it("follows the list of activities by the parameters of its next page alone, up to the window's end [OA-26]", async () => {
    const { call, asked } = callWith([
      { body: { activities: [activity("2026-01-15T11:00:00.000+01:00")], pagination: { next: "https://evil.example/1/user/-/activities/list.json?offset=100&limit=100&sort=asc&afterDate=2026-01-14" } } },
      { body: { activities: [activity("2026-01-16T11:00:00.000+01:00"), activity("2026-01-30T11:00:00.000+01:00")], pagination: { next: "https://api.fitbit.com/x?offset=200" } } },
    ], { zone: "Europe/Madrid" });
    const pages = await collect(call, { resource: "activities/list", window });
    expect(asked).toEqual([
      { path: "/1/user/-/activities/list.json", options: { query: { afterDate: "2026-01-14", sort: "asc", offset: 0, limit: 100 } } },
      { path: "/1/user/-/activities/list.json", options: { query: { afterDate: "2026-01-14", sort: "asc", offset: "100", limit: "100" } } },
    ]);
    expect(pages.map(({ body }) => (JSON.parse(new TextDecoder().decode(body)) as { activities: unknown[] }).activities.length)).toEqual([1, 1]);
  });

  it("is not held for ever by a page that repeats [VA-06]", async () => {
    const { call, asked } = callWith([{ body: { activities: [{ startTime: "2026-01-15T11:00:00Z" }], pagination: { next: "https://api.fitbit.com/x?offset=1" } } }]);
    await expect(collect(call, { resource: "activities/list", window })).rejects.toBeInstanceOf(ProviderContractBroken);
    expect(asked).toHaveLength(2);
  });

  it("stops before the person's budget is overdrawn, and says when there is a new one", async () => {
    const days = { fromMs: window.fromMs - 3 * DAY_MS, toMs: window.toMs };
    for (const [reset, expected] of [["120", RECEIVED_MS + 120_000], [String(RECEIVED_MS / 1000 + 300), RECEIVED_MS + 300_000], ["", RECEIVED_MS + 3_600_000]] as const) {
      const headers = { "fitbit-rate-limit-remaining": "0", "fitbit-rate-limit-reset": reset };
      const { call, asked } = callWith([{ headers: { "fitbit-rate-limit-remaining": "1" } }, { headers }], { zone: "Europe/Madrid" });
      const error: unknown = await collect(call, { resource: "activities/date", window: days }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ProviderRateLimited);
      expect((error as ProviderRateLimited).retryAtMs).toBe(expected);
      expect(asked).toHaveLength(2);
    }
  });

  it("spends nothing on what the person did not allow [OA-14]", async () => {
    const { call, asked } = callWith([{}], { scopes: ["activity", "profile"] });
    await expect(collect(call, { resource: "sleep", window })).rejects.toMatchObject({ vendorStatus: 403 });
    expect(asked).toEqual([]);
    expect(await collect(call, { resource: "activities/steps", window })).toHaveLength(1);
  });

  it("gives no other resources", async () => {
    const { call } = callWith([{}]);
    for (const request of [{ resource: "ecg/list", window }, { resource: "activities/list", objectId: "2026-01-15" }, { resource: "sleep", url: "https://api.fitbit.com/" }]) {
      await expect(collect(call, request)).rejects.toBeInstanceOf(InvalidInput);
    }
    await expect(collect(callWith([{ body: "text" }]).call, { resource: "sleep", window })).rejects.toBeInstanceOf(ProviderContractBroken);
  });
});

describe("who a Fitbit account is", () => {
  const profile = { body: { user: { encodedId: "ABC123", timezone: "Europe/Madrid" } } };

  it("is told with the tokens, else by the profile, which has the zone", async () => {
    expect(await fitbit.identify(callWith([profile]).call, { user_id: "ABC123" })).toEqual({ vendorUserId: "ABC123", grantedScopes: null, zone: "Europe/Madrid" });
    expect(await fitbit.identify(callWith([profile]).call, {})).toMatchObject({ vendorUserId: "ABC123" });
    expect(await fitbit.identify(callWith([{ status: 403 }]).call, { user_id: "ABC123" })).toEqual({ vendorUserId: "ABC123", grantedScopes: null });
    await expect(fitbit.identify(callWith([{ status: 403 }]).call, {})).rejects.toBeInstanceOf(ProviderRefused);
    await expect(fitbit.identify(callWith([{ body: {} }]).call, {})).rejects.toBeInstanceOf(ProviderContractBroken);
  });
});

const secrets = (clientSecrets: readonly string[] = ["test_secret"], verification_code = "c0de"): WebhookSecrets => ({
  clientId: "1", clientSecrets, verifyToken: null, subscriptionId: null, settings: { verification_code },
});

describe("Fitbit's notifications", () => {
  const { webhook } = fitbit;
  const BODY = '[{"collectionType":"sleep","date":"2026-01-15","ownerId":"ABC123","ownerType":"user","subscriptionId":"1"}]';
  const request = (signature: string | undefined, body = BODY, receivedMs = RECEIVED_MS): WebhookRequest => ({
    headers: { "x-fitbit-signature": signature }, query: {}, body: new TextEncoder().encode(body), receivedMs,
  });
  const parse = (body: unknown): WebhookParse => webhook!.parse(body);
  const verify = (given: WebhookRequest, known = secrets()) => (): void => webhook!.verify(given, known);
  const key = (receivedMs: number): unknown => webhook!.dedupeKey!(request("s", BODY, receivedMs));
  const answer = (code: string | undefined, known = secrets()) => (): unknown => webhook!.handshake!({ ...request(undefined, ""), query: { verify: code } }, known);

  /** The vector of vendors/fitbit.md. */
  it("are signed by HMAC-SHA1 with the client secret and an ampersand [WH-01] [WH-02]", () => {
    const signature = "43JZDqv3tGwjzZyCqMww7XzKjnM=";
    expect(verify(request(signature))).not.toThrow();
    expect(verify(request(signature), secrets(["new", "test_secret"]))).not.toThrow();
    expect(verify(request(signature, `${BODY} `))).toThrow(WebhookRejected);
    for (const given of [undefined, "", signature.slice(1), createHmac("sha1", "test_secret").update(BODY).digest("base64")]) expect(verify(request(given))).toThrow(WebhookRejected);
  });

  it("are refused while there is no secret, though an ampersand is left of the key [WH-06]", () => {
    const forged = createHmac("sha1", "&").update(BODY).digest("base64");
    for (const none of [[], [""]]) expect(verify(request(forged), secrets(none))).toThrow(WebhookRejected);
  });

  it("begin with a check of two codes: 204 without a word, and 404 [WH-26]", () => {
    expect(answer("c0de")()).toEqual({ contentType: "text/plain", body: "", status: 204 });
    expect(webhook).toMatchObject({ refuseWith: 404, acknowledgeWith: 204 });
    for (const code of ["wrong", "", undefined]) expect(answer(code)).toThrow(WebhookRejected);
    expect(answer("", secrets([], ""))).toThrow(WebhookRejected);
  });

  it("become readings of the date in all that belongs to the collection [W2]", () => {
    const { events, problems } = parse(readFixture("notification.json")["payload"]);
    expect(problems).toEqual([]);
    expect(events.map((event) => [event.account, event.kind === "pull" && event.request.resource])).toEqual([
      ...["sleep", "hrv", "hrv/all", "br", "spo2", "spo2/all", "temp/skin"].map((resource) => ["ABC123", resource]),
      ...["activities/date", "activities/heart/intraday", "activities/steps/intraday", "activities/list"].map((resource) => ["DEF456", resource]),
    ]);
    expect(events[0]).toMatchObject({ request: { objectId: "2026-01-15" } });
    expect(events.at(-1)).toMatchObject({ request: { window: { fromMs: Date.UTC(2026, 0, 14, 10), toMs: Date.UTC(2026, 0, 16, 12) } } });
  });

  it("tell that a person withdrew the consent", () => {
    expect(parse([{ collectionType: "userRevokedAccess", ownerId: "ABC123" }]).events).toEqual([{ kind: "deauthorized", account: "ABC123" }]);
  });

  it("of unusable parts are reported; food is not taken over", () => {
    const bad = [{ collectionType: "dreams", ownerId: "A", date: "2026-01-15" }, { collectionType: "sleep", ownerId: "A", date: "2026-02-30" }, { collectionType: "sleep" }, null];
    expect(parse(bad)).toMatchObject({ events: [], problems: [{ path: "/0/collectionType" }, { path: "/1/date" }, { path: "/2/ownerId" }, { path: "/3" }] });
    expect(parse([{ collectionType: "foods", ownerId: "A", date: "2026-01-15" }])).toEqual({ events: [], problems: [] });
    expect(() => parse({})).toThrow(ProviderContractBroken);
  });

  it("are told apart by the minute, for each sync of a day makes the same bytes", () => {
    expect(key(RECEIVED_MS)).toBe(key(RECEIVED_MS + 1_000));
    expect(key(RECEIVED_MS)).not.toBe(key(RECEIVED_MS + MINUTE_MS));
  });
});

const subscriptionPath = (collection: string): string => `/1/user/-/${collection}/apiSubscriptions/ABC123-${collection}.json`;

describe("Fitbit's subscriptions", () => {
  const wanted = { callbackUrl: "https://islet.example/webhooks/fitbit", verifyToken: "x" };
  const collections = ["activities", "body", "sleep", "userRevokedAccess"];

  it("are made for each collection, under ids that differ between people and collections", async () => {
    const { call, asked } = callWith([{ status: 201 }, { status: 200 }, { status: 403 }, { status: 201 }]);
    await fitbit.webhook!.subscribeConnection!(call, wanted);
    expect(asked.map((each) => `${each.options.method} ${each.path}`)).toEqual(collections.map((collection) => `POST ${subscriptionPath(collection)}`));
  });

  it("are left as they are where Fitbit has one under another id, and it really has", async () => {
    const listed = { body: { apiSubscriptions: [{ collectionType: "activities", subscriptionId: "old" }] } };
    const { call, asked } = callWith([{ status: 409 }, listed, { status: 201 }]);
    await fitbit.webhook!.subscribeConnection!(call, wanted);
    expect(asked[1]?.path).toBe("/1/user/-/activities/apiSubscriptions.json");
    await expect(fitbit.webhook!.subscribeConnection!(callWith([{ status: 409 }, { body: { apiSubscriptions: [] } }]).call, wanted)).rejects.toMatchObject({ vendorStatus: 409 });
  });

  it("are ended while the tokens still work", async () => {
    const { call, asked } = callWith([{ status: 204 }, { status: 404 }]);
    await fitbit.webhook!.unsubscribeConnection!(call);
    expect(asked.map((each) => `${each.options.method} ${each.path}`)).toEqual(collections.map((collection) => `DELETE ${subscriptionPath(collection)}`));
  });
});
