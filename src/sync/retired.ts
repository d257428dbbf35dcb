/** Vendors that serve their API no more: their connections are retired, once, and never asked again (faults VA-17). */
import { audit } from "#people/audit/audit.ts";
import { announce } from "#ingest/changes.ts";
import type { Driver } from "#driver/types.ts";
import { lockConnection, type Connection } from "./connections.ts";
import type { SyncContext } from "./context.ts";

/** Whether the vendor serves this API no more. Pure. */
export function hasEnded({ capabilities }: Pick<Driver, "capabilities">, nowMs: number): boolean {
  return capabilities.endedOn !== undefined && nowMs >= Date.parse(`${capabilities.endedOn}T00:00:00Z`);
}

/** Retires the connection if its vendor has ended; then nothing is to be asked. What it brought stays. A simulated vendor never ends. */
export async function retire(context: SyncContext, connection: Connection): Promise<boolean> {
  const { driver, config } = context.providers.require(connection.provider);
  if (config.isSimulated || !hasEnded(driver, context.clock.now())) return false;
  await context.database.withOrganization(connection.organizationId, async (tx) => {
    const current = await lockConnection(tx, connection);
    if (current.epoch !== connection.epoch || current.status === "retired") return;
    await tx.query(
      `update connections set status = 'retired', status_code = 'vendor_ended', failures = 0, next_sync_at = null, subscribe_at = null, syncing_since = null,
              sync_lease_id = null, sync_lease_until = null where patient_id = $1 and id = $2`,
      [connection.patientId, connection.connectionId],
    );
    await announce(tx, { ...connection, deliveryId: null }, [{ kind: "connection", metric: null, count: 1, fromMs: null, toMs: null }]);
    await audit(tx, connection.organizationId, {
      action: "connection.retired", patientId: connection.patientId, objectType: "connection", objectId: connection.connectionId,
    });
  });
  return true;
}
