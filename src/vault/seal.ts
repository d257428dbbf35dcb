/**
 * Sealing secrets for the database, in two layers: what is a patient's lies under a data key of that patient's own, which rests wrapped by a
 * key of the ring; what is nobody's (a subscription at a vendor) lies under the ring itself. To change a ring key, only data keys are wrapped
 * anew; to destroy a patient's secrets in every backup, only that data key is destroyed. Sources: requirement E1; faults §5.1.
 */
import { randomUUID, createSecretKey, type KeyObject } from "node:crypto";
import { ConfigError, InternalError, VaultRefused } from "../errors.ts";
import { Secret } from "../secret.ts";
import { IV_BYTES, openBytes, parseSealed, sealBytes, type Place } from "./cipher.ts";
import { isKeyId, KEY_BYTES, type VaultKey } from "./keys.ts";

export type { Place } from "./cipher.ts";

/** A data key as it rests. */
export interface DataKey {
  /** Stands in every text sealed with it. */
  readonly id: string;
  /** Whose secrets it seals: a patient's id. */
  readonly ownerId: string;
  /** The key itself, sealed with a key of the ring. */
  readonly wrapped: string;
  /** Counts how often it was wrapped. */
  readonly version: number;
}

export interface Vault {
  /** Key of the ring that seals and wraps. */
  readonly activeKeyId: string;
  /** Under the data key where one is given, else under the ring's active key; with a fresh IV. Throws VaultRefused when the data key does not open. */
  seal(plain: Secret, place: Place, key?: DataKey): string;
  /**
   * Throws VaultRefused for an unknown key, another place, or a text changed or truncated anywhere. `keys` are the owner's data keys, for what
   * was sealed with one.
   */
  open(sealed: string, place: Place, keys?: readonly DataKey[]): Secret;
  /** A new data key, at random, wrapped by the active key. */
  makeDataKey(ownerId: string): DataKey;
  /** The same data key, wrapped by the active key. Throws VaultRefused when it does not open. */
  rewrap(key: DataKey): DataKey;
  /** Whether the text lies under another key of the ring than the active one. Throws VaultRefused when it is no sealed text. */
  needsRotation(sealed: string): boolean;
  /** A text to keep beside the data, by which `verifyKeyCheck` knows the key again. Throws InternalError for an unknown id. */
  keyCheck(keyId: string): string;
  /** Throws ConfigError unless the ring holds the key that made `check`: a wrong key must fail at start, not at the first write. */
  verifyKeyCheck(keyId: string, check: string): void;
}

export interface VaultParts {
  readonly keys: readonly VaultKey[];
  readonly activeKeyId: string;
  /** Of cryptographic quality. */
  readonly randomBytes: (size: number) => Uint8Array;
}

const KEY_CHECK_TEXT = "islet key check";

/** Builds the vault. Throws ConfigError for an empty ring, a key that is not 32 bytes, a bad or repeated id, or no active key. */
export function createVault({ keys, activeKeyId, randomBytes }: VaultParts): Vault {
  const ring = buildRing(keys, activeKeyId);

  function sealWith(keyId: string, plain: Uint8Array, place: Place): string {
    const key = ring.get(keyId);
    if (!key) throw new InternalError(`There is no vault key ${keyId}.`);
    return sealBytes(plain, { format: "v1", keyId, key, place }, randomBytes(IV_BYTES));
  }

  function openWithRing(sealed: string, place: Place): Buffer {
    const text = parseSealed(sealed);
    if (text.format !== "v1") throw new VaultRefused(`The ${place.field} in ${place.table} is sealed with a key of somebody's own.`);
    const key = ring.get(text.keyId);
    if (!key) throw new VaultRefused(`The ${place.field} in ${place.table} is sealed with a key that is not in the ring.`);
    return openBytes(text, { format: "v1", keyId: text.keyId, key, place });
  }

  function unwrap(key: DataKey): KeyObject {
    const bytes = openWithRing(key.wrapped, wrapPlace(key));
    try {
      if (bytes.byteLength !== KEY_BYTES) throw new VaultRefused("A data key has the wrong length.");
      return createSecretKey(bytes);
    } finally {
      bytes.fill(0);
    }
  }

  return {
    activeKeyId,
    seal(plain, place, key) {
      const bytes = Buffer.from(plain.open(), "utf8");
      if (!key) return sealWith(activeKeyId, bytes, place);
      return sealBytes(bytes, { format: "v2", keyId: key.id, key: unwrap(key), place }, randomBytes(IV_BYTES));
    },
    open(sealed, place, keys = []) {
      const text = parseSealed(sealed);
      if (text.format === "v1") return new Secret(openWithRing(sealed, place).toString("utf8"));
      const key = keys.find(({ id }) => id === text.keyId);
      if (!key) throw new VaultRefused(`The ${place.field} in ${place.table} is sealed with a data key that is not its owner's, or destroyed.`);
      return new Secret(openBytes(text, { format: "v2", keyId: key.id, key: unwrap(key), place }).toString("utf8"));
    },
    makeDataKey(ownerId) {
      const bytes = randomBytes(KEY_BYTES);
      const named = { id: randomUUID(), ownerId, version: 1 };
      try {
        return { ...named, wrapped: sealWith(activeKeyId, bytes, wrapPlace(named)) };
      } finally {
        bytes.fill(0);
      }
    },
    rewrap(key) {
      const bytes = openWithRing(key.wrapped, wrapPlace(key));
      const next = { id: key.id, ownerId: key.ownerId, version: key.version + 1 };
      try {
        return { ...next, wrapped: sealWith(activeKeyId, bytes, wrapPlace(next)) };
      } finally {
        bytes.fill(0);
      }
    },
    needsRotation: (sealed) => {
      const text = parseSealed(sealed);
      return text.format === "v1" && text.keyId !== activeKeyId;
    },
    keyCheck: (keyId) => sealWith(keyId, Buffer.from(KEY_CHECK_TEXT), keyCheckPlace(keyId)),
    verifyKeyCheck(keyId, check) {
      if (!ring.has(keyId)) throw new ConfigError(`The data is sealed with the vault key ${keyId}, which is not in the ring. Add it.`);
      try {
        openWithRing(check, keyCheckPlace(keyId));
      } catch (cause) {
        throw new ConfigError(`The vault key ${keyId} is not the one that this data was sealed with. Give back the old key.`, { cause });
      }
    },
  };
}

function buildRing(keys: readonly VaultKey[], activeKeyId: string): ReadonlyMap<string, KeyObject> {
  const ring = new Map<string, KeyObject>();
  for (const { id, key } of keys) {
    if (!isKeyId(id) || ring.has(id)) throw new ConfigError("Every vault key needs an id of its own.");
    if (key.byteLength !== KEY_BYTES) throw new ConfigError(`The vault key ${id} must be ${KEY_BYTES} bytes.`);
    ring.set(id, createSecretKey(key));
  }
  if (!ring.has(activeKeyId)) throw new ConfigError("The active vault key is not in the ring.");
  return ring;
}

function wrapPlace({ id, ownerId, version }: Omit<DataKey, "wrapped">): Place {
  return { table: "patient_keys", rowId: `${ownerId}/${id}`, field: "key", version };
}

function keyCheckPlace(keyId: string): Place {
  return { table: "key_check", rowId: keyId, field: "check", version: 1 };
}
