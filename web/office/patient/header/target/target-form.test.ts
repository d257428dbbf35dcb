import { describe, expect, it } from "vitest";
import { RANGE_PRESETS } from "#glucose/range-presets.ts";
import type { Target } from "../../patient.ts";
import { bodyOf, faultsOf, formOf, isSound } from "./target-form.ts";

const STANDARD: Target = { preset: "standard", thresholds: RANGE_PRESETS.standard.bounds, goals: RANGE_PRESETS.standard.goals, hasOwnGoals: false, unit: null, setAt: null, setBy: null, setByName: null };

describe("the form of a patient's target [D6]", () => {
  it("begins with what holds, and a preset is sent without ranges and goals of one's own", () => {
    const form = formOf(STANDARD, "mmol/L");
    expect(form.bounds).toEqual({ veryLow: "3", low: "3.9", high: "10", veryHigh: "13.9" });
    expect(isSound(faultsOf(form))).toBe(true);
    expect(bodyOf({ ...form, preset: "older" })).toEqual({ preset: "older", bounds: null, goals: null, unit: null });
  });

  it("sends chosen ranges in the unit in which they were typed, with comma or point, and empty goals as none", () => {
    const form = { ...formOf(STANDARD, "mmol/L"), preset: "custom" as const, hasOwnGoals: true, unit: "mmol/L" as const };
    const typed = { ...form, bounds: { ...form.bounds, high: "9,5" }, goals: { target: "65", below: "4", veryLow: "", above: "30,5", veryHigh: " " } };
    expect(isSound(faultsOf(typed))).toBe(true);
    expect(bodyOf(typed)).toEqual({
      preset: "custom", bounds: { unit: "mmol/L", veryLow: 3, low: 3.9, high: 9.5, veryHigh: 13.9 }, goals: { target: 65, below: 4, veryLow: null, above: 30.5, veryHigh: null }, unit: "mmol/L",
    });
  });

  it("says which field is wrong: no number, not ascending, of the other unit, more than all", () => {
    const form = { ...formOf(STANDARD, "mg/dL"), preset: "custom" as const, hasOwnGoals: true };
    const faults = (bounds: Partial<typeof form.bounds>) => faultsOf({ ...form, bounds: { ...form.bounds, ...bounds } }).bounds;
    expect(faults({ low: "" })).toEqual({ low: "number" });
    expect(faults({ veryLow: "70" })).toEqual({});
    expect(faults({ veryLow: "71" })).toEqual({ low: "order" });
    expect(faults({ high: "70" })).toEqual({ high: "order" });
    expect(faults({ high: "10.0" })).toEqual({ high: "otherUnit" });
    expect(faultsOf({ ...form, goals: { ...form.goals, target: "101", above: "-1" } }).goals).toEqual({ target: "percent", above: "percent" });
    // What is not asked for is not held against anybody.
    expect(isSound(faultsOf({ ...form, preset: "tight", hasOwnGoals: false, bounds: { ...form.bounds, low: "x" }, goals: { ...form.goals, target: "x" } }))).toBe(true);
  });
});
