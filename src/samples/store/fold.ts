/** Folding: settled days leave their rows for a block. Safe to repeat, to be killed at any point, and beside writers of the same days. */
import type { Database, Tx } from "#db/database.ts";
import { DAY_MS } from "#units/time.ts";
import type { BlockKey } from "./blocks.ts";
import { dayOf, NO_SAMPLES } from "./day.ts";
import { FEWEST_IN_BLOCK, mergeDays, SETTLED_AFTER_MS } from "./write.ts";

/** Days of one transaction: none is long. */
const DAYS_AT_ONCE = 100;
const PATIENTS_AT_ONCE = 1_000;
/** What comes so late to a day without a block may stay rows until `islet samples fold` is asked to look at everything. */
const LATE_MS = 30 * DAY_MS;

export interface FoldOptions {
  readonly nowMs: number;
  /** Only days that begin from here on; all by default. */
  readonly fromMs?: number;
  readonly signal?: AbortSignal;
}

/** Folds what has settled since the last time, and what came late to the month before. Gives how many days were folded. */
export async function foldNews(database: Database, { nowMs, signal }: Pick<FoldOptions, "nowMs" | "signal">): Promise<number> {
  const [mark] = await database.asSystem((tx) => tx.query<{ folded_to: number }>("select folded_to from fold_mark"));
  const folded = await foldSettled(database, { nowMs, ...(mark ? { fromMs: dayOf(mark.folded_to - LATE_MS) } : {}), ...(signal ? { signal } : {}) });
  if (signal?.aborted) return folded;
  await database.asSystem((tx) => tx.query(
    "insert into fold_mark (folded_to) values (to_timestamp($1::float8 / 1000)) on conflict (is_only) do update set folded_to = excluded.folded_to", [settledTo(nowMs)],
  ));
  return folded;
}

/** Folds all that has settled, patient by patient. Gives how many days were folded. */
export async function foldSettled(database: Database, { nowMs, fromMs, signal }: FoldOptions): Promise<number> {
  let folded = 0;
  for await (const patient of allPatients(database)) {
    for (;;) {
      if (signal?.aborted) return folded;
      const days = await database.withOrganization(patient.organizationId, (tx) => foldDays(tx, patient, { fromMs: fromMs ?? null, toMs: settledTo(nowMs) }));
      folded += days;
      if (days < DAYS_AT_ONCE) break;
    }
  }
  return folded;
}

/** End of the last day that has settled. */
function settledTo(nowMs: number): number {
  return dayOf(nowMs - SETTLED_AFTER_MS);
}

interface Owner {
  readonly organizationId: string;
  readonly patientId: string;
}

/** Every patient, whatever their organization. */
export async function* allPatients(database: Database): AsyncGenerator<Owner> {
  for (let after: string | null = null; ; ) {
    const rows: { organization_id: string; id: string }[] = await database.asSystem((tx) => tx.query(
      "select organization_id, id from patients where $1::uuid is null or id > $1 order by id limit $2", [after, PATIENTS_AT_ONCE],
    ));
    for (const { organization_id: organizationId, id: patientId } of rows) yield { organizationId, patientId };
    after = rows.at(-1)?.id ?? null;
    if (rows.length < PATIENTS_AT_ONCE) return;
  }
}

async function foldDays(tx: Tx, owner: Owner, range: { readonly fromMs: number | null; readonly toMs: number }): Promise<number> {
  // Enough for a block, or late for one that there is: a writer that had seen none may have left a row beside it.
  const rows = await tx.query<{ series_id: string; day: number }>(
    `select d.series_id::text, d.day from (
       select series_id, floor(extract(epoch from start_at) / 86400)::int as day, count(*) as count from samples
       where patient_id = $1 and series_id in (select id from series where patient_id = $1 and not keeps_versions) and start_at < to_timestamp($2::float8 / 1000)
         and ($5::float8 is null or start_at >= to_timestamp($5::float8 / 1000))
       group by 1, 2) d
     where d.count >= $3 or exists (select 1 from day_blocks b where b.patient_id = $1 and b.series_id = d.series_id and b.day = date '1970-01-01' + d.day)
     order by d.series_id, d.day limit $4`,
    [owner.patientId, range.toMs, FEWEST_IN_BLOCK, DAYS_AT_ONCE, range.fromMs],
  );
  const days = rows.map((row): BlockKey => ({ patientId: owner.patientId, seriesId: row.series_id, dayMs: row.day * DAY_MS }));
  if (days.length > 0) await mergeDays(tx, owner.organizationId, days.map((day) => ({ ...day, newcomers: NO_SAMPLES })));
  return days.length;
}
