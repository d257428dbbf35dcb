/** Streams of a PDF: what they unpack to is counted, and those that hold the document's structure are read. Source: ISO 32000-1 §7.4, §7.5.7–8. */
import { UploadRefused } from "../../errors.ts";
import { sizeOf } from "../images.ts";
import { countInflated, countLzw, countRuns, inflated } from "../inflated.ts";
import { isDictionary, readPointers, type PdfFile, type Stream } from "./file.ts";
import { Keyword, Name, Parser, tooComplex, type Dictionary, type Value } from "./parse.ts";

/** Long and short names of filters that make more of less. Of an image's own codecs the size is in the dictionary. */
const UNPACKERS = new Map([["FlateDecode", "deflate"], ["Fl", "deflate"], ["LZWDecode", "lzw"], ["LZW", "lzw"], ["RunLengthDecode", "runs"], ["RL", "runs"]]);
const ASCII = new Set(["ASCII85Decode", "A85", "ASCIIHexDecode", "AHx"]);
const PHOTOGRAPHS = new Set(["DCTDecode", "DCT", "JPXDecode"]);
const MOST_FILTERS = 3;

/** Counts what all streams unpack to. Throws UploadRefused where that is more than is safe to open. ASVS 5.2.1, 5.2.3; faults DA-04. */
export async function countStreams(file: PdfFile): Promise<void> {
  const { limits } = file;
  let total = 0;
  for (const stream of file.streams) {
    const filters = filtersOf(file, stream.dictionary);
    if (filters.length > MOST_FILTERS || filters.filter((name) => UNPACKERS.has(name)).length > 1) throw tooComplex("packs its parts several times over");
    const image = file.every(stream.dictionary.get("Subtype")).some((value) => value instanceof Name && value.text === "Image") ? imageBytes(file, stream.dictionary) : null;
    const first = filters.findIndex((name) => !ASCII.has(name));
    const filter = filters[first];
    if (filter === undefined) continue;
    const data = first === 0 ? stream.data : fromAscii(stream.data, filters.slice(0, first));
    if (PHOTOGRAPHS.has(filter)) checkPhotograph(data, limits.mostPixels);
    const ratioBytes = Math.max(limits.freeBytes, data.length * limits.mostRatio);
    const allowed = Math.min(image === null ? ratioBytes : Math.max(image, ratioBytes), limits.mostUnpackedBytes - total);
    const count = await counted(UNPACKERS.get(filter), data, allowed);
    if (count > allowed) throw tooComplex(`unpacks to more than ${limits.mostRatio} times its size`);
    total += count;
  }
}

async function counted(unpacker: string | undefined, data: Buffer, mostBytes: number): Promise<number> {
  if (unpacker === "deflate") return countInflated(data, mostBytes);
  if (unpacker === "lzw") return Math.max(countLzw(data, mostBytes, 1), countLzw(data, mostBytes, 0));
  return unpacker === "runs" ? countRuns(data, mostBytes) : 0;
}

/** All that any revision names, in order. */
function filtersOf(file: PdfFile, dictionary: Dictionary): string[] {
  const values = [...file.every(dictionary.get("Filter")), ...file.every(dictionary.get("F"))];
  return values.flatMap((value) => (Array.isArray(value) ? value.flatMap((each: Value) => file.every(each)) : [value])).flatMap((value) => (value instanceof Name ? [value.text] : []));
}

/** Bytes of an image's samples, and a row more for predictors. Throws UploadRefused for one that nobody could open: faults DA-04. */
function imageBytes(file: PdfFile, dictionary: Dictionary): number {
  const largest = (...keys: readonly string[]): number => Math.max(0, ...keys.flatMap((key) => file.every(dictionary.get(key))).filter((value) => typeof value === "number"));
  const [width, height] = [largest("Width", "W"), largest("Height", "H")];
  if (width * height > file.limits.mostPixels) throw tooLarge(file.limits.mostPixels);
  // Four colours of 16 bits at most.
  return (width * 8 + 1) * (height + 1);
}

function tooLarge(mostPixels: number): UploadRefused {
  return new UploadRefused("image_too_large", `An image in the PDF is larger than ${mostPixels / 1_000_000} megapixels: print it to a new PDF of lower resolution and send that.`);
}

/** Its own header may say more than the dictionary does. */
function checkPhotograph(data: Buffer, mostPixels: number): void {
  const { width, height } = sizeOf(data);
  if (width * height > mostPixels) throw tooLarge(mostPixels);
}

function fromAscii(data: Buffer, filters: readonly string[]): Buffer {
  return filters.reduce((bytes, name) => (name.startsWith("ASCIIHex") || name === "AHx" ? Buffer.from(bytes.toString("latin1").split(">")[0]!.replace(/\s+/g, ""), "hex") : fromAscii85(bytes)), data);
}

