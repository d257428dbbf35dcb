import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Resource } from "#driver/types.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, type Window } from "#units/time.ts";
import type { Cursor } from "./connections.ts";
import { advance, backfillProgress, nextDueMs, planWindows } from "./windows.ts";

type Pull = NonNullable<Resource["pull"]>;

const NOW_MS = Date.UTC(2026, 9, 15, 12, 0, 0);
const CGM: Pull = { maxWindowMs: 29 * DAY_MS, backfillDays: 90, everySeconds: 300, overlapMs: DAY_MS };
const PUSHED: Pull = { maxWindowMs: 30 * DAY_MS, backfillDays: 90, everySeconds: 86_400, overlapMs: 0, deliversByWebhook: true, backfillOnly: true };
const RUNS = { seed: 20_261_015, numRuns: 150 };

const pulls = fc.record({
  maxWindowMs: fc.integer({ min: 2 * HOUR_MS, max: 400 * DAY_MS }),
  backfillDays: fc.integer({ min: 0, max: 400 }),
  everySeconds: fc.integer({ min: 60, max: 90_000 }),
  overlapMs: fc.oneof(fc.constant(0), fc.integer({ min: HOUR_MS, max: 10 * DAY_MS })),
});

/** A vendor that is asked: what was stored of which windows, and where the cursor came to stand. */
function world(pull: Pull, startMs = NOW_MS) {
  let cursor: Cursor | undefined;
  let nowMs = startMs;
  const asked: (Window & { readonly atMs: number })[] = [];
  return {
    pass: (ms: number) => (nowMs += ms),
    nowMs: () => nowMs,
    cursor: () => cursor,
    asked,
    plan: () => planWindows(pull, cursor, { nowMs, connectedMs: startMs }),
    /** Stores at most `most` of the due windows, then is killed. */
    sync(most = Infinity) {
      const windows = planWindows(pull, cursor, { nowMs, connectedMs: startMs });
      for (const window of windows.slice(0, most)) {
        asked.push({ ...window, atMs: nowMs });
        cursor = advance(cursor, window, { nowMs, isRefused: false, digests: [] });
      }
      return windows;
    },
  };
}

/** Whether the windows leave no hole in the stretch. */
function isCovered(stretch: Window, windows: readonly Window[]): boolean {
  let reachedMs = stretch.fromMs;
  for (const { fromMs, toMs } of windows.toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (fromMs > reachedMs) return reachedMs >= stretch.toMs;
    reachedMs = Math.max(reachedMs, toMs);
  }
  return reachedMs >= stretch.toMs;
}

