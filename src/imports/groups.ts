/** Things by several keys at once. Rows of a file mostly have the keys of the row before: that costs no lookup. */
export class Groups<T> {
  readonly #groups = new Map<string, T>();
  #lastKeys: readonly string[] = [];
  #last: T | null = null;

  /** The group of these keys, made when there is none. */
  of(keys: readonly string[], make: () => T): T {
    if (this.#last !== null && keys.every((key, index) => key === this.#lastKeys[index])) return this.#last;
    const id = JSON.stringify(keys);
    let group = this.#groups.get(id);
    if (group === undefined) this.#groups.set(id, (group = make()));
    this.#lastKeys = keys;
    this.#last = group;
    return group;
  }

  all(): Iterable<T> {
    return this.#groups.values();
  }
}
