import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SleepStage, SleepStageName } from "#driver/records.ts";
import { hypnogramOf } from "./hypnogram.ts";

const stages = (...of: readonly (readonly [SleepStageName, number, number])[]): SleepStage[] => of.map(([stage, startMs, endMs]) => ({ stage, startMs, endMs }));

describe("a hypnogram", () => {
  it("gives stages that follow one another as they are, and nothing of nothing", () => {
    const night = stages(["light", 0, 10], ["deep", 10, 30], ["awake", 30, 31]);
    expect(hypnogramOf(night.toReversed())).toEqual(night);
    expect(hypnogramOf([])).toEqual([]);
    expect(hypnogramOf(stages(["light", 5, 5]))).toEqual([]);
  });

  it("fills holes, joins neighbours, and lets what says more win", () => {
    expect(hypnogramOf(stages(["light", 0, 10], ["light", 10, 20], ["rem", 25, 30]))).toEqual(stages(["light", 0, 20], ["unmeasurable", 20, 25], ["rem", 25, 30]));
    expect(hypnogramOf(stages(["in_bed", 0, 100], ["asleep", 10, 90], ["deep", 20, 30], ["awake", 40, 50]))).toEqual(stages(
      ["in_bed", 0, 10], ["asleep", 10, 20], ["deep", 20, 30], ["asleep", 30, 40], ["awake", 40, 50], ["asleep", 50, 90], ["in_bed", 90, 100],
    ));
  });

  it("has no hole and no overlap, whatever the stages are, and holds no stage where there was none", () => {
    const stage = fc.record({ stage: fc.constantFrom<SleepStageName>("awake", "light", "deep", "rem", "asleep", "in_bed"), startMs: fc.integer({ min: 0, max: 60 }), length: fc.integer({ min: 0, max: 30 }) });
    fc.assert(fc.property(fc.array(stage, { maxLength: 20 }), (given) => {
      const night = given.map(({ length, ...rest }) => ({ ...rest, endMs: rest.startMs + length }));
      const line = hypnogramOf(night);
      line.forEach((each, index) => {
        expect(each.endMs).toBeGreaterThan(each.startMs);
        if (index > 0) expect(each.startMs).toBe(line[index - 1]!.endMs);
        for (let ms = each.startMs; ms < each.endMs; ms += 1) {
          const there = night.filter(({ startMs, endMs }) => startMs <= ms && endMs > ms).map((one) => one.stage);
          expect(there.length === 0 ? ["unmeasurable"] : there).toContain(each.stage);
        }
      });
    }), { numRuns: 300, seed: 20_261_121 });
  });
});
