/** What must hold for the metrics of any series, and for known ones. Digits are held against the references in test/golden. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MG_DL_PER_MMOL_L } from "#units/glucose.ts";
import { HOUR_MS, MINUTE_MS, startOfLocal } from "./test-kit.ts";
import { analyze, type GlucoseAnalysis } from "./analyze.ts";
import { consensusSet } from "./consensus.ts";
import { dayParts } from "./patterns/day-parts.ts";
import { mergedStatistics } from "./patterns/part-statistics.ts";
import { cleanSeries, type Series } from "./series.ts";

const SEED = { seed: 20261121, numRuns: 60 } as const;
const START = Date.UTC(2026, 2, 2);
const ZONES = ["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "America/Santiago"] as const;

/** A few days of whole 5-minute readings with gaps: a walk that stays between 40 and 400. */
const trace = fc.record({
  steps: fc.array(fc.integer({ min: -12, max: 12 }), { minLength: 2, maxLength: 1200 }), first: fc.integer({ min: 60, max: 300 }), missing: fc.array(fc.nat({ max: 1200 }), { maxLength: 40 }),
  offset: fc.integer({ min: 0, max: 2000 }),
}).map(({ steps, first, missing, offset }) => {
  const gaps = new Set(missing);
  let value = first;
  return steps.flatMap((step, index) => {
    value = Math.min(400, Math.max(40, value + step));
    return gaps.has(index) ? [] : [{ ms: START + (offset + index * 5) * MINUTE_MS, value }];
  });
});

type Reading = { readonly ms: number; readonly value: number };
const seriesOf = (all: readonly Reading[], options = {}): Series => cleanSeries({ timesMs: all.map(({ ms }) => ms), values: all.map(({ value }) => value) }, options);
function numbersOf(analysis: GlucoseAnalysis): Omit<GlucoseAnalysis, "basis"> {
  const { basis, ...numbers } = analysis;
  expect(basis.grid).toMatch(/^i/);
  return numbers;
}

/** Every number by its path. */
function flat(value: unknown, path = ""): [string, unknown][] {
  if (value === null || typeof value !== "object") return [[path, value]];
  return Object.entries(value).flatMap(([name, of]) => flat(of, `${path}.${name}`));
}

function expectClose(ours: unknown, theirs: unknown, tolerance = 1e-9): void {
  const [a, b] = [flat(ours), flat(theirs)];
  expect(a.map(([path]) => path)).toEqual(b.map(([path]) => path));
  for (const [index, [path, value]] of a.entries()) {
    const other = b[index]![1];
    if (typeof value === "number" && typeof other === "number") expect(Math.abs(value - other), path).toBeLessThanOrEqual(tolerance * Math.abs(other) + 1e-9);
    else expect(value, path).toBe(other);
  }
}

