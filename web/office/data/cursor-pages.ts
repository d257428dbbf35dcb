/** Pages by number over an API of cursors: the cursors of pages that were seen are remembered, those before an unseen one are fetched first. */

export interface CursorPage<Line> {
  readonly data: readonly Line[];
  readonly nextCursor: string | null;
}

/** Lists remembered at once; each filter and order is one. */
const MOST_LISTS = 50;

export class CursorPages {
  /** By list: the cursor of each page, the first is null. */
  readonly #cursors = new Map<string, (string | null)[]>();

  /** @param list names filter, order and page size. @param page from 1. */
  async read<Line, Page extends CursorPage<Line>>(list: string, page: number, ask: (cursor: string | undefined) => Promise<Page>): Promise<Page | null> {
    const known = page === 1 ? [null] : (this.#cursors.get(list) ?? [null]);
    this.#cursors.delete(list);
    this.#cursors.set(list, known);
    const [oldest] = this.#cursors.keys();
    if (this.#cursors.size > MOST_LISTS && oldest !== undefined) this.#cursors.delete(oldest);
    for (let at = Math.min(page, known.length); ; at += 1) {
      const cursor = known[at - 1];
      if (cursor === undefined) return null;
      const found = await ask(cursor ?? undefined);
      if (found.nextCursor === null) known.length = at;
      else known[at] = found.nextCursor;
      if (at === page) return found;
      if (found.nextCursor === null) return null;
    }
  }
}
