/**
 * Hot rows: samples that come one by one. When their day has settled they leave for its block, but for sparse ones, which stay. Nobody outside this room knows.
 */
import type { Tx } from "#db/database.ts";
import { DAY_MS } from "#units/time.ts";
import type { BlockKey } from "./blocks.ts";
import type { Sample } from "./day.ts";

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
 * Writes rows, idempotent by series and start: an equal sample changes nothing, a different one replaces the older delivery's
 * value and never a newer one's. Each (series, start) may occur once in `columns`.
 */
export async function writeHot(tx: Tx, organizationId: string, origins: readonly Origin[], columns: SampleColumns): Promise<WriteResult[]> {
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

interface SampleRow {
  t: number; e: number | null; v: number; o: number | null; f: number; d: number;
}

const SAMPLE_COLUMNS =
  "extract(epoch from s.start_at)::float8 as t, extract(epoch from s.end_at)::float8 as e, s.value as v, s.offset_minutes as o, s.flags as f, s.delivery_id::float8 as d";

function sampleOf(row: SampleRow): Sample {
  return {
    startMs: Math.round(row.t * 1000), endMs: row.e === null ? Number.NaN : Math.round(row.e * 1000), value: row.v, offsetMinutes: row.o, flags: row.f,
    deliveryId: row.d,
  };
}

/** Rows of one series in `[fromMs, toMs)`, ascending; of more than `limit` the oldest or, `newestFirst`, the newest. */
export async function readHot(
  tx: Tx, patientId: string, seriesId: string, range: { fromMs: number; toMs: number; limit: number; newestFirst?: boolean },
): Promise<Sample[]> {
  const direction = range.newestFirst ? "desc" : "asc";
  const rows = await tx.prepared<SampleRow>(
    `read_hot_${direction}`,
    `select ${SAMPLE_COLUMNS} from samples s where patient_id = $1 and series_id = $2 and start_at >= to_timestamp($3::float8 / 1000)
       and start_at < to_timestamp($4::float8 / 1000) order by start_at ${direction} limit $5`,
    [patientId, seriesId, range.fromMs, range.toMs, range.limit],
  );
  if (range.newestFirst) rows.reverse();
  return rows.map(sampleOf);
}

/** Takes one row away and gives it; null where there is none. */
export async function takeHotSample(tx: Tx, patientId: string, seriesId: string, startMs: number): Promise<Sample | null> {
  const [row] = await tx.query<SampleRow>(
    `delete from samples s where patient_id = $1 and series_id = $2 and start_at = to_timestamp($3::float8 / 1000) returning ${SAMPLE_COLUMNS}`, [patientId, seriesId, startMs],
  );
  return row ? sampleOf(row) : null;
}

/** Takes the rows of these days away and gives them, ascending. */
export async function takeHot(tx: Tx, keys: readonly BlockKey[]): Promise<(BlockKey & { readonly sample: Sample })[]> {
  const rows = await tx.prepared<SampleRow & { patient_id: string; series_id: string; day: number }>(
    "take_hot",
    `with gone as (
       delete from samples s using unnest($1::uuid[], $2::bigint[], $3::int[]) as k (patient_id, series_id, day)
       where s.patient_id = k.patient_id and s.series_id = k.series_id
         and s.start_at >= to_timestamp(k.day * 86400.0) and s.start_at < to_timestamp((k.day + 1) * 86400.0)
       returning s.*, k.day)
     select s.patient_id, s.series_id::text, s.day, ${SAMPLE_COLUMNS} from gone s order by s.patient_id, s.series_id, s.start_at`,
    [keys.map(({ patientId }) => patientId), keys.map(({ seriesId }) => seriesId), keys.map(({ dayMs }) => dayMs / DAY_MS)],
  );
  return rows.map((row) => ({ patientId: row.patient_id, seriesId: row.series_id, dayMs: row.day * DAY_MS, sample: sampleOf(row) }));
}

/** Time of the newest row of each series, before `beforeMs` when given; absent where there is none. */
export async function newestHot(tx: Tx, patientId: string, seriesIds: readonly string[], beforeMs?: number): Promise<Map<string, number>> {
  const rows = await tx.query<{ id: string; at: number }>(
    `select s.id::text, newest.at from unnest($2::bigint[]) as s (id)
     cross join lateral (select start_at as at from samples where patient_id = $1 and series_id = s.id
       and ($3::float8 is null or start_at < to_timestamp($3::float8 / 1000)) order by start_at desc limit 1) newest`,
    [patientId, seriesIds, beforeMs ?? null],
  );
  return new Map(rows.map((row) => [row.id, row.at]));
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

/** Deletes the rows that start in the stretch, but for those at the places of `left`. Gives what was deleted of each series. */
export async function deleteOthersHot(
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


/** Erases all rows of these series. Gives their number. */
export async function eraseHot(tx: Tx, patientId: string, seriesIds: readonly string[]): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    "with gone as (delete from samples where patient_id = $1 and series_id = any($2::bigint[]) returning 1) select count(*)::int as count from gone", [patientId, seriesIds],
  );
  return row!.count;
}
