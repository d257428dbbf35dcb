/** What must hold for any series. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toMgDl, toMmolL } from "#units/glucose.ts";
import { activePercent } from "./active-percent.ts";
import { timeInRanges } from "./ranges.ts";
import { cleanSeries } from "./series.ts";
import { describe as describeReadings } from "./statistics.ts";
import { summarize } from "./summary.ts";

const SEED = { seed: 20260302, numRuns: 200 } as const;
const START = Date.UTC(2026, 2, 2);

/** Up to 400 readings on whole minutes, no two at one instant. */
const readings = fc
  .uniqueArray(fc.record({ minute: fc.integer({ min: 0, max: 40_000 }), value: fc.integer({ min: 400, max: 4000 }) }), {
    minLength: 1, maxLength: 400, selector: ({ minute }) => minute,
  })
  .map((all) => all.map(({ minute, value }) => ({ ms: START + minute * 60_000, value: value / 10 })));

type Reading = { readonly ms: number; readonly value: number };
const columns = (all: readonly Reading[]) => ({ timesMs: all.map(({ ms }) => ms), values: all.map(({ value }) => value) });
const summary = (all: readonly Reading[]) =>
  summarize({ timesMs: all.map(({ ms }) => ms), valuesMgDl: all.map(({ value }) => value) }, { zone: "Europe/Madrid" });

describe("any series of readings", () => {
  it("gives the same summary in any order", () => {
    fc.assert(
      fc.property(readings, fc.array(fc.nat(), { minLength: 400, maxLength: 400 }), (all, keys) => {
        const shuffled = all.map((reading, index) => ({ reading, key: keys[index]! })).toSorted((a, b) => a.key - b.key).map(({ reading }) => reading);
        const { cleaning: ours, ...numbers } = summary(shuffled);
        const { cleaning: theirs, ...same } = summary(all.toSorted((a, b) => a.ms - b.ms));
        expect(numbers).toEqual(same);
        expect(ours.kept).toBe(theirs.kept);
      }),
      SEED,
    );
  });

  it("has ranges that add up to 100 and a tight share within the target", () => {
    fc.assert(
      fc.property(readings, (all) => {
        const { ranges, tbr, tar } = timeInRanges(Float64Array.from(columns(all).values), "mg/dL")!;
        expect(ranges.veryLow + ranges.low + ranges.target + ranges.high + ranges.veryHigh).toBeCloseTo(100, 9);
        expect(tbr + ranges.target + tar).toBeCloseTo(100, 9);
        expect(ranges.tight).toBeLessThanOrEqual(ranges.target);
      }),
      SEED,
    );
  });

  it("has the same statistics when each reading is written twice, under every policy", () => {
    fc.assert(
      fc.property(readings, fc.constantFrom("mean", "first", "last"), (all, duplicates) => {
        const once = cleanSeries(columns(all));
        const twice = cleanSeries(columns([...all, ...all]), { duplicates });
        expect(describeReadings(twice.values)).toEqual(describeReadings(once.values));
        expect(activePercent(twice.timesMs, twice.cadenceMinutes)).toBe(activePercent(once.timesMs, once.cadenceMinutes));
        expect(twice.report.duplicates).toBe(all.length);
      }),
      SEED,
    );
  });

  it("comes back from mmol/L as it was, also after a hundred turns [DA-14], and scales mean, SD, median, IQR and MAD by the factor", () => {
    fc.assert(
      fc.property(readings, (all) => {
        const mgDl = Float64Array.from(columns(all).values);
        const described = describeReadings(mgDl)!;
        const inMmolL = describeReadings(mgDl.map(toMmolL))!;
        for (const [index, value] of mgDl.map(toMmolL).map(toMgDl).entries()) expect(value).toBeCloseTo(mgDl[index]!, 9);
        for (const key of ["mean", "median", "iqr", "mad", "min", "max"] as const) expect(toMgDl(inMmolL[key])).toBeCloseTo(described[key], 6);
        let value = mgDl[0]!;
        for (let turn = 0; turn < 100; turn++) value = toMgDl(toMmolL(value));
        expect(value).toBeCloseTo(mgDl[0]!, 9);
        if (described.sd !== null) expect(toMgDl(inMmolL.sd!)).toBeCloseTo(described.sd, 6);
      }),
      SEED,
    );
  });

  it("is shifted in time without any number changing", () => {
    fc.assert(
      fc.property(readings, fc.integer({ min: -500, max: 500 }), (all, days) => {
        const moved = all.map(({ ms, value }) => ({ ms: ms + days * 86_400_000, value }));
        const [before, after] = [cleanSeries(columns(all)), cleanSeries(columns(moved))];
        expect(describeReadings(after.values)).toEqual(describeReadings(before.values));
        expect(activePercent(after.timesMs, after.cadenceMinutes)).toBe(activePercent(before.timesMs, before.cadenceMinutes));
      }),
      SEED,
    );
  });

  it("keeps every share between 0 and 100 and no NaN", () => {
    fc.assert(
      fc.property(readings, (all) => {
        const numbers = summary(all);
        if (numbers.wearPercent !== null) {
          expect(numbers.wearPercent).toBeGreaterThanOrEqual(0);
          expect(numbers.wearPercent).toBeLessThanOrEqual(100);
        }
        expect(numbers.daily.reduce((sum, day) => sum + day.readings, 0)).toBe(numbers.readings);
        expect(Object.values(numbers).some(Number.isNaN)).toBe(false);
      }),
      SEED,
    );
  });
});
