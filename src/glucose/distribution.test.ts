import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distributionOf, meanOf, quantileOf, scaled, sumOf } from "./distribution.ts";
import { medianBySelection } from "./selection.ts";
import { median, quantileOfSorted, quantiles } from "./statistics.ts";

const SEED = { seed: 20261121, numRuns: 300 } as const;
/** Whole numbers, tenths and what lies far out. */
const value = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 10, max: 400 }).map((tenths) => tenths / 10), fc.constantFrom(4095, 4096, 5000.5, 0.25));
const readings = fc.array(value, { minLength: 1, maxLength: 300 }).map((all) => Float64Array.from(all));

describe("a distribution of readings", () => {
  it("holds each value once, ascending, with how often it occurs", () => {
    const { values, counts, total } = distributionOf(Float64Array.of(112, 5.5, 112, 4096, 39, 5.5, 112));
    expect([...values]).toEqual([5.5, 39, 112, 4096]);
    expect([...counts]).toEqual([2, 1, 3, 1]);
    expect(total).toBe(7);
    expect(distributionOf(new Float64Array())).toMatchObject({ total: 0 });
  });

  it("has the quantiles of the sorted readings", () => {
    fc.assert(fc.property(readings, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
      const ascending = all.toSorted();
      expect(quantileOf(distributionOf(all), share)).toBe(quantileOfSorted(ascending, share));
      expect(quantiles(all, [share])[0]).toBe(quantileOfSorted(ascending, share));
    }), SEED);
  });

  it("sums like the readings themselves", () => {
    fc.assert(fc.property(readings, (all) => {
      const distribution = distributionOf(all);
      const sum = all.reduce((total, each) => total + Math.sqrt(each), 0);
      expect(Math.abs(sumOf(distribution, Math.sqrt) - sum)).toBeLessThan(1e-9 * sum);
      expect(meanOf(distribution, () => 3)).toBe(3);
      expect(sumOf(scaled(distribution, 2), (each) => each)).toBeCloseTo(2 * sumOf(distribution, (each) => each), 6);
    }), SEED);
  });
});

describe("the median by selection", () => {
  it("is that of the sorted numbers", () => {
    fc.assert(fc.property(readings, (all) => {
      expect(medianBySelection(all.slice())).toBe(median(all));
    }), SEED);
  });
});
