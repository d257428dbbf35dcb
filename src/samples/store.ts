/**
 * The sample store: series and their samples. Nobody else writes or reads the table; the form in which samples rest is this room's
 * own matter.
 */
import type { Tx } from "#db/database.ts";
import { metricById, METRICS, type MetricName } from "#units/metrics.ts";
import { flagNames, type FlagName } from "./flags.ts";

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

/** Samples of any number of series, column by column. Times are UTC epoch milliseconds. */
export interface SampleColumns {
  /** Place of the sample's origin in the list of origins. */
  readonly origins: number[];
  readonly seriesIds: string[];
  readonly startMs: number[];
  readonly endMs: (number | null)[];
  readonly values: number[];
  readonly offsetMinutes: (number | null)[];
  readonly flags: number[];
}

/** Whose samples they are and which delivery brought them. */
export interface Origin {
  readonly patientId: string;
  readonly deliveryId: string;
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
    `insert into series (organization_id, patient_id, metric, provider, connection_id, device_id, device_name, is_day_total)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (patient_id, metric, provider, connection_id, device_id, is_day_total)
     do update set device_name = coalesce(excluded.device_name, series.device_name) returning id::text`,
    [organizationId, key.patientId, METRICS[key.metric].id, key.provider, key.connectionId, key.deviceId, key.deviceName, key.isDayTotal],
  );
  return made[0]!.id;
}

