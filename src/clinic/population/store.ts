/** Lines at rest. Nobody else writes the table. */
import type { Tx } from "#db/database.ts";
import type { MadeLines } from "./make-lines.ts";
import { writeFacts, type Line, type Owner, type Period } from "./line.ts";

interface Row extends Omit<Line, "ranges"> {
  readonly patientId: string;
  readonly veryLow: number | null; readonly low: number | null; readonly target: number | null; readonly high: number | null; readonly veryHigh: number | null; readonly tight: number | null;
}

export const LINE_COLUMNS = `days, from_at as "fromMs", to_at as "toMs", target_id::text as "targetId", readings, days_read as "daysRead", very_low as "veryLow", low, target, high,
  very_high as "veryHigh", tight, mean, sd, cv, gmi, wear, before_days as "beforeDays", before_target as "beforeTarget", low_events as "lowEvents", very_low_events as "veryLowEvents",
  high_events as "highEvents", very_high_events as "veryHighEvents", last_at as "lastMs", last_value as "lastMgDl"`;

/** The kept lines of these patients, by patient; of one period where it is named. */
export async function readLines(tx: Tx, patientIds: readonly string[], days: Period | null = null): Promise<Map<string, Line[]>> {
  const rows = await tx.query<Row & Record<string, unknown>>(`select patient_id as "patientId", ${LINE_COLUMNS} from population_lines where patient_id = any($1::uuid[]) and ($2::int is null or days = $2) order by patient_id, days`, [patientIds, days]);
  return Map.groupBy(rows.map((row) => ({ patientId: row.patientId, line: lineOf(row) })), ({ patientId }) => patientId).entries()
    .reduce((byPatient, [patientId, lines]) => byPatient.set(patientId, lines.map(({ line }) => line)), new Map<string, Line[]>());
}

function lineOf({ veryLow, low, target, high, veryHigh, tight, ...row }: Row): Line {
  const { days, fromMs, toMs, targetId, readings, daysRead, mean, sd, cv, gmi, wear, beforeDays, beforeTarget, lowEvents, veryLowEvents, highEvents, veryHighEvents, lastMs, lastMgDl } = row;
  const ranges = veryLow === null ? null : { veryLow, low: low!, target: target!, high: high!, veryHigh: veryHigh!, tight: tight! };
  return {
    days, fromMs, toMs, targetId, readings, daysRead, ranges, mean, sd, cv, gmi, wear, beforeDays, beforeTarget, lowEvents, veryLowEvents, highEvents, veryHighEvents, lastMs, lastMgDl,
  };
}

/** Puts lines in the place of those that are kept. Of whom there is no reading, none are. */
export async function writeLines(tx: Tx, organizationId: string, made: ReadonlyMap<string, MadeLines>, nowMs: number): Promise<void> {
  const ids = [...made.keys()];
  await tx.query("delete from population_lines where patient_id = any($1::uuid[])", [ids]);
  const rows = [...made].flatMap(([patientId, { lines }]) => lines.filter(({ lastMs, readings }) => lastMs !== null || readings > 0).map((line) => [patientId, line] as const));
  const of = <T>(column: (line: Line) => T): T[] => rows.map(([, line]) => column(line));
  await tx.query(
    `insert into population_lines (organization_id, made_at, patient_id, days, from_at, to_at, target_id, readings, days_read, very_low, low, target, high, very_high, tight, mean, sd, cv, gmi, wear,
       before_days, before_target, low_events, very_low_events, high_events, very_high_events, last_at, last_value, facts)
     select $1, to_timestamp($2::float8 / 1000), r.patient_id, r.days, to_timestamp(r.from_ms / 1000), to_timestamp(r.to_ms / 1000), r.target_id, r.readings, r.days_read, r.very_low, r.low, r.target, r.high,
       r.very_high, r.tight, r.mean, r.sd, r.cv, r.gmi, r.wear, r.before_days, r.before_target, r.low_events, r.very_low_events, r.high_events, r.very_high_events,
       to_timestamp(r.last_ms / 1000), r.last_value, r.facts
     from unnest($3::uuid[], $4::smallint[], $5::float8[], $6::float8[], $7::bigint[], $8::int[], $9::smallint[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[], $15::float8[],
       $16::float8[], $17::float8[], $18::float8[], $19::float8[], $20::float8[], $21::smallint[], $22::float8[], $23::int[], $24::int[], $25::int[], $26::int[], $27::float8[], $28::float8[], $29::text[])
       as r (patient_id, days, from_ms, to_ms, target_id, readings, days_read, very_low, low, target, high, very_high, tight, mean, sd, cv, gmi, wear, before_days, before_target, low_events, very_low_events,
         high_events, very_high_events, last_ms, last_value, facts)`,
    [
      organizationId, nowMs, rows.map(([patientId]) => patientId), of(({ days }) => days), of(({ fromMs }) => fromMs), of(({ toMs }) => toMs), of(({ targetId }) => targetId), of(({ readings }) => readings),
      of(({ daysRead }) => daysRead), of(({ ranges }) => ranges?.veryLow ?? null), of(({ ranges }) => ranges?.low ?? null), of(({ ranges }) => ranges?.target ?? null), of(({ ranges }) => ranges?.high ?? null),
      of(({ ranges }) => ranges?.veryHigh ?? null), of(({ ranges }) => ranges?.tight ?? null), of(({ mean }) => mean), of(({ sd }) => sd), of(({ cv }) => cv), of(({ gmi }) => gmi), of(({ wear }) => wear),
      of(({ beforeDays }) => beforeDays), of(({ beforeTarget }) => beforeTarget), of(({ lowEvents }) => lowEvents), of(({ veryLowEvents }) => veryLowEvents), of(({ highEvents }) => highEvents),
      of(({ veryHighEvents }) => veryHighEvents), of(({ lastMs }) => lastMs), of(({ lastMgDl }) => lastMgDl), of(writeFacts),
    ],
  );
  await tx.query(
    `insert into population_states (organization_id, patient_id, due_at) select $1, s.patient_id, to_timestamp(s.due_ms / 1000) from unnest($2::uuid[], $3::float8[]) as s (patient_id, due_ms)
     on conflict (patient_id) do update set due_at = excluded.due_at`,
    [organizationId, ids, [...made.values()].map(({ dueMs }) => dueMs)],
  );
}

/** Lets the lines of these patients be made anew. @param fromMs since when their glucose has changed; null: since always */
export async function addLineWork(tx: Tx, work: readonly (Owner & { readonly fromMs: number | null })[]): Promise<void> {
  if (work.length === 0) return;
  await tx.query(
    `insert into population_work (organization_id, patient_id, from_at)
     select w.organization_id, w.patient_id, to_timestamp(w.from_ms / 1000) from unnest($1::uuid[], $2::uuid[], $3::float8[]) as w (organization_id, patient_id, from_ms)`,
    [work.map(({ organizationId }) => organizationId), work.map(({ patientId }) => patientId), work.map(({ fromMs }) => fromMs)],
  );
}
