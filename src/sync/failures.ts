/** What a failed call means for a connection: wait, back off, or ask the person. Requirement E8, R6; faults OA-20, OA-21. */
import { errorCode, ProviderMisconfigured, ProviderRateLimited, ReauthorizationRequired } from "../errors.ts";
import { audit } from "#people/audit.ts";
import { announce } from "#ingest/changes.ts";
import { lockConnection, type Connection, type ConnectionStatus } from "./connections.ts";
import type { SyncContext } from "./context.ts";

/** After so many failures in a row a connection is shown as in error; it goes on trying. */
const FAILURES_UNTIL_ERROR = 5;
const LONGEST_PAUSE_MS = 6 * 3_600_000;

/** What to write into the connection after a failure. Pure. */
export function afterFailure(
  connection: Pick<Connection, "status" | "failures">, error: unknown, now: { nowMs: number; random: number },
): { status: ConnectionStatus; nextMs: number | null; failures: number } {
  if (error instanceof ReauthorizationRequired) return { status: "needs_reauthorization", nextMs: null, failures: connection.failures };
  if (error instanceof ProviderRateLimited) return { status: connection.status, nextMs: Math.max(error.retryAtMs, now.nowMs + 1_000), failures: connection.failures };
  const failures = connection.failures + 1;
  const pauseMs = Math.min(60_000 * 2 ** failures, LONGEST_PAUSE_MS) * (0.5 + now.random / 2);
  // A wrong registration of ours is the operator's business: no connection is at fault.
  const isTheirs = !(error instanceof ProviderMisconfigured);
  return { status: failures >= FAILURES_UNTIL_ERROR && isTheirs ? "error" : connection.status, nextMs: now.nowMs + pauseMs, failures };
}

/** Notes a failure with the connection, unless it has ended or was made anew, and tells the open pages. */
export async function noteFailure(context: SyncContext, connection: Connection, error: unknown): Promise<void> {
  const code = errorCode(error);
  await context.database.withOrganization(connection.organizationId, async (tx) => {
    const current = await lockConnection(tx, connection);
    if (current.epoch !== connection.epoch) return;
    const after = afterFailure(current, error, { nowMs: context.clock.now(), random: context.random() });
    await tx.query(
      `update connections set status = $3, status_code = $4, failures = $5, next_sync_at = to_timestamp($6::float8 / 1000) where patient_id = $1 and id = $2`,
      [connection.patientId, connection.connectionId, after.status, code, after.failures, after.nextMs],
    );
    await announce(tx, { ...connection, deliveryId: null }, [{ kind: "connection", metric: null, count: 1, fromMs: null, toMs: null }]);
    if (after.status !== current.status) {
      await audit(tx, connection.organizationId, {
        action: `connection.${after.status}`, patientId: connection.patientId, objectType: "connection", objectId: connection.connectionId, outcome: "failed",
      });
    }
  });
}
