/** What must hold for any series. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toMgDl, toMmolL } from "#units/glucose.ts";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { dataQuality } from "../quality.ts";
import { cleanSeries, type Series } from "../series.ts";
import { ambulatoryProfile } from "./agp.ts";
import { comparePeriods } from "./compare.ts";
import { dayParts } from "./day-parts.ts";
import { mealWindows } from "./meals.ts";
import { nights } from "./nights.ts";
import { MONDAY, ZONES } from "./test-kit.ts";

const SEED = { seed: 20260302, numRuns: 60 } as const;

type Reading = { readonly ms: number; readonly value: number };

/** Up to 300 readings on whole minutes of some three weeks around the days on which clocks change, no two at one instant. */
const readings = fc
  .tuple(
    fc.constantFrom(Date.UTC(2026, 2, 1), Date.UTC(2026, 2, 20), Date.UTC(2026, 8, 1), Date.UTC(2026, 9, 20)),
    fc.uniqueArray(fc.record({ minute: fc.integer({ min: 0, max: 30_000 }), value: fc.integer({ min: 400, max: 4000 }) }), { maxLength: 300, selector: ({ minute }) => minute }),
  )
  .map(([fromMs, all]) => all.map(({ minute, value }): Reading => ({ ms: fromMs + minute * MINUTE_MS, value: value / 10 })));
const zones = fc.constantFrom(...ZONES, "UTC");
const seriesOf = (all: readonly Reading[]): Series => cleanSeries({ timesMs: all.map(({ ms }) => ms), values: all.map(({ value }) => value) });

/** Everything that the folder tells of a series. */
function everything(series: Series, zone: string): Record<string, unknown> {
  const fromMs = series.timesMs[0] ?? MONDAY;
  const meals = Array.from({ length: 12 }, (_, i) => fromMs + i * 0.3 * DAY_MS);
  const windows = { before: { fromMs, toMs: fromMs + 5 * DAY_MS }, after: { fromMs: fromMs + 5 * DAY_MS, toMs: fromMs + 10 * DAY_MS } };
  return {
    agp: ambulatoryProfile(series, zone),
    parts: dayParts(series, zone),
    comparison: comparePeriods(series, windows, zone, { minDays: 1, minPercent: 0 }),
    meals: mealWindows(series, meals, zone),
    nights: nights(series, zone),
    quality: dataQuality(series, zone),
  };
}

/** Every number in a value, however deep. */
function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(numbersIn) : [];
}

