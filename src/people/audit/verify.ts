/** Holds every chain of the audit log against itself, its head, its prunings and its anchors: recomputed here, believed nowhere. Faults PR-07. */
import type { Database } from "#db/database.ts";
import type { Anchor } from "./anchors.ts";
import { ChainJudge, type Finding, type Start } from "./judge-chain.ts";
import { isSeal, sealPlace, type AuditKeys, type ChainPlace } from "./keys.ts";
import { placeBefore, readHeads, readLinkedChains, readLinks, readPrunings, readStrays, type Pruning } from "./read-chain.ts";

/** Links in memory at a time. */
const PAGE = 5_000;
/** Strays that are named one by one. */
const MOST_STRAYS = 1_000;

export interface Verification {
  readonly chains: number;
  /** Links that were recomputed. */
  readonly links: number;
  /** Anchors that the links were held against, and those of another session secret, which say nothing alone. */
  readonly anchors: number;
  readonly foreignAnchors: number;
  /** Chains without a single anchor of ours: of these a rewrite would not show. */
  readonly unanchored: readonly string[];
  readonly findings: readonly Finding[];
}

export interface VerifyOptions {
  readonly database: Pick<Database, "asAuditor">;
  readonly keys: AuditKeys;
  /** In the order of the file. */
  readonly anchors: AsyncIterable<Anchor> | Iterable<Anchor>;
  /** Begins with the first entry of this instant or after; epoch milliseconds. What is older is taken as it is. */
  readonly sinceMs?: number;
  /** This chain alone: an organization's id. */
  readonly chain?: string;
}

/** Streams: memory grows with the anchors, not with the log. Entries that are written meanwhile are left for the next time. */
export async function verifyAuditLog({ database, keys, anchors, sinceMs, chain: only }: VerifyOptions): Promise<Verification> {
  const anchored = await gatherAnchors(anchors);
  // Heads after anchors: what was anchored before is there.
  const { heads, prunings, linked, strays } = await database.asAuditor(null, async (tx) => ({
    heads: new Map((await readHeads(tx)).map((head) => [head.chain, head])), prunings: new Map((await readPrunings(tx)).map((pruning) => [pruning.chain, pruning])),
    linked: await readLinkedChains(tx), strays: await readStrays(tx, MOST_STRAYS),
  }));
  const isMeant = (chain: string): boolean => only === undefined || chain === only;
  const findings: Finding[] = anchored.findings.filter(({ chain }) => isMeant(chain));
  for (const { chain, seq, entryId } of strays.filter((stray) => isMeant(stray.chain))) {
    findings.push({ kind: "insert", chain, seq, entryId, detail: seq === null ? "the entry was never linked" : "the link lies beyond the end of its chain" });
  }
  const chains = [...new Set([...heads.keys(), ...linked, ...anchored.places.keys()])].filter(isMeant).toSorted();
  let links = 0;
  for (const chain of chains) {
    const pruning = prunings.get(chain);
    if (pruning && !isSeal(sealPlace(keys, "pruning", pruning), pruning.mac)) findings.push(badPruning(pruning));
    const judged = await judgeChain(database, { chain, head: heads.get(chain) ?? null, pruning: pruning ?? null, anchored: anchored.places.get(chain) ?? new Map(), sinceMs });
    findings.push(...judged.findings);
    links += judged.links;
  }
  return {
    chains: chains.length, links, anchors: anchored.count, foreignAnchors: anchored.foreign, unanchored: chains.filter((chain) => !anchored.places.has(chain)), findings,
  };
}

interface Gathered {
  readonly places: Map<string, Map<number, Buffer>>;
  readonly findings: Finding[];
  readonly count: number;
  readonly foreign: number;
}

async function gatherAnchors(anchors: VerifyOptions["anchors"]): Promise<Gathered> {
  const places = new Map<string, Map<number, Buffer>>();
  const findings: Finding[] = [];
  let [count, foreign] = [0, 0];
  for await (const { chain, seq, hash, seal } of anchors) {
    if (seal === "other") foreign += 1;
    else if (seal === "bad") findings.push({ kind: "seal", chain, seq, entryId: null, detail: "an anchor bears a MAC that is not ours" });
    else {
      count += 1;
      const of = places.get(chain) ?? new Map<number, Buffer>();
      const earlier = of.get(seq);
      // Two anchors of one place: the first was there when it was made.
      if (earlier && !earlier.equals(hash)) findings.push({ kind: "rewrite", chain, seq, entryId: null, detail: "was anchored with two hashes" });
      else places.set(chain, of.set(seq, hash));
    }
  }
  return { places, findings, count, foreign };
}

function badPruning({ chain, seq }: Pruning): Finding {
  return { kind: "seal", chain, seq, entryId: null, detail: "the pruning of the chain's beginning bears a MAC that is not ours" };
}

interface ChainToJudge {
  readonly chain: string;
  readonly head: ChainPlace | null;
  readonly pruning: Pruning | null;
  readonly anchored: ReadonlyMap<number, Buffer>;
  readonly sinceMs: number | undefined;
}

async function judgeChain(database: Pick<Database, "asAuditor">, { chain, head, pruning, anchored, sinceMs }: ChainToJudge): Promise<{ findings: readonly Finding[]; links: number }> {
  const since = sinceMs === undefined ? null : await database.asAuditor(null, (tx) => placeBefore(tx, chain, sinceMs));
  const start: Start | null = since && since.seq > (pruning?.seq ?? 0) ? since : pruning;
  const judge = new ChainJudge(chain, start, anchored);
  const through = head?.seq ?? Number.MAX_SAFE_INTEGER;
  let links = 0;
  for (;;) {
    const page = await database.asAuditor(null, (tx) => readLinks(tx, chain, { after: judge.seq, through, limit: PAGE }));
    for (const link of page) judge.next(link);
    links += page.length;
    if (page.length < PAGE) return { findings: judge.end(head), links };
  }
}
