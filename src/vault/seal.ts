/**
 * Sealing secrets for the database: AES-256-GCM under a key of the row's own, bound to the row's identity, so that a text copied
 * from another row, another column or an older version does not open. Sources: requirement E1; design notes on the token vault
 * (faults §5.1).
 */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import { ConfigError, InternalError, VaultRefused } from "../errors.ts";
import { Secret } from "../secret.ts";
import { isKeyId, KEY_BYTES, type VaultKey } from "./keys.ts";

/** Where a sealed text lives. It opens nowhere else. */
export interface Place {
  readonly table: string;
  readonly rowId: string;
  readonly field: string;
  /** The row's version of the secret: stops one column from being rolled back to an older value. */
  readonly version: number;
}

export interface Vault {
  /** `v1.<key id>.<iv>.<tag>.<ciphertext>` in base64url, under the active key with a fresh IV. */
  seal(plain: Secret, place: Place): string;
  /** Throws VaultRefused for an unknown key, another place, or a text changed or truncated anywhere. */
  open(sealed: string, place: Place): Secret;
  /** Whether the text lies under another key than the active one. Throws VaultRefused when it is no sealed text. */
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

interface SealedText {
  readonly keyId: string;
  readonly iv: Buffer;
  readonly tag: Buffer;
  readonly ciphertext: Buffer;
}

const FORMAT = "v1";
const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
/** Pinned at both ends: without it Node accepts a tag cut down to four bytes. */
const TAG_BYTES = 16;
/** The key derivation takes at most 1,024 bytes of context. */
const LONGEST_PLACE_PART = 200;
const KEY_CHECK_TEXT = "islet key check";

/** Builds the vault. Throws ConfigError for an empty ring, a key that is not 32 bytes, a bad or repeated id, or no active key. */
export function createVault({ keys, activeKeyId, randomBytes }: VaultParts): Vault {
  const ring = buildRing(keys, activeKeyId);

  function sealWith(keyId: string, plain: Secret, place: Place): string {
    const master = ring.get(keyId);
    if (!master) throw new InternalError(`There is no vault key ${keyId}.`);
    const iv = Buffer.from(randomBytes(IV_BYTES));
    const cipher = createCipheriv(CIPHER, subkey(master, place), iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(identityOf(keyId, place));
    const ciphertext = Buffer.concat([cipher.update(plain.open(), "utf8"), cipher.final()]);
    return [FORMAT, keyId, ...[iv, cipher.getAuthTag(), ciphertext].map((bytes) => bytes.toString("base64url"))].join(".");
  }

  function open(sealed: string, place: Place): Secret {
    const { keyId, iv, tag, ciphertext } = parseSealed(sealed);
    const master = ring.get(keyId);
    if (!master) throw new VaultRefused(`The ${place.field} in ${place.table} is sealed with a key that is not in the ring.`);
    const key = subkey(master, place);
    try {
      const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(identityOf(keyId, place));
      decipher.setAuthTag(tag);
      return new Secret(Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString("utf8"));
    } catch (cause) {
      throw new VaultRefused(`The ${place.field} in ${place.table} does not open: wrong key, wrong row, or changed.`, { cause });
    }
  }

  return {
    seal: (plain, place) => sealWith(activeKeyId, plain, place),
    open,
    needsRotation: (sealed) => parseSealed(sealed).keyId !== activeKeyId,
    keyCheck: (keyId) => sealWith(keyId, new Secret(KEY_CHECK_TEXT), keyCheckPlace(keyId)),
    verifyKeyCheck(keyId, check) {
      if (!ring.has(keyId)) throw new ConfigError(`The data is sealed with the vault key ${keyId}, which is not in the ring. Add it.`);
      try {
        open(check, keyCheckPlace(keyId));
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

function subkey(master: KeyObject, { table, rowId, field }: Place): Uint8Array {
  for (const part of [table, rowId, field]) {
    if (part.length === 0 || Buffer.byteLength(part) > LONGEST_PLACE_PART) throw new InternalError("A place in the vault needs short names.");
  }
  return new Uint8Array(hkdfSync("sha256", master, "", lengthPrefixed(["vault/v1", table, rowId, field]), KEY_BYTES));
}

function identityOf(keyId: string, { table, rowId, field, version }: Place): Buffer {
  return lengthPrefixed([FORMAT, table, rowId, field, keyId, String(version)]);
}

/** Every part behind its length, so that no two lists of parts give the same bytes. */
function lengthPrefixed(parts: readonly string[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part, "utf8");
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.byteLength);
      return [length, bytes];
    }),
  );
}

function keyCheckPlace(keyId: string): Place {
  return { table: "key_check", rowId: keyId, field: "check", version: 1 };
}

function parseSealed(sealed: string): SealedText {
  const [format, keyId = "", iv, tag, ciphertext, ...rest] = sealed.split(".");
  const parsed = { keyId, iv: decode(iv), tag: decode(tag), ciphertext: decode(ciphertext) };
  if (format !== FORMAT || !isKeyId(keyId) || rest.length > 0 || parsed.iv.byteLength !== IV_BYTES || parsed.tag.byteLength !== TAG_BYTES) {
    throw new VaultRefused("This is no sealed text.");
  }
  return parsed;
}

/** Strict: the decoder skips what it does not know, and two spellings of one secret must not both open. */
function decode(text: string | undefined): Buffer {
  const bytes = Buffer.from(text ?? "", "base64url");
  if (text === undefined || bytes.toString("base64url") !== text) throw new VaultRefused("This is no sealed text.");
  return bytes;
}
