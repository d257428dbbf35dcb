import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InvalidInput, ProviderContractBroken, ProviderRefused, ReauthorizationRequired, WebhookRejected } from "#errors.ts";
import { checkDriver } from "#driver/check.ts";
import type { MapResult, SampleRecord, SleepRecord, WorkoutRecord } from "#driver/records.ts";
import type { DriverCall, PulledPage, PullRequest, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import type { AuthorizedFetchOptions, VendorResponse } from "#http/types.ts";
import { DAY_MS, formatInstant, HOUR_MS } from "#units/time.ts";
import { scopeOf } from "./auth.ts";
import { sportOf } from "./map-sport.ts";
import { google } from "./index.ts";

const RECEIVED_MS = Date.UTC(2026, 10, 21);

type Json = Record<string, unknown>;

const readFixture = (file: string): Json => JSON.parse(readFileSync(new URL(`./fixtures/${file}`, import.meta.url), "utf8")) as Json;

/** Google's answer to each resource. */
const answers = Object.assign(
  {}, ...readdirSync(new URL("./fixtures/", import.meta.url)).map((file) => readFixture(file)["answers"] ?? {}),
) as Record<string, Json>;

function map(resource: string, payload: unknown = answers[resource], zone = "Europe/Madrid"): MapResult {
  return google.map(resource, payload, { receivedMs: RECEIVED_MS, zone });
}

/** Points with changed fields of their value. */
function points(key: string, ...values: Json[]): Json {
  return { dataPoints: values.map((value) => ({ [key]: value })) };
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

describe("Google's data types", () => {
  it("stand in a data sheet without contradictions", () => {
    expect(() => checkDriver(google)).not.toThrow();
  });

  it.each(google.resources.filter(({ records }) => records.length > 0))(
    "$name gives each metric and kind of record that it declares, from its fixture, without problems [W3]",
    ({ name, metrics, records: kinds }) => {
      const { records, problems } = map(name);
      expect(problems).toEqual([]);
      expect(new Set(records.filter((record) => record.record === "sample").map(({ metric }) => metric))).toEqual(new Set(metrics));
      expect(new Set(records.map(({ record }) => record))).toEqual(new Set(kinds));
    },
  );

  it("that have no place here are known and give nothing", () => {
    for (const name of ["active-zone-minutes", "moods", "pairedDevices", "identity"]) expect(map(name, { dataPoints: [{}] })).toEqual({ records: [], problems: [] });
    expect(() => map("steps:rollUp", {})).toThrow(InvalidInput);
    expect(() => map("settings", "text")).toThrow(ProviderContractBroken);
  });

  it("are read from a page, from a list and from a single point alike; an empty page leaves its list away", () => {
    const { dataPoints } = answers["weight"]!;
    const records = map("weight").records;
    expect(map("weight", dataPoints).records).toEqual(records);
    expect(map("weight", (dataPoints as Json[])[0]).records).toEqual(records);
    expect(map("weight", {})).toEqual({ records: [], problems: [] });
  });

  it("keep their good points beside bad ones, which are reported by place and never by value", () => {
    const result = map("heart-rate", {
      dataPoints: [
        { heartRate: { sampleTime: { physicalTime: "2026-11-19T06:30:00Z" }, beatsPerMinute: "fast" } },
        { heartRate: { sampleTime: { physicalTime: "2026-02-30T06:30:00Z" }, beatsPerMinute: "61" } },
        { heartRate: { beatsPerMinute: "61" } },
        { heartRate: { sampleTime: { physicalTime: "2028-01-01T00:00:00Z" }, beatsPerMinute: "61" } },
        { heartRate: { sampleTime: { physicalTime: "2026-11-19T06:30:00Z" }, beatsPerMinute: "61000" } },
        { weight: {} }, null, "x",
        { heartRate: { sampleTime: { physicalTime: "2026-11-19T06:31:00.5Z", utcOffset: "-12600s" }, beatsPerMinute: 64 } },
      ],
    });
    expect(lines(result)).toEqual(["2026-11-19T06:31:00.500Z heart_rate 64"]);
    expect(result.records[0]).toMatchObject({ offsetMinutes: -210 });
    expect(result.problems.map(({ path }) => path)).toEqual([
      "/dataPoints/0/heartRate/beatsPerMinute", "/dataPoints/1/heartRate/sampleTime/physicalTime", "/dataPoints/2/heartRate/sampleTime/physicalTime",
      "/dataPoints/3/heartRate/sampleTime/physicalTime", "/dataPoints/4/heartRate", "/dataPoints/5/heartRate", "/dataPoints/6/heartRate", "/dataPoints/7/heartRate",
    ]);
  });

  it("become canonical units: grams, millimetres, minutes and 64-bit numbers in text", () => {
    expect(lines(map("weight"))).toEqual(["2026-11-19T06:30:00Z weight 72.45"]);
    expect(lines(map("height"))).toEqual(["2026-01-02T10:00:00Z height 1.72"]);
    expect(lines(map("distance"))).toEqual(["2026-11-19T07:00:00Z+60s distance 61.25"]);
    expect(lines(map("steps"))).toEqual(["2026-11-19T07:00:00Z+60s steps 87", "2026-11-19T07:01:00Z+60s steps 0"]);
    expect(lines(map("active-minutes"))).toEqual([
      "2026-11-19T07:00:00Z+900s active_duration 600", "2026-11-19T07:00:00Z+900s intensity_moderate 300", "2026-11-19T07:00:00Z+900s intensity_vigorous 120",
    ]);
    expect(lines(map("sedentary-period"))).toEqual(["2026-11-19T09:00:00Z+5400s sedentary_duration 5400"]);
  });

  it("leave out zeros where a zero means that nothing was measured", () => {
    expect(lines(map("heart-rate"))).toEqual(["2026-11-19T06:30:00Z heart_rate 62", "2026-11-19T06:30:05.250Z heart_rate 63"]);
    expect(lines(map("heart-rate-variability"))).toEqual([
      "2026-11-19T02:30:00Z hrv_rmssd 41.7", "2026-11-19T02:35:00Z hrv_rmssd 43.1", "2026-11-19T02:35:00Z hrv_sdnn 52.5",
    ]);
    expect(lines(map("altitude"))).toEqual(["2026-11-19T07:10:00Z+60s elevation_gain 6.1"]);
  });

  it("refuse a stretch without length, and one longer than a day", () => {
    for (const endTime of ["2026-11-19T07:00:00Z", "2026-11-19T06:00:00Z", "2026-11-20T10:00:01Z"]) {
      const result = map("steps", points("steps", { interval: { startTime: "2026-11-19T07:00:00Z", endTime }, count: "5" }));
      expect(result.records).toEqual([]);
      expect(result.problems).toMatchObject([{ path: "/dataPoints/0/steps/interval" }]);
    }
  });

  it("tell glucose of a sensor from a finger-stick, and guess it only from interstitial fluid", () => {
    expect(lines(map("blood-glucose"))).toEqual([
      "2026-11-19T07:05:00Z glucose_meter 112", "2026-11-19T07:10:00Z glucose 118.5", "2026-11-19T07:15:00Z glucose 121", "2026-11-19T11:00:00Z glucose_meter 140",
    ]);
  });

  it("of a day stand in the patient's day, also when it has 23 or 25 hours", () => {
    expect(lines(map("daily-resting-heart-rate"))).toEqual(["2026-11-18T23:00:00Z+86400s resting_heart_rate 57"]);
    const on = (month: number, day: number): string[] =>
      lines(map("daily-resting-heart-rate", points("dailyRestingHeartRate", { date: { year: 2026, month, day }, beatsPerMinute: "57" })));
    expect(on(3, 29)).toEqual(["2026-03-28T23:00:00Z+82800s resting_heart_rate 57"]);
    expect(on(10, 25)).toEqual(["2026-10-24T22:00:00Z+90000s resting_heart_rate 57"]);
    expect(on(2, 30)).toEqual([]);
    expect(on(0, 0)).toEqual([]);
  });

  it("of a day are marked where the same is also measured within the day", () => {
    expect(lines(map("daily-oxygen-saturation"))).toEqual(["2026-11-18T23:00:00Z spo2 96.1 day_total"]);
    expect(lines(map("daily-heart-rate-variability"))).toEqual(["2026-11-18T23:00:00Z hrv_rmssd 42.6 day_total"]);
    expect(lines(map("daily-vo2-max"))).toEqual(["2026-11-18T23:00:00Z vo2max 44.8 day_total estimated"]);
  });

  it("give the night's skin temperature, and its distance to the baseline only where there is one", () => {
    expect(lines(map("daily-sleep-temperature-derivations"))).toEqual([
      "2026-11-18T23:00:00Z skin_temperature 33.9 day_total", "2026-11-18T23:00:00Z+86400s skin_temperature_deviation 0.25",
      "2026-11-17T23:00:00Z skin_temperature 33.5 day_total",
    ]);
  });

  it("name the device, and what was typed, where points were listed by source", () => {
    const dataSource = { recordingMethod: "MANUAL", device: { displayName: "Aria Air", formFactor: "SCALE" } };
    const listed = map("weight", { dataPoints: [{ dataSource, weight: { sampleTime: { physicalTime: "2026-11-19T06:30:00Z" }, weightGrams: 72_000 } }] });
    expect(listed.records).toMatchObject([{ device: { id: "Aria Air", name: "Aria Air" }, flags: ["manual"], offsetMinutes: null }]);
    const app = { dataSource: { application: { packageName: "org.example.scale" } }, weight: { sampleTime: { physicalTime: "2026-11-19T06:30:00Z" }, weightGrams: 72_000 } };
    expect(map("weight", [app]).records).toMatchObject([{ device: { id: "org.example.scale" } }]);
  });
});

const rollUp = (from: Json, to: Json): MapResult => map("steps:dailyRollUp", { rollupDataPoints: [{ ...from, ...to, steps: { countSum: "5" } }] });
const date = (day: number, time?: Json): Json => ({ date: { year: 2026, month: 11, day }, ...(time ? { time } : {}) });

describe("Google's answers as they are passed on", () => {
  const date = { year: 2026, month: 11, day: 2 };

  it("hold totals of days wherever these come, and such last a day where their end is left away", () => {
    const payload = { rollupDataPoints: [{ civilStartTime: { date }, steps: { countSum: "812" } }] };
    for (const resource of ["steps", "steps:dailyRollUp"]) expect(lines(map(resource, payload))).toEqual(["2026-11-01T23:00:00Z+86400s steps 812 day_total"]);
    const point = { interval: { startTime: "2026-11-02T08:00:00Z", endTime: "2026-11-02T08:01:00Z" }, count: "12" };
    expect(lines(map("steps:dailyRollUp", points("steps", point)))).toEqual(["2026-11-02T08:00:00Z+60s steps 12"]);
    expect(() => map("exercise", payload)).toThrow(ProviderContractBroken);
    expect(() => map("total-calories:dailyRollUp", points("totalCalories", {}))).toThrow(ProviderContractBroken);
  });

  it("are no empty answer where Google answers with an error", () => {
    expect(() => map("steps", { error: { code: 401, status: "UNAUTHENTICATED" } })).toThrow(ProviderContractBroken);
  });

  it("take a date that is a text, and levels of activity under Fitbit's names", () => {
    expect(lines(map("daily-resting-heart-rate", points("dailyRestingHeartRate", { date: "2026-11-02", beatsPerMinute: 51 }))))
      .toEqual(["2026-11-01T23:00:00Z+86400s resting_heart_rate 51"]);
    const levels = [["SEDENTARY", "700"], ["LIGHTLY_ACTIVE", "30"], ["MODERATELY_ACTIVE", "20"], ["VERY_ACTIVE", "10"]];
    const activeMinutes = { activeMinutesRollupByActivityLevel: levels.map(([activityLevel, activeMinutesSum]) => ({ activityLevel, activeMinutesSum })) };
    const result = map("active-minutes:dailyRollUp", { rollupDataPoints: [{ civilStartTime: { date }, activeMinutes }] });
    expect(result.problems).toEqual([]);
    expect(lines(result).map((line) => line.split(" ").slice(1, 3).join(" "))).toEqual(["active_duration 3600", "intensity_moderate 1200", "intensity_vigorous 600"]);
  });
});

describe("Google's totals of days", () => {
  it("are totals over the person's civil day, and a day without data is none", () => {
    expect(lines(map("steps:dailyRollUp"))).toEqual(["2026-11-18T23:00:00Z+86400s steps 10432 day_total"]);
    expect(lines(map("distance:dailyRollUp"))).toEqual(["2026-11-18T23:00:00Z+86400s distance 7621.5 day_total"]);
    expect(lines(map("sedentary-period:dailyRollUp"))).toEqual(["2026-11-18T23:00:00Z+86400s sedentary_duration 39600 day_total"]);
    expect(lines(map("heart-rate:dailyRollUp"))).toEqual(["2026-11-18T23:00:00Z+86400s heart_rate_min 49", "2026-11-18T23:00:00Z+86400s heart_rate_max 158"]);
  });

  it("of a part of a day, or of hours, are read as what they are; of several days they are refused", () => {
    expect(lines(rollUp({ civilStartTime: date(19) }, { civilEndTime: date(19, { hours: 14, minutes: 30 }) }))).toEqual([
      "2026-11-18T23:00:00Z+52200s steps 5 day_total",
    ]);
    expect(lines(rollUp({ startTime: "2026-11-19T08:00:00Z" }, { endTime: "2026-11-19T09:00:00Z" }))).toEqual(["2026-11-19T08:00:00Z+3600s steps 5"]);
    expect(rollUp({ civilStartTime: date(12) }, { civilEndTime: date(19) }).problems).toMatchObject([{ path: "/rollupDataPoints/0/civilStartTime" }]);
  });
});

const stage = (type: string, startTime: string, endTime: string): Json => ({ type, startTime: `2026-11-18T${startTime}Z`, endTime: `2026-11-18T${endTime}Z` });

describe("Google's sleeps", () => {
  it("are not cut up by awakenings that bear the stage they lie in", () => {
    const at = (minute: number): string => new Date(Date.UTC(2026, 10, 2, 1, minute)).toISOString();
    const stretch = (type: string, from: number, to: number): Json => ({ type, startTime: at(from), endTime: at(to) });
    const sleep = {
      interval: { startTime: at(0), endTime: at(30) }, type: "STAGES", metadata: { processed: true }, stages: [stretch("LIGHT", 0, 20), stretch("DEEP", 20, 30)],
      shortAwakenings: [stretch("LIGHT", 5, 6), stretch("AWAKE", 10, 11)],
    };
    expect(stagesOf(sleepsOf(map("sleep", points("sleep", sleep)))[0])).toEqual([
      "light 01:00:00-01:10:00", "awake 01:10:00-01:11:00", "light 01:11:00-01:20:00", "deep 01:20:00-01:30:00",
    ]);
  });

  const [night, nap] = sleepsOf(map("sleep"));
  const changed = (changes: Json): MapResult => map("sleep", [{ sleep: { ...((answers["sleep"]!["dataPoints"] as Json[])[0]!["sleep"] as Json), ...changes } }]);

  it("come with stages, short awakenings laid over them, and totals as told [W3]", () => {
    expect(night).toMatchObject({
      vendorId: "2026443605080188808", startMs: Date.UTC(2026, 10, 18, 22, 10), endMs: Date.UTC(2026, 10, 19, 5, 40), offsetMinutes: 60, isNap: false,
      totals: { asleepS: 24_300, awakeS: 2_700, inBedS: 27_000, deepS: 4_800, lightS: 14_100, remS: 5_400 },
    });
    expect(stagesOf(night)).toEqual([
      "light 22:10:00-22:40:00", "deep 22:40:00-23:30:00", "rem 23:30:00-00:10:00", "awake 00:10:00-00:25:00", "light 00:25:00-01:02:30",
      "awake 01:02:30-01:04:00", "light 01:04:00-05:40:00",
    ]);
  });

  it("without stages have no totals of stages; restless minutes are not sleep", () => {
    expect(nap).toMatchObject({ vendorId: "nap-1", isNap: true, device: { id: "Charge 6" } });
    expect(nap?.totals).toEqual({ asleepS: 2_640, awakeS: 360, inBedS: 3_000 });
    expect(stagesOf(nap)).toEqual(["asleep 13:00:00-13:30:00", "awake 13:30:00-13:36:00", "asleep 13:36:00-13:50:00"]);
    const bare = sleepsOf(changed({ stages: [], summary: { minutesAsleep: "400", stagesSummary: [{ type: "DEEP" }] } }))[0];
    expect(bare?.stages).toEqual([]);
    expect(bare?.totals).toEqual({ asleepS: 24_000 });
  });

  it("that are not worked out yet are left out", () => {
    expect(changed({ metadata: { processed: false } })).toEqual({ records: [], problems: [] });
    const { stages: _, summary: __, ...bare } = (answers["sleep"]!["dataPoints"] as Json[])[0]!["sleep"] as Json;
    expect(map("sleep", [{ sleep: { ...bare, metadata: {} } }])).toEqual({ records: [], problems: [] });
    expect(sleepsOf(changed({ metadata: undefined }))).toHaveLength(1);
  });

  it("with overlapping, unknown or impossible stages are kept, with a report", () => {
    const result = changed({
      shortAwakenings: [],
      stages: [stage("LIGHT", "22:10:00", "22:40:00"), stage("DEEP", "22:30:00", "23:00:00"), stage("DREAM", "23:00:00", "23:10:00"), stage("REM", "23:20:00", "23:10:00")],
    });
    expect(stagesOf(sleepsOf(result)[0])).toEqual(["light 22:10:00-22:40:00", "deep 22:40:00-23:00:00"]);
    expect(result.problems.map(({ path }) => path)).toEqual(["/0/sleep/stages/2/type", "/0/sleep/stages/3", "/0/sleep/stages"]);
    expect(changed({ interval: { startTime: "2026-11-19T05:00:00Z", endTime: "2026-11-18T22:00:00Z" } })).toMatchObject({ records: [], problems: [{ path: "/0/sleep/interval" }] });
  });
});

describe("Google's exercises", () => {
  const [run, game] = workoutsOf(map("exercise"));

  it("give a run with pace, speed, climb and its recorded laps [W3]", () => {
    expect(run).toMatchObject({
      vendorId: "7788", startMs: Date.UTC(2026, 10, 18, 17), endMs: Date.UTC(2026, 10, 18, 17, 32), offsetMinutes: 60, sport: "running", vendorSport: "RUNNING",
      title: "Running", activeS: 1_800, distanceM: 5_020, energyKcal: 331.5, averageHeartRate: 151, steps: 4_980, elevationGainM: 31,
    });
    expect(run?.averagePaceSKm).toBeCloseTo(358.6, 6);
    expect(run?.averageSpeedMS).toBeCloseTo(2.7889, 6);
    expect(run?.laps).toEqual([
      { startMs: Date.UTC(2026, 10, 18, 17), endMs: Date.UTC(2026, 10, 18, 17, 16), distanceM: 2_500, averageHeartRate: 148 },
      { startMs: Date.UTC(2026, 10, 18, 17, 16), endMs: Date.UTC(2026, 10, 18, 17, 32), distanceM: 2_520 },
    ]);
    for (const field of ["maxHeartRate", "averagePowerW", "isManual"]) expect(run).not.toHaveProperty(field);
  });

  it("take Google's kilometres for laps where none were recorded, and leave out zeros", () => {
    const exercise = (answers["exercise"]!["dataPoints"] as Json[])[0]!["exercise"] as Json;
    expect(workoutsOf(map("exercise", [{ exercise: { ...exercise, splitSummaries: [] } }]))[0]?.laps).toHaveLength(1);
    expect(game).toMatchObject({ sport: "racket_sport", energyKcal: 240, isManual: true });
    expect(game).not.toHaveProperty("averageHeartRate");
  });

  it.each([
    ["TREADMILL", "running"], ["SPINNING", "cycling"], ["SWIMMING_OPEN_WATER", "swimming"], ["PICKELBALL", "racket_sport"], ["HIIT", "hiit"], ["BOWLING", "other"],
    ["SOMETHING_NEW", "other"], [undefined, "other"],
  ])("call %s %s", (type, sport) => {
    expect(sportOf(type)).toBe(sport);
  });
});

describe("Google's logs", () => {
  it("give carbohydrates under their id, water in millilitres, and nothing for food without carbohydrates", () => {
    expect(map("nutrition-log").records).toEqual([
      { record: "treatment", kind: "carbohydrates", vendorId: "n1", atMs: Date.UTC(2026, 10, 19, 7, 30), offsetMinutes: 60, amount: 42.5, text: "Oatmeal" },
    ]);
    expect(lines(map("hydration-log"))).toEqual(["2026-11-19T08:00:00Z+60s hydration 250"]);
  });

  it("give the heart rate of an electrocardiogram, and an irregular rhythm as an alert", () => {
    expect(map("electrocardiogram").records).toMatchObject([{ metric: "heart_rate", value: 74, startMs: Date.UTC(2026, 10, 18, 20), device: { id: "Sense 2" } }]);
    expect(map("irregular-rhythm-notification").records).toMatchObject([{ kind: "alert", vendorId: "i1", atMs: Date.UTC(2026, 10, 18, 3, 30) }]);
  });
});

interface Asked {
  readonly path: string;
  readonly options: AuthorizedFetchOptions;
}

type Answer = { readonly status?: number; readonly body?: unknown };

function callWith(answersInTurn: readonly Answer[], more: { settings?: Record<string, string>; scopes?: readonly string[] | null; vendorUserId?: string | null } = {}): { call: DriverCall; asked: Asked[] } {
  const asked: Asked[] = [];
  const fetch = async (path: string, options: AuthorizedFetchOptions = {}): Promise<VendorResponse> => {
    const { status = 200, body = {} } = answersInTurn[Math.min(asked.length, answersInTurn.length - 1)] ?? {};
    asked.push({ path, options });
    const text = JSON.stringify(body);
    if (status >= 400 && !options.accept?.includes(status)) throw new ProviderRefused(`answered ${status}.`, status, text);
    return { status, headers: {}, body: new TextEncoder().encode(text), json: () => body };
  };
  const settings = { ...Object.fromEntries(google.settings.map((setting) => [setting.name, setting.default])), ...more.settings };
  const account = { vendorUserId: more.vendorUserId ?? null, grantedScopes: more.scopes ?? null };
  return { call: { fetch, settings, account, nowMs: RECEIVED_MS, signal: new AbortController().signal }, asked };
}

async function collect(call: DriverCall, request: PullRequest): Promise<PulledPage[]> {
  const pages: PulledPage[] = [];
  for await (const page of google.pull(call, request)) pages.push(page);
  return pages;
}

const window = { fromMs: Date.UTC(2026, 10, 19, 10), toMs: Date.UTC(2026, 10, 19, 20) };

describe("asking Google", () => {
  it.each([
    ["heart-rate", 'heart_rate.sample_time.physical_time >= "2026-11-19T10:00:00.000Z" AND heart_rate.sample_time.physical_time < "2026-11-19T20:00:00.000Z"', 10_000],
    ["active-energy-burned", 'active_energy_burned.interval.start_time >= "2026-11-19T10:00:00.000Z" AND active_energy_burned.interval.start_time < "2026-11-19T20:00:00.000Z"', 10_000],
    ["daily-vo2-max", 'daily_vo2_max.date >= "2026-11-18" AND daily_vo2_max.date < "2026-11-21"', 10_000],
    ["exercise", 'exercise.interval.civil_start_time >= "2026-11-18T22:00:00" AND exercise.interval.civil_start_time < "2026-11-20T10:00:00"', 25],
    // By its end, and a day longer: who falls asleep in the window wakes up after it.
    ["sleep", 'sleep.interval.end_time >= "2026-11-19T10:00:00.000Z" AND sleep.interval.end_time < "2026-11-20T20:00:00.000Z"', 25],
  ])("for %s filters by the field that its kind of type has", async (resource, filter, pageSize) => {
    const { call, asked } = callWith([{}]);
    expect(await collect(call, { resource, window })).toHaveLength(1);
    expect(asked).toEqual([{ path: `/v4/users/me/dataTypes/${resource}/dataPoints:reconcile`, options: { query: { filter, pageSize } } }]);
  });

  it("lists what cannot be merged, electrocardiograms without an upper bound, where the operator wants them", async () => {
    const { call, asked } = callWith([{}], { settings: { ecg: "on" } });
    await collect(call, { resource: "electrocardiogram", window });
    expect(asked).toEqual([{
      path: "/v4/users/me/dataTypes/electrocardiogram/dataPoints",
      options: { query: { filter: 'electrocardiogram.interval.start_time >= "2026-11-19T10:00:00.000Z"', pageSize: 10_000 } },
    }]);
  });

  it("asks the sources that the operator chose, in points and totals", async () => {
    const { call, asked } = callWith([{}], { settings: { data_sources: "google-wearables" } });
    await collect(call, { resource: "steps", window });
    await collect(call, { resource: "steps:dailyRollUp", window });
    const dataSourceFamily = "users/me/dataSourceFamilies/google-wearables";
    expect(asked[0]?.options.query).toMatchObject({ dataSourceFamily });
    expect(asked[1]?.options.json).toMatchObject({ dataSourceFamily });
  });

  it("follows page tokens to the empty one, and gives each page as it came", async () => {
    const bodies = [{ dataPoints: [{ a: 1 }], nextPageToken: "p2" }, { nextPageToken: "p3" }, { dataPoints: [], nextPageToken: "" }];
    const { call, asked } = callWith(bodies.map((body) => ({ body })));
    const pages = await collect(call, { resource: "heart-rate", window });
    expect(pages.map(({ body }) => JSON.parse(new TextDecoder().decode(body)) as unknown)).toEqual(bodies);
    expect(asked.map(({ options }) => options.query?.["pageToken"])).toEqual([undefined, "p2", "p3"]);
  });

  it("is not held for ever by page tokens that repeat, or that never end [VA-06]", async () => {
    const { call, asked } = callWith([{ body: { nextPageToken: "again" } }]);
    await expect(collect(call, { resource: "steps", window })).rejects.toBeInstanceOf(ProviderContractBroken);
    expect(asked).toHaveLength(2);
    const endless = callWith(Array.from({ length: 300 }, (_, index) => ({ body: { nextPageToken: `t${index}` } })));
    await expect(collect(endless.call, { resource: "steps", window })).rejects.toBeInstanceOf(ProviderContractBroken);
    expect(endless.asked.length).toBeLessThanOrEqual(200);
  });

  it.each([["total-calories:dailyRollUp", 14], ["heart-rate:dailyRollUp", 14], ["active-minutes:dailyRollUp", 14], ["steps:dailyRollUp", 90]])(
    "asks %s for at most %i days at once, day after day",
    async (resource, most) => {
      const { call, asked } = callWith([{}]);
      await collect(call, { resource, window: { fromMs: window.toMs - 200 * DAY_MS, toMs: window.toMs } });
      const ranges = asked.map(({ path, options }) => {
        expect(path).toBe(`/v4/users/me/dataTypes/${resource.split(":")[0]}/dataPoints:dailyRollUp`);
        expect(options).toMatchObject({ method: "POST", json: { windowSizeDays: 1 } });
        const { start, end } = (options.json as { range: Record<"start" | "end", { date: { year: number; month: number; day: number } }> }).range;
        return [start, end].map(({ date }) => Date.UTC(date.year, date.month - 1, date.day) / DAY_MS) as [number, number];
      });
      for (const [index, [start, end]] of ranges.entries()) {
        expect(end - start).toBeLessThanOrEqual(most);
        expect(start).toBe(ranges[index - 1]?.[1] ?? start);
      }
      // Every date that anybody on Earth has in the window.
      expect(ranges[0]?.[0]).toBe(Date.UTC(2026, 4, 3) / DAY_MS);
      expect(ranges.at(-1)?.[1]).toBe(Date.UTC(2026, 10, 21) / DAY_MS);
    },
  );

  it("fits each planned window into one call", async () => {
    for (const { name, pull } of google.resources) {
      if (!pull || !name.endsWith(":dailyRollUp")) continue;
      const { call, asked } = callWith([{}], { settings: { nutrition: "on" } });
      await collect(call, { resource: name, window: { fromMs: window.toMs - pull.maxWindowMs, toMs: window.toMs } });
      expect(asked, name).toHaveLength(1);
    }
  });

  it("asks for nothing whose scope the operator does not want, and refuses what the person did not allow [OA-14]", async () => {
    const { call, asked } = callWith([{}]);
    for (const resource of ["nutrition-log", "hydration-log", "electrocardiogram", "irregular-rhythm-notification"]) expect(await collect(call, { resource, window })).toEqual([]);
    expect(asked).toEqual([]);
    const unticked = callWith([{}], { scopes: [scopeOf("activity_and_fitness")] });
    await expect(collect(unticked.call, { resource: "sleep", window })).rejects.toMatchObject({ vendorStatus: 403 });
    expect(unticked.asked).toEqual([]);
    expect(await collect(unticked.call, { resource: "steps", window })).toHaveLength(1);
  });

  it("gives an undocumented type up quietly, and no other", async () => {
    const refused = { status: 400, body: { error: { status: "INVALID_ARGUMENT" } } };
    expect(await collect(callWith([refused]).call, { resource: "basal-energy-burned", window })).toEqual([]);
    await expect(collect(callWith([refused]).call, { resource: "steps", window })).rejects.toMatchObject({ vendorStatus: 400 });
  });

  it("says what to do about an account without a Google Health profile", async () => {
    const unlinked = { status: 400, body: { error: { details: [{ reason: "ACCOUNT_NOT_LINKED" }] } } };
    await expect(google.identify(callWith([unlinked]).call, {})).rejects.toThrow(/must set up the Fitbit or Google Health app/);
    await expect(collect(callWith([unlinked]).call, { resource: "basal-energy-burned", window })).rejects.toBeInstanceOf(ProviderRefused);
  });

  it("asks for a new consent when an account refuses everything, even who it is", async () => {
    const denied = { status: 403, body: { error: { details: [{ reason: "RESOURCE_PERMISSION_DENIED" }] } } };
    await expect(collect(callWith([denied]).call, { resource: "steps", window })).rejects.toBeInstanceOf(ReauthorizationRequired);
    const one = callWith([denied, { body: answers["identity"] }]);
    await expect(collect(one.call, { resource: "steps", window })).rejects.toMatchObject({ vendorStatus: 403 });
    expect(one.asked[1]?.path).toBe("/v4/users/me/identity");
    const scope = callWith([{ status: 403, body: { error: { details: [{ reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT" }] } } }]);
    await expect(collect(scope.call, { resource: "steps", window })).rejects.toBeInstanceOf(ProviderRefused);
    expect(scope.asked).toHaveLength(1);
  });

  it("never takes in another person's points [VA-15]", async () => {
    const body = { dataPoints: [{ dataPointName: "users/me/dataTypes/weight/dataPoints/1" }, { name: "users/somebody/dataTypes/weight/dataPoints/2" }] };
    await expect(collect(callWith([{ body }], { vendorUserId: "me-1" }).call, { resource: "weight", window })).rejects.toBeInstanceOf(ProviderContractBroken);
    expect(await collect(callWith([{ body }], { vendorUserId: "somebody" }).call, { resource: "weight", window })).toHaveLength(1);
  });

  it("after a deletion gives all that is left as one page, which says for which window", async () => {
    const { call } = callWith([{ body: { ...answers["sleep"], nextPageToken: "p2" } }, { body: {} }]);
    const [page, ...more] = await collect(call, { resource: "sleep:deleted", window: { fromMs: window.fromMs + 1_500, toMs: window.toMs } });
    expect(more).toEqual([]);
    expect(page?.resource).toBe("sleep");
    const result = map("sleep", JSON.parse(new TextDecoder().decode(page?.body)));
    expect(result.records).toHaveLength(2);
    expect(result.replaces).toEqual({ fromMs: window.fromMs, toMs: window.toMs, of: ["sleep"], metrics: [] });
    expect(map("sleep")).not.toHaveProperty("replaces");
  });

  it("after a deletion claims nothing while a point cannot be read, or a sleep is not worked out", () => {
    const replaces = { fromMs: window.fromMs, toMs: window.toMs };
    expect(map("weight", { replaces, dataPoints: [] }).replaces).toEqual({ ...replaces, of: [], metrics: ["weight"], dayTotals: "never" });
    expect(map("daily-heart-rate-variability", { replaces, dataPoints: [] }).replaces).toMatchObject({ metrics: ["hrv_rmssd"], dayTotals: "only" });
    expect(map("weight", { replaces, dataPoints: [{}] })).not.toHaveProperty("replaces");
    expect(map("sleep", { replaces, dataPoints: [{ sleep: { interval: { startTime: "2026-11-19T01:00:00Z", endTime: "2026-11-19T02:00:00Z" } } }] })).not.toHaveProperty("replaces");
  });

  it("gives neither unknown types nor single objects", async () => {
    const { call } = callWith([{}]);
    for (const request of [{ resource: "moods", window }, { resource: "sleep", objectId: "1" }, { resource: "nope", window }]) {
      await expect(collect(call, request)).rejects.toBeInstanceOf(InvalidInput);
    }
  });
});

describe("who a Google account is", () => {
  it("is its health user id, with its zone and the Fitbit account that it was", async () => {
    const { call } = callWith([{ body: answers["identity"] }, { body: answers["settings"] }], { scopes: google.auth.kind === "oauth2" ? google.auth.scopes : null });
    expect(await google.identify(call, {})).toMatchObject({
      vendorUserId: "1234567890123456789", zone: "Europe/Madrid", formerly: { provider: "fitbit", vendorUserId: "ABC123" },
    });
  });

  it("needs no settings, and believes no zone that does not exist", async () => {
    const identity = { body: { healthUserId: "7" } };
    for (const settings of [{ status: 403 }, { body: { timeZone: "Mars/Base" } }, { body: {} }]) {
      expect(await google.identify(callWith([identity, settings]).call, {})).toEqual({ vendorUserId: "7", grantedScopes: null });
    }
    const { call, asked } = callWith([identity], { scopes: [] });
    await google.identify(call, {});
    expect(asked).toHaveLength(1);
    await expect(google.identify(callWith([{ body: { name: "users/me/identity" } }]).call, {})).rejects.toBeInstanceOf(ProviderContractBroken);
  });
});

const notice = (data: Json): Json => ({ data: { healthUserId: "7", operation: "UPSERT", dataType: "steps", intervals: [], ...data } });
const hour = (from: number): Json => ({ physicalTimeInterval: { startTime: `2026-11-19T0${from}:00:00Z`, endTime: `2026-11-19T0${from + 1}:00:00Z` } });

describe("Google's notifications", () => {
  /** The vector of vendors/google-health.md. */
  const KEY_SET =
    '{"primaryKeyId":305419896,"key":[{"keyData":{"typeUrl":"type.googleapis.com/google.crypto.tink.EcdsaPublicKey","value":' +
    '"EgYIAxACGAIaIQBvI0fKt912hY/gVVrDvJkEjEqsr9+2vL4F6mxCxJNFaSIhAB0aGKCks3SnvTP2MrgHl2m3dHWq3kylg4y9puM41yKp",' +
    '"keyMaterialType":"ASYMMETRIC_PUBLIC"},"status":"ENABLED","keyId":305419896,"outputPrefixType":"TINK"}]}';
  const BODY = '[{"data":{"version":"1","healthUserId":"1234567890","operation":"UPSERT","dataType":"steps","intervals":[]}}]';
  const SIGNATURE = "ARI0VngwRAIgEJfavX0yGXekyNtckzyD9PbgFGivjCdK7VP3zDsslw4CIDjGZmE3huBoPLykOQG3IVqSMrqH2UcUEBYdnpZe7jfM";
  const { webhook } = google;
  const secrets = (settings: Record<string, string> = {}, signingKeys: string | null = KEY_SET): WebhookSecrets => ({
    clientId: "1", clientSecrets: ["x"], verifyToken: null, subscriptionId: null, signingKeys, settings: { webhook_secret: "s3cret", signature: "required", ...settings },
  });
  const request = (headers: Record<string, string | undefined> = {}, body = BODY, receivedMs = RECEIVED_MS): WebhookRequest => ({
    headers: { authorization: "Bearer s3cret", "google-health-api-signature": SIGNATURE, ...headers }, query: {}, body: new TextEncoder().encode(body), receivedMs,
  });
  const verify = (given: WebhookRequest, known = secrets()) => (): void => webhook!.verify(given, known);
  const parse = (body: unknown): WebhookParse => webhook!.parse(body);
  const key = (...given: Parameters<typeof request>): unknown => webhook!.dedupeKey!(request(...given));
  const windows = (dataType: string, ...intervals: unknown[]): string[] =>
    parse({ data: { healthUserId: 42, operation: "UPDATE", dataType, intervals } }).events.map((event) => {
      const { request } = event as { request: { resource: string; window: { fromMs: number; toMs: number } } };
      return [event.account, request.resource, ...[request.window.fromMs, request.window.toMs].map((ms) => formatInstant(ms).slice(0, 19))].join(" ");
    });

  it("must carry both our secret and Google's signature of the bytes [WH-01] [WH-02]", () => {
    expect(verify(request())).not.toThrow();
    expect(verify(request({ authorization: "Bearer other" }))).toThrow(WebhookRejected);
    expect(verify(request({ authorization: undefined }))).toThrow(WebhookRejected);
    expect(verify(request({ "google-health-api-signature": undefined }))).toThrow(WebhookRejected);
    expect(verify(request({}, `${BODY} `))).toThrow(WebhookRejected);
    expect(verify(request(), secrets({}, null))).toThrow(WebhookRejected);
  });

  it("may bear the older name of the header", () => {
    expect(verify(request({ "google-health-api-signature": undefined, "x-healthapi-signature": SIGNATURE }))).not.toThrow();
  });

  it("are checked by the secret alone if the operator says so, and by nothing without a secret [WH-06]", () => {
    expect(verify(request({ "google-health-api-signature": undefined }), secrets({ signature: "ignore" }, null))).not.toThrow();
    expect(verify(request({ authorization: "Bearer " }), secrets({ webhook_secret: "", signature: "ignore" }))).toThrow(WebhookRejected);
    for (const token of ["old", "new"]) expect(verify(request({ authorization: `Bearer ${token}` }), secrets({ webhook_secret: "old new" }))).not.toThrow();
  });

  it("tell when the keys must be fetched again, and never at a stranger's wish", () => {
    const keys = webhook!.signingKeys!;
    expect(keys.isMissingKey(request(), secrets({}, null))).toBe(true);
    expect(keys.isMissingKey(request(), secrets({}, KEY_SET.replaceAll("305419896", "1")))).toBe(true);
    expect(keys.isMissingKey(request(), secrets())).toBe(false);
    expect(keys.isMissingKey(request({ authorization: "Bearer guess" }), secrets({}, null))).toBe(false);
    expect(keys.isMissingKey(request(), secrets({ signature: "ignore" }, null))).toBe(false);
    expect(keys.url({})).toBe("https://www.gstatic.com/googlehealthapi/webhooks/webhooks_public_keyset.json");
    expect(keys.url({ base_url: "http://127.0.0.1:1/google/" })).toBe("http://127.0.0.1:1/google/googlehealthapi/webhooks/webhooks_public_keyset.json");
  });

  it("begin with a handshake of two posts: 201 with the secret, 401 without [WH-26]", () => {
    const challenge = (headers: Record<string, string | undefined>, body = '{"type":"verification"}', known = secrets()): unknown =>
      webhook!.challenge!(request(headers, body), known)?.status ?? null;
    expect(challenge({})).toBe(201);
    expect(challenge({ authorization: undefined })).toBe(401);
    expect(challenge({ authorization: "s3cret" })).toBe(401);
    expect(challenge({ authorization: "Bearer " }, undefined, secrets({ webhook_secret: "" }))).toBe(401);
    for (const body of [BODY, "{", '{"type":"other"}', '"verification"', `{"type":"verification","pad":"${"x".repeat(2_000)}"}`]) expect(challenge({}, body)).toBeNull();
  });

  it("are told apart by signature and time, for the same news makes the same bytes", () => {
    expect(key()).toBe(key());
    expect(key()).not.toBe(key({ "google-health-api-signature": "other" }));
    expect(key()).not.toBe(key({}, BODY, RECEIVED_MS + HOUR_MS));
    expect(key()).not.toBe(key({}, `${BODY} `));
  });

  it("become readings of points and totals; a deletion a reading of what is left [W2]", () => {
    const day = { fromMs: Date.UTC(2026, 10, 19, 8), toMs: Date.UTC(2026, 10, 19, 9, 0, 1) };
    const night = { fromMs: Date.UTC(2026, 10, 18, 22, 10), toMs: Date.UTC(2026, 10, 19, 5, 40, 1) };
    expect(parse(readFixture("notification.json")["payload"])).toEqual({
      problems: [],
      events: [
        { kind: "pull", account: "1234567890123456789", request: { resource: "steps", window: day } },
        { kind: "pull", account: "1234567890123456789", request: { resource: "steps:dailyRollUp", window: day } },
        { kind: "pull", account: "9876543210", request: { resource: "sleep:deleted", window: night } },
      ],
    });
  });

  it("are read in the other shapes that were seen: one object, civil times alone, a missing end, stretches that touch", () => {
    expect(windows("WEIGHT", { civilIso8601TimeInterval: "2026-11-19/2026-11-20" })).toEqual(["42 weight 2026-11-18T10:00:00 2026-11-20T12:00:01"]);
    expect(windows("heart_rate_variability", { physicalTimeInterval: { startTime: "2026-11-19T00:00:00Z" } })).toEqual([
      "42 heart-rate-variability 2026-11-19T00:00:00 2026-11-20T00:00:01",
    ]);
    expect(windows("weight", hour(4), hour(1), hour(2))).toEqual(["42 weight 2026-11-19T01:00:00 2026-11-19T03:00:01", "42 weight 2026-11-19T04:00:00 2026-11-19T05:00:01"]);
  });

  it("of unusable parts are reported, and of types without a place here ignored", () => {
    expect(parse([notice({ dataType: "active-zone-minutes" })])).toEqual({ events: [], problems: [] });
    expect(parse([notice({ dataType: "telepathy" }), notice({}), notice({ healthUserId: undefined }), {}, null]).problems.map(({ path }) => path)).toEqual([
      "/0/data/dataType", "/1/data/intervals", "/2/data/healthUserId", "/3/data", "/4/data",
    ]);
    const endless = { physicalTimeInterval: { startTime: "1990-01-01T00:00:00Z", endTime: "2026-11-19T00:00:00Z" } };
    expect(parse([notice({ intervals: [endless, "x", null] })])).toMatchObject({ events: [], problems: [{ path: "/0/data/intervals" }] });
    expect(() => parse("text")).toThrow(ProviderContractBroken);
  });
});
