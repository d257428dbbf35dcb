/** Reading samples of a series, in whichever of the two forms they rest: day blocks, with hot rows over them. Nobody above knows that there are two. */
import type { Tx } from "#db/database.ts";
import { blockAt, newestBlocks, readBlocks } from "./blocks.ts";
import type { DaySamples } from "./codec.ts";
import { dayFrom, dayOf, joinDays, mergeSamples, placeOf, samplesOf, type Sample } from "./day.ts";
import { flagNames, type FlagName } from "./flags.ts";
import { newestHot, readHot } from "./hot.ts";

/** Samples of one series, ascending. */
export interface StoredSamples {
  readonly startMs: Float64Array;
  /** NaN where the sample is an instant. */
  readonly endMs: Float64Array;
  readonly values: Float64Array;
  readonly offsetMinutes: (number | null)[];
  readonly flags: Uint16Array;
}

/** No sample lasts longer: a day of 25 hours, and something to spare. */
export const LONGEST_SAMPLE_MS = 26 * 3_600_000;

/** Reads one series in `[fromMs, toMs)`. `limit` cuts at the newest when `newestFirst`, else at the oldest. */
export async function readSamples(
  tx: Tx, patientId: string, seriesId: string, range: { fromMs: number; toMs: number; limit: number; newestFirst?: boolean },
): Promise<DaySamples> {
  const packed = await readBlocks(tx, patientId, seriesId, { ...range, atLeast: range.limit });
  const hot = await readHot(tx, patientId, seriesId, range);
  return cut(withHot(packed, hot), range);
}

/** Hot rows over blocks; the rows are nearly always of later days. */
function withHot(packed: DaySamples, hot: readonly Sample[]): DaySamples {
  const last = packed.startMs.at(-1);
  if (hot.length === 0) return packed;
  if (last === undefined || hot[0]!.startMs > last) return joinDays([packed, dayFrom(hot)]);
  return dayFrom(mergeSamples(samplesOf(packed), hot).samples);
}

function cut(samples: DaySamples, { fromMs, toMs, limit, newestFirst }: { fromMs: number; toMs: number; limit: number; newestFirst?: boolean }): DaySamples {
  let first = placeOf(samples.startMs, fromMs);
  let end = placeOf(samples.startMs, toMs);
  if (newestFirst) first = Math.max(first, end - limit);
  else end = Math.min(end, first + limit);
  return {
    startMs: samples.startMs.subarray(first, end), endMs: samples.endMs.subarray(first, end), values: samples.values.subarray(first, end),
    offsetMinutes: samples.offsetMinutes.slice(first, end), flags: samples.flags.subarray(first, end),
    deliveryIds: samples.deliveryIds.subarray(first, end),
  };
}

/** Time of the newest sample of each series, before `beforeMs` when given; absent where there is none. */
export async function newestTimes(tx: Tx, patientId: string, seriesIds: readonly string[], beforeMs?: number): Promise<Map<string, number>> {
  const newest = await newestHot(tx, patientId, seriesIds, beforeMs);
  for (const [seriesId, atMs] of await newestBlocks(tx, patientId, seriesIds, beforeMs)) {
    newest.set(seriesId, Math.max(atMs, newest.get(seriesId) ?? Number.NEGATIVE_INFINITY));
  }
  return newest;
}

/** The delivery that a stored value came from; null when there is no sample at that instant. */
export async function deliveryOfSample(
  tx: Tx, patientId: string, seriesId: string, startMs: number,
): Promise<{ readonly deliveryId: string; readonly value: number; readonly flags: FlagName[] } | null> {
  const block = await blockAt(tx, { patientId, seriesId, dayMs: dayOf(startMs) });
  const hot = await readHot(tx, patientId, seriesId, { fromMs: startMs, toMs: startMs + 1, limit: 1 });
  const packed = block === null ? [] : samplesOf(block).filter((sample) => sample.startMs === startMs);
  const [found] = mergeSamples(packed, hot).samples;
  return found ? { deliveryId: String(found.deliveryId), value: found.value, flags: flagNames(found.flags) } : null;
}

