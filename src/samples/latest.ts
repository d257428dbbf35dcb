/** The newest value of many metrics, sources resolved, in one statement. */
import type { Tx } from "#db/database.ts";
import { metricById, METRICS, type MetricName } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";
import { readMany } from "./store/bulk.ts";
import { decodeDay } from "./store/codec.ts";
import { dayFrom, samplesOf, type Sample } from "./store/day.ts";
import { mergeSources } from "./sources/merge.ts";
import { rankSources, type Ranking } from "./sources/ranking.ts";
import { rankedOf } from "./ranked.ts";
import type { Series } from "./store/series.ts";
import { readRanking } from "./sources/source-facts.ts";
import { newestTimes } from "./store/store.ts";

export interface LatestValue extends Sample {
  readonly source: Series;
}

interface Row {
  id: string; metric: number; provider: string; connection_id: string | null; device_id: string; device_name: string | null; is_day_total: boolean;
  start_at: number | null; end_at: number | null; value: number; offset_minutes: number | null; flags: number; delivery_id: string; data: Buffer | null;
}

/**
 * The newest value of each metric that began before `beforeMs`, as the merged line of its sources ends; absent where there is none. What a device
 * whose clock runs ahead measured in the future hides nothing.
 */
export async function readLatest(tx: Tx, patientId: string, metrics: readonly MetricName[], beforeMs: number): Promise<Map<MetricName, LatestValue>> {
  const rows = await tx.prepared<Row>(
    "latest_of_series",
    `select s.id::text, s.metric, s.provider, s.connection_id, s.device_id, s.device_name, s.is_day_total,
            h.start_at, h.end_at, h.value, h.offset_minutes, h.flags, h.delivery_id::text, b.data
     from series s
     left join lateral (select * from samples where patient_id = $1 and series_id = s.id and start_at < to_timestamp($3::float8 / 1000)
       order by start_at desc limit 1) h on true
     left join lateral (select data from day_blocks where patient_id = $1 and series_id = s.id and day <= date '1970-01-01' + $4::int
       and (h.start_at is null or day >= (h.start_at at time zone 'UTC')::date) order by day desc limit 1) b on true
     where s.patient_id = $1 and s.metric = any($2::smallint[]) order by s.id`,
    [patientId, metrics.map((metric) => METRICS[metric].id), beforeMs, Math.floor((beforeMs - 1) / DAY_MS)],
  );
  const newest: { readonly series: Series; readonly sample: Sample }[] = [];
  for (const row of rows) {
    const metric = metricById(row.metric);
    const sample = metric === null ? null : (newestOf(row, beforeMs) ?? (row.data ? await newestBefore(tx, patientId, row.id, beforeMs) : null));
    if (metric === null || sample === null) continue;
    const series = {
      id: row.id, metric, provider: row.provider, connectionId: row.connection_id, deviceId: row.device_id, deviceName: row.device_name, isDayTotal: row.is_day_total,
    };
    newest.push({ series, sample });
  }
  const found = new Map<MetricName, LatestValue>();
  const ranking = await readRanking(tx, patientId, newest.map(({ series }) => series), new Map(newest.map(({ series, sample }) => [series.id, sample.startMs])));
  for (const [metric, sources] of Map.groupBy(newest, ({ series }) => series.metric)) {
    const latest = resolve(metric, sources, ranking);
    if (latest) found.set(metric, latest);
  }
  return found;
}

function newestOf(row: Row, beforeMs: number): Sample | null {
  const hot = row.start_at === null ? null : {
    startMs: row.start_at, endMs: row.end_at ?? Number.NaN, value: row.value, offsetMinutes: row.offset_minutes, flags: row.flags, deliveryId: Number(row.delivery_id),
  };
  const packed = row.data ? samplesOf(decodeDay(row.data)).findLast(({ startMs }) => startMs < beforeMs) : undefined;
  if (!packed || !hot) return packed ?? hot;
  return packed.startMs > hot.startMs || (packed.startMs === hot.startMs && packed.deliveryId > hot.deliveryId) ? packed : hot;
}

/** Where all of the newest packed day lies in the future. */
async function newestBefore(tx: Tx, patientId: string, seriesId: string, beforeMs: number): Promise<Sample | null> {
  const newestMs = (await newestTimes(tx, patientId, [seriesId], beforeMs)).get(seriesId);
  if (newestMs === undefined) return null;
  const found = (await readMany(tx, patientId, [seriesId], { fromMs: newestMs, toMs: newestMs + 1, limit: 1, instantMs: 0 })).get(seriesId);
  return found ? (samplesOf(found).at(-1) ?? null) : null;
}

/** The newest of the sources' newest that no better source hides; null where all of them are excluded. */
function resolve(metric: MetricName, sources: readonly { readonly series: Series; readonly sample: Sample }[], ranking: Ranking): LatestValue | null {
  const sampleOf = new Map(sources.map(({ series, sample }) => [series.id, sample]));
  const ranked = rankSources(sources.map(({ series }) => series), ranking, "raw");
  const merged = mergeSources(
    ranked.map((source, sourceIndex) => rankedOf(ranking, source, { sourceIndex, samples: dayFrom([sampleOf.get(source.id)!]) })), { metric, resolution: "raw", zone: "UTC" },
  );
  const place = merged.sourceIndexes.at(-1);
  return place === undefined ? null : { ...sampleOf.get(ranked[place]!.id)!, source: ranked[place]! };
}
