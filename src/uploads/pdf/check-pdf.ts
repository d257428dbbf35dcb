/** Whether a PDF is whole, ends somewhere and does nothing by itself. */
import { UploadRefused } from "../../errors.ts";
import type { InspectLimits } from "../types.ts";
import { readPdf, type PdfFile } from "./file.ts";
import { countPages } from "./pages.ts";
import { refuseActive } from "./rules.ts";
import { countStreams, readStructure } from "./streams.ts";

/** What may lie behind the last `%%EOF`: ends of lines and padding. */
const MOST_PADDING = 1_024;
const HEADER = /^%PDF-(?:1\.[0-7]|2\.0)[\s%]/;
/** Bounded, so that it takes no longer for a stream of digits. */
const OBJECT = /(?:^|\D)\d{1,10}\s{1,9}\d{1,5}\s{1,9}obj\b/;

/** Throws UploadRefused with the reason. Reads and counts; nothing is drawn, no script or font is looked into. */
export async function checkPdf(bytes: Buffer, limits: InspectLimits): Promise<void> {
  refuseCut(bytes);
  const file = readPdf(bytes, limits);
  readStructure(file);
  refuseHidden(file);
  refuseActive(file);
  await countStreams(file);
  countPages(file);
}

function refuseCut(bytes: Buffer): void {
  if (!HEADER.test(bytes.toString("latin1", 0, 16))) throw new UploadRefused("file_damaged", "The PDF is of no known version: print it to a new PDF and send that.");
  const end = bytes.lastIndexOf("%%EOF", undefined, "latin1");
  if (end < 0) throw new UploadRefused("file_damaged", "The PDF has no end: it may have been cut off on the way. Send it again, or print it to a new PDF.");
  const behind = bytes.subarray(end + 5);
  if (behind.length > MOST_PADDING || behind.some((byte) => byte !== 0 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 26 && byte !== 32)) {
    throw new UploadRefused("file_ambiguous", "Something else lies behind the end of the PDF: print it to a new PDF and send that.");
  }
}

/**
 * Refuses objects that lie where reading from the first byte to the last sees only data, as inside a stream, and that a cross-reference leads to. Where
 * it leads nowhere, viewers look for objects themselves, also inside: then nothing in a stream may look like one.
 */
function refuseHidden(file: PdfFile): void {
  const { bytes, starts } = file;
  // Viewers begin at the last of these words, wherever it stands.
  const start = bytes.lastIndexOf("startxref", undefined, "latin1");
  if (start < 0) throw new UploadRefused("file_damaged", "The PDF does not say where its parts are: print it to a new PDF and send that.");
  if (!starts.has(start)) throw hidden();
  let isSound = true;
  for (const pointer of file.pointers) {
    if (starts.has(pointer)) continue;
    isSound = false;
    if (!Number.isSafeInteger(pointer) || pointer < 0) continue;
    const space = /^[\s\0]*/.exec(bytes.toString("latin1", pointer, pointer + 64))![0].length;
    if (!starts.has(pointer + space) && /^(?:\d{1,10}\s+\d{1,5}\s+obj\b|xref\b)/.test(bytes.toString("latin1", pointer + space, pointer + space + 64))) throw hidden();
  }
  if (!isSound && file.streams.some(({ data }) => OBJECT.test(data.toString("latin1")))) throw hidden();
}

function hidden(): UploadRefused {
  return new UploadRefused("file_ambiguous", "The PDF hides a part of itself from some programs: print it to a new PDF and send that.");
}
