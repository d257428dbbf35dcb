/** Reading sleeps, workouts and treatments: newest first, without what the vendor withdrew. */
import type { Tx } from "#db/database.ts";
import type { Meal, SleepRecord, TreatmentRecord, WorkoutRecord } from "#driver/records.ts";

export type RecordTable = "sleeps" | "workouts" | "treatments";

export interface StoredRecord<Details> {
  readonly id: string;
  readonly provider: string;
  readonly connectionId: string | null;
  readonly vendorKey: string;
  readonly startMs: number;
  /** Equal to the start for treatments. */
  readonly endMs: number;
  readonly offsetMinutes: number | null;
  /** `sport` of a workout, `kind` of a treatment, `nap` or `sleep`. */
  readonly kind: string;
  readonly details: Details;
  readonly deliveryId: string;
}

export type SleepDetails = Pick<SleepRecord, "stages" | "totals" | "efficiencyPercent" | "score" | "device">;
export type WorkoutDetails = Omit<WorkoutRecord, "record" | "vendorId" | "startMs" | "endMs" | "offsetMinutes" | "sport">;
export type TreatmentDetails = Pick<
  TreatmentRecord,
  "amount" | "text" | "device" | "endMs" | "meal" | "mealRelation" | "sampleType" | "sampleLocation" | "sentUnit" | "beyond" | "sequence" | "syncSource" | "enteredBy" | "isManual"
>;
interface DetailsOf {
  sleeps: SleepDetails;
  workouts: WorkoutDetails;
  treatments: TreatmentDetails;
}

export interface RecordPage {
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  /** The last record of the page before. */
  readonly after: { readonly startMs: number; readonly id: string } | null;
  /** Of treatments: only of this kind, and of this meal. */
  readonly kind?: TreatmentRecord["kind"];
  readonly meal?: Meal;
}

const COLUMNS: Readonly<Record<RecordTable, string>> = {
  sleeps: "end_at, case when is_nap then 'nap' else 'sleep' end as kind",
  workouts: "end_at, sport as kind",
  treatments: "start_at as end_at, kind",
};

interface Row {
  id: string; provider: string; connection_id: string | null; vendor_key: string; start_at: number; end_at: number;
  offset_minutes: number | null; kind: string; details: unknown; delivery_id: string;
}

/** Records that begin in `[fromMs, toMs)`. */
export async function listRecords<Table extends RecordTable>(
  tx: Tx, table: Table, patientId: string, page: RecordPage,
): Promise<StoredRecord<DetailsOf[Table]>[]> {
  // The order names the table: a bare `id` would mean the text of the column list, by which 10 comes before 9.
  const rows = await tx.query<Row>(
    `select id::text, provider, connection_id, vendor_key, start_at, ${COLUMNS[table]}, offset_minutes, details, delivery_id::text
     from ${table} where patient_id = $1 and withdrawn_at is null and start_at >= to_timestamp($2::float8 / 1000)
       and start_at < to_timestamp($3::float8 / 1000)
       and ($4::float8 is null or (start_at, id) < (to_timestamp($4::float8 / 1000), $5::bigint))${table === "treatments" ? " and ($7::text is null or kind = $7) and ($8::text is null or details ->> 'meal' = $8)" : ""}
     order by ${table}.start_at desc, ${table}.id desc limit $6`,
    [patientId, page.fromMs, page.toMs, page.after?.startMs ?? null, page.after?.id ?? null, page.limit, ...(table === "treatments" ? [page.kind ?? null, page.meal ?? null] : [])],
  );
  return rows.map((row) => recordOf<Table>(row));
}

/** One record; null where there is none, or the vendor withdrew it. `id` is a number as text. */
export async function readRecord<Table extends RecordTable>(tx: Tx, table: Table, patientId: string, id: string): Promise<StoredRecord<DetailsOf[Table]> | null> {
  const rows = await tx.query<Row>(
    `select id::text, provider, connection_id, vendor_key, start_at, ${COLUMNS[table]}, offset_minutes, details, delivery_id::text
     from ${table} where patient_id = $1 and ${table}.id = $2::bigint and withdrawn_at is null`,
    [patientId, id],
  );
  return rows[0] ? recordOf<Table>(rows[0]) : null;
}

function recordOf<Table extends RecordTable>(row: Row): StoredRecord<DetailsOf[Table]> {
  return {
    id: row.id, provider: row.provider, connectionId: row.connection_id, vendorKey: row.vendor_key, startMs: row.start_at, endMs: row.end_at,
    offsetMinutes: row.offset_minutes, kind: row.kind, details: row.details as DetailsOf[Table], deliveryId: row.delivery_id,
  };
}

/** When each connection's newest sleep, workout or treatment began, by connection. */
export async function newestRecordTimes(tx: Tx, patientId: string): Promise<Map<string, number>> {
  const rows = await tx.query<{ connection_id: string; at: number }>(
    `select connection_id, max(start_at) as at from (
       select connection_id, start_at from sleeps where patient_id = $1 and withdrawn_at is null
       union all select connection_id, start_at from workouts where patient_id = $1 and withdrawn_at is null
       union all select connection_id, start_at from treatments where patient_id = $1 and withdrawn_at is null) records
     where connection_id is not null group by connection_id`,
    [patientId],
  );
  return new Map(rows.map((row) => [row.connection_id, row.at]));
}
