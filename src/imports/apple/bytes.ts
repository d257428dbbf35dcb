/** The bytes of a source, as much at a time as is asked for. */

/** Whatever pieces the source has: what is made of one piece is bounded, too. */
const LARGEST_PIECE = 64 * 1024;

export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  /** What came and was not taken, none of it empty. */
  #held: Uint8Array[] = [];
  #isEnded = false;
  #bytesRead = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Bytes that came from the source. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** The next piece, at most `limit` bytes; null at the end. */
  async next(limit = LARGEST_PIECE): Promise<Uint8Array | null> {
    if (this.#held.length === 0 && !(await this.#pull())) return null;
    return this.#cut(Math.min(limit, LARGEST_PIECE));
  }

  /** Puts bytes back in front of what is to come. */
  unread(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#held.unshift(bytes);
  }

  /** The next `count` bytes without taking them; fewer only at the end. */
  async peek(count: number): Promise<Buffer> {
    const bytes = await this.#gather(count);
    this.unread(bytes);
    return bytes;
  }

  /** The next `count` bytes; null when there are not so many. */
  async take(count: number): Promise<Buffer | null> {
    const bytes = await this.#gather(count);
    return bytes.length < count ? null : bytes;
  }

  /** Passes over bytes; false when there are not so many. */
  async skip(count: number): Promise<boolean> {
    let left = count;
    while (left > 0) {
      if (this.#held.length === 0 && !(await this.#pull())) return false;
      left -= this.#cut(left).length;
    }
    return true;
  }

  /** Lets the source go; it is not read any further. */
  async close(): Promise<void> {
    this.#isEnded = true;
    await this.#source.return?.();
  }

  /** Takes at most `limit` bytes of the first that are held. */
  #cut(limit: number): Uint8Array {
    const first = this.#held[0]!;
    if (first.length > limit) this.#held[0] = first.subarray(limit);
    else this.#held.shift();
    return first.subarray(0, limit);
  }

  async #gather(count: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for (let left = count; left > 0; left -= parts.at(-1)!.length) {
      if (this.#held.length === 0 && !(await this.#pull())) break;
      parts.push(this.#cut(left));
    }
    return Buffer.concat(parts);
  }

  async #pull(): Promise<boolean> {
    while (!this.#isEnded) {
      const step = await this.#source.next();
      if (step.done) {
        this.#isEnded = true;
        break;
      }
      const { value } = step;
      if (!(value instanceof Uint8Array)) throw new TypeError("The source gives something else than bytes.");
      if (value.length === 0) continue;
      this.#bytesRead += value.length;
      this.#held.push(value);
      return true;
    }
    return false;
  }
}
