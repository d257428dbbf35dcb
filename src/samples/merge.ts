/**
 * Several sources of one metric as one line, decided per interval and never per day: the better source where it has data, the next
 * one in its gaps. Pure; nothing is deleted, `source=` still shows each alone.
 */
import type { StoredSamples } from "./store.ts";

export interface RankedSamples {
  /** Index into the reply's list of sources. */
  readonly sourceIndex: number;
  readonly samples: StoredSamples;
}

export interface MergedSamples {
  readonly startMs: number[];
  readonly endMs: number[];
  readonly values: number[];
  readonly offsetMinutes: (number | null)[];
  readonly flags: number[];
  readonly sourceIndexes: number[];
}

/** An instant of a lower-ranked source this close to one of a better source tells nothing new (half a slow sensor's period). */
export const NEAR_MS = 7.5 * 60_000;

/**
 * Merges sources, the best first. An instant is taken from a lower source only further than half a period from every better one's; an
 * interval only where it overlaps none of a better one's.
 */
export function mergeSources(ranked: readonly RankedSamples[]): MergedSamples {
  const merged: MergedSamples = { startMs: [], endMs: [], values: [], offsetMinutes: [], flags: [], sourceIndexes: [] };
  const taken: { fromMs: number; toMs: number }[] = [];
  for (const [rank, { sourceIndex, samples }] of ranked.entries()) {
    const isFree = freeFinder(taken);
    const isFollowed = rank < ranked.length - 1;
    for (let index = 0; index < samples.values.length; index += 1) {
      const startMs = samples.startMs[index]!;
      const endMs = samples.endMs[index]!;
      const isInterval = !Number.isNaN(endMs) && endMs > startMs;
      const fromMs = isInterval ? startMs : startMs - NEAR_MS;
      const toMs = isInterval ? endMs : startMs + NEAR_MS;
      if (!isFree(startMs, isInterval ? endMs : startMs + 1)) continue;
      if (isFollowed) taken.push({ fromMs, toMs });
      merged.startMs.push(startMs);
      merged.endMs.push(endMs);
      merged.values.push(samples.values[index]!);
      merged.offsetMinutes.push(samples.offsetMinutes[index] ?? null);
      merged.flags.push(samples.flags[index]!);
      merged.sourceIndexes.push(sourceIndex);
    }
  }
  return ranked.length > 1 ? sortByStart(merged) : merged;
}

/** Whether `[fromMs, toMs)` touches none of the stretches taken until now. */
function freeFinder(taken: readonly { fromMs: number; toMs: number }[]): (fromMs: number, toMs: number) => boolean {
  const stretches = taken.toSorted((a, b) => a.fromMs - b.fromMs);
  // The furthest end so far, so that a long stretch before a short one is not overlooked.
  const furthest: number[] = [];
  for (const stretch of stretches) furthest.push(Math.max(stretch.toMs, furthest.at(-1) ?? Number.NEGATIVE_INFINITY));
  return (fromMs, toMs) => {
    // How many stretches begin before `toMs`. Searched anew each time: intervals of one source may lie within one another.
    let [low, high] = [0, stretches.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (stretches[middle]!.fromMs < toMs) low = middle + 1;
      else high = middle;
    }
    return low === 0 || furthest[low - 1]! <= fromMs;
  };
}

function sortByStart(merged: MergedSamples): MergedSamples {
  // Often the lower sources had nothing to add.
  if (merged.startMs.every((ms, index) => index === 0 || merged.startMs[index - 1]! <= ms)) return merged;
  const order = merged.startMs.map((_, index) => index).toSorted((a, b) => merged.startMs[a]! - merged.startMs[b]!);
  const pick = <T>(column: readonly T[]): T[] => order.map((index) => column[index]!);
  return {
    startMs: pick(merged.startMs), endMs: pick(merged.endMs), values: pick(merged.values), offsetMinutes: pick(merged.offsetMinutes),
    flags: pick(merged.flags), sourceIndexes: pick(merged.sourceIndexes),
  };
}