describe("patterns of any series", () => {
  it("[D5] hold no NaN and nothing infinite, however thin it is", () => {
    fc.assert(
      fc.property(readings, zones, (all, zone) => {
        for (const thin of [all, all.slice(0, 2), all.slice(0, 1)]) expect(numbersIn(everything(seriesOf(thin), zone)).every(Number.isFinite)).toBe(true);
      }),
      SEED,
    );
  });

  it("[D5] do not depend on the order in which readings come", () => {
    fc.assert(
      fc.property(readings, zones, (all, zone) => {
        expect(everything(seriesOf([...all].toReversed()), zone)).toEqual(everything(seriesOf(all), zone));
      }),
      SEED,
    );
  });

  it("[D5] share out the readings, and ranges add up to 100", () => {
    fc.assert(
      fc.property(readings, zones, (all, zone) => {
        const series = seriesOf(all);
        const { daily, byWeekday, weekdays, weekend, hourly, night, day } = dayParts(series, zone);
        for (const parts of [daily, byWeekday, [weekdays, weekend], hourly, [night, day]]) {
          expect(parts.reduce((sum, part) => sum + part.readings, 0)).toBe(series.values.length);
          for (const { timeInRanges, readings } of parts) {
            if (readings === 0) expect(timeInRanges).toBeNull();
            else expect(timeInRanges!.tbr + timeInRanges!.ranges.target + timeInRanges!.tar).toBeCloseTo(100, 9);
          }
        }
        for (const { presentPercent, minutes } of daily) {
          expect(presentPercent ?? 0).toBeLessThanOrEqual(100);
          expect([1380, 1410, 1440, 1470, 1500]).toContain(minutes);
        }
      }),
      SEED,
    );
  });

  it("[E9] keep the profile in order: 5 ≤ 25 ≤ 50 ≤ 75 ≤ 95 %, within the readings, smoothed or not", () => {
    fc.assert(
      fc.property(readings, zones, fc.constantFrom(15, 30, 60, 120), (all, zone, binMinutes) => {
        const { bins } = ambulatoryProfile(seriesOf(all), zone, { binMinutes });
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
        for (const { count, raw, smoothed } of bins) {
          expect([raw === null, smoothed === null]).toEqual([count === 0, count === 0]);
          for (const each of [raw, smoothed]) {
            if (each === null) continue;
            const inOrder = [40, each.p05, each.p25, each.p50, each.p75, each.p95, 400];
            for (let i = 1; i < inOrder.length; i++) expect(inOrder[i]! - inOrder[i - 1]!).toBeGreaterThanOrEqual(-1e-9);
          }
        }
      }),
      SEED,
    );
  });

  it("[E9] leave the profile where it is when all readings move by whole days", () => {
    fc.assert(
      fc.property(readings, fc.integer({ min: -400, max: 400 }), (all, days) => {
        const moved = all.map(({ ms, value }) => ({ ms: ms + days * DAY_MS, value }));
        expect(ambulatoryProfile(seriesOf(moved), "UTC")).toEqual(ambulatoryProfile(seriesOf(all), "UTC"));
      }),
      SEED,
    );
  });

  it("[E9] do not mind which day is which: the profile is the same when days change places", () => {
    fc.assert(
      fc.property(readings, fc.integer({ min: 1, max: 20 }), (all, turn) => {
        const day = (ms: number): number => Math.floor(ms / DAY_MS);
        const first = Math.min(...all.map(({ ms }) => day(ms)));
        const turned = all.map(({ ms, value }) => ({ ms: ms - day(ms) * DAY_MS + (first + ((day(ms) - first + turn) % 21)) * DAY_MS, value }));
        expect(ambulatoryProfile(seriesOf(turned), "UTC").bins).toEqual(ambulatoryProfile(seriesOf(all), "UTC").bins);
      }),
      SEED,
    );
  });

  it("[D5] are the same glucose in mmol/L", () => {
    fc.assert(
      fc.property(readings, zones, (all, zone) => {
        const mgDl = seriesOf(all);
        const mmolL: Series = { ...mgDl, unit: "mmol/L", values: mgDl.values.map(toMmolL) };
        const [was, is] = [dayParts(mgDl, zone), dayParts(mmolL, zone)];
        for (const [index, hour] of was.hourly.entries()) {
          for (const key of ["mean", "sd", "min", "max"] as const) {
            if (hour[key] === null) expect(is.hourly[index]![key]).toBeNull();
            else expect(toMgDl(is.hourly[index]![key]!)).toBeCloseTo(hour[key], 7);
          }
        }
        for (const [index, bin] of ambulatoryProfile(mgDl, zone).bins.entries()) {
          if (bin.smoothed) expect(toMgDl(ambulatoryProfile(mmolL, zone).bins[index]!.smoothed!.p75)).toBeCloseTo(bin.smoothed.p75, 7);
        }
        const meals = [MONDAY, MONDAY + DAY_MS, ...mgDl.timesMs.slice(0, 3)];
        for (const [index, meal] of mealWindows(mgDl, meals, zone).meals.entries()) {
          const same = mealWindows(mmolL, meals, zone).meals[index]!;
          expect(same.reason).toBe(meal.reason);
          if (meal.incrementalArea !== null) expect(toMgDl(same.incrementalArea!)).toBeCloseTo(meal.incrementalArea, 7);
        }
      }),
      { ...SEED, numRuns: 20 },
    );
  });

  it("[D5] have nights and days that follow one another in every zone", () => {
    fc.assert(
      fc.property(readings, zones, fc.constantFrom({ startHour: 0, endHour: 6 }, { startHour: 22, endHour: 7 }), (all, zone, hours) => {
        const series = seriesOf(all);
        const found = nights(series, zone, { hours }).nights;
        for (const [index, night] of found.entries()) {
          const length = hours.startHour === 0 ? 6 : 9;
          expect(Math.abs((night.toMs - night.fromMs) / 3_600_000 - length)).toBeLessThanOrEqual(1);
          if (index > 0) expect(night.fromMs).toBeGreaterThanOrEqual(found[index - 1]!.toMs);
          expect(night.coveragePercent ?? 0).toBeLessThanOrEqual(100);
        }
      }),
      SEED,
    );
  });
});
