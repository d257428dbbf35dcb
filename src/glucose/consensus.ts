/** The consensus' standard set of a series, and nothing else: what a list of patients shows of each. Source: Battelino 2019; cgm-metrics §3–§5, §7. */
import { toMgDl } from "#units/glucose.ts";
import { activePercent } from "./active-percent.ts";
import { distributionOf } from "./distribution.ts";
import { gmiMmolMol, gmiPercent } from "./gmi.ts";
import { rangesOf, type RangeBounds, type RangeShares } from "./ranges.ts";
import { glycemiaRiskIndex, type GriZone } from "./risk/glycemia-risk-index.ts";
import type { Series } from "./series.ts";
import { describeDistribution } from "./statistics.ts";

/** Glucose in the unit of the series, shares in percent 0–100, unrounded; null where undefined. */
export interface ConsensusSet {
  readonly readings: number;
  readonly activePercent: number | null;
  readonly mean: number | null;
  readonly sd: number | null;
  readonly cv: number | null;
  /** Percent, and mmol/mol. Whether there is enough for it is the caller's matter (`insufficiency`). */
  readonly gmi: number | null;
  readonly gmiMmolMol: number | null;
  readonly ranges: RangeShares | null;
  readonly tbr: number | null;
  readonly tar: number | null;
  readonly gri: number | null;
  readonly griZone: GriZone | null;
}

/** @param bounds ranges of `ranges`, `tbr` and `tar`; the consensus' unless given. GRI is defined on those. */
export function consensusSet(series: Series, bounds?: RangeBounds): ConsensusSet {
  const readings = distributionOf(series.values);
  const described = describeDistribution(readings);
  const inRanges = rangesOf(readings, series.unit, bounds);
  const gri = described && glycemiaRiskIndex(rangesOf(readings, series.unit)!.ranges);
  const meanMgDl = described && (series.unit === "mg/dL" ? described.mean : toMgDl(described.mean));
  return {
    readings: readings.total, activePercent: activePercent(series.timesMs, series.cadenceMinutes), mean: described?.mean ?? null, sd: described?.sd ?? null,
    cv: described?.cvPercent ?? null, gmi: meanMgDl === null ? null : gmiPercent(meanMgDl), gmiMmolMol: meanMgDl === null ? null : gmiMmolMol(meanMgDl),
    ranges: inRanges?.ranges ?? null, tbr: inRanges?.tbr ?? null, tar: inRanges?.tar ?? null, gri: gri?.gri ?? null, griZone: gri?.zone ?? null,
  };
}
