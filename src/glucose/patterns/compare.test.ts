import { describe, expect, it } from "vitest";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { gmiPercent } from "../gmi.ts";
import { comparePeriods } from "./compare.ts";
import { everyStep, MONDAY, seriesOf } from "./test-kit.ts";

const days = (from: number, to: number): { fromMs: number; toMs: number } => ({ fromMs: MONDAY + from * DAY_MS, toMs: MONDAY + to * DAY_MS });
/** 14 days around 200, a quarter of them low; then 14 days at 120 and 130 in turn. */
const series = everyStep(28, (ms) => {
  const slot = (ms - MONDAY) / (5 * MINUTE_MS);
  if (ms < MONDAY + 14 * DAY_MS) return slot % 4 === 0 ? 60 : 200;
  return slot % 2 === 0 ? 120 : 130;
});

describe("before and after [D5]", () => {
  it("are told with their differences, percents in points", () => {
    const { unit, before, after, differences } = comparePeriods(series, { before: days(0, 14), after: days(14, 28) }, "UTC");
    expect(unit).toBe("mg/dL");
    expect(before).toMatchObject({ readings: 14 * 288, days: 14, mean: 165, wearPercent: 100, thinReason: null, gmiReason: null });
    expect(after).toMatchObject({ readings: 14 * 288, mean: 125, min: 120, max: 130 });
    expect(before.timeInRanges).toMatchObject({ tbr: 25, tar: 75 });
    expect(differences).toMatchObject({ mean: -40, tbr: -25, tar: -75, wearPercent: 0, ranges: { veryLow: 0, low: -25, target: 100, high: -75, veryHigh: 0, tight: 100 } });
    expect(differences!.gmiPercent).toBeCloseTo(gmiPercent(125) - gmiPercent(165), 10);
    expect(differences!.sd).toBeCloseTo(after.sd! - before.sd!, 12);
  });

  it("have no differences, but a reason, where a side is too thin", () => {
    const before = days(0, 14);
    expect(comparePeriods(series, { before, after: days(28, 42) }, "UTC")).toMatchObject({ differences: null, after: { thinReason: "no_readings", mean: null, gmiReason: "no_readings", wearPercent: null } });
    expect(comparePeriods(series, { before, after: days(14, 21) }, "UTC")).toMatchObject({ differences: null, after: { thinReason: "window_too_short", mean: 125, gmiPercent: null, gmiReason: "under_14_days" } });
    expect(comparePeriods(series, { before, after: days(20, 34) }, "UTC")).toMatchObject({ differences: null, after: { thinReason: "too_few_readings", gmiReason: "under_70_percent" } });
    expect(comparePeriods(seriesOf([[0, 100]]), { before, after: before }, "UTC")).toMatchObject({ differences: null, before: { thinReason: "too_few_readings", readings: 1, sd: null } });
  });

  it("can be asked for less, still without a GMI", () => {
    const { differences } = comparePeriods(series, { before: days(7, 14), after: days(14, 21) }, "UTC", { minDays: 7, minPercent: 50 });
    expect(differences).toMatchObject({ mean: -40, gmiPercent: null });
  });

  it("differ by nothing from themselves", () => {
    const { differences } = comparePeriods(series, { before: days(0, 14), after: days(0, 14) }, "UTC");
    expect(Object.values(differences!.ranges).every((difference) => difference === 0)).toBe(true);
    expect([differences!.mean, differences!.sd, differences!.cvPercent, differences!.gmiPercent]).toEqual([0, 0, 0, 0]);
  });

  it("forgive the hour that a window between local midnights lacks in spring", () => {
    const spring = everyStep(30, () => 100, { fromMs: Date.UTC(2026, 2, 15) });
    const window = { fromMs: Date.UTC(2026, 2, 20, 23), toMs: Date.UTC(2026, 3, 3, 22) };
    expect(comparePeriods(spring, { before: window, after: window }, "Europe/Madrid").before).toMatchObject({ days: 14, thinReason: null });
  });

  it("refuse a window that ends before it begins", () => {
    expect(() => comparePeriods(series, { before: days(3, 1), after: days(3, 4) }, "UTC")).toThrow(RangeError);
  });
});
