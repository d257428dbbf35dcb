/** Bytes written and read in order: whole numbers in as few bytes as they need (seven bits a byte, the lowest first), floats in eight. Pure. */

const LARGEST_SHORT = 0x7f;

/** Bytes that `Bytes.whole` takes. */
export function wholeSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > LARGEST_SHORT; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

/** Bytes that `Bytes.signed` takes. */
export function signedSize(value: number): number {
  return wholeSize(value < 0 ? -value * 2 - 1 : value * 2);
}

export class Bytes {
  #data: Uint8Array;
  #length = 0;

  constructor(expected: number) {
    this.#data = new Uint8Array(expected);
  }

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    if (this.#length === this.#data.length) this.#grow(1);
    this.#data[this.#length] = value;
    this.#length += 1;
  }

  /** 0 or more, up to the largest safe integer. */
  whole(value: number): void {
    let rest = value;
    while (rest > LARGEST_SHORT) {
      this.byte((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** Small numbers of either sign are short: 0, -1, 1, -2 … are 0, 1, 2, 3 … Up to half the largest safe integer. */
  signed(value: number): void {
    this.whole(value < 0 ? -value * 2 - 1 : value * 2);
  }

  float(value: number): void {
    if (this.#length + 8 > this.#data.length) this.#grow(8);
    new DataView(this.#data.buffer).setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  all(data: Uint8Array): void {
    if (this.#length + data.length > this.#data.length) this.#grow(data.length);
    this.#data.set(data, this.#length);
    this.#length += data.length;
  }

  take(): Uint8Array {
    return this.#data.subarray(0, this.#length);
  }

  #grow(by: number): void {
    const larger = new Uint8Array(Math.max(this.#data.length * 2, this.#length + by, 16));
    larger.set(this.#data);
    this.#data = larger;
  }
}

/** Throws RangeError where the bytes end too early. */
export class ByteReader {
  readonly #data: Uint8Array;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  byte(): number {
    const value = this.#data[this.#at];
    if (value === undefined) throw new RangeError("A day block ends too early.");
    this.#at += 1;
    return value;
  }

  whole(): number {
    const first = this.byte();
    if (first <= LARGEST_SHORT) return first;
    let value = first & LARGEST_SHORT;
    let factor = 128;
    for (;;) {
      const next = this.byte();
      value += (next & LARGEST_SHORT) * factor;
      if (next <= LARGEST_SHORT) return value;
      factor *= 128;
      if (factor > Number.MAX_SAFE_INTEGER) throw new RangeError("A day block holds a number that is too long.");
    }
  }

  signed(): number {
    const value = this.whole();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A signed number into each place: most of what is read is here, and most of the numbers take a byte. */
  signedInto(numbers: Float64Array, from: number, end: number): void {
    const data = this.#data;
    let at = this.#at;
    for (let index = from; index < end; index += 1) {
      const short = data[at];
      if (short !== undefined && short <= LARGEST_SHORT) {
        numbers[index] = (short & 1) === 0 ? short >> 1 : -((short + 1) >> 1);
        at += 1;
        continue;
      }
      this.#at = at;
      numbers[index] = this.signed();
      at = this.#at;
    }
    this.#at = at;
  }

  float(): number {
    if (this.#at + 8 > this.#data.length) throw new RangeError("A day block ends too early.");
    const value = new DataView(this.#data.buffer, this.#data.byteOffset).getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  /** Throws RangeError unless all was read. */
  end(): void {
    if (this.#at !== this.#data.length) throw new RangeError("A day block is longer than what it holds.");
  }
}
