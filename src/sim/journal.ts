/** What each cloud received, for people and tests. No tokens: bodies are not kept, and of queries and forms only harmless parameters. */

import type { Call } from "./exchange.ts";
import { formOf } from "./exchange.ts";

export interface ReceivedCall {
  readonly atMs: number;
  readonly method: string;
  /** Path inside the cloud. */
  readonly path: string;
  /** Harmless parameters of query and form. */
  readonly query: Readonly<Record<string, string>>;
  readonly status: number;
}

/** Shown of every cloud; each names its own besides. */
const USUAL = ["page", "per_page", "scope", "response_type", "grant_type", "code_challenge_method"];
const KEPT = 300;

export interface Journal {
  /** `shown` are the cloud's own harmless parameters; `path` stands in for one that carries a token. */
  note(vendor: string, call: Call, seen: { atMs: number; status: number; path: string; shown: readonly string[] }): void;
  /** Oldest first. */
  last(vendor: string, count?: number): ReceivedCall[];
  /** How many there were since the start. */
  count(vendor: string): number;
}

export function createJournal(): Journal {
  const calls = new Map<string, ReceivedCall[]>();
  const counts = new Map<string, number>();
  return {
    note(vendor, call, { atMs, status, path, shown }) {
      const names = new Set([...USUAL, ...shown]);
      const query = Object.fromEntries([...call.query, ...formOf(call)].filter(([name]) => names.has(name)));
      const known = calls.get(vendor) ?? [];
      known.push({ atMs, method: call.method, path, query, status });
      if (known.length > KEPT) known.shift();
      calls.set(vendor, known);
      counts.set(vendor, (counts.get(vendor) ?? 0) + 1);
    },
    last: (vendor, count = KEPT) => (calls.get(vendor) ?? []).slice(-count),
    count: (vendor) => counts.get(vendor) ?? 0,
  };
}
