/** The bytes of one file, sealed: AES-256-GCM under a key that no other file has, and bound to the file's id. Layout: nonce, tag, ciphertext. ASVS 11.3. */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { VaultRefused } from "../errors.ts";

const CIPHER = "aes-256-gcm";
export const CONTENT_NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const CONTENT_KEY_BYTES = 32;

/** What a file is sealed with, and what it is: it opens as nothing else. */
export interface ContentSeal {
  readonly key: Uint8Array;
  readonly fileId: string;
}

/** @param nonce 12 bytes of chance */
export function sealContent(plain: Uint8Array, { key, fileId }: ContentSeal, nonce: Uint8Array): Buffer {
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(fileId));
  const ciphertext = [cipher.update(plain), cipher.final()];
  return Buffer.concat([nonce, cipher.getAuthTag(), ...ciphertext]);
}

/** Throws VaultRefused for another key, another file, or bytes changed or cut off anywhere. */
export function openContent(sealed: Uint8Array, { key, fileId }: ContentSeal): Buffer {
  if (sealed.byteLength < CONTENT_NONCE_BYTES + TAG_BYTES) throw new VaultRefused("A sealed file is cut off.");
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, CONTENT_NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(fileId));
  decipher.setAuthTag(sealed.subarray(CONTENT_NONCE_BYTES, CONTENT_NONCE_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(CONTENT_NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new VaultRefused("A sealed file does not open: wrong key, another file, or changed.", { cause });
  }
}
