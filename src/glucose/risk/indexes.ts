/** Single numbers for the quality of control, each by its own paper; all on mg/dL. Source: cgm-metrics §4 and §7. */
import { meanOf, sumOf, type Distribution } from "../distribution.ts";

/** J-index: 0.001 · (mean + SD)². Wójcicki 1995. */
export function jIndex(meanMgDl: number, sdMgDl: number): number {
  return 0.001 * (meanMgDl + sdMgDl) ** 2;
}

/**
 * M-value: mean of 1000 · |log10(g / reference)|³. Schlichtkrull 1965 took 120 mg/dL and added range/20 for small numbers of readings; iglu takes 90 and adds
 * nothing, which is the default. Null without readings.
 */
export function mValue(readings: Distribution, { reference = 90, rangeCorrection = false }: { readonly reference?: number; readonly rangeCorrection?: boolean } = {}): number | null {
  const value = meanOf(readings, (mgDl) => 1000 * Math.abs(Math.log10(mgDl / reference)) ** 3);
  return value === null || !rangeCorrection ? value : value + (readings.values[readings.values.length - 1]! - readings.values[0]!) / 20;
}

export interface GlycaemicControl {
  readonly hypoIndex: number;
  readonly hyperIndex: number;
  /** Both together. */
  readonly igc: number;
}

/** Index of glycaemic control with its parts, beyond 80 and 140 mg/dL. Null without readings. Rodbard 2009. */
export function glycaemicControl(readings: Distribution, { low = 80, high = 140 }: { readonly low?: number; readonly high?: number } = {}): GlycaemicControl | null {
  if (readings.total === 0) return null;
  const hypoIndex = sumOf(readings, (mgDl) => (mgDl < low ? (low - mgDl) ** 2 : 0)) / (30 * readings.total);
  const hyperIndex = sumOf(readings, (mgDl) => (mgDl > high ? (mgDl - high) ** 1.1 : 0)) / (30 * readings.total);
  return { hypoIndex, hyperIndex, igc: hypoIndex + hyperIndex };
}

/** Continuous glucose monitoring index (COGI), 0–100, of time in range 70–180, time below 70 (percent) and SD (mg/dL). Leelarathna 2019. */
export function cogi({ target, below, sdMgDl }: { readonly target: number; readonly below: number; readonly sdMgDl: number }): number {
  const clip = (share: number): number => Math.min(1, Math.max(0, share));
  return 100 * (0.5 * clip(target / 100) + 0.35 * clip(1 - below / 15) + 0.15 * clip(1 - (sdMgDl - 18) / 90));
}

export interface PersonalGlycemicStateInput {
  /** Percent. */
  readonly gvp: number;
  readonly inTargetPercent: number;
  readonly meanMgDl: number;
  /** Hypoglycaemic episodes a week that begin after 20 and end after 30 minutes: level 2, and level 1 alone. */
  readonly level2PerWeek: number;
  readonly level1OnlyPerWeek: number;
}

/**
 * Personal glycemic state (PGS), 4.6 to 50 or so, lower is better. Hirsch 2017. Not what Nightscout and older Dexcom software call "PGS" (variability · mean ·
 * time out of range).
 */
export function personalGlycemicState(input: PersonalGlycemicStateInput): number {
  const { gvp, inTargetPercent, meanMgDl, level2PerWeek, level1OnlyPerWeek } = input;
  const rising = (slope: number, from: number, value: number): number => 1 / (1 + Math.exp(-slope * (value - from)));
  const ofVariability = 1 + 9 * rising(0.049, 65.47, gvp);
  const ofRange = 1 + 9 * rising(-0.0833, 55.04, inTargetPercent);
  const ofMean = 1 + 9 * (rising(-0.1139, 72.08, meanMgDl) + rising(0.09195, 157.57, meanMgDl));
  const ofLevel2 = 0.5 + 4.5 * (1 - Math.exp(-0.81093 * level2PerWeek));
  const ofLevel1 = level1OnlyPerWeek <= 7.65 ? 0.5714 * level1OnlyPerWeek + 0.625 : 5;
  return ofVariability + ofRange + ofMean + ofLevel2 + ofLevel1;
}
