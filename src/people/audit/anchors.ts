/**
 * Anchors of the audit log: where its chains ended, written down outside of the database every minute in which one moved. A chain that is rewritten
 * whole, or cut, fits together and yet not to its anchors. Copy the file away, or keep the log lines. Faults PR-07.
 */
import { createReadStream } from "node:fs";
import { appendFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { Database } from "#db/database.ts";
import { formatInstant, MINUTE_MS, parseInstant } from "#units/time.ts";
import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import { isSeal, sealPlace, type AuditKeys, type ChainPlace } from "./keys.ts";
import { readHeads } from "./read-chain.ts";

/** Below the data folder. */
export const ANCHORS_FILE = "audit-anchors.jsonl";

export interface Anchor extends ChainPlace {
  readonly atMs: number;
  /** `other`: by another session secret than the present one. */
  readonly seal: "good" | "bad" | "other";
}

/** One line of the file. */
export function anchorLine(keys: AuditKeys, place: ChainPlace, atMs: number): string {
  const { chain, seq, hash } = place;
  return `${JSON.stringify({ chain, seq, hash: hash.toString("hex"), at: formatInstant(atMs), key: keys.id, mac: sealPlace(keys, "anchor", place, atMs).toString("hex") })}\n`;
}

interface AnchorShape {
  readonly chain?: unknown; readonly seq?: unknown; readonly hash?: unknown; readonly at?: unknown; readonly key?: unknown; readonly mac?: unknown;
}

/** Null for a line that is none: a write that a crash cut off, at most one at the end of each run. */
export function parseAnchor(keys: AuditKeys, line: string): Anchor | null {
  let shape: AnchorShape;
  try {
    shape = JSON.parse(line) as AnchorShape;
  } catch {
    return null;
  }
  const { chain, seq, hash, at, key, mac } = shape;
  const instant = typeof at === "string" ? parseInstant(at) : null;
  if (typeof chain !== "string" || !Number.isSafeInteger(seq) || typeof hash !== "string" || !/^[0-9a-f]{64}$/.test(hash) || !instant || typeof mac !== "string") return null;
  const place = { chain, seq: seq as number, hash: Buffer.from(hash, "hex") };
  if (key !== keys.id) return { ...place, atMs: instant.ms, seal: "other" };
  return { ...place, atMs: instant.ms, seal: isSeal(sealPlace(keys, "anchor", place, instant.ms), Buffer.from(mac, "hex")) ? "good" : "bad" };
}

/** The anchors of a file, one by one; none where there is no file. */
export async function* readAnchors(keys: AuditKeys, file: string): AsyncGenerator<Anchor> {
  const lines = createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) {
      const anchor = parseAnchor(keys, line);
      if (anchor) yield anchor;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

export interface AnchorParts {
  readonly database: Pick<Database, "asAuditor">;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys: AuditKeys;
  readonly file: string;
}

/** Gives a function that writes an anchor of each chain that has moved since its last one, and gives how many. */
export function createAnchoring({ database, clock, log, keys, file }: AnchorParts): () => Promise<number> {
  let last: Map<string, number> | null = null;
  let isBegun = false;
  return async () => {
    last ??= await lastOf(keys, file);
    const known = last;
    const moved = (await database.asAuditor(null, readHeads)).filter(({ chain, seq }) => known.get(chain) !== seq);
    if (moved.length === 0) return 0;
    // The last line of a process that was killed may lack its end.
    await appendFile(file, `${isBegun ? "" : "\n"}${moved.map((place) => anchorLine(keys, place, clock.now())).join("")}`, { mode: 0o600, flush: true });
    isBegun = true;
    for (const { chain, seq, hash } of moved) {
      known.set(chain, seq);
      log.info({ chain, seq, hash: hash.toString("hex") }, "the audit log was anchored");
    }
    return moved.length;
  };
}

/** Up to where each chain is anchored by this key. */
async function lastOf(keys: AuditKeys, file: string): Promise<Map<string, number>> {
  const last = new Map<string, number>();
  for await (const { chain, seq, seal } of readAnchors(keys, file)) if (seal === "good") last.set(chain, seq);
  return last;
}

/** Anchors every minute until stopped, and once more then. A try that fails is logged; the next one comes anyway. */
export function watchAuditLog(parts: AnchorParts): { stop(): Promise<void> } {
  const anchor = createAnchoring(parts);
  let working: Promise<void> | null = null;
  const look = (): Promise<void> =>
    (working ??= anchor()
      .then(() => undefined, (error: unknown) => parts.log.error({ error }, "the audit log could not be anchored; the next minute tries again"))
      .finally(() => (working = null)));
  const timer = setInterval(() => void look(), MINUTE_MS);
  timer.unref();
  void look();
  return {
    stop: async () => {
      clearInterval(timer);
      await working;
      await look();
    },
  };
}
