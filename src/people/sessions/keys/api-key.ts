/**
 * A key of an app as its holder has it: `islet_<public id>_<secret><check>`. The beginning lets scanners of source code know a lost one, the
 * check lets a mistyped one be refused without asking anybody. Only the digest of the whole rests.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PUBLIC_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";
const PUBLIC_LENGTH = 8;
const SECRET_BYTES = 32;
/** Digits to the base of 62 that hold 256 and 32 bits. */
const SECRET_LENGTH = 43;
const CHECK_LENGTH = 6;
const FORM = /^(islet_([0-9a-z]{8})_[0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

export interface ApiKey {
  /** Shown in lists: tells keys apart and opens nothing. */
  readonly publicId: string;
  readonly key: string;
  readonly hash: Buffer;
}

/** A fresh key. `randomBytes` must be of cryptographic quality. */
export function makeApiKey(randomBytes: (size: number) => Uint8Array): ApiKey {
  const publicId = digits(randomBytes(PUBLIC_LENGTH), PUBLIC_ALPHABET, PUBLIC_LENGTH);
  const start = `islet_${publicId}_${digits(randomBytes(SECRET_BYTES), ALPHABET, SECRET_LENGTH)}`;
  const key = start + checkOf(start);
  return { publicId, key, hash: digest(key) };
}

/** Whether a text has the beginning of a key, so that it is nothing else. */
export function looksLikeApiKey(text: string): boolean {
  return text.startsWith("islet_");
}

/** Null for a text that is no key at all, or was mistyped. */
export function readApiKey(text: string): { readonly publicId: string; readonly hash: Buffer } | null {
  const [, start = "", publicId = "", check = ""] = FORM.exec(text) ?? [];
  return check !== "" && check === checkOf(start) ? { publicId, hash: digest(text) } : null;
}

function checkOf(start: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(start));
  return digits(bytes, ALPHABET, CHECK_LENGTH);
}

/** The last `length` digits of the bytes as one number. */
function digits(bytes: Uint8Array, alphabet: string, length: number): string {
  const base = BigInt(alphabet.length);
  let rest = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  let text = "";
  for (let place = 0; place < length; place += 1) {
    text = alphabet[Number(rest % base)]! + text;
    rest /= base;
  }
  return text;
}

function digest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
