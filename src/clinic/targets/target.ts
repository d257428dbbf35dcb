/** What a patient's glucose is held against: ranges and goals, a preset's or chosen ones. Pure. */
import { boundsOf, type ChosenBounds } from "#glucose/custom-bounds.ts";
import { PRESET_NAMES, RANGE_PRESETS, type PresetName, type RangeGoals } from "#glucose/range-presets.ts";
import type { RangeBounds } from "#glucose/ranges.ts";
import type { GlucoseUnit } from "#units/glucose.ts";
import { InternalError } from "../../errors.ts";

export const TARGET_PRESETS = [...PRESET_NAMES, "custom"] as const;
export type TargetPreset = PresetName | "custom";

export interface Target {
  readonly preset: TargetPreset;
  readonly bounds: RangeBounds;
  /** Percent; null where there is no such goal. */
  readonly goals: RangeGoals;
  /** False: the preset's. */
  readonly hasOwnGoals: boolean;
  /** In which unit the clinic wants to see this patient; null: the viewer's. */
  readonly unit: GlucoseUnit | null;
}

/** As it is chosen, and as it rests. */
export interface ChosenTarget {
  readonly preset: TargetPreset;
  /** Of `custom` only. */
  readonly bounds: ChosenBounds | null;
  /** Null: the preset's. */
  readonly goals: RangeGoals | null;
  readonly unit: GlucoseUnit | null;
}

const NO_GOALS: RangeGoals = { target: null, below: null, veryLow: null, above: null, veryHigh: null };

/** Holds where nobody chose another. */
export const STANDARD_TARGET: Target = { preset: "standard", ...RANGE_PRESETS.standard, hasOwnGoals: false, unit: null };

/** Null for bounds that are no ranges, or that are missing or too many. */
export function targetOf({ preset, bounds, goals, unit }: ChosenTarget): Target | null {
  if ((preset === "custom") !== (bounds !== null)) return null;
  if (preset !== "custom") return { preset, bounds: RANGE_PRESETS[preset].bounds, goals: goals ?? RANGE_PRESETS[preset].goals, hasOwnGoals: goals !== null, unit };
  const chosen = boundsOf(bounds!);
  return chosen && { preset, bounds: chosen, goals: goals ?? NO_GOALS, hasOwnGoals: goals !== null, unit };
}

/** The target of a row, which was checked when it was written. Throws InternalError for one that is none. */
export function keptTarget(chosen: ChosenTarget): Target {
  const target = targetOf(chosen);
  if (!target) throw new InternalError("A kept target has no ranges.");
  return target;
}

/** Whether shares by this target are those by the consensus ranges, which every day keeps. */
export function hasConsensusRanges({ preset }: Target): boolean {
  return preset === "standard" || preset === "older";
}
