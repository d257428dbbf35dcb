/** Day blocks at rest: read, written, deleted. Nobody outside this room knows of them. */
import type { Tx } from "#db/database.ts";
import { DAY_MS } from "#units/time.ts";
import { decodeDay, decodeDays, encodeDay, type DaySamples } from "./codec.ts";
import { dayNumber } from "./day.ts";

export interface BlockKey {
  readonly patientId: string;
  readonly seriesId: string;
  /** Begin of the UTC day. */
  readonly dayMs: number;
}

export interface Block extends BlockKey {
  readonly samples: DaySamples;
}

interface BlockRow {
  readonly data: Buffer;
}

/** Which of these days have a block, as `series day`. */
export async function knownBlocks(tx: Tx, keys: readonly BlockKey[]): Promise<Set<string>> {
  const rows = await tx.prepared<{ series_id: string; day: number }>(
    "known_blocks",
    `select b.series_id::text, b.day - date '1970-01-01' as day from ${KEYS}`, keyColumns(keys),
  );
  return new Set(rows.map((row) => `${row.series_id} ${row.day * DAY_MS}`));
}

/** The blocks that there are of these days. Whoever is to rewrite them holds their series (series.ts). */
export async function holdBlocks(tx: Tx, keys: readonly BlockKey[]): Promise<Block[]> {
  const rows = await tx.prepared<BlockRow & { patient_id: string; series_id: string; day: number }>(
    "hold_blocks",
    `select b.patient_id, b.series_id::text, b.day - date '1970-01-01' as day, b.data from ${KEYS} order by b.patient_id, b.series_id, b.day`, keyColumns(keys),
  );
  return rows.map((row) => ({ patientId: row.patient_id, seriesId: row.series_id, dayMs: row.day * DAY_MS, samples: decodeDay(row.data) }));
}

const KEYS = `unnest($1::uuid[], $2::bigint[], $3::int[]) as k (patient_id, series_id, day)
     join day_blocks b on b.patient_id = k.patient_id and b.series_id = k.series_id and b.day = date '1970-01-01' + k.day`;

function keyColumns(keys: readonly BlockKey[]): unknown[] {
  return [keys.map(({ patientId }) => patientId), keys.map(({ seriesId }) => seriesId), keys.map(({ dayMs }) => dayMs / DAY_MS)];
}

/** Whole days of one series that touch `[fromMs, toMs)`, as one: the oldest or, `newestFirst`, the newest that hold `atLeast` samples of it. */
export async function readBlocks(
  tx: Tx, patientId: string, seriesId: string, range: { fromMs: number; toMs: number; atLeast: number; newestFirst?: boolean },
): Promise<DaySamples> {
  const direction = range.newestFirst ? "desc" : "asc";
  // The first day may lie in the range by a part only, so it does not count.
  const rows = await tx.prepared<BlockRow>(
    `read_blocks_${direction}`,
    `select data from (
       select day, data, sum(count) over w - count as before, first_value(count) over w as partial
       from day_blocks where patient_id = $1 and series_id = $2 and day >= date '1970-01-01' + $3::int and day <= date '1970-01-01' + $4::int
       window w as (order by day ${direction})) b
     where before - partial < $5 order by day ${direction}`,
    [patientId, seriesId, dayNumber(range.fromMs), dayNumber(range.toMs - 1), range.atLeast],
  );
  // The statement goes by the order in which it counts.
  if (range.newestFirst) rows.reverse();
  return decodeDays(rows.map(({ data }) => data));
}

/** Samples of one day; null where it has no block. */
export async function blockAt(tx: Tx, key: BlockKey): Promise<DaySamples | null> {
  return (await holdBlocks(tx, [key]))[0]?.samples ?? null;
}

