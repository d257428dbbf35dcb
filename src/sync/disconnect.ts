/** Ending a connection at the person's wish: tokens go at once, the vendor is told where it can be, data stays unless asked. */
import { audit } from "#people/audit.ts";
import type { Actor } from "#people/sessions.ts";
import type { Tx } from "#db/database.ts";
import { storableText } from "#db/text.ts";
import { announce } from "#ingest/changes.ts";
import { refreshTokens } from "#oauth/tokens.ts";
import { eraseConnectionSamples } from "#samples/store.ts";
import { IsletError, ReauthorizationRequired } from "../errors.ts";
import type { Secret } from "../secret.ts";
import { endConnection, lockConnection, type Connection, type ConnectionRef } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { callWith } from "./driver-call.ts";
import { eraseTokens, openAccess, openRefresh, type SealedTokens } from "./sealed-tokens.ts";

/** The vendor gets this long to hear of it; the person does not wait longer. */
const REVOKE_TIMEOUT_MS = 10_000;

/**
 * Disconnects, and with `erase` removes all that came by this connection: records, raw deliveries and their keys. From the first step on
 * nothing more is stored. A vendor that cannot be told does not keep the connection alive; the answer says whether it was told.
 */
export async function disconnect(
  context: SyncContext, ref: ConnectionRef, options: { actor: Actor; erase: boolean },
): Promise<{ toldVendor: boolean }> {
  const ended = await context.database.withOrganization(ref.organizationId, async (tx) => {
    const connection = await lockConnection(tx, ref);
    await endConnection(tx, ref, { status: "disconnected", code: null, nowMs: context.clock.now() });
    const tokens = await eraseTokens(tx, ref);
    await audit(tx, ref.organizationId, {
      action: options.erase ? "connection.ended_and_erased" : "connection.ended", actorUserId: options.actor.userId,
      patientId: ref.patientId, objectType: "connection", objectId: ref.connectionId,
    });
    return { connection, tokens };
  });
  if (options.erase) await eraseRaw(context, ended.connection);
  await context.database.withOrganization(ref.organizationId, async (tx) => {
    if (options.erase) await eraseRecords(tx, ref);
    await announce(tx, { ...ref, deliveryId: null }, [{ kind: "connection", metric: null, count: 1, fromMs: null, toMs: null }]);
  });
  return { toldVendor: ended.tokens !== null && (await tellVendor(context, ended.connection, ended.tokens)) };
}

/** The tokens are gone from the database; these are the last copies, and they end with this call. */
async function tellVendor(context: SyncContext, connection: Connection, tokens: SealedTokens): Promise<boolean> {
  const provider = context.providers.find(connection.provider);
  if (!provider?.driver.revoke) return false;
  try {
    const signal = AbortSignal.timeout(REVOKE_TIMEOUT_MS);
    const refreshed = (): Promise<Secret> => refreshedToken(context, connection, tokens, signal);
    const hasEnded = tokens.expires_at <= context.clock.now();
    const access = hasEnded ? await refreshed() : openAccess(context, connection, tokens);
    await provider.driver.revoke(callWith(context, connection, signal, { accessToken: () => Promise.resolve(access), refreshAfter401: refreshed }));
    return true;
  } catch (error) {
    if (!(error instanceof IsletError) && !(error instanceof DOMException)) throw error;
    context.log.warn({ provider: connection.provider, connection: connection.connectionId, error }, "the vendor could not be told of a disconnect");
    return false;
  }
}

async function refreshedToken(context: SyncContext, connection: Connection, tokens: SealedTokens, signal: AbortSignal): Promise<Secret> {
  const provider = context.providers.require(connection.provider);
  const refreshToken = openRefresh(context, connection, tokens);
  if (!refreshToken) throw new ReauthorizationRequired("There is no refresh token left to tell the vendor with.");
  const granted = await refreshTokens({
    http: context.http, scope: { provider: connection.provider, connectionId: connection.connectionId }, auth: provider.driver.auth,
    endpoints: provider.endpoints(connection.settings), client: { id: provider.config.clientId, secret: provider.config.clientSecret }, refreshToken,
    nowMs: context.clock.now(), signal,
  });
  return granted.tokens.accessToken;
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

async function eraseRecords(tx: Tx, ref: ConnectionRef): Promise<void> {
  await eraseConnectionSamples(tx, ref.patientId, ref.connectionId);
  for (const table of ["sleeps", "workouts", "treatments"]) {
    await tx.query(`delete from ${table} where patient_id = $1 and connection_id = $2`, [ref.patientId, ref.connectionId]);
  }
  await tx.query("update connections set cursors = '{}', backfill_progress = 0 where patient_id = $1 and id = $2", [ref.patientId, ref.connectionId]);
}
