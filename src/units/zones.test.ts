import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, DAY_MS, HOUR_MS, MINUTE_MS, offsetMinutesAt } from "./time.ts";
import { dateAt, dayAt, daysTouching, isZoneName, localDays, offsetIn, zoneAt, type LocalDay, type ZoneHistory } from "./zones.ts";

const SEED = { seed: 20261121, numRuns: 300 } as const;
const at = (text: string): number => Date.parse(text);
const home = (zone: string, ...entries: [string, string][]): ZoneHistory => ({ home: zone, entries: entries.map(([from, name]) => ({ fromMs: at(from), zone: name })) });
const hours = (days: readonly LocalDay[]): [string, number][] => days.map(({ date, fromMs, toMs }) => [date, (toMs - fromMs) / HOUR_MS]);

/** What the runtime itself says, without anything of ours. */
function shownBy(zone: string, ms: number): string {
  const parts = new Intl.DateTimeFormat("en-u-hc-h23", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(ms);
  const part = (type: string): string => parts.find((each) => each.type === type)!.value;
  return `${part("year")}-${part("month")}-${part("day")}`;
}

// Some of every kind, and those whose clocks are odd: half hours, midnights that do not exist, dates skipped, changes at one past midnight.
const ZONES = [
  "UTC", "Europe/Madrid", "Europe/London", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "America/St_Johns", "America/Havana", "America/Asuncion", "America/Santiago",
  "America/Caracas", "America/Godthab", "Asia/Beirut", "Asia/Amman", "Asia/Gaza", "Asia/Tehran", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo", "Asia/Pyongyang", "Asia/Kamchatka",
  "Africa/Cairo", "Africa/Casablanca", "Africa/Juba", "Atlantic/Azores", "Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham",
  "Pacific/Kiritimati", "Pacific/Kwajalein", "Pacific/Marquesas", "Pacific/Pago_Pago", "Pacific/Tongatapu", "Antarctica/Troll",
];
const someZone = fc.constantFrom(...ZONES);
const FIRST_MS = at("1990-01-01T00:00:00Z");
const LAST_MS = at("2037-12-31T00:00:00Z");
const someInstant = fc.integer({ min: FIRST_MS / MINUTE_MS, max: LAST_MS / MINUTE_MS }).map((minutes) => minutes * MINUTE_MS);
/** A life of moving: sometimes for hours, sometimes for years. */
const someHistory = fc.record({ zone: someZone, moves: fc.array(fc.tuple(someInstant, fc.integer({ min: 0, max: 3 * DAY_MS }), someZone, someZone), { maxLength: 5 }) }).map(
  ({ zone, moves }): ZoneHistory => {
    const entries = new Map(moves.flatMap(([ms, lasts, there, then]) => [[ms, there], [ms + lasts + 1, then]] as const));
    return { home: zone, entries: [...entries].map(([fromMs, name]) => ({ fromMs, zone: name })).toSorted((a, b) => a.fromMs - b.fromMs) };
  },
);
/** Instants near what changes. */
const historyAndInstant = fc.tuple(someHistory, someInstant, fc.integer({ min: -40 * HOUR_MS, max: 40 * HOUR_MS }), fc.nat()).map(([history, ms, near, which]) => {
  const entry = history.entries[which % (history.entries.length + 1)];
  return { history, ms: entry ? entry.fromMs + near : ms };
});

describe("a person's zones", () => {
  it("hold from their instant on, and home before the first and without any", () => {
    const history = home("Europe/Madrid", ["2026-03-01T10:00:00Z", "Asia/Tokyo"], ["2026-03-10T10:00:00Z", "Europe/Madrid"]);
    expect(zoneAt(history, at("2026-03-01T09:59:59.999Z"))).toBe("Europe/Madrid");
    expect(zoneAt(history, at("2026-03-01T10:00:00Z"))).toBe("Asia/Tokyo");
    expect(zoneAt(history, at("2026-03-10T10:00:00Z"))).toBe("Europe/Madrid");
    expect(zoneAt(home("Asia/Tokyo"), 0)).toBe("Asia/Tokyo");
    expect(offsetIn(history, at("2026-03-05T00:00:00Z"))).toBe(540);
  });

  it("are named by IANA names, of which an offset is none", () => {
    expect(["Europe/Madrid", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"].filter((name) => !isZoneName(name))).toEqual([]);
    expect(["+02:00", "-05", "Mars/Olympus", "", " UTC", "Europe/Madrid ", "Europe\0Madrid"].filter(isZoneName)).toEqual([]);
  });
});

describe("local days", () => {
  it.each([
    ["of 23 and 25 hours", "Europe/Madrid", "2026-03-28", [["2026-03-28", 24], ["2026-03-29", 23], ["2026-03-30", 24]]],
    ["of 25 hours", "Europe/Madrid", "2026-10-24", [["2026-10-24", 24], ["2026-10-25", 25], ["2026-10-26", 24]]],
    ["of 24.5 hours on Lord Howe", "Australia/Lord_Howe", "2026-04-04", [["2026-04-04", 24], ["2026-04-05", 24.5], ["2026-04-06", 24]]],
    ["of 23.5 hours on Lord Howe", "Australia/Lord_Howe", "2026-10-03", [["2026-10-03", 24], ["2026-10-04", 23.5], ["2026-10-05", 24]]],
    ["where a date is skipped (Samoa)", "Pacific/Apia", "2011-12-29", [["2011-12-29", 24], ["2011-12-31", 24]]],
    ["without their midnight (Beirut)", "Asia/Beirut", "2026-03-28", [["2026-03-28", 24], ["2026-03-29", 23], ["2026-03-30", 24]]],
    ["without their midnight (São Paulo)", "America/Sao_Paulo", "2018-11-03", [["2018-11-03", 24], ["2018-11-04", 23], ["2018-11-05", 24]]],
    ["without their midnight (Cairo)", "Africa/Cairo", "2026-04-23", [["2026-04-23", 24], ["2026-04-24", 23], ["2026-04-25", 24]]],
    ["whose clocks go back over midnight (São Paulo)", "America/Sao_Paulo", "2019-02-15", [["2019-02-15", 24], ["2019-02-16", 25], ["2019-02-17", 24]]],
    ["whose clocks go back at one past midnight (St. John's): the day that had begun has the hour", "America/St_Johns", "2006-10-28", [["2006-10-28", 24], ["2006-10-29", 25], ["2006-10-30", 24]]],
  ] as const)("%s are told as they are", (_what, zone, from, expected) => {
    expect(hours(localDays(home(zone), from, addDays(from, 2)))).toEqual(expected);
  });

  it("are longer when flying west and shorter when flying east", () => {
    const west = home("Europe/Madrid", ["2026-05-10T12:00:00Z", "America/New_York"]);
    expect(hours(localDays(west, "2026-05-09", "2026-05-11"))).toEqual([["2026-05-09", 24], ["2026-05-10", 30], ["2026-05-11", 24]]);
    const east = home("America/New_York", ["2026-05-10T12:00:00Z", "Europe/Madrid"]);
    expect(hours(localDays(east, "2026-05-09", "2026-05-11"))).toEqual([["2026-05-09", 24], ["2026-05-10", 18], ["2026-05-11", 24]]);
  });

  it("that come again after the date line are one long day, and one that is flown over does not exist", () => {
    // Tokyo, the 10th at 18:00 → Los Angeles, the 10th at 02:00.
    const back = home("Asia/Tokyo", ["2026-05-10T09:00:00Z", "America/Los_Angeles"]);
    expect(hours(localDays(back, "2026-05-09", "2026-05-11"))).toEqual([["2026-05-09", 24], ["2026-05-10", 40], ["2026-05-11", 24]]);
    expect(dateAt(back, at("2026-05-10T10:00:00Z"))).toBe("2026-05-10");
    // Pago Pago, the 10th at 23:30 → Kiritimati, the 12th at 00:30.
    const ahead = home("Pacific/Pago_Pago", ["2026-05-11T10:30:00Z", "Pacific/Kiritimati"]);
    expect(hours(localDays(ahead, "2026-05-09", "2026-05-12"))).toEqual([["2026-05-09", 24], ["2026-05-10", 23.5], ["2026-05-12", 23.5]]);
    // Kiritimati, the 12th at 00:30 → Pago Pago, the 10th at 23:30: the 12th has begun.
    const backAgain = home("Pacific/Kiritimati", ["2026-05-11T10:30:00Z", "Pacific/Pago_Pago"]);
    expect(hours(localDays(backAgain, "2026-05-11", "2026-05-13"))).toEqual([["2026-05-11", 24], ["2026-05-12", 49], ["2026-05-13", 24]]);
  });

  it("refuse what is no date, and are none back to front", () => {
    expect(() => localDays(home("UTC"), "2026-02-30", "2026-03-01")).toThrow(RangeError);
    expect(() => localDays(home("UTC"), "2026-02-01", "yesterday")).toThrow(RangeError);
    expect(() => localDays(home("Mars/Olympus"), "2026-02-01", "2026-02-01")).toThrow(RangeError);
    expect(localDays(home("UTC"), "2026-02-02", "2026-02-01")).toEqual([]);
    expect(daysTouching(home("UTC"), { fromMs: 5, toMs: 5 })).toEqual([]);
  });

  it("[R7] divide time without hole or overlap, dates ascending, whatever the zones and moves", () => {
    fc.assert(fc.property(historyAndInstant, fc.integer({ min: 1, max: 40 }), ({ history, ms }, count) => {
      const fromDate = dateAt(history, ms);
      const days = localDays(history, fromDate, addDays(fromDate, count));
      expect(days[0]!.date).toBe(fromDate);
      for (const [index, day] of days.entries()) {
        expect(day.toMs).toBeGreaterThan(day.fromMs);
        // Two zones at once differ by 26 hours at most.
        expect(day.toMs - day.fromMs).toBeLessThanOrEqual(51 * HOUR_MS);
        if (index === 0) continue;
        expect(day.fromMs).toBe(days[index - 1]!.toMs);
        expect(day.date > days[index - 1]!.date).toBe(true);
      }
    }), SEED);
  });

  it("[R7] hold each instant in exactly one of them, which dayAt finds, and dates never go back", () => {
    fc.assert(fc.property(historyAndInstant, fc.integer({ min: 0, max: 3 * DAY_MS }), ({ history, ms }, later) => {
      const day = dayAt(history, ms);
      expect(day.fromMs <= ms && ms < day.toMs).toBe(true);
      expect(localDays(history, addDays(day.date, -3), addDays(day.date, 3)).filter(({ fromMs, toMs }) => fromMs <= ms && ms < toMs)).toEqual([day]);
      expect(dateAt(history, day.fromMs)).toBe(day.date);
      expect(dateAt(history, day.toMs - 1)).toBe(day.date);
      expect(dateAt(history, day.toMs) > day.date).toBe(true);
      expect(dateAt(history, ms + later) >= day.date).toBe(true);
      expect(shownBy(zoneAt(history, ms), ms) <= day.date).toBe(true);
    }), SEED);
  });

  it("are those that touch a window, and no others", () => {
    fc.assert(fc.property(historyAndInstant, fc.integer({ min: 1, max: 9 * DAY_MS }), ({ history, ms }, length) => {
      const days = daysTouching(history, { fromMs: ms, toMs: ms + length });
      expect(days[0]!.fromMs <= ms && ms < days[0]!.toMs).toBe(true);
      expect(days.at(-1)!.fromMs < ms + length && ms + length <= days.at(-1)!.toMs).toBe(true);
    }), SEED);
  });

  it("of one zone are what the runtime's own calendar shows, in every zone and year", () => {
    fc.assert(fc.property(someZone, someInstant, (zone, ms) => {
      const history = home(zone);
      const day = dayAt(history, ms);
      const shown = shownBy(zone, ms);
      // The hour after clocks went back over midnight shows the day before.
      if (shown !== day.date) expect(shown < day.date && day.toMs - day.fromMs > DAY_MS).toBe(true);
      expect(shownBy(zone, day.fromMs)).toBe(day.date);
      expect(shownBy(zone, day.fromMs - 1) < day.date).toBe(true);
      expect(shownBy(zone, day.toMs) > day.date).toBe(true);
    }), { ...SEED, numRuns: 1_500 });
  });

  it("find the offset to the minute where clocks change within a quarter hour", () => {
    // St. John's, 2006-10-29 at 00:01.
    const changeMs = at("2006-10-29T02:31:00Z");
    expect([offsetMinutesAt("America/St_Johns", changeMs - 1), offsetMinutesAt("America/St_Johns", changeMs)]).toEqual([-150, -210]);
  });
});
