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
const KINDS = ["sleep", "treatment", "workout"] as const;

interface Keyed {
  readonly kind: Kind;
  readonly vendorKey: string;
  readonly record: KeyedRecord;
}

/** What a delivery says of one record. */
interface Step extends Keyed {
  /** Place of its delivery among the items. */
  readonly item: number;
  readonly context: IngestContext;
}

export interface RecordsOfDelivery {
  readonly context: IngestContext;
  readonly records: readonly VendorRecord[];
}

/** Writes all that is no sample, of deliveries the oldest first; gives for each of them one change for each kind that changed. */
export async function writeRecords(tx: Tx, organizationId: string, items: readonly RecordsOfDelivery[]): Promise<Change[][]> {
  const changes = items.map(() => new Map<Kind, Change>());
  const note = ({ item, kind }: Step, touched: Touched | null): void => {
    if (!touched) return;
    const before = changes[item]!.get(kind);
    changes[item]!.set(kind, {
      kind, metric: null, count: (before?.count ?? 0) + 1, fromMs: least(before?.fromMs ?? null, touched.fromMs), toMs: most(before?.toMs ?? null, touched.toMs),
    });
  };
  for (const wave of wavesOf(items)) {
    for (const kind of KINDS) {
      const rows = wave.flatMap((step): Written[] => (step.kind === kind && step.record.record !== "withdrawal" ? [{ step, row: rowOf(step.vendorKey, step.record) }] : []));
      for (const { step, touched } of await upsertAll(tx, organizationId, kind, rows)) note(step, touched);
      for (const step of wave) if (step.kind === kind && step.record.record === "withdrawal") note(step, await withdraw(tx, step.context, kind, step.vendorKey));
    }
  }
  return changes.map((kinds) => [...kinds.values()]);
}

/** The records in waves: in each, a record occurs once, so that one statement can write all of it; what a later delivery says comes in a later wave. */
function wavesOf(items: readonly RecordsOfDelivery[]): Step[][] {
  const waves: Step[][] = [];
  const turns = new Map<string, number>();
  for (const [item, { context, records }] of items.entries()) {
    for (const keyed of onePerKey(records)) {
      const name = nameOf(context, keyed.kind, keyed.vendorKey);
      const turn = turns.get(name) ?? 0;
      turns.set(name, turn + 1);
      (waves[turn] ??= []).push({ ...keyed, item, context });
    }
  }
  // In the order of their keys, so that two transactions with the same records never wait for one another in a circle.
  const sortKey = ({ context, kind, vendorKey }: Step): string => nameOf(context, kind, vendorKey);
  return waves.map((wave) => wave.map((step) => ({ step, name: sortKey(step) })).toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(({ step }) => step));
}

function nameOf({ patientId, provider, connectionId }: Pick<IngestContext, "patientId" | "provider" | "connectionId">, kind: Kind, vendorKey: string): string {
  return `${kind}\n${patientId}\n${provider}\n${connectionId ?? ""}\n${vendorKey}`;
}

const least = (a: number | null, b: number | null): number | null => (a === null || b === null ? (a ?? b) : Math.min(a, b));
const most = (a: number | null, b: number | null): number | null => (a === null || b === null ? (a ?? b) : Math.max(a, b));

/** What a list says of each record in the end: several versions as one, the later over the earlier, and nothing from before a withdrawal. */
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
  return [...latest.values()];
}

/** The vendor's id, else what tells a record apart: its start, and for a treatment its kind. */
export function keyOf(record: KeyedRecord): string {
  if (record.record === "withdrawal" || record.vendorId !== null) return keyText(record.vendorId ?? "");
  return record.record === "treatment" ? `${record.kind}:${record.atMs}` : `start:${record.startMs}`;
}