/** How many samples of a series were new or changed by a delivery, and over what time. */
export interface WriteResult {
  readonly seriesId: string;
  readonly deliveryId: string;
  readonly count: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Rows of one statement: large enough to be quick, small enough for the wire. */
const ROWS_A_STATEMENT = 10_000;

/**
 * Writes samples, idempotent by series and start: an equal sample changes nothing, a different one replaces the older delivery's
 * value and never a newer one's. Each (series, start) may occur once in `columns`.
 */
export async function writeSamples(tx: Tx, organizationId: string, origins: readonly Origin[], columns: SampleColumns): Promise<WriteResult[]> {
  const results = new Map<string, WriteResult>();
  for (let at = 0; at < columns.values.length; at += ROWS_A_STATEMENT) {
    const part = <T>(column: readonly T[]): readonly T[] => column.slice(at, at + ROWS_A_STATEMENT);
    const rows = await tx.prepared<{ series_id: string; delivery_id: string; count: string; from_ms: number; to_ms: number }>(
      "write_samples",
      `with written as (
         insert into samples as s (organization_id, patient_id, series_id, start_at, end_at, value, delivery_id, offset_minutes, flags)
         select $1, ($2::uuid[])[r.origin + 1], r.series_id, to_timestamp(r.start_ms / 1000), to_timestamp(r.end_ms / 1000), r.value,
                ($3::bigint[])[r.origin + 1], r.offset_minutes, r.flags
         from unnest($4::int[], $5::bigint[], $6::float8[], $7::float8[], $8::float8[], $9::smallint[], $10::smallint[])
           as r (origin, series_id, start_ms, end_ms, value, offset_minutes, flags)
         on conflict (patient_id, series_id, start_at) do update
           set end_at = excluded.end_at, value = excluded.value, delivery_id = excluded.delivery_id,
               offset_minutes = excluded.offset_minutes, flags = excluded.flags
           where s.delivery_id <= excluded.delivery_id
             and (s.value, s.end_at, s.offset_minutes, s.flags)
                 is distinct from (excluded.value, excluded.end_at, excluded.offset_minutes, excluded.flags)
         returning series_id, delivery_id, start_at, end_at)
       select series_id::text, delivery_id::text, count(*)::text as count, extract(epoch from min(start_at))::float8 * 1000 as from_ms,
              extract(epoch from max(coalesce(end_at, start_at)))::float8 * 1000 as to_ms
       from written group by series_id, delivery_id`,
      [
        organizationId, origins.map((origin) => origin.patientId), origins.map((origin) => origin.deliveryId), part(columns.origins), part(columns.seriesIds),
        part(columns.startMs), part(columns.endMs), part(columns.values), part(columns.offsetMinutes), part(columns.flags),
      ],
    );
    for (const row of rows) {
      const name = `${row.series_id} ${row.delivery_id}`;
      const before = results.get(name);
      results.set(name, {
        seriesId: row.series_id, deliveryId: row.delivery_id,
        count: Number(row.count) + (before?.count ?? 0),
        fromMs: Math.min(Math.round(row.from_ms), before?.fromMs ?? Number.POSITIVE_INFINITY),
        toMs: Math.max(Math.round(row.to_ms), before?.toMs ?? Number.NEGATIVE_INFINITY),
      });
    }
  }
  return [...results.values()];
}

/** Which samples of a connection, whatever their device. */
export interface SampleStretch {
  readonly connectionId: string;
  /** Ids of metrics. */
  readonly metrics: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Null: day totals and others. */
  readonly isDayTotal: boolean | null;
  /** What a newer delivery brought stays. */
  readonly upToDelivery: string;
}

/** Deletes the samples that start in the stretch, but for those at the places of `left`. Gives what was deleted of each series. */
export async function deleteOthers(
  tx: Tx, patientId: string, stretch: SampleStretch, left: Pick<SampleColumns, "seriesIds" | "startMs">,
): Promise<(Omit<WriteResult, "deliveryId"> & { readonly metric: number })[]> {
  const rows = await tx.query<{ series_id: string; metric: number; count: string; from_ms: number; to_ms: number }>(
    `with gone as (
       delete from samples s using series x
       where s.patient_id = $1 and x.patient_id = $1 and x.id = s.series_id and x.connection_id = $2 and x.metric = any($3::smallint[])
         and ($4::boolean is null or x.is_day_total = $4)
         and s.start_at >= to_timestamp($5::float8 / 1000) and s.start_at < to_timestamp($6::float8 / 1000) and s.delivery_id <= $7
         and not exists (select 1 from unnest($8::bigint[], $9::float8[]) as l (series_id, start_ms)
           where l.series_id = s.series_id and to_timestamp(l.start_ms / 1000) = s.start_at)
       returning s.series_id, x.metric, s.start_at, s.end_at)
     select series_id::text, metric, count(*)::text as count, extract(epoch from min(start_at))::float8 * 1000 as from_ms,
            extract(epoch from max(coalesce(end_at, start_at)))::float8 * 1000 as to_ms
     from gone group by series_id, metric order by series_id`,
    [
      patientId, stretch.connectionId, stretch.metrics, stretch.isDayTotal, stretch.fromMs, stretch.toMs, stretch.upToDelivery, left.seriesIds,
      left.startMs,
    ],
  );
  return rows.map((row) => ({ seriesId: row.series_id, metric: row.metric, count: Number(row.count), fromMs: Math.round(row.from_ms), toMs: Math.round(row.to_ms) }));
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

/** Samples of one series in `[fromMs, toMs)`, ascending. */
export interface StoredSamples {
  readonly startMs: Float64Array;
  /** NaN where the sample is an instant. */
  readonly endMs: Float64Array;
  readonly values: Float64Array;
  readonly offsetMinutes: (number | null)[];
  readonly flags: Uint16Array;
}

/** Reads one series. `limit` cuts at the newest when `newestFirst`, else at the oldest. */
export async function readSamples(
  tx: Tx, patientId: string, seriesId: string, range: { fromMs: number; toMs: number; limit: number; newestFirst?: boolean },
): Promise<StoredSamples> {
  const direction = range.newestFirst ? "desc" : "asc";
  const rows = await tx.prepared<SampleRow>(
    `read_samples_${direction}`,
    `select ${SAMPLE_COLUMNS} from samples where patient_id = $1 and series_id = $2 and start_at >= to_timestamp($3::float8 / 1000)
       and start_at < to_timestamp($4::float8 / 1000) order by start_at ${direction} limit $5`,
    [patientId, seriesId, range.fromMs, range.toMs, range.limit],
  );
  if (range.newestFirst) rows.reverse();
  return columnsOf(rows);
}

interface SampleRow {
  t: number; e: number | null; v: number; o: number | null; f: number;
}

const SAMPLE_COLUMNS =
  "extract(epoch from start_at)::float8 as t, extract(epoch from end_at)::float8 as e, value as v, offset_minutes as o, flags as f";

function columnsOf(rows: readonly SampleRow[]): StoredSamples {
  return {
    startMs: Float64Array.from(rows, (row) => Math.round(row.t * 1000)),
    endMs: Float64Array.from(rows, (row) => (row.e === null ? Number.NaN : Math.round(row.e * 1000))),
    values: Float64Array.from(rows, (row) => row.v),
    offsetMinutes: rows.map((row) => row.o),
    flags: Uint16Array.from(rows, (row) => row.f),
  };
}

/** No sample lasts longer: a day of 25 hours, and something to spare. */
export const LONGEST_SAMPLE_MS = 26 * 3_600_000;

/** Samples of one series that began before `atMs` and reach beyond it: intervals by their end, instants by `instantMs`. */
export async function readReaching(
  tx: Tx, patientId: string, seriesId: string, reach: { atMs: number; instantMs: number },
): Promise<StoredSamples> {
  const rows = await tx.prepared<SampleRow>(
    "read_reaching",
    `select ${SAMPLE_COLUMNS} from samples where patient_id = $1 and series_id = $2
       and start_at >= to_timestamp($3::float8 / 1000) and start_at < to_timestamp($4::float8 / 1000)
       and coalesce(end_at, start_at + make_interval(secs => $5::float8 / 1000)) > to_timestamp($4::float8 / 1000) order by start_at`,
    [patientId, seriesId, reach.atMs - LONGEST_SAMPLE_MS, reach.atMs, reach.instantMs],
  );
  return columnsOf(rows);
}

/** Time of the newest sample of each series, before `beforeMs` when given; absent where there is none. */
export async function newestTimes(tx: Tx, patientId: string, seriesIds: readonly string[], beforeMs?: number): Promise<Map<string, number>> {
  const rows = await tx.query<{ id: string; at: number }>(
    `select s.id::text, newest.at from unnest($2::bigint[]) as s (id)
     cross join lateral (select start_at as at from samples where patient_id = $1 and series_id = s.id
       and ($3::float8 is null or start_at < to_timestamp($3::float8 / 1000)) order by start_at desc limit 1) newest`,
    [patientId, seriesIds, beforeMs ?? null],
  );
  return new Map(rows.map((row) => [row.id, row.at]));
}

/** The delivery that a stored value came from; null when there is no sample at that instant. */
export async function deliveryOfSample(
  tx: Tx, patientId: string, seriesId: string, startMs: number,
): Promise<{ readonly deliveryId: string; readonly value: number; readonly flags: FlagName[] } | null> {
  const rows = await tx.query<{ delivery_id: string; value: number; flags: number }>(
    `select delivery_id::text, value, flags from samples
     where patient_id = $1 and series_id = $2 and start_at = to_timestamp($3::float8 / 1000)`,
    [patientId, seriesId, startMs],
  );
  const row = rows[0];
  return row ? { deliveryId: row.delivery_id, value: row.value, flags: flagNames(row.flags) } : null;
}

/** Erases all samples and series of a connection. Gives the number of samples erased. */
export async function eraseConnectionSamples(tx: Tx, patientId: string, connectionId: string): Promise<number> {
  const rows = await tx.query<{ count: string }>(
    `with gone as (delete from samples where patient_id = $1
       and series_id in (select id from series where patient_id = $1 and connection_id = $2) returning 1)
     select count(*)::text as count from gone`,
    [patientId, connectionId],
  );
  await tx.query("delete from series where patient_id = $1 and connection_id = $2", [patientId, connectionId]);
  return Number(rows[0]!.count);
}
