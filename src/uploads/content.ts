/** What a file is by its own first bytes, and whether it is something else besides. */
import { fileTypeFromBuffer } from "file-type";
import { UploadRefused } from "../errors.ts";
import { UPLOAD_TYPE_NAMES, UPLOAD_TYPES, type UploadType } from "./types.ts";

/** Signatures of all types we take lie in it, and nothing in it that could be unpacked grows large. */
const HEAD_BYTES = 4_100;
/** As far as browsers look for HTML. Source: WHATWG MIME Sniffing §7, 1,445 bytes. */
const SNIFFED_BYTES = 1_445;
const HTML = /<(?:!doctype\s+html|html|head|body|script|iframe|svg|style|title|h1|table|img|object|embed|form|meta|\?php|%@)[\s>/]/i;

/** Control characters that no text has. Tabs, line ends, form feeds and DOS's end of file are text. */
// oxlint-disable-next-line no-control-regex
const NOT_TEXT = /[\u0000-\u0008\u000b\u000e-\u0019\u001b-\u001f]/;
/** Characters at once; between them others have their turn. */
const TEXT_AT_ONCE = 4 * 1024 * 1024;

/** The type of the content: by its signature, or CSV where it has none and is text. Null for any other. */
export async function contentType(bytes: Uint8Array): Promise<UploadType | null> {
  const found = await fileTypeFromBuffer(bytes.subarray(0, HEAD_BYTES));
  if (!found) return (await isText(bytes)) ? "csv" : null;
  // An animated PNG is a PNG: its frames are counted.
  const mediaType = found.mime === "image/apng" ? "image/png" : found.mime;
  return UPLOAD_TYPE_NAMES.find((name) => UPLOAD_TYPES[name].mediaType === mediaType) ?? null;
}

/** UTF-8, marked UTF-16, or Latin-1 that has no control characters. */
async function isText(bytes: Uint8Array): Promise<boolean> {
  const mark = bytes.length >= 2 ? (bytes[0]! << 8) | bytes[1]! : 0;
  const decoder = new TextDecoder(mark === 0xfffe ? "utf-16le" : mark === 0xfeff ? "utf-16be" : "latin1");
  for (let from = 0; from < bytes.length; from += TEXT_AT_ONCE) {
    if (from > 0) await new Promise((resolve) => setImmediate(resolve));
    if (NOT_TEXT.test(decoder.decode(bytes.subarray(from, from + TEXT_AT_ONCE), { stream: true }))) return false;
  }
  return true;
}

/**
 * Refuses a file that two programs would take for two different things: HTML where browsers look for it, a PDF inside something else, an archive at
 * the end. Throws UploadRefused. Faults DA-05.
 */
export function refuseAmbiguous(bytes: Uint8Array, type: UploadType): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ambiguous = (what: string): UploadRefused => new UploadRefused("file_ambiguous", `The file is also ${what}. Open it and save or export it anew, then send that.`);
  if (HTML.test(buffer.toString("latin1", 0, SNIFFED_BYTES))) throw ambiguous("a web page");
  if (buffer.indexOf("%PDF-", type === "pdf" ? 5 : 0, "latin1") >= 0 && (type !== "pdf" || buffer.subarray(0, 1_024).indexOf("%PDF-", 5, "latin1") >= 0)) throw ambiguous("a PDF");
  if (endsAsZip(buffer)) throw ambiguous("an archive");
}

const END_OF_DIRECTORY = Buffer.from("PK\u0005\u0006", "latin1");
const END_BYTES = 22;
const MOST_COMMENT = 0xffff;

/**
 * Whether the directory of a ZIP archive lies at the end, as programs look for it, which read an archive from its end. The four bytes alone stand in
 * one of 60,000 photographs by chance: the directory must be where they say, or the archive be empty. Source: APPNOTE.TXT 6.3.10, 4.3.12, 4.3.16.
 */
function endsAsZip(buffer: Buffer): boolean {
  const earliest = Math.max(0, buffer.length - END_BYTES - MOST_COMMENT);
  for (let at = buffer.lastIndexOf(END_OF_DIRECTORY); at >= earliest; at = at === 0 ? -1 : buffer.lastIndexOf(END_OF_DIRECTORY, at - 1)) {
    if (at + END_BYTES > buffer.length) continue;
    const directoryBytes = buffer.readUInt32LE(at + 12);
    // Its offset is from the archive's own beginning, wherever that lies in the file.
    const directory = at - directoryBytes;
    if (directoryBytes === 0 || directoryBytes === 0xffff_ffff || (directory >= 0 && buffer.toString("latin1", directory, directory + 4) === "PK\u0001\u0002")) return true;
  }
  return false;
}
