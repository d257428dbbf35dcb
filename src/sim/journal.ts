/** What each cloud received, for people and tests. No tokens: bodies are not kept, and of queries only harmless parameters. */

import type { SimVendor } from "./options.ts";

export interface ReceivedCall {
  readonly atMs: number;
  readonly method: string;
  /** Path inside the cloud. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly status: number;
}

const SHOWN = new Set([
  "startDate", "endDate", "lastSyncTime", "summaryStartTimeInSeconds", "summaryEndTimeInSeconds", "uploadStartTimeInSeconds",
  "uploadEndTimeInSeconds", "before", "after", "page", "per_page", "keys", "key_by_type", "scope", "response_type",
  "code_challenge_method", "approval_prompt", "include_all_efforts",
]);
const KEPT = 300;

export interface Journal {
  note(vendor: SimVendor, call: Omit<ReceivedCall, "query"> & { readonly query: URLSearchParams }): void;
  /** Oldest first. */
  last(vendor: SimVendor, count?: number): ReceivedCall[];
}

export function createJournal(): Journal {
  const calls: Record<SimVendor, ReceivedCall[]> = { dexcom: [], garmin: [], strava: [] };
  return {
    note(vendor, { query, ...call }) {
      const shown = Object.fromEntries([...query].filter(([name]) => SHOWN.has(name)));
      calls[vendor].push({ ...call, query: shown });
      if (calls[vendor].length > KEPT) calls[vendor].shift();
    },
    last: (vendor, count = KEPT) => calls[vendor].slice(-count),
  };
}
