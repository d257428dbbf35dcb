/** Sleeps and workouts of several devices, each night and each workout once: read wider than asked, so that no page decides otherwise than the next. */
import type { Tx } from "#db/database.ts";
import { DAY_MS } from "#units/time.ts";
import { resolveSleeps, resolveWorkouts, type Sleep, type Workout } from "./sources/nights.ts";
import { listRecords, type RecordPage, type RecordTable } from "./records.ts";
import { listRules, rulesByScope } from "./sources/source-rules.ts";

/** Reports that tell of one night or workout begin no further apart. */
const APART_MS = DAY_MS;

/**
 * Like listRecords, newest first: of sleeps those of the device that nights.ts chooses for each night, of workouts each once, by the patient's
 * rule for all metrics. Treatments are told as they are.
 */
export async function listResolved<Table extends RecordTable>(tx: Tx, table: Table, patientId: string, page: RecordPage): Promise<RecordOf<Table>[]> {
  const rule = rulesByScope(await listRules(tx, patientId)).get("all");
  const resolve: (rows: RecordOf<Table>[]) => unknown[] =
    table === "sleeps" ? (rows) => resolveSleeps(rows as Sleep[], rule) : table === "workouts" ? (rows) => resolveWorkouts(rows as Workout[], rule) : (rows) => rows;
  const toMs = Math.min(page.toMs, (page.after?.startMs ?? Number.POSITIVE_INFINITY) + 1) + APART_MS;
  for (let limit = page.limit * 3 + 50; ; limit *= 2) {
    const rows = await listRecords(tx, table, patientId, { fromMs: page.fromMs - APART_MS, toMs, limit, after: null });
    const isAll = rows.length < limit;
    // What was cut off may tell of the same night as the oldest ones read.
    const fromMs = isAll ? page.fromMs : Math.max(page.fromMs, rows.at(-1)!.startMs + APART_MS);
    const found = (resolve(rows) as RecordOf<Table>[]).filter((row) => row.startMs >= fromMs && row.startMs < page.toMs && isAfter(row, page.after));
    if (isAll || found.length >= page.limit || fromMs === page.fromMs) return found.slice(0, page.limit);
  }
}

type RecordOf<Table extends RecordTable> = Awaited<ReturnType<typeof listRecords<Table>>>[number];

function isAfter(row: { readonly startMs: number; readonly id: string }, last: RecordPage["after"]): boolean {
  return last === null || row.startMs < last.startMs || (row.startMs === last.startMs && BigInt(row.id) < BigInt(last.id));
}
