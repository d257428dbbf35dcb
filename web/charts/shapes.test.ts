import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { barRects, slotMeans, sparkPath } from "./bars.ts";
import { hypnogram, stageTotals } from "./hypnogram.ts";
import { bandOf, BANDS, rangeBar } from "./ranges.ts";
import { nearest } from "./TimeCurve.tsx";

const none = { veryLow: 0, low: 0, target: 0, high: 0, veryHigh: 0 };
const size = { width: 600, gap: 3, leastWidth: 8 };

describe("the time-in-range bar", () => {
  it("gives each band its share", () => {
    const rects = rangeBar({ ...none, target: 75, high: 25 }, { width: 100, gap: 0, leastWidth: 2 });
    expect(rects).toEqual([{ band: "target", x: 0, width: 75 }, { band: "high", x: 75, width: 25 }]);
  });

  it("draws nothing for no data and nothing for an empty band", () => {
    expect(rangeBar(none, size)).toEqual([]);
    expect(rangeBar({ ...none, target: 100 }, size)).toEqual([{ band: "target", x: 0, width: 600 }]);
  });

  it("shows even a little, fills the bar exactly and keeps the order, whatever the shares", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 100, noNaN: true })), { minLength: 5, maxLength: 5 }), (parts) => {
        const shares = Object.fromEntries(BANDS.map((band, index) => [band, parts[index]])) as Record<(typeof BANDS)[number], number>;
        const rects = rangeBar(shares, size);
        expect(rects.map(({ band }) => band)).toEqual(BANDS.filter((band) => shares[band] > 0));
        if (rects.length === 0) return;
        const last = rects[rects.length - 1]!;
        expect(last.x + last.width).toBeCloseTo(600, 6);
        for (const rect of rects) expect(rect.width).toBeGreaterThanOrEqual(size.leastWidth - 1e-9);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

describe("the band of a value", () => {
  it("counts 70 and 180 mg/dL as in range, 250 as high and 54 as low", () => {
    const thresholds = { veryLow: 54, low: 70, high: 180, veryHigh: 250 };
    expect([53, 54, 69, 70, 180, 181, 250, 251].map((value) => bandOf(value, thresholds))).toEqual([
      "veryLow", "low", "low", "target", "target", "high", "high", "veryHigh",
    ]);
  });
});

describe("the hypnogram", () => {
  const night = [
    { stage: "light", startMs: 0, endMs: 40 },
    { stage: "deep", startMs: 40, endMs: 60 },
    { stage: "awake", startMs: 60, endMs: 100 },
  ];
  const shape = { width: 100, height: 32, laneGap: 1 };

  it("puts awake on top and deep at the bottom, each block over its own time", () => {
    const { lanes, blocks } = hypnogram(night, { startMs: 0, endMs: 100 }, shape);
    expect(lanes.map(({ stage }) => stage)).toEqual(["awake", "light", "deep"]);
    expect(blocks.map(({ stage, x, width, y }) => [stage, x, width, y])).toEqual([["light", 0, 40, 11], ["deep", 40, 20, 22], ["awake", 60, 40, 0]]);
  });

  it("joins neighbours in time and leaves holes open", () => {
    const { steps } = hypnogram(night, { startMs: 0, endMs: 100 }, shape);
    expect(steps.match(/M/g)).toHaveLength(2);
    const apart = [{ stage: "light", startMs: 0, endMs: 10 }, { stage: "deep", startMs: 600_000, endMs: 700_000 }];
    expect(hypnogram(apart, { startMs: 0, endMs: 700_000 }, shape).steps).toBe("");
  });

  it("leaves out what it does not know, and is empty for a night without stages", () => {
    expect(hypnogram([{ stage: "dreaming", startMs: 0, endMs: 10 }], { startMs: 0, endMs: 10 }, shape)).toEqual({ lanes: [], blocks: [], steps: "" });
    expect(hypnogram([], { startMs: 0, endMs: 10 }, shape).blocks).toEqual([]);
    expect(hypnogram(night, { startMs: 5, endMs: 5 }, shape).blocks).toEqual([]);
  });

  it("keeps blocks that reach beyond the night inside the picture", () => {
    const { blocks } = hypnogram([{ stage: "light", startMs: -50, endMs: 200 }], { startMs: 0, endMs: 100 }, shape);
    expect(blocks[0]).toMatchObject({ x: 0, width: 100 });
  });

  it("sums each stage", () => {
    const twice = [...night, { stage: "light", startMs: 100, endMs: 2_100 }];
    expect(stageTotals(twice)).toEqual([{ stage: "awake", seconds: 0.04 }, { stage: "light", seconds: 2.04 }, { stage: "deep", seconds: 0.02 }]);
  });
});

describe("bars", () => {
  it("stand on the ground and leave the place of a missing day empty", () => {
    const bars = barRects([50, null, 100], 100, { width: 300, height: 100, gap: 10 });
    expect(bars.map(({ index, y, height }) => [index, y, height])).toEqual([[0, 50, 50], [2, 0, 100]]);
    expect(bars[1]?.x).toBeCloseTo(205);
  });

  it("are told from missing when they are tiny, and cut when they are too high", () => {
    const [tiny, high, zero] = barRects([0.001, 500, 0], 100, { width: 30, height: 100, gap: 1 });
    expect(tiny?.height).toBe(1);
    expect(high?.height).toBe(100);
    expect(zero?.height).toBe(0);
  });

  it("are none for no days or no scale", () => {
    expect(barRects([], 100, { width: 10, height: 10, gap: 1 })).toEqual([]);
    expect(barRects([1], 0, { width: 10, height: 10, gap: 1 })).toEqual([]);
  });
});

describe("the small line", () => {
  const frame = { width: 100, height: 10, maxJoinMs: 5 };

  it("runs from left to right, the highest on top, and breaks at gaps", () => {
    const { path, last } = sparkPath([{ atMs: 0, value: 1 }, { atMs: 5, value: 3 }, { atMs: 20, value: 2 }], frame);
    expect(path).toBe("M0.0 10.0L25.0 0.0M100.0 5.0");
    expect(last).toEqual({ x: 100, y: 5 });
  });

  it("stands in the middle when nothing changes, and is empty for nothing", () => {
    expect(sparkPath([{ atMs: 0, value: 7 }, { atMs: 5, value: 7 }], frame).path).toBe("M0.0 5.0L100.0 5.0");
    expect(sparkPath([{ atMs: 0, value: 7 }], frame).last).toEqual({ x: 100, y: 5 });
    expect(sparkPath([], frame)).toEqual({ path: "", last: null });
  });
});

describe("means of slots", () => {
  it("are of what lies inside, and null where nothing does", () => {
    const points = [{ atMs: 0, value: 10 }, { atMs: 9, value: 20 }, { atMs: 25, value: 5 }, { atMs: 99, value: 1_000 }];
    expect(slotMeans(points, { fromMs: 0, toMs: 30 }, 3)).toEqual([15, null, 5]);
  });
});

describe("the nearest point", () => {
  it("is the closer neighbour, the earlier one at equal distance", () => {
    expect([-5, 2, 3, 4, 8, 99].map((position) => nearest([2, 4, 9], position))).toEqual([0, 0, 0, 1, 2, 2]);
    expect(nearest([], 3)).toBeNull();
  });
});
