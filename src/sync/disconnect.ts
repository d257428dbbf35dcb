/** Ending a connection at the person's wish: tokens go at once, the vendor is told where it can be, data stays unless asked. */
import { audit } from "#people/audit/audit.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import type { Tx } from "#db/database.ts";
import { storableText } from "#db/text.ts";
import { announce } from "#ingest/changes.ts";
import { eraseConnectionSamples } from "#samples/store/write.ts";
import { forgetProvider } from "#summaries/store.ts";
import { VaultRefused } from "../errors.ts";
import { endConnection, lockConnection, type Connection, type ConnectionRef } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { keepFarewell, noteRefused, sayFarewell } from "./farewell.ts";
import { eraseTokens } from "./sealed-tokens.ts";

/**
 * Disconnects, and with `erase` removes all that came by this connection: records, raw deliveries and their keys. From the first step on
 * nothing more is stored. A vendor that cannot be told does not keep the connection alive: it is told later. The answer says whether it was
 * told now.
 */
export async function disconnect(
  context: SyncContext, ref: ConnectionRef, options: { actor: Actor; erase: boolean },
): Promise<{ toldVendor: boolean }> {
  const ended = await context.database.withOrganization(ref.organizationId, async (tx) => {
    const connection = await lockConnection(tx, ref);
    await endConnection(tx, ref, { status: "disconnected", code: null, nowMs: context.clock.now() });
    const farewell = await keepFarewell(tx, context, connection, await eraseTokens(tx, ref));
    await audit(tx, ref.organizationId, {
      action: options.erase ? "connection.ended_and_erased" : "connection.ended", actorUserId: options.actor.userId,
      patientId: ref.patientId, objectType: "connection", objectId: ref.connectionId,
    });
    return { connection, farewell };
  });
  if (options.erase) await eraseRaw(context, ended.connection);
  await context.database.withOrganization(ref.organizationId, async (tx) => {
    if (options.erase) await eraseRecords(tx, ref, ended.connection.provider);
    await announce(tx, { ...ref, deliveryId: null }, [
      { kind: "connection", metric: null, count: 1, fromMs: null, toMs: null },
      // Whatever was made of what is gone is to be made again without it.
      ...(options.erase ? [{ kind: "samples", metric: null, count: 1, fromMs: null, toMs: null } as const] : []),
    ]);
  });
  if (ended.farewell instanceof VaultRefused) await noteRefused(context, ref, ended.farewell);
  return { toldVendor: ended.farewell === "kept" && (await sayFarewell(context, ref)) };
}

/** Raw deliveries of the connection with their keys; of a body that it shared with others, the whole body. */
async function eraseRaw(context: SyncContext, connection: Connection): Promise<void> {
  await context.database.asSystem(async (tx) => {
    const { patientId, connectionId, provider, vendorUserId } = connection;
    await tx.query(
      `update deliveries set body = ''::bytea, body_encoding = 'identity' where patient_id is null and id in (
         select caused_by from deliveries where patient_id = $1 and connection_id = $2 and via = 'webhook' and caused_by is not null)`,
      [patientId, connectionId],
    );
    await tx.query(
      `with gone as (
         delete from deliveries where (patient_id = $1 and connection_id = $2) or (provider = $3 and account = $4) returning id)
       delete from delivery_keys where delivery_id in (select id from gone)`,
      [patientId, connectionId, provider, storableText(vendorUserId)],
    );
  });
}

async function eraseRecords(tx: Tx, ref: ConnectionRef, provider: string): Promise<void> {
  await eraseConnectionSamples(tx, ref.patientId, ref.connectionId);
  await forgetProvider(tx, ref.patientId, provider);
  for (const table of ["sleeps", "workouts", "treatments", "withdrawn_readings"]) {
    await tx.query(`delete from ${table} where patient_id = $1 and connection_id = $2`, [ref.patientId, ref.connectionId]);
  }
  await tx.query("update connections set cursors = '{}', backfill_progress = 0 where patient_id = $1 and id = $2", [ref.patientId, ref.connectionId]);
}
