/** Streaks against counting day by day. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, HOUR_MS } from "#units/time.ts";
import { dayAt, localDays, type LocalDay, type ZoneHistory } from "#units/zones.ts";
import { measuringStreak, type MeasuredDay } from "./streaks.ts";

const MADRID: ZoneHistory = { home: "Europe/Madrid", entries: [] };
const FIRST = "2026-03-20";

/** What a person would count with a calendar and a pencil. */
function byHand(calendar: readonly LocalDay[], measured: ReadonlySet<string>): { current: number; longest: number } {
  const marks = calendar.map(({ date }) => (measured.has(date) ? "x" : "-")).join("");
  const longest = Math.max(0, ...marks.split("-").map((run) => run.length));
  // Today may still come.
  const current = /x*$/.exec(marks.endsWith("-") ? marks.slice(0, -1) : marks)![0].length;
  return { current, longest };
}

const of = (calendar: readonly LocalDay[], measured: ReadonlySet<string>, times = 2): MeasuredDay[] => calendar.filter(({ date }) => measured.has(date)).map((day) => ({ ...day, times }));

describe("a streak", () => {
  it("is what counting day by day gives, wherever the person travelled", () => {
    const zone = fc.constantFrom("Europe/Madrid", "America/New_York", "Asia/Tokyo", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Australia/Lord_Howe");
    const move = fc.record({ hours: fc.integer({ min: 0, max: 60 * 24 }), zone });
    fc.assert(fc.property(fc.array(move, { maxLength: 5 }), fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { maxLength: 60 }), (moves, indexes) => {
      const startMs = Date.parse("2026-03-20T00:00:00Z");
      const entries = [...new Map(moves.map(({ hours, zone }) => [startMs + hours * HOUR_MS, zone]))].map(([fromMs, zone]) => ({ fromMs, zone })).toSorted((a, b) => a.fromMs - b.fromMs);
      const calendar = localDays({ home: "Europe/Madrid", entries }, FIRST, addDays(FIRST, 59));
      const measured = new Set(indexes.map((index) => addDays(FIRST, index)));
      const days = of(calendar, measured);
      const streak = measuringStreak(days, calendar.at(-1)!);
      const counted = byHand(calendar, measured);
      expect([streak.currentDays, streak.longestDays, streak.timesMeasured, streak.lastMeasuredOn]).toEqual([counted.current, counted.longest, days.length * 2, days.at(-1)?.date ?? null]);
      if (streak.longestFrom !== null) expect(calendar.filter(({ date }) => date >= streak.longestFrom! && date <= streak.longestTo!)).toHaveLength(streak.longestDays);
    }), { seed: 7, numRuns: 300 });
  });

  it("goes on through a day of 23 hours, one of 25 and one of 40", () => {
    const flight: ZoneHistory = { home: "Pacific/Auckland", entries: [{ fromMs: Date.parse("2026-03-10T10:00:00Z"), zone: "America/Los_Angeles" }] };
    for (const [history, date, hours] of [[MADRID, "2026-03-29", 23], [MADRID, "2026-10-25", 25], [flight, "2026-03-10", 44]] as const) {
      const calendar = localDays(history, addDays(date, -2), addDays(date, 2));
      expect((calendar[2]!.toMs - calendar[2]!.fromMs) / HOUR_MS).toBe(hours);
      expect(measuringStreak(of(calendar, new Set(calendar.map((day) => day.date))), calendar.at(-1)!)).toMatchObject({ currentDays: 5, longestDays: 5 });
    }
  });

  it("goes on over a date that the calendar skipped: Samoa had no 30 December 2011", () => {
    const samoa: ZoneHistory = { home: "Pacific/Apia", entries: [] };
    const calendar = localDays(samoa, "2011-12-28", "2012-01-01");
    expect(calendar.map(({ date }) => date)).not.toContain("2011-12-30");
    expect(measuringStreak(of(calendar, new Set(calendar.map(({ date }) => date))), calendar.at(-1)!)).toMatchObject({ currentDays: 4, longestFrom: "2011-12-28", longestTo: "2012-01-01" });
  });

  it("counts up to yesterday until today has a value, and is over the day after", () => {
    const days = of(localDays(MADRID, FIRST, addDays(FIRST, 4)), new Set([FIRST, addDays(FIRST, 1), addDays(FIRST, 2)]));
    const on = (offset: number): LocalDay => dayAt(MADRID, Date.parse(`${addDays(FIRST, offset)}T10:00:00Z`));
    expect([2, 3, 4].map((offset) => measuringStreak(days, on(offset)).currentDays)).toEqual([3, 3, 0]);
    expect(measuringStreak(days, on(4))).toEqual({ timesMeasured: 6, currentDays: 0, longestDays: 3, longestFrom: FIRST, longestTo: addDays(FIRST, 2), lastMeasuredOn: addDays(FIRST, 2) });
  });

  it("is none where nothing was measured", () => {
    expect(measuringStreak([], dayAt(MADRID, 0))).toEqual({ timesMeasured: 0, currentDays: 0, longestDays: 0, longestFrom: null, longestTo: null, lastMeasuredOn: null });
  });
});
