/** A1C-like numbers computed from mean glucose. Take a mean in mg/dL; for mmol/L data, convert the mean, not the readings. */
import { toMmolL } from "#units/glucose.ts";

/**
 * Glucose management indicator, percent: 3.31 + 0.02392·mean.
 * @param meanMgDl mean glucose, mg/dL. The caller checks sufficiency (14 days, 70 % of readings).
 * Source: Bergenstal 2018, Diabetes Care 41:2275; cgm-metrics §4.
 */
export function gmiPercent(meanMgDl: number): number {
  return 3.31 + 0.02392 * meanMgDl;
}

/**
 * Glucose management indicator in the IFCC unit, mmol/mol: 12.71 + 4.70587·mean(mmol/L). Not exactly the conversion of the
 * percent form (the published coefficients are rounded): the two differ by less than 0.1 mmol/mol.
 * @param meanMgDl mean glucose, mg/dL.
 * Source: Bergenstal 2018; cgm-metrics §4 and §10b (still to be confirmed against the paper's text).
 */
export function gmiMmolMol(meanMgDl: number): number {
  return 12.71 + 4.70587 * toMmolL(meanMgDl);
}

/**
 * Estimated A1C (ADAG), percent: (mean + 46.7)/28.7. Older than GMI and not the same.
 * @param meanMgDl mean glucose, mg/dL.
 * Source: Nathan 2008, Diabetes Care 31:1473; cgm-metrics §4.
 */
export function eA1cPercent(meanMgDl: number): number {
  return (meanMgDl + 46.7) / 28.7;
}

/**
 * Updated glucose management indicator (uGMI), percent: 1 / (15.36/mean + 0.0425). A newer proposal; GMI is what reports show.
 * @param meanMgDl mean glucose, mg/dL. Source: cgm-metrics §4, as cgmguru 1.3.0 has it.
 */
export function uGmiPercent(meanMgDl: number): number {
  return 1 / (15.36 / meanMgDl + 0.0425);
}
