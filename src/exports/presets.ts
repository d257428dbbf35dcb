/** Sets of ranges and goals that a report is made for. Source: Battelino 2019 and 2023; cgm-metrics §5 and §10. */
import type { Limits } from "#charts/glucose-scale.ts";
import type { BandShares } from "#charts/shares.ts";
import { RANGE_PRESETS, type RangeGoals } from "#glucose/range-presets.ts";
import { timeInRanges } from "#glucose/ranges.ts";
import type { GlucoseUnit } from "#units/glucose.ts";

export const PRESETS = ["standard", "older", "pregnancy"] as const;
export type PresetName = (typeof PRESETS)[number];

export interface Preset {
  readonly name: PresetName;
  /** In each unit as guidelines print them: readings are classified in the unit they were measured in. */
  readonly limits: Readonly<Record<GlucoseUnit, Limits>>;
  readonly goals: RangeGoals;
  /** Upper end of the tight range (70–140 mg/dL), where the preset has one beside its target. */
  readonly tightHigh: Readonly<Record<GlucoseUnit, number>> | null;
  /** Goals beside those of the ranges; null where the consensus names none for these people. */
  readonly meanGoalMgDl: number | null;
  readonly gmiGoalPercent: number | null;
  readonly cvGoalPercent: number | null;
}

/** Goals of the average and of GMI are those of the usual set; the consensus names none for other people. */
const NO_AVERAGES = { meanGoalMgDl: null, gmiGoalPercent: null, cvGoalPercent: 36 } as const;

const TABLE: Readonly<Record<PresetName, Preset>> = {
  standard: { ...rangesOf("standard"), meanGoalMgDl: 154, gmiGoalPercent: 7, cvGoalPercent: 36 },
  older: { ...rangesOf("older"), ...NO_AVERAGES },
  pregnancy: { ...rangesOf("pregnancy"), ...NO_AVERAGES },
};

function rangesOf(name: PresetName): Pick<Preset, "name" | "limits" | "goals" | "tightHigh"> {
  const { bounds, goals } = RANGE_PRESETS[name];
  // The consensus knows no very high in pregnancy, and its target is the tight range.
  const isPregnancy = name === "pregnancy";
  const limitsIn = (unit: GlucoseUnit): Limits => ({ ...bounds[unit], veryHigh: isPregnancy ? null : bounds[unit].veryHigh });
  return {
    name, goals,
    limits: { "mg/dL": limitsIn("mg/dL"), "mmol/L": limitsIn("mmol/L") },
    tightHigh: isPregnancy ? null : { "mg/dL": bounds["mg/dL"].tightHigh, "mmol/L": bounds["mmol/L"].tightHigh },
  };
}

export function presetOf(name: PresetName): Preset {
  return TABLE[name];
}

/** Percent of readings per band, 0–100, unrounded, each reading one vote, and of the tight range where the preset has one; null for no readings. */
export function sharesOf(values: Float64Array, unit: GlucoseUnit, preset: Preset): { readonly shares: BandShares; readonly tightPercent: number | null } | null {
  const found = timeInRanges(values, unit, RANGE_PRESETS[preset.name].bounds);
  if (found === null) return null;
  const { tight, ...shares } = found.ranges;
  const isOpen = preset.limits[unit].veryHigh === null;
  return { shares: isOpen ? { ...shares, high: found.tar, veryHigh: 0 } : shares, tightPercent: preset.tightHigh === null ? null : tight };
}
