import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { afterCalls, CALLS_JUDGED, CLOSED, type Circuit } from "./circuit.ts";

const NOW_MS = 1_000_000_000;
const at = (nowMs = NOW_MS, random = 1) => ({ nowMs, random });
const open = (): Circuit => afterCalls(CLOSED, "1".repeat(10) + "0".repeat(10), at());

describe("a vendor's circuit", () => {
  it("[VA-03] opens at ten failures among the last twenty calls, and at no fewer", () => {
    expect(afterCalls(CLOSED, "0".repeat(9) + "1".repeat(11), at()).retryMs).toBeNull();
    expect(afterCalls(CLOSED, "0".repeat(10) + "1".repeat(10), at())).toEqual({ outcomes: "", opened: 1, retryMs: NOW_MS + 30_000 });
  });

  it("[VA-03] says nothing of fewer than twenty calls, however they ended", () => {
    expect(afterCalls(CLOSED, "0".repeat(19), at()).retryMs).toBeNull();
    expect(afterCalls(afterCalls(CLOSED, "0".repeat(19), at()), "0", at()).retryMs).not.toBeNull();
  });

  it("[VA-03] closes at the first answer of whoever tries, and begins to count anew", () => {
    expect(afterCalls(open(), "1", at(NOW_MS + 30_000))).toEqual(CLOSED);
  });

  it("[VA-03] rests ever longer while a vendor flaps, at most a quarter of an hour, with full jitter", () => {
    let circuit = open();
    const rests: number[] = [];
    for (let tries = 0; tries < 7; tries += 1) {
      const nowMs = circuit.retryMs!;
      circuit = afterCalls(circuit, "0", at(nowMs));
      rests.push(circuit.retryMs! - nowMs);
    }
    expect(rests).toEqual([60_000, 120_000, 240_000, 480_000, 900_000, 900_000, 900_000]);
    expect(afterCalls(open(), "0", at(NOW_MS + 30_000, 0.25)).retryMs).toBe(NOW_MS + 30_000 + 15_000);
    expect(afterCalls(open(), "0", at(NOW_MS + 30_000, 0)).retryMs).toBe(NOW_MS + 31_000);
  });

  it("takes no notice of those who had begun before it opened", () => {
    expect(afterCalls(open(), "000", at(NOW_MS + 29_999))).toEqual(open());
  });

  it("keeps no more than it judges", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("1", "0"), { maxLength: 80 }), (calls) => {
        let circuit = CLOSED;
        for (const call of calls) circuit = afterCalls(circuit, call, at());
        expect(circuit.outcomes.length).toBeLessThanOrEqual(CALLS_JUDGED);
        expect(circuit.opened > 0).toBe(circuit.retryMs !== null);
      }), { seed: 20_261_121, numRuns: 200 },
    );
  });
});
