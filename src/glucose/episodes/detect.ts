/**
 * Episodes below or above a threshold on an even grid: glucose crosses for a while, and comes back for a while. State never crosses a gap; an episode that a gap
 * or the end of data cuts counts, and is marked. Source: cgm-metrics §6 (Battelino 2023 as iglu reads it).
 */
import { MINUTE_MS } from "#units/time.ts";
import type { TimeGrid } from "../grid.ts";

export type Side = "hypo" | "hyper";

export interface EpisodeRule {
  readonly side: Side;
  /** Strictly below (hypo) or above (hyper), in the unit of the grid. */
  readonly threshold: number;
  /** The crossing must last this long without interruption. Default 15. */
  readonly startMinutes?: number;
  /** The recovery that ends it must last this long. Default 15. */
  readonly endMinutes?: number;
  /** More than `startMinutes`, not just as long: one slot more. Extended episodes are asked for so. */
  readonly isLonger?: boolean;
}

export interface Episode {
  readonly startMs: number;
  /** Instant of the last slot that belongs to it. */
  readonly endMs: number;
  /** Slots times step: a single 5-minute slot lasts five minutes. */
  readonly durationMinutes: number;
  /** In the unit of the grid. */
  readonly mean: number;
  /** Nadir of a hypo-, peak of a hyperglycaemic episode. */
  readonly extreme: number;
  readonly extremeMs: number;
  /** Whether it began before a gap ended, or before the data, and whether it was still going on when they did. */
  readonly isStartCut: boolean;
  readonly isEndCut: boolean;
}

/** A stretch of slots `[from, to]`, both in. */
export interface SlotRun {
  readonly from: number;
  readonly to: number;
}

/** Stretches of slots with values. */
export function segmentsOf(values: Float64Array): SlotRun[] {
  const segments: SlotRun[] = [];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    const from = i;
    while (i + 1 < values.length && !Number.isNaN(values[i + 1]!)) i++;
    segments.push({ from, to: i });
  }
  return segments;
}

/** How many slots make `minutes`: at least that long. */
export function slotsFor(minutes: number, stepMinutes: number): number {
  return Math.max(1, Math.ceil(minutes / stepMinutes));
}

/** Episodes of one rule, ascending. @param segments those of the grid. */
export function detectEpisodes(grid: TimeGrid, rule: EpisodeRule, segments: readonly SlotRun[] = segmentsOf(grid.values)): Episode[] {
  const found: Episode[] = [];
  const start = slotsFor(rule.startMinutes ?? 15, grid.stepMinutes) + (rule.isLonger ? 1 : 0);
  const end = slotsFor(rule.endMinutes ?? 15, grid.stepMinutes);
  const { values } = grid;
  const sign = rule.side === "hypo" ? 1 : -1;
  const limit = sign * rule.threshold;
  for (const segment of segments) {
    for (let i = segment.from; i <= segment.to; ) {
      if (!(sign * values[i]! < limit)) {
        i++;
        continue;
      }
      let runEnd = i;
      while (runEnd < segment.to && sign * values[runEnd + 1]! < limit) runEnd++;
      if (runEnd - i + 1 < start) {
        i = runEnd + 1;
        continue;
      }
      const { last, isOver } = followToEnd(values, { from: runEnd + 1, to: segment.to, end, holds: (value) => sign * value < limit });
      found.push(describeEpisode(grid, { from: i, to: last }, { side: rule.side, isStartCut: i === segment.from, isEndCut: !isOver }));
      i = last + 1;
    }
  }
  return found;
}

/** The slot before the first recovery that is long enough, or the last slot there is. */
export function followToEnd(
  values: Float64Array, { from, to, end, holds }: SlotRun & { readonly end: number; readonly holds: (value: number) => boolean },
): { readonly last: number; readonly isOver: boolean } {
  let recovered = 0;
  for (let i = from; i <= to; i++) {
    recovered = holds(values[i]!) ? 0 : recovered + 1;
    if (recovered === end) return { last: i - end, isOver: true };
  }
  return { last: to, isOver: false };
}

export function describeEpisode(
  { values, startMs, stepMinutes }: TimeGrid, { from, to }: SlotRun, about: { readonly side: Side; readonly isStartCut: boolean; readonly isEndCut: boolean },
): Episode {
  let [sum, extremeAt] = [0, from];
  for (let i = from; i <= to; i++) {
    sum += values[i]!;
    if (about.side === "hypo" ? values[i]! < values[extremeAt]! : values[i]! > values[extremeAt]!) extremeAt = i;
  }
  const at = (slot: number): number => startMs + slot * stepMinutes * MINUTE_MS;
  return {
    startMs: at(from), endMs: at(to), durationMinutes: (to - from + 1) * stepMinutes, mean: sum / (to - from + 1), extreme: values[extremeAt]!, extremeMs: at(extremeAt),
    isStartCut: about.isStartCut, isEndCut: about.isEndCut,
  };
}
