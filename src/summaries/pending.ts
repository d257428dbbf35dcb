/** What changed and is not summarized yet, and which local days that makes stale. */
import type { Tx } from "#db/database.ts";
import { extentsOf } from "#samples/store/extent.ts";
import type { KnownSeries } from "#samples/read.ts";
import { metricById, METRICS, type MetricName } from "#units/metrics.ts";
import type { Window } from "#units/time.ts";
import { changedByOrder, LARGEST_MARGIN_MS, marginOf, mergeWindows, orderOf } from "./ranks.ts";
import type { KeptState } from "./store.ts";

/** A stretch of a patient's time that is to be summarized anew; without a metric, in all of them. */
export interface Touched {
  readonly metric: number | null;
  /** Null: from the beginning of time. */
  readonly fromMs: number | null;
  /** Null: to its end. */
  readonly toMs: number | null;
}

/** What a change touches: beyond what it says of itself, all that its samples have a word in. */
export function touchedBy<Change extends Touched>(change: Change): Change {
  const metric = change.metric === null ? null : metricById(change.metric);
  const marginMs = metric === null ? LARGEST_MARGIN_MS : marginOf(metric);
  return { ...change, fromMs: change.fromMs === null ? null : change.fromMs - marginMs, toMs: change.toMs === null ? null : change.toMs + marginMs };
}

/** Kinds of changes that summaries hang on. */
export const KINDS = ["samples", "sources", "zone"] as const;

/** What of the patient the follower has not summarized: what it has not read, and what waits as work. */
export async function readPending(tx: Tx, patientId: string): Promise<Touched[]> {
  const rows = await tx.prepared<Touched & { readonly isWork: boolean }>(
    "pending_changes",
    `select c.metric, c.from_at as "fromMs", c.to_at as "toMs", false as "isWork"
     from summary_follower f join changes c on (c.transaction_id, c.id) > (f.transaction_id, f.id) where c.patient_id = $1 and c.kind = any($2)
     union all select metric, from_at, to_at, true from summary_work where patient_id = $1`,
    [patientId, KINDS],
  );
  return rows.map((row) => (row.isWork ? row : touchedBy(row)));
}

/** Stretches of each metric whose summaries are stale. */
export type Stale = ReadonlyMap<MetricName, readonly Window[]>;

const ALWAYS: Window = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

/** By the touched stretches and by orders of sources that have become others. `others` are metrics beside those that have sources. */
export async function staleBy(
  tx: Tx, patientId: string, { touched, state, known, others }: { touched: readonly Touched[]; state: KeptState | null; known: KnownSeries; others: Iterable<MetricName> },
): Promise<Stale> {
  const stale = new Map<MetricName, Window[]>();
  const all = new Set([...known.series.map(({ metric }) => metric), ...others]);
  for (const { metric: id, fromMs, toMs } of touched) {
    const named = id === null ? null : metricById(id);
    for (const metric of id === null ? all : named === null ? [] : [named]) {
      const stretch = { fromMs: fromMs ?? Number.NEGATIVE_INFINITY, toMs: toMs ?? Number.POSITIVE_INFINITY };
      const stretches = stale.get(metric);
      if (stretches) stretches.push(stretch);
      else stale.set(metric, [stretch]);
    }
  }
  for (const [metric, stretches] of stale) {
    const [before, after] = [state?.rankings[METRICS[metric].id], orderOf(known, metric)];
    if (!before || before.join() === after.join()) continue;
    const extents = await extentsOf(tx, patientId, after);
    stretches.push(...(changedByOrder(before, after, extents) ?? [ALWAYS]));
  }
  return new Map([...stale].map(([metric, stretches]) => [metric, mergeWindows(stretches)]));
}

