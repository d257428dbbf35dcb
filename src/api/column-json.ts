/**
 * JSON of replies that are mostly columns of numbers. Pure. The same text as `JSON.stringify` of the same with plain arrays in place of typed ones,
 * several times as fast: a number is written digit by digit, and a column never becomes an array of its own.
 */

/** No number's text with its comma is longer. */
const LONGEST_NUMBER = 32;
/** Numbers that room is made for at once. */
const NUMBERS_AT_ONCE = 8_192;
const [COMMA, MINUS, POINT, ZERO, OPEN, CLOSE] = [0x2c, 0x2d, 0x2e, 0x30, 0x5b, 0x5d];
/** Up to here arithmetic on whole numbers is that of 32 bits. */
const SMALL = 1_000_000_000;
const TEN_MILLION = 10_000_000;
/** Decimals that are written by hand. */
const THOUSANDTHS = 1_000;

/** Every reply is written here first, and copied once its length is known: bytes in the making are no garbage then. Nothing waits in between. */
let desk = Buffer.allocUnsafe(1024 * 1024);
/** A larger desk is not kept. */
const LARGEST_DESK = 8 * 1024 * 1024;

type Column = ArrayLike<number | null>;

/** A typed array where the shape of a reply says array of numbers: both are written alike. */
export function asColumn(numbers: Float64Array | Uint16Array | Uint32Array): number[] {
  return numbers as unknown as number[];
}

/** The text of a reply as UTF-8. */
export function columnJson(value: unknown): Buffer {
  const writer = new Writer();
  writer.value(value);
  return writer.take();
}

/** For a reply of columns; Fastify sends bytes as well as text, and its types know of text only. */
export const columnSerializer = columnJson as unknown as (value: unknown) => string;
export const JSON_TYPE = "application/json; charset=utf-8";

class Writer {
  #bytes = desk;
  #at = 0;

  value(value: unknown): void {
    if (ArrayBuffer.isView(value)) this.#column(value as unknown as Column);
    else if (Array.isArray(value)) this.#array(value);
    else if (typeof value === "object" && value !== null) this.#object(value as Record<string, unknown>);
    else this.#text(JSON.stringify(value) ?? "null");
  }

  take(): Buffer {
    if (this.#bytes.length <= LARGEST_DESK) desk = this.#bytes;
    return Buffer.from(this.#bytes.subarray(0, this.#at));
  }

  #object(object: Record<string, unknown>): void {
    let mark = "{";
    for (const [name, value] of Object.entries(object)) {
      if (value === undefined) continue;
      this.#text(`${mark}${JSON.stringify(name)}:`);
      this.value(value);
      mark = ",";
    }
    this.#text(mark === "{" ? "{}" : "}");
  }

  #array(array: readonly unknown[]): void {
    if (array.every((each) => typeof each === "number" || each === null)) return this.#column(array);
    let mark = "[";
    for (const each of array) {
      this.#text(mark);
      this.value(each);
      mark = ",";
    }
    this.#text("]");
  }

  #column(numbers: Column): void {
    if (numbers.length === 0) return this.#text("[]");
    if (numbers.length > FEW && isOfOneByte(numbers)) return this.#same(numbers[0]!, numbers.length);
    let mark = OPEN;
    for (let from = 0; from < numbers.length; from += NUMBERS_AT_ONCE) {
      const end = Math.min(numbers.length, from + NUMBERS_AT_ONCE);
      this.#room((end - from) * LONGEST_NUMBER);
      const bytes = this.#bytes;
      let at = this.#at;
      for (let index = from; index < end; index += 1) {
        bytes[at] = mark;
        at = writeNumber(bytes, at + 1, numbers[index] ?? Number.NaN);
        mark = COMMA;
      }
      this.#at = at;
    }
    this.#room(1);
    this.#bytes[this.#at] = CLOSE;
    this.#at += 1;
  }

  /** The same digit many times, as where all values are of one source. */
  #same(digit: number, count: number): void {
    this.#room(2 * count + 1);
    const at = this.#at;
    this.#bytes.fill(`,${digit}`, at, at + 2 * count, "latin1");
    this.#bytes[at] = OPEN;
    this.#bytes[at + 2 * count] = CLOSE;
    this.#at = at + 2 * count + 1;
  }

  #text(text: string): void {
    this.#room(text.length * 3);
    this.#at += this.#bytes.write(text, this.#at);
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

/** Below this it is not worth a look. */
const FEW = 64;

function isOfOneByte(numbers: Column): boolean {
  const first = numbers[0];
  if (first === null || first === undefined || !(first >= 0 && first <= 9) || !Number.isInteger(first) || Object.is(first, -0)) return false;
  for (let index = 1; index < numbers.length; index += 1) if (!Object.is(numbers[index], first)) return false;
  return true;
}

/** Writes a number; gives the place after it. */
function writeNumber(bytes: Buffer, at: number, number: number): number {
  if (!Number.isSafeInteger(number)) return writeBroken(bytes, at, number);
  let [rest, next] = [number, at];
  if (rest < 0) {
    bytes[next] = MINUS;
    next += 1;
    rest = -rest;
  }
  if (rest < SMALL) return writeSmall(bytes, next, rest);
  const high = Math.floor(rest / TEN_MILLION);
  next = high < SMALL ? writeSmall(bytes, next, high) : next + bytes.write(String(high), next, "latin1");
  return writeDigits(bytes, next, rest - high * TEN_MILLION, 7);
}

/** Anything that is no whole number. A quotient of whole numbers is the number nearest to that decimal, whose shortest text is the decimal itself. */
function writeBroken(bytes: Buffer, at: number, number: number): number {
  const thousandths = Math.round(number * THOUSANDTHS);
  if (!(Math.abs(thousandths) < SMALL) || thousandths / THOUSANDTHS !== number) {
    return at + bytes.write(Number.isFinite(number) ? String(number) : "null", at, "latin1");
  }
  let next = at;
  if (thousandths < 0) {
    bytes[next] = MINUS;
    next += 1;
  }
  const positive = Math.abs(thousandths);
  const fraction = positive % THOUSANDTHS;
  next = writeSmall(bytes, next, (positive - fraction) / THOUSANDTHS);
  bytes[next] = POINT;
  if (fraction % 100 === 0) return writeDigits(bytes, next + 1, fraction / 100, 1);
  return fraction % 10 === 0 ? writeDigits(bytes, next + 1, fraction / 10, 2) : writeDigits(bytes, next + 1, fraction, 3);
}

/** 0 or more, below a milliard. */
function writeSmall(bytes: Buffer, at: number, number: number): number {
  let digits = 1;
  for (let next = 10; next <= number; next *= 10) digits += 1;
  return writeDigits(bytes, at, number, digits);
}

/** All pairs of digits, one after the other. */
const PAIRS = Uint8Array.from(Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0")).join(""), (digit) => digit.charCodeAt(0));

function writeDigits(bytes: Buffer, at: number, number: number, digits: number): number {
  let rest = number | 0;
  let place = at + digits;
  while (place - at >= 2) {
    const next = (rest / 100) | 0;
    const pair = (rest - next * 100) * 2;
    place -= 2;
    bytes[place] = PAIRS[pair]!;
    bytes[place + 1] = PAIRS[pair + 1]!;
    rest = next;
  }
  if (place > at) bytes[at] = ZERO + rest;
  return at + digits;
}
