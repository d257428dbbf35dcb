/** What a failed call means for a connection: wait, back off, or ask the person. Requirement E8, R6; faults OA-20, OA-21, QU-04. */
import { errorCode, ProviderMisconfigured, ProviderRateLimited, ProviderResting, ReauthorizationRequired } from "../errors.ts";
import { audit } from "#people/audit/audit.ts";
import { announce } from "#ingest/changes.ts";
import { lockConnection, type Connection, type ConnectionStatus } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { failurePauseMs } from "./plan.ts";

/** After so many failures in a row a connection is shown as in error; it goes on trying. */
export const FAILURES_UNTIL_ERROR = 5;
/** Over so long the connections of a vendor that comes back are spread. */
const RETURN_SPREAD_MS = 120_000;

/** What to write into the connection after a failure. Pure. */
export function afterFailure(
  connection: Pick<Connection, "status" | "failures">, error: unknown, now: { nowMs: number; random: number },
): { status: ConnectionStatus; nextMs: number | null; failures: number } {
  const { nowMs, random } = now;
  if (error instanceof ReauthorizationRequired) return { status: "needs_reauthorization", nextMs: null, failures: connection.failures };
  if (error instanceof ProviderRateLimited) return { status: connection.status, nextMs: Math.max(error.retryAtMs, nowMs + 1_000), failures: connection.failures };
  // The vendor fails for all: no connection was even tried.
  if (error instanceof ProviderResting) return { status: connection.status, nextMs: Math.max(error.retryAtMs, nowMs) + RETURN_SPREAD_MS * random, failures: connection.failures };
  const failures = connection.failures + 1;
  // A wrong registration of ours is the operator's business: no connection is at fault.
  const isTheirs = !(error instanceof ProviderMisconfigured);
  return { status: failures >= FAILURES_UNTIL_ERROR && isTheirs ? "error" : connection.status, nextMs: nowMs + failurePauseMs(failures, random), failures };
}

/**
 * Notes a failure with the connection, unless it has ended or was made anew, and tells the open pages. That the vendor wants the person
 * again is told once, however often it is found: until they connect anew.
 */
export async function noteFailure(context: SyncContext, connection: Connection, error: unknown): Promise<void> {
  const code = errorCode(error);
  const nowMs = context.clock.now();
  await context.database.withOrganization(connection.organizationId, async (tx) => {
    const current = await lockConnection(tx, connection);
    if (current.epoch !== connection.epoch || current.status === "retired") return;
    const after = afterFailure(current, error, { nowMs, random: context.random() });
    const [was] = await tx.query<{ is_told: boolean }>("select reconnect_told_at is not null as is_told from connections where patient_id = $1 and id = $2", [connection.patientId, connection.connectionId]);
    if (after.status === "needs_reauthorization" && was?.is_told) return;
    await tx.query(
      `update connections set status = $3, status_code = $4, failures = $5, next_sync_at = to_timestamp($6::float8 / 1000),
              reconnect_told_at = case when $3 = 'needs_reauthorization' then to_timestamp($7::float8 / 1000) end where patient_id = $1 and id = $2`,
      [connection.patientId, connection.connectionId, after.status, code, after.failures, after.nextMs, nowMs],
    );
    await announce(tx, { ...connection, deliveryId: null }, [{ kind: "connection", metric: null, count: 1, fromMs: null, toMs: null }]);
    if (after.status !== current.status) {
      await audit(tx, connection.organizationId, {
        action: `connection.${after.status}`, patientId: connection.patientId, objectType: "connection", objectId: connection.connectionId, outcome: "failed",
      });
    }
  });
}
