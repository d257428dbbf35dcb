/**
 * What all processes share about a vendor, in PostgreSQL: calls spent in each window, a 429 that counts for everybody, and the circuit that
 * opens when a vendor is away. Cheap: places are reserved in chunks, and what was read is believed for a second. Faults VA-02, VA-03, QU-04.
 */
import type { Database } from "#db/database.ts";
import { type CountedWindow, createBoundedMap, windowsOf } from "#http/rate-limiter.ts";
import type { CallScope, RateLimit, VendorGate } from "#http/types.ts";
import type { Clock } from "../clock.ts";
import { IsletError, ProviderRateLimited, ProviderResting } from "../errors.ts";
import type { Log } from "../log.ts";
import { createVendorStates } from "./vendor-states.ts";

export interface VendorGateParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly limitsOf: (provider: string) => readonly RateLimit[];
  /** Whether each connection of this vendor has a server of its own, whose trouble is nobody else's. */
  readonly hasOwnDoors: (provider: string) => boolean;
}

/** As long as the limiter of the process waits. */
const LONGEST_WAIT_MS = 60_000;
/** Part of a window's places that one process reserves at a time: what it does not use is lost to the others until the window ends. */
const CHUNK_SHARE = 20;
const LARGEST_CHUNK = 100;
/** Part of an app's window that the past may take; the rest is for news. */
const SHARE_OF_THE_PAST = 0.8;
const MOST_CHUNKS = 100_000;
const KEPT_MS = 7 * 86_400_000;

export function createVendorGate(parts: VendorGateParts): VendorGate {
  const { clock, log } = parts;
  const states = createVendorStates(parts);
  const chunks = createBoundedMap<{ left: number; readonly endMs: number }>(MOST_CHUNKS, ({ endMs }) => endMs <= clock.now());

  const leftOf = (window: CountedWindow): number => chunks.get(window.key)?.left ?? 0;

  /** Reserves what is missing; gives the end of the first window that has no place, null when all have one. */
  async function reserve(scope: CallScope, windows: readonly CountedWindow[]): Promise<number | null> {
    for (const window of windows) {
      if (leftOf(window) > 0) continue;
      const granted = await takeChunk(parts.database, scope, window);
      if (granted === 0) return window.endMs;
      chunks.set(window.key, { left: leftOf(window) + granted, endMs: window.endMs });
    }
    return null;
  }

  async function take(scope: CallScope, signal?: AbortSignal): Promise<void> {
    const patienceEndsMs = clock.now() + LONGEST_WAIT_MS;
    for (;;) {
      signal?.throwIfAborted();
      const nowMs = clock.now();
      const windows = windowsOf(parts.limitsOf(scope.provider), scope, nowMs);
      const heldMs = await states.heldUntilMs(scope);
      const untilMs = heldMs > nowMs ? heldMs : await reserve(scope, windows);
      if (untilMs === null) {
        // Another caller may have taken the last place while this one reserved elsewhere.
        if (!windows.every((window) => leftOf(window) > 0)) continue;
        for (const window of windows) chunks.get(window.key)!.left -= 1;
        return;
      }
      if (untilMs > patienceEndsMs) throw new ProviderRateLimited(`The budget of calls to ${scope.provider} is spent until ${new Date(untilMs).toISOString()}.`, untilMs);
      await clock.sleep(Math.max(untilMs - clock.now(), 0), signal);
    }
  }

  /** A database that is away, or busy, must not end calls that it has no part in. */
  async function unlessAway<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted || error instanceof ProviderRateLimited || error instanceof ProviderResting) throw error;
      log.warn({ error: error instanceof IsletError ? error.code : error }, "what all processes share about a vendor could not be read or written; this process goes by its own view");
      return undefined;
    }
  }

  return {
    admit: (scope) => unlessAway(() => states.admit(scope)),
    take: (scope, signal) => unlessAway(() => take(scope, signal), signal),
    report: async (scope, isAnswered) => (await unlessAway(() => states.report(scope, isAnswered))) ?? null,
    penalize: (scope, untilMs) => unlessAway(() => states.penalize(scope, untilMs)),
  };
}

/** Gives how many places were reserved; 0 when none is left. A clock that lags behind the others' finds none until it has caught up. */
async function takeChunk(database: Database, scope: CallScope, window: CountedWindow): Promise<number> {
  const isShared = window.whom === "app" && scope.isForThePast;
  const most = isShared ? Math.max(1, Math.floor(window.requests * SHARE_OF_THE_PAST)) : window.requests;
  const chunk = Math.min(Math.max(1, Math.floor(window.requests / CHUNK_SHARE)), LARGEST_CHUNK, most);
  const rows = await database.asSystem((tx) =>
    tx.prepared<{ granted: number }>(
      "take_budget",
      `insert into call_budgets as b (provider, whom, limit_key, window_index, ends_at, used, granted)
       values ($1, $2, $3, $4, to_timestamp($5::float8 / 1000), $6, $6)
       on conflict (provider, whom, limit_key) do update
         set window_index = excluded.window_index, ends_at = excluded.ends_at,
             granted = case when b.window_index = excluded.window_index then least($6::int, $7::int - b.used) else $6::int end,
             used = case when b.window_index = excluded.window_index then b.used + least($6::int, $7::int - b.used) else $6::int end
         where b.window_index < excluded.window_index or (b.window_index = excluded.window_index and b.used < $7::int)
       returning granted`,
      [scope.provider, window.whom, window.limit, window.index, window.endMs, chunk, most],
    ),
  );
  return rows[0]?.granted ?? 0;
}

/** Forgets windows and states that are long over. */
export async function sweepVendorGate({ database, clock }: Pick<VendorGateParts, "database" | "clock">): Promise<void> {
  const beforeMs = clock.now() - KEPT_MS;
  await database.asSystem(async (tx) => {
    await tx.query("delete from call_budgets where ends_at < to_timestamp($1::float8 / 1000)", [beforeMs]);
    await tx.query(
      `delete from vendor_states where whom <> 'app' and updated_at < to_timestamp($1::float8 / 1000)
         and coalesce(held_until, '-infinity') < to_timestamp($1::float8 / 1000) and coalesce(retry_at, '-infinity') < to_timestamp($1::float8 / 1000)`,
      [beforeMs],
    );
  });
}
