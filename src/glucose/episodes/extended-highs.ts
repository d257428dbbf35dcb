/**
 * Extended hyperglycaemia of the consensus: above 250 mg/dL for 90 minutes, together, within 120; over when 180 is not exceeded for 15 minutes. Source:
 * Battelino 2023 as cgmguru reads it; cgm-metrics §6.
 */
import { describeEpisode, followToEnd, segmentsOf, slotsFor, type Episode, type SlotRun } from "./detect.ts";
import type { TimeGrid } from "../grid.ts";

export interface ExtendedHighRule {
  /** Strictly above, in the unit of the grid (250 mg/dL). */
  readonly threshold: number;
  /** The episode ends when this is not exceeded (180 mg/dL). */
  readonly endThreshold: number;
  /** Time above the threshold, together. Default 90. */
  readonly cumulativeMinutes?: number;
  /** Within this time from the first slot above. Default 120. */
  readonly withinMinutes?: number;
  /** Default 15. */
  readonly endMinutes?: number;
}

/** Extended hyperglycaemic episodes, ascending. Each begins at a slot above the threshold. */
export function detectExtendedHighs(grid: TimeGrid, rule: ExtendedHighRule, segments: readonly SlotRun[] = segmentsOf(grid.values)): Episode[] {
  const { values, stepMinutes } = grid;
  const needed = slotsFor(rule.cumulativeMinutes ?? 90, stepMinutes);
  const within = slotsFor(rule.withinMinutes ?? 120, stepMinutes);
  const end = slotsFor(rule.endMinutes ?? 15, stepMinutes);
  const found: Episode[] = [];
  for (const segment of segments) {
    for (let from = segment.from; from <= segment.to; from++) {
      if (!(values[from]! > rule.threshold)) continue;
      const reached = reachedAt(values, { from, to: Math.min(segment.to, from + within - 1), threshold: rule.threshold, needed });
      if (reached === null) continue;
      const { last: to, isOver } = followToEnd(values, { from: reached + 1, to: segment.to, end, holds: (value) => value > rule.endThreshold });
      found.push(describeEpisode(grid, { from, to }, { side: "hyper", isStartCut: from === segment.from, isEndCut: !isOver }));
      from = to;
    }
  }
  return found;
}

/** Slot at which `needed` slots above the threshold have come together; null where they never do. What lies between them does not matter. */
function reachedAt(values: Float64Array, { from, to, threshold, needed }: SlotRun & { readonly threshold: number; readonly needed: number }): number | null {
  let above = 0;
  for (let i = from; i <= to; i++) {
    if (values[i]! > threshold) above++;
    if (above === needed) return i;
  }
  return null;
}
