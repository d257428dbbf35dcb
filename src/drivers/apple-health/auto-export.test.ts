import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { MapResult, SampleRecord, SleepRecord, WorkoutRecord } from "#driver/records.ts";
import { formatInstant } from "#units/time.ts";
import { mapPush } from "./index.ts";

const CONTEXT = { receivedMs: Date.UTC(2026, 10, 20, 9), zone: "Europe/Madrid" };

const FIXTURE = JSON.parse(readFileSync(new URL("./fixtures/auto-export.json", import.meta.url), "utf8")) as unknown;
const metric = (name: string, units: string, ...data: unknown[]): MapResult => mapPush({ data: { metrics: [{ name, units, data }] } }, CONTEXT);
const workout = (more: object = {}): MapResult =>
  mapPush({ data: { workouts: [{ id: "B7", name: "Running", start: "2026-11-19 18:00:00 +0100", end: "2026-11-19 18:30:00 +0100", ...more }] } }, CONTEXT);

/** Samples as "metric start (→ end) value flags". */
const lines = ({ records }: MapResult): string[] =>
  records.filter((record): record is SampleRecord => record.record === "sample").map(({ metric, startMs, endMs, value, flags }) =>
    [metric, formatInstant(startMs).slice(5, 16), ...(endMs === undefined ? [] : [`→ ${formatInstant(endMs).slice(5, 16)}`]), Number(value.toFixed(2)), ...(flags ?? [])].join(" "));
const sleeps = ({ records }: MapResult): SleepRecord[] => records.filter((record) => record.record === "sleep");
const reasons = (result: MapResult): string[] => result.problems.map(({ path, reason }) => `${path}: ${reason}`);
const point = (time: string, qty: unknown): object => ({ date: `2026-11-${time} +0100`, qty, source: "Watch|Phone" });