/** Time of the newest packed sample of each series, before `beforeMs` when given; absent where there is none. */
export async function newestBlocks(tx: Tx, patientId: string, seriesIds: readonly string[], beforeMs?: number): Promise<Map<string, number>> {
  const newest = new Map<string, number>();
  let asked = seriesIds.map((id) => ({ id, beforeMs: beforeMs ?? null }));
  while (asked.length > 0) {
    const rows = await tx.query<{ id: string; day: number; first_ms: number; last_ms: number; before: number | null; data: Buffer | null }>(
      `select s.id::text, b.day - date '1970-01-01' as day, b.first_ms, b.last_ms, s.before,
              case when s.before <= (b.day - date '1970-01-01') * 86400000::float8 + b.last_ms then b.data end as data
       from unnest($2::bigint[], $3::float8[]) as s (id, before)
       cross join lateral (select day, first_ms, last_ms, data from day_blocks where patient_id = $1 and series_id = s.id
         and (s.before is null or day < date '1970-01-01' + ceil(s.before / 86400000)::int) order by day desc limit 1) b`,
      [patientId, asked.map(({ id }) => id), asked.map(({ beforeMs: ms }) => ms)],
    );
    asked = [];
    for (const { id, day, last_ms: lastMs, before, data } of rows) {
      if (data === null || before === null) newest.set(id, day * DAY_MS + lastMs);
      else {
        const found = decodeDay(data).startMs.findLast((startMs) => startMs < before);
        if (found === undefined) asked.push({ id, beforeMs: day * DAY_MS });
        else newest.set(id, found);
      }
    }
  }
  return newest;
}

/** Writes whole days; those that were there are replaced. A block without samples is deleted. */
export async function putBlocks(tx: Tx, organizationId: string, blocks: readonly Block[]): Promise<void> {
  const full = blocks.filter(({ samples }) => samples.values.length > 0);
  const empty = blocks.filter(({ samples }) => samples.values.length === 0);
  if (empty.length > 0) {
    await tx.query(
      `delete from day_blocks b using unnest($1::uuid[], $2::bigint[], $3::int[]) as k (patient_id, series_id, day)
       where b.patient_id = k.patient_id and b.series_id = k.series_id and b.day = date '1970-01-01' + k.day`,
      [empty.map(({ patientId }) => patientId), empty.map(({ seriesId }) => seriesId), empty.map(({ dayMs }) => dayMs / DAY_MS)],
    );
  }
  if (full.length === 0) return;
  const sums = full.map(summaryOf);
  await tx.prepared(
    "put_blocks",
    `insert into day_blocks (organization_id, patient_id, series_id, day, count, first_ms, last_ms, reach_ms, min, max, sum, data)
     select $1, r.patient_id, r.series_id, date '1970-01-01' + r.day, r.count, r.first_ms, r.last_ms, r.reach_ms, r.min, r.max, r.sum, r.data
     from unnest($2::uuid[], $3::bigint[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::float8[], $10::float8[], $11::float8[], $12::bytea[])
       as r (patient_id, series_id, day, count, first_ms, last_ms, reach_ms, min, max, sum, data)
     order by 2, 3, 4
     on conflict (patient_id, series_id, day) do update set count = excluded.count, first_ms = excluded.first_ms, last_ms = excluded.last_ms,
       reach_ms = excluded.reach_ms, min = excluded.min, max = excluded.max, sum = excluded.sum, data = excluded.data`,
    [
      organizationId, full.map(({ patientId }) => patientId), full.map(({ seriesId }) => seriesId), full.map(({ dayMs }) => dayMs / DAY_MS),
      full.map(({ samples }) => samples.values.length), sums.map(({ firstMs }) => firstMs), sums.map(({ lastMs }) => lastMs), sums.map(({ reachMs }) => reachMs),
      sums.map(({ min }) => min), sums.map(({ max }) => max), sums.map(({ sum }) => sum), full.map(({ samples }) => bufferOf(encodeDay(samples))),
    ],
  );
}

/** What a block's own columns say of its samples. */
export interface BlockSummary {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly reachMs: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
}

export function summaryOf({ dayMs, samples }: Pick<Block, "dayMs" | "samples">): BlockSummary {
  const { startMs, endMs, values } = samples;
  let [reachMs, min, max, sum] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index]!;
    const end = endMs[index]!;
    reachMs = Math.max(reachMs, (Number.isNaN(end) ? startMs[index]! : end) - dayMs);
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
  }
  return { firstMs: startMs[0]! - dayMs, lastMs: startMs.at(-1)! - dayMs, reachMs, min, max, sum };
}

/** The same bytes, as the driver of the database wants them. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