describe("planWindows", () => {
  it("[E4] asks for today first and goes back to the end of the back-fill, without a hole and never longer than allowed", () => {
    const windows = planWindows(CGM, undefined, { nowMs: NOW_MS, connectedMs: NOW_MS });
    expect(windows.map(({ fromMs, toMs }) => [(NOW_MS - fromMs) / DAY_MS, (NOW_MS - toMs) / DAY_MS])).toEqual([[29, 0], [58, 29], [87, 58], [90, 87]]);
    expect(windows.every(({ news }) => news === null)).toBe(true);
  });

  it("[E4] covers only what is stored, whatever the vendor's limits, the times and the kills in between, and gets to the whole in the end", () => {
    fc.assert(
      fc.property(
        pulls, fc.array(fc.record({ passMs: fc.integer({ min: 0, max: 20 * DAY_MS }), killedAfter: fc.integer({ min: 0, max: 4 }) }), { maxLength: 12 }),
        (pull, days) => {
          const life = world(pull);
          for (const { passMs, killedAfter } of days) {
            life.pass(passMs);
            for (const window of life.sync(killedAfter)) {
              expect(window.toMs - window.fromMs).toBeGreaterThan(0);
              expect(window.toMs - window.fromMs).toBeLessThanOrEqual(pull.maxWindowMs);
            }
            const cursor = life.cursor();
            if (cursor) expect(isCovered({ fromMs: cursor.fromMs, toMs: cursor.throughMs }, life.asked)).toBe(true);
          }
          life.pass(pull.everySeconds * 1000);
          life.sync();
          const cursor = life.cursor();
          expect(isCovered({ fromMs: cursor!.fromMs, toMs: cursor!.throughMs }, life.asked)).toBe(true);
          expect(cursor!.fromMs).toBeLessThanOrEqual(life.nowMs() - pull.backfillDays * DAY_MS + HOUR_MS);
          expect(life.plan()).toEqual([]);
        },
      ), RUNS,
    );
  });

  it("asks for the news before the deeper past, the oldest of them first, and for the past from newest to oldest", () => {
    fc.assert(
      fc.property(pulls, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 60 * DAY_MS }), (pull, killedAfter, passMs) => {
        const life = world(pull);
        life.sync(killedAfter);
        life.pass(passMs);
        const windows = life.plan();
        const firstOfPast = windows.findIndex(({ news }) => news === null);
        const news = firstOfPast < 0 ? windows : windows.slice(0, firstOfPast);
        const past = firstOfPast < 0 ? [] : windows.slice(firstOfPast);
        expect(past.every((window) => window.news === null)).toBe(true);
        for (const [index, window] of news.entries()) if (index > 0) expect(window.fromMs).toBe(news[index - 1]!.toMs);
        for (const [index, window] of past.entries()) if (index > 0) expect(window.toMs).toBe(past[index - 1]!.fromMs);
      }), RUNS,
    );
  });

  it("asks again for what a vendor may still bring late, within the overlap", () => {
    const pull = { ...CGM, backfillDays: 2 };
    const life = world(pull);
    life.sync();
    for (let poll = 0; poll < 60 * 12; poll += 1) {
      life.pass(5 * MINUTE_MS);
      life.sync();
    }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: DAY_MS }), fc.integer({ min: 0, max: 0.9 * DAY_MS }), (afterMs, lateMs) => {
        const measuredMs = NOW_MS + afterMs;
        const arrivedMs = measuredMs + lateMs;
        expect(life.asked.some((window) => window.atMs >= arrivedMs && window.fromMs <= measuredMs && window.toMs > measuredMs)).toBe(true);
      }), RUNS,
    );
  });

  it("asks for the whole overlap hourly and for its last hours in between, from starts that stand still for hours", () => {
    const life = world(CGM);
    life.sync();
    const starts = new Set<number>();
    let askedMs = 0;
    for (let poll = 0; poll < 12 * 12; poll += 1) {
      life.pass(5 * MINUTE_MS);
      for (const window of life.sync()) {
        starts.add(window.fromMs);
        askedMs += window.toMs - window.fromMs;
      }
    }
    // A whole day asked each time would be 144 days; a start of its own for each would be 144 starts.
    expect(askedMs / DAY_MS).toBeLessThan(48);
    expect(starts.size).toBeLessThan(9);
  });

  it("asks a resource without a past for its last hour first, and for news from there on", () => {
    const life = world({ ...CGM, backfillDays: 0 });
    expect(life.sync().map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([[NOW_MS - HOUR_MS, NOW_MS]]);
    life.pass(300_000);
    expect(life.sync().map(({ toMs, news }) => [toMs, news])).toEqual([[NOW_MS + 300_000, "short"]]);
  });

  it("asks for news when they are due and not before, but at once when a person asks", () => {
    const life = world(CGM);
    life.sync();
    life.pass(299_000);
    expect(life.plan()).toEqual([]);
    expect(planWindows(CGM, life.cursor(), { nowMs: life.nowMs(), connectedMs: NOW_MS, asksNow: true }).map(({ news }) => news)).toEqual(["deep"]);
    life.pass(1_000);
    expect(life.plan()).toHaveLength(1);
  });

  it("asks when the plan says so, be it before the rhythm is over, and once", () => {
    const life = world(CGM);
    life.sync();
    const askedMs = life.nowMs();
    life.pass(280_000);
    const at = (dueMs: number) => planWindows(CGM, life.cursor(), { nowMs: life.nowMs(), connectedMs: NOW_MS, dueMs });
    expect(at(askedMs + 270_000)).toHaveLength(1);
    expect(at(askedMs + 290_000)).toEqual([]);
    expect(at(askedMs)).toEqual([]);
  });

  it("does not take the back-fill for having asked for news", () => {
    const life = world(CGM);
    life.sync(1);
    const { askedMs } = life.cursor()!;
    life.pass(60_000);
    life.sync();
    expect(life.cursor()!.askedMs).toBe(askedMs);
  });

  it("never asks again for what is pushed, but for the time in which the connection had ended", () => {
    const life = world(PUSHED);
    expect(life.sync()).toHaveLength(3);
    life.pass(40 * DAY_MS);
    expect(life.plan()).toEqual([]);
    const endedMs = NOW_MS + 40 * DAY_MS;
    const cursor = { ...life.cursor()!, throughMs: endedMs };
    const connectedMs = endedMs + 45 * DAY_MS;
    const windows = planWindows(PUSHED, cursor, { nowMs: connectedMs + 5_000, connectedMs });
    expect(windows.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([[endedMs, endedMs + 30 * DAY_MS], [endedMs + 30 * DAY_MS, connectedMs]]);
    const after = windows.reduce((kept, window) => advance(kept, window, { nowMs: connectedMs, isRefused: false, digests: [] }), cursor as Cursor);
    expect(planWindows(PUSHED, after, { nowMs: connectedMs + DAY_MS, connectedMs })).toEqual([]);
  });

  it("[OA-14] leaves a refused resource alone for a day, a pushed one for good, and asks when a person asks", () => {
    const [first] = planWindows(CGM, undefined, { nowMs: NOW_MS, connectedMs: NOW_MS });
    const refused = advance(undefined, first!, { nowMs: NOW_MS, isRefused: true, digests: [] });
    const later = (pull: Pull, ms: number, asksNow = false) => planWindows(pull, refused, { nowMs: NOW_MS + ms, connectedMs: NOW_MS, asksNow });
    expect(later(CGM, 23 * HOUR_MS)).toEqual([]);
    expect(later(CGM, DAY_MS).length).toBeGreaterThan(0);
    expect(later(PUSHED, 30 * DAY_MS)).toEqual([]);
    expect(later(PUSHED, HOUR_MS, true).length).toBeGreaterThan(0);
    const [again] = later(CGM, DAY_MS);
    expect(advance(refused, again!, { nowMs: NOW_MS + DAY_MS, isRefused: false, digests: [] })).not.toHaveProperty("isRefused");
  });
});

