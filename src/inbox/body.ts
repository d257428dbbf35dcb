/** How raw bytes rest: small ones as they are, larger ones compressed (vendor JSON shrinks about twentyfold). */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";

/** Below this a body is smaller than what compression saves. */
const WORTH_PACKING = 2_048;
/** No stored body may unpack to more: it was accepted under a smaller limit. */
const LARGEST = 1024 * 1024 * 1024;

export interface PackedBody {
  readonly encoding: "identity" | "zstd";
  readonly bytes: Buffer;
}

export function packBody(body: Uint8Array): PackedBody {
  if (body.length < WORTH_PACKING) return { encoding: "identity", bytes: Buffer.from(body.buffer, body.byteOffset, body.byteLength) };
  return { encoding: "zstd", bytes: zstdCompressSync(body) };
}

export function unpackBody(encoding: string, bytes: Buffer): Buffer {
  return encoding === "zstd" ? zstdDecompressSync(bytes, { maxOutputLength: LARGEST }) : bytes;
}
