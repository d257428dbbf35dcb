/** What was wrong with a file's rows, bounded. */
import type { ImportProblem } from "./types.ts";

/** A file with more problems than this needs another look, not a longer list. */
export const MAX_LISTED_PROBLEMS = 1_000;

export class Problems {
  readonly #listed: ImportProblem[] = [];
  #count = 0;
  #conflicts = 0;

  add(line: number, reason: string, kind: ImportProblem["kind"] = "row"): void {
    this.#count++;
    if (kind === "conflict") this.#conflicts++;
    if (this.#listed.length < MAX_LISTED_PROBLEMS) this.#listed.push({ line, reason, kind });
  }

  get count(): number {
    return this.#count;
  }

  get conflicts(): number {
    return this.#conflicts;
  }

  /** Ordered by line. */
  listed(): readonly ImportProblem[] {
    return this.#listed.toSorted((a, b) => a.line - b.line);
  }
}
