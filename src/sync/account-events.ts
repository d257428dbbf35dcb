/** What a vendor tells of the account itself: consent withdrawn, permissions changed. */
import { ReauthorizationRequired, ProviderRefused } from "../errors.ts";
import { audit } from "#people/audit/audit.ts";
import { announce } from "#ingest/changes.ts";
import type { MappingProblem } from "#driver/records.ts";
import type { ProviderAccount, WebhookEvent } from "#driver/types.ts";
import type { Tx } from "#db/database.ts";
import { endConnection, lockConnection, type Connection } from "./connections.ts";
import { wakeSync, type SyncContext } from "./context.ts";
import { driverCall } from "./driver-call.ts";
import { noteFailure } from "./failures.ts";
import { withoutRefusals, workingStatus } from "./permissions.ts";
import { eraseTokens } from "./sealed-tokens.ts";

export type AccountEvent = Extract<WebhookEvent, { kind: "deauthorized" | "permissions" | "renamed" | "needs_consent" }>;

/** Whether an event is about the account and not about its data. */
export function isAccountEvent(event: WebhookEvent): event is AccountEvent {
  return event.kind === "deauthorized" || event.kind === "permissions" || event.kind === "renamed" || event.kind === "needs_consent";
}

/**
 * Applies the event; gives a problem when it is not believed. An unsigned event is a hint (faults WH-27): a deauthorisation counts only
 * when the vendor refuses our token, too, and permissions are those that the vendor tells when asked.
 */
export async function applyAccountEvent(context: SyncContext, connection: Connection, event: AccountEvent, signal: AbortSignal): Promise<MappingProblem[]> {
  const { driver } = context.providers.require(connection.provider);
  if (event.kind === "renamed" || event.kind === "needs_consent") {
    if (!driver.webhook?.isSigned) return [{ path: "", reason: "what is unsigned changes no account" }];
    if (event.kind === "renamed") await rename(context, connection, event.newAccount);
    else await noteFailure(context, connection, new ReauthorizationRequired("The vendor wants the person to sign in again."));
    return [];
  }
  const account = driver.webhook?.isSigned ? null : await askVendor(context, connection, signal);
  if (event.kind === "deauthorized") {
    if (account && account !== "refused") return [{ path: "", reason: "the deauthorisation is unsigned and the vendor still accepts our token" }];
    await markRevoked(context, connection);
    return [];
  }
  if (account === "refused") return [{ path: "", reason: "the change of permissions is unsigned and the vendor does not accept our token" }];
  await changePermissions(context, connection, account?.grantedScopes ?? event.scopes);
  return [];
}

async function changePermissions(context: SyncContext, connection: Connection, scopes: readonly string[]): Promise<void> {
  const provider = context.providers.require(connection.provider);
  await change(context, connection, "connection.permissions_changed", async (tx) => {
    const { status, cursors } = await lockConnection(tx, connection);
    const kept = withoutRefusals(cursors);
    const working = workingStatus(provider.driver.auth, provider.settings(connection.settings), scopes, kept);
    // A connection in trouble stays in it; what else is allowed now is asked for at once.
    const isWorking = status === "active" || status === "limited";
    await tx.query(
      `update connections set granted_scopes = $3, cursors = $4, status = case when $5 then $6 else status end,
              status_code = case when $5 then $7 else status_code end,
              next_sync_at = case when $5 then to_timestamp($8::float8 / 1000) else next_sync_at end where patient_id = $1 and id = $2`,
      [connection.patientId, connection.connectionId, scopes, JSON.stringify(kept), isWorking, working.status, working.code, context.clock.now()],
    );
  });
  await wakeSync(context, connection);
}

/** The connection goes on under the account's new id. Where that was connected already, this one has done its work and ends. */
async function rename(context: SyncContext, connection: Connection, newAccount: string): Promise<void> {
  const { patientId, connectionId, provider } = connection;
  await change(context, connection, "connection.renamed", async (tx) => {
    await lockConnection(tx, connection);
    const [other] = await tx.query("select 1 from connections where patient_id = $1 and provider = $2 and vendor_user_id = $3 and id <> $4", [patientId, provider, newAccount, connectionId]);
    if (other) {
      await endConnection(tx, connection, { status: "disconnected", code: null, nowMs: context.clock.now() });
      await eraseTokens(tx, connection);
      return;
    }
    await tx.query(
      `update connections set vendor_user_id = $3, slot = case when slot = '' then '' else $3 end, status = 'active', status_code = null, failures = 0, reconnect_told_at = null,
              next_sync_at = to_timestamp($4::float8 / 1000) where patient_id = $1 and id = $2`,
      [patientId, connectionId, newAccount, context.clock.now()],
    );
    await tx.query("update provider_accounts set vendor_user_id = $3 where provider = $1 and connection_id = $2", [provider, connectionId, newAccount]);
  });
  await wakeSync(context, connection);
}

/** Ends a connection that the person ended at the vendor: tokens destroyed, data kept. */
export async function markRevoked(context: SyncContext, connection: Connection): Promise<void> {
  await change(context, connection, "connection.revoked", async (tx) => {
    await endConnection(tx, connection, { status: "revoked", code: "revoked_at_vendor", nowMs: context.clock.now() });
    await eraseTokens(tx, connection);
  });
}

/** Who the vendor says the account is, or that it refuses our token. The event itself is the first proof of a refusal: one more is enough. */
async function askVendor(context: SyncContext, connection: Connection, signal: AbortSignal): Promise<ProviderAccount | "refused"> {
  const { driver } = context.providers.require(connection.provider);
  try {
    return await driver.identify(driverCall(context, connection, signal, { believesFirstRefusal: true }), {});
  } catch (error) {
    if (error instanceof ReauthorizationRequired) return "refused";
    if (error instanceof ProviderRefused && (error.vendorStatus === 401 || error.vendorStatus === 403)) return "refused";
    throw error;
  }
}

async function change(context: SyncContext, connection: Connection, action: string, work: (tx: Tx) => Promise<unknown>): Promise<void> {
  await context.database.withOrganization(connection.organizationId, async (tx) => {
    await work(tx);
    await announce(tx, { ...connection, deliveryId: null }, [{ kind: "connection", metric: null, count: 1, fromMs: null, toMs: null }]);
    await audit(tx, connection.organizationId, {
      action, patientId: connection.patientId, objectType: "connection", objectId: connection.connectionId,
    });
  });
}
