/** What a vendor tells of the account itself: consent withdrawn, permissions changed. */
import { ReauthorizationRequired, ProviderRefused } from "../errors.ts";
import { audit } from "#people/audit.ts";
import { announce } from "#ingest/changes.ts";
import type { MappingProblem } from "#driver/records.ts";
import type { WebhookEvent } from "#driver/types.ts";
import type { Tx } from "#db/database.ts";
import type { Connection } from "./connections.ts";
import { missingScopes } from "./connect.ts";
import type { SyncContext } from "./context.ts";
import { eraseTokens } from "./credentials.ts";
import { driverCall } from "./driver-call.ts";

type AccountEvent = Extract<WebhookEvent, { kind: "deauthorized" | "permissions" }>;

/**
 * Applies the event; gives a problem when it is not believed: an unsigned deauthorisation counts only when the vendor refuses our
 * token, too (faults WH-27).
 */
export async function accountEvents(
  context: SyncContext, connection: Connection, event: AccountEvent, isSigned: boolean, signal: AbortSignal,
): Promise<MappingProblem[]> {
  if (event.kind === "permissions") {
    const { driver } = context.providers.require(connection.provider);
    const missing = missingScopes(driver.auth.scopes, event.scopes);
    await change(context, connection, "connection.permissions_changed", (tx) =>
      tx.query("update connections set granted_scopes = $3, status = $4, status_code = $5 where patient_id = $1 and id = $2", [
        connection.patientId, connection.connectionId, event.scopes, missing.length > 0 || event.scopes.length === 0 ? "limited" : "active",
        missing.length > 0 || event.scopes.length === 0 ? "missing_scopes" : null,
      ]),
    );
    return [];
  }
  if (!isSigned && (await stillAnswers(context, connection, signal))) {
    return [{ path: "", reason: "the deauthorisation is unsigned and the vendor still accepts our token" }];
  }
  await markRevoked(context, connection);
  return [];
}

/** Ends a connection that the person ended at the vendor: tokens destroyed, data kept. */
export async function markRevoked(context: SyncContext, connection: Connection): Promise<void> {
  await change(context, connection, "connection.revoked", async (tx) => {
    await eraseTokens(tx, connection);
    await tx.query("delete from provider_accounts where connection_id = $1", [connection.connectionId]);
    await tx.query(
      `update connections set status = 'revoked', status_code = 'revoked_at_vendor', epoch = epoch + 1, next_sync_at = null,
              syncing_since = null, disconnected_at = now() where patient_id = $1 and id = $2`,
      [connection.patientId, connection.connectionId],
    );
  });
}

async function stillAnswers(context: SyncContext, connection: Connection, signal: AbortSignal): Promise<boolean> {
  const { driver } = context.providers.require(connection.provider);
  try {
    await driver.identify(driverCall(context, connection, signal), {});
    return true;
  } catch (error) {
    if (error instanceof ReauthorizationRequired) return false;
    if (error instanceof ProviderRefused && (error.vendorStatus === 401 || error.vendorStatus === 403)) return false;
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
