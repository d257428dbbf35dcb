import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DaySamples } from "./store/codec.ts";
import { lineOf, within } from "./line.ts";
import { LONGEST_REACH_MS, mergeSources, type Merging } from "./sources/merge.ts";

const MINUTE = 60_000;
const MERGING: Merging = { metric: "heart_rate", resolution: "raw", zone: "UTC" };

/** Samples with a delivery of their own each, by source. */
function stored(samples: readonly (readonly [start: number, length: number | null])[], source: number): DaySamples {
  return {
    startMs: Float64Array.from(samples, ([start]) => start * MINUTE), endMs: Float64Array.from(samples, ([start, length]) => (length === null ? Number.NaN : (start + length) * MINUTE)),
    values: Float64Array.from(samples, ([start]) => start), deliveryIds: Float64Array.from(samples, ([start]) => source * 100_000 + start), flags: new Uint16Array(samples.length).fill(source),
    offsetMinutes: samples.map((_, index) => (index % 2 === 0 ? 60 : null)),
  };
}

describe("a line of several sources", () => {
  const samples = (from: number) => fc
    .uniqueArray(fc.tuple(fc.integer({ min: from, max: from + 200 }), fc.option(fc.integer({ min: 1, max: 40 }))), { maxLength: 20, selector: ([start]) => start })
    .map((all) => all.toSorted((a, b) => a[0] - b[0]));
  const sources = fc.array(fc.constantFrom(0, 100, 220, 400, 1_000).chain(samples), { maxLength: 4 });

  it("is what the rules of merging make of them, also by the short way of sources that lie apart, and names each value's delivery", () => {
    fc.assert(fc.property(sources, (given) => {
      const ranked = given.map((each, sourceIndex) => ({ sourceIndex, samples: stored(each, sourceIndex) }));
      const line = lineOf(ranked, MERGING);
      const { deliveryIds: _deliveries, ...merged } = line;
      expect(merged).toEqual(mergeSources(ranked, MERGING));
      line.deliveryIds.forEach((delivery, index) => expect(delivery).toBe(line.sourceIndexes[index]! * 100_000 + line.values[index]!));
    }), { numRuns: 500, seed: 20_261_121 });
  });

  it("takes the long way as soon as the sources may meet", () => {
    const counts = Array.from({ length: (4 * LONGEST_REACH_MS) / MINUTE }, (_, minutes) => {
      const ranked = [{ sourceIndex: 0, samples: stored([[minutes, null]], 0) }, { sourceIndex: 1, samples: stored([[0, null]], 1) }];
      expect(lineOf(ranked, MERGING).values, `${minutes} minutes apart`).toEqual(mergeSources(ranked, MERGING).values);
      return lineOf(ranked, MERGING).values.length;
    });
    expect(new Set(counts)).toEqual(new Set([1, 2]));
  });

  it("is cut to what begins in a window", () => {
    const line = lineOf([{ sourceIndex: 3, samples: stored([[1, null], [2, 5], [3, null], [4, null]], 3) }], MERGING);
    const { values, sourceIndexes, flags, offsetMinutes } = within(line, 2 * MINUTE, 4 * MINUTE);
    expect([[...values], [...sourceIndexes], [...flags], offsetMinutes]).toEqual([[2, 3], [3, 3], [3, 3], [null, 60]]);
    expect(within(line, 5 * MINUTE, 9 * MINUTE).values).toHaveLength(0);
  });
});
