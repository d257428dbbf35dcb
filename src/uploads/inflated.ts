/** How much packed bytes unpack to, counted and not kept, and no further than one wants to know. */
import { constants, createInflate, inflateSync } from "node:zlib";
import { UploadRefused } from "../errors.ts";

/** Deflate never does better: 1,032 bytes for one. */
const DEFLATE_RATIO = 1_032;
/** Below this a file's small streams are unpacked at once, without a stream for each. */
const AT_ONCE_BYTES = 8 * 1024 * 1024;
const PIECE_BYTES = 256 * 1024;

/** Bytes that zlib data unpacks to; more than `mostBytes` is told as `mostBytes + 1`. What is damaged counts up to the damage, as programs show it. */
export async function countInflated(packed: Uint8Array, mostBytes: number): Promise<number> {
  if (packed.length * DEFLATE_RATIO <= Math.min(AT_ONCE_BYTES, mostBytes)) {
    try {
      return inflateSync(packed, { finishFlush: constants.Z_SYNC_FLUSH }).length;
    } catch {
      // Counted below, up to where it is damaged.
    }
  }
  const engine = createInflate({ chunkSize: PIECE_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
  let count = 0;
  engine.end(packed);
  try {
    for await (const piece of engine) {
      count += (piece as Uint8Array).length;
      if (count > mostBytes) return mostBytes + 1;
    }
  } catch (error) {
    if (!(error instanceof Error) || !("errno" in error)) throw error;
  }
  return count;
}

/** The unpacked bytes, `mostBytes` at most. Throws UploadRefused for more, and for damaged data. */
export function inflated(packed: Uint8Array, mostBytes: number): Uint8Array {
  try {
    return inflateSync(packed, { maxOutputLength: Math.max(1, mostBytes), finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    if (error instanceof RangeError) throw new UploadRefused("pdf_too_complex", "The PDF's packed parts unpack to more than is safe to open: print it to a new PDF and send that.", { cause: error });
    throw new UploadRefused("file_damaged", "The PDF is damaged where it is packed: print it to a new PDF and send that.", { cause: error });
  }
}

/** The same for LZW as PDF has it, from the lengths of what its codes stand for. Source: ISO 32000-1 §7.4.4. */
export function countLzw(packed: Uint8Array, mostBytes: number, earlyChange = 1): number {
  const [CLEAR, END, FIRST] = [256, 257, 258];
  const lengths = new Uint16Array(4_096).fill(1);
  let [count, next, width, before, held, bits] = [0, FIRST, 9, 0, 0, 0];
  for (const byte of packed) {
    held = ((held << 8) | byte) & 0xff_ffff;
    bits += 8;
    if (bits < width) continue;
    bits -= width;
    const code = (held >>> bits) & ((1 << width) - 1);
    if (code === END) break;
    if (code === CLEAR) {
      [next, width, before] = [FIRST, 9, 0];
      continue;
    }
    const length = code < next ? lengths[code]! : before + 1;
    count += length;
    if (count > mostBytes) return mostBytes + 1;
    if (before > 0 && next < 4_096) lengths[next++] = before + 1;
    if (next + earlyChange >= 1 << width && width < 12) width += 1;
    before = length;
  }
  return count;
}

/** The same for runs of bytes. Source: ISO 32000-1 §7.4.5. */
export function countRuns(packed: Uint8Array, mostBytes: number): number {
  let count = 0;
  for (let at = 0; at < packed.length && packed[at] !== 128 && count <= mostBytes; ) {
    const length = packed[at]!;
    count += length < 128 ? length + 1 : 257 - length;
    at += length < 128 ? length + 2 : 2;
  }
  return Math.min(count, mostBytes + 1);
}
