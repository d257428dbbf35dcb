/** Requests with which nobody goes on expire, by the days that their clinic's queue says: a place is free again, whatever people forget. Requirement D3. */
import type { Database, Tx } from "#db/database.ts";
import { auditEach } from "#people/audit/audit.ts";
import { organizationIds } from "#sync/ring-keys.ts";
import { DAY_MS } from "#units/time.ts";
import { announceMany } from "./clearing.ts";
import { readQueue } from "./queue.ts";
import { MOVES } from "./state-machine.ts";

/** Of one transaction. */
const AT_ONCE = 500;

/** Ends what is over in every clinic; gives how many. Safe to repeat, and to run in several processes at once. */
export async function expireAppointments({ database, nowMs, signal }: { readonly database: Database; readonly nowMs: number; readonly signal?: AbortSignal }): Promise<number> {
  let total = 0;
  for (const organizationId of await organizationIds(database)) {
    for (let ended = AT_ONCE; ended === AT_ONCE; total += ended) {
      signal?.throwIfAborted();
      ended = await database.withOrganization(organizationId, (tx) => expireSome(tx, organizationId, nowMs));
    }
  }
  return total;
}

/** The same of the transaction's organization, some hundred at most. */
export async function expireSome(tx: Tx, organizationId: string, nowMs: number): Promise<number> {
  const { expiryDays } = await readQueue(tx);
  const latest = MOVES.expire.from.map((state) => nowMs - expiryDays[state] * DAY_MS);
  const rows = await tx.query<{ patient_id: string }>(
    `with due as (select a.patient_id, a.id, a.state from appointments a join unnest($1::text[], $2::float8[]) as e (state, latest_ms) on e.state = a.state
         where a.state in ('pending', 'accepted', 'created') and a.state_at <= to_timestamp(e.latest_ms / 1000) order by a.patient_id limit ${AT_ONCE} for no key update of a skip locked),
     changed as (update appointments a set state = 'expired', state_at = to_timestamp($3::float8 / 1000), version = a.version + 1, changed_at = to_timestamp($3::float8 / 1000), changed_by = null
       from due d where a.patient_id = d.patient_id and a.id = d.id returning a.organization_id, a.patient_id, a.id, a.version, d.state as from_state),
     noted as (insert into appointment_events (organization_id, patient_id, appointment_id, version, move, from_state, to_state, actor_kind, at)
       select organization_id, patient_id, id, version, 'expire', from_state, 'expired', 'clock', to_timestamp($3::float8 / 1000) from changed)
     select patient_id from changed`,
    [MOVES.expire.from, latest, nowMs],
  );
  const patientIds = rows.map(({ patient_id: patientId }) => patientId);
  await announceMany(tx, organizationId, patientIds);
  await auditEach(tx, organizationId, { action: "appointment.expired", objectType: "appointment" }, patientIds);
  return rows.length;
}