interface Row {
  readonly vendorKey: string;
  readonly offsetMinutes: number | null;
  /** Columns of this table alone, in the order of OWN. */
  readonly own: readonly unknown[];
  readonly details: object;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Columns of each table alone, with their types. */
const OWN = {
  sleep: { start_at: "timestamptz", end_at: "timestamptz", is_nap: "boolean" },
  workout: { start_at: "timestamptz", end_at: "timestamptz", sport: "text" },
  treatment: { start_at: "timestamptz", kind: "text" },
} as const satisfies Readonly<Record<Kind, Readonly<Record<string, string>>>>;

function rowOf(vendorKey: string, record: SleepRecord | WorkoutRecord | TreatmentRecord): Row {
  if (record.record === "treatment") {
    const { record: _record, vendorId: _id, atMs, offsetMinutes, kind, ...details } = record;
    return { vendorKey, offsetMinutes, own: [new Date(atMs), kind], details, fromMs: atMs, toMs: atMs };
  }
  const { startMs: fromMs, endMs: toMs } = record;
  const times = [new Date(fromMs), new Date(toMs)];
  if (record.record === "sleep") {
    const { record: _record, vendorId: _id, startMs: _start, endMs: _end, offsetMinutes, isNap, ...details } = record;
    return { vendorKey, offsetMinutes, own: [...times, isNap], details, fromMs, toMs };
  }
  const { record: _record, vendorId: _id, startMs: _start, endMs: _end, offsetMinutes, sport, ...details } = record;
  return { vendorKey, offsetMinutes, own: [...times, sport], details, fromMs, toMs };
}

interface Touched {
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

interface Written {
  readonly step: Step;
  readonly row: Row;
}

/** Rows of one statement. */
const ROWS_A_STATEMENT = 1_000;

/** Null where nothing changed. A summary never takes detail away that the same vendor sent before: absent fields keep their value. */
async function upsertAll(tx: Tx, organizationId: string, kind: Kind, written: readonly Written[]): Promise<{ step: Step; touched: Touched | null }[]> {
  const changed = new Set<string>();
  for (let at = 0; at < written.length; at += ROWS_A_STATEMENT) {
    const part = written.slice(at, at + ROWS_A_STATEMENT);
    const column = <T>(of: (one: Written) => T): T[] => part.map(of);
    const rows = await tx.prepared<{ patient_id: string; provider: string; connection_id: string | null; vendor_key: string }>(`write_${kind}`, UPSERTS[kind], [
      organizationId, column(({ step }) => step.context.patientId), column(({ step }) => step.context.provider), column(({ step }) => step.context.connectionId),
      column(({ row }) => row.vendorKey), column(({ step }) => step.context.deliveryId), column(({ row }) => storableJson(row.details)),
      column(({ row }) => row.offsetMinutes), ...Object.keys(OWN[kind]).map((_, index) => column(({ row }) => row.own[index])),
    ]);
    for (const row of rows) changed.add(nameOf({ patientId: row.patient_id, provider: row.provider, connectionId: row.connection_id }, kind, row.vendor_key));
  }
  return written.map(({ step, row }) => ({ step, touched: changed.has(nameOf(step.context, kind, row.vendorKey)) ? { fromMs: row.fromMs, toMs: row.toMs } : null }));
}

function upsertOf(kind: Kind): string {
  const own = Object.keys(OWN[kind]);
  const columns = ["offset_minutes", ...own];
  const isNewer = "t.delivery_id <= excluded.delivery_id";
  return `insert into ${TABLES[kind]} as t (organization_id, patient_id, provider, connection_id, vendor_key, delivery_id, details, ${columns.join(", ")})
     select $1, r.patient_id, r.provider, r.connection_id, r.vendor_key, r.delivery_id, r.details::jsonb, ${columns.map((name) => `r.${name}`).join(", ")}
     from unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::bigint[], $7::text[], $8::smallint[]${Object.values(OWN[kind]).map((type, index) => `, $${index + 9}::${type}[]`).join("")})
       as r (patient_id, provider, connection_id, vendor_key, delivery_id, details, ${columns.join(", ")})
     on conflict (patient_id, provider, connection_id, vendor_key) do update
       set ${columns.map((name) => `${name} = case when ${isNewer} then excluded.${name} else t.${name} end`).join(", ")},
           details = case when ${isNewer} then t.details || excluded.details else excluded.details || t.details end,
           delivery_id = greatest(t.delivery_id, excluded.delivery_id), withdrawn_at = case when ${isNewer} then null else t.withdrawn_at end
       where case when ${isNewer}
         then t.withdrawn_at is not null or t.details || excluded.details <> t.details
              or ${columns.map((name) => `t.${name} is distinct from excluded.${name}`).join(" or ")}
         else t.withdrawn_at is null and excluded.details || t.details <> t.details end
     returning t.patient_id, t.provider, t.connection_id, t.vendor_key`;
}

const UPSERTS: Readonly<Record<Kind, string>> = { sleep: upsertOf("sleep"), workout: upsertOf("workout"), treatment: upsertOf("treatment") };

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
