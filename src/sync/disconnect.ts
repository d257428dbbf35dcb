/** Ending a connection at the person's wish: the vendor is told where it can be, tokens go at once, data stays unless asked. */
import { audit } from "#people/audit.ts";
import type { Actor } from "#people/sessions.ts";
import { announce } from "#ingest/changes.ts";
import { eraseConnectionSamples } from "#samples/store.ts";
import { IsletError } from "../errors.ts";
import { readConnection, type ConnectionRef } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { eraseTokens } from "./credentials.ts";
import { driverCall } from "./driver-call.ts";

/** The vendor gets this long to hear of it; the person does not wait longer. */
const REVOKE_TIMEOUT_MS = 10_000;

/**
 * Disconnects, and with `erase` removes all that came by this connection: records, raw deliveries and their keys. A vendor that cannot
 * be told does not keep the connection alive; the answer says whether it was told.
 */
export async function disconnect(
  context: SyncContext, ref: ConnectionRef, options: { actor: Actor; erase: boolean },
): Promise<{ toldVendor: boolean }> {
  const connection = await context.database.withOrganization(ref.organizationId, (tx) => readConnection(tx, ref.patientId, ref.connectionId));
  const isOpen = connection.status !== "disconnected" && connection.status !== "revoked";
  const toldVendor = isOpen && (await tellVendor(context, connection));
  await context.database.withOrganization(ref.organizationId, async (tx) => {
    await tx.query(
      `update connections set status = 'disconnected', status_code = null, epoch = epoch + 1, next_sync_at = null, syncing_since = null,
              disconnected_at = coalesce(disconnected_at, now()) where patient_id = $1 and id = $2`,
      [ref.patientId, ref.connectionId],
    );
    await eraseTokens(tx, ref);
    await tx.query("delete from provider_accounts where connection_id = $1", [ref.connectionId]);
    if (options.erase) await eraseData(tx, ref);
    await announce(tx, { ...ref, deliveryId: null }, [{ kind: "connection", metric: null, count: 1, fromMs: null, toMs: null }]);
    await audit(tx, ref.organizationId, {
      action: options.erase ? "connection.ended_and_erased" : "connection.ended", actorUserId: options.actor.userId,
      patientId: ref.patientId, objectType: "connection", objectId: ref.connectionId,
    });
  });
  return { toldVendor };
}

async function tellVendor(context: SyncContext, connection: Awaited<ReturnType<typeof readConnection>>): Promise<boolean> {
  const provider = context.providers.find(connection.provider);
  if (!provider?.driver.revoke) return false;
  try {
    await provider.driver.revoke(driverCall(context, connection, AbortSignal.timeout(REVOKE_TIMEOUT_MS)));
    return true;
  } catch (error) {
    if (!(error instanceof IsletError) && !(error instanceof DOMException)) throw error;
    context.log.warn({ provider: connection.provider, connection: connection.connectionId, error }, "the vendor could not be told of a disconnect");
    return false;
  }
}

async function eraseData(tx: Parameters<typeof eraseTokens>[0], ref: ConnectionRef): Promise<void> {
  await eraseConnectionSamples(tx, ref.patientId, ref.connectionId);
  for (const table of ["sleeps", "workouts", "treatments"]) {
    await tx.query(`delete from ${table} where patient_id = $1 and connection_id = $2`, [ref.patientId, ref.connectionId]);
  }
  await tx.query("delete from deliveries where patient_id = $1 and connection_id = $2", [ref.patientId, ref.connectionId]);
  await tx.query("update connections set cursors = '{}', backfill_progress = 0 where patient_id = $1 and id = $2", [ref.patientId, ref.connectionId]);
}
