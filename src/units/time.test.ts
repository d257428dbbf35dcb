import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addDays, DAY_MS, formatInstant, formatWithOffset, HOUR_MS, instantOfWall, isZone, localDate, localDay, MINUTE_MS, offsetMinutesAt, parseInstant,
  parseTime, wallTime,
} from "./time.ts";

const at = (text: string): number => Date.parse(text);
/** A north and a south, a half-hour change, and a zone that never changes. */
const ZONES = ["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"] as const;
const runs = { numRuns: 300, seed: 20_261_015 };
const instants = fc.integer({ min: at("1971-01-01T00:00:00Z"), max: at("2099-12-31T00:00:00Z") });

/** The offset as Intl tells it for this very instant, without any memory in between. */
function offsetByIntl(zone: string, ms: number): number {
  const name = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(ms).find(({ type }) => type === "timeZoneName")!.value;
  const [, sign, hours, minutes = "0"] = /^GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name)!;
  return hours === undefined ? 0 : (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

describe("reading a time", () => {
  it("reads the spellings that vendors and files use", () => {
    const wallMs = at("2026-03-02T06:05:00Z");
    for (const [text, offsetMinutes, addMs] of [
      ["2026-03-02T06:05:00Z", 0, 0], ["2026-03-02t06:05:00z", 0, 0], ["2026-03-02 06:05", null, 0], ["2026-3-2 6:5:0", null, 0],
      ["2026-03-02T06:05:00+01:00", 60, 0], ["2026-03-02T06:05:00-0330", -210, 0], ["2026-03-02T06:05:00+14", 840, 0],
      ["2026-03-02T06:05:00-06:59:58", -420, 0], ["2026-03-02T06:05:00.5Z", 0, 500], ["2026-03-02T06:05:00,123456789 Z", 0, 123], [" 2026-03-02T06:05:00.999+00:00 ", 0, 999],
    ] as const) expect(parseTime(text), text).toEqual({ wallMs: wallMs + addMs, offsetMinutes });
    expect(parseTime("2026-03-02")).toEqual({ wallMs: at("2026-03-02T00:00:00Z"), offsetMinutes: null });
  });

  it("refuses what no calendar or clock shows, and rolls nothing over", () => {
    for (const text of [
      "", "today", "2026-02-30", "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-01-01T24:00", "2026-01-01T10:60", "2026-01-01T10:00:60",
      "1969-12-31T23:59:59Z", "2201-01-01", "0026-01-01", "2026-01-01T10", "2026-01-01T10:00+99:99", "2026-01-01T10:00+24:00", "2026-01-01T10:00+01:60",
      "2026-01-01T10:00:00.1234567890Z", "2026-01-01T10:00Zx", "20260101T100000Z", "1767225600", "2026-01-01T10:00:00\u0000Z",
    ]) expect(parseTime(text), text).toBeNull();
    expect(parseTime("2024-02-29")).not.toBeNull();
    expect(wallTime({ year: 2026, month: 2, day: 29 })).toBeNull();
  });

  it("takes no instant without an offset", () => {
    expect(parseInstant("2026-03-02T06:05:00")).toBeNull();
    expect(parseInstant("2026-03-02T06:05:00+01:00")).toEqual({ ms: at("2026-03-02T05:05:00Z"), offsetMinutes: 60 });
  });

  it("reads back what it writes, with any offset", () => {
    fc.assert(fc.property(instants, fc.integer({ min: -14 * 60, max: 14 * 60 }), (ms, offsetMinutes) => {
      expect(parseInstant(formatWithOffset(ms, offsetMinutes))).toEqual({ ms, offsetMinutes });
      expect(parseInstant(formatInstant(ms))?.ms).toBe(ms);
    }), runs);
    expect(formatWithOffset(at("2026-03-02T06:30:00Z"), 60)).toBe("2026-03-02T07:30:00+01:00");
    expect(formatWithOffset(at("2026-03-02T06:30:00.250Z"), -210)).toBe("2026-03-02T03:00:00.250-03:30");
    expect(() => formatInstant(Number.NaN)).toThrow(RangeError);
  });

  it("never throws, whatever the text is", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseInstant(text)), runs);
    fc.assert(fc.property(fc.stringMatching(/^[0-9TZ:+., -]{0,30}$/), (text) => void parseInstant(text)), runs);
  });
});

