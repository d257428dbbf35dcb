import { describe, expect, it } from "vitest";
import { delta, rateOfChange, trendArrow } from "./trend.ts";

const at = (...minutes: number[]): number[] => minutes.map((minute) => minute * 60_000);

describe("trend arrow", () => {
  it.each([
    [0, "flat"], [1, "flat"], [-1, "flat"], [1.01, "forty_five_up"], [2, "forty_five_up"], [2.1, "single_up"], [3, "single_up"],
    [3.1, "double_up"], [-1.5, "forty_five_down"], [-2.5, "single_down"], [-3.5, "double_down"], [null, "unknown"], [Number.NaN, "unknown"],
  ])("for %s mg/dL/min is %s", (rate, arrow) => {
    expect(trendArrow(rate)).toBe(arrow);
  });
});

describe("rate of change", () => {
  it("is the slope through the last 15 minutes and ignores what was before", () => {
    expect(rateOfChange(at(0, 5, 10, 15, 20), [400, 100, 110, 120, 130])).toBeCloseTo(2, 12);
  });

  it("averages noise by least squares", () => {
    expect(rateOfChange(at(0, 5, 10, 15), [100, 101, 99, 100])).toBeCloseTo(-0.04, 12);
  });

  it("works with two readings 15 minutes and some seconds apart", () => {
    expect(rateOfChange(at(0, 15.4), [100, 130.8])).toBeCloseTo(2, 12);
  });

  it("is unknown after a gap, for one reading, and over under four minutes", () => {
    expect(rateOfChange(at(0, 5, 30), [100, 100, 100])).toBeNull();
    expect(rateOfChange(at(0), [100])).toBeNull();
    expect(rateOfChange(at(0, 1, 2), [100, 105, 110])).toBeNull();
  });
});

describe("delta", () => {
  it("is the difference to the reading five minutes before, also for a one-minute sensor", () => {
    expect(delta(at(0, 5), [100, 108])).toBe(8);
    expect(delta(at(0, 1, 2, 3, 4, 5, 6), [100, 101, 102, 103, 104, 105, 106])).toBe(5);
  });

  it("is unknown when the reading before is too old", () => {
    expect(delta(at(0, 20), [100, 108])).toBeNull();
    expect(delta(at(0), [100])).toBeNull();
  });
});
