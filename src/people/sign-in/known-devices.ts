/**
 * Browsers that have signed in well before: by a random token in a cookie of its own, whose digest rests here. It opens nothing; it only keeps
 * strangers' guesses from slowing its owner (OWASP: device cookies). At most thirty days after the last good sign-in (faults AU-21).
 */
import { createHash, randomBytes } from "node:crypto";
import type { Tx } from "#db/database.ts";
import { DAY_MS } from "#units/time.ts";

const LIFE_MS = 30 * DAY_MS;
const MOST_A_USER = 20;

export interface DeviceToken {
  readonly token: string;
  readonly expiresMs: number;
}

/** Digest of what a cookie said; null for what cannot be one of ours. */
export function deviceHash(token: string | null | undefined): Buffer | null {
  return token && /^[A-Za-z0-9_-]{43}$/.test(token) ? createHash("sha256").update(token).digest() : null;
}

/** Whether one of these users has signed in well by this device. */
export async function isKnownDevice(tx: Tx, hash: Buffer | null, at: { readonly userIds: readonly string[]; readonly nowMs: number }): Promise<boolean> {
  // Asked in any case: whether there is an account must not show.
  const rows = await tx.query("select 1 from known_devices where token_hash = $1 and user_id = any($2::uuid[]) and expires_at > to_timestamp($3::float8 / 1000)", [hash, at.userIds, at.nowMs]);
  return rows.length > 0;
}

/**
 * Knows this device from now on. One that was known keeps its token; any other gets a new one, so that nobody can plant a token that he knows.
 * `isNew` says whether the user has other devices and this one is none of them.
 */
export async function rememberDevice(
  tx: Tx, user: { readonly userId: string; readonly organizationId: string }, given: { readonly token: string | null; readonly nowMs: number },
): Promise<DeviceToken & { readonly isNew: boolean }> {
  const { userId, organizationId } = user;
  const expiresMs = given.nowMs + LIFE_MS;
  const hash = deviceHash(given.token);
  const kept = await tx.query(
    `update known_devices set expires_at = to_timestamp($3::float8 / 1000) where user_id = $1 and token_hash = $2 and expires_at > to_timestamp($4::float8 / 1000) returning 1`,
    [userId, hash, expiresMs, given.nowMs],
  );
  if (kept.length > 0) return { token: given.token!, expiresMs, isNew: false };
  const others = await tx.query("select 1 from known_devices where user_id = $1 limit 1", [userId]);
  const token = randomBytes(32).toString("base64url");
  await tx.query(
    "insert into known_devices (organization_id, user_id, token_hash, created_at, expires_at) values ($1, $2, $3, to_timestamp($4::float8 / 1000), to_timestamp($5::float8 / 1000))",
    [organizationId, userId, deviceHash(token), given.nowMs, expiresMs],
  );
  await tx.query(
    "delete from known_devices where user_id = $1 and token_hash in (select token_hash from known_devices where user_id = $1 order by expires_at desc offset $2)", [userId, MOST_A_USER],
  );
  return { token, expiresMs, isNew: others.length > 0 };
}

/** Knows none of a user's devices any more. */
export async function forgetDevices(tx: Tx, userId: string): Promise<void> {
  await tx.query("delete from known_devices where user_id = $1", [userId]);
}

/** Drops what has run out; gives how many. */
export async function forgetOldDevices(tx: Tx, nowMs: number): Promise<number> {
  return (await tx.query("delete from known_devices where expires_at <= to_timestamp($1::float8 / 1000) returning 1", [nowMs])).length;
}
