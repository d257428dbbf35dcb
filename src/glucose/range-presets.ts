/** Ranges and goals by whom they are for. Goals are what the consensus prints; Islet shows them beside the numbers and judges nobody. */
import { CONSENSUS_RANGES, type RangeBounds } from "./ranges.ts";

export const PRESET_NAMES = ["standard", "older", "pregnancy", "pregnancyType2", "tight"] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

/** Percent of readings; null where the consensus sets none. */
export interface RangeGoals {
  /** In target: at least. */
  readonly target: number | null;
  /** Below target, very low included: less than. */
  readonly below: number | null;
  readonly veryLow: number | null;
  /** Above target, very high included: less than. */
  readonly above: number | null;
  readonly veryHigh: number | null;
}

export interface RangePreset {
  readonly bounds: RangeBounds;
  readonly goals: RangeGoals;
}

const PREGNANCY: RangeBounds = {
  "mg/dL": { veryLow: 54, low: 63, high: 140, veryHigh: 250, tightHigh: 140 },
  "mmol/L": { veryLow: 3.0, low: 3.5, high: 7.8, veryHigh: 13.9, tightHigh: 7.8 },
};

const TIGHT: RangeBounds = {
  "mg/dL": { ...CONSENSUS_RANGES["mg/dL"], high: 140 },
  "mmol/L": { ...CONSENSUS_RANGES["mmol/L"], high: 7.8 },
};

const NO_GOALS: RangeGoals = { target: null, below: null, veryLow: null, above: null, veryHigh: null };

/**
 * `standard`: type 1 and type 2. `older`: older people and those at high risk. `pregnancy`: pregnancy with type 1. `pregnancyType2`: pregnancy with type 2 or
 * gestational diabetes, for which the consensus prints ranges and no goals. `tight`: 70–140 mg/dL as the target, without goals. A pregnancy's readings over
 * 250 mg/dL are told apart for information; the consensus has no such band there. Source: Battelino 2019, 2023; cgm-metrics §5.
 */
export const RANGE_PRESETS: Readonly<Record<PresetName, RangePreset>> = {
  standard: { bounds: CONSENSUS_RANGES, goals: { target: 70, below: 4, veryLow: 1, above: 25, veryHigh: 5 } },
  older: { bounds: CONSENSUS_RANGES, goals: { target: 50, below: 1, veryLow: null, above: 50, veryHigh: 10 } },
  pregnancy: { bounds: PREGNANCY, goals: { target: 70, below: 4, veryLow: 1, above: 25, veryHigh: null } },
  pregnancyType2: { bounds: PREGNANCY, goals: NO_GOALS },
  tight: { bounds: TIGHT, goals: NO_GOALS },
};
