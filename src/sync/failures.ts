/** What a failed call means for a connection: wait, back off, or ask the person. Requirement E8, R6; faults OA-20, OA-21. */
import { errorCode, ProviderMisconfigured, ProviderRateLimited, ProviderRefused, ReauthorizationRequired } from "../errors.ts";
import { audit } from "#people/audit.ts";
import { announce } from "#ingest/changes.ts";
import type { Connection, ConnectionStatus } from "./connections.ts";
import type { SyncContext } from "./context.ts";

/** After so many failures in a row a connection is shown as in error; it goes on trying. */
const FAILURES_UNTIL_ERROR = 5;
const LONGEST_PAUSE_MS = 6 * 3_600_000;

/** What to write into the connection after a failure. Pure. */
export function afterFailure(
  connection: Pick<Connection, "status" | "failures">, error: unknown, now: { nowMs: number; random: number },
): { status: ConnectionStatus; nextMs: number | null; failures: number } {
  if (error instanceof ReauthorizationRequired) return { status: "needs_reauthorization", nextMs: null, failures: connection.failures };
  if (error instanceof ProviderRateLimited) return { status: connection.status, nextMs: error.retryAtMs, failures: connection.failures };
  const failures = connection.failures + 1;
  const pauseMs = Math.min(60_000 * 2 ** failures, LONGEST_PAUSE_MS) * (0.5 + now.random / 2);
  const isOurs = error instanceof ProviderMisconfigured;
  const isLimited = error instanceof ProviderRefused && (error.vendorStatus === 403 || error.vendorStatus === 412);
  const status: ConnectionStatus = isLimited ? "limited" : failures >= FAILURES_UNTIL_ERROR && !isOurs ? "error" : connection.status;
  return { status, nextMs: now.nowMs + pauseMs, failures };
}

/** Notes a failure with the connection and tells the open pages when its state changed. */
export async function noteFailure(context: SyncContext, connection: Connection, error: unknown): Promise<void> {
  const after = afterFailure(connection, error, { nowMs: context.clock.now(), random: context.random() });
  const code = errorCode(error);
  await context.database.withOrganization(connection.organizationId, async (tx) => {
    const rows = await tx.query(
      `update connections set status = $4, status_code = $5, failures = $6, next_sync_at = to_timestamp($7::float8 / 1000), syncing_since = null
       where patient_id = $1 and id = $2 and epoch = $3 and disconnected_at is null returning 1`,
      [connection.patientId, connection.connectionId, connection.epoch, after.status, code, after.failures, after.nextMs],
    );
    if (rows.length === 0) return;
    await announce(tx, { ...connection, deliveryId: null }, [{ kind: "connection", metric: null, count: 1, fromMs: null, toMs: null }]);
    if (after.status !== connection.status) {
      await audit(tx, connection.organizationId, {
        action: `connection.${after.status}`, patientId: connection.patientId, objectType: "connection", objectId: connection.connectionId, outcome: "failed",
      });
    }
  });
}
