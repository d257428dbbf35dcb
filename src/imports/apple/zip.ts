/**
 * The files of a ZIP archive in the order they lie in it, from a stream: each is found by its local header, and by where its deflated data ends
 * when the header does not say how long it is (Apple's exports are written that way). Nothing is written to disk, so that links and
 * overlapping entries of a forged directory have no meaning here. Of the libraries, yauzl needs the whole file at hand, and fflate looks for
 * the next header's four bytes within packed data, where a gigabyte holds them by chance.
 * Source: APPNOTE.TXT 6.3.10, 4.3.7 (local header), 4.3.9 (data descriptor), 4.5.3 (ZIP64).
 */
import { crc32 } from "node:zlib";
import type { ByteReader } from "./bytes.ts";
import { inflate, type Unpacked } from "./inflate.ts";
import { type AppleLimits, Damaged, unsafe } from "./limits.ts";

const LOCAL_HEADER = 0x04034b50;
const DATA_DESCRIPTOR = 0x08074b50;
/** What may follow the last file: directory, archive's own data, ends. */
const BEHIND_FILES: ReadonlySet<number> = new Set([0x02014b50, 0x08064b50, 0x06064b50, 0x06054b50]);

const ENCRYPTED = 0x0001 | 0x0040 | 0x2000;
const HAS_DESCRIPTOR = 0x0008;
const STORED = 0;
const DEFLATED = 8;
const ZIP64 = 0xffffffff;

interface Header {
  readonly name: string;
  readonly isEncrypted: boolean;
  readonly hasDescriptor: boolean;
  readonly method: number;
  readonly crc: number;
  /** Null: only the data tells. */
  readonly packedLength: number | null;
  readonly unpackedLength: number | null;
}

export class ZipReader {
  readonly #reader: ByteReader;
  readonly #limits: AppleLimits;
  #entries = 0;
  /** Of the entries before the one at hand. */
  #unpackedBytes = 0;
  #header: Header | null = null;

  constructor(reader: ByteReader, limits: AppleLimits) {
    this.#reader = reader;
    this.#limits = limits;
  }

