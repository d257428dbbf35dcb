import { describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { areaAbove } from "./incremental-area.ts";
import { mealWindows } from "./meals.ts";
import { MONDAY, seriesOf } from "./test-kit.ts";
import { valueAt } from "./value-at.ts";

const at = (minute: number): number => MONDAY + minute * MINUTE_MS;
const NOON = 720;
/** A reading every five minutes from `from` to `to`, both in. */
const readings = (from: number, to: number, value: (minute: number) => number): (readonly [number, number])[] =>
  Array.from({ length: (to - from) / 5 + 1 }, (_, i) => [from + i * 5, value(from + i * 5)] as const);
/** 100 up to noon, 200 an hour later, 100 again at 14:00, 80 at 15:00 and from then on. */
const triangle = (minute: number): number => {
  const hours = (minute - NOON) / 60;
  if (hours <= 0) return 100;
  if (hours <= 1) return 100 + 100 * hours;
  return hours <= 2 ? 300 - 100 * hours : Math.max(80, 140 - 20 * hours);
};

describe("a meal [D5]", () => {
  it("has its values, peak, excursion and area", () => {
    const { unit, meals } = mealWindows(seriesOf(readings(600, 1000, triangle)), [at(NOON)], "UTC");
    expect(unit).toBe("mg/dL");
    expect(meals).toEqual([{
      atMs: at(NOON), part: "lunch", preMeal: 100, nearest: { atMs: at(NOON), value: 100 }, at1h: 200, at2h: 100,
      peak: 200, minutesToPeak: 60, excursion: 100, incrementalArea: expect.closeTo(100, 9) as number, reason: null, coveredPercent: 100, hasGap: false, isCutByMeal: false,
    }]);
  });

  it("is measured from the mean of the half-hour before", () => {
    const series = seriesOf([[NOON - 31, 400], [NOON - 30, 90], [NOON - 15, 100], [NOON, 110], ...readings(NOON + 5, 1000, () => 150)]);
    const [meal] = mealWindows(series, [at(NOON)], "UTC").meals;
    expect([meal!.preMeal, meal!.excursion]).toEqual([100, 50]);
  });

  it("is measured from the nearest reading where there is none in the half-hour before", () => {
    const [meal] = mealWindows(seriesOf(readings(NOON + 10, 1000, () => 150)), [at(NOON)], "UTC").meals;
    expect(meal).toMatchObject({ preMeal: null, nearest: { atMs: at(NOON + 10), value: 150 }, excursion: 0, incrementalArea: 0, hasGap: true, reason: null });
    expect(meal!.coveredPercent).toBeCloseTo((100 * 170) / 180, 10);
  });

  it("has neither excursion nor area without anything to measure from", () => {
    const [meal] = mealWindows(seriesOf(readings(NOON + 20, 1000, () => 150)), [at(NOON)], "UTC").meals;
    expect(meal).toMatchObject({ preMeal: null, nearest: null, peak: 150, excursion: null, incrementalArea: null, reason: "no_pre_meal" });
  });

  it("is flagged with a gap, and has no area where less than 70 % is covered", () => {
    const lacking = (from: number, to: number) => mealWindows(seriesOf(readings(600, 1000, triangle).filter(([minute]) => minute <= from || minute >= to)), [at(NOON)], "UTC").meals[0]!;
    expect(lacking(NOON + 60, NOON + 110)).toMatchObject({ hasGap: true, reason: null });
    expect(lacking(NOON + 60, NOON + 105)).toMatchObject({ hasGap: false, coveredPercent: 100 });
    expect(lacking(NOON + 60, NOON + 120)).toMatchObject({ hasGap: true, reason: "under_70_percent", incrementalArea: null, peak: 200, at2h: 100 });
  });

  it("is cut by the next meal", () => {
    const { meals } = mealWindows(seriesOf(readings(600, 1000, triangle)), [at(NOON + 90), at(NOON)], "UTC");
    expect(meals.map(({ atMs }) => atMs)).toEqual([at(NOON), at(NOON + 90)]);
    expect(meals[0]).toMatchObject({ isCutByMeal: true, reason: "cut_by_meal", incrementalArea: null, coveredPercent: 50, at1h: 200, at2h: null, peak: 200, hasGap: false });
    expect(meals[1]).toMatchObject({ isCutByMeal: false, reason: null });
    const late = mealWindows(seriesOf(readings(600, 1000, triangle)), [at(NOON), at(NOON + 150)], "UTC").meals[0]!;
    expect(late).toMatchObject({ isCutByMeal: true, reason: null, incrementalArea: expect.closeTo(100, 9) as number });
  });

  it("falls, too", () => {
    const [meal] = mealWindows(seriesOf(readings(600, 1000, (minute) => (minute <= NOON ? 100 : 70))), [at(NOON)], "UTC").meals;
    expect(meal).toMatchObject({ excursion: -30, incrementalArea: 0, minutesToPeak: 5 });
  });

  it("stands in the unit of the series", () => {
    const [meal] = mealWindows(seriesOf(readings(600, 1000, (minute) => triangle(minute) / 20), "mmol/L"), [at(NOON)], "UTC").meals;
    expect(meal!.incrementalArea).toBeCloseTo(5, 9);
    expect(meal!.excursion).toBeCloseTo(5, 12);
  });

  it("has nothing in a series without readings, or with one", () => {
    for (const series of [seriesOf([]), seriesOf([[NOON, 100]])]) {
      const [meal] = mealWindows(series, [at(NOON)], "UTC").meals;
      expect(meal).toMatchObject({ at1h: null, at2h: null, peak: null, minutesToPeak: null, excursion: null, incrementalArea: null, coveredPercent: 0, hasGap: true });
    }
  });
});

describe("meals together [D5]", () => {
  it("are told by the part of the day on the wall, medians over what each has", () => {
    const series = seriesOf(readings(0, 2880, (minute) => 100 + (minute % 180) / 2));
    const { meals, summary } = mealWindows(series, [at(3 * 60), at(7 * 60), at(12 * 60), at(20 * 60), at(31 * 60), at(23 * 60)], "Europe/Madrid");
    expect(meals.map(({ part }) => part)).toEqual(["breakfast", "breakfast", "lunch", "dinner", "night", "breakfast"]);
    expect(summary.map(({ part, meals }) => [part, meals])).toEqual([["all", 6], ["breakfast", 3], ["lunch", 1], ["dinner", 1], ["night", 1]]);
    expect(summary[2]).toMatchObject({ completeMeals: 1, preMeal: meals[2]!.preMeal, excursion: meals[2]!.excursion, incrementalArea: meals[2]!.incrementalArea });
  });

  it("leave incomplete meals out of peak and area", () => {
    const series = seriesOf([...readings(0, 400, () => 100), [500, 300]]);
    const [all] = mealWindows(series, [at(120), at(395)], "UTC").summary;
    expect(all).toMatchObject({ meals: 2, completeMeals: 1, peak: 100, preMeal: 100, incrementalArea: 0 });
  });

  it("have parts of their own boundaries, and a window of their own", () => {
    const boundaries = { breakfast: 5, lunch: 12, dinner: 19, night: 23 };
    const { meals } = mealWindows(seriesOf(readings(600, 1200, triangle)), [at(NOON - 30)], "UTC", { boundaries, windowHours: 1 });
    expect(meals[0]).toMatchObject({ part: "breakfast", peak: 150, at2h: 150 });
    expect(() => mealWindows(seriesOf([]), [], "UTC", { boundaries: { ...boundaries, lunch: 4 } })).toThrow(RangeError);
    expect(() => mealWindows(seriesOf([]), [], "UTC", { windowHours: 0 })).toThrow(RangeError);
  });

  it("are none without meals, and one at each instant", () => {
    expect(mealWindows(seriesOf([]), [Number.NaN], "UTC")).toMatchObject({ meals: [], summary: [{ part: "all", meals: 0, peak: null }, {}, {}, {}, {}] });
    expect(mealWindows(seriesOf([]), [at(0), at(0)], "UTC").meals.length).toBe(1);
  });
});

describe("the area above a baseline", () => {
  it("ignores what is below, and counts only the upper part of a line that crosses", () => {
    const series = seriesOf([[0, 100], [30, 80], [60, 120], [90, 100]]);
    // From 80 to 120 the line is above 100 for the second quarter-hour: 20 · ¼ h / 2; then 20 · ½ h / 2.
    expect(areaAbove(series, { fromMs: at(0), toMs: at(90) }, 100)).toEqual({ area: expect.closeTo(2.5 + 5, 12) as number, coveredMs: 1.5 * HOUR_MS });
  });

  it("cuts lines at the window's ends", () => {
    expect(areaAbove(seriesOf([[0, 100], [40, 140]]), { fromMs: at(10), toMs: at(20) }, 100)).toEqual({ area: expect.closeTo(15 / 6, 12) as number, coveredMs: 10 * MINUTE_MS });
  });
});

describe("glucose at an instant", () => {
  const series = seriesOf([[0, 100], [45, 190], [100, 50]]);
  it("lies between readings at most 45 minutes apart, else is that of the nearest within ten minutes", () => {
    expect([0, 15, 45].map((minute) => valueAt(series, at(minute)))).toEqual([100, 130, 190]);
    expect([-10, -11, 55, 56, 89, 90, 110, 111].map((minute) => valueAt(series, at(minute)))).toEqual([100, null, 190, null, null, 50, 50, null]);
  });
});
