/** Keys that make digests and pseudonyms: drawn at the first need, sealed by the ring, told to nobody. */
import type { Tx } from "#db/database.ts";
import { Secret } from "../secret.ts";
import type { Place } from "#vault/seal.ts";
import type { SyncContext } from "./context.ts";

const KEY_BYTES = 32;

export function privacyKeyPlace(name: string): Place {
  return { table: "privacy_keys", rowId: name, field: "key", version: 1 };
}

/** The 32 bytes of the named key; of two that make it at once, one makes it. Runs as islet_system. Throws VaultRefused when it does not open. */
export async function privacyKey(tx: Tx, { vault, randomBytes }: Pick<SyncContext, "vault" | "randomBytes">, name: string): Promise<Buffer> {
  const find = async (): Promise<string | undefined> => (await tx.query<{ sealed: string }>("select sealed from privacy_keys where name = $1", [name]))[0]?.sealed;
  let sealed = await find();
  if (sealed === undefined) {
    const made = vault.seal(new Secret(randomBytes(KEY_BYTES).toString("base64url")), privacyKeyPlace(name));
    await tx.query("insert into privacy_keys (name, sealed) values ($1, $2) on conflict do nothing", [name, made]);
    sealed = (await find())!;
  }
  return Buffer.from(vault.open(sealed, privacyKeyPlace(name)).open(), "base64url");
}
