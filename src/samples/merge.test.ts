import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeSources, NEAR_MS, type RankedSamples } from "./merge.ts";
import type { StoredSamples } from "./store.ts";

const MINUTE = 60_000;

interface Sample {
  readonly start: number;
  /** Absent: an instant. */
  readonly end?: number;
  readonly value?: number;
}

function stored(samples: readonly Sample[]): StoredSamples {
  return {
    startMs: Float64Array.from(samples, ({ start }) => start),
    endMs: Float64Array.from(samples, ({ end }) => end ?? Number.NaN),
    values: Float64Array.from(samples, ({ value, start }) => value ?? start),
    offsetMinutes: samples.map((_, index) => (index % 2 === 0 ? 60 : null)),
    flags: Uint16Array.from(samples, (_, index) => index % 3),
  };
}

const ranked = (...sources: readonly (readonly Sample[])[]): RankedSamples[] => sources.map((samples, sourceIndex) => ({ sourceIndex, samples: stored(samples) }));
const minutes = (...at: readonly number[]): Sample[] => at.map((minute) => ({ start: minute * MINUTE }));
const spans = (...of: readonly (readonly [number, number])[]): Sample[] => of.map(([from, to]) => ({ start: from * MINUTE, end: to * MINUTE }));
/** `minute:source` of what is left. */
const shown = (sources: readonly (readonly Sample[])[]): string[] => {
  const merged = mergeSources(ranked(...sources));
  return merged.startMs.map((ms, index) => `${ms / MINUTE}:${merged.sourceIndexes[index]}`);
};

describe("merging sources of one metric", () => {
  it("gives one source as it is, with all its columns", () => {
    const merged = mergeSources(ranked([{ start: 1, value: 7 }, { start: 2, end: 5, value: 8 }]));
    expect(merged).toEqual({ startMs: [1, 2], endMs: [Number.NaN, 5], values: [7, 8], offsetMinutes: [60, null], flags: [0, 1], sourceIndexes: [0, 0] });
    expect(mergeSources([])).toEqual({ startMs: [], endMs: [], values: [], offsetMinutes: [], flags: [], sourceIndexes: [] });
  });

  it("fills a gap of the better source from the next one, within the day [DA-11]", () => {
    expect(shown([minutes(0, 5, 10, 60, 65), minutes(2, 7, 12, 20, 30, 50, 58, 63)])).toEqual(["0:0", "5:0", "10:0", "20:1", "30:1", "50:1", "60:0", "65:0"]);
  });

  it("takes an interval of a lower source only where it overlaps none of a better one's", () => {
    expect(shown([spans([0, 15], [30, 45]), spans([0, 10], [10, 20], [15, 30], [44, 50], [45, 60])])).toEqual(["0:0", "15:1", "30:0", "45:1"]);
  });

  it("does not overlook a long stretch that begins before a short one", () => {
    expect(shown([spans([0, 100], [10, 20]), spans([50, 60], [100, 110])])).toEqual(["0:0", "10:0", "100:1"]);
  });

  it("asks anew for each interval of a source, also where a long one comes before a short one", () => {
    expect(shown([spans([50, 60]), spans([0, 100], [10, 20])])).toEqual(["10:1", "50:0"]);
  });

  it("lets a third source fill what the first two leave, and nothing else", () => {
    expect(shown([minutes(0), minutes(10), minutes(1, 11, 20)])).toEqual(["0:0", "10:1", "20:2"]);
  });

  it("merges more readings than a call takes arguments", () => {
    const many = Array.from({ length: 300_000 }, (_, index) => ({ start: index * MINUTE }));
    expect(mergeSources(ranked(many, [{ start: 300_100 * MINUTE }])).values).toHaveLength(300_001);
  });
});

describe("merging, whatever the sources are", () => {
  const instants = fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { maxLength: 40 }).map((at) => minutes(...at.toSorted((a, b) => a - b)));
  const intervals = fc
    .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 40 })), { maxLength: 25, selector: ([start]) => start })
    .map((of) => spans(...of.toSorted((a, b) => a[0] - b[0]).map(([start, length]) => [start, start + length] as const)));
  const overlap = (a: Sample, b: Sample): boolean => a.start < (b.end ?? b.start + 1) && b.start < (a.end ?? a.start + 1);
  const runs = { numRuns: 300, seed: 20_261_015 };
  const kept = (sources: readonly (readonly Sample[])[]): (Sample & { source: number })[] => {
    const { startMs, endMs, sourceIndexes } = mergeSources(ranked(...sources));
    return startMs.map((start, index) => ({ start, ...(Number.isNaN(endMs[index]) ? {} : { end: endMs[index]! }), source: sourceIndexes[index]! }));
  };

  it("keeps the best source whole, in order of time", () => {
    fc.assert(fc.property(fc.array(fc.oneof(instants, intervals), { minLength: 1, maxLength: 4 }), (sources) => {
      const left = kept(sources);
      expect(left.map(({ start }) => start)).toEqual(left.map(({ start }) => start).toSorted((a, b) => a - b));
      expect(left.filter(({ source }) => source === 0).map(({ start }) => start)).toEqual(sources[0]!.map(({ start }) => start));
    }), runs);
  });

  it("counts no stretch of time twice: what two sources give never overlaps", () => {
    fc.assert(fc.property(fc.array(intervals, { minLength: 2, maxLength: 4 }), (sources) => {
      const left = kept(sources);
      for (const one of left) for (const other of left) if (one.source < other.source) expect(overlap(one, other)).toBe(false);
    }), runs);
  });

  it("shows no reading near one of a better source [VA-11]", () => {
    fc.assert(fc.property(fc.array(instants, { minLength: 2, maxLength: 4 }), (sources) => {
      const left = kept(sources);
      for (const one of left) for (const other of left) if (one.source < other.source) expect(Math.abs(one.start - other.start)).toBeGreaterThanOrEqual(NEAR_MS);
    }), runs);
  });

  it("leaves out only what a better source already tells", () => {
    fc.assert(fc.property(fc.array(fc.oneof(instants, intervals), { minLength: 2, maxLength: 4 }), (sources) => {
      const left = kept(sources);
      sources.forEach((samples, source) => {
        for (const sample of samples) {
          if (left.some((each) => each.source === source && each.start === sample.start)) continue;
          const isTold = left.some((better) => better.source < source && (better.end === undefined
            ? overlap({ start: better.start - NEAR_MS, end: better.start + NEAR_MS }, sample)
            : overlap(better, sample)));
          expect(isTold).toBe(true);
        }
      });
    }), runs);
  });

  it("invents no value and loses no column", () => {
    fc.assert(fc.property(fc.array(fc.oneof(instants, intervals), { maxLength: 4 }), (sources) => {
      const merged = mergeSources(ranked(...sources));
      const lengths = Object.values(merged).map((column: unknown[]) => column.length);
      expect(new Set(lengths).size).toBe(1);
      merged.values.forEach((value, index) => expect(value).toBe(merged.startMs[index]));
    }), runs);
  });
});
