/** A clock that stands until it is moved; sleeping moves it. */
import type { Clock } from "../../src/clock.ts";

export const TEST_NOW_MS = Date.UTC(2026, 9, 15, 12, 0, 0);

export interface TestClock extends Clock {
  advance(ms: number): void;
}

export function createTestClock(startMs = TEST_NOW_MS): TestClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      nowMs += ms;
    },
  };
}
