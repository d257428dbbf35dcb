import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkDriver } from "#driver/check.ts";
import type { MapResult, SampleRecord, SleepRecord, TreatmentRecord, WorkoutRecord } from "#driver/records.ts";
import type { AppCall, DriverCall, PulledPage, PullRequest, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { InvalidInput, ProviderContractBroken, ProviderRefused, ReauthorizationRequired, WebhookRejected } from "#errors.ts";
import type { AuthorizedFetch, AuthorizedFetchOptions, VendorResponse } from "#http/types.ts";
import { DAY_MS, formatInstant } from "#units/time.ts";
import { COLLECTIONS } from "./collections.ts";
import { oura } from "./index.ts";

const RECEIVED_MS = Date.UTC(2026, 10, 20, 9);
const PERSON = "6f1e0000-0000-4000-8000-00000000abcd";

type Json = Record<string, unknown>;

function fixture(name: string): Json {
  const { _source, ...body } = JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as Json;
  return body;
}

const documents = (name: string): Json[] => fixture(name)["data"] as Json[];
const first = (name: string, changes: Json = {}): Json => ({ ...documents(name)[0]!, ...changes });

function map(resource: string, payload: unknown, zone = "Europe/Madrid"): MapResult {
  return oura.map(resource, payload, { receivedMs: RECEIVED_MS, zone });
}

/** Samples of one metric as "start (end) value flags", which reads like a table. */
function lines(result: MapResult, metric: string): string[] {
  return result.records
    .filter((record): record is SampleRecord => record.record === "sample" && record.metric === metric)
    .map(({ startMs, endMs, value, flags }) =>
      [formatInstant(startMs).slice(0, -5), ...(endMs === undefined ? [] : [`→ ${formatInstant(endMs).slice(0, -5)}`]), Number(value.toFixed(3)), ...(flags ?? [])].join(" "),
    );
}

const sleepOf = (result: MapResult): SleepRecord => result.records.find((record): record is SleepRecord => record.record === "sleep")!;
const workoutsOf = (result: MapResult): WorkoutRecord[] => result.records.filter((record) => record.record === "workout");
const treatmentsOf = (result: MapResult): TreatmentRecord[] => result.records.filter((record) => record.record === "treatment");

/** Where the numbers of the night stand: all but the series. */
const startsOfNight = (payload: unknown): unknown => map("sleep", payload).records.flatMap((record) =>
  record.record === "sample" && record.metric !== "heart_rate" && (record.metric !== "hrv_rmssd" || record.flags) ? [record.startMs] : [],
);

const scoreOf = (changes: Json, zone?: string): string[] => lines(map("daily_sleep", first("daily_sleep", changes), zone), "sleep_score");

const textsOf = (name: string): unknown[] => treatmentsOf(map(name, fixture(name))).map(({ kind, text, atMs }) => [kind, text, formatInstant(atMs)]);

describe("the Oura driver's declarations", () => {
  it("contradict nothing", () => {
    expect(() => checkDriver(oura)).not.toThrow();
  });

  it("keep to what the fixtures really give, for every collection [W3]", () => {
    const names = readdirSync(new URL("./fixtures/", import.meta.url)).map((file) => file.replace(".json", ""));
    for (const { name, metrics, records } of oura.resources) {
      const given = names.includes(name) ? map(name, fixture(name)).records.filter(({ record }) => record !== "withdrawal") : [];
      const found = new Set(given.map((record) => (record.record === "sample" ? record.metric : null)).filter((metric) => metric !== null));
      expect([...found].toSorted(), name).toEqual([...metrics].toSorted());
      expect([...new Set(given.map(({ record }) => record))].toSorted(), name).toEqual([...records].toSorted());
    }
  });

  it("lead to Oura, or to where the operator says, without PKCE", () => {
    expect(oura.endpoints({})).toEqual({ auth: "https://cloud.ouraring.com", token: "https://api.ouraring.com", api: "https://api.ouraring.com" });
    expect(oura.endpoints({ base_url: "http://sim/oura/", browser_base_url: "http://localhost:3000/oura" })).toEqual({
      auth: "http://localhost:3000/oura", token: "http://sim/oura", api: "http://sim/oura",
    });
    expect(oura.auth).toMatchObject({ pkce: "none", refreshTokenRotates: true, scopesSetting: "scopes" });
  });
});

describe("mapping Oura's sleeps", () => {
  it("gives a night with stages, totals and efficiency under Oura's id [W2] [W3]", () => {
    const result = map("sleep", fixture("sleep"));
    expect(result.problems).toEqual([]);
    const night = sleepOf(result);
    expect(night).toMatchObject({
      vendorId: "a1b2c3d4-0000-4000-8000-000000000001", startMs: Date.UTC(2026, 10, 18, 21, 45), endMs: Date.UTC(2026, 10, 19, 5, 45), offsetMinutes: 60,
      isNap: false, efficiencyPercent: 90,
      totals: { inBedS: 28_800, asleepS: 26_100, deepS: 5_400, lightS: 14_400, remS: 6_300, awakeS: 2_700 },
    });
    expect(stages(night)).toEqual([
      "awake 21:45–21:55", "light 21:55–22:05", "deep 22:05–22:20", "rem 22:20–22:30", "light 22:30–22:40", "awake 22:40–22:45",
    ]);
  });

  it("gives heart rate and HRV by their own step, leaving out nulls and zeros, and the night's numbers on the day it ended [W3]", () => {
    const result = map("sleep", fixture("sleep"));
    expect(lines(result, "heart_rate")).toEqual(["2026-11-18T21:50:00 58", "2026-11-18T21:55:00 57"]);
    expect(lines(result, "hrv_rmssd")).toEqual(["2026-11-18T21:50:00 45", "2026-11-18T21:55:00 50", "2026-11-18T23:00:00 48 day_total"]);
    expect(lines(result, "resting_heart_rate")).toEqual(["2026-11-18T23:00:00 → 2026-11-19T23:00:00 50 estimated"]);
    expect(lines(result, "respiration_rate")).toEqual(["2026-11-18T23:00:00 14.25 day_total"]);
  });

  it("keeps one value a night when the bedtime is edited and the night comes again under another id", () => {
    const edited = first("sleep", { id: "new-id", bedtime_start: "2026-11-18T23:05:00+01:00", bedtime_end: "2026-11-19T07:10:00+01:00" });
    expect(startsOfNight(edited)).toEqual(startsOfNight(first("sleep")));
  });

  it("takes naps for naps, and zeros of stages that were not looked for as not known", () => {
    const nap = map("sleep", documents("sleep")[1]!);
    expect(nap.records).toEqual([{
      record: "sleep", vendorId: "a1b2c3d4-0000-4000-8000-000000000002", startMs: Date.UTC(2026, 10, 19, 14), endMs: Date.UTC(2026, 10, 19, 14, 20),
      offsetMinutes: 60, isNap: true, stages: [], totals: { inBedS: 1_200, asleepS: 900, awakeS: 300 }, efficiencyPercent: 75,
    }]);
    expect(["sleep", "late_nap", "long_sleep", "something_new", null].map((type) => sleepOf(map("sleep", first("sleep", { type }))).isNap)).toEqual([
      true, true, false, false, false,
    ]);
  });

  it("withdraws what is deleted or was rest only, whatever else is missing of it [W5]", () => {
    for (const type of ["deleted", "rest"]) {
      expect(map("sleep", { id: "s-1", type })).toEqual({ records: [{ record: "withdrawal", of: "sleep", vendorId: "s-1" }], problems: [] });
    }
  });

  it("prefers the phases by half a minute, ends the last one with the sleep, and says when a string is longer or holds unknown digits", () => {
    const short = { bedtime_end: "2026-11-18T22:47:15+01:00", sleep_phase_30_sec: "42221" };
    const fine = map("sleep", first("sleep", short));
    expect(sleepOf(fine).stages.map(({ stage, startMs, endMs }) => [stage, (endMs - startMs) / 1000])).toEqual([["awake", 30], ["light", 90], ["deep", 15]]);
    expect(fine.problems).toEqual([]);
    const long = map("sleep", first("sleep", { ...short, sleep_phase_30_sec: "42221111" }));
    expect(sleepOf(long).stages).toEqual(sleepOf(fine).stages);
    expect(long.problems).toMatchObject([{ path: "/sleep_phase_30_sec", reason: expect.stringContaining("longer") as string }]);
    const odd = map("sleep", first("sleep", { sleep_phase_5_min: "2092" }));
    expect(sleepOf(odd).stages.map(({ stage }) => stage)).toEqual(["light", "light"]);
    expect(odd.problems).toMatchObject([{ path: "/sleep_phase_5_min" }]);
    expect(sleepOf(map("sleep", first("sleep", { sleep_phase_5_min: "", app_sleep_phase_5_min: "11" }))).stages).toHaveLength(1);
  });

  it("counts real time in a night in which the clocks go back", () => {
    const result = map("sleep", first("sleep", {
      bedtime_start: "2026-10-25T01:30:00+02:00", bedtime_end: "2026-10-25T04:30:00+01:00", day: "2026-10-25", sleep_phase_5_min: "2".repeat(48),
    }));
    const night = sleepOf(result);
    expect([night.endMs - night.startMs, night.stages.length, night.stages[0]!.endMs]).toEqual([4 * 3_600_000, 1, night.endMs]);
    expect(lines(result, "resting_heart_rate")).toEqual(["2026-10-24T22:00:00 → 2026-10-25T23:00:00 50 estimated"]);
  });

  it("gives a traveller's night to the day where it ended", () => {
    const away = first("sleep", { bedtime_start: "2026-11-18T23:00:00-05:00", bedtime_end: "2026-11-19T07:00:00-05:00" });
    expect(lines(map("sleep", away), "respiration_rate")).toEqual(["2026-11-19T05:00:00 14.25 day_total"]);
  });

  it("refuses times that cannot be, and reports what is no share or duration, without values [VA-05]", () => {
    for (const change of [
      { bedtime_end: "2026-11-18T22:00:00+01:00" }, { bedtime_start: "2026-02-30T22:00:00+01:00" }, { bedtime_start: "canary" }, { bedtime_end: "2030-01-01T00:00:00Z" },
      { bedtime_end: "2026-11-19T06:45:00+23:00" },
    ]) {
      const result = map("sleep", { data: [first("sleep", change), documents("sleep")[1]!] });
      expect(result.records).toHaveLength(1);
      expect(result.problems).toMatchObject([{ path: expect.stringMatching(/^\/data\/0\/bedtime_(start|end)$/) as string }]);
      expect(JSON.stringify(result.problems)).not.toContain("canary");
    }
    const odd = map("sleep", first("sleep", { efficiency: 140, awake_time: -5, hrv: { interval: 0, items: [1], timestamp: "2026-11-18T22:45:00+01:00" } }));
    expect(odd.problems.map(({ path }) => path)).toEqual(["/efficiency", "/awake_time", "/hrv/interval"]);
    expect(sleepOf(odd)).not.toHaveProperty("efficiencyPercent");
    expect(sleepOf(odd).totals).not.toHaveProperty("awakeS");
  });
});

describe("mapping Oura's heart rate", () => {
  it("takes the milliseconds, else the text, and no heart that stands still [W3]", () => {
    const result = map("heartrate", fixture("heartrate"));
    expect(result.problems).toEqual([]);
    expect(lines(result, "heart_rate")).toEqual(["2026-11-19T10:00:00 64", "2026-11-19T10:10:00 71"]);
    expect(result.records[0]).toMatchObject({ offsetMinutes: null });
  });

  it("falls back on the text where the milliseconds cannot be, and reports what has neither", () => {
    const at = "2026-11-19T10:00:00Z";
    const given = [
      { timestamp: at, timestamp_unix: 1_795_082_400, bpm: 60 }, { timestamp: "2026-11-19T10:05:00", bpm: 61 }, { timestamp: at, bpm: "fast" }, { bpm: 63 }, null,
      { timestamp: "9999-12-31T23:59:59Z", bpm: 64 }, { timestamp: at, bpm: 900 }, { timestamp: at, bpm: null },
    ];
    const result = map("heartrate", given);
    expect(lines(result, "heart_rate")).toEqual(["2026-11-19T10:00:00 60", "2026-11-19T10:05:00 61"]);
    expect(result.problems.map(({ path }) => path)).toEqual(["/2/bpm", "/3/timestamp", "/4", "/5/timestamp", "/6/bpm"]);
  });
});

describe("mapping Oura's days", () => {
  it("gives a day of activity from four to four, with effort by the minute while the ring was worn [W2] [W3]", () => {
    const result = map("daily_activity", fixture("daily_activity"));
    expect(result.problems).toEqual([]);
    const day = "2026-11-18T03:00:00 → 2026-11-19T03:00:00";
    expect(lines(result, "steps")).toEqual([`${day} 9034 day_total`]);
    expect(lines(result, "calories_active")).toEqual([`${day} 421 day_total`]);
    expect(lines(result, "calories_total")).toEqual([`${day} 2310 day_total`]);
    expect(lines(result, "intensity_moderate")).toEqual([`${day} 2400 day_total`]);
    expect(lines(result, "intensity_vigorous")).toEqual([`${day} 600 day_total`]);
    expect(lines(result, "distance")).toEqual([`${day} 8120 day_total estimated`]);
    expect(lines(result, "met")).toEqual([
      "2026-11-18T03:00:00 → 2026-11-18T03:01:00 0.9", "2026-11-18T03:01:00 → 2026-11-18T03:02:00 1.2", "2026-11-18T03:03:00 → 2026-11-18T03:04:00 3.4",
      "2026-11-18T03:04:00 → 2026-11-18T03:05:00 1", "2026-11-18T03:10:00 → 2026-11-18T03:11:00 2",
    ]);
  });

  it("stores no zeros of a day on which the ring was not worn", () => {
    expect(map("daily_activity", documents("daily_activity")[1]!)).toEqual({ records: [], problems: [] });
  });

  it("gives scores and deviations of the day, and no contributor for a measurement [W3]", () => {
    const day = "2026-11-18T23:00:00 → 2026-11-19T23:00:00";
    expect(lines(map("daily_sleep", fixture("daily_sleep")), "sleep_score")).toEqual([`${day} 84`]);
    const readiness = map("daily_readiness", fixture("daily_readiness"));
    expect(readiness.records).toHaveLength(2);
    expect([...lines(readiness, "readiness"), ...lines(readiness, "skin_temperature_deviation")]).toEqual([`${day} 78`, `${day} -0.12`]);
    expect(lines(map("daily_resilience", fixture("daily_resilience")), "resilience")).toEqual([`${day} 3`]);
    const stress = map("daily_stress", fixture("daily_stress"));
    expect([...lines(stress, "stress_high_duration"), ...lines(stress, "stress_recovery_duration")]).toEqual([`${day} 3600 day_total`, `${day} 7200 day_total`]);
    expect(stress.records).toHaveLength(2);
  });

  it("gives oxygen, vascular age and VO2max at the day's start [W3]", () => {
    expect(map("daily_spo2", fixture("daily_spo2"))).toMatchObject({ records: [{ metric: "spo2", value: 96.7, flags: ["day_total"] }], problems: [] });
    expect(map("daily_spo2", first("daily_spo2", { spo2_percentage: { average: 0 } }))).toEqual({ records: [], problems: [] });
    expect(map("daily_cardiovascular_age", fixture("daily_cardiovascular_age")).records).toMatchObject([
      { metric: "vascular_age", value: 41, startMs: Date.UTC(2026, 10, 18, 23) }, { metric: "pulse_wave_velocity", value: 7.4 },
    ]);
    expect(lines(map("vO2_max", fixture("vO2_max")), "vo2max")).toEqual(["2026-11-18T23:00:00 43.5"]);
    expect(map("vo2_max", fixture("vO2_max"))).toEqual(map("vO2_max", fixture("vO2_max")));
  });

  it("keys on the day, lets the timestamp tell the offset, and pays no heed to one of another day", () => {
    expect(scoreOf({ timestamp: "2026-11-19T00:00:00-05:00" })).toEqual(["2026-11-19T05:00:00 → 2026-11-20T05:00:00 84"]);
    for (const timestamp of ["2026-11-10T00:00:00-05:00", "nonsense", null, "2026-11-19T00:00:00"]) {
      expect(scoreOf({ timestamp })).toEqual(["2026-11-18T23:00:00 → 2026-11-19T23:00:00 84"]);
    }
    expect(scoreOf({ day: "2026-03-29", timestamp: "2026-03-29T00:00:00+01:00" })).toEqual(["2026-03-28T23:00:00 → 2026-03-29T22:00:00 84"]);
    expect(scoreOf({ timestamp: null }, "Asia/Tokyo")).toEqual(["2026-11-18T15:00:00 → 2026-11-19T15:00:00 84"]);
  });

  it("reports impossible days and unknown levels [VA-05]", () => {
    for (const day of ["2026-02-30", "9999-12-31", "0001-01-01", "2027-05-01", ""]) {
      expect(map("daily_sleep", first("daily_sleep", { day }))).toMatchObject({ records: [], problems: [{ path: "/day" }] });
    }
    expect(map("daily_resilience", first("daily_resilience", { level: "canary" }))).toEqual({ records: [], problems: [{ path: "/level", reason: "an unknown level" }] });
    expect(map("daily_readiness", first("daily_readiness", { temperature_deviation: 36.6 })).problems).toMatchObject([{ path: "/temperature_deviation" }]);
  });

  it("takes weight and height of the profile from when they were read, marked as typed", () => {
    expect(map("personal_info", fixture("personal_info")).records).toEqual([
      { record: "sample", metric: "weight", startMs: RECEIVED_MS, value: 74.5, offsetMinutes: 60, flags: ["manual"] },
      { record: "sample", metric: "height", startMs: RECEIVED_MS, value: 1.78, offsetMinutes: 60, flags: ["manual"] },
    ]);
    expect(map("personal_info", { id: PERSON, weight: null, height: 0 })).toEqual({ records: [], problems: [] });
  });
});

describe("mapping Oura's workouts, sessions and tags", () => {
  it("gives a workout with distance, energy and pace, and none of what it does not tell [W2]", () => {
    const { records, problems } = map("workout", fixture("workout"));
    expect(problems).toEqual([]);
    expect(records[0]).toEqual({
      record: "workout", vendorId: "a1b2c3d4-0000-4000-8000-000000000030", startMs: Date.UTC(2026, 10, 18, 17), endMs: Date.UTC(2026, 10, 18, 17, 30),
      offsetMinutes: 60, sport: "running", vendorSport: "running", title: "Evening run", distanceM: 5_000, energyKcal: 312.4,
      averageSpeedMS: 5_000 / 1_800, averagePaceSKm: 360, isManual: false,
    });
    expect(records[1]).toMatchObject({ sport: "other", vendorSport: "housework", energyKcal: 90, isManual: true });
    for (const field of ["distanceM", "averagePaceSKm", "title", "averageHeartRate"]) expect(records[1]).not.toHaveProperty(field);
  });

  it.each([["strength_training", "strength"], ["Cross-Country Skiing", "skiing"], ["something_new", "other"], [null, "other"]])("maps %s to %s", (activity, sport) => {
    expect(workoutsOf(map("workout", first("workout", { activity })))[0]).toMatchObject({ sport });
  });

  it("gives a session as a moment of rest with its values, and a nap as its values alone", () => {
    const result = map("session", fixture("session"));
    expect(result.problems).toEqual([]);
    expect(workoutsOf(result).map(({ sport, vendorSport }) => [sport, vendorSport])).toEqual([["meditation", "breathing"]]);
    expect(lines(result, "heart_rate")).toEqual([
      "2026-11-19T08:00:00 70", "2026-11-19T08:00:05 69", "2026-11-19T14:00:00 60", "2026-11-19T14:05:00 59",
    ]);
    expect(lines(result, "hrv_rmssd")).toEqual(["2026-11-19T08:00:05 51", "2026-11-19T08:00:10 52"]);
  });

  it("gives tags as notes and rest mode as a mark of health, in the person's words", () => {
    expect(textsOf("enhanced_tag")).toEqual([
      ["note", "alcohol: two glasses", "2026-11-18T20:00:00.000Z"], ["note", "New mattress", "2026-11-17T23:00:00.000Z"],
    ]);
    expect(textsOf("tag")).toEqual([["note", "sick, stress: a cold", "2026-11-18T11:00:00.000Z"]]);
    expect(textsOf("rest_mode_period")).toEqual([["health", "rest mode: fever, cough", "2026-11-16T19:00:00.000Z"]]);
  });

  it("maps nothing of what has no place here, and refuses what Oura has not", () => {
    for (const name of ["ring_configuration", "sleep_time", "ring_battery_level", "interbeat_interval"]) {
      expect(map(name, { data: [{ id: "1", level: 80, ibi: 900 }], next_token: null }), name).toEqual({ records: [], problems: [] });
    }
    expect(() => map("toString", {})).toThrow(InvalidInput);
    expect(() => map("sleep", { data: null })).toThrow(ProviderContractBroken);
  });
});

const stages = ({ stages }: SleepRecord): string[] =>
  stages.map(({ stage, startMs, endMs }) => `${stage} ${formatInstant(startMs).slice(11, 16)}–${formatInstant(endMs).slice(11, 16)}`);

interface Asked {
  readonly path: string;
  readonly options: AuthorizedFetchOptions;
}
interface Answer { readonly status?: number; readonly body?: unknown }

/** A fetch that answers by a rule and remembers what was asked. */
function fetchBy(rule: (path: string, options: AuthorizedFetchOptions, turn: number) => Answer): { readonly fetch: AuthorizedFetch; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  return {
    asked,
    fetch: (path, options = {}) => {
      asked.push({ path, options });
      const { status = 200, body = "" } = rule(path, options, asked.length - 1);
      const text = JSON.stringify(body);
      if (status === 401 && !options.accept?.includes(401)) return Promise.reject(new ReauthorizationRequired("oura refuses a fresh token."));
      if (status >= 400 && !options.accept?.includes(status)) return Promise.reject(new ProviderRefused(`oura answered ${status}.`, status, text));
      const response: VendorResponse = { status, headers: {}, body: new TextEncoder().encode(text), json: () => JSON.parse(text) as unknown };
      return Promise.resolve(response);
    },
  };
}

const inTurn = (answers: readonly Answer[]) => (_path: string, _options: AuthorizedFetchOptions, turn: number): Answer => answers[Math.min(turn, answers.length - 1)] ?? {};

function callWith(rule: Parameters<typeof fetchBy>[0], given: { scopes?: readonly string[] | null; settings?: Record<string, string> } = {}) {
  const { fetch, asked } = fetchBy(rule);
  const call: DriverCall = {
    fetch, settings: given.settings ?? {}, account: { vendorUserId: PERSON, grantedScopes: given.scopes ?? null }, nowMs: RECEIVED_MS,
    signal: new AbortController().signal,
  };
  return { call, asked };
}

async function pagesOf(call: DriverCall, request: PullRequest): Promise<PulledPage[]> {
  const pages: PulledPage[] = [];
  for await (const page of oura.pull(call, request)) pages.push(page);
  return pages;
}

const window = { fromMs: Date.UTC(2026, 10, 18, 12), toMs: Date.UTC(2026, 10, 20, 6, 0, 0, 500) };
const withHeartRate = (doc: Json) => (path: string): Answer => (path.endsWith("heartrate") ? list([{ timestamp: "2026-11-19T00:00:00Z", bpm: 51 }]) : { body: doc });
const list = (data: unknown[], next_token: string | null = null): Answer => ({ body: { data, next_token } });

describe("asking Oura", () => {
  it("identifies the person by the id that events carry", async () => {
    const { call, asked } = callWith(inTurn([{ body: fixture("personal_info") }]));
    expect(await oura.identify(call, {})).toEqual({ vendorUserId: PERSON, grantedScopes: null });
    expect(asked[0]!.path).toBe("/v2/usercollection/personal_info");
    await expect(oura.identify(callWith(inTurn([{ body: { id: "" } }])).call, {})).rejects.toBeInstanceOf(ProviderContractBroken);
  });

  it("asks for dates with room on both sides, and follows the pages to their end", async () => {
    const { call, asked } = callWith(inTurn([list(documents("sleep"), "t1"), list([], "t2"), list([documents("sleep")[0]!])]));
    expect(await pagesOf(call, { resource: "sleep", window })).toHaveLength(2);
    expect(asked.map(({ path, options }) => [path, options.query])).toEqual([
      ["/v2/usercollection/sleep", { start_date: "2026-11-17", end_date: "2026-11-22" }],
      ["/v2/usercollection/sleep", { start_date: "2026-11-17", end_date: "2026-11-22", next_token: "t1" }],
      ["/v2/usercollection/sleep", { start_date: "2026-11-17", end_date: "2026-11-22", next_token: "t2" }],
    ]);
  });

  it("asks for VO2max with its capital letter, and for the sandbox where the operator wants it", async () => {
    const { call, asked } = callWith(inTurn([list([])]), { settings: { data: "sandbox" } });
    await pagesOf(call, { resource: "vo2_max", window });
    expect(asked[0]!.path).toBe("/v2/sandbox/usercollection/vO2_max");
  });

  it("asks for heart rate by instants of whole seconds, never for more than 30 days at once", async () => {
    const { call, asked } = callWith(inTurn([list([])]));
    await pagesOf(call, { resource: "heartrate", window });
    expect(asked[0]!.options.query).toEqual({ start_datetime: "2026-11-18T12:00:00+00:00", end_datetime: "2026-11-20T06:00:01+00:00" });
    await pagesOf(call, { resource: "heartrate", window: { fromMs: window.toMs - 70 * DAY_MS, toMs: window.toMs } });
    const lengths = asked.slice(1).map(({ options }) => Date.parse(String(options.query!["end_datetime"])) - Date.parse(String(options.query!["start_datetime"])));
    expect(lengths).toHaveLength(3);
    for (const length of lengths) expect(length).toBeLessThanOrEqual(30 * DAY_MS);
  });

  it("cuts a loop of pages [VA-06]", async () => {
    const { call, asked } = callWith(inTurn([list(documents("sleep"), "again")]));
    await expect(pagesOf(call, { resource: "sleep", window })).rejects.toMatchObject({ code: "provider_contract", path: "/next_token" });
    expect(asked).toHaveLength(2);
    let turn = 0;
    const endless = callWith(() => list([], `t${(turn += 1)}`));
    await expect(pagesOf(endless.call, { resource: "sleep", window })).rejects.toBeInstanceOf(ProviderContractBroken);
    expect(endless.asked.length).toBeLessThan(300);
  });

  it("does not ask for what was not allowed, whichever way the scope is spelled [OA-14]", async () => {
    const { call, asked } = callWith(inTurn([list([])]), { scopes: ["personal", "spo2Daily", "vendor:workout"] });
    await expect(pagesOf(call, { resource: "sleep", window })).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 403 });
    expect(asked).toEqual([]);
    await pagesOf(call, { resource: "daily_spo2", window });
    await pagesOf(call, { resource: "workout", window });
    await pagesOf(call, { resource: "daily_stress", window });
    expect(asked).toHaveLength(3);
  });

  it("takes a 401 for one collection alone as a missing scope, and for everything as a dead grant [OA-14] [VA-14]", async () => {
    const alone = callWith((path) => (path.endsWith("daily_stress") ? { status: 401 } : { body: fixture("personal_info") }));
    await expect(pagesOf(alone.call, { resource: "daily_stress", window })).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 403 });
    const dead = callWith(() => ({ status: 401 }));
    await expect(pagesOf(dead.call, { resource: "daily_stress", window })).rejects.toBeInstanceOf(ReauthorizationRequired);
    const certain = callWith(() => ({ status: 401 }));
    await expect(pagesOf(certain.call, { resource: "sleep", window })).rejects.toBeInstanceOf(ReauthorizationRequired);
    expect(certain.asked).toHaveLength(1);
  });

  it("reads one document by id, nothing where it is gone, and believes no other", async () => {
    const doc = first("daily_readiness");
    const { call, asked } = callWith(inTurn([{ body: doc }]));
    expect(await pagesOf(call, { resource: "daily_readiness", objectId: String(doc["id"]) })).toMatchObject([{ resource: "daily_readiness" }]);
    expect(asked.map(({ path }) => path)).toEqual([`/v2/usercollection/daily_readiness/${String(doc["id"])}`]);
    expect(await pagesOf(callWith(inTurn([{ status: 404 }])).call, { resource: "workout", objectId: "w-1" })).toEqual([]);
    await expect(pagesOf(callWith(inTurn([{ body: doc }])).call, { resource: "daily_readiness", objectId: "other" })).rejects.toBeInstanceOf(ProviderContractBroken);
    for (const objectId of ["../personal_info", "a/b", "", "x?y"]) {
      await expect(pagesOf(call, { resource: "workout", objectId })).rejects.toBeInstanceOf(InvalidInput);
    }
    await expect(pagesOf(call, { resource: "heartrate", objectId: "x" })).rejects.toBeInstanceOf(InvalidInput);
    await expect(pagesOf(call, { resource: "sleep", url: "https://api.ouraring.com/" })).rejects.toBeInstanceOf(InvalidInput);
  });

  it("brings the heart rate of an announced sleep or day along, for no event tells of it", async () => {
    const night = callWith(withHeartRate(first("sleep")));
    expect((await pagesOf(night.call, { resource: "sleep", objectId: String(first("sleep")["id"]) })).map(({ resource }) => resource)).toEqual(["sleep", "heartrate"]);
    expect(night.asked[1]!.options.query).toEqual({ start_datetime: "2026-11-18T21:45:00+00:00", end_datetime: "2026-11-19T05:45:00+00:00" });
    const today = callWith(withHeartRate(first("daily_activity", { timestamp: "2026-11-20T04:00:00+01:00" })));
    await pagesOf(today.call, { resource: "daily_activity", objectId: String(first("daily_activity")["id"]) });
    expect(today.asked[1]!.options.query).toEqual({ start_datetime: "2026-11-20T03:00:00+00:00", end_datetime: "2026-11-20T09:00:00+00:00" });
    const dated = callWith(withHeartRate(first("daily_activity", { timestamp: null })));
    await pagesOf(dated.call, { resource: "daily_activity", objectId: String(first("daily_activity")["id"]) });
    expect(dated.asked[1]!.options.query).toEqual({ start_datetime: "2026-11-17T10:00:00+00:00", end_datetime: "2026-11-19T16:00:00+00:00" });
  });

  it("is content with the sleep alone where heart rate is not allowed", async () => {
    const id = String(first("sleep")["id"]);
    const known = callWith(inTurn([{ body: first("sleep") }]), { scopes: ["daily"] });
    expect(await pagesOf(known.call, { resource: "sleep", objectId: id })).toHaveLength(1);
    expect(known.asked).toHaveLength(1);
    const found = callWith(inTurn([{ body: first("sleep") }, { status: 403 }]));
    expect(await pagesOf(found.call, { resource: "sleep", objectId: id })).toHaveLength(1);
  });

  it("reads the profile unless the operator says no, and nobody else's [VA-15]", async () => {
    expect(await pagesOf(callWith(inTurn([{ body: fixture("personal_info") }])).call, { resource: "personal_info", window })).toHaveLength(1);
    const off = callWith(inTurn([{}]), { settings: { profile: "off" } });
    expect(await pagesOf(off.call, { resource: "personal_info", window })).toEqual([]);
    expect(off.asked).toEqual([]);
    await expect(pagesOf(callWith(inTurn([{ body: { id: "another" } }])).call, { resource: "personal_info", window })).rejects.toBeInstanceOf(ProviderContractBroken);
  });

  it("ends the grant by POST, by GET where that is not known, and is content when it is gone [OA-23]", async () => {
    const post = callWith(inTurn([{}]));
    await oura.revoke!(post.call);
    expect(post.asked).toMatchObject([{ path: "/oauth/revoke", options: { method: "POST", tokenInQuery: "access_token" } }]);
    const get = callWith(inTurn([{ status: 405 }, {}]));
    await oura.revoke!(get.call);
    expect(get.asked.map(({ options }) => options.method ?? "GET")).toEqual(["POST", "GET"]);
    await expect(oura.revoke!(callWith(inTurn([{ status: 401 }])).call)).resolves.toBeUndefined();
  });
});

