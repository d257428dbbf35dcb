import { describe, expect, it } from "vitest";
import { frameOf, LANES, linePath, nearestPlace, placesIn, summed, withRoom } from "./layout.ts";

const view = { fromMs: 1_000, toMs: 2_000 };

describe("the picture of a day", () => {
  it("has one time axis, and lanes below one another that do not touch", () => {
    const frame = frameOf(800, view);
    expect([frame.xOf(1_000), frame.xOf(2_000)]).toEqual([44, 790]);
    expect(frame.msOf(frame.xOf(1_234))).toBeCloseTo(1_234, 6);
    LANES.slice(1).forEach((name, index) => expect(frame.lanes[name].top, name).toBeGreaterThan(frame.lanes[LANES[index]!].top + frame.lanes[LANES[index]!].height));
    expect(frame.height).toBeGreaterThan(frame.lanes.heart.top + frame.lanes.heart.height);
  });

  it("draws what is in view and one reading beyond either end, and no line over a gap", () => {
    const times = [500, 900, 1_100, 1_900, 2_500, 2_600];
    const places = placesIn(times, view);
    expect(places).toEqual({ from: 1, to: 5 });
    expect(linePath(places, (place) => [times[place]!, place], (place) => place === 3)).toBe("M900.0 1.0L1100.0 2.0M1900.0 3.0L2500.0 4.0");
    expect(placesIn([], view)).toEqual({ from: 0, to: 0 });
    expect(placesIn([1, 2], view)).toEqual({ from: 1, to: 2 });
  });

  it("finds the reading under the pointer, or none", () => {
    expect(nearestPlace([0, 100, 200], 140, 50)).toBe(1);
    expect(nearestPlace([0, 100, 200], 160, 50)).toBe(2);
    expect(nearestPlace([0, 100, 200], 300, 50)).toBeNull();
    expect(nearestPlace([], 300, 50)).toBeNull();
  });

  it("leaves out words that would run into one another", () => {
    expect(withRoom([{ x: 0, width: 30 }, { x: 46, width: 30 }, { x: 60, width: 30 }, { x: 120, width: 30 }, { x: 190, width: 30 }], 200)).toEqual([true, false, true, true, false]);
  });

  it("puts steps together to bars", () => {
    expect(summed([0, 5, 10, 31], [1, 2, 3, 4], 10)).toEqual([{ atMs: 0, value: 3 }, { atMs: 10, value: 3 }, { atMs: 30, value: 4 }]);
  });
});
