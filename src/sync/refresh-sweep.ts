/** Keeping tokens alive ahead of their end, so that no person waits for a refresh and no idle connection lapses (R3, W6, P2). */
import { HOUR_MS } from "#units/time.ts";
import { IsletError, ReauthorizationRequired } from "../errors.ts";
import { readConnection, type ConnectionRef } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { tokenSource } from "./credentials.ts";
import { noteFailure } from "./failures.ts";

/** Connections whose token ends within the hour. */
export async function refreshIsNear(context: SyncContext): Promise<ConnectionRef[]> {
  const rows = await context.database.asSystem((tx) =>
    tx.query<{ organization_id: string; patient_id: string; connection_id: string }>(
      `select k.organization_id, k.patient_id, k.connection_id from credentials k
       join connections c on c.patient_id = k.patient_id and c.id = k.connection_id
       where k.expires_at < to_timestamp($1::float8 / 1000) and c.disconnected_at is null and c.status <> 'needs_reauthorization' limit 500`,
      [context.clock.now() + HOUR_MS],
    ),
  );
  return rows.map((row) => ({ organizationId: row.organization_id, patientId: row.patient_id, connectionId: row.connection_id }));
}

/** Refreshes a connection's token if it still ends within the hour. */
export async function refreshNow(context: SyncContext, ref: ConnectionRef): Promise<void> {
  const connection = await context.database.withOrganization(ref.organizationId, (tx) => readConnection(tx, ref.patientId, ref.connectionId));
  try {
    await tokenSource(context, connection, HOUR_MS).accessToken();
  } catch (error) {
    if (error instanceof ReauthorizationRequired) await noteFailure(context, connection, error);
    else if (!(error instanceof IsletError)) throw error;
  }
}
