/** What the order of sources is made of, read: the patient's rules, and what the newest samples of competing series say of each. */
import type { Tx } from "#db/database.ts";
import { decodeDay } from "../store/codec.ts";
import type { Ranking, SourceFacts } from "./ranking.ts";
import type { Series } from "../store/series.ts";
import { listRules, rulesByScope } from "./source-rules.ts";

/** Newest samples that a series' spacing is taken from, and the fewest that say anything. */
const MOST_LOOKED_AT = 32;
const FEWEST = 4;

/**
 * Reads what the series of a patient are ranked by. A metric's only series is asked nothing. Two statements, whatever the number of series.
 */
export async function readRanking(tx: Tx, patientId: string, series: readonly Series[], newest: ReadonlyMap<string, number>): Promise<Ranking> {
  const rules = rulesByScope(await listRules(tx, patientId));
  const competing = [...Map.groupBy(series, ({ metric }) => metric).values()].filter((some) => some.length > 1).flat();
  return { rules, newest, facts: competing.length === 0 ? new Map() : await readFacts(tx, patientId, competing) };
}

interface FactsRow {
  id: string; starts: number[] | null; ends: (number | null)[] | null; first_hot: number | null; first_packed: number | null; data: Buffer | null;
}

async function readFacts(tx: Tx, patientId: string, series: readonly Series[]): Promise<Map<string, SourceFacts>> {
  const rows = await tx.prepared<FactsRow>(
    "source_facts",
    `select s.id::text, hot.starts, hot.ends, first_row.at as first_hot, first_day.at as first_packed, last_day.data
     from unnest($2::bigint[], $3::boolean[]) as s (id, is_measured)
     left join lateral (
       select array_agg(extract(epoch from r.start_at)::float8 * 1000 order by r.start_at desc) as starts,
              array_agg(extract(epoch from r.end_at)::float8 * 1000 order by r.start_at desc) as ends
       from (select start_at, end_at from samples where patient_id = $1 and series_id = s.id and s.is_measured order by start_at desc limit ${MOST_LOOKED_AT}) r) hot on true
     left join lateral (
       select extract(epoch from start_at)::float8 * 1000 as at from samples where patient_id = $1 and series_id = s.id order by start_at limit 1) first_row on true
     left join lateral (
       select (day - date '1970-01-01') * 86400000::float8 + first_ms as at from day_blocks where patient_id = $1 and series_id = s.id order by day limit 1) first_day on true
     left join lateral (
       select data from day_blocks where patient_id = $1 and series_id = s.id and s.is_measured and coalesce(array_length(hot.starts, 1), 0) < ${MOST_LOOKED_AT}
       order by day desc limit 1) last_day on true`,
    [patientId, series.map(({ id }) => id), series.map(({ isDayTotal }) => !isDayTotal)],
  );
  return new Map(rows.map((row) => [row.id, { spacingMs: spacingOfRow(row), firstMs: earlier(row.first_hot, row.first_packed) }]));
}

function earlier(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

/** Hot rows and the newest block together, so that folding a day changes nobody's place. */
function spacingOfRow({ starts, ends, data }: FactsRow): number | null {
  const endOf = new Map<number, number>();
  if (data) {
    const day = decodeDay(data);
    for (let index = Math.max(0, day.startMs.length - MOST_LOOKED_AT); index < day.startMs.length; index += 1) endOf.set(day.startMs[index]!, day.endMs[index]!);
  }
  for (const [index, startMs] of (starts ?? []).entries()) endOf.set(startMs, ends?.[index] ?? Number.NaN);
  const newest = [...endOf].toSorted((a, b) => b[0] - a[0]).slice(0, MOST_LOOKED_AT);
  return spacingOf(newest.map(([startMs]) => startMs), newest.map(([, endMs]) => endMs));
}

/** Typical length of intervals, typical pause between instants, whichever there are more of; null for fewer than four. Starts descending. */
export function spacingOf(startMs: readonly number[], endMs: readonly number[]): number | null {
  if (startMs.length < FEWEST) return null;
  const lengths = startMs.map((start, index) => endMs[index]! - start).filter((length) => length > 0);
  const pauses = startMs.slice(1).map((start, index) => startMs[index]! - start);
  const measured = (lengths.length * 2 >= startMs.length ? lengths : pauses).toSorted((a, b) => a - b);
  return measured[measured.length >>> 1]!;
}