  /** Name of the next file, whose bytes must then be read or skipped; null behind the last one. Throws InvalidInput, Damaged. */
  async nextFile(): Promise<string | null> {
    const signature = await this.#signature();
    if (signature === null || BEHIND_FILES.has(signature)) return null;
    if (signature !== LOCAL_HEADER) throw new Damaged("The archive goes on with something that is no file.");
    if (++this.#entries > this.#limits.maxEntries) throw unsafe(`The archive holds more than ${this.#limits.maxEntries} files.`);
    this.#header = await this.#readHeader();
    return this.#header.name;
  }

  /** Passes over the file, unpacking it only where nothing else tells its end. */
  async skip(): Promise<void> {
    if (this.#header?.packedLength === null) {
      for await (const _ of this.unpack()) continue;
      return;
    }
    const header = this.#current();
    if (!(await this.#reader.skip(header.packedLength ?? 0))) throw new Damaged("The archive ends in the middle of a file.");
    if (header.hasDescriptor) await this.#skipDescriptor();
  }

  /** The file's bytes. Throws InvalidInput for what may not be unpacked, Damaged for what cannot be. */
  async *unpack(): AsyncGenerator<Uint8Array> {
    const header = this.#current();
    if (header.isEncrypted) throw unsafe("The archive is protected by a password; import it without one.");
    if (header.method !== STORED && header.method !== DEFLATED) throw unsafe("The archive is packed in an unusual way; pack it anew as an ordinary ZIP.");
    const counts: Unpacked = { packedBytes: 0, unpackedBytes: 0 };
    let crc = 0;
    for await (const bytes of header.method === DEFLATED ? inflate(this.#reader, header.packedLength, counts) : this.#stored(header, counts)) {
      this.#refuseBomb(counts);
      crc = crc32(bytes, crc);
      yield bytes;
    }
    this.#unpackedBytes += counts.unpackedBytes;
    const isAsStated = header.hasDescriptor
      ? await this.#checkDescriptor(crc, counts)
      : crc === header.crc && counts.unpackedBytes === (header.unpackedLength ?? counts.unpackedBytes);
    if (!isAsStated) throw new Damaged("A file of the archive is not what its checksum says.");
  }

  #current(): Header {
    if (!this.#header) throw new TypeError("There is no file at hand.");
    const header = this.#header;
    this.#header = null;
    return header;
  }

  async #signature(): Promise<number | null> {
    const bytes = await this.#reader.peek(4);
    if (bytes.length < 4) return null;
    return bytes.readUInt32LE(0);
  }

  async #readHeader(): Promise<Header> {
    const fixed = await this.#reader.take(30);
    const variable = fixed && (await this.#reader.take(fixed.readUInt16LE(26) + fixed.readUInt16LE(28)));
    if (!fixed || !variable) throw new Damaged("The archive ends in the middle of a header.");
    const nameLength = fixed.readUInt16LE(26);
    const name = variable.toString("utf8", 0, nameLength);
    refusePathTricks(name);
    const flags = fixed.readUInt16LE(6);
    const method = fixed.readUInt16LE(8);
    const hasDescriptor = (flags & HAS_DESCRIPTOR) !== 0;
    const sizes = sizesOf(fixed, variable.subarray(nameLength));
    // A stored file must say its length. Folders, which have none, are often written like streamed files.
    if (hasDescriptor && method === STORED && sizes.packed === 0 && !name.endsWith("/") && !(await this.#isAtDescriptor())) {
      throw unsafe("The archive holds a file without its length; pack it anew as an ordinary ZIP.");
    }
    const isOpen = hasDescriptor && sizes.packed === 0 && method !== STORED;
    return {
      name, method, hasDescriptor, isEncrypted: (flags & ENCRYPTED) !== 0, crc: fixed.readUInt32LE(14),
      packedLength: isOpen ? null : sizes.packed, unpackedLength: isOpen ? null : sizes.unpacked,
    };
  }

  async #isAtDescriptor(): Promise<boolean> {
    return (await this.#signature()) === DATA_DESCRIPTOR;
  }

  async *#stored({ packedLength }: Header, counts: Unpacked): AsyncGenerator<Uint8Array> {
    let left = packedLength ?? 0;
    while (left > 0) {
      const piece = await this.#reader.next(left);
      if (!piece) throw new Damaged("The archive ends in the middle of a file.");
      left -= piece.length;
      counts.packedBytes += piece.length;
      counts.unpackedBytes += piece.length;
      yield piece;
    }
  }

  #refuseBomb({ packedBytes, unpackedBytes }: Unpacked): void {
    const { maxUnpackedBytes, maxRatio, ratioFromBytes } = this.#limits;
    if (this.#unpackedBytes + unpackedBytes > maxUnpackedBytes) throw unsafe("The archive unpacks to more than an export can hold.");
    if (unpackedBytes > ratioFromBytes && unpackedBytes > packedBytes * maxRatio) throw unsafe("The archive unpacks to far more than an export does.");
  }

  /** A descriptor has four or eight bytes a length, and perhaps a signature: the reading that fits what was counted is right. */
  async #checkDescriptor(crc: number, { packedBytes, unpackedBytes }: Unpacked): Promise<boolean> {
    const bytes = await this.#reader.peek(24);
    for (const start of bytes.length >= 4 && bytes.readUInt32LE(0) === DATA_DESCRIPTOR ? [4, 0] : [0]) {
      if (bytes.length < start + 12 || bytes.readUInt32LE(start) !== crc) continue;
      const isShort = bytes.readUInt32LE(start + 4) === packedBytes % 2 ** 32 && bytes.readUInt32LE(start + 8) === unpackedBytes % 2 ** 32;
      const isLong = bytes.length >= start + 20 && bytes.readBigUInt64LE(start + 4) === BigInt(packedBytes) && bytes.readBigUInt64LE(start + 12) === BigInt(unpackedBytes);
      if (isShort || isLong) return this.#reader.skip(start + (isShort ? 12 : 20));
    }
    return false;
  }

  /** Behind a file that was skipped by its stated length: the next signature shows how long the descriptor is. */
  async #skipDescriptor(): Promise<void> {
    const bytes = await this.#reader.peek(28);
    const length = [16, 24, 12, 20].find((each) => {
      const next = bytes.length >= each + 4 ? bytes.readUInt32LE(each) : null;
      return next === LOCAL_HEADER || (next !== null && BEHIND_FILES.has(next));
    });
    if (length === undefined) throw new Damaged("The archive goes on with something that is no file.");
    await this.#reader.skip(length);
  }
}

function sizesOf(fixed: Buffer, extra: Buffer): { readonly packed: number; readonly unpacked: number } {
  const [packed, unpacked] = [fixed.readUInt32LE(18), fixed.readUInt32LE(22)];
  if (packed !== ZIP64 && unpacked !== ZIP64) return { packed, unpacked };
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    const longs = field.length >= 16 ? [Number(field.readBigUInt64LE(0)), Number(field.readBigUInt64LE(8))] : null;
    if (longs) return { unpacked: longs[0]!, packed: longs[1]! };
  }
  throw new Damaged("A file of the archive does not say its length.");
}

/** Nothing is written under these names; whoever sends them means harm all the same. */
function refusePathTricks(name: string): void {
  const isTrick = name === "" || name.includes("\0") || /^(?:[a-z]:|[\\/])/i.test(name) || name.split(/[\\/]/).includes("..");
  if (isTrick) throw unsafe("The archive holds a file with a forbidden name.");
}
