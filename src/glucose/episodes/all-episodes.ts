/** The eight kinds of episodes together, with what they amount to. Source: cgm-metrics §6. */
import type { GlucoseUnit } from "#units/glucose.ts";
import type { TimeGrid } from "../grid.ts";
import { CONSENSUS_RANGES, type RangeBounds } from "../ranges.ts";
import { detectEpisodes, segmentsOf, type Episode, type EpisodeRule, type SlotRun } from "./detect.ts";
import { detectExtendedHighs } from "./extended-highs.ts";

export const EPISODE_KINDS = [
  "hypoLevel1", "hypoLevel2", "hypoExtended", "hypoLevel1Exclusive", "hyperLevel1", "hyperLevel2", "hyperExtended", "hyperLevel1Exclusive",
] as const;
export type EpisodeKind = (typeof EPISODE_KINDS)[number];

/** Means are null where there are none. Glucose in the unit of the grid. */
export interface EpisodeSummary {
  readonly count: number;
  /** Per day of readings (slots with values, in days); null without any. */
  readonly perDay: number | null;
  readonly meanDurationMinutes: number | null;
  /** Mean of the episodes' means. */
  readonly meanGlucose: number | null;
}

export type EpisodeLists = Readonly<Record<EpisodeKind, readonly Episode[]>>;

export interface EpisodeOptions {
  readonly unit: GlucoseUnit;
  /** Whose ranges; the consensus' unless given. Level 1 is beyond `low` and `high`, level 2 beyond `veryLow` and `veryHigh`. */
  readonly bounds?: RangeBounds;
  /** Default 15 and 15. */
  readonly startMinutes?: number;
  readonly endMinutes?: number;
  /** Those of the grid, where they are known already. */
  readonly segments?: readonly SlotRun[];
}

/**
 * Episodes of every kind. Level 1 and 2 last at least 15 minutes; extended hypoglycaemia is level 1 for more than 120 minutes; extended hyperglycaemia is
 * above level 2 for 90 minutes within 120. Exclusive ones are of level 1 and hold none of level 2.
 */
export function findEpisodes(grid: TimeGrid, options: EpisodeOptions): EpisodeLists {
  const { veryLow, low, high, veryHigh } = (options.bounds ?? CONSENSUS_RANGES)[options.unit];
  const { startMinutes = 15, endMinutes = 15, segments = segmentsOf(grid.values) } = options;
  const find = (rule: EpisodeRule): Episode[] => detectEpisodes(grid, { startMinutes, endMinutes, ...rule }, segments);
  const hypoLevel1 = find({ side: "hypo", threshold: low });
  const hypoLevel2 = find({ side: "hypo", threshold: veryLow });
  const hyperLevel1 = find({ side: "hyper", threshold: high });
  const hyperLevel2 = find({ side: "hyper", threshold: veryHigh });
  return {
    hypoLevel1, hypoLevel2, hypoExtended: find({ side: "hypo", threshold: low, startMinutes: 120, isLonger: true }), hypoLevel1Exclusive: without(hypoLevel1, hypoLevel2),
    hyperLevel1, hyperLevel2, hyperExtended: detectExtendedHighs(grid, { threshold: veryHigh, endThreshold: high, endMinutes }, segments),
    hyperLevel1Exclusive: without(hyperLevel1, hyperLevel2),
  };
}

/**
 * Hypoglycaemic episodes a day that begin after 20 and end after 30 minutes, as the personal glycemic state asks for them: of level 2, and of level 1 alone.
 * Always by the consensus' thresholds; null without readings.
 */
export function slowLowsPerDay(grid: TimeGrid, unit: GlucoseUnit, segments: readonly SlotRun[] = segmentsOf(grid.values)): { readonly level2PerDay: number | null; readonly level1OnlyPerDay: number | null } {
  const { veryLow, low } = CONSENSUS_RANGES[unit];
  const [level1, level2] = [low, veryLow].map((threshold) => detectEpisodes(grid, { side: "hypo", threshold, startMinutes: 20, endMinutes: 30 }, segments)) as [Episode[], Episode[]];
  const days = daysOf(grid, segments);
  return { level2PerDay: days === 0 ? null : level2.length / days, level1OnlyPerDay: days === 0 ? null : without(level1, level2).length / days };
}

/** Episodes that none of `others` overlaps. Both ascending. */
function without(episodes: readonly Episode[], others: readonly Episode[]): Episode[] {
  let at = 0;
  return episodes.filter(({ startMs, endMs }) => {
    while (at < others.length && others[at]!.endMs < startMs) at++;
    return at === others.length || others[at]!.startMs > endMs;
  });
}

/** What the episodes of each kind amount to over the grid they were found on. */
export function summarizeEpisodes(lists: EpisodeLists, grid: TimeGrid, segments: readonly SlotRun[] = segmentsOf(grid.values)): Record<EpisodeKind, EpisodeSummary> {
  const days = daysOf(grid, segments);
  const summaryOf = (episodes: readonly Episode[]): EpisodeSummary => {
    const minutes = episodes.reduce((sum, { durationMinutes }) => sum + durationMinutes, 0);
    const means = episodes.reduce((sum, { mean }) => sum + mean, 0);
    const count = episodes.length;
    return {
      count, perDay: days === 0 ? null : count / days, meanDurationMinutes: count === 0 ? null : minutes / count, meanGlucose: count === 0 ? null : means / count,
    };
  };
  return Object.fromEntries(EPISODE_KINDS.map((kind) => [kind, summaryOf(lists[kind])])) as Record<EpisodeKind, EpisodeSummary>;
}

/** Slots with values, as days. */
function daysOf({ stepMinutes }: TimeGrid, segments: readonly SlotRun[]): number {
  return (segments.reduce((sum, { from, to }) => sum + to - from + 1, 0) * stepMinutes) / 1440;
}
