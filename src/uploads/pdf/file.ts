/**
 * A PDF read from its first byte to its last, as programs do that mend broken files: all objects of all revisions, whether the cross-reference names
 * them or not. So nothing is found by a viewer that was not looked at here. Source: ISO 32000-1 §7.5.
 */
import { UploadRefused } from "../../errors.ts";
import type { InspectLimits } from "../types.ts";
import { Keyword, Parser, Reference, tooComplex, valuesOf, type Budget, type Dictionary, type Value } from "./parse.ts";

export interface Stream {
  readonly dictionary: Dictionary;
  /** As it lies in the file. */
  readonly data: Buffer;
}

/** Where a cross-reference says that something begins. */
export type Offset = number;

export class PdfFile {
  readonly bytes: Buffer;
  readonly limits: InspectLimits;
  readonly budget: Budget = { tokens: 0 };
  /** Each with all its revisions, as they lie in the file. */
  readonly objects = new Map<number, Value[]>();
  readonly streams: Stream[] = [];
  readonly trailers: Dictionary[] = [];
  /** First bytes of objects, cross-reference tables and `startxref`. */
  readonly starts = new Set<Offset>();
  /** What tables, trailers and `startxref` point to. */
  readonly pointers: Offset[] = [];
  #count = 0;

  constructor(bytes: Buffer, limits: InspectLimits) {
    this.bytes = bytes;
    this.limits = limits;
  }

  /** Throws UploadRefused for more objects than any document has. */
  define(number: number, value: Value): void {
    this.#count += 1;
    if (this.#count > this.limits.mostObjects) throw tooComplex(`has more than ${this.limits.mostObjects} objects`);
    const known = this.objects.get(number);
    if (known) known.push(value);
    else this.objects.set(number, [value]);
  }

  /** All that the value may stand for: itself, or what a reference leads to in any revision. */
  every(value: Value | undefined): readonly Value[] {
    if (value === undefined) return [];
    return value instanceof Reference ? (this.objects.get(value.number) ?? []).filter((each) => !(each instanceof Reference)) : [value];
  }

  /** What the last revision says. */
  resolve(value: Value | undefined): Value | undefined {
    return value instanceof Reference ? this.every(value).at(-1) : value;
  }
}

export function isDictionary(value: Value | undefined): value is Dictionary {
  return value instanceof Map;
}

/** Reads the file. Throws UploadRefused. */
export function readPdf(bytes: Buffer, limits: InspectLimits): PdfFile {
  const file = new PdfFile(bytes, limits);
  const parser = new Parser(bytes, 0, file);
  /** The numbers just read and where they begin: before `obj` they are an object's. */
  let numbers: { readonly value: number; readonly at: number }[] = [];
  for (let read = parser.next(); read !== undefined; read = parser.next()) {
    if (typeof read === "number") {
      numbers = [...numbers.slice(-1), { value: read, at: parser.startedAt }];
      continue;
    }
    if (read instanceof Keyword) {
      // Some programs write no space between `endobj` and what follows it.
      const word = read.text;
      if (word === "obj" && numbers.length === 2) readObject(file, parser, numbers[0]!);
      else if (word === "xref") readTable(file, parser);
      else if (word === "trailer") readTrailer(file, parser);
      else if (word === "startxref") readStart(file, parser);
    }
    numbers = [];
  }
  return file;
}

function readObject(file: PdfFile, parser: Parser, { value: number, at }: { readonly value: number; readonly at: number }): void {
  file.starts.add(at);
  const { values, end } = parser.until((word) => word === "endobj" || word === "stream" || word === "obj" || word === "xref");
  const [value] = values;
  if (end === "obj" || end === "xref" || (end === null && value === undefined)) throw new UploadRefused("file_damaged", "An object of the PDF has no end: print it to a new PDF and send that.");
  for (const each of values) file.define(number, each);
  if (end !== "stream" || !isDictionary(value)) return;
  const data = streamData(file, parser, value);
  file.streams.push({ dictionary: value, data });
}

/** The bytes up to where the dictionary says that they end, if they do; else up to the next `endstream`. */
function streamData({ bytes }: PdfFile, parser: Parser, dictionary: Dictionary): Buffer {
  let from = parser.at;
  if (bytes[from] === 13) from += 1;
  if (bytes[from] === 10) from += 1;
  const length = dictionary.get("Length");
  if (typeof length === "number" && length >= 0 && from + length <= bytes.length && /^\s*endstream/.test(bytes.toString("latin1", from + length, from + length + 16))) {
    parser.at = from + length;
    return bytes.subarray(from, from + length);
  }
  const end = bytes.indexOf("endstream", from, "latin1");
  if (end < 0) throw new UploadRefused("file_damaged", "A part of the PDF has no end: it may have been cut off on the way. Send it again, or print it to a new PDF.");
  parser.at = end;
  return bytes.subarray(from, end);
}

/** `start count`, then `offset generation n`; told apart by the word behind the two numbers. */
function readTable(file: PdfFile, parser: Parser): void {
  file.starts.add(parser.startedAt);
  for (;;) {
    const before = parser.at;
    const [first, second] = [parser.next(), parser.next()];
    if (typeof first !== "number" || typeof second !== "number") {
      parser.at = before;
      return;
    }
    const behindNumbers = parser.at;
    const word = parser.next();
    if (word instanceof Keyword && (word.text === "n" || word.text === "f")) {
      if (word.text === "n") file.pointers.push(first);
    } else parser.at = behindNumbers;
  }
}

/** What a trailer, or a cross-reference stream, says of others. */
export function readPointers(file: PdfFile, trailer: Dictionary): void {
  for (const offset of ["Prev", "XRefStm"].flatMap((key) => valuesOf(trailer, key))) if (typeof offset === "number") file.pointers.push(offset);
}

function readTrailer(file: PdfFile, parser: Parser): void {
  const trailer = parser.next();
  if (!(trailer instanceof Map)) return;
  file.trailers.push(trailer);
  readPointers(file, trailer);
}

function readStart(file: PdfFile, parser: Parser): void {
  file.starts.add(parser.startedAt);
  const before = parser.at;
  const offset = parser.next();
  if (typeof offset === "number") file.pointers.push(offset);
  else parser.at = before;
}
