/**
 * The cipher under both layers of the vault: AES-256-GCM with a subkey of the row's and field's own (HKDF-SHA256), the row's identity as
 * associated data, and the texts in which all of it rests. Source: faults §5.1.
 */
import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject } from "node:crypto";
import { InternalError, VaultRefused } from "../errors.ts";
import { KEY_BYTES } from "./keys.ts";

/** Where a sealed text lives. It opens nowhere else. */
export interface Place {
  readonly table: string;
  readonly rowId: string;
  readonly field: string;
  /** The row's version of the secret: stops one column from being rolled back to an older value. */
  readonly version: number;
}

/** `v1`: under a key of the ring. `v2`: under a data key, which rests wrapped by a key of the ring. */
export type Format = "v1" | "v2";

/** `<format>.<key id>.<iv>.<tag>.<ciphertext>`, the last three in base64url. */
export interface SealedText {
  readonly format: Format;
  readonly keyId: string;
  readonly iv: Buffer;
  readonly tag: Buffer;
  readonly ciphertext: Buffer;
}

/** Which key, by which name, for which place. */
export interface Under {
  readonly format: Format;
  readonly keyId: string;
  readonly key: KeyObject;
  readonly place: Place;
}

const CIPHER = "aes-256-gcm";
export const IV_BYTES = 12;
/** Pinned at both ends: without it Node accepts a tag cut down to four bytes. */
const TAG_BYTES = 16;
/** Ids of the ring, and the longer ones of data keys. */
const KEY_NAME = /^[A-Za-z0-9_-]{1,36}$/;
/** The key derivation takes at most 1,024 bytes of context. */
const LONGEST_PLACE_PART = 200;

/** Seals bytes with the given IV, which must never be used twice. Throws InternalError for a place whose names are empty or too long. */
export function sealBytes(plain: Uint8Array, under: Under, iv: Uint8Array): string {
  const cipher = createCipheriv(CIPHER, subkey(under), iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(identityOf(under));
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  const parts = [Buffer.from(iv), cipher.getAuthTag(), ciphertext].map((bytes) => bytes.toString("base64url"));
  return [under.format, under.keyId, ...parts].join(".");
}

/** Throws VaultRefused for another key, another place, or a text changed anywhere. */
export function openBytes(sealed: SealedText, under: Under): Buffer {
  const key = subkey(under);
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(identityOf(under));
    decipher.setAuthTag(sealed.tag);
    return Buffer.concat([decipher.update(sealed.ciphertext), decipher.final()]);
  } catch (cause) {
    throw new VaultRefused(`The ${under.place.field} in ${under.place.table} does not open: wrong key, wrong row, or changed.`, { cause });
  }
}

/** Throws VaultRefused for anything that is no sealed text. */
export function parseSealed(sealed: string): SealedText {
  const [format, keyId = "", iv, tag, ciphertext, ...rest] = sealed.split(".");
  const parsed = { keyId, iv: decode(iv), tag: decode(tag), ciphertext: decode(ciphertext) };
  const isFormat = format === "v1" || format === "v2";
  if (!isFormat || !KEY_NAME.test(keyId) || rest.length > 0 || parsed.iv.byteLength !== IV_BYTES || parsed.tag.byteLength !== TAG_BYTES) {
    throw new VaultRefused("This is no sealed text.");
  }
  return { format, ...parsed };
}

function subkey({ format, key, place: { table, rowId, field } }: Under): Uint8Array {
  for (const part of [table, rowId, field]) {
    if (part.length === 0 || Buffer.byteLength(part) > LONGEST_PLACE_PART) throw new InternalError("A place in the vault needs short names.");
  }
  return new Uint8Array(hkdfSync("sha256", key, "", lengthPrefixed([`vault/${format}`, table, rowId, field]), KEY_BYTES));
}

function identityOf({ format, keyId, place: { table, rowId, field, version } }: Under): Buffer {
  return lengthPrefixed([format, table, rowId, field, keyId, String(version)]);
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

/** Strict: the decoder skips what it does not know, and two spellings of one secret must not both open. */
function decode(text: string | undefined): Buffer {
  const bytes = Buffer.from(text ?? "", "base64url");
  if (text === undefined || bytes.toString("base64url") !== text) throw new VaultRefused("This is no sealed text.");
  return bytes;
}