const secrets = (given: Partial<WebhookSecrets> = {}): WebhookSecrets => ({
  clientId: "client", clientSecrets: ["test_secret"], verifyToken: "our-token", subscriptionId: null, settings: {}, ...given,
});

describe("Oura's webhook", () => {
  const webhook = oura.webhook!;
  const body = '{"event_type":"update","data_type":"daily_readiness","object_id":"obj-1","event_time":"2026-11-19T07:01:12+00:00","user_id":"user-1"}';
  const signature = "221A45D4DB87C5DFD63094F598B11E40BC3E816F092FBD5F6738BF2E2092AA40";
  const receivedMs = 1_795_071_672_000;

  const request = (headers: Record<string, string>, at = receivedMs): WebhookRequest => ({ headers, query: {}, body: new TextEncoder().encode(body), receivedMs: at });
  const signed = (timestamp: string): Record<string, string> => ({
    "x-oura-timestamp": timestamp, "x-oura-signature": createHmac("sha256", "test_secret").update(timestamp + body).digest("hex").toUpperCase(),
  });
  const verify = (given: WebhookRequest, with_ = secrets()) => (): void => webhook.verify(given, with_);
  const parse = (changes: Json = {}): WebhookParse => webhook.parse({ ...fixture("event-update"), ...changes });
  const withdrawnOf = (data_type: string): string[] =>
    parse({ event_type: "delete", data_type }).events.map((event) => (event.kind === "withdrawn" ? event.of : event.kind));
  const answer = (query: Record<string, string>, with_ = secrets()): unknown => webhook.handshake!({ ...request({}), query }, with_);

  it("accepts the test vector in either case, and no other digest, secret or time [WH-01] [WH-02] [WH-06]", () => {
    const genuine = { "x-oura-timestamp": "1795071672", "x-oura-signature": signature };
    expect(verify(request(genuine))).not.toThrow();
    expect(verify(request({ ...genuine, "x-oura-signature": signature.toLowerCase() }))).not.toThrow();
    expect(verify(request({ ...genuine, "x-oura-timestamp": "1795071673" }))).toThrow(WebhookRejected);
    expect(verify(request({ "x-oura-signature": signature }))).toThrow(WebhookRejected);
    expect(verify(request(genuine), secrets({ clientSecrets: ["other"] }))).toThrow(WebhookRejected);
    expect(verify(request(genuine), secrets({ clientSecrets: ["new", "test_secret"] }))).not.toThrow();
    expect(verify({ ...request(genuine), body: new TextEncoder().encode(`${body} `) })).toThrow(WebhookRejected);
  });

  it("refuses old and future deliveries in whichever form the time is written, and believes a signed one it cannot read [WH-05]", () => {
    for (const timestamp of ["1795071672", "1795071672.5", "1795071672000", "2026-11-19T07:01:12Z", "2026-11-19T08:01:12.000+01:00"]) {
      expect(verify(request(signed(timestamp))), timestamp).not.toThrow();
      for (const aside of [901_000, -901_000]) {
        expect(verify(request(signed(timestamp), receivedMs + aside)), timestamp).toThrow(expect.objectContaining({ code: "webhook_stale" }) as Error);
      }
    }
    expect(verify(request(signed("Thu, 19 Nov 2026")))).not.toThrow();
  });

  it("turns what is new or changed into a reading of the document [W2] [WH-09]", () => {
    const pull = { kind: "pull", account: PERSON, request: { resource: "daily_readiness", objectId: "a1b2c3d4-0000-4000-8000-000000000002" } };
    expect(parse()).toEqual({ events: [pull], problems: [] });
    expect(parse({ event_type: "create", data_type: "vo2_max" }).events).toEqual([{ ...pull, request: { ...pull.request, resource: "vO2_max" } }]);
  });

  it("takes the record of a deleted document away, and leaves samples", () => {
    expect(["sleep", "workout", "session", "enhanced_tag", "rest_mode_period", "daily_sleep"].map(withdrawnOf)).toEqual([
      ["sleep"], ["workout"], ["workout"], ["treatment"], ["treatment"], [],
    ]);
  });

  it("passes over what has no place here, reports what is unknown, and refuses what is no event", () => {
    expect(parse({ data_type: "sleep_time" })).toEqual({ events: [], problems: [] });
    expect(parse({ data_type: "blood_glucose" })).toMatchObject({ events: [], problems: [{ path: "/data_type" }] });
    expect(parse({ event_type: "canary" })).toMatchObject({ events: [], problems: [{ path: "/event_type" }] });
    expect(() => webhook.parse({ event_type: "update" })).toThrow(ProviderContractBroken);
  });

  it("answers a challenge that knows our token, in JSON, and no other [W2] [WH-26]", () => {
    const query = { verification_token: "our-token", challenge: '"><b>' };
    expect(answer(query)).toEqual({ contentType: "application/json", body: '{"challenge":"\\"><b>"}' });
    for (const wrong of [{ ...query, verification_token: "guess" }, { challenge: "x" }, { ...query, challenge: "" }, { ...query, challenge: "x".repeat(257) }]) {
      expect(() => answer(wrong as Record<string, string>)).toThrow(WebhookRejected);
    }
    expect(() => answer({ ...query, verification_token: "" }, secrets({ verifyToken: "" }))).toThrow(WebhookRejected);
    expect(() => answer(query, secrets({ verifyToken: null }))).toThrow(WebhookRejected);
  });
});

