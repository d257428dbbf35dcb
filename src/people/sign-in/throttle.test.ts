import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { afterFailure, afterSuccess, mayTry, mayTryAt, networkOf, noFailures, type Failures, type ThrottleKind } from "./throttle.ts";

const START = Date.UTC(2026, 9, 15);

/** Somebody who tries whenever he may, every time in vain: when each try was made. */
function guesser(kind: ThrottleKind, untilMs: number, stepMs = 1_000): number[] {
  const tries: number[] = [];
  let past: Failures = noFailures(START);
  for (let nowMs = START; nowMs < untilMs; nowMs = Math.max(nowMs + stepMs, mayTryAt(kind, past, nowMs))) {
    if (!mayTry({ past: { [kind]: past }, nowMs })) continue;
    tries.push(nowMs);
    past = afterFailure(kind, past, nowMs);
  }
  return tries;
}

describe("guessing at one account", () => {
  it("costs nothing ten times, then a minute, two, four, eight, and fifteen from then on [AU-01]", () => {
    const tries = guesser("account", START + 3 * HOUR_MS);
    const pauses = tries.slice(1).map((ms, at) => (ms - tries[at]!) / MINUTE_MS);
    expect(pauses.slice(0, 9).every((minutes) => minutes < 1)).toBe(true);
    expect(pauses.slice(9, 16)).toEqual([1, 2, 4, 8, 15, 15, 15]);
  });

  it("gets at most a hundred tries in any day, however long it goes on [AU-01]", () => {
    const tries = guesser("account", START + 10 * DAY_MS);
    for (const [at, ms] of tries.entries()) expect(tries.filter((other) => other >= ms && other < ms + DAY_MS).length, String(at)).toBeLessThanOrEqual(100);
    // And is never refused for good.
    expect(tries.at(-1)!).toBeGreaterThan(START + 10 * DAY_MS - HOUR_MS);
  });

  it("is forgotten after a day of quiet, and by a good sign-in [AU-01]", () => {
    let past = noFailures(START);
    for (let n = 0; n < 40; n += 1) past = afterFailure("account", past, START + n);
    expect(mayTryAt("account", past, START + 40)).toBe(START + 39 + 15 * MINUTE_MS);
    expect(afterFailure("account", past, START + 40 + DAY_MS).streak).toBe(1);
    expect(mayTryAt("account", afterSuccess("account", past), START + 40)).toBe(0);
  });
});

describe("one address trying many accounts", () => {
  it("is slowed after fifty failures, and a good sign-in of its own does not make it fast again [AU-02]", () => {
    let past = noFailures(START);
    for (let n = 0; n < 60; n += 1) past = afterFailure("address", past, START);
    expect(mayTryAt("address", past, START)).toBe(START + 15 * MINUTE_MS);
    const after = afterSuccess("address", afterFailure("address", past, START));
    expect(after.streak).toBe(60);
    expect(mayTryAt("address", after, START)).toBeGreaterThan(START);
  });

  it("gets five hundred a day at most [AU-02]", () => {
    expect(guesser("address", START + DAY_MS).length).toBeLessThanOrEqual(500);
  });
});

describe("everybody together", () => {
  it("may fail six hundred times a minute [AU-02]", () => {
    let past = noFailures(START);
    for (let n = 0; n < 600; n += 1) past = afterFailure("everybody", past, START + n);
    expect(mayTry({ past: { everybody: past }, nowMs: START + 600 })).toBe(false);
    expect(mayTry({ past: { everybody: past }, nowMs: START + MINUTE_MS })).toBe(true);
  });
});

describe("an address", () => {
  it("is counted by its network", () => {
    for (const [address, network] of [
      ["203.0.113.7", "203.0.113.0/24"], ["::ffff:203.0.113.200", "203.0.113.0/24"], ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"], ["2001:0db8:0001:0002::9", "2001:db8:1:2::/64"],
      ["2001:db8::1", "2001:db8:0:0::/64"], ["::1", "0:0:0:0::/64"], ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ] as const) expect(networkOf(address), address).toBe(network);
  });
});
