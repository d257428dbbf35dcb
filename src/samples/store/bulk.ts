/** Reading many series at once, in whichever of the two forms their samples rest: one statement, however many series and forms there are. */
import type { Tx } from "#db/database.ts";
import { metricById, METRICS, type MetricName } from "#units/metrics.ts";
import { decodeDays, type DaySamples } from "./codec.ts";
import { dayFrom, dayNumber, emptyDay, joinDays, mergeSamples, part, placeOf, samplesOf } from "./day.ts";
import type { Series } from "./series.ts";
import { LONGEST_SAMPLE_MS } from "./store.ts";

export interface BulkRange {
  readonly fromMs: number;
  readonly toMs: number;
  /** Of each series the oldest so many at most. */
  readonly limit: number;
  /** What begins before `fromMs` and reaches beyond it is given, too: intervals by their end, instants by this. */
  readonly instantMs: number;
}

/** Series of a patient with the time of each one's newest sample; null where it has none. */
export async function listSeriesWithNewest(tx: Tx, patientId: string, metrics?: readonly MetricName[]): Promise<(Series & { readonly newestMs: number | null })[]> {
  const rows = await tx.prepared<{
    id: string; metric: number; provider: string; connection_id: string | null; device_id: string; device_name: string | null; is_day_total: boolean; hot: number | null; packed: number | null;
  }>(
    "series_with_newest",
    `select s.id::text, s.metric, s.provider, s.connection_id, s.device_id, s.device_name, s.is_day_total, h.start_at as hot, b.at as packed from series s
     left join lateral (select start_at from samples where patient_id = $1 and series_id = s.id order by start_at desc limit 1) h on true
     left join lateral (select (day - date '1970-01-01') * 86400000::float8 + last_ms as at from day_blocks where patient_id = $1 and series_id = s.id
       order by day desc limit 1) b on true
     where s.patient_id = $1 and ($2::smallint[] is null or s.metric = any($2)) order by s.id`,
    [patientId, metrics ? metrics.map((metric) => METRICS[metric].id) : null],
  );
  return rows.flatMap((row) => {
    const metric = metricById(row.metric);
    if (metric === null) return [];
    const newestMs = row.hot === null && row.packed === null ? null : Math.max(row.hot ?? Number.NEGATIVE_INFINITY, row.packed ?? Number.NEGATIVE_INFINITY);
    return [{
      id: row.id, metric, provider: row.provider, connectionId: row.connection_id, deviceId: row.device_id, deviceName: row.device_name,
      isDayTotal: row.is_day_total, newestMs,
    }];
  });
}

/** Samples of several series that begin in `[fromMs, toMs)` or reach over its begin, ascending, by series id; absent where there are none. */
export async function readMany(tx: Tx, patientId: string, seriesIds: readonly string[], range: BulkRange): Promise<Map<string, DaySamples>> {
  if (seriesIds.length === 0) return new Map();
  const bySeries = Map.groupBy(await readPacked(tx, patientId, seriesIds, range), ({ id }) => id);
  const found = new Map<string, DaySamples>();
  for (const [id, all] of bySeries) {
    const rows = all.find(({ day }) => day === null);
    const days = decodeDays(all.flatMap(({ day, data }) => (day === null ? [] : [data])));
    const whole = cut(withRows(days, rows && rowsOf(rows.data)), range);
    if (whole.values.length > 0) found.set(id, whole);
  }
  return found;
}

interface Packed {
  readonly id: string;
  /** Null for all rows of the series together. */
  readonly day: number | null;
  readonly data: Buffer;
}

/**
 * Days and rows in one statement. Days before the range come for what reaches into it and count for nothing; the range's first day may lie in it by
 * a part only. Rows come as one text of bytes a series: a row object for each sample would cost ten times as much as the sample.
 */
