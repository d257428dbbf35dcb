/** Reading metrics as people mean them: sources ranked, merged per interval, in the asked resolution. */
import type { Tx } from "#db/database.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { firstFrom, slice } from "./columns.ts";
import { linkSources } from "./links.ts";
import { mergeSources, noSamples, type MergedSamples, type RankedSamples } from "./merge.ts";
import { rankSources, type Ranking } from "./ranking.ts";
import { joined, samplesBefore, settledEnd } from "./reaching.ts";
import { aggregate, bucketOf, type Resolution } from "./resolution.ts";
import { listSeries, type Series } from "./series.ts";
import { readRanking } from "./source-facts.ts";
import { LONGEST_SAMPLE_MS, newestTimes, readSamples } from "./store.ts";

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

/** Series of a patient, the time of their newest sample, and what they are ranked by. */
export interface KnownSeries extends Ranking {
  readonly series: readonly Series[];
}

/** A series in a reply. */
export interface ReadSource extends Series {
  /** Id of the better source that shows the same sensor, where there is one in what was read. */
  readonly linkedTo?: string;
}

export interface MetricRead {
  readonly samples: MergedSamples;
  /** The sources that `sourceIndexes` point into. */
  readonly sources: ReadSource[];
  readonly nextFromMs: number | null;
}

/** All series of a patient, of some metrics when given. */
export async function readSeries(tx: Tx, patientId: string, metrics?: readonly MetricName[]): Promise<KnownSeries> {
  const series = await listSeries(tx, patientId, metrics);
  const newest = await newestTimes(tx, patientId, series.map((each) => each.id));
  return { series, ...(await readRanking(tx, patientId, series, newest)) };
}

/** Samples that begin in `[fromMs, toMs)`; a bucket of a coarser resolution is never told in two halves by two pages. */
export async function readMetric(tx: Tx, request: ReadRequest): Promise<MetricRead> {
  const known = request.known ?? (await readSeries(tx, request.patientId, [request.metric]));
  const all = known.series.filter((series) => series.metric === request.metric);
  const sources = request.seriesId === undefined
    ? rankSources(all, known, request.resolution)
    : all.filter((series) => series.id === request.seriesId);
  // Most series of most patients ended long ago (a sensor, a phone before this one).
  const asked = sources.filter(({ id }) => (known.newest.get(id) ?? Number.NEGATIVE_INFINITY) >= request.fromMs - LONGEST_SAMPLE_MS);
  const before = await samplesBefore(tx, request.patientId, asked, request.fromMs);
  const ranked: RankedSamples[] = [];
  let nextFromMs: number | null = null;
  for (const source of asked) {
    const samples = await readSamples(tx, request.patientId, source.id, { fromMs: request.fromMs, toMs: request.toMs, limit: request.limit });
    if (samples.values.length === request.limit) nextFromMs = Math.min(nextFromMs ?? Number.POSITIVE_INFINITY, samples.startMs.at(-1)! + 1);
    ranked.push(rankedOf(known, source, { sourceIndex: sources.indexOf(source), samples: joined(before.get(source.id), samples) }));
  }
  if (nextFromMs !== null) {
    nextFromMs = settledEnd(ranked, nextFromMs);
    if (request.resolution !== "raw") nextFromMs = bucketOf(nextFromMs, request.resolution, request.zone).fromMs;
    if (nextFromMs <= request.fromMs) return readMetric(tx, { ...request, known, limit: request.limit * 4 });
  }
  const linked = request.metric === "glucose" ? linkSources(ranked) : ranked;
  const merged = within(mergeSources(linked, request), request.fromMs, nextFromMs ?? request.toMs);
  return { samples: aggregate(request.metric, merged, request.resolution, request.zone), sources: withLinks(sources, linked), nextFromMs };
}

function rankedOf(ranking: Ranking, source: Series, read: Pick<RankedSamples, "sourceIndex" | "samples">): RankedSamples {
  return { ...read, isDayTotal: source.isDayTotal, account: `${source.provider} ${source.connectionId ?? ""}`, spacingMs: ranking.facts.get(source.id)?.spacingMs ?? null };
}

function withLinks(sources: readonly Series[], ranked: readonly RankedSamples[]): ReadSource[] {
  const linkedTo = new Map(ranked.flatMap(({ sourceIndex, links }) => (links ? [[sourceIndex, sources[Math.min(...links.keys())]!.id]] as const : [])));
  return sources.map((source, index) => (linkedTo.has(index) ? { ...source, linkedTo: linkedTo.get(index)! } : source));
}

/** Samples that begin in `[fromMs, toMs)`. Where one source was cut, the others are cut alike, so that the next page leaves no hole. */
export function within(samples: MergedSamples, fromMs: number, toMs: number): MergedSamples {
  return slice(samples, firstFrom(samples.startMs, fromMs), firstFrom(samples.startMs, toMs));
}

/** Newest samples of a metric before `toMs`, over all sources, ascending; at most `count` of each. */
export async function readNewest(
  tx: Tx, request: Pick<ReadRequest, "patientId" | "metric" | "toMs"> & { count: number; withinMs: number },
): Promise<MetricRead> {
  const all = await listSeries(tx, request.patientId, [request.metric]);
  // A device whose clock ran ahead must not hide what was measured until now.
  const newest = await newestTimes(tx, request.patientId, all.map((series) => series.id), request.toMs);
  const lastMs = Math.max(...newest.values(), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(lastMs)) return { samples: noSamples(), sources: [], nextFromMs: null };
  const ranking = await readRanking(tx, request.patientId, all, newest);
  const sources = rankSources(all, ranking, "raw");
  const ranked: RankedSamples[] = [];
  for (const [sourceIndex, source] of sources.entries()) {
    const range = { fromMs: lastMs - request.withinMs, toMs: lastMs + 1, limit: request.count, newestFirst: true };
    ranked.push(rankedOf(ranking, source, { sourceIndex, samples: await readSamples(tx, request.patientId, source.id, range) }));
  }
  const linked = request.metric === "glucose" ? linkSources(ranked) : ranked;
  return { samples: mergeSources(linked, { metric: request.metric, resolution: "raw", zone: "UTC" }), sources: withLinks(sources, linked), nextFromMs: null };
}

export function unitOf(metric: MetricName): string {
  return METRICS[metric].unit;
}
