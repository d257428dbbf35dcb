/** Summaries of local days as they are true at this moment: what is kept, and at once from the samples what the follower has not reached. */
import type { Tx } from "#db/database.ts";
import { readSeries, type KnownSeries } from "#samples/read.ts";
import { METRIC_NAMES, type MetricName } from "#units/metrics.ts";
import type { LocalDay, ZoneHistory } from "#units/zones.ts";
import { readPending, staleBy, type Stale } from "./pending.ts";
import { summarizeDays } from "./read-days.ts";
import { readKept, type KeptState } from "./store.ts";
import type { DaySummary } from "./summarize.ts";

export interface DaysAsked {
  readonly patientId: string;
  readonly history: ZoneHistory;
  /** Ascending, following one another. */
  readonly days: readonly LocalDay[];
  /** Of these metrics only. */
  readonly metrics?: readonly MetricName[];
}

/** Summaries of those of the days that have values, by metric in the order of the vocabulary, ascending by date. */
export async function readDaySummaries(tx: Tx, asked: DaysAsked): Promise<Map<MetricName, DaySummary[]>> {
  const { patientId, days, metrics } = asked;
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return new Map();
  // In this order: what is kept between the two questions is fresh, while what changes between them the other way round would go unnoticed.
  const stale = await readStaleness(tx, patientId);
  const kept = await readKept(tx, patientId, { fromDate: first.date, toDate: last.date }, metrics);
  const result = new Map<MetricName, DaySummary[]>();
  for (const metric of metrics ?? METRIC_NAMES) {
    const summaries = await freshDays(tx, { asked, metric, stale, kept: kept.get(metric) ?? [] });
    if (summaries.length > 0) result.set(metric, summaries);
  }
  return result;
}

/** Summaries made of the samples alone. */
export async function summarizeAnew(tx: Tx, { patientId, history, days, metrics }: DaysAsked): Promise<Map<MetricName, DaySummary[]>> {
  const known = await readSeries(tx, patientId, metrics);
  const result = new Map<MetricName, DaySummary[]>();
  for (const metric of metrics ?? METRIC_NAMES) {
    if (!known.series.some((series) => series.metric === metric)) continue;
    const summaries = await summarizeDays({ tx, patientId, history, known }, metric, days);
    if (summaries.length > 0) result.set(metric, summaries);
  }
  return result;
}

export interface Staleness {
  /** Null: nothing that is kept may be shown. */
  readonly stale: Stale | null;
  readonly known: KnownSeries | null;
}

/** What of a patient's summaries cannot be taken from what is kept. */
export async function readStaleness(tx: Tx, patientId: string): Promise<Staleness> {
  const touched = await readPending(tx, patientId);
  const [state] = await tx.prepared<KeptState & { hides: boolean }>(
    "kept_state", "select rankings, providers, providers && app_hidden_providers() as hides from summary_states where patient_id = $1", [patientId],
  );
  if (state?.hides) return { stale: null, known: await readSeries(tx, patientId) };
  if (touched.length === 0) return { stale: new Map(), known: null };
  const known = await readSeries(tx, patientId);
  return { stale: await staleBy(tx, patientId, { touched, state: state ?? null, known, others: [] }), known };
}

async function freshDays(
  tx: Tx, { asked, metric, stale: { stale, known }, kept }: { asked: DaysAsked; metric: MetricName; stale: Staleness; kept: readonly DaySummary[] },
): Promise<DaySummary[]> {
  const keptOf = new Map(kept.map((summary) => [summary.date, summary]));
  // A date that the person's calendar has no more is not told, however it was kept.
  const askedDates = new Set(asked.days.map(({ date }) => date));
  const windows = stale?.get(metric) ?? [];
  const isStale = (day: LocalDay): boolean => {
    if (stale === null || windows.some(({ fromMs, toMs }) => fromMs < day.toMs && toMs > day.fromMs)) return true;
    const summary = keptOf.get(day.date);
    return summary !== undefined && (summary.fromMs !== day.fromMs || summary.toMs !== day.toMs);
  };
  const again = asked.days.filter(isStale);
  if (again.length === 0) return kept.filter(({ date }) => askedDates.has(date));
  const dates = new Set(again.map(({ date }) => date));
  const { patientId, history } = asked;
  const series = known ?? (await readSeries(tx, patientId, [metric]));
  const anew = series.series.some((each) => each.metric === metric) ? await summarizeDays({ tx, patientId, history, known: series }, metric, again) : [];
  return [...kept.filter(({ date }) => askedDates.has(date) && !dates.has(date)), ...anew].toSorted((a, b) => (a.date < b.date ? -1 : 1));
}