describe("Health Auto Export's metrics [R4]", () => {
  it("all have their place", () => {
    const result = mapPush(FIXTURE, CONTEXT);
    expect(result.problems).toEqual([]);
    expect(result.records).toHaveLength(32);
  });

  it.each<[string, string, unknown, string]>([
    ["step_count", "count", 523, "steps 11-19T07:00 → 11-19T08:00 523"],
    ["active_energy", "kJ", 418.4, "calories_active 11-19T07:00 → 11-19T08:00 100"],
    ["walking_running_distance", "mi", 1, "distance 11-19T07:00 → 11-19T08:00 1609.34"],
    ["blood_oxygen_saturation", "%", "97", "spo2 11-19T07:00 97"],
    ["body_fat_percentage", "%", 0.2, "body_fat 11-19T07:00 20"],
    ["vo2max", "ml/(kg·min)", 44, "vo2max 11-19T07:00 44"],
    ["Heart_Rate", "count/min", 61, "heart_rate 11-19T07:00 61"],
    ["dietary_water", "mL", 250, "hydration 11-19T07:00 → 11-19T08:00 250"],
  ])("read %s in %s", (name, units, qty, line) => {
    expect(lines(metric(name, units, point("19 08:00:00", qty)))).toEqual([line]);
  });

  it("are sums by the coarsest step that all points stand on", () => {
    expect(lines(metric("step_count", "count", point("19 08:01:00", 20), point("19 09:00:00", 30)))).toEqual(["steps 11-19T07:01 → 11-19T07:02 20", "steps 11-19T08:00 → 11-19T08:01 30"]);
    expect(lines(metric("step_count", "count", point("18 00:00:00", 8_000), point("19 00:00:00", 9_000)))).toEqual([
      "steps 11-17T23:00 → 11-18T23:00 8000 day_total", "steps 11-18T23:00 → 11-19T23:00 9000 day_total",
    ]);
    // One alone may be the first hour of a day.
    expect(lines(metric("step_count", "count", point("19 00:00:00", 12)))).toEqual(["steps 11-18T23:00 → 11-19T00:00 12"]);
  });

  it("mark a day's mean that would stand among single readings, and never a weight", () => {
    expect(lines(metric("heart_rate_variability", "ms", point("18 00:00:00", 40), point("19 00:00:00", 44)))).toEqual(["hrv_sdnn 11-17T23:00 40 day_total", "hrv_sdnn 11-18T23:00 44 day_total"]);
    expect(lines(metric("weight_body_mass", "kg", point("18 00:00:00", 70), point("19 00:00:00", 71)))).toEqual(["weight 11-17T23:00 70", "weight 11-18T23:00 71"]);
    expect(lines(metric("resting_heart_rate", "count/min", point("18 00:00:00", 50), point("19 00:00:00", 51)))).toEqual([
      "resting_heart_rate 11-17T23:00 → 11-18T23:00 50", "resting_heart_rate 11-18T23:00 → 11-19T23:00 51",
    ]);
  });

  it("give the least and highest heart rate of a stretch", () => {
    expect(lines(metric("heart_rate", "bpm", { date: "2026-11-19 08:59:00 +0100", Min: 58, Avg: 61.5, Max: 66 }))).toEqual([
      "heart_rate 11-19T07:59 61.5", "heart_rate_min 11-19T07:59 → 11-19T08:00 58", "heart_rate_max 11-19T07:59 → 11-19T08:00 66",
    ]);
    expect(reasons(metric("heart_rate", "bpm", { date: "2026-11-19 08:59:00 +0100", Min: 58 }))).toEqual(["/data/metrics/0/data/0: neither qty nor Avg"]);
  });

  it("read insulin, meals and blood pressure", () => {
    const at = "2026-11-19 08:00:00 +0100";
    const kind = (reason: unknown): unknown => metric("insulin_delivery", "IU", { date: at, qty: 4, reason }).records.map((record) => (record.record === "treatment" ? record.kind : null));
    expect([kind("Bolus"), kind("Basal"), kind(null)]).toEqual([["insulin_rapid"], ["insulin_long"], ["insulin_unspecified"]]);
    expect(metric("blood_glucose", "mg/dL", { date: at, qty: 120, mealTime: "After Meal" }).records).toMatchObject([{ kind: "meter_glucose", mealRelation: "after" }, { metric: "glucose_meter" }]);
    expect(metric("blood_glucose", "mg/dL", { date: at, qty: 120, mealTime: "Unspecified", source: "Libre 3" }).records).toMatchObject([{ metric: "glucose" }]);
    expect(lines(metric("blood_pressure", "mmHg", { date: at, systolic: "122", diastolic: 78 }))).toEqual(["blood_pressure_systolic 11-19T07:00 122", "blood_pressure_diastolic 11-19T07:00 78"]);
    expect(reasons(metric("blood_pressure", "mmHg", { date: at, systolic: 70, diastolic: 78 }, { date: at, systolic: 120 }))).toEqual([
      "/data/metrics/0/data/0: the diastolic pressure is not below the systolic one", "/data/metrics/0/data/1: blood pressure needs two values and their unit",
    ]);
  });

  it("cost a bad point alone, and pass over what has no metric [VA-05]", () => {
    const result = metric("step_count", "count", point("19 08:00:00", 5), point("19 25:00:00", 5), point("19 09:00:00", "many"), null, point("19 10:00:00", 7));
    expect(lines(result)).toHaveLength(2);
    expect(result.problems).toHaveLength(3);
    expect(metric("apple_stand_hour", "count", point("19 08:00:00", 1))).toEqual({ records: [], problems: [] });
    expect(metric("constructor", "count", point("19 08:00:00", 1))).toEqual({ records: [], problems: [] });
    expect(mapPush({ data: { stateOfMind: [] } }, CONTEXT)).toEqual({ records: [], problems: [] });
  });
});

