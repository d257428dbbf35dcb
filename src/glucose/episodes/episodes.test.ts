import { describe, expect, it } from "vitest";
import type { TimeGrid } from "../grid.ts";
import { findEpisodes, summarizeEpisodes } from "./all-episodes.ts";
import { detectEpisodes } from "./detect.ts";
import { detectExtendedHighs } from "./extended-highs.ts";

const START = Date.UTC(2026, 2, 2);

/** A 5-minute grid out of runs: `[value, slots]`; NaN is a gap. */
function grid(...runs: readonly (readonly [number, number])[]): TimeGrid {
  return { stepMinutes: 5, startMs: START, values: Float64Array.from(runs.flatMap(([value, slots]) => Array.from({ length: slots }, () => value))) };
}
const minutesIn = (ms: number): number => (ms - START) / 60_000;

describe("an episode", () => {
  it("needs 15 minutes without interruption: three slots of five", () => {
    expect(detectEpisodes(grid([120, 6], [65, 2], [120, 6]), { side: "hypo", threshold: 70 })).toEqual([]);
    expect(detectEpisodes(grid([120, 6], [65, 3], [120, 6]), { side: "hypo", threshold: 70 })).toMatchObject([
      { durationMinutes: 15, mean: 65, extreme: 65, isStartCut: false, isEndCut: false },
    ]);
  });

  it("ends before the first 15 minutes of recovery; a shorter one belongs to it", () => {
    const [one, ...more] = detectEpisodes(grid([120, 6], [65, 3], [80, 2], [60, 1], [120, 6]), { side: "hypo", threshold: 70 });
    expect(more).toEqual([]);
    expect([minutesIn(one!.startMs), minutesIn(one!.endMs), one!.durationMinutes, one!.extreme, minutesIn(one!.extremeMs)]).toEqual([30, 55, 30, 60, 55]);
    expect(detectEpisodes(grid([120, 6], [65, 3], [80, 3], [60, 3], [120, 6]), { side: "hypo", threshold: 70 })).toHaveLength(2);
  });

  it("is beyond the threshold, not on it", () => {
    expect(detectEpisodes(grid([120, 6], [70, 9], [120, 6]), { side: "hypo", threshold: 70 })).toEqual([]);
    expect(detectEpisodes(grid([120, 6], [180, 9], [120, 6]), { side: "hyper", threshold: 180 })).toEqual([]);
    expect(detectEpisodes(grid([120, 6], [180.1, 9], [120, 6]), { side: "hyper", threshold: 180 })).toHaveLength(1);
  });

  it("never crosses a gap, counts when cut, and says so", () => {
    expect(detectEpisodes(grid([65, 2], [NaN, 1], [65, 2], [120, 9]), { side: "hypo", threshold: 70 })).toEqual([]);
    expect(detectEpisodes(grid([65, 4], [NaN, 12], [65, 5]), { side: "hypo", threshold: 70 })).toMatchObject([
      { durationMinutes: 20, isStartCut: true, isEndCut: true }, { durationMinutes: 25, isStartCut: true, isEndCut: true },
    ]);
    expect(detectEpisodes(grid([120, 3], [65, 4], [120, 2]), { side: "hypo", threshold: 70 })).toMatchObject([{ durationMinutes: 30, isStartCut: false, isEndCut: true }]);
  });

  it("begins and ends by the minutes asked for, at the cadence there is", () => {
    const rule = { side: "hypo", threshold: 70, startMinutes: 20, endMinutes: 30 } as const;
    expect(detectEpisodes(grid([120, 9], [65, 3], [120, 9]), rule)).toEqual([]);
    expect(detectEpisodes(grid([120, 9], [65, 4], [120, 5], [65, 1], [120, 9]), rule)).toMatchObject([{ durationMinutes: 50 }]);
    const quarterHours: TimeGrid = { stepMinutes: 15, startMs: START, values: Float64Array.of(120, 65, 120, 120) };
    expect(detectEpisodes(quarterHours, { side: "hypo", threshold: 70 })).toMatchObject([{ durationMinutes: 15 }]);
  });
});

describe("extended episodes", () => {
  it("are lows of more than 120 minutes", () => {
    const extended = (slots: number): number => findEpisodes(grid([120, 6], [65, slots], [120, 6]), { unit: "mg/dL" }).hypoExtended.length;
    expect([24, 25].map(extended)).toEqual([0, 1]);
  });

  it("are highs of 90 minutes within 120, over when 180 is not exceeded for 15 minutes", () => {
    const rule = { threshold: 250, endThreshold: 180 };
    expect(detectExtendedHighs(grid([120, 6], [260, 17], [120, 6]), rule)).toEqual([]);
    expect(detectExtendedHighs(grid([120, 6], [260, 9], [230, 6], [260, 9], [120, 6]), rule)).toMatchObject([{ durationMinutes: 120, isEndCut: false }]);
    expect(detectExtendedHighs(grid([120, 6], [260, 9], [230, 7], [260, 9], [120, 6]), rule)).toEqual([]);
    expect(detectExtendedHighs(grid([120, 6], [260, 18], [200, 30], [260, 3], [180, 3]), rule)).toMatchObject([{ durationMinutes: 255, extreme: 260 }]);
    expect(detectExtendedHighs(grid([260, 20], [NaN, 12]), rule)).toMatchObject([{ isStartCut: true, isEndCut: true }]);
  });
});

describe("all kinds together", () => {
  it("tell those of level 1 that hold none of level 2", () => {
    const lists = findEpisodes(grid([120, 6], [65, 4], [120, 6], [65, 3], [50, 3], [65, 3], [120, 6], [200, 5], [120, 6], [200, 3], [260, 4], [120, 6]), { unit: "mg/dL" });
    expect(Object.fromEntries(Object.entries(lists).map(([kind, list]) => [kind, list.length]))).toEqual({
      hypoLevel1: 2, hypoLevel2: 1, hypoExtended: 0, hypoLevel1Exclusive: 1, hyperLevel1: 2, hyperLevel2: 1, hyperExtended: 0, hyperLevel1Exclusive: 1,
    });
  });

  it("amount to numbers per day of readings; means of nothing are null", () => {
    const day = grid([120, 144], [65, 6], [50, 6], [120, 132]);
    const summaries = summarizeEpisodes(findEpisodes(day, { unit: "mg/dL" }), day);
    expect(summaries.hypoLevel1).toEqual({ count: 1, perDay: 1, meanDurationMinutes: 60, meanGlucose: 57.5 });
    expect(summaries.hyperLevel1).toEqual({ count: 0, perDay: 0, meanDurationMinutes: null, meanGlucose: null });
    const nothing = grid([NaN, 12]);
    expect(summarizeEpisodes(findEpisodes(nothing, { unit: "mg/dL" }), nothing).hypoLevel1).toEqual({ count: 0, perDay: null, meanDurationMinutes: null, meanGlucose: null });
  });

  it("are found in mmol/L by its own thresholds", () => {
    const inMmol = (value: number): number => findEpisodes(grid([6, 6], [value, 6], [6, 6]), { unit: "mmol/L" }).hyperLevel1.length;
    expect([10.0, 10.1].map(inMmol)).toEqual([0, 1]);
  });
});
