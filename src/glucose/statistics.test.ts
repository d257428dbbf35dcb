import { describe, expect, it } from "vitest";
import { roundHalfEven } from "./rounding.ts";
import {
  coefficientOfVariation, describe as describeReadings, mean, median, medianAbsoluteDeviation, quantiles, standardDeviation,
} from "./statistics.ts";

const of = (...values: number[]): Float64Array => Float64Array.from(values);

describe("statistics", () => {
  it("computes mean, sample SD and CV", () => {
    expect(mean(of(2, 4, 4, 4, 5, 5, 7, 9))).toBe(5);
    expect(standardDeviation(of(2, 4, 4, 4, 5, 5, 7, 9))).toBeCloseTo(Math.sqrt(32 / 7), 12);
    expect(coefficientOfVariation(of(90, 110))).toBeCloseTo((100 * Math.sqrt(200)) / 100, 12);
  });

  it("interpolates quantiles as type 7 does", () => {
    expect(quantiles(of(4, 1, 3, 2), [0, 0.25, 0.5, 0.75, 1])).toEqual([1, 1.75, 2.5, 3.25, 4]);
  });

  it("scales the median absolute deviation by 1.4826", () => {
    expect(medianAbsoluteDeviation(of(1, 1, 2, 2, 4, 6, 9))).toBeCloseTo(1.4826, 12);
  });

  it("gives null, never 0 or NaN, where a number is undefined", () => {
    expect([mean(of()), standardDeviation(of(5)), coefficientOfVariation(of(5)), median(of()), describeReadings(of())]).toEqual([
      null, null, null, null, null,
    ]);
    expect(describeReadings(of(5))).toEqual({
      readings: 1, mean: 5, sd: null, cvPercent: null, median: 5, iqr: 0, mad: 0, min: 5, max: 5, range: 0,
    });
  });

  it("loses nothing of a long series of large numbers", () => {
    expect(mean(new Float64Array(1_000_000).fill(1e9 + 0.1))).toBe(1e9 + 0.1);
  });

  it("leaves its argument as it was", () => {
    const values = of(3, 1, 2);
    describeReadings(values);
    expect([...values]).toEqual([3, 1, 2]);
  });
});

describe("rounding half to even", () => {
  it.each([[0.5, 0], [1.5, 2], [2.5, 2], [-1.5, -2], [2.4, 2], [2.6, 3]])("rounds %f to %f", (value, rounded) => {
    expect(roundHalfEven(value)).toBe(rounded);
  });

  it("rounds to decimals", () => {
    expect(roundHalfEven(2.25, 1)).toBe(2.2);
    expect(roundHalfEven(2.35, 1)).toBeCloseTo(2.4, 12);
  });
});
