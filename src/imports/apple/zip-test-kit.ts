/** ZIP archives for tests, honest ones and others. */
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipFile {
  readonly name: string;
  readonly body: string | Uint8Array;
  /** "streamed": lengths stand behind the data, as in Apple's exports. */
  readonly form?: "plain" | "streamed" | "streamed, long" | "streamed, unsigned" | "zip64" | "stored" | "stored, streamed";
  /** Packed data in place of what the body gives. */
  readonly packed?: Uint8Array;
  readonly flags?: number;
  readonly method?: number;
  readonly crc?: number;
}

const LOCAL = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const END = 0x06054b50;

export function zipOf(...files: readonly ZipFile[]): Buffer {
  return Buffer.concat([...files.map(fileOf), numbers([END, 4], [0, 2], [0, 2], [files.length, 2], [files.length, 2], [0, 4], [0, 4], [0, 2])]);
}

function fileOf({ name, body, form = "plain", packed, flags = 0, method, crc }: ZipFile): Buffer {
  const bytes = Buffer.from(body as Uint8Array);
  const isStored = form.startsWith("stored");
  const data = Buffer.from(packed ?? (isStored ? bytes : deflateRawSync(bytes)));
  const isStreamed = form.includes("streamed");
  const sum = crc ?? crc32(bytes);
  const extra = form === "zip64" ? numbers([1, 2], [16, 2], [bytes.length, 8], [data.length, 8]) : Buffer.alloc(0);
  const [stated, statedPacked] = isStreamed ? [0, 0] : form === "zip64" ? [0xffffffff, 0xffffffff] : [bytes.length, data.length];
  const head = numbers(
    [LOCAL, 4], [20, 2], [flags | (isStreamed ? 8 : 0), 2], [method ?? (isStored ? 0 : 8), 2], [0, 4], [isStreamed ? 0 : sum, 4], [statedPacked, 4], [stated, 4],
    [Buffer.byteLength(name), 2], [extra.length, 2],
  );
  const lengthBytes = form === "streamed, long" ? 8 : 4;
  const tail = isStreamed
    ? numbers(...(form === "streamed, unsigned" ? [] : [[DESCRIPTOR, 4] as const]), [sum, 4], [data.length, lengthBytes], [bytes.length, lengthBytes])
    : Buffer.alloc(0);
  return Buffer.concat([head, Buffer.from(name), extra, data, tail]);
}

function numbers(...fields: readonly (readonly [value: number, bytes: number])[]): Buffer {
  return Buffer.concat(fields.map(([value, bytes]) => {
    const field = Buffer.alloc(bytes);
    if (bytes === 8) field.writeBigUInt64LE(BigInt(value));
    else field.writeUIntLE(value, 0, bytes);
    return field;
  }));
}

/** The bytes in pieces of a size. */
export async function* pieces(bytes: Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
