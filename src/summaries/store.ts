/** Kept summaries at rest. Nobody else writes the table. */
import type { Tx } from "#db/database.ts";
import { metricById, METRICS, type MetricName } from "#units/metrics.ts";
import type { Window } from "#units/time.ts";
import type { LocalDay } from "#units/zones.ts";
import { readParts, writePart } from "./glucose-day.ts";
import type { DaySummary } from "./summarize.ts";

/** Whose summaries they are. */
export interface Owner {
  readonly organizationId: string;
  readonly patientId: string;
}

interface Row {
  metric: number; date: string; from_at: number; to_at: number; count: number; value: number; mean: number; m2: number; min: number; max: number; last: number;
  first_at: number; last_at: number; series_id: string; providers: string[]; glucose_part: string | null;
}

/** Kept summaries of the patient's local dates from `fromDate` to `toDate`, both in, by metric, ascending; of some metrics when given. */
export async function readKept(tx: Tx, patientId: string, dates: { fromDate: string; toDate: string }, metrics?: readonly MetricName[]): Promise<Map<MetricName, DaySummary[]>> {
  const rows = await tx.prepared<Row>(
    "read_kept_days",
    `select metric, date::text, from_at, to_at, count, value, mean, m2, min, max, last, first_at, last_at, series_id::text, providers, glucose_part
     from day_summaries where patient_id = $1 and date between $2::date and $3::date and ($4::smallint[] is null or metric = any($4)) order by metric, day_summaries.date`,
    [patientId, dates.fromDate, dates.toDate, metrics ? metrics.map((metric) => METRICS[metric].id) : null],
  );
  const kept = new Map<MetricName, DaySummary[]>();
  for (const row of rows) {
    const metric = metricById(row.metric);
    if (metric === null) continue;
    const days = kept.get(metric);
    if (days) days.push(summaryOf(row));
    else kept.set(metric, [summaryOf(row)]);
  }
  return kept;
}

/** A kept day, and how many values it has. */
export interface KeptCount extends LocalDay {
  readonly times: number;
}

/** All kept days of the metrics, ascending, without what else they amount to: years of them are read at once. */
export async function readKeptCounts(tx: Tx, patientId: string, metrics: readonly MetricName[]): Promise<Map<MetricName, KeptCount[]>> {
  const rows = await tx.prepared<{ metric: number; date: string; from_at: number; to_at: number; count: number }>(
    "read_kept_counts", "select metric, date::text, from_at, to_at, count from day_summaries where patient_id = $1 and metric = any($2::smallint[]) order by metric, day_summaries.date",
    [patientId, metrics.map((metric) => METRICS[metric].id)],
  );
  const kept = new Map<MetricName, KeptCount[]>(metrics.map((metric) => [metric, []]));
  for (const row of rows) kept.get(metricById(row.metric)!)?.push({ date: row.date, fromMs: row.from_at, toMs: row.to_at, times: row.count });
  return kept;
}

function summaryOf(row: Row): DaySummary {
  const [part] = readParts(row.glucose_part);
  return {
    date: row.date, fromMs: row.from_at, toMs: row.to_at, count: row.count, value: row.value, mean: row.mean, m2: row.m2, min: row.min, max: row.max, last: row.last,
    firstMs: row.first_at, lastMs: row.last_at, seriesId: row.series_id, providers: row.providers,
    glucose: part ? { ranges: part.ranges, steps: part.steps, lowRisk: part.lowRisk, highRisk: part.highRisk, riskRange: part.riskRange, episodes: part.episodes } : null,
  };
}

