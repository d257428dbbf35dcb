import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seeded } from "#test/kit/random.ts";
import { linkOf, type SensorPath } from "./links.ts";

const MINUTE = 60_000;

/** A person's glucose by the minute. */
const glucoseAt = (minute: number, phase = 0): number => 140 + 60 * Math.sin(minute / 40 + phase) + 20 * Math.sin(minute / 11 + 2 * phase);

/** A sensor's readings, as one path tells of them. */
function path(of: (minute: number) => number, options: { readonly every?: number; readonly from?: number; readonly to?: number; readonly lagMs?: number; readonly drop?: number } = {}): SensorPath {
  const { every = 5, from = 0, to = 600, lagMs = 0, drop = 0 } = options;
  const chance = seeded(7);
  const minutes = Array.from({ length: Math.floor((to - from) / every) }, (_, index) => from + index * every).filter(() => chance() >= drop);
  return { startMs: minutes.map((minute) => minute * MINUTE + lagMs), values: minutes.map(of) };
}
const wholeMgDl = (minute: number): number => Math.round(glucoseAt(minute));
const inMmolL = (factor: number) => (minute: number): number => Math.round((wholeMgDl(minute) / factor) * 10) / 10 * factor;

describe("one sensor by two paths", () => {
  it("is found where values agree within rounding, of mg/dL and of mmol/L by either factor", () => {
    for (const other of [wholeMgDl, (minute: number) => glucoseAt(minute), inMmolL(18.0156), (minute: number) => (inMmolL(18)(minute) / 18) * 18.0182]) {
      expect(linkOf(path(wholeMgDl), path(other))).toMatchObject({ lagMs: 0, agreed: 120, compared: 120 });
    }
  });

  it("is found where one path lags by minutes, or leaves readings out, or has them sparsely", () => {
    for (const lagMs of [-4 * MINUTE, -20_000, 90_000, 4 * MINUTE, 7 * MINUTE, 12 * MINUTE]) {
      const link = linkOf(path(wholeMgDl), path(inMmolL(18.0156), { lagMs, drop: 0.3 }));
      expect(Math.abs((link?.lagMs ?? Number.NaN) - lagMs), `lag of ${lagMs}`).toBeLessThanOrEqual(30_000);
    }
    expect(linkOf(path(wholeMgDl, { every: 1 }), path(wholeMgDl, { every: 15, lagMs: 40_000 }))).not.toBeNull();
  });

  it("is only claimed of what they have in common in time", () => {
    expect(linkOf(path(wholeMgDl, { to: 300 }), path(wholeMgDl, { from: 200 }))).toMatchObject({ compared: 20 });
    expect(linkOf(path(wholeMgDl, { to: 300 }), path(wholeMgDl, { from: 300 }))).toBeNull();
    expect(linkOf(path(wholeMgDl, { to: 300 }), path(wholeMgDl, { from: 250 }))).toBeNull();
  });

  it("is not claimed of a flat line, nor of nothing", () => {
    expect(linkOf(path(() => 100), path(() => 100))).toBeNull();
    for (const empty of [path(wholeMgDl, { to: 0 }), path(wholeMgDl, { to: 5 })]) {
      expect(linkOf(empty, path(wholeMgDl))).toBeNull();
      expect(linkOf(path(wholeMgDl), empty)).toBeNull();
    }
  });
});

describe("two sensors", () => {
  it("on one person are kept apart: the same body, other errors", () => {
    for (const [bias, noise] of [[1.04, 3], [1, 8], [0.9, 0], [1, 4]] as const) {
      const chance = seeded(11);
      expect(linkOf(path(wholeMgDl), path((minute) => Math.round(glucoseAt(minute) * bias + (chance() - 0.5) * 2 * noise))), `bias ${bias}, noise ${noise}`).toBeNull();
    }
    // The second sensor is fifteen minutes behind in the body, and so no copy.
    expect(linkOf(path(wholeMgDl), path((minute) => Math.round(glucoseAt(minute - 15) * 1.03)))).toBeNull();
  });
});

describe("links, whatever the paths are", () => {
  it("are the same each time, and never made of random numbers", () => {
    const random = fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 15 })).map(([seed, every]) => {
      const chance = seeded(seed);
      return path(() => Math.round(60 + chance() * 200), { every });
    });
    fc.assert(fc.property(random, random, (one, other) => {
      fc.pre(one.values[0] !== other.values[0]);
      expect(linkOf(one, other)).toBeNull();
      expect(linkOf(one, one)).toEqual(linkOf(one, one));
    }), { numRuns: 100, seed: 20_261_015 });
  });
});
