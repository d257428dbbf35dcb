/** An end for the change feed's past. */
import type { Tx } from "#db/database.ts";
import { DAY_MS } from "#units/time.ts";

/** Longer than any follower that is still alive stays away; one that comes later asks anew for everything. */
export const CHANGES_KEPT_DAYS = 30;
const CHANGES_AT_ONCE = 10_000;

/**
 * Forgets the oldest changes that are past their time, some thousands at once, and notes up to where; gives how many. They go in the order in which
 * they are told, so that whoever followed this far has heard of all of them; what the summaries have not followed stays.
 */
export async function forgetOldChanges(tx: Tx, nowMs: number): Promise<number> {
  const rows = await tx.query<{ count: number }>(
    `with old as (
       select patient_id, id, transaction_id, created_at from changes
       where (transaction_id, id) <= (select f.transaction_id, f.id from summary_follower f) order by changes.transaction_id, changes.id limit ${CHANGES_AT_ONCE}),
     gone as (
       delete from changes c using old where c.patient_id = old.patient_id and c.id = old.id and old.created_at < to_timestamp($1::float8 / 1000)
       returning c.transaction_id),
     mark as (
       insert into change_mark as m (forgotten_to) select max(transaction_id) from gone having count(*) > 0
       on conflict (is_only) do update set forgotten_to = greatest(m.forgotten_to, excluded.forgotten_to))
     select count(*)::int as count from gone`,
    [nowMs - CHANGES_KEPT_DAYS * DAY_MS],
  );
  return rows[0]!.count;
}
