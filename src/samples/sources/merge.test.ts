import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seeded } from "#test/kit/random.ts";
import type { MetricName } from "#units/metrics.ts";
import { flagNames } from "../store/flags.ts";
import { LONGEST_REACH_MS, mergeSources, reachOf, type RankedSamples } from "./merge.ts";
import type { StoredSamples } from "../store/store.ts";

const MINUTE = 60_000;

interface Sample {
  readonly start: number;
  /** Absent: an instant. */
  readonly end?: number;
  readonly value?: number;
}

function stored(samples: readonly Sample[]): StoredSamples {
  return {
    startMs: Float64Array.from(samples, ({ start }) => start * MINUTE),
    endMs: Float64Array.from(samples, ({ end }) => (end ?? Number.NaN) * MINUTE),
    values: Float64Array.from(samples, ({ value, start }) => value ?? start),
    offsetMinutes: samples.map((_, index) => (index % 2 === 0 ? 60 : null)),
    flags: Uint16Array.from(samples, (_, index) => index % 3),
  };
}

const ranked = (...sources: readonly (readonly Sample[])[]): RankedSamples[] => sources.map((samples, sourceIndex) => ({ sourceIndex, samples: stored(samples) }));
const merge = (metric: MetricName, sources: readonly (readonly Sample[])[]) => mergeSources(ranked(...sources), { metric, resolution: "raw", zone: "UTC" });
/** Minutes since the epoch. */
const instants = (...at: readonly number[]): Sample[] => at.map((start) => ({ start }));
const every = (step: number, from: number, to: number): Sample[] => Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => ({ start: from + index * step }));
const spans = (...of: readonly (readonly [from: number, to: number, value?: number])[]): Sample[] => of.map(([start, end, value]) => ({ start, end, value: value ?? 1 }));
/** `minute:source` of what is left. */
const shown = (metric: MetricName, sources: readonly (readonly Sample[])[]): string[] => {
  const merged = merge(metric, sources);
  return Array.from(merged.startMs, (ms, index) => `${ms / MINUTE}:${merged.sourceIndexes[index]}`);
};
/** `from-to=value`, a tilde before an estimate. */
const counted = (sources: readonly (readonly Sample[])[], metric: MetricName = "steps"): string[] => {
  const { startMs, endMs, values, flags } = merge(metric, sources);
  return Array.from(values, (value, index) => `${startMs[index]! / MINUTE}-${endMs[index]! / MINUTE}=${flagNames(flags[index]!).includes("estimated") ? "~" : ""}${value}`);
};

describe("one source", () => {
  it("is given as it is, nothing copied", () => {
    for (const metric of ["glucose", "steps", "weight", "resting_heart_rate"] as const) {
      const samples = stored([{ start: 1, value: 7 }, { start: 2, end: 5, value: 8 }]);
      const merged = mergeSources([{ sourceIndex: 3, samples }, { sourceIndex: 4, samples: stored([]) }], { metric, resolution: "raw", zone: "UTC" });
      for (const column of ["startMs", "endMs", "values", "offsetMinutes", "flags"] as const) expect(merged[column]).toBe(samples[column]);
      expect([...merged.sourceIndexes]).toEqual([3, 3]);
    }
    expect(merge("glucose", []).values).toHaveLength(0);
  });

  it("stays uncopied where it tells all that the others tell", () => {
    for (const [metric, best, other] of [["glucose", every(5, 0, 500), every(15, 1, 490)], ["steps", spans([0, 60], [60, 120]), spans([10, 20], [50, 70])]] as const) {
      const sources = ranked(best, other);
      expect(mergeSources(sources, { metric, resolution: "raw", zone: "UTC" }).values).toBe(sources[0]!.samples.values);
    }
  });
});

