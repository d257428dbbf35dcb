import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SleepStage, SleepStageName } from "./records.ts";
import { inOrder, overlay } from "./stages.ts";

const stage = (name: SleepStageName, startMs: number, endMs: number): SleepStage => ({ stage: name, startMs, endMs });
const text = (stages: readonly SleepStage[]): string => stages.map((each) => `${each.stage} ${each.startMs}-${each.endMs}`).join(", ");

describe("stages in order", () => {
  it("stand by start, and a later one begins where the one before it ends", () => {
    const { stages, wasCut } = inOrder([stage("deep", 20, 40), stage("light", 0, 25), stage("rem", 30, 35)]);
    expect(text(stages)).toBe("light 0-25, deep 25-40");
    expect(wasCut).toBe(true);
    expect(inOrder([stage("deep", 20, 40), stage("light", 0, 20)]).wasCut).toBe(false);
  });

  it("leave out what has no length", () => {
    expect(inOrder([stage("deep", 20, 20), stage("light", 30, 10)]).stages).toEqual([]);
  });
});

describe("bouts over a night", () => {
  it("cut, split and cover what lies under them", () => {
    const night = [stage("light", 0, 100), stage("deep", 100, 200), stage("rem", 200, 210)];
    const bouts = [stage("awake", 40, 50), stage("awake", 90, 120), stage("awake", 195, 215)];
    expect(text(overlay(night, bouts))).toBe("light 0-40, awake 40-50, light 50-90, awake 90-120, deep 120-195, awake 195-215");
    expect(overlay(night, [])).toEqual(night);
    expect(overlay([], bouts)).toEqual(bouts);
  });

  it("never overlap anything and lose no minute", () => {
    const spans = fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 40 })), { maxLength: 12 });
    const staged = (name: SleepStageName) => spans.map((list) => inOrder(list.map(([start, length]) => stage(name, start, start + length))).stages);
    fc.assert(
      fc.property(staged("light"), staged("awake"), (night, bouts) => {
        const both = overlay(night, bouts);
        for (let minute = 0; minute < 350; minute += 1) {
          const covering = (list: readonly SleepStage[]) => list.filter(({ startMs, endMs }) => startMs <= minute && minute < endMs).map((each) => each.stage);
          const expected = covering(bouts).length > 0 ? covering(bouts) : covering(night);
          expect(covering(both)).toEqual(expected);
        }
      }),
      { seed: 7, numRuns: 60 },
    );
  });
});
