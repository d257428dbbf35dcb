/** Which connections are due, in an order that is fair: organizations take turns, within each its patients, each with what waits longest. Faults QU-08. */
import type { ConnectionRef } from "./connections.ts";
import type { SyncContext } from "./context.ts";

/** So many wait in the queue at a time: the rest is found by the next sweep. */
const MOST_AT_ONCE = 500;

/** Due connections that nobody syncs at the moment, in the order to sync them. */
export async function connectionsDue(context: SyncContext): Promise<ConnectionRef[]> {
  const rows = await context.database.asSystem((tx) =>
    tx.query<{ organization_id: string; patient_id: string; id: string }>(
      `select organization_id, patient_id, id from (
         select organization_id, patient_id, id, next_sync_at, turn_of_patient,
                row_number() over (partition by organization_id order by turn_of_patient, next_sync_at, id) as turn_of_organization
         from (select organization_id, patient_id, id, next_sync_at,
                      row_number() over (partition by patient_id order by next_sync_at, id) as turn_of_patient
               from connections
               where next_sync_at <= to_timestamp($1::float8 / 1000) and disconnected_at is null
                 and (sync_lease_until is null or sync_lease_until < now())) waiting) taking_turns
       order by turn_of_organization, next_sync_at, id limit $2`,
      [context.clock.now(), MOST_AT_ONCE],
    ),
  );
  return rows.map((row) => ({ organizationId: row.organization_id, patientId: row.patient_id, connectionId: row.id }));
}
