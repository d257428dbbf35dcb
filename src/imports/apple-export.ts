/**
 * Apple Health's export, `export.zip` or the `export.xml` in it, from a stream of bytes: elements in small batches, with flat memory whatever its size.
 * What the elements mean is the driver's matter (`createExportMapper`). Sources: Apple Health facts, export.xml structure; exports-imports §6.
 */
import { InvalidInput } from "../errors.ts";
import { ByteReader } from "./apple/bytes.ts";
import { type AppleElement, ElementParser } from "./apple/elements.ts";
import { APPLE_LIMITS, type AppleLimits, Damaged, NotAnExport } from "./apple/limits.ts";
import { ZipReader } from "./apple/zip.ts";
import type { ImportProblem } from "./types.ts";

export type { AppleElement } from "./apple/elements.ts";

export interface AppleBatch {
  /** Elements below the root, in the file's order: those of one piece of the file, about a hundred. Held for long they take tenfold their bytes. */
  readonly elements: readonly AppleElement[];
  /** What could not be read since the last batch; at most MAX_LISTED_PROBLEMS in all. */
  readonly problems: readonly ImportProblem[];
  /** Bytes read from the source so far. An archive need not be read to its end. */
  readonly bytesRead: number;
  /** Bytes of XML so far. */
  readonly xmlBytes: number;
  /** False in the last batch of a file that broke off: what came before is sound, what was to come is missing. True in all others. */
  readonly isSound: boolean;
}

export interface AppleExportOptions {
  readonly limits?: Partial<AppleLimits>;
}

/**
 * Reads an export. The source is any stream of bytes (a file, a request's body); it is let go at the end, and when the caller stops early.
 * The XML is found in an archive by its root, for its name is translated (`exportieren.xml`, `导出.xml`) and `export_cda.xml` is something
 * else. Damage ends the reading with a problem. Throws InvalidInput: code `file_format` (415) for what is no export, `file_unsafe` (422) for archives and XML made to harm,
 * `file_empty` (422).
 */
export async function* readAppleExport(source: AsyncIterable<Uint8Array>, options: AppleExportOptions = {}): AsyncGenerator<AppleBatch, void, undefined> {
  const reader = new ByteReader(source);
  const limits = { ...APPLE_LIMITS, ...options.limits };
  try {
    yield* batchesOf(reader, limits);
  } finally {
    await reader.close();
  }
}

async function* batchesOf(reader: ByteReader, limits: AppleLimits): AsyncGenerator<AppleBatch, void, undefined> {
  let xmlBytes = 0;
  let last: ElementParser | null = null;
  const batch = (parser: ElementParser, broken: Damaged | null): AppleBatch => {
    const { elements, problems } = parser.take();
    const end: ImportProblem[] = broken ? [{ line: parser.line, reason: `${clause(broken)}; nothing after it could be read`, kind: "row" }] : [];
    return { elements, problems: [...problems, ...end], bytesRead: reader.bytesRead, xmlBytes, isSound: broken === null };
  };
  try {
    for await (const { parser, bytes } of xmlPieces(reader, limits)) {
      last = parser;
      xmlBytes += bytes;
      if (parser.ready > 0) yield batch(parser, null);
    }
    if (last) yield batch(last, null);
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    if (!last) throw new InvalidInput(`${error.message} Export it again.`, { code: "file_format", httpStatus: 415, cause: error });
    yield batch(last, error);
  }
}

/** "The archive ends." as part of a list of problems. */
function clause({ message }: Damaged): string {
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, "");
}

interface XmlPiece {
  readonly parser: ElementParser;
  readonly bytes: number;
}

/** The export's XML as it goes through its parser. Throws InvalidInput, Damaged. */
async function* xmlPieces(reader: ByteReader, limits: AppleLimits): AsyncGenerator<XmlPiece> {
  const head = await reader.peek(4);
  if (head.length === 0) throw new InvalidInput("The file is empty.", { code: "file_empty", httpStatus: 422 });
  if (head.length === 4 && head.readUInt32LE(0) === 0x04034b50) {
    yield* fromArchive(new ZipReader(reader, limits), limits);
    return;
  }
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    for (let piece = await reader.next(); piece; piece = await reader.next()) yield piece;
  };
  if (!(yield* parsed(pieces(), limits, "leave"))) throw notAnExport();
}

async function* fromArchive(zip: ZipReader, limits: AppleLimits): AsyncGenerator<XmlPiece> {
  for (let name = await zip.nextFile(); name !== null; name = await zip.nextFile()) {
    if (!/\.xml$/i.test(name)) await zip.skip();
    else if (yield* parsed(zip.unpack(), limits, "pass over")) return;
  }
  throw notAnExport();
}

/** Whether the XML was an export; the rest of one that is not is left, or passed over to come to the next file. */
async function* parsed(pieces: AsyncIterable<Uint8Array>, limits: AppleLimits, ofOthers: "leave" | "pass over"): AsyncGenerator<XmlPiece, boolean> {
  const decoder = new TextDecoder();
  const parser = new ElementParser(limits);
  let isOther = false;
  let untold = 0;
  /** Gives what ended the reading for good. */
  const attempt = (act: () => void): Damaged | null => {
    try {
      act();
    } catch (error) {
      if (error instanceof Damaged) return error;
      if (!(error instanceof NotAnExport)) throw error;
      isOther = true;
    }
    return null;
  };
  for await (const piece of pieces) {
    if (isOther) continue;
    const damage = attempt(() => parser.write(decoder.decode(piece, { stream: true })));
    untold += piece.length;
    if (isOther && ofOthers === "leave") return false;
    if (!parser.isExport) continue;
    yield { parser, bytes: untold };
    if (damage) throw damage;
    untold = 0;
  }
  if (isOther) return false;
  const damage = attempt(() => {
    parser.write(decoder.decode());
    parser.end();
  });
  if (isOther) return false;
  yield { parser, bytes: untold };
  if (damage) throw damage;
  return true;
}

function notAnExport(): InvalidInput {
  return new InvalidInput(
    "This is no export of Apple Health: choose the export.zip that the Health app makes (its name may be translated), or the file in it that is not export_cda.xml.",
    { code: "file_format", httpStatus: 415 },
  );
}
