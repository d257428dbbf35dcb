import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Resource } from "#driver/types.ts";
import { ProviderContractBroken } from "../errors.ts";
import { DAY_MS, HOUR_MS } from "#units/time.ts";
import type { Cursor } from "./connections.ts";
import { failurePauseMs, firstDueMs, isResting, planAfter, worstOf, type Plan, type RunFacts } from "./plan.ts";

const NOW_MS = Date.UTC(2026, 9, 15, 12, 0, 0);
const resource = (name: string, everySeconds: number, change: object = {}): Resource => ({
  name, format: "json", metrics: [], records: [], pull: { maxWindowMs: 30 * DAY_MS, backfillDays: 90, everySeconds, overlapMs: DAY_MS, ...change },
});
const CGM = resource("egvs", 300);
const DAILY = resource("daily", 86_400);
const done: Cursor = { fromMs: NOW_MS - 90 * DAY_MS, throughMs: NOW_MS, askedMs: NOW_MS, deepMs: NOW_MS };
const time = { nowMs: NOW_MS, connectedMs: NOW_MS };
const facts = (change: Partial<RunFacts> = {}): RunFacts => ({
  earlier: {}, cursors: { egvs: done, daily: done }, asked: new Set(["egvs", "daily"]), failed: new Map(), pastNotBeforeMs: null, ...change,
});
const plan = (change: Partial<RunFacts> = {}, random = 0.5): Plan => planAfter([CGM, DAILY], facts(change), time, () => random);

describe("the plan of a connection", () => {
  it("gives each resource its own due time by its own rhythm, spread by chance", () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 86_400 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (everySeconds, random) => {
        const { dueMs } = planAfter([resource("egvs", everySeconds)], facts(), time, () => random)["egvs"]!;
        const share = (dueMs! - NOW_MS) / (everySeconds * 1000);
        expect(share).toBeGreaterThanOrEqual(0.9);
        expect(share).toBeLessThanOrEqual(1.1);
      }), { seed: 20_261_121, numRuns: 300 },
    );
    expect(firstDueMs(plan())).toBe(plan()["egvs"]!.dueMs);
  });

  it("[WH-29] asks within a day for what is asked for once a day, whatever the chance", () => {
    for (const random of [0, 0.5, 0.999]) expect(plan({}, random)["daily"]!.dueMs! - NOW_MS).toBeLessThanOrEqual(DAY_MS);
  });

  it("leaves alone what was not asked and is not due", () => {
    const earlier = { daily: { dueMs: NOW_MS + 5 * HOUR_MS, failures: 0, code: null } };
    expect(plan({ earlier, asked: new Set(["egvs"]) })["daily"]).toEqual(earlier.daily);
  });

  it("[E8] lets a resource that fails rest ever longer, alone, and forgets it with the first success", () => {
    const failed = new Map([["daily", new ProviderContractBroken("x", "$")]]);
    const once = plan({ failed });
    expect(once["daily"]).toEqual({ dueMs: NOW_MS + 60_000, failures: 1, code: "provider_contract" });
    expect(once["egvs"]).toMatchObject({ failures: 0, code: null });
    const twice = plan({ failed, earlier: once });
    expect(twice["daily"]).toMatchObject({ dueMs: NOW_MS + 120_000, failures: 2 });
    expect([isResting(twice["daily"], NOW_MS), isResting(twice["daily"], NOW_MS + 120_000)]).toEqual([true, false]);
    expect(worstOf(twice)).toMatchObject({ failures: 2 });
    expect(worstOf(plan({ earlier: twice }))).toBeNull();
  });

  it("keeps what failed before in mind while it rests", () => {
    const earlier = { daily: { dueMs: NOW_MS + HOUR_MS, failures: 6, code: "provider_contract" } };
    expect(worstOf(plan({ earlier, asked: new Set(["egvs"]) }))).toMatchObject({ failures: 6 });
  });

  it("[VA-02] keeps the past waiting as long as the vendor wants, and the news no longer than their rhythm", () => {
    const cursors = { egvs: { ...done, fromMs: NOW_MS - 10 * DAY_MS }, daily: done };
    expect(plan({ cursors })["egvs"]!.dueMs).toBe(NOW_MS + 30_000);
    expect(plan({ cursors, pastNotBeforeMs: NOW_MS + 200_000 })["egvs"]!.dueMs).toBe(NOW_MS + 200_000);
    expect(plan({ cursors, pastNotBeforeMs: NOW_MS + HOUR_MS })["egvs"]!.dueMs).toBe(NOW_MS + 300_000);
  });

  it("never asks by itself for what is pushed", () => {
    expect(planAfter([resource("egvs", 300, { backfillOnly: true })], facts(), time, () => 0.5)["egvs"]!.dueMs).toBeNull();
    expect(firstDueMs({})).toBeNull();
  });
});

describe("the pause after failures", () => {
  it("[QU-04] has full jitter under a doubling ceiling of six hours, and never hurries", () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 7, 8, 9, 20].map((failures) => failurePauseMs(failures, 1));
    expect(ceilings).toEqual([120_000, 240_000, 480_000, 960_000, 1_920_000, 3_840_000, 7_680_000, 15_360_000, 21_600_000, 21_600_000]);
    const spread = Array.from({ length: 10 }, (_, tenth) => failurePauseMs(8, tenth / 10));
    expect(spread[0]).toBe(30_000);
    for (const [index, pause] of spread.entries()) if (index > 0) expect(pause - spread[index - 1]!).toBeGreaterThan(1_500_000);
  });
});
