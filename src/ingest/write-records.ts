/**
 * Sleeps, workouts and treatments: upserts by the vendor's id, else by start. The state at the end is that of the deliveries in the order
 * they came, in whatever order they are processed: an older one adds only what the newer ones do not have.
 */
import type { Tx } from "#db/database.ts";
import { keyText, storableJson } from "#db/text.ts";
import type { SleepRecord, TreatmentRecord, VendorRecord, WithdrawalRecord, WorkoutRecord } from "#driver/records.ts";
import type { Change } from "./changes.ts";
import type { IngestContext } from "./ingest.ts";

type Kind = "sleep" | "workout" | "treatment";
type KeyedRecord = SleepRecord | WorkoutRecord | TreatmentRecord | WithdrawalRecord;

export const TABLES = { sleep: "sleeps", workout: "workouts", treatment: "treatments" } as const;

interface Keyed {
  readonly kind: Kind;
  readonly vendorKey: string;
  readonly record: KeyedRecord;
}

/** Writes all that is no sample; gives one change for each kind that changed. */
export async function writeRecords(tx: Tx, context: IngestContext, records: readonly VendorRecord[]): Promise<Change[]> {
  const changes = new Map<Kind, Change>();
  for (const { kind, vendorKey, record } of onePerKey(records)) {
    const touched = record.record === "withdrawal" ? await withdraw(tx, context, kind, vendorKey) : await upsert(tx, context, kind, rowOf(vendorKey, record));
    if (!touched) continue;
    const before = changes.get(kind);
    changes.set(kind, {
      kind, metric: null, count: (before?.count ?? 0) + 1, fromMs: least(before?.fromMs ?? null, touched.fromMs), toMs: most(before?.toMs ?? null, touched.toMs),
    });
  }
  return [...changes.values()];
}

const least = (a: number | null, b: number | null): number | null => (a === null || b === null ? (a ?? b) : Math.min(a, b));
const most = (a: number | null, b: number | null): number | null => (a === null || b === null ? (a ?? b) : Math.max(a, b));

/**
 * What a list says of each record in the end: several versions as one, the later over the earlier, and nothing from before a withdrawal.
 * In the order of their keys, so that two deliveries with the same records never wait for one another in a circle.
 */
function onePerKey(records: readonly VendorRecord[]): Keyed[] {
  const latest = new Map<string, Keyed>();
  for (const record of records) {
    if (record.record === "sample") continue;
    const kind = record.record === "withdrawal" ? record.of : record.record;
    const vendorKey = keyOf(record);
    const name = `${kind}\n${vendorKey}`;
    const before = latest.get(name)?.record;
    const isVersion = before !== undefined && before.record === record.record && record.record !== "withdrawal";
    latest.set(name, { kind, vendorKey, record: isVersion ? ({ ...before, ...record } as KeyedRecord) : record });
  }
  return [...latest.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, keyed]) => keyed);
}

/** The vendor's id, else what tells a record apart: its start, and for a treatment its kind. */
export function keyOf(record: KeyedRecord): string {
  if (record.record === "withdrawal" || record.vendorId !== null) return keyText(record.vendorId ?? "");
  return record.record === "treatment" ? `${record.kind}:${record.atMs}` : `start:${record.startMs}`;
}

interface Row {
  readonly vendorKey: string;
  readonly offsetMinutes: number | null;
  /** Columns of this table alone, by name. */
  readonly own: Readonly<Record<string, unknown>>;
  readonly details: object;
  readonly fromMs: number;
  readonly toMs: number;
}

function rowOf(vendorKey: string, record: SleepRecord | WorkoutRecord | TreatmentRecord): Row {
  if (record.record === "treatment") {
    const { record: _record, vendorId: _id, atMs, offsetMinutes, kind, ...details } = record;
    return { vendorKey, offsetMinutes, own: { start_at: new Date(atMs), kind }, details, fromMs: atMs, toMs: atMs };
  }
  const { startMs: fromMs, endMs: toMs } = record;
  const times = { start_at: new Date(fromMs), end_at: new Date(toMs) };
  if (record.record === "sleep") {
    const { record: _record, vendorId: _id, startMs: _start, endMs: _end, offsetMinutes, isNap, ...details } = record;
    return { vendorKey, offsetMinutes, own: { ...times, is_nap: isNap }, details, fromMs, toMs };
  }
  const { record: _record, vendorId: _id, startMs: _start, endMs: _end, offsetMinutes, sport, ...details } = record;
  return { vendorKey, offsetMinutes, own: { ...times, sport }, details, fromMs, toMs };
}

