/** What several sources began before a window and reaches into it: without it a window's first stretch would be merged otherwise than the whole. */
import type { Tx } from "#db/database.ts";
import { LONGEST_REACH_MS } from "./merge.ts";
import type { Series } from "./series.ts";
import { readReaching, readSamples, type StoredSamples } from "./store.ts";

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
