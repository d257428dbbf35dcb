import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createThinner, GAP_MS, largestTriangles, type Thinned } from "./downsample.ts";
import type { Line } from "./line.ts";

const MINUTE = 60_000;
const places = (times: readonly number[], values: readonly number[], points: number): number[] => [...largestTriangles(Float64Array.from(times), Float64Array.from(values), points)];

function lineOf(times: readonly number[], values: readonly number[] = times): Line {
  return {
    startMs: Float64Array.from(times), endMs: new Float64Array(times.length).fill(Number.NaN), values: Float64Array.from(values), deliveryIds: Float64Array.from(times, (_, index) => index),
    flags: new Uint16Array(times.length), sourceIndexes: new Uint16Array(times.length), offsetMinutes: times.map(() => 60),
  };
}
function thinned(line: Line, points: number, partLength = line.values.length): Thinned {
  const thinner = createThinner(points);
  for (let at = 0; at < line.values.length; at += partLength) {
    const end = Math.min(at + partLength, line.values.length);
    thinner.add({
      startMs: line.startMs.subarray(at, end), endMs: line.endMs.subarray(at, end), values: line.values.subarray(at, end), deliveryIds: line.deliveryIds.subarray(at, end),
      flags: line.flags.subarray(at, end), sourceIndexes: line.sourceIndexes.subarray(at, end), offsetMinutes: line.offsetMinutes.slice(at, end),
    });
  }
  return thinner.take();
}

describe("largest triangle, three buckets", () => {
  it("chooses as worked out by hand", () => {
    // Buckets of two: (1, 2), (3, 4), (5, 6). The mean after the first is (3.5, 5): from (0, 0) the areas of (1, 9) and (2, 0) are 13.25 and 5.
    // From (1, 9) to the mean (5.5, 0) after the second, (3, 10) makes 11.25 and (4, 0) -6.75 halves; from (3, 10) to the last, (5, 0) 12 and (6, 0) 8.
    expect(places([0, 1, 2, 3, 4, 5, 6, 7], [0, 9, 0, 10, 0, 0, 0, 1], 5)).toEqual([0, 1, 3, 5, 7]);
  });

  it("gives all where there are no more, and the ends where two are asked for", () => {
    expect(places([1, 2, 3], [5, 6, 7], 3)).toEqual([0, 1, 2]);
    expect(places([1, 2, 3, 4], [5, 6, 7, 8], 2)).toEqual([0, 3]);
    expect(places([], [], 3)).toEqual([]);
  });

  it("keeps a single peak and a single trough wherever they are", () => {
    for (let at = 1; at < 999; at += 7) {
      for (const value of [500, -500]) {
        const values = Array.from({ length: 1_000 }, (_, index) => (index === at ? value : 100 + Math.sin(index / 20)));
        expect(places(values.map((_, index) => index), values, 50), `${at}`).toContain(at);
      }
    }
  });

  it("gives as many points as asked for, each once, in order, with both ends, whatever the line", () => {
    fc.assert(fc.property(fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 3, maxLength: 300 }), fc.integer({ min: 3, max: 60 }), (values, points) => {
      const chosen = places(values.map((_, index) => index * 7), values, points);
      expect(chosen).toHaveLength(Math.min(points, values.length));
      expect(chosen).toEqual([...new Set(chosen)].toSorted((a, b) => a - b));
      expect([chosen[0], chosen.at(-1)]).toEqual([0, values.length - 1]);
    }), { numRuns: 300, seed: 20_261_121 });
  });
});

describe("a line that is thinned", () => {
  const wave = (count: number): Line => lineOf(Array.from({ length: count }, (_, index) => index * MINUTE), Array.from({ length: count }, (_, index) => 100 + 50 * Math.sin(index / 300)));

  it("is the same in one part or in many", () => {
    const line = wave(30_000);
    const whole = thinned(line, 500);
    expect(whole.line.values).toHaveLength(500);
    expect([...whole.line.startMs]).toEqual([...largestTriangles(line.startMs, line.values, 500)].map((place) => place * MINUTE));
    expect(thinned(line, 500, 777)).toEqual(whole);
  });

  it("invents nothing: every point is a sample with all its columns", () => {
    const line = wave(10_000);
    const { line: few } = thinned(line, 100);
    few.deliveryIds.forEach((place, index) => {
      expect([few.startMs[index], few.values[index], few.offsetMinutes[index]]).toEqual([line.startMs[place], line.values[place], 60]);
    });
  });

  it("keeps the ends of every stretch between gaps and says where they are", () => {
    const times = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((stretch) => Array.from({ length: 200 }, (_, index) => stretch * 400 * MINUTE + index * MINUTE));
    const { line, breaks } = thinned(lineOf(times, times.map((_, index) => (index * 7_919) % 100)), 60);
    expect(line.values.length).toBeLessThanOrEqual(60);
    expect([...breaks!].map((place) => [line.startMs[place - 1]! / MINUTE, line.startMs[place]! / MINUTE])).toEqual(
      Array.from({ length: 9 }, (_, stretch) => [stretch * 400 + 199, (stretch + 1) * 400]),
    );
  });

  it("has no stretches where hardly any two samples are near, and one where a gap is just none", () => {
    expect(thinned(lineOf(Array.from({ length: 100 }, (_, index) => index * 86_400_000)), 10)).toMatchObject({ breaks: null, line: { values: { length: 10 } } });
    expect([...thinned(lineOf([0, GAP_MS, 2 * GAP_MS]), 3).breaks!]).toEqual([]);
    expect(thinned(lineOf([]), 10).line.values).toHaveLength(0);
  });

  it("of ten years by the minute keeps ends and extremes in little memory", () => {
    const thinner = createThinner(1_000);
    const [days, perDay] = [3_650, 1_440];
    for (let day = 0; day < days; day += 1) {
      const times = Array.from({ length: perDay }, (_, index) => (day * perDay + index) * MINUTE);
      thinner.add(lineOf(times, times.map((ms) => (ms === 1_234_567 * MINUTE ? 999 : ms === 4_000_001 * MINUTE ? -99 : 70 + ((ms / MINUTE) % 60)))));
    }
    const { line, breaks } = thinner.take();
    expect(line.values).toHaveLength(1_000);
    expect([line.startMs[0], line.startMs.at(-1)]).toEqual([0, (days * perDay - 1) * MINUTE]);
    expect([Math.max(...line.values), Math.min(...line.values)]).toEqual([999, -99]);
    expect([...breaks!]).toEqual([]);
    const gaps = [...line.startMs].slice(1).map((ms, index) => ms - line.startMs[index]!);
    // Evenly thinned, the old part like the new one.
    expect(Math.max(...gaps)).toBeLessThan((4 * days * perDay * MINUTE) / 1_000);
  });
});