interface Touched {
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

/** Null when nothing changed. A summary never takes detail away that the same vendor sent before: absent fields keep their value. */
async function upsert(tx: Tx, context: IngestContext, kind: Kind, row: Row): Promise<Touched | null> {
  const own = Object.keys(row.own);
  const columns = ["offset_minutes", ...own];
  const isNewer = "t.delivery_id <= excluded.delivery_id";
  const rows = await tx.prepared(
    `write_${kind}`,
    `insert into ${TABLES[kind]} as t (organization_id, patient_id, provider, connection_id, vendor_key, delivery_id, details, ${columns.join(", ")})
     values ($1, $2, $3, $4, $5, $6, $7, $8, ${own.map((_, index) => `$${index + 9}`).join(", ")})
     on conflict (patient_id, provider, connection_id, vendor_key) do update
       set ${columns.map((name) => `${name} = case when ${isNewer} then excluded.${name} else t.${name} end`).join(", ")},
           details = case when ${isNewer} then t.details || excluded.details else excluded.details || t.details end,
           delivery_id = greatest(t.delivery_id, excluded.delivery_id), withdrawn_at = case when ${isNewer} then null else t.withdrawn_at end
       where case when ${isNewer}
         then t.withdrawn_at is not null or t.details || excluded.details <> t.details
              or ${columns.map((name) => `t.${name} is distinct from excluded.${name}`).join(" or ")}
         else t.withdrawn_at is null and excluded.details || t.details <> t.details end
     returning t.id`,
    [
      context.organizationId, context.patientId, context.provider, context.connectionId, row.vendorKey, context.deliveryId, storableJson(row.details),
      row.offsetMinutes, ...Object.values(row.own),
    ],
  );
  return rows.length === 1 ? { fromMs: row.fromMs, toMs: row.toMs } : null;
}

/** Columns that a row must have before anything is known of its record. */
const UNKNOWN: Readonly<Record<Kind, string>> = {
  sleep: "start_at, end_at", workout: "start_at, end_at, sport", treatment: "start_at, kind",
};
const UNKNOWN_VALUES: Readonly<Record<Kind, string>> = {
  sleep: "'-infinity', '-infinity'", workout: "'-infinity', '-infinity', 'other'", treatment: "'-infinity', 'note'",
};

/** Marks a record as withdrawn by the vendor, also one that has not come yet (faults WH-09). Null when nobody sees a difference. */
async function withdraw(tx: Tx, context: IngestContext, kind: Kind, vendorKey: string): Promise<Touched | null> {
  const key = [context.patientId, context.provider, context.connectionId, vendorKey];
  const end = kind === "treatment" ? "start_at" : "end_at";
  const before = await tx.query<{ start_at: number; end_at: number }>(
    `select start_at, ${end} as end_at from ${TABLES[kind]}
     where patient_id = $1 and provider = $2 and connection_id is not distinct from $3 and vendor_key = $4 and withdrawn_at is null and delivery_id <= $5
     for update`,
    [...key, context.deliveryId],
  );
  await tx.query(
    `insert into ${TABLES[kind]} as t (organization_id, patient_id, provider, connection_id, vendor_key, delivery_id, withdrawn_at, details, ${UNKNOWN[kind]})
     values ($6, $1, $2, $3, $4, $5, now(), '{}', ${UNKNOWN_VALUES[kind]})
     on conflict (patient_id, provider, connection_id, vendor_key) do update
       set withdrawn_at = coalesce(t.withdrawn_at, now()), delivery_id = excluded.delivery_id
       where t.delivery_id < excluded.delivery_id or (t.delivery_id = excluded.delivery_id and t.withdrawn_at is null)`,
    [...key, context.deliveryId, context.organizationId],
  );
  const row = before[0];
  return row ? { fromMs: row.start_at, toMs: row.end_at } : null;
}
