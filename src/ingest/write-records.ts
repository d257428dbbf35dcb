/** Sleeps, workouts and treatments: upserts by the vendor's id, else by start. The latest delivery wins; an equal one changes nothing. */
import type { Tx } from "#db/database.ts";
import type { SleepRecord, TreatmentRecord, WithdrawalRecord, WorkoutRecord } from "#driver/records.ts";
import type { IngestContext } from "./ingest.ts";

type Table = "sleeps" | "workouts" | "treatments";

interface Row {
  readonly vendorKey: string;
  readonly offsetMinutes: number | null;
  /** Columns of this table alone, by name. */
  readonly own: Readonly<Record<string, unknown>>;
  readonly details: object;
}

/** True when the sleep was new or changed. */
export async function writeSleep(tx: Tx, context: IngestContext, sleep: SleepRecord): Promise<boolean> {
  const { record: _record, vendorId, startMs, endMs, offsetMinutes, isNap, ...details } = sleep;
  return upsert(tx, "sleeps", context, {
    vendorKey: vendorId ?? `start:${startMs}`,
    offsetMinutes,
    own: { start_at: new Date(startMs), end_at: new Date(endMs), is_nap: isNap },
    details,
  });
}

/** True when the workout was new or changed. */
export async function writeWorkout(tx: Tx, context: IngestContext, workout: WorkoutRecord): Promise<boolean> {
  const { record: _record, vendorId, startMs, endMs, offsetMinutes, sport, ...details } = workout;
  return upsert(tx, "workouts", context, {
    vendorKey: vendorId ?? `start:${startMs}`,
    offsetMinutes,
    own: { start_at: new Date(startMs), end_at: new Date(endMs), sport },
    details,
  });
}

/** True when the treatment was new or changed. */
export async function writeTreatment(tx: Tx, context: IngestContext, treatment: TreatmentRecord): Promise<boolean> {
  const { record: _record, vendorId, atMs, offsetMinutes, kind, ...details } = treatment;
  return upsert(tx, "treatments", context, {
    vendorKey: vendorId ?? `${kind}:${atMs}`,
    offsetMinutes,
    own: { start_at: new Date(atMs), kind },
    details,
  });
}

async function upsert(tx: Tx, table: Table, context: IngestContext, row: Row): Promise<boolean> {
  const columns = Object.keys(row.own);
  const fixed = [
    context.organizationId, context.patientId, context.provider, context.connectionId, row.vendorKey, context.deliveryId,
    row.offsetMinutes, JSON.stringify(row.details),
  ];
  const all = ["offset_minutes", "details", ...columns];
  // A withdrawn record comes back only by a delivery newer than the withdrawal. A summary never takes detail away that the same
  // vendor sent before: absent fields keep their value.
  const rows = await tx.query(
    `insert into ${table} as t (organization_id, patient_id, provider, connection_id, vendor_key, delivery_id, ${all.join(", ")})
     values ($1, $2, $3, $4, $5, $6, $7, $8, ${columns.map((_, index) => `$${index + 9}`).join(", ")})
     on conflict (patient_id, provider, connection_id, vendor_key) do update
       set ${all.filter((name) => name !== "details").map((name) => `${name} = excluded.${name}`).join(", ")},
           details = t.details || excluded.details, delivery_id = excluded.delivery_id, withdrawn_at = null
       where t.delivery_id <= excluded.delivery_id
         and (t.withdrawn_at is not null or t.details || excluded.details is distinct from t.details
              or ${all.filter((name) => name !== "details").map((name) => `t.${name} is distinct from excluded.${name}`).join(" or ")})
     returning t.id`,
    [...fixed, ...Object.values(row.own)],
  );
  return rows.length === 1;
}

/** Marks a record as withdrawn by the vendor. True when there was one. */
export async function withdraw(tx: Tx, context: IngestContext, withdrawal: WithdrawalRecord): Promise<boolean> {
  const table: Table = withdrawal.of === "sleep" ? "sleeps" : withdrawal.of === "workout" ? "workouts" : "treatments";
  const rows = await tx.query(
    `update ${table} set withdrawn_at = now(), delivery_id = $5
     where patient_id = $1 and provider = $2 and connection_id is not distinct from $3 and vendor_key = $4 and withdrawn_at is null
       and delivery_id <= $5 returning id`,
    [context.patientId, context.provider, context.connectionId, withdrawal.vendorId, context.deliveryId],
  );
  return rows.length === 1;
}
