/** Reading metrics as people mean them: sources ranked, merged per interval, in the asked resolution. */
import type { Tx } from "#db/database.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";
import { listSeriesWithNewest } from "./store/bulk.ts";
import { noSamples, slice } from "./sources/columns.ts";
import { lineOf, within, type Line } from "./line.ts";
import { linkSources } from "./sources/links.ts";
import { mergeSources, type MergedSamples, type RankedSamples } from "./sources/merge.ts";
import { rankSources, type Ranking } from "./sources/ranking.ts";
import { readRanked, rankedOf, type Plan, type ReadSource, type Stretch } from "./ranked.ts";
import { bucketOf, createBucketing, type Buckets, type DaysOf, type Resolution, type Statistic } from "./resolution.ts";
import { listSeries, type Series } from "./store/series.ts";
import { readRanking } from "./sources/source-facts.ts";
import { newestTimes, readSamples } from "./store/store.ts";

export type { Plan, ReadSource } from "./ranked.ts";

export interface ReadRequest {
  readonly patientId: string;
  readonly metric: MetricName;
  readonly fromMs: number;
  readonly toMs: number;
  readonly resolution: Resolution;
  /** The patient's days. */
  readonly zone: DaysOf;
  /** Only this series. */
  readonly seriesId?: string;
  /** Samples of each source at most, or buckets; when there are more, `nextFromMs` says where to go on. */
  readonly limit: number;
  /** The patient's series where they are known already, for a reader of many metrics or days. */
  readonly known?: KnownSeries;
}

/** Series of a patient, the time of their newest sample, and what they are ranked by. */
export interface KnownSeries extends Ranking {
  readonly series: readonly Series[];
}

export interface MetricRead {
  readonly samples: MergedSamples;
  /** The sources that `sourceIndexes` point into. */
  readonly sources: ReadSource[];
  readonly nextFromMs: number | null;
}

/** All series of a patient, of some metrics when given. */
export async function readSeries(tx: Tx, patientId: string, metrics?: readonly MetricName[]): Promise<KnownSeries> {
  const series = await listSeriesWithNewest(tx, patientId, metrics);
  const newest = new Map(series.flatMap(({ id, newestMs }) => (newestMs === null ? [] : [[id, newestMs] as const])));
  return { series, ...(await readRanking(tx, patientId, series, newest)) };
}

/** The sources that a request for this metric is served from. */
export function planOf(known: KnownSeries, request: Pick<ReadRequest, "metric" | "resolution" | "seriesId">): Plan {
  const { metric, seriesId, resolution } = request;
  const all = known.series.filter((series) => series.metric === metric);
  return { metric, resolution, sources: seriesId === undefined ? rankSources(all, known, resolution) : all.filter((series) => series.id === seriesId) };
}

export interface Lines {
  /** One a plan. */
  readonly lines: Line[];
  /** Of each plan; linked where two of them turned out to show one sensor. */
  readonly sources: ReadSource[][];
  readonly nextFromMs: number | null;
  /** Whether a source had more than the limit. */
  readonly isFull: boolean;
}

/**
 * Samples of several metrics that begin in `[fromMs, toMs)`, one line a plan. Where a source has more than `limit` all lines are cut at the same
 * instant, `nextFromMs`, so that the next page leaves no hole.
 */
export async function readLines(tx: Tx, stretch: Stretch & { readonly limit: number }, plans: readonly Plan[]): Promise<Lines> {
  const { ranked, nextFromMs, isFull } = await readRanked(tx, stretch, plans);
  const linked = ranked.map((sources, index) => (plans[index]!.metric === "glucose" ? linkSources(sources) : sources));
  const lines = linked.map((sources, index) =>
    within(lineOf(sources, { metric: plans[index]!.metric, resolution: plans[index]!.resolution, zone: stretch.zone }), stretch.fromMs, nextFromMs ?? stretch.toMs));
  return { lines, nextFromMs, isFull, sources: plans.map(({ sources }, index) => withLinks(sources, linked[index]!)) };
}

function withLinks(sources: readonly Series[], ranked: readonly RankedSamples[]): ReadSource[] {
  const linkedTo = new Map(ranked.flatMap(({ sourceIndex, links }) => (links ? [[sourceIndex, sources[Math.min(...links.keys())]!.id]] as const : [])));
  return sources.map((source, index) => (linkedTo.has(index) ? { ...source, linkedTo: linkedTo.get(index)! } : source));
}

