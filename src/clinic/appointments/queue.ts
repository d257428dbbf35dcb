/**
 * The queue of a clinic: how many requests it takes at once. What counts are requests that are open now, never how many there ever were: the earlier system compared a
 * number that only grew with its capacity, and locked itself for good (requirement D3).
 */
import type { Tx } from "#db/database.ts";
import { ChangedMeanwhile } from "../../errors.ts";
import { OPEN_STATES, type OpenState } from "./state-machine.ts";

export interface QueueSettings {
  readonly capacity: number;
  /** Days in a state after which nobody goes on with it any more. */
  readonly expiryDays: Readonly<Record<OpenState, number>>;
  /** What is read by whoever may be in an emergency: the clinic's own words. */
  readonly emergencyText: { readonly en: string; readonly es: string };
  /** What to call then. */
  readonly emergencyPhone: string | null;
  /** Zero where nothing was set yet. */
  readonly version: number;
}

export type QueuePatch = { readonly [Name in keyof Omit<QueueSettings, "version">]?: Partial<QueueSettings[Name]> | QueueSettings[Name] };

/** A clinic that has set nothing. A clinician reads these words before people do. */
export const QUEUE_DEFAULTS: QueueSettings = {
  capacity: 50,
  expiryDays: { pending: 14, accepted: 14, created: 60 },
  emergencyText: {
    en: "This may be an emergency. Do not wait for an answer here: call your clinic or the emergency services now.",
    es: "Puede ser una emergencia. No espere una respuesta aquí: llame ahora a su centro o a los servicios de emergencia.",
  },
  emergencyPhone: null,
  version: 0,
};

interface QueueRow {
  capacity: number; pending_days: number; accepted_days: number; created_days: number; emergency_text_en: string; emergency_text_es: string; emergency_phone: string | null; version: number;
}

const COLUMNS = "capacity, pending_days, accepted_days, created_days, emergency_text_en, emergency_text_es, emergency_phone, version";

function fromRow(row: QueueRow): QueueSettings {
  return {
    capacity: row.capacity, expiryDays: { pending: row.pending_days, accepted: row.accepted_days, created: row.created_days },
    emergencyText: { en: row.emergency_text_en, es: row.emergency_text_es }, emergencyPhone: row.emergency_phone, version: row.version,
  };
}

/** How the queue of the transaction's organization is set. */
export async function readQueue(tx: Tx): Promise<QueueSettings> {
  const [row] = await tx.prepared<QueueRow>("appointment_queue", `select ${COLUMNS} from appointment_queues`, []);
  return row ? fromRow(row) : QUEUE_DEFAULTS;
}

/** The same, held until the transaction ends: whoever counts places takes turns. */
export async function holdQueue(tx: Tx, organizationId: string, nowMs: number): Promise<QueueSettings> {
  const hold = (): Promise<QueueRow[]> => tx.prepared<QueueRow>("appointment_queue_held", `select ${COLUMNS} from appointment_queues for no key update`, []);
  const [held] = await hold();
  if (held) return fromRow(held);
  const { capacity, expiryDays, emergencyText, emergencyPhone } = QUEUE_DEFAULTS;
  await tx.query(
    `insert into appointment_queues (organization_id, capacity, pending_days, accepted_days, created_days, emergency_text_en, emergency_text_es, emergency_phone, version, changed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 0, to_timestamp($9::float8 / 1000)) on conflict (organization_id) do nothing`,
    [organizationId, capacity, expiryDays.pending, expiryDays.accepted, expiryDays.created, emergencyText.en, emergencyText.es, emergencyPhone, nowMs],
  );
  return fromRow((await hold())[0]!);
}

export interface QueueChange {
  readonly organizationId: string;
  readonly userId: string;
  readonly nowMs: number;
  /** The version that the caller saw. */
  readonly ifVersion: number;
}

/** Sets what the patch names. A capacity below what is open takes nobody's place away: no new one is let in until enough have gone. Throws ChangedMeanwhile. */
export async function changeQueue(tx: Tx, { organizationId, userId, nowMs, ifVersion }: QueueChange, patch: QueuePatch): Promise<QueueSettings> {
  const before = await holdQueue(tx, organizationId, nowMs);
  if (before.version !== ifVersion) {
    const [last] = await tx.query<{ by: string | null; atMs: number }>(`select u.display_name as by, q.changed_at as "atMs" from appointment_queues q left join users u on u.id = q.changed_by`);
    throw new ChangedMeanwhile({ version: before.version, by: last!.by, atMs: last!.atMs });
  }
  const expiryDays = { ...before.expiryDays, ...patch.expiryDays };
  const emergencyText = { ...before.emergencyText, ...patch.emergencyText };
  const phone = patch.emergencyPhone === undefined ? before.emergencyPhone : patch.emergencyPhone;
  const [row] = await tx.query<QueueRow>(
    `update appointment_queues set capacity = $1, pending_days = $2, accepted_days = $3, created_days = $4, emergency_text_en = $5, emergency_text_es = $6, emergency_phone = $7,
            version = version + 1, changed_at = to_timestamp($8::float8 / 1000), changed_by = $9 returning ${COLUMNS}`,
    [patch.capacity ?? before.capacity, expiryDays.pending, expiryDays.accepted, expiryDays.created, emergencyText.en, emergencyText.es, phone, nowMs, userId],
  );
  return fromRow(row!);
}

export type OpenCounts = Readonly<Record<OpenState, number>>;

/** How many requests are in each open state, also of those whose patient shares no more. */
export async function countOpen(tx: Tx): Promise<OpenCounts> {
  const rows = await tx.prepared<{ state: OpenState; n: number }>(
    "appointments_open", "select state, count(*)::int as n from appointments where state in ('pending', 'accepted', 'created') group by state", [],
  );
  const counts = new Map(rows.map(({ state, n }) => [state, n]));
  return Object.fromEntries(OPEN_STATES.map((state) => [state, counts.get(state) ?? 0])) as Record<OpenState, number>;
}

export function activeOf(counts: OpenCounts): number {
  return counts.pending + counts.accepted + counts.created;
}
