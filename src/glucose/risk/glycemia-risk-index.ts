/** Glycemia risk index (GRI): one number from 0 to 100 out of time below and above range. Source: Klonoff 2023 (J Diabetes Sci Technol); cgm-metrics §7. */
import type { RangeShares } from "../ranges.ts";

export type GriZone = "A" | "B" | "C" | "D" | "E";

export interface GlycemiaRiskIndex {
  /** At most 100. */
  readonly gri: number;
  /** Very low + 0.8 · low, percent. */
  readonly hypo: number;
  /** Very high + 0.5 · high, percent. */
  readonly hyper: number;
  readonly zone: GriZone;
}

/** @param ranges shares in percent by the consensus' ranges (54, 70, 180, 250 mg/dL), unrounded. */
export function glycemiaRiskIndex({ veryLow, low, high, veryHigh }: Pick<RangeShares, "veryLow" | "low" | "high" | "veryHigh">): GlycemiaRiskIndex {
  const gri = Math.min(100, 3 * veryLow + 2.4 * low + 1.6 * veryHigh + 0.8 * high);
  return { gri, hypo: veryLow + 0.8 * low, hyper: veryHigh + 0.5 * high, zone: zoneOf(gri) };
}

function zoneOf(gri: number): GriZone {
  if (gri <= 20) return "A";
  if (gri <= 40) return "B";
  if (gri <= 60) return "C";
  return gri <= 80 ? "D" : "E";
}
