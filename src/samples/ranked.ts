/** The samples of a stretch, source by source in their order, with all beside it that merging them depends on. */
import type { Tx } from "#db/database.ts";
import type { MetricName } from "#units/metrics.ts";
import { readMany } from "./store/bulk.ts";
import { joinDays, part, placeOf } from "./store/day.ts";
import type { DaySamples } from "./store/codec.ts";
import type { RankedDays } from "./line.ts";
import { LONGEST_REACH_MS, type RankedSamples } from "./sources/merge.ts";
import type { Ranking } from "./sources/ranking.ts";
import { settledEnd } from "./sources/reaching.ts";
import { bucketOf, type DaysOf, type Resolution } from "./resolution.ts";
import type { Series } from "./store/series.ts";
import { LONGEST_SAMPLE_MS, type StoredSamples } from "./store/store.ts";

/** One metric of a reading: which sources, the best first. */
export interface Plan {
  readonly metric: MetricName;
  readonly resolution: Resolution;
  readonly sources: Series[];
}

/** A series in a reply. */
export interface ReadSource extends Series {
  /** Id of the better source that shows the same sensor, where there is one in what was read. */
  readonly linkedTo?: string;
}

export interface Stretch {
  readonly patientId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly known: Ranking;
  /** The patient's days. */
  readonly zone: DaysOf;
  /** Whether there is more to read after `toMs`: then the stretch ends where nothing reaches across it. */
  readonly isCut?: boolean;
}

export interface RankedRead {
  /** Of each plan, those of its sources that have samples here. */
  readonly ranked: RankedDays[][];
  readonly nextFromMs: number | null;
  /** Whether a source had more than the limit. */
  readonly isFull: boolean;
}

/** One a second in the longest stretch. */
const MOST_BESIDE = 100_000;

/** Samples that begin in `[fromMs, toMs)`, at most `limit` of each source, and what reaches into it; one statement, or two where something does. */
export async function readRanked(tx: Tx, stretch: Stretch & { readonly limit: number }, plans: readonly Plan[]): Promise<RankedRead> {
  const { patientId, fromMs, toMs, limit, known } = stretch;
  // Most series of most patients ended long ago (a sensor, a phone before this one).
  const asked = plans.map(({ sources }) => sources.filter(({ id }) => (known.newest.get(id) ?? Number.NEGATIVE_INFINITY) >= fromMs - LONGEST_SAMPLE_MS));
  const found = await readMany(tx, patientId, asked.flat().map(({ id }) => id), { fromMs, toMs, limit, instantMs: 2 * LONGEST_REACH_MS });
  const isFull = [...found.values()].some(({ startMs }) => startMs.length - placeOf(startMs, fromMs) >= limit);
  await readBeside(tx, stretch, asked, found);
  const ranked = plans.map(({ sources }) => sources.flatMap((source, sourceIndex) => {
    const samples = found.get(source.id);
    return samples ? [rankedOf(known, source, { sourceIndex, samples })] : [];
  }));
  const nextFromMs = endOf(stretch, plans, { ranked, isFull });
  if (nextFromMs !== null && nextFromMs <= fromMs) return isFull ? readRanked(tx, { ...stretch, limit: limit * 4 }, plans) : { ranked, nextFromMs: toMs, isFull };
  return { ranked, nextFromMs, isFull };
}

/**
 * Of plans with several sources: all that lies in any of them beside an interval that reaches into the stretch from before it. A total of a day
 * that began before is none of its days.
 */
async function readBeside(tx: Tx, { patientId, fromMs }: Stretch, asked: readonly (readonly Series[])[], found: Map<string, DaySamples>): Promise<void> {
  for (const sources of asked) {
    const measured = sources.filter(({ isDayTotal }) => !isDayTotal);
    const merged = measured.length > 0 ? measured : sources;
    for (const { id, isDayTotal } of measured.length > 0 ? sources : []) {
      const samples = found.get(id);
      if (isDayTotal && samples) found.set(id, part(samples, placeOf(samples.startMs, fromMs), samples.values.length));
    }
    if (merged.length < 2) continue;
    const earliestMs = merged.reduce((earliest, { id }) => Math.min(earliest, firstInterval(found.get(id), fromMs)), fromMs);
    if (earliestMs === fromMs) continue;
    const beside = await readMany(tx, patientId, merged.map(({ id }) => id), { fromMs: earliestMs, toMs: fromMs, limit: MOST_BESIDE, instantMs: 0 });
    for (const [id, samples] of beside) {
      const own = found.get(id);
      const before = part(samples, placeOf(samples.startMs, earliestMs), samples.values.length);
      const after = own ? [part(own, placeOf(own.startMs, fromMs), own.values.length)] : [];
      found.set(id, joinDays([before, ...after]));
    }
  }
}

/** When the first interval began that reaches into the stretch; its begin where none does. */
function firstInterval(samples: DaySamples | undefined, fromMs: number): number {
  if (!samples) return fromMs;
  for (let index = 0; index < samples.values.length && samples.startMs[index]! < fromMs; index += 1) if (samples.endMs[index]! > samples.startMs[index]!) return samples.startMs[index]!;
  return fromMs;
}

/** Where what was read ends, if not with the stretch; may lie before its begin. */
function endOf({ toMs, zone, isCut = false, limit }: Stretch & { readonly limit: number }, plans: readonly Plan[], { ranked, isFull }: { readonly ranked: readonly RankedDays[][]; readonly isFull: boolean }): number | null {
  if (!isFull && !isCut) return null;
  let endMs = toMs;
  if (isFull) {
    for (const { samples: { startMs } } of ranked.flat()) if (startMs.length >= limit) endMs = Math.min(endMs, startMs.at(-1)! + 1);
  }
  endMs = ranked.reduce((earliest, sources) => Math.min(earliest, settledEnd(sources, earliest)), endMs);
  return plans[0]?.resolution === "1d" ? bucketOf(endMs, "1d", zone).fromMs : endMs;
}

/** A source with what its merging goes by. */
export function rankedOf<Samples extends StoredSamples>(
  ranking: Ranking, source: Series, read: { readonly sourceIndex: number; readonly samples: Samples },
): RankedSamples & { readonly samples: Samples } {
  return { ...read, isDayTotal: source.isDayTotal, account: `${source.provider} ${source.connectionId ?? ""}`, spacingMs: ranking.facts.get(source.id)?.spacingMs ?? null };
}
