/** Ending what a user is signed in with: after a change of password or role, a block, a deletion. Catalogue AU-08; ASVS 5.0 7.4.2, 7.4.3. */
import type { Tx } from "#db/database.ts";

/**
 * Ends all sessions of a user, of browsers and programs with their refresh tokens, in the transaction that gives the reason; other processes
 * know within five seconds. The session whose digest is `except` goes on; a program's access token does not, and must be refreshed.
 * Keys of apps stay: they show their user's present rights, and none once the user is blocked.
 */
export async function endSessionsOf(tx: Tx, userId: string, options: { readonly except?: Buffer } = {}): Promise<void> {
  const [user] = await tx.query<{ version: number }>("update users set session_version = session_version + 1 where id = $1 returning session_version as version", [userId]);
  await tx.query("delete from sessions where user_id = $1 and ($2::bytea is null or token_hash <> $2)", [userId, options.except ?? null]);
  if (user && options.except) await tx.query("update sessions set version = $3 where user_id = $1 and token_hash = $2", [userId, options.except, user.version]);
}