/** Samples that are held at once of each source while a long time is read. */
const SAMPLES_AT_ONCE = 50_000;
const FIRST_SPAN_MS = 32 * DAY_MS;

/** A line of any length, part by part in order of time. */
export function readParts(tx: Tx, stretch: Stretch, plan: Plan): AsyncGenerator<Line> {
  return partsOf(stretch, { plan, samplesAtOnce: SAMPLES_AT_ONCE }, (part) => readLines(tx, part, [plan]));
}

/** Like readParts; each part is read by `read`, which may do so in a transaction of its own. */
export async function* partsOf(
  stretch: Stretch, { plan, samplesAtOnce }: { readonly plan: Plan; readonly samplesAtOnce: number },
  read: (part: Stretch & { readonly limit: number }) => Promise<Lines>,
): AsyncGenerator<Line> {
  const newestMs = Math.max(...plan.sources.map(({ id }) => stretch.known.newest.get(id) ?? Number.NEGATIVE_INFINITY));
  const endMs = Math.min(stretch.toMs, newestMs + 1);
  let spanMs = FIRST_SPAN_MS;
  for (let fromMs = stretch.fromMs; fromMs < endMs; ) {
    const toMs = wholeDays(stretch, plan, { fromMs, toMs: Math.min(endMs, fromMs + spanMs), endMs });
    const { lines: [line], nextFromMs, isFull } = await read({ ...stretch, fromMs, toMs, limit: samplesAtOnce, isCut: toMs < endMs });
    yield line!;
    // Years without anything are passed in ever longer steps.
    if (!isFull && line!.values.length < samplesAtOnce / 4) spanMs *= 2;
    else if (isFull) spanMs = Math.max(DAY_MS, (nextFromMs ?? toMs) - fromMs);
    fromMs = nextFromMs ?? toMs;
  }
}

/** Where days are asked for, a part ends with a day: vendors' totals are weighed against all that was measured in theirs. */
function wholeDays({ zone }: Stretch, { resolution }: Plan, { fromMs, toMs, endMs }: { readonly fromMs: number; readonly toMs: number; readonly endMs: number }): number {
  if (resolution !== "1d" || toMs === endMs) return toMs;
  const dayMs = bucketOf(toMs, "1d", zone).fromMs;
  return dayMs > fromMs ? dayMs : toMs;
}

/**
 * One number a bucket over any length of time; of more than `limit` buckets the oldest, and `nextFromMs` is the begin of the first that was left
 * out: no bucket is ever told in two halves.
 */
export async function readBuckets(
  tx: Tx, stretch: Stretch & { readonly limit: number; readonly resolution: Exclude<Resolution, "raw">; readonly statistics?: readonly Statistic[] }, plan: Plan,
): Promise<Buckets & { readonly nextFromMs: number | null }> {
  const { limit, zone, resolution, statistics = [] } = stretch;
  const bucketing = createBucketing(plan.metric, resolution, zone, statistics);
  for await (const line of readParts(tx, stretch, plan)) {
    bucketing.add(line);
    if (bucketing.count > limit) break;
  }
  const buckets = bucketing.take();
  const nextFromMs = buckets.samples.startMs[limit] ?? null;
  return nextFromMs === null ? { ...buckets, nextFromMs } : { ...cutBuckets(buckets, limit), nextFromMs };
}

/** The first buckets. */
export function cutBuckets({ samples, statistics }: Buckets, count: number): Buckets {
  return { samples: slice(samples, 0, count), statistics: Object.fromEntries(Object.entries(statistics).map(([name, column]) => [name, column.slice(0, count)])) };
}

/** Samples that begin in `[fromMs, toMs)`, or their buckets; a bucket of a coarser resolution is never told in two halves by two pages. */
export async function readMetric(tx: Tx, request: ReadRequest): Promise<MetricRead> {
  const { patientId, fromMs, toMs, limit, zone, resolution } = request;
  const known = request.known ?? (await readSeries(tx, patientId, [request.metric]));
  const plan = planOf(known, request);
  const stretch = { patientId, fromMs, toMs, known, limit, zone };
  if (resolution !== "raw") {
    const { samples, nextFromMs } = await readBuckets(tx, { ...stretch, resolution }, plan);
    return { samples, sources: plan.sources, nextFromMs };
  }
  const { lines: [line], sources: [sources], nextFromMs } = await readLines(tx, stretch, [plan]);
  return { samples: line!, sources: sources!, nextFromMs };
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
