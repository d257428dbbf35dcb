/** Ending a connection at the person's wish: tokens go at once, the vendor is told where it can be, data stays unless asked. */
import { audit } from "#people/audit.ts";
import type { Actor } from "#people/sessions.ts";
import type { Tx } from "#db/database.ts";
import { oauthOf } from "#driver/auth.ts";
import type { DriverCall } from "#driver/types.ts";
import { storableText } from "#db/text.ts";
import { announce } from "#ingest/changes.ts";
import { revokeGrant } from "#oauth/revoke.ts";
import { refreshTokens } from "#oauth/tokens.ts";
import { eraseConnectionSamples } from "#samples/store.ts";
import { IsletError, ReauthorizationRequired, VaultRefused } from "../errors.ts";
import type { Secret } from "../secret.ts";
import { endConnection, lockConnection, type Connection, type ConnectionRef } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { appCall, callWith, driverCall } from "./driver-call.ts";
import type { Provider } from "./providers.ts";
import { eraseTokens, openAccess, openRefresh, type SealedTokens } from "./sealed-tokens.ts";
import { withVaultAlarm } from "./vault-alarm.ts";

/** The vendor gets this long for each word that it is told. */
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
  return { toldVendor: await tellVendor(context, ended.connection, ended.tokens) };
}

/** Tokens that are gone from the database: the last copies, which end with the vendor's being told. */
interface LastTokens {
  access: Secret;
  refresh: Secret | null;
  hasEnded: boolean;
}

/** False when the vendor takes no word of it, or could not be told. */
async function tellVendor(context: SyncContext, connection: Connection, sealed: SealedTokens | null): Promise<boolean> {
  const provider = context.providers.find(connection.provider);
  if (!provider) return false;
  const { driver } = provider;
  if (driver.auth.kind === "hosted" && driver.revoke) {
    // An aggregator is told with the app's keys.
    return attempt(context, connection, "the vendor could not be told of a disconnect", (signal) =>
      driver.revoke!(driverCall(context, connection, signal), appCall(context, provider, { ofConnection: connection.settings, signal })));
  }
  if (sealed === null) return false;
  const last = await openLast(context, connection, sealed);
  if (!last) return false;
  const callUntil = (signal: AbortSignal): DriverCall => {
    const refreshed = (): Promise<Secret> => refreshLast(context, connection, last, signal);
    return callWith(context, connection, signal, { accessToken: () => (last.hasEnded ? refreshed() : Promise.resolve(last.access)), refreshAfter401: refreshed });
  };
  const { webhook } = driver;
  if (webhook?.unsubscribeConnection) {
    await attempt(context, connection, "a connection's webhook subscription could not be ended", (signal) => webhook.unsubscribeConnection!(callUntil(signal)));
  }
  if (!driver.revoke && (driver.auth.kind !== "oauth2" || driver.auth.revokePath === undefined)) return false;
  return attempt(context, connection, "the vendor could not be told of a disconnect", async (signal) => {
    if (driver.revoke) await driver.revoke(callUntil(signal), appCall(context, provider, { ofConnection: connection.settings, signal }));
    else await endGrant(context, { connection, provider }, last, signal);
  });
}

/** Null when the vault refuses them: then nothing can be said to the vendor. */
async function openLast(context: SyncContext, connection: Connection, sealed: SealedTokens): Promise<LastTokens | null> {
  const { organizationId, patientId, connectionId } = connection;
  const hasEnded = sealed.expires_at <= context.clock.now();
  try {
    return await withVaultAlarm(context, { organizationId, patientId, table: "credentials", objectId: connectionId }, async () => ({
      access: openAccess(context, connection, sealed), refresh: openRefresh(context, connection, sealed), hasEnded,
    }));
  } catch (error) {
    if (!(error instanceof VaultRefused)) throw error;
    context.log.warn({ provider: connection.provider, connection: connection.connectionId, error }, "the vendor could not be told of a disconnect");
    return null;
  }
}

/** True when it succeeded; what a vendor does wrong is logged. */
async function attempt(context: SyncContext, connection: Connection, failure: string, work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
  try {
    await work(AbortSignal.timeout(REVOKE_TIMEOUT_MS));
    return true;
  } catch (error) {
    if (!(error instanceof IsletError) && !(error instanceof DOMException)) throw error;
    context.log.warn({ provider: connection.provider, connection: connection.connectionId, error }, failure);
    return false;
  }
}

/** The refresh token ends the whole grant; the access token counts where there is no other, or where the vendor wants that one. */
async function endGrant(context: SyncContext, of: { connection: Connection; provider: Provider }, last: LastTokens, signal: AbortSignal): Promise<void> {
  const auth = oauthOf(of.provider.driver);
  const isByAccess = auth.revokeCall !== undefined || !last.refresh;
  if (isByAccess && last.hasEnded && last.refresh) await refreshLast(context, of.connection, last, signal);
  await revokeGrant({
    http: context.http, scope: { provider: of.connection.provider, connectionId: of.connection.connectionId }, auth,
    endpoints: of.provider.endpoints(of.connection.settings), client: { id: of.provider.config.clientId, secret: of.provider.config.clientSecret },
    token: isByAccess ? last.access : last.refresh!, signal,
  });
}

/** New last tokens: where refresh tokens rotate, the one before is dead. */
async function refreshLast(context: SyncContext, connection: Connection, last: LastTokens, signal: AbortSignal): Promise<Secret> {
  const provider = context.providers.require(connection.provider);
  if (provider.driver.auth.kind !== "oauth2") throw new ReauthorizationRequired("A session that has ended is not made anew to say goodbye.");
  if (!last.refresh) throw new ReauthorizationRequired("There is no refresh token left to tell the vendor with.");
  const { tokens } = await refreshTokens({
    http: context.http, scope: { provider: connection.provider, connectionId: connection.connectionId }, auth: oauthOf(provider.driver),
    endpoints: provider.endpoints(connection.settings), client: { id: provider.config.clientId, secret: provider.config.clientSecret },
    refreshToken: last.refresh, accessToken: last.access, nowMs: context.clock.now(), signal,
  });
  last.access = tokens.accessToken;
  last.refresh = tokens.refreshToken ?? last.refresh;
  last.hasEnded = false;
  return last.access;
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
