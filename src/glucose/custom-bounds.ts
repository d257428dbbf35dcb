/** Ranges that somebody chose: four thresholds in one unit, which are the printed ones in the other where there are such. Pure. */
import { MG_DL_PER_MMOL_L, type GlucoseUnit } from "#units/glucose.ts";
import { RANGE_PRESETS } from "./range-presets.ts";
import { CONSENSUS_RANGES, type RangeBounds, type RangeThresholds } from "./ranges.ts";

export interface ChosenBounds {
  readonly unit: GlucoseUnit;
  readonly veryLow: number;
  readonly low: number;
  readonly high: number;
  readonly veryHigh: number;
}

/** The thresholds in both units; null for what does not ascend from above nought. The tight range ends where the consensus' does, or with the target. */
export function boundsOf({ unit, veryLow, low, high, veryHigh }: ChosenBounds): RangeBounds | null {
  if (!(veryLow > 0 && veryLow <= low && low < high && high <= veryHigh && Number.isFinite(veryHigh))) return null;
  const inUnitOf = (other: GlucoseUnit): RangeThresholds => {
    const told = (number: number): number => (other === unit ? number : elsewhere(number, unit));
    return { veryLow: told(veryLow), low: told(low), high: told(high), veryHigh: told(veryHigh), tightHigh: Math.min(told(high), CONSENSUS_RANGES[other].tightHigh) };
  };
  return { "mg/dL": inUnitOf("mg/dL"), "mmol/L": inUnitOf("mmol/L") };
}

/** A threshold in the other unit: as the consensus prints it where it prints it, converted else. */
function elsewhere(threshold: number, unit: GlucoseUnit): number {
  const other = unit === "mg/dL" ? "mmol/L" : "mg/dL";
  for (const { bounds } of Object.values(RANGE_PRESETS)) {
    for (const [name, printed] of Object.entries(bounds[unit]) as [keyof RangeThresholds, number][]) if (printed === threshold) return bounds[other][name];
  }
  return unit === "mg/dL" ? threshold / MG_DL_PER_MMOL_L : threshold * MG_DL_PER_MMOL_L;
}
