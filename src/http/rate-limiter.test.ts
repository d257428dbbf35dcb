import { describe, expect, it } from "vitest";
import type { Clock } from "../clock.ts";
import { ConfigError, ProviderRateLimited } from "../errors.ts";
import { createRateLimiter, limitsThatCount } from "./rate-limiter.ts";
import { createFakeClock, TEST_START_MS } from "./test-kit.ts";
import type { RateLimit } from "./types.ts";

const QUARTER_HOUR_MS = 900_000;
const strava: RateLimit[] = [
  { requests: 3, perSeconds: 900, scope: "app", source: "vendors/strava.md, Rate limits" },
  { requests: 5, perSeconds: 86_400, scope: "app", source: "vendors/strava.md, Rate limits" },
];
const perPerson: RateLimit[] = [{ requests: 2, perSeconds: 10, scope: "connection", source: "invented" }];
const scope = { provider: "strava" };

async function times(count: number, act: () => Promise<void>): Promise<void> {
  for (let done = 0; done < count; done += 1) await act();
}

async function retryAtOf(promise: Promise<unknown>): Promise<number> {
  const error: unknown = await promise.then(() => null, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProviderRateLimited);
  return (error as ProviderRateLimited).retryAtMs;
}

/** Sleepers wait until the test moves time. */
function createHeldClock(): Pick<Clock, "now" | "sleep"> & { advance(ms: number): Promise<void> } {
  let nowMs = TEST_START_MS;
  let sleepers: { untilMs: number; wake: () => void }[] = [];
  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise<void>((resolve, reject) => {
        sleepers.push({ untilMs: nowMs + ms, wake: resolve });
        signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      }),
    advance: async (ms) => {
      nowMs += ms;
      for (const { untilMs, wake } of sleepers) if (untilMs <= nowMs) wake();
      sleepers = sleepers.filter(({ untilMs }) => untilMs > nowMs);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe("createRateLimiter", () => {
  it("[W7] says when the next quarter hour begins once its places are gone", async () => {
    const clock = createFakeClock(TEST_START_MS + 60_000);
    const limiter = createRateLimiter({ clock, limitsOf: () => strava });
    await times(3, () => limiter.acquire(scope));
    expect(await retryAtOf(limiter.acquire(scope))).toBe(TEST_START_MS + QUARTER_HOUR_MS);
    expect(clock.slept).toEqual([]);
  });

  it("[W7] waits when the next quarter hour begins within 60 s", async () => {
    const clock = createFakeClock(TEST_START_MS + QUARTER_HOUR_MS - 60_000);
    const limiter = createRateLimiter({ clock, limitsOf: () => strava });
    await times(4, () => limiter.acquire(scope));
    expect(clock.slept).toEqual([60_000]);
    expect(clock.now()).toBe(TEST_START_MS + QUARTER_HOUR_MS);
  });

  it("[W7] counts the day as well, which ends at midnight UTC", async () => {
    const clock = createFakeClock();
    const limiter = createRateLimiter({ clock, limitsOf: () => strava });
    await times(3, () => limiter.acquire(scope));
    clock.advance(QUARTER_HOUR_MS);
    await times(2, () => limiter.acquire(scope));
    expect(await retryAtOf(limiter.acquire(scope))).toBe(Date.UTC(2026, 4, 5));
  });

  it("takes nothing from a window when another one has no place", async () => {
    const clock = createFakeClock();
    const limits: RateLimit[] = [
      { requests: 1, perSeconds: 120, scope: "app", source: "invented" },
      { requests: 2, perSeconds: 3_600, scope: "app", source: "invented" },
    ];
    const limiter = createRateLimiter({ clock, limitsOf: () => limits });
    await limiter.acquire(scope);
    await times(5, async () => void (await retryAtOf(limiter.acquire(scope))));
    clock.advance(120_000);
    await limiter.acquire(scope);
    clock.advance(120_000);
    expect(await retryAtOf(limiter.acquire(scope))).toBe(TEST_START_MS + 3_600_000);
  });

  it("counts each connection for itself where the vendor does", async () => {
    const clock = createFakeClock();
    const limiter = createRateLimiter({ clock, limitsOf: () => perPerson });
    await times(2, () => limiter.acquire({ provider: "x", connectionId: "a" }));
    await times(2, () => limiter.acquire({ provider: "x", connectionId: "b" }));
    expect(clock.slept).toEqual([]);
    await limiter.acquire({ provider: "x", connectionId: "a" });
    expect(clock.slept).toEqual([10_000]);
  });

  it("shares an app's places among its connections, and not among vendors", async () => {
    const clock = createFakeClock();
    const limiter = createRateLimiter({ clock, limitsOf: () => strava });
    for (const connectionId of ["a", "b", "c"]) await limiter.acquire({ ...scope, connectionId });
    await retryAtOf(limiter.acquire({ ...scope, connectionId: "d" }));
    await expect(limiter.acquire({ provider: "garmin" })).resolves.toBeUndefined();
  });

  it("spreads waiters over the coming windows instead of waking all into the next", async () => {
    const clock = createHeldClock();
    const limiter = createRateLimiter({ clock, limitsOf: () => perPerson });
    let started = 0;
    for (let caller = 0; caller < 7; caller += 1) void limiter.acquire({ provider: "x", connectionId: "a" }).then(() => (started += 1));
    const seen: number[] = [];
    for (const ms of [0, 10_000, 10_000, 10_000]) {
      await clock.advance(ms);
      seen.push(started);
    }
    expect(seen).toEqual([2, 4, 6, 7]);
  });

  it("gives the place back when a waiter is aborted", async () => {
    const clock = createHeldClock();
    const limiter = createRateLimiter({ clock, limitsOf: () => [{ requests: 1, perSeconds: 50, scope: "app", source: "invented" }] });
    await limiter.acquire(scope);
    const abort = new AbortController();
    const waiting = limiter.acquire(scope, abort.signal);
    const reason = new Error("the worker stops");
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await clock.advance(50_000);
    await expect(limiter.acquire(scope)).resolves.toBeUndefined();
  });

  it("refuses at once when aborted before", async () => {
    const limiter = createRateLimiter({ clock: createFakeClock(), limitsOf: () => [] });
    const reason = new Error("the worker stops");
    await expect(limiter.acquire(scope, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it("[VA-02] holds the whole vendor back after a 429 of a vendor that counts by app", async () => {
    const clock = createFakeClock();
    const limiter = createRateLimiter({ clock, limitsOf: () => strava });
    limiter.penalize({ ...scope, connectionId: "a" }, TEST_START_MS + 300_000);
    expect(await retryAtOf(limiter.acquire({ ...scope, connectionId: "b" }))).toBe(TEST_START_MS + 300_000);
    clock.advance(300_000);
    await expect(limiter.acquire({ ...scope, connectionId: "b" })).resolves.toBeUndefined();
  });

  it("[VA-02] holds one connection back after a 429 of a vendor that counts by connection", async () => {
    const clock = createFakeClock();
    const limiter = createRateLimiter({ clock, limitsOf: () => perPerson });
    limiter.penalize({ provider: "x", connectionId: "a" }, TEST_START_MS + 300_000);
    await limiter.acquire({ provider: "x", connectionId: "b" });
    expect(clock.slept).toEqual([]);
    expect(await retryAtOf(limiter.acquire({ provider: "x", connectionId: "a" }))).toBe(TEST_START_MS + 300_000);
  });

  it("keeps the longer of two rests, and makes those wait who are asleep already", async () => {
    const clock = createHeldClock();
    const limiter = createRateLimiter({ clock, limitsOf: () => [{ requests: 1, perSeconds: 20, scope: "app", source: "invented" }] });
    await limiter.acquire(scope);
    let isThrough = false;
    void limiter.acquire(scope).then(() => (isThrough = true));
    limiter.penalize(scope, TEST_START_MS + 40_000);
    limiter.penalize(scope, TEST_START_MS + 30_000);
    for (const expected of [false, false, true]) {
      await clock.advance(clock.now() === TEST_START_MS ? 20_000 : 10_000);
      expect(isThrough).toBe(expected);
    }
  });

  it("knows the end of the shortest window up to 15 minutes", () => {
    const clock = createFakeClock(TEST_START_MS + 1);
    expect(createRateLimiter({ clock, limitsOf: () => strava }).shortWindowEndMs(scope)).toBe(TEST_START_MS + QUARTER_HOUR_MS);
    const hourly: RateLimit[] = [{ requests: 60_000, perSeconds: 3_600, scope: "app", source: "vendors/dexcom.md, Rate limits" }];
    expect(createRateLimiter({ clock, limitsOf: () => hourly }).shortWindowEndMs(scope)).toBeNull();
  });

  it("names a limit that leaves no place instead of waiting for ever", async () => {
    const limiter = createRateLimiter({ clock: createFakeClock(), limitsOf: () => [{ requests: 0, perSeconds: 60, scope: "app", source: "invented" }] });
    await expect(limiter.acquire(scope)).rejects.toBeInstanceOf(ConfigError);
  });

  it("drops counters of windows that are over, and keeps those that count", async () => {
    const clock = createFakeClock();
    const limits: RateLimit[] = [
      { requests: 1, perSeconds: 86_400, scope: "connection", source: "invented" },
      { requests: 1, perSeconds: 1, scope: "app", source: "invented" },
    ];
    const limiter = createRateLimiter({ clock, limitsOf: () => limits, maxEntries: 1_500 });
    await limiter.acquire({ provider: "x", connectionId: "a" });
    for (let second = 0; second < 3_000; second += 1) {
      clock.advance(1_000);
      await limiter.acquire({ provider: "x" });
    }
    clock.advance(1_000);
    expect(await retryAtOf(limiter.acquire({ provider: "x", connectionId: "a" }))).toBe(Date.UTC(2026, 4, 5));
  });

  it("forgets its oldest counters beyond the bound, never the newest", async () => {
    const clock = createFakeClock();
    const limits: RateLimit[] = [{ requests: 1, perSeconds: 3_600, scope: "connection", source: "invented" }];
    const limiter = createRateLimiter({ clock, limitsOf: () => limits, maxEntries: 2 });
    for (const connectionId of ["a", "b", "c"]) await limiter.acquire({ provider: "x", connectionId });
    await retryAtOf(limiter.acquire({ provider: "x", connectionId: "c" }));
    await expect(limiter.acquire({ provider: "x", connectionId: "a" })).resolves.toBeUndefined();
  });
});

describe("limits by what the operator says", () => {
  it("count only while the setting has their value", () => {
    const always = { requests: 5, perSeconds: 60, scope: "app", source: "documents" } as const;
    const [small, large] = ["small", "large"].map((value) => ({ ...always, when: { setting: "tier", value } }));
    expect(limitsThatCount([always, small!, large!], { tier: "large" })).toEqual([always, large]);
    expect(limitsThatCount([always, small!], {})).toEqual([always]);
  });
});