/** Puts summaries in the place of all that is kept of these days, which follow one another: also what was kept of them under other dates. */
export async function replaceKept(tx: Tx, owner: Owner, metric: MetricName, { days, summaries }: { days: readonly LocalDay[]; summaries: readonly DaySummary[] }): Promise<void> {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return;
  const of = <T>(column: (summary: DaySummary) => T): T[] => summaries.map(column);
  await tx.query(
    `delete from day_summaries where patient_id = $1 and metric = $2
       and (date between $3::date and $4::date or (from_at < to_timestamp($6::float8 / 1000) and to_at > to_timestamp($5::float8 / 1000)))`,
    [owner.patientId, METRICS[metric].id, first.date, last.date, first.fromMs, last.toMs],
  );
  if (summaries.length === 0) return;
  await tx.query(
    `insert into day_summaries (organization_id, patient_id, metric, date, from_at, to_at, count, value, mean, m2, min, max, last, first_at, last_at, series_id, providers, ranges, glucose_part)
     select $1, $2, $3, r.date, to_timestamp(r.from_ms / 1000), to_timestamp(r.to_ms / 1000), r.count, r.value, r.mean, r.m2, r.min, r.max, r.last,
            to_timestamp(r.first_ms / 1000), to_timestamp(r.last_ms / 1000), r.series_id, string_to_array(r.providers, ','), string_to_array(r.ranges, ',')::int[], r.part
     from unnest($4::date[], $5::float8[], $6::float8[], $7::int[], $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[],
                 $15::float8[], $16::bigint[], $17::text[], $18::text[], $19::text[])
       as r (date, from_ms, to_ms, count, value, mean, m2, min, max, last, first_ms, last_ms, series_id, providers, ranges, part)`,
    [
      owner.organizationId, owner.patientId, METRICS[metric].id, of(({ date }) => date), of(({ fromMs }) => fromMs), of(({ toMs }) => toMs), of(({ count }) => count),
      of(({ value }) => value), of(({ mean }) => mean), of(({ m2 }) => m2), of(({ min }) => min), of(({ max }) => max), of((summary) => summary.last), of(({ firstMs }) => firstMs),
      of(({ lastMs }) => lastMs), of(({ seriesId }) => seriesId), of(({ providers }) => providers.join(",")), of(({ glucose }) => glucose?.ranges.join(",") ?? null),
      of(writePart),
    ],
  );
}

/** From when to when there are kept summaries, by metric. */
export async function keptExtents(tx: Tx, patientId: string): Promise<Map<MetricName, Window>> {
  const rows = await tx.query<{ metric: number; from_at: number; to_at: number }>(
    "select metric, min(from_at) as from_at, max(to_at) as to_at from day_summaries where patient_id = $1 group by metric", [patientId],
  );
  return new Map(rows.flatMap((row): [MetricName, Window][] => {
    const metric = metricById(row.metric);
    return metric === null ? [] : [[metric, { fromMs: row.from_at, toMs: row.to_at }]];
  }));
}

/** How a patient's summaries are kept. */
export interface KeptState {
  /** Sources of each metric, the best first, as they counted when its summaries were made. */
  readonly rankings: Readonly<Record<string, readonly string[]>>;
  readonly providers: readonly string[];
}

/**
 * Takes the patient's summaries for the transaction, so that no two workers write them; null while another has them. `waits` waits instead.
 */
export async function holdState(tx: Tx, owner: Owner, waits = false): Promise<KeptState | null> {
  await tx.query("insert into summary_states (organization_id, patient_id) values ($1, $2) on conflict do nothing", [owner.organizationId, owner.patientId]);
  const [row] = await tx.query<KeptState>(`select rankings, providers from summary_states where patient_id = $1 for update ${waits ? "" : "skip locked"}`, [owner.patientId]);
  return row ?? null;
}

export async function writeState(tx: Tx, { patientId }: Owner, { rankings, providers }: KeptState): Promise<void> {
  await tx.query("update summary_states set rankings = $2::jsonb, providers = $3 where patient_id = $1", [patientId, JSON.stringify(rankings), providers]);
}

/** Forgets what a provider had a part in. Whoever erases its data announces it, so that the rest is summarized anew. */
export async function forgetProvider(tx: Tx, patientId: string, provider: string): Promise<void> {
  await tx.query("delete from day_summaries where patient_id = $1 and $2 = any(providers)", [patientId, provider]);
}
