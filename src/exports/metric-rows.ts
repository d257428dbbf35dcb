/** Every metric of a report in the order it is told in, with the kind of unit it has. */
import type { GlucoseAnalysis } from "#glucose/analyze.ts";
import type { EpisodeKind } from "#glucose/episodes/all-episodes.ts";
import type { MissingReason } from "#glucose/reasons.ts";

/** `glucose`: in the report's unit. `perHour`, `perMinute`: glucose over time. `index`: no unit. */
export type MetricUnit = "glucose" | "perHour" | "perMinute" | "percent" | "index";

export interface MetricRow {
  readonly name: string;
  /** Glucose in mg/dL. */
  readonly value: number | null;
  readonly unit: MetricUnit;
  /** Why there is no value. */
  readonly reason: MissingReason | null;
}

type Plain = Exclude<keyof GlucoseAnalysis, "ranges" | "mage" | "episodes" | "reasons" | "basis" | "griZone">;

/** Risk first, then variability; the central numbers stand in tables of their own. */
const METRICS: readonly (readonly [Plain, MetricUnit])[] = [
  ["gri", "index"], ["griHypo", "percent"], ["griHyper", "percent"], ["lbgi", "index"], ["hbgi", "index"], ["bgri", "index"], ["adrr", "index"], ["grade", "index"],
  ["gradeHypo", "percent"], ["gradeEuglycemia", "percent"], ["gradeHyper", "percent"], ["jIndex", "index"], ["mValue", "index"], ["igc", "index"], ["hypoIndex", "index"],
  ["hyperIndex", "index"], ["cogi", "index"], ["pgs", "index"], ["eA1c", "percent"], ["iqr", "glucose"], ["mad", "glucose"], ["modd", "glucose"], ["conga24", "glucose"],
  ["mag", "perHour"], ["mag60", "perHour"], ["gvp", "percent"], ["sdRoc", "perMinute"], ["sdW", "glucose"], ["sdHhMm", "glucose"], ["sdWsh", "glucose"], ["sdDm", "glucose"],
  ["sdB", "glucose"], ["sdBDm", "glucose"], ["cvMean", "percent"], ["cvSd", "percent"], ["auc", "glucose"], ["mageNaive", "glucose"],
];
const MAGE_KINDS = ["average", "service", "max", "plus", "minus"] as const;

/** @param analysis in mg/dL. */
export function metricRows(analysis: GlucoseAnalysis): MetricRow[] {
  const rows = METRICS.map(([name, unit]): MetricRow => ({ name, unit, value: analysis[name], reason: analysis.reasons[name] ?? null }));
  const mage = MAGE_KINDS.map((kind): MetricRow => ({ name: `mage.${kind}`, unit: "glucose", value: analysis.mage[kind], reason: analysis.reasons[`mage.${kind}`] ?? null }));
  return [...rows.slice(0, -1), ...mage, ...rows.slice(-1)];
}

/** Kinds of episodes in the order they are told in. */
export const TOLD_KINDS: readonly EpisodeKind[] = [
  "hypoLevel1", "hypoLevel1Exclusive", "hypoLevel2", "hypoExtended", "hyperLevel1", "hyperLevel1Exclusive", "hyperLevel2", "hyperExtended",
];