describe("the metrics of any series", () => {
  it("[D5] are the same in any order, and with each reading twice", () => {
    fc.assert(fc.property(trace, fc.array(fc.nat(), { minLength: 1200, maxLength: 1200 }), (all, keys) => {
      const shuffled = all.map((reading, index) => ({ reading, key: keys[index]! })).toSorted((a, b) => a.key - b.key).map(({ reading }) => reading);
      const plain = numbersOf(analyze(seriesOf(all), { zone: "UTC" }));
      expect(numbersOf(analyze(seriesOf(shuffled), { zone: "UTC" }))).toEqual(plain);
      for (const duplicates of ["mean", "first", "last"] as const) expect(numbersOf(analyze(seriesOf([...all, ...all], { duplicates }), { zone: "UTC" }))).toEqual(plain);
    }), SEED);
  });

  it("[D5] are the same a whole number of days later, and in whichever zone the same clock showed the same times", () => {
    fc.assert(fc.property(trace, fc.integer({ min: 1, max: 20 }), fc.constantFrom(...ZONES), (all, days, zone) => {
      const plain = numbersOf(analyze(seriesOf(all), { zone: "UTC" }));
      expectClose(numbersOf(analyze(seriesOf(all.map(({ ms, value }) => ({ ms: ms + days * 24 * HOUR_MS, value }))), { zone: "UTC" })), plain);
      // In June no clock of these zones changes.
      const moved = all.map(({ ms, value }) => ({ ms: startOfLocal(zone, Date.UTC(2026, 5, 8)) + (ms - START), value }));
      expectClose(numbersOf(analyze(seriesOf(moved), { zone })), plain);
    }), SEED);
  });

  it("[D5] are the same in mmol/L and back, where no reading lies on a bound", () => {
    fc.assert(fc.property(trace, (all) => {
      const offBounds = all.map(({ ms, value }) => ({ ms, value: value + 0.37 }));
      const mgDl = analyze(seriesOf(offBounds), { zone: "UTC" });
      const converted = seriesOf(offBounds.map(({ ms, value }) => ({ ms, value: value / MG_DL_PER_MMOL_L })), { unit: "mmol/L" });
      const back = analyze(converted, { zone: "UTC", unit: "mg/dL" });
      for (const name of ["mean", "sd", "cv", "median", "iqr", "mad", "gmi", "lbgi", "hbgi", "adrr", "grade", "jIndex", "mValue", "igc", "modd", "mag", "mag60", "gvp", "sdRoc", "sdW", "sdDm", "auc", "mageNaive"] as const) {
        expectClose(back[name], mgDl[name], 1e-8);
      }
      expectClose(back.mage, mgDl.mage, 1e-6);
    }), SEED);
  });

  it("[D5] have shares that add up, and nothing that is no number", () => {
    fc.assert(fc.property(trace, fc.constantFrom("iglu" as const, "islet" as const), fc.constantFrom(...ZONES), (all, grid, zone) => {
      const analysis = analyze(seriesOf(all), { zone, grid });
      for (const [path, value] of flat(numbersOf(analysis))) if (typeof value === "number") expect(Number.isFinite(value), path).toBe(true);
      const { ranges, reasons } = analysis;
      if (ranges) {
        expect(ranges.veryLow + ranges.low + ranges.target + ranges.high + ranges.veryHigh).toBeCloseTo(100, 9);
        expect(analysis.tbr! + ranges.target + analysis.tar!).toBeCloseTo(100, 9);
      }
      const missing = Object.entries(analysis).filter(([, value]) => value === null).map(([name]) => name);
      expect(Object.keys(reasons).filter((name) => !name.startsWith("mage."))).toEqual(missing);
    }), SEED);
  });

  it("[D5] come out of the days put together again as of the whole", () => {
    fc.assert(fc.property(trace, fc.constantFrom(...ZONES), (all, zone) => {
      const series = seriesOf(all);
      const [analysis, { daily }] = [analyze(series, { zone }), dayParts(series, zone)];
      const merged = mergedStatistics(daily);
      expectClose([merged.readings, merged.days, merged.mean, merged.sd, merged.cvPercent, merged.min, merged.max, merged.timeInRanges!.ranges, merged.timeInRanges!.tbr],
        [analysis.readings, analysis.days, analysis.mean, analysis.sd, analysis.cv, analysis.min, analysis.max, analysis.ranges, analysis.tbr], 1e-8);
      // Cut at each midnight and given in pieces, in any order, it is the same series.
      const pieces = daily.map(({ fromMs, toMs }) => all.filter(({ ms }) => ms >= fromMs && ms < toMs));
      expect(numbersOf(analyze(seriesOf(pieces.toReversed().flat()), { zone }))).toEqual(numbersOf(analysis));
    }), SEED);
  });

  it("[D5] have the consensus set within them", () => {
    fc.assert(fc.property(trace, (all) => {
      const series = seriesOf(all);
      const analysis = analyze(series, { zone: "UTC" });
      for (const [name, value] of Object.entries(consensusSet(series))) expect(value, name).toEqual(analysis[name as keyof GlucoseAnalysis]);
    }), SEED);
  });
});

