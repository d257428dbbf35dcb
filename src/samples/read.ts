/** Reading metrics as people mean them: sources ranked, merged per interval, in the asked resolution. */
import type { Tx } from "#db/database.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { mergeSources, type MergedSamples } from "./merge.ts";
import { aggregate, type Resolution } from "./resolution.ts";
import { listSeries, newestTimes, readSamples, type Series } from "./store.ts";

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
}

export interface MetricRead {
  readonly samples: MergedSamples;
  /** The sources that `sourceIndexes` point into. */
  readonly sources: Series[];
  readonly nextFromMs: number | null;
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

export async function readMetric(tx: Tx, request: ReadRequest): Promise<MetricRead> {
  const all = await listSeries(tx, request.patientId, [request.metric]);
  const chosen = request.seriesId === undefined ? all : all.filter((series) => series.id === request.seriesId);
  const newest = await newestTimes(tx, request.patientId, chosen.map((series) => series.id));
  const sources = request.seriesId === undefined ? rankSources(chosen, newest, request.resolution) : chosen;
  let nextFromMs: number | null = null;
  const ranked = [];
  for (const [sourceIndex, source] of sources.entries()) {
    const samples = await readSamples(tx, request.patientId, source.id, { fromMs: request.fromMs, toMs: request.toMs, limit: request.limit });
    if (samples.values.length === request.limit) nextFromMs = Math.min(nextFromMs ?? Number.POSITIVE_INFINITY, samples.startMs.at(-1)! + 1);
    ranked.push({ sourceIndex, samples });
  }
  const merged = cutAt(mergeSources(ranked), nextFromMs);
  return { samples: aggregate(request.metric, merged, request.resolution, request.zone), sources, nextFromMs };
}

/** Where one source was cut, the others are cut alike, so that the next page leaves no hole. */
function cutAt(samples: MergedSamples, endMs: number | null): MergedSamples {
  if (endMs === null) return samples;
  const keep = samples.startMs.findIndex((startMs) => startMs >= endMs);
  const cut = <T>(column: readonly T[]): T[] => (keep < 0 ? [...column] : column.slice(0, keep));
  return {
    startMs: cut(samples.startMs), endMs: cut(samples.endMs), values: cut(samples.values), offsetMinutes: cut(samples.offsetMinutes),
    flags: cut(samples.flags), sourceIndexes: cut(samples.sourceIndexes),
  };
}

/** Newest samples of a metric before `toMs`, over all sources, ascending; at most `count`. */
export async function readNewest(tx: Tx, request: Omit<ReadRequest, "fromMs" | "resolution" | "limit"> & { count: number; withinMs: number }): Promise<MetricRead> {
  const all = await listSeries(tx, request.patientId, [request.metric]);
  const newest = await newestTimes(tx, request.patientId, all.map((series) => series.id));
  const lastMs = Math.min(Math.max(...newest.values(), Number.NEGATIVE_INFINITY), request.toMs);
  if (!Number.isFinite(lastMs)) return { samples: mergeSources([]), sources: [], nextFromMs: null };
  const sources = rankSources(all, newest, "raw");
  const ranked = [];
  for (const [sourceIndex, source] of sources.entries()) {
    const range = { fromMs: lastMs - request.withinMs, toMs: lastMs + 1, limit: request.count, newestFirst: true };
    ranked.push({ sourceIndex, samples: await readSamples(tx, request.patientId, source.id, range) });
  }
  return { samples: mergeSources(ranked), sources, nextFromMs: null };
}

export function unitOf(metric: MetricName): string {
  return METRICS[metric].unit;
}