const shown = ({ path, options }: Asked): string => `${options.method ?? "GET"} ${path}`;

describe("Oura's subscriptions", () => {
  const wanted = { callbackUrl: "https://islet.example/webhooks/oura", verifyToken: "our-token" };
  const types = COLLECTIONS.filter(({ announced }) => announced).length;
  const deletions = COLLECTIONS.filter(({ announced }) => announced?.withdraws).length;
  const all = 2 * types + deletions;

  async function subscribe(existing: readonly object[], rule: (path: string, options: AuthorizedFetchOptions) => Answer) {
    const { fetch, asked } = fetchBy((path, options, turn) => (turn === 0 ? { body: existing } : rule(path, options)));
    const call: AppCall = { fetch, clientId: "id-1", clientSecret: "shh", settings: {} };
    return { outcome: await oura.webhook!.subscribe!(call, wanted).catch((error: unknown) => error), calls: asked.slice(1) };
  }
  const sub = (changes: Json = {}): Json => ({ id: "sub-1", callback_url: wanted.callbackUrl, event_type: "update", data_type: "vo2_max", expiration_time: "2027-01-01T00:00:00Z", ...changes });

  it("are made for each type of data and event that is used, with the app's own credentials", async () => {
    const { outcome, calls } = await subscribe([], () => ({ status: 201, body: sub() }));
    expect(outcome).toBe(String(all));
    expect(calls).toHaveLength(all);
    expect(new Set(calls.map(shown))).toEqual(new Set(["POST /v2/webhook/subscription"]));
    expect(calls[0]!.options).toMatchObject({
      headers: { "x-client-id": "id-1", "x-client-secret": "shh" },
      json: { callback_url: wanted.callbackUrl, verification_token: "our-token", event_type: "create", data_type: "sleep" },
    });
    expect(calls.map(({ options }) => options.json)).toContainEqual(expect.objectContaining({ data_type: "vo2_max", event_type: "update" }));
    expect(calls.map(({ options }) => options.json)).not.toContainEqual(expect.objectContaining({ data_type: "vo2_max", event_type: "delete" }));
  });

  it("are renewed where they lead to us, and moved where they lead elsewhere [WH-28]", async () => {
    const { calls } = await subscribe([sub(), sub({ id: "sub/2", event_type: "create", data_type: "sleep", callback_url: "https://old.example/" })], () => ({ status: 200, body: sub() }));
    expect(calls.map(shown)).toEqual(expect.arrayContaining(["PUT /v2/webhook/subscription/renew/sub-1", "PUT /v2/webhook/subscription/sub%2F2"]));
    expect(calls.find((each) => each.path.endsWith("sub%2F2"))!.options.json).toMatchObject({ verification_token: "our-token", callback_url: wanted.callbackUrl });
    expect(calls).toHaveLength(all);
  });

  it("are made anew where they can be neither renewed nor moved [WH-28]", async () => {
    const { outcome, calls } = await subscribe([sub()], (path) => (path.includes("renew") ? { status: 404 } : { status: 201, body: sub() }));
    expect(outcome).toBe(String(all));
    expect(calls.map(shown)).toEqual(expect.arrayContaining(["DELETE /v2/webhook/subscription/sub-1"]));
    expect(calls).toHaveLength(all + 2);
  });

  it("are there already when Oura says so, and one that Oura refuses costs itself alone", async () => {
    expect((await subscribe([], () => ({ status: 409 }))).outcome).toBe(String(all));
    const { outcome } = await subscribe([], (_, { json }) => ((json as Json)["data_type"] === "sleep" ? { status: 422 } : { status: 201, body: sub() }));
    expect(outcome).toBe(String(all - 3));
    expect((await subscribe([], () => ({ status: 422 }))).outcome).toBeInstanceOf(ProviderRefused);
  });
});

