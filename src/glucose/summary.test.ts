import { describe, expect, it } from "vitest";
import { summarize } from "./summary.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 2, 2);
const series = (fromMs: number, count: number, valueAt: (index: number) => number) => ({
  timesMs: Array.from({ length: count }, (_, i) => fromMs + i * 5 * MINUTE),
  valuesMgDl: Array.from({ length: count }, (_, i) => valueAt(i)),
});

describe("glucose summary [D5]", () => {
  it("tells 14 full days in the numbers of the consensus", () => {
    const summary = summarize(series(START, 14 * 288, (i) => (i % 4 === 0 ? 200 : 120)), { zone: "UTC" });
    expect(summary).toMatchObject({
      readings: 4032, days: 14, mean: 140, median: 120, min: 120, max: 200, wearPercent: 100, isSufficient: true, reasons: [],
      rangesPercent: { veryLow: 0, low: 0, target: 75, high: 25, veryHigh: 0, tight: 75 },
      thresholds: { veryLow: 54, low: 70, high: 180, veryHigh: 250, tightHigh: 140 },
    });
    expect(summary.gmiPercent).toBeCloseTo(6.6588, 10);
    expect(summary.gmiMmolMol).toBeCloseTo(49.279, 2);
    expect(summary.cvPercent).toBeCloseTo(24.747, 2);
  });

  it("says null and why when there is nothing, never 0 or NaN", () => {
    const summary = summarize({ timesMs: [], valuesMgDl: [] }, { zone: "Europe/Madrid", fromMs: START, toMs: START + 14 * DAY });
    expect(summary).toMatchObject({
      readings: 0, days: 0, mean: null, sd: null, cvPercent: null, gmiPercent: null, gmiMmolMol: null, median: null, min: null, max: null,
      wearPercent: null, rangesPercent: null, isSufficient: false, reasons: ["no_readings", "under_70_percent"], daily: [],
    });
    expect(JSON.stringify(summary)).not.toContain("NaN");
  });

  it("has a mean but no SD, CV or wear for one reading", () => {
    const summary = summarize(series(START, 1, () => 100), { zone: "UTC" });
    expect(summary).toMatchObject({ readings: 1, mean: 100, sd: null, cvPercent: null, wearPercent: null });
    expect(summary.reasons).toEqual(["single_reading", "under_14_days"]);
  });

  it("takes the readings of the asked period only, its start in and its end out", () => {
    const options = { zone: "UTC", fromMs: START + HOUR, toMs: START + 2 * HOUR };
    expect(summarize(series(START, 288, (i) => 100 + i), options)).toMatchObject({ readings: 12, min: 112, max: 123, wearPercent: 100 });
  });

  it("counts wear over the asked period", () => {
    const options = { zone: "UTC", fromMs: START - 9 * DAY, toMs: START + 5 * DAY };
    const summary = summarize(series(START, 5 * 288, () => 100), options);
    expect(summary.wearPercent).toBeCloseTo((100 * 5) / 14, 6);
    expect(summary.reasons).toEqual(["under_70_percent"]);
  });

  it("counts the day that is still going on as one of the fourteen", () => {
    const [fromMs, nowMs] = [START - 13 * DAY, START + 15 * HOUR];
    const until = (toMs: number) => summarize(series(fromMs, (toMs - fromMs) / (5 * 60_000), () => 100), { zone: "UTC", fromMs, toMs });
    expect(until(nowMs)).toMatchObject({ days: 14, isSufficient: true, reasons: [] });
    expect(until(START)).toMatchObject({ days: 13, isSufficient: false, reasons: ["under_14_days"] });
  });

  it("divides days at local midnight, with 23 hours when the clocks go forward", () => {
    // Berlin: 29 March 2026 has 23 hours.
    const from = Date.UTC(2026, 2, 27, 23);
    const { daily } = summarize(series(from, 3 * 288, (i) => (i < 288 ? 100 : 200)), { zone: "Europe/Berlin" });
    expect(daily.map(({ date, readings }) => [date, readings])).toEqual([["2026-03-28", 288], ["2026-03-29", 276], ["2026-03-30", 288], ["2026-03-31", 12]]);
    expect(daily[0]).toEqual({ date: "2026-03-28", readings: 288, mean: 100, inTargetPercent: 100, min: 100, max: 100 });
    expect(daily[1]!.inTargetPercent).toBe(0);
  });

  it.each(["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo"])("puts every reading of a year on one day in %s", (zone) => {
    const input = series(Date.UTC(2026, 0, 1), 365 * 24 * 2, () => 100);
    input.timesMs = input.timesMs.map((_, i) => Date.UTC(2026, 0, 1) + i * 30 * MINUTE);
    const { daily, readings } = summarize(input, { zone });
    expect(daily.reduce((sum, day) => sum + day.readings, 0)).toBe(readings);
    expect(new Set(daily.map(({ date }) => date)).size).toBe(daily.length);
    expect(daily.length).toBeGreaterThanOrEqual(365);
    expect(Math.max(...daily.map((day) => day.readings))).toBeLessThanOrEqual(50);
  });

  it("treats duplicates by policy", () => {
    const input = { timesMs: [START, START], valuesMgDl: [100, 200] };
    expect(summarize(input, { zone: "UTC" }).mean).toBe(150);
    expect(summarize(input, { zone: "UTC", duplicates: "last" }).mean).toBe(200);
  });

  it("refuses a zone that does not exist", () => {
    expect(() => summarize(series(START, 2, () => 100), { zone: "Mars/Base" })).toThrow(RangeError);
  });
});
