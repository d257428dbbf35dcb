/** What is wrong with one chain of the audit log, found link by link as they are read. Pure. Faults PR-07. */
import { genesisHash, linkHash, type StoredEntry } from "./chain.ts";
import type { ChainPlace } from "./keys.ts";
import type { StoredLink } from "./read-chain.ts";

/**
 * - `edit`: an entry is not what was linked. `swap`: two have changed places.
 * - `delete`: an entry is gone, with its link or without. `insert`: one is there that was not linked, or is linked beyond the end.
 * - `tail_cut`: the end of the chain is gone. `rewrite`: the chain fits together, and is not the one that was anchored.
 * - `seal`: an anchor or a pruning bears a MAC that is not ours.
 */
export type Tampering = "edit" | "swap" | "delete" | "insert" | "tail_cut" | "rewrite" | "seal";

export interface Finding {
  readonly kind: Tampering;
  readonly chain: string;
  /** Place in the chain, null where it has none. */
  readonly seq: number | null;
  readonly entryId: string | null;
  readonly detail: string;
}

/** Where reading a chain begins: after this link. */
export type Start = Omit<ChainPlace, "chain">;

/** What outside of the database is known of a chain's hashes, by place. */
export type Anchored = ReadonlyMap<number, Buffer>;

interface Mismatch extends StoredLink {
  readonly entry: StoredEntry;
  readonly previous: Buffer;
}

/** Beyond so many wrong entries nobody asks which of them changed places. */
const MOST_PAIRED = 300;

export class ChainJudge {
  readonly findings: Finding[] = [];
  readonly #chain: string;
  readonly #anchored: Anchored;
  readonly #mismatches: Mismatch[] = [];
  #at: Start;
  #isRewritten = false;
  #lastFitting = 0;

  constructor(chain: string, start: Start | null, anchored: Anchored) {
    this.#chain = chain;
    this.#anchored = anchored;
    this.#at = start ?? { seq: 0, hash: genesisHash(chain) };
  }

  /** Up to which link it has come. */
  get seq(): number {
    return this.#at.seq;
  }

  /** Takes the next link that there is. */
  next(link: StoredLink): void {
    const { seq, hash } = this.#at;
    if (link.seq > seq + 1) {
      const many = link.seq - seq - 1;
      this.#find("delete", { seq: seq + 1, entryId: null, detail: many === 1 ? "the link is gone" : `${many} links are gone, to ${link.seq - 1}` });
    } else if (link.entry === null) {
      this.#find("delete", { seq: link.seq, entryId: link.entryId, detail: "the entry is gone" });
    } else if (!linkHash(hash, link.entry).equals(link.hash)) {
      this.#mismatches.push({ ...link, entry: link.entry, previous: hash });
    }
    this.#holdAgainstAnchor(link);
    this.#at = { seq: link.seq, hash: link.hash };
  }

  #holdAgainstAnchor(link: StoredLink): void {
    const anchored = this.#anchored.get(link.seq);
    if (!anchored || this.#isRewritten) return;
    if (anchored.equals(link.hash)) this.#lastFitting = link.seq;
    else {
      this.#isRewritten = true;
      this.#find("rewrite", { seq: link.seq, entryId: link.entryId, detail: `is not what was anchored; the last anchor that fits is of ${this.#lastFitting}` });
    }
  }

  /** Ends. @param head where the chain ends by its own account; null where it has lost its head */
  end(head: Start | null): readonly Finding[] {
    this.#tellMismatches();
    const { seq, hash } = this.#at;
    const anchoredTo = Math.max(0, ...this.#anchored.keys());
    const shouldEnd = Math.max(head?.seq ?? 0, anchoredTo);
    if (shouldEnd > seq) this.#find("tail_cut", { seq: seq + 1, entryId: null, detail: `the chain ends at ${seq} and reached ${shouldEnd}` });
    else if (head === null) this.#find("tail_cut", { seq, entryId: null, detail: "the chain has lost its head" });
    else if (head.seq === seq && !head.hash.equals(hash)) this.#find("rewrite", { seq, entryId: null, detail: "the last link is not the one that the head names" });
    return this.findings.toSorted((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
  }

  #tellMismatches(): void {
    const swapped = new Set<number>();
    const candidates = this.#mismatches.slice(0, MOST_PAIRED);
    for (const [index, one] of candidates.entries()) {
      const other = swapped.has(one.seq) ? undefined : candidates.slice(index + 1).find((each) => fits(one, each.entry) && fits(each, one.entry));
      if (!other) continue;
      swapped.add(one.seq).add(other.seq);
      this.#find("swap", { seq: one.seq, entryId: one.entryId, detail: `has changed places with ${other.seq} (entry ${other.entryId})` });
    }
    for (const { seq, entryId } of this.#mismatches) {
      if (!swapped.has(seq)) this.#find("edit", { seq, entryId, detail: "is not what was linked, or the link before it is not" });
    }
  }

  #find(kind: Tampering, found: Pick<Finding, "seq" | "entryId" | "detail">): void {
    this.findings.push({ kind, chain: this.#chain, ...found });
  }
}

/** Whether an entry belongs in a link's place, as it is or under the id of the entry that stands there. */
function fits(link: Mismatch, entry: StoredEntry): boolean {
  return [entry, { ...entry, id: link.entry.id }].some((each) => linkHash(link.previous, each).equals(link.hash));
}