describe("mapping what others keep of Oura's documents", () => {
  const bare = { bedtime_start: "2026-11-18T23:10:00+01:00", bedtime_end: "2026-11-19T06:40:00+01:00", type: "long_sleep", total_sleep_duration: 24_000 };

  it("bears documents without series", () => {
    expect(sleepOf(map("sleep", { id: "s1", ...bare }))).toMatchObject({ vendorId: "s1", totals: { asleepS: 24_000 } });
    const day = map("daily_activity", { day: "2026-11-18", steps: 4_321 });
    expect(day.problems).toEqual([]);
    expect(lines(day, "steps")).toHaveLength(1);
    const session = { id: "e1", type: "meditation", start_datetime: "2026-11-18T20:00:00+01:00", end_datetime: "2026-11-18T20:10:00+01:00" };
    expect(workoutsOf(map("session", session))).toHaveLength(1);
  });

  it("keeps documents without an id by their start, and numbers as ids", () => {
    expect(sleepOf(map("sleep", [bare])).vendorId).toBeNull();
    expect(sleepOf(map("sleep", [{ ...bare, id: 77 }])).vendorId).toBe("77");
    expect(map("sleep", [{ ...bare, type: "rest" }])).toMatchObject({ records: [], problems: [] });
    expect(treatmentsOf(map("enhanced_tag", { start_time: "2026-11-18T20:00:00+01:00", tag_type_code: "tag_generic_sauna" }))[0]).toMatchObject({ vendorId: null, text: "sauna" });
  });

  it("takes one document in `data`, and heart rates as text", () => {
    expect(map("sleep", { data: { ...bare, id: "s1" } }).records).toEqual(map("sleep", { ...bare, id: "s1" }).records);
    expect(map("sleep", { data: { id: "s1" } }).problems[0]?.path).toBe("/data/bedtime_start");
    expect(lines(map("heartrate", [{ timestamp: "2026-11-19T10:00:00Z", bpm: "62" }]), "heart_rate")).toEqual(["2026-11-19T10:00:00 62"]);
  });
});

