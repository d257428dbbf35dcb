/** Glycaemic risk assessment diabetes equation (GRADE). Source: Hill 2007 (Diabetic Medicine); cgm-metrics §7. */
import { sumOf, type Distribution } from "../distribution.ts";

/** GRADE is defined on mmol/L by this factor, whatever factor is used elsewhere. */
const MG_DL_PER_MMOL_L = 18;
const MOST = 50;

/** Where euglycaemia begins and ends, and below what a reading counts as hypoglycaemia, mg/dL. */
export interface GradeBounds {
  readonly low: number;
  readonly high: number;
  readonly hypo: number;
}

/**
 * `published`: 3.9 and 7.8 mmol/L, so that the three parts make 100 %. `iglu`: its default of 80 for hypoglycaemia, so that 70–79 count in two parts.
 */
export const GRADE_BOUNDS = {
  published: { low: 70, high: 140, hypo: 70 },
  iglu: { low: 70, high: 140, hypo: 80 },
} as const satisfies Record<string, GradeBounds>;

export interface Grade {
  readonly grade: number;
  /** Shares of the sum, percent; null where all readings score zero. */
  readonly hypo: number | null;
  readonly euglycemia: number | null;
  readonly hyper: number | null;
}

/** Mean score of the readings, each at most 50, and what its parts contribute. Null without readings. @param readings in mg/dL. */
export function grade(readings: Distribution, bounds: GradeBounds): Grade | null {
  const scored = { ...readings, counts: readings.counts.map((count, i) => (isScored(readings.values[i]!) ? count : 0)) };
  const count = sumOf(scored, () => 1);
  if (count === 0) return null;
  const total = sumOf(scored, score);
  const share = (holds: (mgDl: number) => boolean): number | null => (total === 0 ? null : (100 * sumOf(scored, (mgDl) => (holds(mgDl) ? score(mgDl) : 0))) / total);
  return {
    grade: total / count, hypo: share((mgDl) => mgDl < bounds.hypo), euglycemia: share((mgDl) => mgDl >= bounds.low && mgDl <= bounds.high),
    hyper: share((mgDl) => mgDl > bounds.high),
  };
}

/** The double logarithm is not defined below 18 mg/dL; at 18 it has no bound, and the score is the highest. */
function isScored(mgDl: number): boolean {
  return mgDl >= MG_DL_PER_MMOL_L;
}

function score(mgDl: number): number {
  if (!isScored(mgDl)) return 0;
  return Math.min(MOST, 425 * (Math.log10(Math.log10(mgDl / MG_DL_PER_MMOL_L)) + 0.16) ** 2);
}