describe("steady instants", () => {
  it("fill a gap of the better source from the next one, within the day [DA-11]", () => {
    expect(shown("glucose", [instants(0, 5, 10, 60, 65, 70), instants(2, 7, 12, 20, 30, 50, 58, 63, 68)])).toEqual(["0:0", "5:0", "10:0", "20:1", "30:1", "50:1", "60:0", "65:0", "70:0"]);
  });

  it("go by each source's own rhythm: a minute's source is silent after a minute and a half, a quarter's is not", () => {
    const fast = [...every(1, 0, 30), ...every(1, 75, 100)];
    expect(shown("heart_rate", [fast, every(15, 0, 100)]).filter((each) => each.endsWith(":1"))).toEqual(["30:1", "45:1", "60:1"]);
    expect(shown("heart_rate", [every(15, 0, 100), fast]).filter((each) => each.endsWith(":1"))).toEqual([]);
    // Two readings of the five-minute sensor lost: the other fills, and keeps its distance.
    expect(shown("glucose", [instants(0, 5, 10, 25, 30, 35, 40), every(1, 0, 40)]).filter((each) => each.endsWith(":1"))).toEqual(["14:1", "15:1", "16:1", "17:1", "18:1", "19:1", "20:1", "21:1"]);
  });

  it("know a rhythm only as far as one instant may speak, whatever the source", () => {
    expect(reachOf(stored(every(24 * 60, 0, 20_000)).startMs, null)).toBe(LONGEST_REACH_MS);
    expect(reachOf(stored(every(1 / 60, 0, 5)).startMs, null)).toBe(45_000);
    expect(reachOf(stored(instants(0, 5, 10, 16, 20, 95)).startMs, null)).toBe(3.75 * MINUTE);
    expect(reachOf(stored(instants(0)).startMs, 5 * MINUTE)).toBe(3.75 * MINUTE);
    expect(reachOf(stored(instants(0)).startMs, null)).toBe(7.5 * MINUTE);
  });

  it("have one rhythm by day and by month, though every fifth reading is missing and none is on the minute", () => {
    const random = seeded(5);
    const readings = Array.from({ length: 30 * 288 }, (_, index) => index * 5 + random()).filter(() => random() < 0.8);
    const month = stored(instants(...readings)).startMs;
    const days = Array.from({ length: 30 }, (_, day) => month.filter((ms) => Math.floor(ms / (24 * 60 * MINUTE)) === day));
    expect(new Set([month, ...days].map((starts) => reachOf(starts, null)))).toEqual(new Set([3.75 * MINUTE]));
  });

  it("leave the current value to the better source until a whole pause of its own has gone by", () => {
    expect(shown("glucose", [every(5, 0, 31), every(5, 4, 60)]).filter((each) => each.endsWith(":1"))).toEqual(["39:1", "44:1", "49:1", "54:1", "59:1"]);
  });

  it("let a third source fill what the first two leave, and nothing else", () => {
    expect(shown("glucose", [instants(0), instants(20), instants(1, 21, 50)])).toEqual(["0:0", "20:1", "50:2"]);
  });

  it("are merged, more of them than a call takes arguments", () => {
    expect(merge("glucose", [every(1, 0, 300_000), instants(300_100)]).values).toHaveLength(300_001);
  });
});

describe("occasional measurements", () => {
  it("are all kept, and the same one by two paths once", () => {
    const scales = [{ start: 0, value: 71.43 }, { start: 1_440, value: 71.2 }];
    const phone = [{ start: 1, value: 71.4 }, { start: 700, value: 73 }, { start: 1_440, value: 80 }];
    const { values } = merge("weight", [scales, phone]);
    expect([...values]).toEqual([71.43, 73, 71.2, 80]);
    expect([...merge("blood_pressure_systolic", [[{ start: 0, value: 120 }, { start: 5, value: 124 }], [{ start: 0, value: 120 }, { start: 5, value: 131 }]]).values]).toEqual([120, 124, 131]);
  });
});

