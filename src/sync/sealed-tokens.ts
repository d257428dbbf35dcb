/** Tokens of connections at rest: sealed under their patient's data key, each text bound to its connection and version. Requirement E1. */
import type { Tx } from "#db/database.ts";
import { ReauthorizationRequired } from "../errors.ts";
import type { TokenSet } from "#oauth/types.ts";
import type { Secret } from "../secret.ts";
import type { DataKey } from "#vault/seal.ts";
import type { ConnectionRef } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { readDataKeys, sealingKey } from "./patient-keys.ts";

interface TokenRow {
  readonly access_sealed: string;
  readonly refresh_sealed: string | null;
  readonly expires_at: number;
  readonly token_version: number;
  /** Whether a refresh began and its end was never seen: the vendor may have given tokens that nobody stored. */
  readonly is_cut_off: boolean;
}

const COLUMNS = `access_sealed, refresh_sealed, expires_at, token_version,
  (refresh_cut_off_at is not null or coalesce(refresh_lease_until <= now(), false)) as is_cut_off`;

/** Tokens as they rest, with the keys that open them, which rest wrapped themselves. */
export interface SealedTokens extends TokenRow {
  readonly keys: readonly DataKey[];
}

const place = (ref: ConnectionRef, field: "access" | "refresh", version: number) => ({
  table: "credentials", rowId: `${ref.patientId}/${ref.connectionId}`, field, version,
});

/** Throws VaultRefused when the text is not this connection's or not of this version. */
export function openAccess(context: Pick<SyncContext, "vault">, ref: ConnectionRef, row: Pick<SealedTokens, "access_sealed" | "token_version" | "keys">): Secret {
  return context.vault.open(row.access_sealed, place(ref, "access", row.token_version), row.keys);
}

/** Null when the vendor never gave one. */
export function openRefresh(context: Pick<SyncContext, "vault">, ref: ConnectionRef, row: Pick<SealedTokens, "refresh_sealed" | "token_version" | "keys">): Secret | null {
  return row.refresh_sealed === null ? null : context.vault.open(row.refresh_sealed, place(ref, "refresh", row.token_version), row.keys);
}

/** Tokens to store under `version`. `kept` is the refresh token to keep when the vendor gave no new one (faults OA-18). */
interface Given {
  readonly tokens: Pick<TokenSet, "accessToken" | "refreshToken">;
  readonly version: number;
  readonly kept: Secret | null;
}

/** The texts to store, under the patient's sealing key. */
export async function sealTokens(tx: Tx, context: Pick<SyncContext, "vault">, ref: ConnectionRef, given: Given): Promise<{ access: string; refresh: string | null }> {
  return sealTokensWith(context, ref, given, await sealingKey(tx, context.vault, ref));
}

/** The texts to store, under a key that was read before. */
export function sealTokensWith(
  { vault }: Pick<SyncContext, "vault">, ref: ConnectionRef, { tokens, version, kept }: Given, key: DataKey,
): { access: string; refresh: string | null } {
  const refresh = tokens.refreshToken ?? kept;
  return {
    access: vault.seal(tokens.accessToken, place(ref, "access", version), key),
    refresh: refresh ? vault.seal(refresh, place(ref, "refresh", version), key) : null,
  };
}

/** Seals and stores the tokens of a fresh consent. */
export async function storeTokens(tx: Tx, context: SyncContext, ref: ConnectionRef, tokens: TokenSet): Promise<void> {
  const rows = await tx.query<{ token_version: number }>(
    "select token_version from credentials where patient_id = $1 and connection_id = $2 for update", [ref.patientId, ref.connectionId],
  );
  const version = (rows[0]?.token_version ?? 0) + 1;
  const { access, refresh } = await sealTokens(tx, context, ref, { tokens, version, kept: null });
  await tx.query(
    `insert into credentials (organization_id, patient_id, connection_id, access_sealed, refresh_sealed, expires_at, token_version)
     values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), $7)
     on conflict (patient_id, connection_id) do update
       set access_sealed = excluded.access_sealed, refresh_sealed = excluded.refresh_sealed, expires_at = excluded.expires_at,
           token_version = excluded.token_version, refresh_lease_id = null, refresh_lease_until = null, refused_at = null,
           refresh_failures = 0, refresh_retry_at = null, refresh_cut_off_at = null`,
    [ref.organizationId, ref.patientId, ref.connectionId, access, refresh, tokens.expiresAtMs, version],
  );
}

/** Destroys the tokens; gives what they were, for the one who still has to tell the vendor. */
export async function eraseTokens(tx: Tx, ref: ConnectionRef): Promise<SealedTokens | null> {
  const rows = await tx.query<TokenRow>(
    `delete from credentials where patient_id = $1 and connection_id = $2 returning ${COLUMNS}`,
    [ref.patientId, ref.connectionId],
  );
  return rows[0] ? { ...rows[0], keys: await readDataKeys(tx, ref.patientId) } : null;
}

/** Throws ReauthorizationRequired when there are none. */
export async function readTokens(tx: Tx, ref: ConnectionRef): Promise<SealedTokens> {
  const rows = await tx.query<TokenRow>(
    `select ${COLUMNS} from credentials where patient_id = $1 and connection_id = $2`,
    [ref.patientId, ref.connectionId],
  );
  if (!rows[0]) throw new ReauthorizationRequired("The connection has no tokens: it must be connected again.");
  return { ...rows[0], keys: await readDataKeys(tx, ref.patientId) };
}