/** Source: ISO 32000-1 §7.4.3. */
function fromAscii85(data: Buffer): Buffer {
  const bytes = Buffer.alloc(Math.ceil(data.length * 4) + 4);
  let [length, group, digits] = [0, 0, 0];
  for (const byte of data) {
    if (byte === 0x7e) break;
    if (byte === 0x7a && digits === 0) length += 4;
    if (byte < 0x21 || byte > 0x75) continue;
    group = (group * 85 + byte - 0x21) % 2 ** 32;
    digits += 1;
    if (digits < 5) continue;
    length = bytes.writeUInt32BE(group, length);
    [group, digits] = [0, 0];
  }
  if (digits < 2) return bytes.subarray(0, length);
  for (let missing = digits; missing < 5; missing += 1) group = (group * 85 + 84) % 2 ** 32;
  bytes.writeUInt32BE(group, length);
  return bytes.subarray(0, length + digits - 1);
}

/** Reads the objects inside object streams, and the places that cross-reference streams tell. Throws UploadRefused. */
export function readStructure(file: PdfFile): void {
  let read = 0;
  const unpacked = (stream: Stream): Buffer => {
    const bytes = structureBytes(file, stream, file.limits.mostStructureBytes - read);
    read += bytes.length;
    return bytes;
  };
  // What these define is no stream, so that the list does not grow.
  for (const stream of file.streams) {
    const { dictionary } = stream;
    const type = file.every(dictionary.get("Type")).flatMap((value) => (value instanceof Name ? [value.text] : []));
    // Programs ask for these entries and not always for the type.
    if (type.includes("ObjStm") || (dictionary.has("N") && dictionary.has("First"))) readObjects(file, dictionary, unpacked(stream));
    if (type.includes("XRef")) readPlaces(file, dictionary, unpacked(stream));
  }
}

function structureBytes(file: PdfFile, { dictionary, data }: Stream, mostBytes: number): Buffer {
  const filters = filtersOf(file, dictionary);
  if (filters.length === 0) return data;
  if (filters.length > 1 || UNPACKERS.get(filters[0]!) !== "deflate") throw tooComplex("packs its structure in a way that no program does");
  const bytes = inflated(data, Math.min(mostBytes, Math.max(file.limits.freeBytes, data.length * file.limits.mostRatio)));
  return withoutPredictor(file, dictionary, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

/** Undoes the difference of rows. Source: ISO 32000-1 §7.4.4.4; PNG Third Edition §9. */
function withoutPredictor(file: PdfFile, dictionary: Dictionary, bytes: Buffer): Buffer {
  const given = file.resolve(dictionary.get("DecodeParms") ?? dictionary.get("DP"));
  const parameters = file.resolve(Array.isArray(given) ? (given[0] as Value) : given);
  const number = (key: string, fallback: number): number => {
    const value = isDictionary(parameters) ? file.resolve(parameters.get(key)) : undefined;
    return typeof value === "number" ? value : fallback;
  };
  if (number("Predictor", 1) < 10) return bytes;
  const columns = (number("Columns", 1) * number("Colors", 1) * number("BitsPerComponent", 8)) / 8;
  if (!(Number.isInteger(columns) && columns >= 1 && columns <= 1_000)) throw tooComplex("packs its structure in a way that no program does");
  const rows = Math.floor(bytes.length / (columns + 1));
  const plain = Buffer.alloc(rows * columns);
  for (let row = 0; row < rows; row += 1) {
    const filter = bytes[row * (columns + 1)]!;
    // Up is what all programs write, for rows of offsets.
    if (filter !== 0 && filter !== 2) throw tooComplex("packs its structure in a way that no program does");
    for (let column = 0; column < columns; column += 1) {
      const above = filter === 2 && row > 0 ? plain[(row - 1) * columns + column]! : 0;
      plain[row * columns + column] = bytes[row * (columns + 1) + 1 + column]! + above;
    }
  }
  return plain;
}

function readObjects(file: PdfFile, dictionary: Dictionary, bytes: Buffer): void {
  const [count, first] = [file.resolve(dictionary.get("N")), file.resolve(dictionary.get("First"))];
  if (typeof count !== "number" || typeof first !== "number") throw new UploadRefused("file_damaged", "The PDF's structure is damaged: print it to a new PDF and send that.");
  if (count > file.limits.mostObjects) throw tooComplex(`has more than ${file.limits.mostObjects} objects`);
  const heads = new Parser(bytes, 0, file);
  for (let index = 0; index < count; index += 1) {
    const [number, offset] = [heads.next(), heads.next()];
    if (typeof number !== "number" || typeof offset !== "number") return;
    const value = new Parser(bytes, first + offset, file).next();
    if (value !== undefined && !(value instanceof Keyword)) file.define(number, value);
  }
}

function readPlaces(file: PdfFile, dictionary: Dictionary, bytes: Buffer): void {
  readPointers(file, dictionary);
  file.trailers.push(dictionary);
  const widths = file.resolve(dictionary.get("W"));
  if (!Array.isArray(widths)) return;
  const [kind = 0, place = 0, rest = 0] = widths.map((value: Value) => (typeof value === "number" && value >= 0 && value <= 6 ? value : Number.NaN));
  const length = kind + place + rest;
  if (!(length > 0)) return;
  for (let at = 0; at + length <= bytes.length; at += length) {
    const isInUse = kind === 0 || bytes.readUIntBE(at, kind) === 1;
    if (isInUse && place > 0) file.pointers.push(bytes.readUIntBE(at + kind, place));
  }
}
