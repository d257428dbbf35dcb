/** Vault keys as an operator writes them. A key is never repeated in an error. */
import { ConfigError } from "../errors.ts";

export interface VaultKey {
  /** Stands in every text sealed with the key: 1–32 letters, digits, `_` or `-`. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

export const KEY_BYTES = 32;
const HEX_KEY = /^[0-9a-f]{64}$/i;
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;

export function isKeyId(text: string): boolean {
  return KEY_ID.test(text);
}

/** 32 bytes from 64 hexadecimal characters (requirement E1). Throws ConfigError naming the setting. */
export function parseKey(hex64: string, setting: string): Uint8Array {
  if (!HEX_KEY.test(hex64)) {
    throw new ConfigError(`${setting} must be 32 bytes as 64 hexadecimal characters, for example from "openssl rand -hex 32".`);
  }
  return new Uint8Array(Buffer.from(hex64, "hex"));
}

/**
 * Reads a ring such as `k1:<64 hex>,k2:<64 hex>`, in the order written; spaces around entries are allowed. Throws ConfigError naming
 * the setting and the entry's number for an empty ring, a bad id, a bad key or an id used twice.
 */
export function parseKeyring(text: string, setting: string): VaultKey[] {
  if (text.trim() === "") throw new ConfigError(`${setting} must hold at least one key, written id:key.`);
  const keys: VaultKey[] = [];
  for (const [index, entry] of text.split(",").entries()) {
    const where = `Entry ${index + 1} of ${setting}`;
    const [id = "", hex, ...rest] = entry.trim().split(":");
    if (hex === undefined || rest.length > 0 || !isKeyId(id)) {
      throw new ConfigError(`${where} must be written id:key, the id of 1 to 32 letters, digits, "_" or "-".`);
    }
    if (keys.some((key) => key.id === id)) throw new ConfigError(`${where} uses an id that an earlier entry has.`);
    keys.push({ id, key: parseKey(hex, where) });
  }
  return keys;
}
