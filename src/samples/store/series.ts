/** Series: one metric of one patient from one source. Nobody else writes the table. */
import type { Tx } from "#db/database.ts";
import { isScore, metricById, METRICS, type MetricName } from "#units/metrics.ts";

/** What makes a series: one metric of one patient from one source. */
export interface SeriesKey {
  readonly metric: MetricName;
  readonly provider: string;
  readonly connectionId: string | null;
  readonly deviceId: string;
  readonly deviceName: string | null;
  readonly isDayTotal: boolean;
}

export interface Series extends SeriesKey {
  readonly id: string;
}

interface SeriesRow {
  id: string; metric: number; provider: string; connection_id: string | null; device_id: string; device_name: string | null;
  is_day_total: boolean;
}

/** A series' key with whose it is. */
export interface OwnedKey extends SeriesKey {
  readonly patientId: string;
}

/** Ids of the series, made where missing, in the order given. Each key may occur once. */
export async function resolveSeries(tx: Tx, organizationId: string, keys: readonly OwnedKey[]): Promise<string[]> {
  const found = await tx.prepared<{ place: number; id: string; device_name: string | null }>(
    "find_series",
    `select k.place::int, s.id::text, s.device_name
     from unnest($1::uuid[], $2::smallint[], $3::text[], $4::uuid[], $5::text[], $6::boolean[]) with ordinality
       as k (patient_id, metric, provider, connection_id, device_id, is_day_total, place)
     cross join lateral (
       select id, device_name from series where patient_id = k.patient_id and metric = k.metric and provider = k.provider
         and connection_id is not distinct from k.connection_id and device_id = k.device_id and is_day_total = k.is_day_total limit 1) s`,
    [
      keys.map((key) => key.patientId), keys.map((key) => METRICS[key.metric].id), keys.map((key) => key.provider), keys.map((key) => key.connectionId),
      keys.map((key) => key.deviceId), keys.map((key) => key.isDayTotal),
    ],
  );
  const byPlace = new Map(found.map((row) => [row.place - 1, row]));
  const ids: string[] = [];
  for (const [place, key] of keys.entries()) {
    const known = byPlace.get(place);
    const isNamed = known && (key.deviceName === null || key.deviceName === known.device_name);
    ids.push(isNamed ? known.id : await makeSeries(tx, organizationId, key));
  }
  return ids;
}

/** A device that is new, or has got a name. Two deliveries may bring it at the same moment: the second finds the first one's row. */
async function makeSeries(tx: Tx, organizationId: string, key: OwnedKey): Promise<string> {
  const made = await tx.query<{ id: string }>(
    `insert into series (organization_id, patient_id, metric, provider, connection_id, device_id, device_name, is_day_total, keeps_versions)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (patient_id, metric, provider, connection_id, device_id, is_day_total)
     do update set device_name = coalesce(excluded.device_name, series.device_name) returning id::text`,
    [organizationId, key.patientId, METRICS[key.metric].id, key.provider, key.connectionId, key.deviceId, key.deviceName, key.isDayTotal, isScore(key.metric)],
  );
  return made[0]!.id;
}

/** All series of a patient, of some metrics when given. */
export async function listSeries(tx: Tx, patientId: string, metrics?: readonly MetricName[]): Promise<Series[]> {
  const rows = await tx.query<SeriesRow>(
    `select id::text, metric, provider, connection_id, device_id, device_name, is_day_total from series
     where patient_id = $1 and ($2::smallint[] is null or metric = any($2)) order by series.id`,
    [patientId, metrics ? metrics.map((metric) => METRICS[metric].id) : null],
  );
  return rows.flatMap((row) => {
    const metric = metricById(row.metric);
    return metric === null
      ? []
      : [{
          id: row.id, metric, provider: row.provider, connectionId: row.connection_id, deviceId: row.device_id,
          deviceName: row.device_name, isDayTotal: row.is_day_total,
        }];
  });
}

/** Keeps others from rewriting the samples of these series until the transaction ends; in one order, so that nobody waits in a circle. */
export async function holdSeries(tx: Tx, series: readonly { readonly patientId: string; readonly seriesId: string }[]): Promise<void> {
  await tx.query(
    `select 1 from series s where (s.patient_id, s.id) in (select * from unnest($1::uuid[], $2::bigint[])) order by s.patient_id, s.id for no key update`,
    [series.map(({ patientId }) => patientId), series.map(({ seriesId }) => seriesId)],
  );
}

/** Which of these series keep the earlier values of what a vendor revises; their samples stay rows. */
export async function seriesWithVersions(tx: Tx, series: readonly { readonly patientId: string; readonly seriesId: string }[]): Promise<Set<string>> {
  const rows = await tx.prepared<{ id: string }>(
    "series_with_versions",
    "select s.id::text from series s join unnest($1::uuid[], $2::bigint[]) as k (patient_id, id) on s.patient_id = k.patient_id and s.id = k.id where s.keeps_versions",
    [series.map(({ patientId }) => patientId), series.map(({ seriesId }) => seriesId)],
  );
  return new Set(rows.map(({ id }) => id));
}
