/** Clearing the whole queue: confirmed by the number of requests that go, audited, and undone within a day. Requirement D3. */
import type { Tx } from "#db/database.ts";
import { announceAll } from "#ingest/changes.ts";
import { audit, auditEach } from "#people/audit/audit.ts";
import { DAY_MS } from "#units/time.ts";
import { Conflict, InternalError } from "../../errors.ts";
import { APPOINTMENT_CHANGE, type Mover } from "./moves.ts";
import { activeOf, countOpen, holdQueue } from "./queue.ts";
import { nextState, OPEN_STATES, type OpenState } from "./state-machine.ts";

/** For how long a clearing can be undone. */
export const UNDO_MS = DAY_MS;

export interface Clearing {
  readonly id: string;
  readonly clearedMs: number;
  /** Until when it can be undone. */
  readonly undoUntilMs: number;
  readonly entries: number;
}

/** Takes every open request out of the line. Throws Conflict (`confirm_mismatch`, with the number there is) unless `confirm` says how many go. */
export async function clearQueue(tx: Tx, mover: Mover, confirm: number): Promise<Clearing> {
  const { organizationId, userId, nowMs, requestId } = mover;
  await holdQueue(tx, organizationId, nowMs);
  // Held before they are counted, so that none is moved in between.
  await tx.query("select 1 from appointments where state = any($1) order by patient_id, id for no key update", [OPEN_STATES]);
  const entries = activeOf(await countOpen(tx));
  if (entries !== confirm) throw new Conflict(`${entries} requests are open now, and ${confirm} were confirmed: look again, then confirm ${entries}.`, { code: "confirm_mismatch" });
  for (const state of OPEN_STATES) if (nextState(state, "clear", mover.kind) !== "cancelled") throw new InternalError("The state machine does not let the queue be cleared.");
  const [made] = await tx.query<{ id: string }>(
    "insert into appointment_clearings (organization_id, cleared_at, cleared_by, entries) values ($1, to_timestamp($2::float8 / 1000), $3, $4) returning id", [organizationId, nowMs, userId, entries],
  );
  const gone = await tx.query<{ patient_id: string }>(
    `with before as (select patient_id, id, state from appointments where state = any($1)),
     changed as (update appointments a set cleared_from = a.state, state = 'cancelled', clearing_id = $2, state_at = to_timestamp($3::float8 / 1000), version = a.version + 1,
         changed_at = to_timestamp($3::float8 / 1000), changed_by = $4
       from before b where a.patient_id = b.patient_id and a.id = b.id returning a.organization_id, a.patient_id, a.id, a.version, b.state as from_state),
     noted as (insert into appointment_events (organization_id, patient_id, appointment_id, version, move, from_state, to_state, actor_kind, by_user_id, at)
       select organization_id, patient_id, id, version, 'clear', from_state, 'cancelled', 'clinician', $4, to_timestamp($3::float8 / 1000) from changed)
     select patient_id from changed`,
    [OPEN_STATES, made!.id, nowMs, userId],
  );
  await announceMany(tx, organizationId, gone.map(({ patient_id: patientId }) => patientId));
  await audit(tx, organizationId, { action: "appointment_queue.cleared", actorUserId: userId, objectType: "appointment_clearing", objectId: made!.id, purpose: "administration", ...(requestId ? { requestId } : {}) });
  await auditEach(tx, organizationId, { action: "appointment.cleared", actorUserId: userId, objectType: "appointment_clearing", objectId: made!.id, ...(requestId ? { requestId } : {}) }, gone.map(({ patient_id: patientId }) => patientId));
  return { id: made!.id, clearedMs: nowMs, undoUntilMs: nowMs + UNDO_MS, entries };
}

/** The clearing that can be undone now; null where there is none. */
export async function undoable(tx: Tx, nowMs: number): Promise<Clearing | null> {
  const [row] = await tx.query<{ id: string; cleared_at: number; entries: number; restored_at: number | null }>(
    "select id, cleared_at, entries, restored_at from appointment_clearings order by appointment_clearings.cleared_at desc, id limit 1",
  );
  if (!row || row.restored_at !== null || row.entries === 0 || nowMs - row.cleared_at > UNDO_MS) return null;
  return { id: row.id, clearedMs: row.cleared_at, undoUntilMs: row.cleared_at + UNDO_MS, entries: row.entries };
}

export interface Restored {
  readonly restored: number;
  /** Whose patient has asked anew meanwhile: they stay as they are. */
  readonly left: number;
}

/** Undoes the last clearing: each request goes back to the state and the place that it had. Throws Conflict (`nothing_to_restore`) where a day has passed, or there is none. */
export async function restoreQueue(tx: Tx, mover: Mover): Promise<Restored> {
  const { organizationId, userId, nowMs, requestId } = mover;
  await holdQueue(tx, organizationId, nowMs);
  const clearing = await undoable(tx, nowMs);
  if (!clearing) throw new Conflict("There is no clearing that can be undone: a day has passed, it was undone already, or nothing was cleared.", { code: "nothing_to_restore" });
  const back = await tx.query<{ patient_id: string; state: OpenState }>(
    `with changed as (update appointments a set state = a.cleared_from, cleared_from = null, clearing_id = null, state_at = to_timestamp($2::float8 / 1000), version = a.version + 1,
         changed_at = to_timestamp($2::float8 / 1000), changed_by = $3
       where a.clearing_id = $1 and a.state = 'cancelled'
         and not exists (select 1 from appointments o where o.patient_id = a.patient_id and o.state in ('pending', 'accepted', 'created'))
       returning a.organization_id, a.patient_id, a.id, a.version, a.state),
     noted as (insert into appointment_events (organization_id, patient_id, appointment_id, version, move, from_state, to_state, actor_kind, by_user_id, at)
       select organization_id, patient_id, id, version, 'restore', 'cancelled', state, 'clinician', $3, to_timestamp($2::float8 / 1000) from changed)
     select patient_id, state from changed`,
    [clearing.id, nowMs, userId],
  );
  await tx.query("update appointment_clearings set restored_at = to_timestamp($2::float8 / 1000), restored_by = $3 where id = $1", [clearing.id, nowMs, userId]);
  const patientIds = back.map(({ patient_id: patientId }) => patientId);
  await announceMany(tx, organizationId, patientIds);
  await audit(tx, organizationId, { action: "appointment_queue.restored", actorUserId: userId, objectType: "appointment_clearing", objectId: clearing.id, purpose: "administration", ...(requestId ? { requestId } : {}) });
  await auditEach(tx, organizationId, { action: "appointment.restored", actorUserId: userId, objectType: "appointment_clearing", objectId: clearing.id, ...(requestId ? { requestId } : {}) }, patientIds);
  return { restored: back.length, left: clearing.entries - back.length };
}

export function announceMany(tx: Tx, organizationId: string, patientIds: readonly string[]): Promise<void> {
  return announceAll(tx, organizationId, patientIds.map((patientId) => ({ owner: { organizationId, patientId, connectionId: null, deliveryId: null }, change: APPOINTMENT_CHANGE })));
}
