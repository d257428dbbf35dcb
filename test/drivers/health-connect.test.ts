/** Health Connect as phones push it. [R1] [W3] */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { MapResult, SleepRecord, WorkoutRecord } from "#driver/records.ts";
import { healthConnect } from "#drivers/health-connect/index.ts";
import { testDriver } from "./contract.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const fixture = (file: string): unknown => JSON.parse(readFileSync(new URL(`../../src/drivers/health-connect/fixtures/${file}.json`, import.meta.url), "utf8"));

testDriver({
  driver: healthConnect, nowMs: NOW_MS, window: { fromMs: 0, toMs: NOW_MS }, startCloud: () => Promise.reject(new Error("There is no cloud behind a phone.")),
  payloads: ["push", "records"].map((name) => ({ resource: name, payload: fixture(name), hasIndependentItems: false })),
});

const map = (payload: unknown, resource = "push"): MapResult => healthConnect.map(resource, payload, { receivedMs: NOW_MS, zone: "Europe/Madrid" });
const source = { appId: "com.example" };
const at = "2026-11-19T06:00:00.000Z";
const one = (record: object): MapResult => map({ data: { records: [{ id: "x", startDate: at, endDate: at, source, ...record }] } });

describe("what a phone pushes", () => {
  it("joins stages into the night they belong to, and leaves absent stages absent", () => {
    const night = map(fixture("push")).records.find((record): record is SleepRecord => record.record === "sleep")!;
    expect(night).toMatchObject({ vendorId: "s1", offsetMinutes: 60, totals: { deepS: 4_200, remS: 10_200, awakeS: 600 } });
    expect(night.stages.map(({ stage }) => stage)).toEqual(["light", "deep", "awake", "rem"]);
    const bare = map({ data: { sleep: [{ id: "n", stage: "sleeping", startDate: "2026-11-18T23:00:00Z", endDate: at }] } }).records[0];
    expect(bare).toMatchObject({ record: "sleep", vendorId: "n", stages: [], totals: {} });
  });

  it("reads a workout's duration by its unit, and refuses one that does not fit", () => {
    const run = map(fixture("push")).records.find((record): record is WorkoutRecord => record.record === "workout")!;
    expect(run).toMatchObject({ sport: "running", activeS: 1_800, distanceM: 5_010 });
    const { records, problems } = map({ data: { workouts: [{ id: "w", type: "YOGA", startDate: at, endDate: "2026-11-19T06:30:00Z", values: [{ type: "duration", value: 1_800_000, unit: "s" }] }] } });
    expect(records).toHaveLength(1);
    expect(records[0]).not.toHaveProperty("activeS");
    expect(problems).toHaveLength(1);
  });

  it("withdraws what was deleted on the phone [W2]", () => {
    expect(map({ data: { records: [] }, deletedIds: ["gone"] }).records).toEqual(["sleep", "workout", "treatment"].map((of) => ({ record: "withdrawal", of, vendorId: "gone" })));
  });

  it.each<[string, object]>([
    ["an end before the start", { type: "STEP_COUNT", value: 5, endDate: "2026-11-19T05:00:00Z" }], ["a unit of something else", { type: "WEIGHT", value: 70, unit: "mL" }],
    ["the year 9999", { type: "HEART_RATE", value: 60, startDate: "9999-01-01T00:00:00Z", endDate: null }], ["a value that cannot be", { type: "HEART_RATE", value: 1e9 }], ["no number", { type: "HEART_RATE", value: "NaN" }],
  ])("refuses %s, with its place [DA-08]", (_, record) => {
    const { records, problems } = one(record);
    expect(records).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.path).toMatch(/^\/data\/records\/0/);
  });

  it("reports stages that overlap, and lets the later one count", () => {
    const stage = (startDate: string, endDate: string, name: string) => ({ parentId: "p", stage: name, startDate, endDate });
    const { records, problems } = map({ data: { sleep: [stage("2026-11-19T01:00:00Z", "2026-11-19T03:00:00Z", "light"), stage("2026-11-19T02:00:00Z", "2026-11-19T04:00:00Z", "deep")] } });
    expect((records[0] as SleepRecord).stages.map(({ startMs, endMs }) => endMs - startMs)).toEqual([3_600_000, 7_200_000]);
    expect(problems).toHaveLength(1);
  });

  it("brings a meter's own number back by the platform's factor of 18, and tells sensors from meters", () => {
    const glucose = one({ type: "BLOOD_GLUCOSE", value: 6, unit: "mmol/L", metadata: { specimenSource: "capillary_blood", mealType: "breakfast", relationToMeal: "before_meal" } });
    expect(glucose.records).toMatchObject([{ metric: "glucose_meter", value: 108 }, { kind: "meter_glucose", amount: 108, meal: "breakfast", mealRelation: "before", sampleType: "capillary_whole_blood" }]);
    expect(one({ type: "BLOOD_GLUCOSE", value: 5.5, unit: "mmol/L", metadata: { specimenSource: "interstitial_fluid" } }).records).toMatchObject([{ metric: "glucose", value: 99 }]);
  });

  it("reads the platform's own records alike", () => {
    const { records, problems } = map(fixture("records"), "records");
    expect(problems).toEqual([]);
    expect(records.filter((record) => record.record === "sample" && record.metric === "heart_rate")).toHaveLength(2);
    expect(records).toContainEqual(expect.objectContaining({ metric: "hydration", value: 250 }));
    expect(records).toContainEqual(expect.objectContaining({ metric: "calories_total", value: 60 }));
    expect(records).toContainEqual(expect.objectContaining({ record: "workout", sport: "cycling", title: "Commute" }));
  });
});