describe("sums over intervals", () => {
  it("count a partly covered interval with its free part by time, as an estimate", () => {
    expect(counted([spans([0, 15, 100]), spans([0, 60, 400])])).toEqual(["0-15=100", "15-60=~300"]);
    expect(counted([spans([20, 30, 100]), spans([0, 60, 600])])).toEqual(["0-20=~200", "20-30=100", "30-60=~300"]);
    expect(counted([spans([0, 30, 300], [60, 90, 10]), spans([15, 75, 600])])).toEqual(["0-30=300", "30-60=~300", "60-90=10"]);
  });

  it("never count more of it than a better source has left: minutes without a step, left out, are no gap", () => {
    // The watch leaves out minutes without steps; the phone counts by the hour what both counted.
    expect(counted([spans([5, 6, 110], [40, 41, 90]), spans([0, 60, 200])])).toEqual(["5-6=110", "40-41=90"]);
    const sum = merge("steps", [spans([5, 6, 110], [40, 41, 90]), spans([0, 60, 260])]).values.reduce((total, value) => total + value, 0);
    expect(sum).toBeCloseTo(260, 9);
  });

  it("let zeros hide nobody who counted, and show them where nobody did", () => {
    expect(counted([spans([0, 15, 0], [15, 30, 0], [30, 45, 50]), spans([20, 25, 80], [31, 40, 30])])).toEqual(["0-15=0", "15-20=0", "20-25=80", "25-30=0", "30-45=50"]);
    // To sit for no second is a measurement.
    expect(counted([spans([0, 15, 0]), spans([0, 15, 900])], "sedentary_duration")).toEqual(["0-15=0"]);
  });

  it("do not overlook a long interval that begins before a short one, of one source or another", () => {
    expect(counted([spans([0, 100, 10], [10, 20, 5]), spans([50, 60, 9], [100, 110, 7])])).toEqual(["0-100=10", "10-20=5", "100-110=7"]);
    expect(counted([spans([50, 60, 1]), spans([0, 100, 100], [10, 20, 3])])).toEqual(["0-50=~50", "10-20=3", "50-60=1", "60-100=~40"]);
  });

  it("count a glass of water told by two paths once, and two glasses twice", () => {
    expect(counted([[{ start: 10, value: 250 }], [{ start: 10, value: 250 }, { start: 30, value: 200 }]], "hydration")).toEqual(["10-NaN=250", "30-NaN=200"]);
  });
});

describe("means over intervals", () => {
  it("stand for a free part where that is half of them and nothing better speaks for it, and else for nothing", () => {
    expect(counted([spans([0, 60, 50]), spans([30, 90, 70], [50, 65, 80])], "resting_heart_rate")).toEqual(["0-60=50", "60-90=~70"]);
    expect(counted([spans([0, 60, 50]), spans([20, 90, 70], [50, 65, 80])], "resting_heart_rate")).toEqual(["0-60=50"]);
    expect(counted([spans([0, 60, 50]), spans([50, 65, 80])], "resting_heart_rate")).toEqual(["0-60=50"]);
    // The better source's day has its value already: a night's.
    expect(counted([[{ start: 7, value: 50 }], spans([0, 24, 70], [24, 48, 71])], "resting_heart_rate")).toEqual(["7-NaN=50", "24-48=71"]);
  });
});

