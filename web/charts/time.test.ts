import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { bucketSeries, bucketWidth } from "./buckets.ts";
import { withGaps } from "./gaps.ts";
import { glucoseDomain, glucoseTicks, timeTicks, withoutCrowding } from "./ticks.ts";

const at = (text: string): number => Date.parse(text);
const shown = (times: readonly number[]): string[] => times.map((time) => new Date(time).toISOString().slice(0, 16));

describe("gaps", () => {
  it("joins readings up to 30 minutes apart and no further", () => {
    const times = [0, 5, 35, 66, 71].map((minutes) => minutes * MINUTE_MS);
    const { values } = withGaps(times, [100, 101, 102, 103, 104]);
    expect(values).toEqual([100, 101, 102, null, 103, 104]);
  });

  it("puts the break between its neighbours, so that times stay ascending", () => {
    const { times } = withGaps([0, HOUR_MS], [1, 2]);
    expect(times).toEqual([0, HOUR_MS / 2, HOUR_MS]);
  });

  it("leaves nothing and one point alone", () => {
    expect(withGaps([], [])).toEqual({ times: [], values: [] });
    expect(withGaps([5], [100])).toEqual({ times: [5], values: [100] });
  });
});

describe("buckets", () => {
  it("say mean, lowest, highest and how many, and leave empty stretches out", () => {
    const times = [0, 10, 20, 130].map((minutes) => minutes * MINUTE_MS);
    expect(bucketSeries(times, [90, 120, 150, 60], HOUR_MS)).toEqual([
      { atMs: HOUR_MS / 2, mean: 120, min: 90, max: 150, count: 3 },
      { atMs: 2.5 * HOUR_MS, mean: 60, min: 60, max: 60, count: 1 },
    ]);
  });

  it("lose no reading", () => {
    const times = Array.from({ length: 25_920 }, (_, index) => index * 5 * MINUTE_MS);
    const buckets = bucketSeries(times, times.map((time) => 100 + (time % 77)), bucketWidth(90 * DAY_MS, 400));
    expect(buckets.length).toBeLessThanOrEqual(400);
    expect(buckets.reduce((sum, bucket) => sum + bucket.count, 0)).toBe(25_920);
  });

  it("grow with the period", () => {
    expect([7, 14, 30, 90].map((days) => bucketWidth(days * DAY_MS, 400) / HOUR_MS)).toEqual([0.5, 1, 2, 6]);
    expect(bucketWidth(10_000 * DAY_MS, 400)).toBe(24 * HOUR_MS);
  });
});

describe("time marks", () => {
  it("stand on round local hours, not on round hours of UTC", () => {
    const { times, areDays } = timeTicks({ fromMs: at("2026-01-10T00:00Z"), toMs: at("2026-01-10T03:00Z") }, "Asia/Kolkata", 4);
    expect(areDays).toBe(false);
    expect(shown(times)).toEqual(["2026-01-10T00:30", "2026-01-10T01:30", "2026-01-10T02:30"]);
  });

  it("skip the hour that the clock skips and repeat none when it is set back", () => {
    const forward = timeTicks({ fromMs: at("2026-03-28T23:00Z"), toMs: at("2026-03-29T04:00Z") }, "Europe/Madrid", 6);
    expect(shown(forward.times)).toEqual(["2026-03-28T23:00", "2026-03-29T00:00", "2026-03-29T01:00", "2026-03-29T02:00", "2026-03-29T03:00", "2026-03-29T04:00"]);
    const back = timeTicks({ fromMs: at("2026-10-24T22:00Z"), toMs: at("2026-10-25T05:00Z") }, "Europe/Madrid", 8);
    expect(new Set(back.times).size).toBe(back.times.length);
    expect(back.times).toEqual(back.times.toSorted((a, b) => a - b));
  });

  it("stand on local midnights once the period is long, also over a clock change", () => {
    const { times, areDays } = timeTicks({ fromMs: at("2026-03-26T23:00Z"), toMs: at("2026-03-31T12:00Z") }, "Europe/Madrid", 6);
    expect(areDays).toBe(true);
    expect(shown(times)).toEqual(["2026-03-26T23:00", "2026-03-27T23:00", "2026-03-28T23:00", "2026-03-29T22:00", "2026-03-30T22:00"]);
  });

  it("are never more than asked for", () => {
    for (const hours of [3, 6, 12, 24, 7 * 24, 14 * 24, 30 * 24, 90 * 24]) {
      for (const most of [3, 5, 9, 16]) {
        const { times } = timeTicks({ fromMs: at("2026-02-01T07:13Z"), toMs: at("2026-02-01T07:13Z") + hours * HOUR_MS }, "America/Argentina/Buenos_Aires", most);
        expect(times.length, `${hours} h, ${most}`).toBeLessThanOrEqual(most + 1);
        expect(times.length, `${hours} h, ${most}`).toBeGreaterThan(0);
      }
    }
  });
});

describe("the glucose axis", () => {
  const target = { veryLow: 54, low: 70, high: 180, veryHigh: 250 };

  it("shows the thresholds, and more only when the data go there", () => {
    expect(glucoseTicks(target, 240)).toEqual([54, 70, 180, 250]);
    expect(glucoseTicks(target, 380)).toHaveLength(5);
  });

  it("has room for very low and very high on every day, and for all data", () => {
    const calm = glucoseDomain(target, 140, 0);
    expect(calm.min).toBeLessThan(54);
    expect(calm.max).toBeGreaterThan(250);
    expect(glucoseDomain(target, 400, 0).max).toBeGreaterThan(400);
  });

  it("keeps the asked share of its height free below", () => {
    const { min, max } = glucoseDomain(target, 250, 0.2);
    const floor = glucoseDomain(target, 250, 0).min;
    expect((floor - min) / (max - min)).toBeCloseTo(0.2, 10);
  });

  it("drops a mark that would run into a more important one", () => {
    expect(withoutCrowding([70, 180, 54], (value) => value, 20)).toEqual([70, 180]);
    expect(withoutCrowding([70, 180, 54], (value) => value * 2, 20)).toEqual([54, 70, 180]);
  });
});