describe("nextDueMs", () => {
  const cursor: Cursor = { fromMs: NOW_MS - 90 * DAY_MS, throughMs: NOW_MS, askedMs: NOW_MS, deepMs: NOW_MS };
  const time = { nowMs: NOW_MS, connectedMs: NOW_MS };

  it("is a rhythm after the last question", () => {
    expect(nextDueMs(CGM, cursor, time)).toBe(NOW_MS + 300_000);
    expect(nextDueMs({ ...CGM, everySeconds: 3_600 }, cursor, time)).toBe(NOW_MS + 3_600_000);
  });

  it("is now while something of the past is left, also of what is pushed", () => {
    expect(nextDueMs(PUSHED, { ...cursor, fromMs: NOW_MS - 30 * DAY_MS }, time)).toBe(NOW_MS);
    expect(nextDueMs(CGM, undefined, time)).toBe(NOW_MS);
  });

  it("is never where all is pushed, and a day later for a refused resource", () => {
    expect(nextDueMs(PUSHED, cursor, time)).toBeNull();
    expect(nextDueMs(CGM, { ...cursor, isRefused: true }, time)).toBe(NOW_MS + DAY_MS);
  });
});

describe("backfillProgress", () => {
  it("grows to one over all resources that have a past, and counts a refused one as done", () => {
    const resources = ["egvs", "events"].map((name): Resource => ({ name, format: "json", pull: CGM, metrics: [], records: [] }));
    const done: Cursor = { fromMs: NOW_MS - 90 * DAY_MS, throughMs: NOW_MS, askedMs: NOW_MS };
    expect(backfillProgress(resources, {}, NOW_MS)).toBe(0);
    expect(backfillProgress(resources, { egvs: done }, NOW_MS)).toBeCloseTo(0.5, 2);
    expect(backfillProgress(resources, { egvs: done, events: { ...done, fromMs: NOW_MS, isRefused: true } }, NOW_MS)).toBe(1);
    expect(backfillProgress([], {}, NOW_MS)).toBe(1);
  });
});
