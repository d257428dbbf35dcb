/** What days of glucose amount to together. Pure. */
import { gmiMmolMol, gmiPercent } from "#glucose/gmi.ts";
import type { RangeShares } from "#glucose/ranges.ts";
import { glycemiaRiskIndex, type GriZone } from "#glucose/risk/glycemia-risk-index.ts";
import { jIndex } from "#glucose/risk/indexes.ts";
import { roundHalfEven } from "#glucose/rounding.ts";
import { wearOfReadings } from "#glucose/wear.ts";
import { MINUTE_MS, type Window } from "#units/time.ts";
import { countEpisodes, type EpisodeCounts } from "./episode-days.ts";
import { addSteps, binOf, type Bin, type GlucosePart, type StepBin } from "./glucose-day.ts";

/** Glucose in mg/dL, shares in percent 0–100, unrounded; null where undefined. */
export interface GlucosePeriod {
  readonly readings: number;
  /** Local days that have readings. */
  readonly days: number;
  readonly mean: number | null;
  readonly sd: number | null;
  readonly cvPercent: number | null;
  readonly gmiPercent: number | null;
  readonly gmiMmolMol: number | null;
  readonly rangesPercent: RangeShares | null;
  /** Below and above target, percent. */
  readonly tbr: number | null;
  readonly tar: number | null;
  readonly wearPercent: number | null;
  readonly risk: PeriodRisk | null;
  /** Episodes that begin in the period; `unknown` where the days do not say (`countEpisodes`). */
  readonly episodes: EpisodeCounts | "unknown" | null;
}

/** Named as in the analysis of a period (glucose/analyze.ts). */
export interface PeriodRisk {
  readonly gri: number;
  readonly griHypo: number;
  readonly griHyper: number;
  readonly griZone: GriZone;
  readonly lbgi: number;
  readonly hbgi: number;
  readonly bgri: number;
  readonly adrr: number;
  /** Null for a single reading. */
  readonly jIndex: number | null;
}

const NO_GLUCOSE: GlucosePeriod = {
  readings: 0, days: 0, mean: null, sd: null, cvPercent: null, gmiPercent: null, gmiMmolMol: null, rangesPercent: null, tbr: null, tar: null, wearPercent: null,
  risk: null, episodes: null,
};

/**
 * What whole days amount to together: the same numbers as `summarize` and `analyze` of glucose/ have of their readings over the window, but for rounding.
 * @param parts ascending, all in the window. Too little data gives nulls.
 * Source: Chan 1983 for the merged spread; cgm-metrics §3 to §7 for the rest.
 */
export function glucosePeriod(parts: readonly GlucosePart[], window: Window): GlucosePeriod {
  if (parts.length === 0) return NO_GLUCOSE;
  const readings = parts.reduce((sum, { count }) => sum + count, 0);
  const mean = parts.reduce((sum, part) => sum + part.mean * (part.count / readings), 0);
  const m2 = parts.reduce((sum, part) => sum + part.m2 + part.count * (part.mean - mean) ** 2, 0);
  const sd = readings < 2 ? null : Math.sqrt(m2 / (readings - 1));
  const counts = [0, 0, 0, 0, 0, 0];
  for (const { ranges } of parts) for (let index = 0; index < counts.length; index++) counts[index]! += ranges[index]!;
  const share = (count: number): number => (100 * count) / readings;
  const [veryLow, low, target, high, veryHigh, tight] = counts as [number, number, number, number, number, number];
  const rangesPercent = { veryLow: share(veryLow), low: share(low), target: share(target), high: share(high), veryHigh: share(veryHigh), tight: share(tight) };
  const steps = stepsOf(parts);
  const cadence = cadenceOf(steps);
  return {
    readings, days: parts.length, mean, sd, cvPercent: sd === null || mean === 0 ? null : (100 * sd) / mean, gmiPercent: gmiPercent(mean), gmiMmolMol: gmiMmolMol(mean),
    rangesPercent, tbr: share(veryLow + low), tar: share(high + veryHigh), wearPercent: wearOf(parts, { steps, cadence, window }), risk: riskOf(parts, { readings, mean, sd, rangesPercent }),
    episodes: countEpisodes(parts, cadence),
  };
}

function riskOf(parts: readonly GlucosePart[], { readings, mean, sd, rangesPercent }: { readonly readings: number; readonly mean: number; readonly sd: number | null; readonly rangesPercent: RangeShares }): PeriodRisk {
  let [low, high, ranges] = [0, 0, 0];
  for (const part of parts) {
    low += part.lowRisk;
    high += part.highRisk;
    ranges += part.riskRange;
  }
  const { gri, hypo, hyper, zone } = glycemiaRiskIndex(rangesPercent);
  const [lbgi, hbgi] = [low / readings, high / readings];
  return { gri, griHypo: hypo, griHyper: hyper, griZone: zone, lbgi, hbgi, bgri: lbgi + hbgi, adrr: ranges / parts.length, jIndex: sd === null ? null : jIndex(mean, sd) };
}

/** Steps within the days and from each to the next, ascending. */
function stepsOf(parts: readonly GlucosePart[]): StepBin[] {
  const bins = new Map<number, Bin>();
  for (const [index, part] of parts.entries()) {
    for (const bin of part.steps) addSteps(bins, bin);
    if (index > 0) addSteps(bins, binOf(part.firstMs - parts[index - 1]!.lastMs));
  }
  return [...bins.values()].toSorted((a, b) => a[0] - b[0]);
}

function wearOf(parts: readonly GlucosePart[], { steps, cadence, window }: { readonly steps: readonly StepBin[]; readonly cadence: number | null; readonly window: Window }): number | null {
  if (cadence === null) return null;
  const gaps = steps.filter(([minutes]) => minutes > cadence);
  const gapMinutes = gaps.reduce((sum, [, , ms]) => sum + ms, 0) / MINUTE_MS;
  const missing = roundHalfEven((gapMinutes - gaps.reduce((sum, [, count]) => sum + count, 0) * cadence) / cadence);
  return wearOfReadings({ firstMs: parts[0]!.firstMs, lastMs: parts.at(-1)!.lastMs, missing }, cadence, window);
}

/** The median step in whole minutes, at least 1; null without steps. Each bin is a whole number of minutes, so only a median between two needs their ends. */
function cadenceOf(steps: readonly StepBin[]): number | null {
  const count = steps.reduce((sum, [, each]) => sum + each, 0);
  if (count === 0) return null;
  const binAt = (place: number): StepBin => {
    let before = 0;
    return steps.find(([, each]) => (before += each) > place)!;
  };
  const [low, high] = [binAt(Math.floor((count - 1) / 2)), binAt(Math.floor(count / 2))];
  return Math.max(1, low === high ? low[0] : roundHalfEven((low[4] + (high[3] - low[4]) / 2) / MINUTE_MS));
}
