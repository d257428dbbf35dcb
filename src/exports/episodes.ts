/** The episodes that a report lists. Source: Battelino 2023; cgm-metrics §6. */
import { findEpisodes, type EpisodeLists } from "#glucose/episodes/all-episodes.ts";
import type { Episode } from "#glucose/episodes/detect.ts";
import { timeGrid } from "#glucose/grid.ts";
import { RANGE_PRESETS } from "#glucose/range-presets.ts";
import type { Series } from "#glucose/series.ts";
import { type GlucoseUnit, toMgDl } from "#units/glucose.ts";
import { MINUTE_MS } from "#units/time.ts";
import type { Preset } from "./presets.ts";
import type { ReportEpisode } from "./report-types.ts";

/**
 * Episodes below and above the target, ascending by start, mg/dL; `band` says how far each went for a quarter of an hour. None where the cadence is unknown.
 * Throws RangeError for an unknown zone.
 */
export function reportEpisodes(series: Series, { zone, preset }: { readonly zone: string; readonly preset: Preset }): ReportEpisode[] {
  const grid = timeGrid(series, zone, { kind: "iglu" });
  if (!grid) return [];
  const lists = findEpisodes(grid, { unit: series.unit, bounds: RANGE_PRESETS[preset.name].bounds });
  // A set of ranges without very high tells no highs apart.
  const deepHighs = preset.limits["mg/dL"].veryHigh === null ? [] : lists.hyperLevel2;
  return [...told(lists.hypoLevel1, lists.hypoLevel2, ["low", "veryLow"], series.unit), ...told(lists.hyperLevel1, deepHighs, ["high", "veryHigh"], series.unit)]
    .toSorted((a, b) => a.startMs - b.startMs);
}

type Bands = readonly [ReportEpisode["band"], ReportEpisode["band"]];

function told(episodes: EpisodeLists["hypoLevel1"], deeper: readonly Episode[], [band, deepBand]: Bands, unit: GlucoseUnit): ReportEpisode[] {
  const tell = unit === "mg/dL" ? (value: number): number => value : toMgDl;
  return episodes.map(({ startMs, endMs, durationMinutes, mean, extreme, isStartCut, isEndCut }) => ({
    startMs,
    endMs: startMs + durationMinutes * MINUTE_MS,
    band: deeper.some((other) => other.startMs <= endMs && other.endMs >= startMs) ? deepBand : band,
    extreme: tell(extreme),
    mean: tell(mean),
    isCut: isStartCut || isEndCut,
  }));
}
