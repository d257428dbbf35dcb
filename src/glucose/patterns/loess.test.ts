import { describe, expect, it } from "vitest";
import type { Percentiles } from "./agp.ts";
import { loess, smoothPercentiles } from "./loess.ts";

const x = Float64Array.from({ length: 288 }, (_, i) => (i + 1) * 5);
const row = (value: number): Percentiles => ({ p05: value - 40, p25: value - 15, p50: value, p75: value + 20, p95: value + 60 });

describe("loess", () => {
  it("gives a quadratic back, since each local fit is one", () => {
    const y = x.map((at) => 80 + at / 10 - (at / 120) ** 2);
    const [smooth] = loess(x, [y])!;
    for (const [index, value] of smooth!.entries()) expect(value).toBeCloseTo(y[index]!, 8);
  });

  it("takes out what alternates from point to point", () => {
    const [smooth] = loess(x, [x.map((_, index) => 120 + (index % 2 === 0 ? 5 : -5))])!;
    for (const value of smooth!.slice(20, -20)) expect(Math.abs(value - 120)).toBeLessThan(0.2);
  });

  it("does not depend on the unit of time, nor on where it begins", () => {
    const y = x.map((at) => 100 + 30 * Math.sin(at / 200));
    const [minutes] = loess(x, [y])!;
    const [hours] = loess(x.map((at) => at / 60 + 7), [y])!;
    for (const [index, value] of minutes!.entries()) expect(hours![index]).toBeCloseTo(value, 8);
  });

  it.each([0, 1, 2, 3, 13])("has nothing to say about %i points", (count) => {
    expect(loess(x.slice(0, count), [x.slice(0, count)])).toBeNull();
  });

  it("fits the smallest number of points that it takes, and points with holes between them", () => {
    for (const points of [x.slice(0, 14), x.filter((_, index) => index < 100 || index > 180)]) {
      const [smooth] = loess(points, [points])!;
      for (const [index, value] of smooth!.entries()) expect(value).toBeCloseTo(points[index]!, 6);
    }
  });
});

describe("percentiles of a fine grid [E9]", () => {
  it("are smoothed each for itself, slots without percentiles left out", () => {
    const rows = Array.from(x, (at, index) => (index >= 100 && index < 110 ? null : row(150 + at / 30)));
    const smoothed = smoothPercentiles(x, rows);
    expect(smoothed.flatMap((each, index) => (each === null ? [index] : []))).toEqual([100, 101, 102, 103, 104, 105, 106, 107, 108, 109]);
    expect(smoothed[50]!.p05).toBeCloseTo(150 + x[50]! / 30 - 40, 8);
    expect(smoothed[200]!.p95).toBeCloseTo(150 + x[200]! / 30 + 60, 8);
  });

  it("are all null where there are too few, and need one row a slot", () => {
    expect(smoothPercentiles([0, 5, 10], [row(100), null, row(120)])).toEqual([null, null, null]);
    expect(smoothPercentiles([], [])).toEqual([]);
    expect(() => smoothPercentiles([0, 5], [null])).toThrow(RangeError);
  });
});