describe("Health Auto Export's sleep [W3]", () => {
  const summary = (more: object = {}): MapResult =>
    metric("sleep_analysis", "hr", { date: "2026-11-19", totalSleep: 7.1, asleep: 0, core: 4, deep: 1.2, rem: 1.9, awake: 0.3, inBed: 0, sleepStart: "2026-11-18 23:10:00 +0100", sleepEnd: "2026-11-19 06:34:00 +0100", source: "Watch", ...more });

  it("is a night with totals where it is summed up, in hours, and a zero says nothing", () => {
    expect(sleeps(summary())).toMatchObject([{
      startMs: Date.UTC(2026, 10, 18, 22, 10), endMs: Date.UTC(2026, 10, 19, 5, 34), offsetMinutes: 60, isNap: false, stages: [],
      totals: { asleepS: 25_560, lightS: 14_400, deepS: 4_320, remS: 6_840, awakeS: 1_080 },
    }]);
    expect(sleeps(summary())[0]!.totals).not.toHaveProperty("inBedS");
  });

  it("takes the time in bed, and an older version's sleep without stages", () => {
    const [night] = sleeps(summary({ totalSleep: null, asleep: 6, core: 0, deep: 0, rem: 0, inBed: 8, inBedStart: "2026-11-18 22:40:00 +0100", inBedEnd: "2026-11-19 06:50:00 +0100" }));
    expect(night).toMatchObject({ startMs: Date.UTC(2026, 10, 18, 21, 40), endMs: Date.UTC(2026, 10, 19, 5, 50), totals: { asleepS: 21_600, inBedS: 28_800 } });
  });

  it("is refused without start and end, and loses what is longer than the night", () => {
    expect(reasons(summary({ sleepStart: null, sleepEnd: undefined }))).toEqual(["/data/metrics/0/data/0: no start and end of a night"]);
    expect(reasons(summary({ sleepEnd: "2026-11-18 20:00:00 +0100" }))).toEqual(["/data/metrics/0/data/0: no start and end of a night"]);
    expect(reasons(summary({ deep: 12, awake: -1 }))).toEqual(["/data/metrics/0/data/0/deep: no possible duration", "/data/metrics/0/data/0/awake: no possible duration"]);
  });

  it("is joined from samples where it is not summed up", () => {
    const sample = (value: string, from: string, to: string): object => ({ startDate: `2026-11-19 ${from}:00 +0100`, endDate: `2026-11-19 ${to}:00 +0100`, qty: 1, value, source: "Watch" });
    const [night, ...others] = sleeps(metric("sleep_analysis", "hr", sample("In Bed", "00:00", "07:00"), sample("Core", "00:20", "03:00"), sample("REM", "03:00", "03:40"), sample("Awake", "03:40", "03:50"), sample("Unspecified", "03:50", "06:50")));
    expect(others).toEqual([]);
    expect(night!.totals).toEqual({ inBedS: 25_200, asleepS: 22_800, lightS: 9_600, remS: 2_400, awakeS: 600 });
  });
});

describe("Health Auto Export's workouts [W3]", () => {
  it("bring their heart rate, and its mean and highest", () => {
    const rate = (minute: number, Avg: number, Max: number): object => ({ date: `2026-11-19 18:0${minute}:00 +0100`, Min: 90, Avg, Max, units: "bpm", source: "Watch" });
    const result = workout({ duration: 1_750, distance: { qty: 3, units: "mi" }, activeEnergyBurned: { qty: 418.4, units: "kJ" }, heartRateData: [rate(1, 100, 110), rate(2, 120, 131), "junk"], stepCount: [{ qty: 160.4, date: "2026-11-19 18:01:00 +0100" }, null] });
    const found = result.records.find((record): record is WorkoutRecord => record.record === "workout");
    expect(found).toMatchObject({ vendorId: "B7", sport: "running", activeS: 1_750, distanceM: 4_828.032, energyKcal: expect.closeTo(100) as number, averageHeartRate: 110, maxHeartRate: 131, steps: 160, offsetMinutes: 60 });
    expect(lines(result)).toEqual(["heart_rate 11-19T17:01 100", "heart_rate 11-19T17:02 120"]);
    expect(result.problems).toHaveLength(1);
  });

  it("are refused without a possible time, and keep what is sound of a bad one", () => {
    expect(reasons(workout({ start: "yesterday" }))).toEqual(["/data/workouts/0/start: no possible time of a measurement"]);
    expect(reasons(workout({ end: "2026-11-19 17:00:00 +0100" }))).toEqual(["/data/workouts/0: no possible end of a workout"]);
    expect(workout({ duration: 1e9, distance: "far", heartRateData: {} }).records).toMatchObject([{ record: "workout", sport: "running" }]);
  });
});
