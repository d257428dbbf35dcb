/** How raw bytes rest: small ones as they are, larger ones compressed (vendor JSON shrinks about tenfold). */
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
  const asIs = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (body.length < WORTH_PACKING) return { encoding: "identity", bytes: asIs };
  const packed = zstdCompressSync(body);
  return packed.length < body.length ? { encoding: "zstd", bytes: packed } : { encoding: "identity", bytes: asIs };
}

/** Throws for bytes that are no longer what packBody made. */
export function unpackBody(encoding: string, bytes: Buffer): Buffer {
  return encoding === "zstd" ? zstdDecompressSync(bytes, { maxOutputLength: LARGEST }) : bytes;
}
