/** What a withdrawn consent stops: at once, in the transaction that withdraws it, nothing more is pulled or stored (faults PR-10). */
import type { Tx } from "#db/database.ts";
import { announce } from "#ingest/changes.ts";
import type { ConnectionRef } from "./connections.ts";

/** How a connection says that consent is what it lacks. */
export const CONSENT_MISSING = "consent_missing";

interface Stop {
  readonly organizationId: string;
  readonly patientId: string;
  /** Null: all of them. */
  readonly provider: string | null;
}

/** A run that is under way stores nothing any more: it began under another epoch. The tokens stay, for whoever consents again. */
export async function stopPulls(tx: Tx, { organizationId, patientId, provider }: Stop): Promise<number> {
  const rows = await tx.query<{ id: string }>(
    `update connections set epoch = epoch + 1, next_sync_at = null, syncing_since = null, sync_lease_id = null, sync_lease_until = null, status_code = $3
     where patient_id = $1 and ($2::text is null or provider = $2) and disconnected_at is null and status <> 'retired' returning id`,
    [patientId, provider, CONSENT_MISSING],
  );
  await tell(tx, { organizationId, patientId }, rows);
  return rows.length;
}

/** Goes on with connections that lacked nothing but this consent; gives them, to be woken. @param nowMs epoch milliseconds */
export async function resumePulls(tx: Tx, { organizationId, patientId, provider }: Stop, nowMs: number): Promise<ConnectionRef[]> {
  const rows = await tx.query<{ id: string }>(
    `update connections c set next_sync_at = to_timestamp($4::float8 / 1000), status_code = null
     where c.patient_id = $1 and ($2::text is null or c.provider = $2) and c.status_code = $3 and c.disconnected_at is null and c.status not in ('retired', 'needs_reauthorization', 'revoked')
       and not exists (select 1 from unnest(array['storage', 'vendor:' || c.provider]) as asked (purpose)
         where (select d.decision from consents d where d.patient_id = c.patient_id and d.purpose = asked.purpose order by d.id desc limit 1) = 'withdrawn')
     returning id`,
    [patientId, provider, CONSENT_MISSING, nowMs],
  );
  await tell(tx, { organizationId, patientId }, rows);
  return rows.map(({ id }) => ({ organizationId, patientId, connectionId: id }));
}

async function tell(tx: Tx, owner: { organizationId: string; patientId: string }, rows: readonly { id: string }[]): Promise<void> {
  for (const { id } of rows) {
    await announce(tx, { ...owner, connectionId: id, deliveryId: null }, [{ kind: "connection", metric: null, count: 1, fromMs: null, toMs: null }]);
  }
}
