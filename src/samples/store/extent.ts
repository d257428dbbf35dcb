/** From when to when a series has samples, in whichever form they rest. */
import type { Tx } from "#db/database.ts";
import { DAY_MS, type Window } from "#units/time.ts";

/** First and last start of each series' samples, both in; absent where there are none. */
export async function extentsOf(tx: Tx, patientId: string, seriesIds: readonly string[]): Promise<Map<string, Window>> {
  const rows = await tx.query<{ id: string; hot_first: number | null; hot_last: number | null; first_day: number | null; first_ms: number | null; last_day: number | null; last_ms: number | null }>(
    `select s.id::text, hot.first as hot_first, hot.last as hot_last, oldest.day as first_day, oldest.first_ms, newest.day as last_day, newest.last_ms
     from unnest($2::bigint[]) as s (id)
     cross join lateral (select min(start_at) as first, max(start_at) as last from samples where patient_id = $1 and series_id = s.id) hot
     left join lateral (select day - date '1970-01-01' as day, first_ms from day_blocks where patient_id = $1 and series_id = s.id order by day_blocks.day limit 1) oldest on true
     left join lateral (select day - date '1970-01-01' as day, last_ms from day_blocks where patient_id = $1 and series_id = s.id order by day_blocks.day desc limit 1) newest on true`,
    [patientId, seriesIds],
  );
  return new Map(rows.flatMap((row): [string, Window][] => {
    const firsts = [row.hot_first, row.first_day === null ? null : row.first_day * DAY_MS + row.first_ms!].filter((ms) => ms !== null);
    const lasts = [row.hot_last, row.last_day === null ? null : row.last_day * DAY_MS + row.last_ms!].filter((ms) => ms !== null);
    return firsts.length === 0 ? [] : [[row.id, { fromMs: Math.min(...firsts), toMs: Math.max(...lasts) }]];
  }));
}
