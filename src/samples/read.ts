/** Reading metrics as people mean them: sources ranked, merged per interval, in the asked resolution. */
import type { Tx } from "#db/database.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { mergeSources, NEAR_MS, type MergedSamples, type RankedSamples } from "./merge.ts";
import { aggregate, bucketOf, type Resolution } from "./resolution.ts";
import { listSeries, type Series } from "./series.ts";
import { LONGEST_SAMPLE_MS, newestTimes, readReaching, readSamples, type StoredSamples } from "./store.ts";

export interface ReadRequest {
  readonly patientId: string;
  readonly metric: MetricName;
  readonly fromMs: number;
  readonly toMs: number;
  readonly resolution: Resolution;
  /** Zone of the patient's days. */
  readonly zone: string;
  /** Only this series. */
  readonly seriesId?: string;
  /** Samples read per source at most; when a source has more, `nextFromMs` says where to go on. */
  readonly limit: number;
  /** The patient's series where they are known already, for a reader of many metrics or days. */
  readonly known?: KnownSeries;
}

/** Series of a patient and the time of their newest sample. */
export interface KnownSeries {
  readonly series: readonly Series[];
  readonly newest: ReadonlyMap<string, number>;
}

export interface MetricRead {
  readonly samples: MergedSamples;
  /** The sources that `sourceIndexes` point into. */
  readonly sources: Series[];
  readonly nextFromMs: number | null;
}

/** All series of a patient, of some metrics when given. */
export async function readSeries(tx: Tx, patientId: string, metrics?: readonly MetricName[]): Promise<KnownSeries> {
  const series = await listSeries(tx, patientId, metrics);
  return { series, newest: await newestTimes(tx, patientId, series.map((each) => each.id)) };
}

/**
 * Ranks the sources of a metric, best first: a vendor connection before an import; then the one that measured last; then the newer.
 * Vendor totals of a day are never mixed with what was measured within it: for a sum by day the totals are the better source, for
 * anything finer they do not count.
 */
export function rankSources(series: readonly Series[], newest: ReadonlyMap<string, number>, resolution: Resolution): Series[] {
  const isDaily = resolution === "1d";
  const usable = isDaily || series.every((each) => each.isDayTotal) ? series : series.filter((each) => !each.isDayTotal);
  return usable.toSorted(
    (a, b) =>
      Number(isDaily ? b.isDayTotal : a.isDayTotal) - Number(isDaily ? a.isDayTotal : b.isDayTotal) ||
      Number(b.connectionId !== null) - Number(a.connectionId !== null) ||
      (newest.get(b.id) ?? 0) - (newest.get(a.id) ?? 0) ||
      Number(b.id) - Number(a.id),
  );
}

/** Samples that begin in `[fromMs, toMs)`; a bucket of a coarser resolution is never told in two halves by two pages. */
export async function readMetric(tx: Tx, request: ReadRequest): Promise<MetricRead> {
  const known = request.known ?? (await readSeries(tx, request.patientId, [request.metric]));
  const all = known.series.filter((series) => series.metric === request.metric);
  const sources = request.seriesId === undefined
    ? rankSources(all, known.newest, request.resolution)
    : all.filter((series) => series.id === request.seriesId);
  const ranked: RankedSamples[] = [];
  let nextFromMs: number | null = null;
  for (const [sourceIndex, source] of sources.entries()) {
    // Most series of most patients ended long ago (a sensor, a phone before this one).
    if ((known.newest.get(source.id) ?? Number.NEGATIVE_INFINITY) < request.fromMs - LONGEST_SAMPLE_MS) continue;
    const samples = await readSamples(tx, request.patientId, source.id, { fromMs: request.fromMs, toMs: request.toMs, limit: request.limit });
    if (samples.values.length === request.limit) nextFromMs = Math.min(nextFromMs ?? Number.POSITIVE_INFINITY, samples.startMs.at(-1)! + 1);
    // What a better source measured from before until into this window hides a worse one's here, too.
    const isLast = sourceIndex === sources.length - 1;
    const reaching = isLast ? null : await readReaching(tx, request.patientId, source.id, { atMs: request.fromMs, instantMs: NEAR_MS });
    ranked.push({ sourceIndex, samples: reaching ? joined(reaching, samples) : samples });
  }
  if (nextFromMs !== null && request.resolution !== "raw") {
    nextFromMs = bucketOf(nextFromMs, request.resolution, request.zone).fromMs;
    if (nextFromMs <= request.fromMs) return readMetric(tx, { ...request, known, limit: request.limit * 4 });
  }
  const merged = within(mergeSources(ranked), request.fromMs, nextFromMs ?? request.toMs);
  return { samples: aggregate(request.metric, merged, request.resolution, request.zone), sources, nextFromMs };
}

function joined(before: StoredSamples, after: StoredSamples): StoredSamples {
  if (before.values.length === 0) return after;
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

/** Samples that begin in `[fromMs, toMs)`. Where one source was cut, the others are cut alike, so that the next page leaves no hole. */
export function within(samples: MergedSamples, fromMs: number, toMs: number): MergedSamples {
  const first = samples.startMs.findIndex((startMs) => startMs >= fromMs);
  if (first < 0) return mergeSources([]);
  const end = samples.startMs.findIndex((startMs) => startMs >= toMs);
  const cut = <T>(column: readonly T[]): T[] => column.slice(first, end < 0 ? undefined : end);
  return {
    startMs: cut(samples.startMs), endMs: cut(samples.endMs), values: cut(samples.values), offsetMinutes: cut(samples.offsetMinutes),
    flags: cut(samples.flags), sourceIndexes: cut(samples.sourceIndexes),
  };
}

/** Newest samples of a metric before `toMs`, over all sources, ascending; at most `count` of each. */
export async function readNewest(
  tx: Tx, request: Pick<ReadRequest, "patientId" | "metric" | "toMs"> & { count: number; withinMs: number },
): Promise<MetricRead> {
  const all = await listSeries(tx, request.patientId, [request.metric]);
  // A device whose clock ran ahead must not hide what was measured until now.
  const newest = await newestTimes(tx, request.patientId, all.map((series) => series.id), request.toMs);
  const lastMs = Math.max(...newest.values(), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(lastMs)) return { samples: mergeSources([]), sources: [], nextFromMs: null };
  const sources = rankSources(all, newest, "raw");
  const ranked: RankedSamples[] = [];
  for (const [sourceIndex, source] of sources.entries()) {
    const range = { fromMs: lastMs - request.withinMs, toMs: lastMs + 1, limit: request.count, newestFirst: true };
    ranked.push({ sourceIndex, samples: await readSamples(tx, request.patientId, source.id, range) });
  }
  return { samples: mergeSources(ranked), sources, nextFromMs: null };
}

export function unitOf(metric: MetricName): string {
  return METRICS[metric].unit;
}