describe("days when clocks change", () => {
  it.each([
    ["Europe/Madrid", Date.UTC(2026, 2, 27), Date.UTC(2026, 9, 23)], ["America/New_York", Date.UTC(2026, 2, 6), Date.UTC(2026, 9, 30)],
    ["Australia/Lord_Howe", Date.UTC(2026, 9, 2), Date.UTC(2026, 3, 3)], ["America/Santiago", Date.UTC(2026, 8, 4), Date.UTC(2026, 3, 3)],
  ])("[D5] change nothing that lasts in %s: episodes, rates and MAGE are those of the same instants", (zone, spring, autumn) => {
    for (const day of [spring, autumn]) {
      const fromMs = startOfLocal(zone, day);
      const all = Array.from({ length: 5 * 288 }, (_, index) => ({ ms: fromMs + index * 5 * MINUTE_MS, value: Math.round(150 + 90 * Math.sin(index / 37) + 25 * Math.sin(index / 11)) }));
      const [local, utc] = [analyze(seriesOf(all), { zone, grid: "islet" }), analyze(seriesOf(all), { zone: "UTC", grid: "islet" })];
      for (const name of ["episodes", "mage", "conga24", "mag", "gvp", "sdRoc", "mean", "activePercent"] as const) expectClose(local[name], utc[name]);
      // Days of 23 and 25 hours move the times of day, so that what recurs differs.
      expect(local.sdHhMm).not.toBeCloseTo(utc.sdHhMm!, 3);
    }
  });
});

describe("known series", () => {
  const flatTrace = Array.from({ length: 600 }, (_, index) => ({ ms: START + index * 5 * MINUTE_MS, value: 112 }));

  it("says of a flat trace that nothing varies", () => {
    const analysis = analyze(seriesOf(flatTrace), { zone: "UTC" });
    expect(analysis).toMatchObject({ mean: 112, sd: 0, cv: 0, modd: 0, conga24: 0, mag: 0, gvp: 0, sdRoc: 0, sdWsh: 0, auc: 112, activePercent: 100, mageNaive: null });
    expect(analysis.mage).toEqual({ average: null, service: null, max: null, plus: null, minus: null });
    expect(analysis.reasons["mage.average"]).toBe("no_excursions");
  });

  it("gives the excursions of a saw their height", () => {
    // Four hours up and four down between 100 and 200.
    const saw = Array.from({ length: 4 * 288 + 1 }, (_, index) => ({ ms: START + index * 5 * MINUTE_MS, value: 100 + 100 * (1 - Math.abs(((index / 48) % 2) - 1)) }));
    const { mage, conga24, modd } = analyze(seriesOf(saw), { zone: "UTC", grid: "islet" });
    expect(mage.average).toBeCloseTo(100, 6);
    expect(conga24).toBeCloseTo(0, 9);
    expect(modd).toBeCloseTo(0, 9);
  });

  it("says null with a reason of no reading, of one, and of readings too far apart", () => {
    const none = analyze(seriesOf([]), { zone: "UTC" });
    expect(none).toMatchObject({ readings: 0, days: 0, mean: null, ranges: null, episodes: null, gri: null, basis: { firstMs: null, lastMs: null, cadenceMinutes: null } });
    expect(new Set(Object.values(none.reasons))).toEqual(new Set(["no_readings"]));
    expect(analyze(seriesOf(flatTrace.slice(0, 1)), { zone: "UTC" }).reasons).toMatchObject({ sd: "single_reading", gvp: "single_reading" });
    const hourly = flatTrace.filter((_, index) => index % 12 === 0);
    expect(analyze(seriesOf(hourly), { zone: "UTC" })).toMatchObject({ mean: 112, modd: null, episodes: null, reasons: { modd: "too_sparse", episodes: "too_sparse" } });
  });

  it("throws for a zone that there is not", () => {
    expect(() => analyze(seriesOf(flatTrace), { zone: "Mars/Base" })).toThrow(RangeError);
  });
});
