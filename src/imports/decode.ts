/** Bytes of a file → text, whatever program wrote it. */
import { InvalidInput } from "../errors.ts";

/** Largest file taken, 200 MB (exports-imports §5). */
export const MAX_FILE_BYTES = 200 * 1024 * 1024;

export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

export interface DecodedText {
  readonly text: string;
  readonly encoding: Encoding;
}

/** How far into a file we look for what tells encodings and binaries. */
const PROBE_BYTES = 4096;

/** Byte-order marks, also twice, and UTF-8's mark read as Latin-1 and written again (vendors/traps.md, Clarity). */
const MARKS = /^(?:\uFEFF|ï»¿)+/;

/**
 * Text of the bytes without byte-order marks: UTF-8 (marked or not), UTF-16 (marked or recognisable), else Latin-1 as Windows
 * writes it. Throws InvalidInput for too large (413), empty, compressed and binary files (415).
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes.length > MAX_FILE_BYTES) {
    throw new InvalidInput("The file is larger than 200 MB; split it and import the parts.", { code: "file_too_large", httpStatus: 413 });
  }
  refuseArchives(bytes);
  const encoding = encodingOf(bytes);
  const text = new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes).replace(MARKS, "");
  if (text.trim() === "") throw new InvalidInput("The file is empty.", { code: "file_empty", httpStatus: 422 });
  if (text.slice(0, PROBE_BYTES).includes("\0")) {
    throw new InvalidInput("The file is not text; export it as CSV.", { code: "file_not_text", httpStatus: 415 });
  }
  return { text, encoding };
}

function refuseArchives(bytes: Uint8Array): void {
  const starts = (...magic: number[]): boolean => magic.every((byte, index) => bytes[index] === byte);
  const isZip = starts(0x50, 0x4b, 0x03, 0x04);
  if (isZip || starts(0x1f, 0x8b) || starts(0xd0, 0xcf, 0x11, 0xe0)) {
    throw new InvalidInput("The file is a spreadsheet or an archive; save it as CSV, or unpack it first.", {
      code: "file_not_text", httpStatus: 415,
    });
  }
}

function encodingOf(bytes: Uint8Array): Encoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const zeros = [0, 0];
  const probe = bytes.subarray(0, PROBE_BYTES);
  for (let i = 0; i < probe.length; i++) if (probe[i] === 0) zeros[i % 2]!++;
  // ASCII written as UTF-16 without a mark has a zero in every other byte.
  if (zeros[1]! > probe.length / 4 && zeros[0] === 0) return "utf-16le";
  if (zeros[0]! > probe.length / 4 && zeros[1] === 0) return "utf-16be";
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return "utf-8";
  } catch (error) {
    if (error instanceof TypeError) return "windows-1252";
    throw error;
  }
}