function readPacked(tx: Tx, patientId: string, seriesIds: readonly string[], { fromMs, toMs, limit, instantMs }: BulkRange): Promise<Packed[]> {
  return tx.prepared<Packed>(
    "read_many",
    `select s.id::text, p.day, p.data from unnest($2::bigint[]) as s (id)
     cross join lateral (
       select b.day - date '1970-01-01' as day, b.data from (
         select day, data, reach_ms, sum(case when day > date '1970-01-01' + $3::int then count else 0 end) over (order by day) - count as before
         from day_blocks where patient_id = $1 and series_id = s.id and day >= date '1970-01-01' + $4::int and day <= date '1970-01-01' + $5::int) b
       where b.before < $6 and (b.day >= date '1970-01-01' + $3::int or (b.day - date '1970-01-01') * 86400000::float8 + b.reach_ms > $7::float8 - $11::float8)
       union all
       select null, string_agg(timestamptz_send(start_at) || timestamptz_send(coalesce(end_at, '-infinity')) || float8send(value) || int8send(delivery_id)
                || int2send(coalesce(offset_minutes, (${UNKNOWN_OFFSET})::smallint)) || int2send(flags), ''::bytea order by start_at)
       from (
         select * from samples where patient_id = $1 and series_id = s.id and start_at >= to_timestamp($9::float8 / 1000) and start_at < to_timestamp($7::float8 / 1000)
           and coalesce(end_at, start_at + make_interval(secs => $11::float8 / 1000)) > to_timestamp($7::float8 / 1000)
         union all
         (select * from samples where patient_id = $1 and series_id = s.id and start_at >= to_timestamp($7::float8 / 1000) and start_at < to_timestamp($8::float8 / 1000)
            order by start_at limit $10)) both_parts) p
     where p.data is not null order by p.day`,
    [
      patientId, seriesIds, dayNumber(fromMs), dayNumber(fromMs - LONGEST_SAMPLE_MS), dayNumber(toMs - 1), limit, fromMs, toMs, fromMs - LONGEST_SAMPLE_MS, limit, instantMs,
    ],
  );
}

const ROW_BYTES = 36;
const UNKNOWN_OFFSET = -32_768;
/** PostgreSQL counts microseconds from the year 2000, in two halves here: a bigint for each sample would cost more than all the rest. */
const EPOCH_2000_MS = 946_684_800_000;
const TWO_TO_32 = 4_294_967_296;
const MINUS_INFINITY_HIGH = -2_147_483_648;

function rowsOf(data: Buffer): DaySamples {
  const count = data.length / ROW_BYTES;
  const rows = emptyDay(count);
  for (let index = 0, at = 0; index < count; index += 1, at += ROW_BYTES) {
    rows.startMs[index] = timeAt(data, at);
    rows.endMs[index] = data.readInt32BE(at + 8) === MINUS_INFINITY_HIGH ? Number.NaN : timeAt(data, at + 8);
    rows.values[index] = data.readDoubleBE(at + 16);
    rows.deliveryIds[index] = data.readUInt32BE(at + 24) * TWO_TO_32 + data.readUInt32BE(at + 28);
    const offset = data.readInt16BE(at + 32);
    rows.offsetMinutes.push(offset === UNKNOWN_OFFSET ? null : offset);
    rows.flags[index] = data.readInt16BE(at + 34);
  }
  return rows;
}

function timeAt(data: Buffer, at: number): number {
  return Math.round((data.readInt32BE(at) * TWO_TO_32 + data.readUInt32BE(at + 4)) / 1000) + EPOCH_2000_MS;
}

/** Rows over days; the rows are nearly always of later ones. */
function withRows(packed: DaySamples, rows: DaySamples | undefined): DaySamples {
  if (!rows) return packed;
  if (packed.values.length === 0) return rows;
  if (rows.startMs[0]! > packed.startMs.at(-1)!) return joinDays([packed, rows]);
  return dayFrom(mergeSamples(samplesOf(packed), samplesOf(rows)).samples);
}

/** What reaches over the begin of the range, and the oldest `limit` that begin in it. */
function cut(samples: DaySamples, { fromMs, toMs, limit, instantMs }: BulkRange): DaySamples {
  const { startMs, endMs } = samples;
  const from = placeOf(startMs, fromMs);
  const end = Math.min(placeOf(startMs, toMs), from + limit);
  const reaching: number[] = [];
  for (let index = placeOf(startMs, fromMs - LONGEST_SAMPLE_MS); index < from; index += 1) {
    if ((Number.isNaN(endMs[index]) ? startMs[index]! + instantMs : endMs[index]!) > fromMs) reaching.push(index);
  }
  const inRange = part(samples, from, end);
  return reaching.length === 0 ? inRange : joinDays([...reaching.map((index) => part(samples, index, index + 1)), inRange]);
}
