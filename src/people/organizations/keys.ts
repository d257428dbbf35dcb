/** Keys of apps as an organization's admins see them: whose, what for, when last used; never the key. */
import type { Tx } from "#db/database.ts";
import type { KeyScope } from "../sessions/keys/key-scopes.ts";

export interface OrganizationKey {
  readonly id: string;
  readonly publicId: string;
  readonly name: string;
  readonly ownerId: string;
  readonly ownerName: string;
  readonly ownerRoles: readonly string[];
  readonly scopes: readonly KeyScope[];
  readonly isOwnOnly: boolean;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly lastUsedMs: number | null;
}

/** Keys that still work, those that were used last first. */
export function listOrganizationKeys(tx: Tx, nowMs: number, page: { readonly limit: number; readonly offset: number }): Promise<OrganizationKey[]> {
  return tx.query<OrganizationKey & Record<string, unknown>>(
    `select k.id, k.public_id as "publicId", k.name, u.id as "ownerId", u.display_name as "ownerName", u.roles as "ownerRoles", k.scopes, k.is_own_only as "isOwnOnly",
            k.created_at as "createdMs", k.expires_at as "expiresMs", k.last_used_at as "lastUsedMs"
     from api_keys k join users u on u.id = k.user_id where k.revoked_at is null and k.expires_at > to_timestamp($1::float8 / 1000)
     order by k.last_used_at desc nulls last, k.created_at desc, k.id limit $2 offset $3`, [nowMs, page.limit, page.offset],
  );
}
