/**
 * Vendors that push for each person only where they are asked to: after a consent, and again before it lapses. Without it new data comes
 * by the safety poll.
 */
import { DAY_MS, HOUR_MS } from "#units/time.ts";
import { IsletError, ReauthorizationRequired } from "../errors.ts";
import { readConnection, type ConnectionRef } from "./connections.ts";
import { QUEUES, type SyncContext } from "./context.ts";
import { driverCall } from "./driver-call.ts";
import { noteFailure } from "./failures.ts";
import { findSubscription } from "./subscriptions.ts";

/** How soon a vendor that could not be asked, or refused, is asked again. */
const RETRY_MS = HOUR_MS;

/** Asks for it now. A wake-up that gets lost is found by the sweep. */
export async function wakeSubscribe(context: SyncContext, { organizationId, patientId, connectionId }: ConnectionRef): Promise<void> {
  try {
    await context.queue.send(QUEUES.webhookSubscription, { organizationId, patientId, connectionId }, { key: connectionId });
  } catch (error) {
    context.log.warn({ connection: connectionId, error }, "a subscription could not be woken; the sweep will find it");
  }
}

/** Connections whose vendor is to be asked, longest due first. */
export async function subscriptionIsDue(context: SyncContext): Promise<ConnectionRef[]> {
  const rows = await context.database.asSystem((tx) =>
    tx.query<{ organization_id: string; patient_id: string; id: string }>(
      `select organization_id, patient_id, id from connections
       where subscribe_at <= to_timestamp($1::float8 / 1000) and disconnected_at is null and status <> 'needs_reauthorization'
       order by subscribe_at limit 500`,
      [context.clock.now()],
    ),
  );
  return rows.map((row) => ({ organizationId: row.organization_id, patientId: row.patient_id, connectionId: row.id }));
}

/** Asks the vendor to push for a connection, and remembers when to ask again. What the vendor answers is logged, not thrown. */
export async function subscribeNow(context: SyncContext, ref: ConnectionRef, signal: AbortSignal): Promise<void> {
  const connection = await context.database.withOrganization(ref.organizationId, (tx) => readConnection(tx, ref.patientId, ref.connectionId));
  // Vendors that this version has no more, or that are no longer set up, leave their connections behind.
  const isKnown = context.providers.drivers.some(({ id }) => id === connection.provider);
  const webhook = isKnown ? context.providers.find(connection.provider)?.driver.webhook : undefined;
  const isOpen = connection.status !== "disconnected" && connection.status !== "revoked" && connection.status !== "needs_reauthorization";
  // Prepared by the process that serves webhooks, which may start later than this one.
  const prepared = await findSubscription(context, connection.provider);
  if (!webhook?.subscribeConnection || !isOpen || !prepared) return;
  let nextMs = webhook.renewAfterDays === undefined ? null : webhook.renewAfterDays * DAY_MS;
  try {
    await webhook.subscribeConnection(driverCall(context, connection, signal), {
      callbackUrl: prepared.callbackUrl, verifyToken: prepared.verifyToken.open(), keptSecretOf: null,
    });
  } catch (error) {
    if (!(error instanceof IsletError)) throw error;
    context.log.warn({ provider: connection.provider, connection: connection.connectionId, error }, "a connection's webhook subscription could not be made; new data comes by the safety poll");
    if (error instanceof ReauthorizationRequired) await noteFailure(context, connection, error);
    nextMs = RETRY_MS;
  }
  await context.database.withOrganization(ref.organizationId, (tx) =>
    tx.query(
      `update connections set subscribe_at = to_timestamp($4::float8 / 1000)
       where patient_id = $1 and id = $2 and epoch = $3 and disconnected_at is null`,
      [connection.patientId, connection.connectionId, connection.epoch, nextMs === null ? null : context.clock.now() + nextMs],
    ),
  );
}
