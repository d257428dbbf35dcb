/** Ten thousand connections of one vendor that is away for two hours: the house's own rules for when to call, played through without a network. */
import { describe, expect, it } from "vitest";
import { afterCalls, CLOSED, type Circuit } from "#http/circuit.ts";
import { MINUTE_MS } from "#units/time.ts";
import { ProviderRateLimited, ProviderResting, ProviderUnavailable } from "../errors.ts";
import type { ConnectionStatus } from "./connections.ts";
import { afterFailure } from "./failures.ts";

const START_MS = Date.UTC(2026, 9, 15, 12, 0, 0);
const OUTAGE_MS = 120 * MINUTE_MS;
const CONNECTIONS = 10_000;
/** What the vendor allows the app in a minute. */
const LIMIT = 3_000;
/** Attempts of one request that fails. */
const ATTEMPTS = 4;

/** Chance from a seed: the same in every run. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Person {
  nextMs: number;
  failures: number;
  status: ConnectionStatus;
  /** When they were first synced. */
  syncedMs: number | null;
}

/** Plays minute by minute; gives the calls of each, and everybody. */
function play(minutes: number, rules: { readonly hasCircuit: boolean }): { calls: number[]; people: Person[] } {
  const random = chance(20_261_121);
  const people = Array.from({ length: CONNECTIONS }, (): Person => ({ nextMs: START_MS + random() * 5 * MINUTE_MS, failures: 0, status: "active", syncedMs: null }));
  let circuit: Circuit = CLOSED;
  const calls: number[] = [];
  for (let minute = 0; minute < minutes; minute += 1) {
    const nowMs = START_MS + minute * MINUTE_MS;
    let used = 0;
    const isAway = nowMs < START_MS + OUTAGE_MS;
    const ask = (): void => {
      if (circuit.retryMs !== null && nowMs < circuit.retryMs) throw new ProviderResting("resting", circuit.retryMs);
      if (used >= LIMIT) throw new ProviderRateLimited("spent", nowMs + MINUTE_MS);
      used += Math.min(isAway ? ATTEMPTS : 1, LIMIT - used);
      if (rules.hasCircuit) circuit = afterCalls(circuit, isAway ? "0" : "1", { nowMs, random: random() });
      if (isAway) throw new ProviderUnavailable("away");
    };
    // Who waits longest comes first, as in the sweep.
    for (const person of people.filter(({ nextMs }) => nextMs <= nowMs).toSorted((one, other) => one.nextMs - other.nextMs)) {
      try {
        ask();
        Object.assign(person, { nextMs: nowMs + 5 * MINUTE_MS, failures: 0, status: "active", syncedMs: person.syncedMs ?? nowMs });
      } catch (error) {
        const after = afterFailure(person, error, { nowMs, random: random() });
        Object.assign(person, { nextMs: after.nextMs, failures: after.failures, status: after.status });
      }
    }
    calls.push(used);
  }
  return { calls, people };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

describe("a vendor that is away for two hours, with ten thousand people", () => {
  const { calls, people } = play(180, { hasCircuit: true });

  it("[QU-04] is called a few hundred times in all, not a few hundred times a minute", () => {
    expect(sum(calls.slice(0, 120))).toBeLessThan(300);
    expect(Math.max(...calls.slice(5, 120))).toBeLessThanOrEqual(ATTEMPTS);
    // Against the same people without a circuit, whose own back-off alone is no help to the vendor.
    expect(sum(play(120, { hasCircuit: false }).calls)).toBeGreaterThan(30_000);
  });

  it("[QU-04, VA-03] is called no faster than it allows when it comes back", () => {
    expect(Math.max(...calls.slice(120))).toBe(LIMIT);
  });

  it("[QU-04] has everybody back within its last rest of a quarter of an hour and the minutes that its limit takes", () => {
    const back = people.map(({ syncedMs }) => (syncedMs ?? Number.POSITIVE_INFINITY) - (START_MS + OUTAGE_MS));
    expect(Math.min(...back)).toBeLessThanOrEqual(15 * MINUTE_MS);
    expect(Math.max(...back) - Math.min(...back)).toBeLessThanOrEqual(8 * MINUTE_MS);
    expect(people.every(({ status, failures }) => status === "active" && failures === 0)).toBe(true);
  });

  it("[VA-03] is not held against the people: their connections stay active while it rests", () => {
    const during = play(110, { hasCircuit: true }).people;
    expect(during.filter(({ status }) => status === "error")).toEqual([]);
  });
});
