/** Why a metric has no number. */

/**
 * `no_readings`; `single_reading`: a spread, a change or a rhythm needs two; `too_sparse`: readings lie more than 45 minutes
 * apart and are never joined; `one_day`: differences between days need two; `too_short`: MAGE needs 32 slots, CONGA more than its hours; `no_excursions`: the
 * trace never rises or falls by one SD; `nothing_scored`: all readings score zero, so that there are no shares of the score; `none_to_compare`: gaps leave no
 * two slots to compare.
 */
export type MissingReason =
  | "no_readings" | "single_reading" | "too_sparse" | "one_day" | "too_short" | "no_excursions" | "nothing_scored" | "none_to_compare";

/** Metrics that live on the grid. */
const ON_GRID = ["pgs", "modd", "conga24", "mag", "mag60", "gvp", "sdRoc", "sdW", "sdHhMm", "sdWsh", "sdDm", "sdB", "sdBDm", "cvMean", "cvSd", "auc", "episodes"];
const BETWEEN_DAYS = ["modd", "sdDm", "sdB", "sdBDm", "cvSd"];
const SHARES_OF_SCORE = ["gradeHypo", "gradeEuglycemia", "gradeHyper"];
const MAGE_FEWEST_SLOTS = 32;

interface Found {
  readonly readings: number;
  readonly days: number;
  readonly mage: { readonly [name: string]: number | null } | object;
}

/** One reason for each number that is null, by its name; MAGE's as `mage.average` and so on. */
export function reasonsFor(found: Found, grid: { readonly cadenceMinutes: number | null; readonly gridStepMinutes: number | null }): Record<string, MissingReason> {
  const reasons: Record<string, MissingReason> = {};
  for (const [name, value] of Object.entries(found)) if (value === null) reasons[name] = reasonFor(name, found, grid);
  for (const [name, value] of Object.entries(found.mage)) {
    if (value !== null) continue;
    reasons[`mage.${name}`] = reasonOfMage(found, grid);
  }
  return reasons;
}

function reasonFor(name: string, { readings, days }: Found, grid: { readonly gridStepMinutes: number | null }): MissingReason {
  if (readings === 0) return "no_readings";
  if (readings === 1) return "single_reading";
  if (ON_GRID.includes(name) && grid.gridStepMinutes === null) return "too_sparse";
  if (BETWEEN_DAYS.includes(name) && days < 2) return "one_day";
  if (SHARES_OF_SCORE.includes(name)) return "nothing_scored";
  return name === "conga24" ? "too_short" : "none_to_compare";
}

function reasonOfMage({ readings }: Found, { cadenceMinutes, gridStepMinutes }: { readonly cadenceMinutes: number | null; readonly gridStepMinutes: number | null }): MissingReason {
  if (readings === 0) return "no_readings";
  if (readings === 1) return "single_reading";
  if (gridStepMinutes === null) return "too_sparse";
  return readings * Math.max(5, cadenceMinutes ?? 5) < MAGE_FEWEST_SLOTS * 5 ? "too_short" : "no_excursions";
}
