/** Where a window of several sources ends, so that what is merged within it is merged as in the whole. Pure. */
import { placeOf } from "../store/day.ts";
import { LONGEST_REACH_MS, type RankedSamples } from "./merge.ts";
import { LONGEST_SAMPLE_MS, type StoredSamples } from "../store/store.ts";

/**
 * Where a page may end that was cut at `endMs`, because one source had more: before it, all is read that merging depends on. No interval reaches
 * across it, and no instant near it could be hidden by one that was not read. May lie before the page's begin: then more must be read at once.
 */
export function settledEnd(ranked: readonly RankedSamples[], endMs: number): number {
  const measured = ranked.filter(({ isDayTotal }) => !isDayTotal);
  const asked = measured.length > 0 ? measured : ranked;
  if (asked.length < 2) return endMs;
  const hasInstants = asked.some(({ samples }) => Number.isNaN(samples.endMs.at(-1)));
  let settledMs = hasInstants ? endMs - LONGEST_REACH_MS : endMs;
  for (;;) {
    const beganMs = asked.reduce((earliest, { samples }) => Math.min(earliest, beganBefore(samples, settledMs)), settledMs);
    if (beganMs === settledMs) return settledMs;
    settledMs = beganMs;
  }
}

/** When the first of those began that reach across an instant; that instant where none does. */
function beganBefore({ startMs, endMs }: StoredSamples, atMs: number): number {
  for (let index = placeOf(startMs, atMs - LONGEST_SAMPLE_MS); index < startMs.length && startMs[index]! < atMs; index += 1) {
    if (endMs[index]! > atMs) return startMs[index]!;
  }
  return atMs;
}