describe("mapping recordings of Oura's first API", () => {
  const night = {
    summary_date: "2020-05-01", period_id: 0, is_longest: 1, timezone: 120, bedtime_start: "2020-05-01T23:30:00+02:00", bedtime_end: "2020-05-01T23:50:00+02:00", score: 77,
    total: 900, duration: 1_200, awake: 300, light: 600, rem: 0, deep: 300, efficiency: 75, hr_lowest: 48, rmssd: 51, breath_average: 13.5,
    hypnogram_5min: "4122", hr_5min: [0, 52, 50, 49], rmssd_5min: [0, 60, 55, 0],
  };

  it("gives a sleep with its stages, totals and series", () => {
    for (const given of [night, [night], { sleep: [night] }]) {
      const result = map("sleep", given);
      expect(result.problems).toEqual([]);
      expect(sleepOf(result)).toMatchObject({
        vendorId: null, startMs: Date.UTC(2020, 4, 1, 21, 30), offsetMinutes: 120, isNap: false, efficiencyPercent: 75, score: 77,
        totals: { inBedS: 1_200, asleepS: 900, deepS: 300, lightS: 600, remS: 0, awakeS: 300 },
      });
      expect(sleepOf(result).stages.map(({ stage }) => stage)).toEqual(["awake", "deep", "light"]);
      expect(lines(result, "heart_rate")).toEqual(["2020-05-01T21:35:00 52", "2020-05-01T21:40:00 50", "2020-05-01T21:45:00 49"]);
    }
    expect(sleepOf(map("sleep", { ...night, is_longest: 0 })).isNap).toBe(true);
  });

  it("gives a day, whose times were minutes", () => {
    const day = { summary_date: "2020-05-01", day_start: "2020-05-01T04:00:00+02:00", steps: 5_000, cal_active: 300, cal_total: 2_300, daily_movement: 4_100, high: 2, medium: 30, non_wear: 5, met_1min: [1.2, 0.9] };
    const result = map("daily_activity", { activity: [day] });
    expect(lines(result, "steps")).toEqual(["2020-05-01T02:00:00 → 2020-05-02T02:00:00 5000 day_total"]);
    expect(lines(result, "intensity_moderate")).toEqual(["2020-05-01T02:00:00 → 2020-05-02T02:00:00 1800 day_total"]);
    expect(lines(result, "met")).toHaveLength(2);
  });

  it("starts a series without a time with its sleep", () => {
    const sleep = { id: "s1", bedtime_start: "2026-11-18T23:10:00+01:00", bedtime_end: "2026-11-19T06:40:00+01:00", heart_rate: { interval: 300, items: [52, null, 50] } };
    expect(lines(map("sleep", sleep), "heart_rate")).toEqual(["2026-11-18T22:10:00 52", "2026-11-18T22:20:00 50"]);
  });
});
