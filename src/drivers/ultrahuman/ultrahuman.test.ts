import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InvalidInput, ProviderContractBroken, ProviderRefused, ProviderUnavailable } from "#errors.ts";
import { checkDriver } from "#driver/check.ts";
import type { MapResult, SampleRecord, SleepRecord } from "#driver/records.ts";
import type { DriverCall, PulledPage, PullRequest } from "#driver/types.ts";
import type { AuthorizedFetch, AuthorizedFetchOptions, VendorResponse } from "#http/types.ts";
import { DAY_MS, formatInstant } from "#units/time.ts";
import { ultrahuman } from "./index.ts";

const RECEIVED_MS = Date.UTC(2026, 2, 6);
/** 2026-03-01T23:00Z, the midnight of UTC+1. */
const DAY_S = 1_772_406_000;

type Json = Record<string, unknown>;

/** A fixture as Ultrahuman would send it: without our note on its source, and a list out of its wrapping. */
function fixture(name: string): unknown {
  const { _source, payload, ...body } = JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as Json;
  return payload ?? body;
}

function map(payload: unknown, zone = "Asia/Kolkata"): MapResult {
  return ultrahuman.map("metrics", payload, { receivedMs: RECEIVED_MS, zone });
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

const sleepsOf = ({ records }: MapResult): SleepRecord[] => records.filter((record) => record.record === "sleep");
const offsetsOf = ({ records }: MapResult): unknown[] => [...new Set(records.map((record) => (record.record === "withdrawal" ? null : record.offsetMinutes)))];

describe("mapping Ultrahuman's metrics", () => {
  it("gives series without their gaps, which are zeros [W2] [W3]", () => {
    const result = map(fixture("metrics"));
    expect(result.problems).toEqual([]);
    expect(lines(result, "heart_rate")).toEqual(["03-01T23:05 58", "03-01T23:15 61"]);
    expect(lines(result, "skin_temperature")).toEqual(["03-01T23:05 33.42"]);
    expect(lines(result, "spo2")).toEqual(["03-02T00:05 97", "03-01T22:20 97 day_total"]);
    expect(lines(result, "glucose")).toEqual(["03-01T23:05 92", "03-01T23:10 98"]);
    expect(lines(result, "hrv_rmssd")).toEqual(["03-01T23:05 51", "03-01T23:10 47", "03-01T23:00 48 day_total"]);
  });

  it("keeps the day's total of steps apart from its readings, which do not add up to it", () => {
    expect(lines(map(fixture("metrics")), "steps")).toEqual([
      "03-02T07:00/03-02T07:05 0", "03-02T07:05/03-02T07:10 120", "03-02T07:10/03-02T07:15 85", "03-01T23:00/03-02T23:00 8452 day_total",
    ]);
  });

  it("gives the single numbers of a day", () => {
    const result = map(fixture("metrics"));
    expect(lines(result, "resting_heart_rate")).toEqual(["03-01T23:00/03-02T23:00 51"]);
    expect(lines(result, "recovery")).toEqual(["03-01T23:00/03-02T23:00 78"]);
    expect(lines(result, "vo2max")).toEqual(["03-01T23:00 42.5"]);
    expect(lines(result, "active_duration")).toEqual(["03-01T23:00/03-02T23:00 2100 day_total"]);
  });

  it("gives a night with its totals where no stages are drawn", () => {
    expect(sleepsOf(map(fixture("metrics")))).toEqual([{
      record: "sleep", vendorId: null, startMs: 1_772_403_600_000, endMs: 1_772_430_000_000, offsetMinutes: 60, isNap: false, stages: [],
      totals: { inBedS: 26_400, asleepS: 24_000, deepS: 5_400, lightS: 13_200, remS: 5_400, awakeS: 2_400 }, efficiencyPercent: 91,
    }]);
  });

  it("reads the answer by dates: the zone it names, the date for the day, stages and scores", () => {
    const result = map(fixture("metrics-by-date"));
    expect(result.problems).toEqual([]);
    expect(offsetsOf(result)).toEqual([60]);
    expect(lines(result, "steps")).toEqual(["03-01T23:00/03-02T23:00 3262 day_total"]);
    expect(lines(result, "recovery")).toEqual(["03-01T23:00/03-02T23:00 64"]);
    expect(lines(result, "sleep_score")).toEqual(["03-01T22:20/03-02T05:40 79", "03-01T23:00/03-02T23:00 85 day_total"]);
    expect(lines(result, "skin_temperature_deviation")).toEqual(["03-01T22:20/03-02T05:40 -0.5", "03-01T23:00/03-02T23:00 -0.2 day_total"]);
    const [night] = sleepsOf(result);
    expect(night).toMatchObject({ score: 79, efficiencyPercent: 97, totals: { inBedS: 26_400, asleepS: 25_800, deepS: 5_400, lightS: 15_000, remS: 5_400 } });
    expect(night?.totals).not.toHaveProperty("awakeS");
    expect(night?.stages.map(({ stage }) => stage)).toEqual(["awake", "light", "deep", "rem", "light"]);
    expect(night?.stages[1]).toEqual({ stage: "light", startMs: 1_772_404_200_000, endMs: 1_772_410_800_000 });
  });

  it("reads the bare list, and a night that is only drawn", () => {
    const result = map(fixture("metrics-list"));
    expect(result.problems).toEqual([]);
    expect(lines(result, "heart_rate")).toHaveLength(2);
    expect(sleepsOf(result)[0]).toMatchObject({ startMs: 1_772_403_600_000, endMs: 1_772_430_000_000, totals: {} });
    expect(sleepsOf(result)[0]?.stages).toHaveLength(5);
  });

  it("reads every envelope to the same records", () => {
    const { data: { metric_data: items } } = fixture("metrics") as { data: { metric_data: unknown[] } };
    const { records } = map(items);
    for (const payload of [{ data: { metric_data: items } }, { metric_data: items }, { data: items }, { data: { metrics: { "2026-03-02": items } } }, { metrics: { "2026-03-02": items } }]) {
      expect(map(payload).records).toEqual(records);
    }
    expect(map(items[0]).records).toEqual(map([items[0]]).records);
    expect(map({ type: "HR", values: [{ timestamp: DAY_S, value: 60 }] }).records).toMatchObject([{ metric: "heart_rate", value: 60 }]);
    expect(map({ type: "recovery_index", object: { day_start_timestamp: DAY_S, recovery_index: { value: 78, unit: "score" } } }).records).toMatchObject([{ metric: "recovery", value: 78 }]);
  });

  it("reads a night from the details of older answers, and an efficiency that is a share", () => {
    const details = { bedtime_start: 1_772_403_600, bedtime_end: 1_772_430_000, quick_metrics: [{ type: "sleep_efic", value: 0.86 }] };
    expect(sleepsOf(map([{ type: "sleep", object: { score: 81, details } }]))[0]).toMatchObject({ score: 81, efficiencyPercent: 86, totals: {} });
  });

  it("believes the midnight of the day before our own zone, and our own before a midnight of UTC", () => {
    const hr = (day_start_timestamp: number | undefined): unknown[] =>
      offsetsOf(map([{ type: "hr", object: { day_start_timestamp, values: [{ timestamp: DAY_S + 7_200, value: 60 }] } }], "America/New_York"));
    expect(hr(DAY_S)).toEqual([60]);
    expect(hr(Date.UTC(2026, 2, 1, 18, 30) / 1000)).toEqual([330]);
    expect(hr(Date.UTC(2026, 2, 2, 8) / 1000)).toEqual([-480]);
    expect(hr(Date.UTC(2026, 2, 2) / 1000)).toEqual([-300]);
    expect(hr(undefined)).toEqual([-300]);
  });

  it("gives the day on which clocks change its 25 hours", () => {
    const payload = { data: { metrics: { "2025-10-26": [{ type: "recovery_index", object: { value: 70 } }] }, latest_time_zone: "Europe/Warsaw" } };
    expect(lines(map(payload), "recovery")).toEqual(["10-25T22:00/10-26T23:00 70"]);
    const byStart = { data: { metrics: { "2025-10-26": [{ type: "recovery_index", object: { value: 70, day_start_timestamp: Date.UTC(2025, 9, 25, 22) / 1000 } }] }, latest_time_zone: "Europe/Warsaw" } };
    expect(lines(map(byStart), "recovery")).toEqual(["10-25T22:00/10-26T23:00 70"]);
  });

  it("reads times that are texts or milliseconds", () => {
    const values = [{ timestamp: String(DAY_S + 300), value: "61" }, { timestamp: (DAY_S + 600) * 1000, value: 62 }];
    const result = map([{ type: "hr", object: { day_start_timestamp: String(DAY_S), values } }, { type: "recovery_index", object: { value: 70, day_start_timestamp: `${DAY_S}000` } }]);
    expect(result.problems).toEqual([]);
    expect(lines(result, "heart_rate")).toEqual(["03-01T23:05 61", "03-01T23:10 62"]);
    expect(lines(result, "recovery")).toEqual(["03-01T23:00/03-02T23:00 70"]);
    expect(offsetsOf(result)).toEqual([60]);
  });

  it("turns glucose in mmol/L into mg/dL", () => {
    const result = map([{ type: "glucose", object: { unit: "mmol/L", values: [{ timestamp: DAY_S, value: 5.5 }] } }]);
    expect(lines(result, "glucose")).toEqual(["03-01T23:00 99.086"]);
  });

  it("keeps good values beside bad ones, reports what cannot be, and repeats nothing of it [VA-05]", () => {
    const values = [{ timestamp: DAY_S, value: 60 }, { timestamp: DAY_S, value: "canary" }, "canary", { timestamp: 5, value: 60 }, { timestamp: DAY_S, value: null }, { timestamp: DAY_S + 300, value: 900 }];
    const sleep = { bedtime_start: 1_772_430_000, bedtime_end: 1_772_403_600, sleep_graph: { data: [{ start: 1, end: 2, type: "canary" }] } };
    const result = map([{ type: "hr", object: { values } }, { type: "Sleep", object: sleep }, "canary", { type: "vo2_max", object: { value: 40 } }, { type: "something_new", object: { value: "canary" } }, { type: "recovery_index", object: { value: 101, day_start_timestamp: DAY_S } }]);
    expect(lines(result, "heart_rate")).toEqual(["03-01T23:00 60"]);
    expect(sleepsOf(result)).toEqual([]);
    expect(result.problems.map(({ path }) => path)).toEqual([
      "/0/object/values", "/0/object/values", "/1/object/sleep_graph/data/0/type", "/1/object/bedtime_start", "/2", "/5/object/value",
    ]);
    expect(lines(result, "vo2max")).toHaveLength(1);
    expect(JSON.stringify(result.problems)).not.toContain("canary");
  });

  it("takes a day without data for none, and refuses what holds no metrics", () => {
    for (const payload of [[], { data: {}, error: null }, { data: null, error: null }, { data: { metric_data: [] } }, { data: { metrics: {} } }]) {
      expect(map(payload)).toEqual({ records: [], problems: [] });
    }
    for (const junk of [null, "canary", 5, {}, { data: null, error: "canary" }, { data: { metric_data: "canary" } }]) expect(() => map(junk)).toThrow(ProviderContractBroken);
    expect(() => ultrahuman.map("workouts", [], { receivedMs: RECEIVED_MS, zone: "UTC" })).toThrow(InvalidInput);
  });
});

interface Asked {
  readonly path: string;
  readonly options: AuthorizedFetchOptions;
}
interface Answer { readonly status?: number; readonly body?: unknown }

function fetchWith(answers: readonly Answer[]): { readonly fetch: AuthorizedFetch; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  return {
    asked,
    fetch: (path, options = {}) => {
      asked.push({ path, options });
      const { status = 200, body = "" } = answers[Math.min(asked.length, answers.length) - 1] ?? {};
      const text = JSON.stringify(body);
      if (status >= 400 && !options.accept?.includes(status)) return Promise.reject(new ProviderRefused(`ultrahuman answered ${status}.`, status, text));
      const response: VendorResponse = { status, headers: {}, body: new TextEncoder().encode(text), json: () => JSON.parse(text) as unknown };
      return Promise.resolve(response);
    },
  };
}

function callWith(answers: readonly Answer[], settings: Record<string, string> = {}, zone?: string): { readonly call: DriverCall; readonly asked: Asked[] } {
  const { fetch, asked } = fetchWith(answers);
  const account = { vendorUserId: "uh-4711", grantedScopes: null, ...(zone === undefined ? {} : { zone }) };
  return { asked, call: { fetch, settings, account, nowMs: RECEIVED_MS, signal: new AbortController().signal } };
}

async function pages(call: DriverCall, request: PullRequest): Promise<PulledPage[]> {
  const got: PulledPage[] = [];
  for await (const page of ultrahuman.pull(call, request)) got.push(page);
  return got;
}

const window = { fromMs: Date.UTC(2026, 2, 1, 23), toMs: Date.UTC(2026, 2, 3, 23) };
const dates = (asked: readonly Asked[]): unknown[] => asked.map(({ options }) => options.query?.["date"]);

describe("asking Ultrahuman", () => {
  it("declares nothing that contradicts itself", () => expect(() => checkDriver(ultrahuman)).not.toThrow());

  it.each([[{ user_id: "uh-4711" }], [{ data: { user_id: "uh-4711" } }], [{ user: { user_id: "uh-4711" } }], [fixture("user")]])(
    "finds the person in %j", async (body) => {
      const { call, asked } = callWith([{ body }]);
      expect(await ultrahuman.identify(call, {})).toEqual({ vendorUserId: "uh-4711", grantedScopes: null });
      expect(asked[0]?.path).toBe("/api/partners/v1/user_data/user_info");
    },
  );

  it("asks for the person's own days one by one, and for one more on either side where the zone is not known", async () => {
    const known = callWith([{ body: fixture("metrics") }], {}, "Europe/Warsaw");
    expect(await pages(known.call, { resource: "metrics", window })).toHaveLength(2);
    expect(dates(known.asked)).toEqual(["2026-03-02", "2026-03-03"]);
    expect(known.asked[0]?.path).toBe("/api/partners/v1/user_data/metrics");
    const unknown = callWith([{ body: fixture("metrics") }]);
    await pages(unknown.call, { resource: "metrics", window });
    expect(dates(unknown.asked)).toEqual(["2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"]);
  });

  it("asks for at most seven days at once where the operator prefers epochs", async () => {
    const { call, asked } = callWith([{ body: fixture("metrics-by-date") }], { window: "epoch" });
    await pages(call, { resource: "metrics", window: { fromMs: window.fromMs, toMs: window.fromMs + 10 * DAY_MS } });
    expect(asked.map(({ options }) => options.query)).toEqual([
      { start_epoch: DAY_S, end_epoch: DAY_S + 7 * 86_400 }, { start_epoch: DAY_S + 7 * 86_400, end_epoch: DAY_S + 10 * 86_400 },
    ]);
  });

  it("never asks for a second more than seven days, whatever the milliseconds of the window", async () => {
    const { call, asked } = callWith([{ body: fixture("metrics-by-date") }], { window: "epoch" });
    await pages(call, { resource: "metrics", window: { fromMs: window.fromMs + 500, toMs: window.fromMs + 500 + 21 * DAY_MS } });
    const spans = asked.map(({ options }) => Number(options.query?.["end_epoch"]) - Number(options.query?.["start_epoch"]));
    expect(spans).toEqual([604_800, 604_800, 604_800, 1]);
  });

  it("takes a bare list for an answer, but neither a text nor nothing", async () => {
    const [day] = await pages(callWith([{ body: fixture("metrics-list") }]).call, { resource: "metrics", window });
    expect(map(JSON.parse(new TextDecoder().decode(day?.body))).records.length).toBeGreaterThan(0);
    for (const body of ["canary", null, 5]) await expect(pages(callWith([{ body }]).call, { resource: "metrics", window })).rejects.toBeInstanceOf(ProviderContractBroken);
  });

  it("passes over a day that is not there, and takes an error inside a 200 for an outage", async () => {
    expect(await pages(callWith([{ status: 404 }]).call, { resource: "metrics", window })).toEqual([]);
    await expect(pages(callWith([{ body: { data: null, error: "canary" } }]).call, { resource: "metrics", window })).rejects.toBeInstanceOf(ProviderUnavailable);
    await expect(pages(callWith([]).call, { resource: "metrics", objectId: "1" })).rejects.toBeInstanceOf(InvalidInput);
  });
});

describe("mapping other shapes of Ultrahuman's answers", () => {
  const of = (...items: Json[]): MapResult => map({ data: { metric_data: items } });

  it("takes metrics under their names, and a night by itself", () => {
    const named = map({ date: "2026-03-02", hr: { values: [{ timestamp: DAY_S + 300, value: 58 }] }, vo2_max: { value: 44 } });
    expect(lines(named, "heart_rate")).toEqual(["03-01T23:05 58"]);
    expect(lines(named, "vo2max")).toHaveLength(1);
    expect(sleepsOf(map({ bedtime_start: DAY_S, bedtime_end: DAY_S + 25_200, quick_metrics: [] }))).toHaveLength(1);
  });

  it("takes the resting heart rate under either name, and once", () => {
    const night = { type: "night_rhr", object: { day_start_timestamp: DAY_S, avg: 51 } };
    const sleep = { type: "sleep_rhr", object: { day_start_timestamp: DAY_S, value: 53 } };
    const values = { type: "night_rhr", object: { day_start_timestamp: DAY_S, values: [{ value: 50 }, { value: 54 }, { value: 0 }] } };
    expect([of(night, sleep), of(sleep), of(values)].map((result) => lines(result, "resting_heart_rate"))).toEqual(
      [51, 53, 52].map((value) => [`03-01T23:00/03-02T23:00 ${value}`]),
    );
  });

  it("keeps the score of a night without bedtimes for its day, and says what is missing", () => {
    const result = of({ type: "sleep", object: { day_start_timestamp: DAY_S, sleep_score: { score: 79 }, total_sleep: { minutes: 425 }, temperature_deviation: { value: -0.5 } } });
    expect(lines(result, "sleep_score")).toEqual(["03-01T23:00/03-02T23:00 79 day_total"]);
    expect(lines(result, "skin_temperature_deviation")).toEqual(["03-01T23:00/03-02T23:00 -0.5 day_total"]);
    expect(result.problems).toMatchObject([{ path: "/data/metric_data/0/object/bedtime_start" }]);
  });

  it("adds up the stages where the total is not told", () => {
    const sleep_stages = [["deep_sleep", 3_600], ["light_sleep", 14_400], ["rem_sleep", 5_400]].map(([type, stage_time]) => ({ type, stage_time }));
    expect(sleepsOf(of({ type: "Sleep", object: { bedtime_start: DAY_S, bedtime_end: DAY_S + 25_200, sleep_stages } }))[0]?.totals.asleepS).toBe(23_400);
  });
});
