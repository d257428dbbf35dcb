import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { areaBeyond, ribbon, smooth, unbroken } from "./curves.ts";
import { hatchPath } from "./hatch.ts";
import type { Point } from "./scene.ts";
import { spread } from "./spread.ts";

const numbersOf = (d: string): number[] => [...d.matchAll(/-?\d+(?:\.\d+)?/g)].map(Number);

describe("a line of readings", () => {
  it("is interrupted by steps longer than the gap, not by steps as long", () => {
    expect(unbroken([0, 5, 10, 41, 46, 100], 30)).toEqual([{ from: 0, to: 3 }, { from: 3, to: 5 }, { from: 5, to: 6 }]);
    expect(unbroken([0, 30, 60], 30)).toEqual([{ from: 0, to: 3 }]);
    expect(unbroken([], 30)).toEqual([]);
  });
});

describe("the area beyond a level", () => {
  const peak: Point[] = [{ x: 0, y: 20 }, { x: 10, y: 0 }, { x: 20, y: 20 }];

  it("is cut where the line crosses the level", () => {
    expect(areaBeyond(peak, 10, "above")).toBe("M5 10L10 0L15 10Z");
    expect(areaBeyond(peak, 10, "below")).toBe("M0 10L0 20L5 10ZM15 10L20 20L20 10Z");
  });

  it("is closed along the level where the line begins or ends beyond it", () => {
    expect(areaBeyond([{ x: 0, y: 5 }, { x: 4, y: 5 }], 10, "above")).toBe("M0 10L0 5L4 5L4 10Z");
  });

  it("is none for a line that touches the level or lies on the other side", () => {
    expect(areaBeyond([{ x: 0, y: 10 }, { x: 4, y: 10 }], 10, "above")).toBe("");
    expect(areaBeyond(peak, 30, "below")).toBe("");
  });

  it("never leaves the level's side", () => {
    const line = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(line, fc.integer({ min: 0, max: 100 }), (ys, level) => {
        const d = areaBeyond(ys.map((y, x) => ({ x, y })), level, "above");
        expect(numbersOf(d).filter((_, index) => index % 2 === 1).every((y) => y <= level)).toBe(true);
      }),
    );
  });
});

describe("a smooth curve", () => {
  it("goes straight where its points do", () => {
    expect(smooth([{ x: 0, y: 0 }, { x: 3, y: 3 }, { x: 6, y: 6 }])).toBe("M0 0C1 1 2 2 3 3C4 4 5 5 6 6");
    expect(smooth([])).toBe("");
  });

  it("never swings beyond the two points it runs between", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { minLength: 2, maxLength: 24 }), (ys) => {
        const points = ys.map((y, index) => ({ x: index * 10, y }));
        const pieces = smooth(points).split("C").slice(1).map(numbersOf);
        for (const [index, [, first, , second]] of pieces.entries()) {
          const [low, high] = [Math.min(ys[index]!, ys[index + 1]!) - 0.01, Math.max(ys[index]!, ys[index + 1]!) + 0.01];
          expect([first! >= low, first! <= high, second! >= low, second! <= high]).toEqual([true, true, true, true]);
        }
      }),
    );
  });

  it("closes a ribbon from the upper curve back along the lower one", () => {
    expect(ribbon([{ x: 0, y: 0 }, { x: 3, y: 0 }], [{ x: 0, y: 9 }, { x: 3, y: 9 }])).toBe("M0 0C1 0 2 0 3 0L3 9C2 9 1 9 0 9Z");
  });
});

describe("a pattern", () => {
  it("is strokes from side to side, cut at the corners", () => {
    const box = { x: 10, y: 20, width: 8, height: 4 };
    expect(hatchPath(box, "vertical", 4)).toBe("M12 20L12 24M16 20L16 24");
    expect(hatchPath(box, "horizontal", 2)).toBe("M10 21L18 21M10 23L18 23");
    expect(hatchPath(box, "falling", 4)).toBe("M10 22L12 24M12 20L16 24M16 20L18 22");
    expect(hatchPath(box, "rising", 4)).toBe("M10 22L12 20M12 24L16 20M16 24L18 22");
  });

  it("never leaves its box", () => {
    const size = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(size, size, fc.constantFrom("rising", "falling", "vertical", "horizontal"), (width, height, direction) => {
        for (const [index, value] of numbersOf(hatchPath({ x: 5, y: 7, width, height }, direction, 4.5)).entries()) {
          const [from, to] = index % 2 === 0 ? [5, 5 + width] : [7, 7 + height];
          expect(value >= from - 0.01 && value <= to + 0.01).toBe(true);
        }
      }),
    );
  });
});

describe("labels side by side", () => {
  it("stay where they are wanted when there is room, and move apart when not", () => {
    expect(spread([10, 30, 50], 8, { from: 0, to: 60 })).toEqual([10, 30, 50]);
    expect(spread([10, 12, 14], 8, { from: 0, to: 60 })).toEqual([10, 18, 26]);
    expect(spread([50, 55, 58], 8, { from: 0, to: 60 })).toEqual([44, 52, 60]);
    expect(spread([5, 6, 7, 8], 30, { from: 0, to: 60 })).toEqual([0, 20, 40, 60]);
  });

  it("never come nearer than the gap while there is room", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 8 }), (wanted) => {
        const places = spread(wanted.toSorted((a, b) => a - b), 10, { from: 0, to: 100 });
        expect(places.every((place, index) => index === 0 || place - places[index - 1]! >= 10 - 1e-9)).toBe(true);
        expect(places[0]! >= 0 && places.at(-1)! <= 100).toBe(true);
      }),
    );
  });
});
