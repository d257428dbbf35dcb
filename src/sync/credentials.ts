/**
 * Tokens of connections: sealed at rest, refreshed when little life is left, by one refresher at a time however many ask.
 * Design: faults-and-security §5.3; requirement E4, P1, P2.
 */
import type { Tx } from "#db/database.ts";
import { ReauthorizationRequired } from "../errors.ts";
import { refreshTokens } from "#oauth/tokens.ts";
import type { TokenSet } from "#oauth/types.ts";
import type { Secret } from "../secret.ts";
import type { Connection, ConnectionRef } from "./connections.ts";
import type { SyncContext } from "./context.ts";

/** A token with less life than this is refreshed before it is used (requirement E4). */
export const REFRESH_MARGIN_MS = 5 * 60_000;

interface CredentialsRow {
  access_sealed: string; refresh_sealed: string | null; expires_at: number; token_version: number;
}

const place = (ref: ConnectionRef, field: "access" | "refresh", version: number) => ({
  table: "credentials", rowId: `${ref.patientId}/${ref.connectionId}`, field, version,
});

/** Seals and stores the tokens of a fresh consent. */
export async function storeTokens(tx: Tx, context: SyncContext, ref: ConnectionRef, tokens: TokenSet): Promise<void> {
  const rows = await tx.query<{ token_version: number }>(
    "select token_version from credentials where patient_id = $1 and connection_id = $2 for update", [ref.patientId, ref.connectionId],
  );
  const version = (rows[0]?.token_version ?? 0) + 1;
  await tx.query(
    `insert into credentials (organization_id, patient_id, connection_id, access_sealed, refresh_sealed, expires_at, token_version)
     values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), $7)
     on conflict (patient_id, connection_id) do update
       set access_sealed = excluded.access_sealed, refresh_sealed = excluded.refresh_sealed, expires_at = excluded.expires_at,
           token_version = excluded.token_version, refresh_started_at = null`,
    [
      ref.organizationId, ref.patientId, ref.connectionId, context.vault.seal(tokens.accessToken, place(ref, "access", version)),
      tokens.refreshToken ? context.vault.seal(tokens.refreshToken, place(ref, "refresh", version)) : null, tokens.expiresAtMs, version,
    ],
  );
}

export async function eraseTokens(tx: Tx, ref: ConnectionRef): Promise<void> {
  await tx.query("delete from credentials where patient_id = $1 and connection_id = $2", [ref.patientId, ref.connectionId]);
}

export interface TokenSource {
  /** A token with life left. Throws ReauthorizationRequired when a person must consent again. */
  accessToken(): Promise<Secret>;
  /** A token other than the one the vendor just refused. */
  refreshAfter401(stale: Secret): Promise<Secret>;
}

/** Refreshes under way in this process, by connection: callers share one. */
const underWay = new Map<string, Promise<Secret>>();

/** Tokens of a connection; one with less life than `marginMs` is refreshed before it is given. */
export function tokenSource(context: SyncContext, connection: Connection, marginMs = REFRESH_MARGIN_MS): TokenSource {
  const refresh = (isFresh: (row: CredentialsRow, access: Secret) => boolean): Promise<Secret> => {
    const known = underWay.get(connection.connectionId);
    if (known) return known;
    const promise = refreshOnce(context, connection, isFresh).finally(() => underWay.delete(connection.connectionId));
    underWay.set(connection.connectionId, promise);
    return promise;
  };
  const hasLife = (row: CredentialsRow): boolean => row.expires_at - context.clock.now() > marginMs;
  return {
    accessToken: async () => {
      const row = await context.database.withOrganization(connection.organizationId, (tx) => readRow(tx, connection));
      return hasLife(row) ? openAccess(context, connection, row) : refresh(hasLife);
    },
    refreshAfter401: (stale) => refresh((row, access) => hasLife(row) && access.open() !== stale.open()),
  };
}

/**
 * One refresh under a lock that all processes share; who waited finds the fresh token on re-reading. Nothing is written before the
 * call in the locking transaction, so it holds no snapshot; the mark of a started refresh has its own. The call's deadline (15 s) is
 * well below the time after which the database ends an idle transaction.
 */
async function refreshOnce(
  context: SyncContext, connection: Connection, isFresh: (row: CredentialsRow, access: Secret) => boolean,
): Promise<Secret> {
  const { database } = context;
  return database.withOrganization(connection.organizationId, async (tx) => {
    await tx.query("select pg_advisory_xact_lock(hashtextextended('refresh:' || $1, 0))", [connection.connectionId]);
    const row = await readRow(tx, connection);
    const access = openAccess(context, connection, row);
    if (isFresh(row, access)) return access;
    if (row.refresh_sealed === null) throw new ReauthorizationRequired(`The ${connection.provider} token ended and there is no refresh token.`);
    const refreshToken = context.vault.open(row.refresh_sealed, place(connection, "refresh", row.token_version));
    await database.withOrganization(connection.organizationId, (mark) =>
      mark.query("update credentials set refresh_started_at = now() where patient_id = $1 and connection_id = $2", [
        connection.patientId, connection.connectionId,
      ]),
    );
    const provider = context.providers.require(connection.provider);
    const { tokens } = await refreshTokens({
      http: context.http,
      scope: { provider: connection.provider, connectionId: connection.connectionId },
      auth: provider.driver.auth,
      endpoints: provider.endpoints(connection.settings),
      client: { id: provider.config.clientId, secret: provider.config.clientSecret },
      refreshToken,
      nowMs: context.clock.now(),
    });
    const version = row.token_version + 1;
    const kept = tokens.refreshToken ?? refreshToken;
    const updated = await tx.query(
      `update credentials set access_sealed = $4, refresh_sealed = $5, expires_at = to_timestamp($6::float8 / 1000), token_version = $7,
              refresh_started_at = null
       where patient_id = $1 and connection_id = $2 and token_version = $3 returning 1`,
      [
        connection.patientId, connection.connectionId, row.token_version,
        context.vault.seal(tokens.accessToken, place(connection, "access", version)),
        context.vault.seal(kept, place(connection, "refresh", version)), tokens.expiresAtMs, version,
      ],
    );
    if (updated.length === 0) throw new ReauthorizationRequired("The connection ended while its token was refreshed.");
    return tokens.accessToken;
  });
}

async function readRow(tx: Tx, ref: ConnectionRef): Promise<CredentialsRow> {
  const rows = await tx.query<CredentialsRow>(
    "select access_sealed, refresh_sealed, expires_at, token_version from credentials where patient_id = $1 and connection_id = $2",
    [ref.patientId, ref.connectionId],
  );
  if (!rows[0]) throw new ReauthorizationRequired("The connection has no tokens: it must be connected again.");
  return rows[0];
}

function openAccess(context: SyncContext, ref: ConnectionRef, row: CredentialsRow): Secret {
  return context.vault.open(row.access_sealed, place(ref, "access", row.token_version));
}
