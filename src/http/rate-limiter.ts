/** Our own budget for each vendor, so that its 429 is the exception. One process's view; the vendor's 429 corrects it. */
import type { Clock } from "../clock.ts";
import { ConfigError, ProviderRateLimited } from "../errors.ts";
import type { CallScope, RateLimit } from "./types.ts";

/** Whoever would wait longer gives its worker back and comes again. */
const LONGEST_WAIT_MS = 60_000;
const SHORT_WINDOW_MS = 15 * 60_000;
const DEFAULT_MAX_ENTRIES = 100_000;
const FIRST_SWEEP_AT = 1_000;

export interface RateLimiter {
  /**
   * Takes one place in every window the call draws on. Waits for it when it comes within 60 s; otherwise throws
   * ProviderRateLimited with the time it comes. Rejects with the signal's reason when aborted, and gives the place back.
   */
  acquire(scope: CallScope, signal?: AbortSignal): Promise<void>;
  /**
   * The vendor said 429: nobody calls before `untilMs` (UTC epoch milliseconds). Holds back the connection alone where the
   * vendor counts by connection, otherwise every call to the vendor.
   */
  penalize(scope: CallScope, untilMs: number): void;
  /** When the shortest window that the call draws on ends; null for a vendor that states none of at most 15 minutes. */
  shortWindowEndMs(scope: CallScope): number | null;
}

export interface RateLimiterParts {
  readonly clock: Pick<Clock, "now" | "sleep">;
  readonly limitsOf: (provider: string) => readonly RateLimit[];
  /** Counters kept at most; beyond it the oldest are forgotten. Default 100,000. */
  readonly maxEntries?: number;
}

export interface CountedWindow {
  readonly key: string;
  /** "app", or the connection that the vendor counts by. */
  readonly whom: string;
  /** The limit in words, and which of its windows this is. */
  readonly limit: string;
  readonly index: number;
  readonly lengthMs: number;
  readonly endMs: number;
  readonly requests: number;
}

interface Counter {
  used: number;
  readonly endMs: number;
}

/**
 * Fixed windows aligned to the UTC epoch. Strava's windows are exactly these (they roll at :00, :15, :30, :45 and at midnight UTC,
 * vendors/strava.md, Rate limits); a sliding window would make us wait up to 15 minutes for a budget that is already there.
 * A vendor that counts otherwise may see up to two budgets around a boundary and answers 429, which the client obeys.
 * Places are reserved ahead, so that waiters do not all wake into the same window.
 */
export function createRateLimiter({ clock, limitsOf, maxEntries = DEFAULT_MAX_ENTRIES }: RateLimiterParts): RateLimiter {
  const counters = createBoundedMap<Counter>(maxEntries, (counter) => counter.endMs <= clock.now());
  const penalties = createBoundedMap<number>(maxEntries, (untilMs) => untilMs <= clock.now());

  const windowsAt = (scope: CallScope, atMs: number): CountedWindow[] => windowsOf(limitsOf(scope.provider), scope, atMs);

  function penaltyKey(scope: CallScope): string {
    const countsByConnection = limitsOf(scope.provider).some((limit) => limit.scope === "connection");
    return JSON.stringify([scope.provider, countsByConnection ? (scope.connectionId ?? null) : null]);
  }

  function penalizedUntilMs(scope: CallScope): number {
    const ofProvider = penalties.get(JSON.stringify([scope.provider, null])) ?? 0;
    return Math.max(ofProvider, penalties.get(penaltyKey(scope)) ?? 0);
  }

  /** Each round moves past the end of at least one full window, and windows are filled at most 60 s ahead: it ends. */
  function earliestPlaceMs(scope: CallScope, nowMs: number): number {
    let atMs = Math.max(nowMs, penalizedUntilMs(scope));
    for (;;) {
      const full = windowsAt(scope, atMs).filter(({ key, requests }) => (counters.get(key)?.used ?? 0) >= requests);
      if (full.length === 0) return atMs;
      atMs = Math.max(...full.map(({ endMs }) => endMs));
    }
  }

  function take(scope: CallScope, atMs: number): Counter[] {
    return windowsAt(scope, atMs).map(({ key, endMs }) => {
      const counter = counters.get(key) ?? { used: 0, endMs };
      counter.used += 1;
      counters.set(key, counter);
      return counter;
    });
  }

  function giveBack(taken: readonly Counter[]): void {
    for (const counter of taken) counter.used -= 1;
  }

  return {
    async acquire(scope, signal) {
      signal?.throwIfAborted();
      const patienceEndsMs = clock.now() + LONGEST_WAIT_MS;
      for (;;) {
        const nowMs = clock.now();
        const placeMs = earliestPlaceMs(scope, nowMs);
        if (placeMs > patienceEndsMs) {
          throw new ProviderRateLimited(`The budget of calls to ${scope.provider} is spent until ${new Date(placeMs).toISOString()}.`, placeMs);
        }
        const taken = take(scope, placeMs);
        if (placeMs <= nowMs) return;
        try {
          await clock.sleep(placeMs - nowMs, signal);
        } catch (error) {
          giveBack(taken);
          throw error;
        }
        // A 429 may have come to another caller while this one slept.
        if (penalizedUntilMs(scope) <= clock.now()) return;
        giveBack(taken);
      }
    },
    penalize(scope, untilMs) {
      const key = penaltyKey(scope);
      penalties.set(key, Math.max(untilMs, penalties.get(key) ?? 0));
    },
    shortWindowEndMs(scope) {
      const short = windowsAt(scope, clock.now()).filter(({ lengthMs }) => lengthMs <= SHORT_WINDOW_MS);
      return short.length === 0 ? null : Math.min(...short.map(({ endMs }) => endMs));
    },
  };
}

/** The limits that hold with these settings of the provider. Pure. */
export function limitsThatCount(limits: readonly RateLimit[], settings: Readonly<Record<string, string>>): readonly RateLimit[] {
  return limits.filter(({ when }) => when === undefined || settings[when.setting] === when.value);
}

/** The windows that a call at `atMs` falls into: a key names vendor, limit, whom it counts and the window. */
export function windowsOf(limits: readonly RateLimit[], scope: CallScope, atMs: number): CountedWindow[] {
  return limits.flatMap((limit, position) => {
    if (!(limit.requests >= 1) || !(limit.perSeconds > 0)) {
      throw new ConfigError(`Rate limit ${position + 1} of ${scope.provider} leaves no place for any call.`);
    }
    if (limit.scope === "connection" && scope.connectionId === undefined) return [];
    const lengthMs = limit.perSeconds * 1000;
    const index = Math.floor(atMs / lengthMs);
    const whom = limit.scope === "connection" ? scope.connectionId! : "app";
    const key = JSON.stringify([scope.provider, position, whom, index]);
    return [{ key, whom, limit: `${limit.requests}/${limit.perSeconds}`, index, lengthMs, endMs: (index + 1) * lengthMs, requests: limit.requests }];
  });
}

export interface BoundedMap<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
}

/** A map that drops what is over whenever it has doubled, and its oldest entries beyond `maxEntries`. */
export function createBoundedMap<T>(maxEntries: number, isOver: (value: T) => boolean): BoundedMap<T> {
  const entries = new Map<string, T>();
  let sweepAt = FIRST_SWEEP_AT;
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      entries.set(key, value);
      if (entries.size >= sweepAt) {
        for (const [each, held] of entries) if (isOver(held)) entries.delete(each);
        sweepAt = Math.max(FIRST_SWEEP_AT, entries.size * 2);
      }
      if (entries.size > maxEntries) entries.delete(entries.keys().next().value ?? key);
    },
  };
}
