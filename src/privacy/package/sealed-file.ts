/**
 * A file sealed in pieces, written and read as a stream: AES-256-GCM under a key of the file's own, each piece with a tag of its own, its number and whether
 * it is the last in its nonce, so that pieces cannot be swapped, repeated or cut off (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár,
 * 2015). Layout: magic, 7 bytes of nonce, then pieces of 64 KiB, each followed by its tag. ASVS 11.3.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { VaultRefused } from "../../errors.ts";

const CIPHER = "aes-256-gcm";
const MAGIC = Buffer.from("ISLTX1");
const PREFIX_BYTES = 7;
const TAG_BYTES = 16;
const PIECE_BYTES = 64 * 1024;
export const FILE_KEY_BYTES = 32;

/** What a file is sealed with, and what it is: it opens as nothing else. */
export interface FileSeal {
  readonly key: Buffer;
  /** The export's id. */
  readonly id: string;
}

/** The sealed bytes of a stream. `prefix` is 7 bytes of chance, never used twice with one key. */
export async function* sealStream(plain: AsyncIterable<Uint8Array>, seal: FileSeal, prefix: Buffer): AsyncGenerator<Buffer> {
  yield Buffer.concat([MAGIC, prefix]);
  let number = 0;
  for await (const { bytes, isLast } of piecesOf(plain, PIECE_BYTES)) {
    const cipher = createCipheriv(CIPHER, seal.key, nonceOf(prefix, number, isLast), { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(seal.id));
    yield Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    number += 1;
  }
}

/** The plain bytes of a sealed stream. Throws VaultRefused at the first piece that was changed, moved or cut off; what came before it is true. */
export async function* openStream(sealed: AsyncIterable<Uint8Array>, seal: FileSeal): AsyncGenerator<Buffer> {
  let prefix: Buffer | null = null;
  let number = 0;
  for await (const { bytes, isLast } of piecesOf(withoutHead(sealed, (head) => (prefix = head)), PIECE_BYTES + TAG_BYTES)) {
    if (prefix === null || bytes.length < TAG_BYTES) throw new VaultRefused("A sealed file is cut off.");
    const decipher = createDecipheriv(CIPHER, seal.key, nonceOf(prefix, number, isLast), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(seal.id));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    try {
      yield Buffer.concat([decipher.update(bytes.subarray(0, bytes.length - TAG_BYTES)), decipher.final()]);
    } catch (cause) {
      throw new VaultRefused("A sealed file does not open: wrong key, or changed.", { cause });
    }
    number += 1;
  }
}

function nonceOf(prefix: Buffer, number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(PREFIX_BYTES + 5);
  prefix.copy(nonce);
  nonce.writeUInt32BE(number, PREFIX_BYTES);
  nonce[PREFIX_BYTES + 4] = isLast ? 1 : 0;
  return nonce;
}

/** Passes on what follows the head, which is told apart. */
async function* withoutHead(sealed: AsyncIterable<Uint8Array>, onPrefix: (prefix: Buffer) => void): AsyncGenerator<Uint8Array> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const chunk of sealed) {
    if (head === null) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < MAGIC.length + PREFIX_BYTES) continue;
    if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw new VaultRefused("This is no sealed file.");
    onPrefix(Buffer.from(head.subarray(MAGIC.length, MAGIC.length + PREFIX_BYTES)));
    const rest: Buffer = head.subarray(MAGIC.length + PREFIX_BYTES);
    head = null;
    yield rest;
  }
  if (head !== null) throw new VaultRefused("A sealed file is cut off.");
}

/** Pieces of one size; the last may be shorter, also empty. */
async function* piecesOf(stream: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<{ readonly bytes: Buffer; readonly isLast: boolean }> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    held.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    length += chunk.byteLength;
    if (length <= size) continue;
    const all = Buffer.concat(held);
    let at = 0;
    // One piece is held back: whether it is the last shows with what comes after it.
    for (; all.length - at > size; at += size) yield { bytes: all.subarray(at, at + size), isLast: false };
    held = [all.subarray(at)];
    length = all.length - at;
  }
  yield { bytes: Buffer.concat(held), isLast: true };
}
