/** Keeping tokens alive ahead of their end, so that no person waits for a refresh and no idle connection lapses (R3, W6, P2). */
import type { DriverAuth } from "#driver/auth.ts";
import { HOUR_MS } from "#units/time.ts";
import { IsletError, ReauthorizationRequired } from "../errors.ts";
import { readConnection, type ConnectionRef } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { tokenSource } from "./credentials.ts";
import { noteFailure } from "./failures.ts";

/** Half of a token's life at most: one that lives for an hour would else be refreshed with every sweep. */
const MOST_OF_LIFE = 0.5;

/** How long before its end a token is refreshed ahead of use; 0: never. Where the vendor's sheet says nothing, an hour. */
function aheadMs(auth: DriverAuth): number {
  // A sign-in with a person's password is made when a call needs it, and no oftener.
  if (auth.kind !== "oauth2") return 0;
  if (auth.refreshAheadSeconds !== undefined) return auth.refreshAheadSeconds * 1000;
  return Math.min(HOUR_MS, auth.defaultTokenLifeSeconds * 1000 * MOST_OF_LIFE);
}

/**
 * Up to `most` connections whose token ends soon, or whose refresh was cut off and has to be seen to (faults OA-19), but for those whose last
 * refresh failed a moment ago; the nearest end first.
 */
export async function refreshIsNear(context: SyncContext, most = 500): Promise<ConnectionRef[]> {
  const nowMs = context.clock.now();
  const drivers = context.providers.drivers.filter(({ auth }) => auth.kind === "oauth2");
  const rows = await context.database.asSystem((tx) =>
    tx.query<{ organization_id: string; patient_id: string; connection_id: string }>(
      `select k.organization_id, k.patient_id, k.connection_id from credentials k
       join connections c on c.patient_id = k.patient_id and c.id = k.connection_id
       join unnest($1::text[], $2::float8[]) as v (provider, ahead_ms) on v.provider = c.provider
       where ((v.ahead_ms > 0 and k.expires_at < to_timestamp(($3::float8 + v.ahead_ms) / 1000))
              or k.refresh_lease_until <= now() or k.refresh_cut_off_at is not null)
         and (k.refresh_retry_at is null or k.refresh_retry_at <= to_timestamp($3::float8 / 1000))
         and c.disconnected_at is null and c.status not in ('needs_reauthorization', 'retired') order by k.expires_at limit $4`,
      [drivers.map(({ id }) => id), drivers.map(({ auth }) => aheadMs(auth)), nowMs, most],
    ),
  );
  return rows.map((row) => ({ organizationId: row.organization_id, patientId: row.patient_id, connectionId: row.connection_id }));
}

/** Refreshes a connection's token if it still ends soon. A failure is noted with the token, which says when to try again. */
export async function refreshNow(context: SyncContext, ref: ConnectionRef): Promise<void> {
  const connection = await context.database.withOrganization(ref.organizationId, (tx) => readConnection(tx, ref.patientId, ref.connectionId));
  try {
    const marginMs = aheadMs(context.providers.require(connection.provider).driver.auth);
    await tokenSource(context, connection, { marginMs, mendsCutOff: true }).accessToken();
  } catch (error) {
    if (!(error instanceof IsletError)) throw error;
    context.log.warn({ provider: connection.provider, connection: connection.connectionId, error }, "a token could not be refreshed ahead of its end");
    if (error instanceof ReauthorizationRequired) await noteFailure(context, connection, error);
  }
}