describe("offsets", () => {
  it("are those of Intl at every instant, remembered or not", () => {
    fc.assert(fc.property(fc.constantFrom(...ZONES, "America/St_Johns", "Pacific/Apia", "Africa/Casablanca"), fc.integer({ min: at("2009-01-01T00:00:00Z"), max: at("2037-12-31T00:00:00Z") }), (zone, ms) => {
      expect(offsetMinutesAt(zone, ms)).toBe(offsetByIntl(zone, ms));
    }), runs);
  });

  it("change at the very millisecond, not around it", () => {
    for (const [zone, text, before, after] of [
      ["Europe/Madrid", "2026-03-29T01:00:00Z", 60, 120], ["Europe/Madrid", "2026-10-25T01:00:00Z", 120, 60],
      ["America/New_York", "2026-03-08T07:00:00Z", -300, -240], ["Australia/Lord_Howe", "2026-04-04T15:00:00Z", 660, 630],
    ] as const) expect([offsetMinutesAt(zone, at(text) - 1), offsetMinutesAt(zone, at(text))], zone).toEqual([before, after]);
  });

  it("refuses zones that there are not", () => {
    for (const zone of ["", "Mars/Olympus", "Europe/Madrid ", "'; select 1"]) expect(isZone(zone), zone).toBe(false);
    expect(isZone("Europe/Madrid")).toBe(true);
    expect(() => offsetMinutesAt("Mars/Olympus", 0)).toThrow(RangeError);
  });
});

describe("wall times", () => {
  it("name one instant, and that instant shows them on the wall, outside of gaps [VA-10]", () => {
    fc.assert(fc.property(fc.constantFrom(...ZONES), instants, fc.constantFrom<"first" | "second">("first", "second"), (zone, ms, pass) => {
      const wallMs = ms + offsetMinutesAt(zone, ms) * MINUTE_MS;
      const found = instantOfWall(zone, wallMs, pass);
      expect(found + offsetMinutesAt(zone, found) * MINUTE_MS).toBe(wallMs);
      // Only where clocks went back is there another instant of the same wall time, one of the two passes.
      if (found !== ms) expect(Math.abs(found - ms)).toBeLessThanOrEqual(HOUR_MS);
      expect(instantOfWall(zone, wallMs, "first")).toBeLessThanOrEqual(instantOfWall(zone, wallMs, "second"));
    }), runs);
  });

  it("that come twice have a first and a second pass", () => {
    for (const [zone, wall, first, second] of [
      ["Europe/Madrid", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"],
      ["America/New_York", "2026-11-01T01:30:00Z", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"],
      ["Australia/Lord_Howe", "2026-04-05T01:45:00Z", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"],
    ] as const) {
      expect(formatInstant(instantOfWall(zone, at(wall))), zone).toBe(formatInstant(at(first)));
      expect(formatInstant(instantOfWall(zone, at(wall), "second")), zone).toBe(formatInstant(at(second)));
    }
  });

  it("that do not come are moved forward by the gap", () => {
    for (const [zone, wall, instant] of [
      ["Europe/Madrid", "2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z"], ["America/New_York", "2026-03-08T02:30:00Z", "2026-03-08T07:30:00Z"],
      ["Australia/Lord_Howe", "2026-10-04T02:15:00Z", "2026-10-03T15:45:00Z"],
    ] as const) expect(formatInstant(instantOfWall(zone, at(wall))), zone).toBe(formatInstant(at(instant)));
  });
});

describe("local days", () => {
  it("follow on one another without hole or overlap, and hold the instants of their date", () => {
    fc.assert(fc.property(fc.constantFrom(...ZONES, "Africa/Cairo", "America/Santiago", "America/Havana"), fc.integer({ min: 0, max: 36_000 }), (zone, number) => {
      const date = addDays("1972-01-01", number);
      const day = localDay(zone, date)!;
      expect(day.toMs).toBe(localDay(zone, addDays(date, 1))!.fromMs);
      const hours = (day.toMs - day.fromMs) / HOUR_MS;
      expect(hours >= 23 && hours <= 25).toBe(true);
      expect(localDate(zone, day.fromMs)).toBe(date);
      expect(localDate(zone, day.toMs - 1)).toBe(date);
    }), runs);
  });

  it("have 23 and 25 hours where clocks change, also at midnight", () => {
    const hours = (zone: string, date: string): number => {
      const { fromMs, toMs } = localDay(zone, date)!;
      return (toMs - fromMs) / HOUR_MS;
    };
    expect(hours("Europe/Madrid", "2026-03-29")).toBe(23);
    expect(hours("Europe/Madrid", "2026-10-25")).toBe(25);
    expect(hours("Africa/Cairo", "2026-04-24")).toBe(23);
    expect(formatInstant(localDay("Africa/Cairo", "2026-04-24")!.fromMs)).toBe("2026-04-23T22:00:00.000Z");
    expect(hours("Pacific/Apia", "2011-12-30")).toBe(0);
  });

  it("are none for what is no date", () => {
    for (const text of ["2026-02-30", "2026-13-01", "26-01-01", "2026-1-1", "2026-01-01T00:00", "9999-01-01", ""]) expect(localDay("UTC", text), text).toBeNull();
  });

  it("are counted by the calendar", () => {
    expect(addDays("2026-02-28", 1)).toBe("2026-03-01");
    expect(addDays("2024-02-28", 1)).toBe("2024-02-29");
    expect(addDays("2026-01-01", -1)).toBe("2025-12-31");
    expect((at(`${addDays("2026-03-02", 400)}T00:00:00Z`) - at("2026-03-02T00:00:00Z")) / DAY_MS).toBe(400);
  });
});
