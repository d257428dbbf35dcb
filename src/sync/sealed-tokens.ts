/** Tokens of connections at rest: sealed in the vault, each text bound to its connection and version. Requirement E1. */
import type { Tx } from "#db/database.ts";
import { ReauthorizationRequired } from "../errors.ts";
import type { TokenSet } from "#oauth/types.ts";
import type { Secret } from "../secret.ts";
import type { ConnectionRef } from "./connections.ts";
import type { SyncContext } from "./context.ts";

/** Tokens as they rest. */
export interface SealedTokens {
  readonly access_sealed: string;
  readonly refresh_sealed: string | null;
  readonly expires_at: number;
  readonly token_version: number;
}

const place = (ref: ConnectionRef, field: "access" | "refresh", version: number) => ({
  table: "credentials", rowId: `${ref.patientId}/${ref.connectionId}`, field, version,
});

/** Throws VaultRefused when the text is not this connection's or not of this version. */
export function openAccess(context: SyncContext, ref: ConnectionRef, row: Pick<SealedTokens, "access_sealed" | "token_version">): Secret {
  return context.vault.open(row.access_sealed, place(ref, "access", row.token_version));
}

/** Null when the vendor never gave one. */
export function openRefresh(context: SyncContext, ref: ConnectionRef, row: Pick<SealedTokens, "refresh_sealed" | "token_version">): Secret | null {
  return row.refresh_sealed === null ? null : context.vault.open(row.refresh_sealed, place(ref, "refresh", row.token_version));
}

/** The texts to store under `version`. `kept` is the refresh token to keep when the vendor gave no new one (faults OA-18). */
export function sealTokens(
  context: SyncContext, ref: ConnectionRef, tokens: TokenSet, at: { version: number; kept: Secret | null },
): { access: string; refresh: string | null } {
  const refresh = tokens.refreshToken ?? at.kept;
  return {
    access: context.vault.seal(tokens.accessToken, place(ref, "access", at.version)),
    refresh: refresh ? context.vault.seal(refresh, place(ref, "refresh", at.version)) : null,
  };
}

/** Seals and stores the tokens of a fresh consent. */
export async function storeTokens(tx: Tx, context: SyncContext, ref: ConnectionRef, tokens: TokenSet): Promise<void> {
  const rows = await tx.query<{ token_version: number }>(
    "select token_version from credentials where patient_id = $1 and connection_id = $2 for update", [ref.patientId, ref.connectionId],
  );
  const version = (rows[0]?.token_version ?? 0) + 1;
  const { access, refresh } = sealTokens(context, ref, tokens, { version, kept: null });
  await tx.query(
    `insert into credentials (organization_id, patient_id, connection_id, access_sealed, refresh_sealed, expires_at, token_version)
     values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), $7)
     on conflict (patient_id, connection_id) do update
       set access_sealed = excluded.access_sealed, refresh_sealed = excluded.refresh_sealed, expires_at = excluded.expires_at,
           token_version = excluded.token_version, refresh_lease_id = null, refresh_lease_until = null, refused_at = null,
           refresh_failures = 0, refresh_retry_at = null`,
    [ref.organizationId, ref.patientId, ref.connectionId, access, refresh, tokens.expiresAtMs, version],
  );
}

/** Destroys the tokens; gives what they were, for the one who still has to tell the vendor. */
export async function eraseTokens(tx: Tx, ref: ConnectionRef): Promise<SealedTokens | null> {
  const rows = await tx.query<SealedTokens>(
    "delete from credentials where patient_id = $1 and connection_id = $2 returning access_sealed, refresh_sealed, expires_at, token_version",
    [ref.patientId, ref.connectionId],
  );
  return rows[0] ?? null;
}

/** Throws ReauthorizationRequired when there are none. */
export async function readTokens(tx: Tx, ref: ConnectionRef): Promise<SealedTokens> {
  const rows = await tx.query<SealedTokens>(
    "select access_sealed, refresh_sealed, expires_at, token_version from credentials where patient_id = $1 and connection_id = $2",
    [ref.patientId, ref.connectionId],
  );
  if (!rows[0]) throw new ReauthorizationRequired("The connection has no tokens: it must be connected again.");
  return rows[0];
}
