/** PDF's syntax: bytes → values. Source: ISO 32000-1 §7.2–7.3. */
import { UploadRefused } from "../../errors.ts";
import type { InspectLimits } from "../types.ts";

/** A name, its escapes undone. */
export class Name {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A reference to an object. The generation makes no difference here: all revisions count. */
export class Reference {
  readonly number: number;
  constructor(number: number) {
    this.number = number;
  }
}

/** A word that is no value: `obj`, `stream`, `R`, a closing bracket. */
export class Keyword {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Dictionary = ReadonlyMap<string, Value>;
/** Texts are of no interest: they are passed over and stand as "". */
export type Value = number | boolean | null | "" | Name | Reference | Dictionary | readonly Value[];

export function tooComplex(what: string): UploadRefused {
  return new UploadRefused("pdf_too_complex", `The PDF ${what}: print it to a new PDF and send that.`);
}

/** What parsing may still cost, over all parts of a file. */
export interface Budget {
  tokens: number;
}

const [SPACE, DELIMITER] = [1, 2];
const KINDS = new Uint8Array(256);
for (const byte of [0, 9, 10, 12, 13, 32]) KINDS[byte] = SPACE;
for (const character of "()<>[]{}/%") KINDS[character.charCodeAt(0)] = DELIMITER;

export class Parser {
  readonly bytes: Buffer;
  readonly #limits: InspectLimits;
  readonly #budget: Budget;
  /** Behind what was read. */
  at: number;
  /** Where what was read last begins. */
  startedAt = 0;

  constructor(bytes: Buffer, at: number, { limits, budget }: { readonly limits: InspectLimits; readonly budget: Budget }) {
    this.bytes = bytes;
    this.at = at;
    this.#limits = limits;
    this.#budget = budget;
  }

  /** The next value or word; null at the end. References are put together inside arrays and dictionaries, and by `join`. Throws UploadRefused. */
  next(depth = 0): Value | Keyword | undefined {
    this.#passSpace();
    const byte = this.bytes[this.at];
    if (byte === undefined) return undefined;
    this.startedAt = this.at;
    this.#budget.tokens += 1;
    if (this.#budget.tokens > this.#limits.mostTokens) throw tooComplex("has far more parts than any document");
    if (byte === 0x2f) return this.#name();
    if (byte === 0x28) return this.#text();
    const isDouble = this.bytes[this.at + 1] === byte;
    if (byte === 0x3c && !isDouble) return this.#hexText();
    if (byte === 0x5b || byte === 0x3c) return this.#composite(byte, depth);
    if (KINDS[byte] === DELIMITER) return this.#bracket(byte === 0x3e && isDouble ? 2 : 1);
    return this.#word();
  }

  /** Values up to a closing word, which is told too. */
  until(isEnd: (word: string) => boolean, depth = 0): { readonly values: Value[]; readonly end: string | null } {
    const values: Value[] = [];
    for (;;) {
      const read = this.next(depth);
      if (read === undefined) return { values, end: null };
      if (!(read instanceof Keyword)) values.push(read);
      else if (read.text === "R") join(values);
      else if (isEnd(read.text)) return { values, end: read.text };
    }
  }

  #composite(byte: number, depth: number): Value {
    if (depth >= this.#limits.mostDepth) throw tooComplex("nests deeper than any document");
    const startedAt = this.at;
    const isArray = byte === 0x5b;
    this.at += isArray ? 1 : 2;
    const closing = isArray ? "]" : ">>";
    const { values } = this.until((word) => word === closing || word === "endobj" || word === "stream", depth + 1);
    this.startedAt = startedAt;
    if (isArray) return values;
    const dictionary = new Map<string, Value>();
    for (let index = 0; index < values.length; ) {
      const key = values[index]!;
      // A key without a value, or a value without a key, which programs pass over.
      if (!(key instanceof Name)) index += 1;
      else {
        // A key that stands twice is read by some programs first and by others last: what it is matters in both.
        const name = dictionary.has(key.text) ? `${key.text}\0${index}` : key.text;
        dictionary.set(name, values[index + 1] ?? null);
        index += 2;
      }
    }
    return dictionary;
  }

  #passSpace(): void {
    const { bytes } = this;
    for (; this.at < bytes.length; this.at += 1) {
      const byte = bytes[this.at]!;
      if (byte === 0x25) while (this.at + 1 < bytes.length && bytes[this.at + 1] !== 10 && bytes[this.at + 1] !== 13) this.at += 1;
      else if (KINDS[byte] !== SPACE) return;
    }
  }

  #regular(from: number): string {
    let end = from;
    while (end < this.bytes.length && KINDS[this.bytes[end]!] === 0) end += 1;
    this.at = end;
    return this.bytes.toString("latin1", from, end);
  }

  #name(): Name {
    const text = this.#regular(this.at + 1);
    return new Name(text.includes("#") ? text.replace(/#([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))) : text);
  }

  #text(): "" {
    for (let open = 0; this.at < this.bytes.length; this.at += 1) {
      const byte = this.bytes[this.at];
      if (byte === 0x5c) this.at += 1;
      else if (byte === 0x28) open += 1;
      else if (byte === 0x29 && --open === 0) {
        this.at += 1;
        break;
      }
    }
    return "";
  }

  #hexText(): "" {
    const end = this.bytes.indexOf(0x3e, this.at);
    this.at = end < 0 ? this.bytes.length : end + 1;
    return "";
  }

  #bracket(length: number): Keyword {
    this.at += length;
    return new Keyword(this.bytes.toString("latin1", this.at - length, this.at));
  }

  #word(): Value | Keyword {
    const text = this.#regular(this.at);
    if (/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text)) return Number(text);
    return text === "true" ? true : text === "false" ? false : text === "null" ? null : new Keyword(text);
  }
}

/** Two numbers before an `R` are a reference. */
function join(values: Value[]): void {
  const [number, generation] = [values.at(-2), values.at(-1)];
  if (typeof number !== "number" || typeof generation !== "number") return;
  values.splice(-2, 2, new Reference(number));
}

/** Of a key that stands several times all values. */
export function valuesOf(dictionary: Dictionary, key: string): Value[] {
  return [...dictionary].flatMap(([name, value]) => (name === key || name.startsWith(`${key}\0`) ? [value] : []));
}
