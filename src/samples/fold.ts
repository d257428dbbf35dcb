/** Folding: settled days leave their rows for a block. Safe to repeat, to be killed at any point, and beside writers of the same days. */
import type { Database, Tx } from "#db/database.ts";
import { DAY_MS } from "#units/time.ts";
import { dayOf, NO_SAMPLES } from "./day.ts";
import { FEWEST_IN_BLOCK, mergeDays, SETTLED_AFTER_MS } from "./write.ts";

/** Days of one transaction: none is long. */
const DAYS_AT_ONCE = 100;

/** Folds all that has settled, patient by patient. Gives how many days were folded. */
export async function foldSettled(database: Database, nowMs: number, signal?: AbortSignal): Promise<number> {
  const settledMs = dayOf(nowMs - SETTLED_AFTER_MS);
  const patients = await database.asSystem((tx) => tx.query<{ organization_id: string; id: string }>("select organization_id, id from patients order by id"));
  let folded = 0;
  for (const { organization_id: organizationId, id } of patients) {
    for (;;) {
      if (signal?.aborted) return folded;
      const days = await database.withOrganization(organizationId, (tx) => foldDays(tx, { organizationId, patientId: id }, settledMs));
      folded += days;
      if (days < DAYS_AT_ONCE) break;
    }
  }
  return folded;
}

async function foldDays(tx: Tx, owner: { readonly organizationId: string; readonly patientId: string }, settledMs: number): Promise<number> {
  const rows = await tx.query<{ series_id: string; day: number }>(
    `select series_id::text, floor(extract(epoch from start_at) / 86400)::int as day from samples
     where patient_id = $1 and start_at < to_timestamp($2::float8 / 1000) group by 1, 2 having count(*) >= $3 order by 1, 2 limit $4`,
    [owner.patientId, settledMs, FEWEST_IN_BLOCK, DAYS_AT_ONCE],
  );
  if (rows.length > 0) {
    await mergeDays(tx, owner.organizationId, rows.map((row) => ({ patientId: owner.patientId, seriesId: row.series_id, dayMs: row.day * DAY_MS, newcomers: NO_SAMPLES })));
  }
  return rows.length;
}