describe("merging, whatever the sources are", () => {
  const runs = { numRuns: 300, seed: 20_261_015 };
  const someInstants = fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { maxLength: 40 }).map((at) => instants(...at.toSorted((a, b) => a - b)));
  /** One source's intervals, apart from one another. */
  const someSpans = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 500 })), { maxLength: 25 }).map((of) => {
    let at = 0;
    return of.map(([pause, length, value]): Sample => {
      const start = at + pause;
      at = start + length;
      return { start, end: at, value: pause % 4 === 0 ? 0 : value };
    });
  });
  const several = fc.array(someSpans, { minLength: 2, maxLength: 4 });
  const total = ({ values }: { readonly values: Float64Array }): number => values.reduce((sum, value) => sum + value, 0);
  /** Counted in each minute. */
  const byMinute = (samples: { readonly startMs: Float64Array; readonly endMs: Float64Array; readonly values: Float64Array }): number[] => {
    const minutes = Array.from({ length: 2_000 }, () => 0);
    samples.values.forEach((value, index) => {
      const [from, to] = [samples.startMs[index]! / MINUTE, samples.endMs[index]! / MINUTE];
      // Parts begin and end where whole intervals do: at whole minutes.
      for (let minute = from; minute < to; minute += 1) minutes[minute]! += value / (to - from);
    });
    return minutes;
  };

  it("the resolved sum never exceeds what the union of intervals could hold: in no minute more than some source counted there", () => {
    fc.assert(fc.property(several, (sources) => {
      const each = ranked(...sources).map(({ samples }) => byMinute(samples));
      for (const [minute, value] of byMinute(merge("steps", sources)).entries()) {
        expect(value).toBeLessThanOrEqual(Math.max(...each.map((one) => one[minute]!)) + 1e-9);
      }
    }), runs);
  });

  it("the resolved sum is that of the best source at least, and that of all at most", () => {
    fc.assert(fc.property(several, (sources) => {
      const sums = ranked(...sources).map(({ samples }) => total(samples));
      const resolved = total(merge("steps", sources));
      expect(resolved).toBeGreaterThanOrEqual(sums[0]! - 1e-6);
      expect(resolved).toBeLessThanOrEqual(sums.reduce((sum, one) => sum + one, 0) + 1e-6);
    }), runs);
  });

  it("adding a worse source never changes a stretch that a better one covers", () => {
    fc.assert(fc.property(several, (sources) => {
      const before = byMinute(merge("steps", sources.slice(0, -1)));
      const after = byMinute(merge("steps", sources));
      for (const [minute, value] of before.entries()) if (value > 0) expect(after[minute]).toBeCloseTo(value, 9);
    }), runs);
    fc.assert(fc.property(fc.array(someInstants, { minLength: 2, maxLength: 4 }), (sources) => {
      const left = shown("glucose", sources);
      for (const one of shown("glucose", sources.slice(0, -1))) expect(left).toContain(one);
    }), runs);
  });

  it("counts no stretch of time twice", () => {
    fc.assert(fc.property(several, fc.constantFrom<MetricName>("steps", "met", "sedentary_duration"), (sources, metric) => {
      const { startMs, endMs } = merge(metric, sources);
      for (let index = 1; index < startMs.length; index += 1) expect(startMs[index]!).toBeGreaterThanOrEqual(endMs[index - 1]!);
    }), runs);
  });

  it("with one source is that source", () => {
    fc.assert(fc.property(fc.oneof(someSpans, someInstants), fc.constantFrom<MetricName>("steps", "glucose", "weight", "met"), (source, metric) => {
      const merged = merge(metric, [source, []]);
      const samples = stored(source);
      expect([merged.startMs, merged.endMs, merged.values, merged.flags]).toEqual([samples.startMs, samples.endMs, samples.values, samples.flags]);
    }), runs);
  });

  it("keeps the best source's instants whole, in order of time, and shows none near one of them [VA-11]", () => {
    fc.assert(fc.property(fc.array(someInstants, { minLength: 2, maxLength: 4 }), (sources) => {
      const { startMs, sourceIndexes } = merge("glucose", sources);
      expect([...startMs]).toEqual([...startMs].toSorted((a, b) => a - b));
      const best = [...startMs].filter((_, index) => sourceIndexes[index] === 0);
      expect(best).toEqual(sources[0]!.map(({ start }) => start * MINUTE));
      const reach = reachOf(Float64Array.from(best), null);
      startMs.forEach((ms, index) => {
        if (sourceIndexes[index] !== 0) for (const better of best) expect(Math.abs(ms - better)).toBeGreaterThanOrEqual(reach);
      });
    }), runs);
  });

  it("invents no instant and loses no column", () => {
    fc.assert(fc.property(fc.array(someInstants, { maxLength: 4 }), (sources) => {
      const merged = merge("glucose", sources);
      expect(new Set(Object.values(merged).map((column: ArrayLike<unknown>) => column.length)).size).toBe(1);
      merged.values.forEach((value, index) => expect(value * MINUTE).toBe(merged.startMs[index]));
    }), runs);
  });
});
