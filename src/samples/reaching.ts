/** Where a window of several sources begins and ends, so that what is merged within it is merged as in the whole. */
import type { Tx } from "#db/database.ts";
import { firstFrom } from "./columns.ts";
import { LONGEST_REACH_MS, type RankedSamples } from "./merge.ts";
import type { Series } from "./series.ts";
import { LONGEST_SAMPLE_MS, readReaching, readSamples, type StoredSamples } from "./store.ts";

/** One a second in the longest stretch. */
const MOST_BESIDE = 100_000;

/**
 * By series, the samples before `fromMs` that the merging of what comes after depends on: intervals that reach beyond it, instants that speak
 * for its first minutes, and all that lies beside such an interval in other sources. Empty for one source alone, which is not merged.
 */
export async function samplesBefore(tx: Tx, patientId: string, sources: readonly Series[], fromMs: number): Promise<Map<string, StoredSamples>> {
  const before = new Map<string, StoredSamples>();
  if (sources.length < 2) return before;
  // A total of a day that began before the window is none of its days.
  const measured = sources.filter(({ isDayTotal }) => !isDayTotal);
  const asked = measured.length > 0 ? measured : sources;
  let earliestMs = fromMs;
  for (const { id } of asked) {
    const reaching = await readReaching(tx, patientId, id, { atMs: fromMs, instantMs: 2 * LONGEST_REACH_MS });
    before.set(id, reaching);
    for (const [index, startMs] of reaching.startMs.entries()) if (reaching.endMs[index]! > startMs) earliestMs = Math.min(earliestMs, startMs);
  }
  if (earliestMs === fromMs) return before;
  for (const { id } of asked) before.set(id, await readSamples(tx, patientId, id, { fromMs: earliestMs, toMs: fromMs, limit: MOST_BESIDE }));
  return before;
}

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
  for (let index = firstFrom(startMs, atMs - LONGEST_SAMPLE_MS); index < startMs.length && startMs[index]! < atMs; index += 1) {
    if (endMs[index]! > atMs) return startMs[index]!;
  }
  return atMs;
}

export function joined(before: StoredSamples | undefined, after: StoredSamples): StoredSamples {
  if (!before || before.values.length === 0) return after;
  const join = (one: Float64Array, other: Float64Array): Float64Array => {
    const both = new Float64Array(one.length + other.length);
    both.set(one);
    both.set(other, one.length);
    return both;
  };
  return {
    startMs: join(before.startMs, after.startMs), endMs: join(before.endMs, after.endMs), values: join(before.values, after.values),
    offsetMinutes: before.offsetMinutes.concat(after.offsetMinutes), flags: Uint16Array.from([...before.flags, ...after.flags]),
  };
}
