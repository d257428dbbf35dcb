import { describe, expect, it } from "vitest";
import { formatInstant, HOUR_MS } from "#units/time.ts";
import { dateAt, dayPlace, type OffsetAt } from "./day.ts";

const MADRID = "Europe/Madrid";

function shown(date: string, known: OffsetAt | null, startHour?: number): [string, number, number] | null {
  const place = dayPlace(date, MADRID, known, startHour);
  return place && [formatInstant(place.startMs), (place.endMs - place.startMs) / HOUR_MS, place.offsetMinutes];
}

describe("a vendor's day", () => {
  it("is the day of the person's zone, of 23 or 25 hours when clocks change", () => {
    expect(shown("2026-11-19", null)).toEqual(["2026-11-18T23:00:00.000Z", 24, 60]);
    expect(shown("2026-03-29", null)).toEqual(["2026-03-28T23:00:00.000Z", 23, 60]);
    expect(shown("2026-10-25", null)).toEqual(["2026-10-24T22:00:00.000Z", 25, 120]);
  });

  it("stays that day when the vendor's offset is the zone's, on whichever side of a change it held", () => {
    const awake = { atMs: Date.UTC(2026, 2, 29, 5), offsetMinutes: 120 };
    expect(shown("2026-03-29", awake)).toEqual(shown("2026-03-29", null));
    expect(dateAt(awake)).toBe("2026-03-29");
  });

  it("is 24 hours at the vendor's offset when the person was elsewhere", () => {
    expect(shown("2026-11-19", { atMs: Date.UTC(2026, 10, 19, 12), offsetMinutes: -300 })).toEqual(["2026-11-19T05:00:00.000Z", 24, -300]);
  });

  it("may begin at another hour, on the clock and not by counting", () => {
    expect(shown("2026-03-28", null, 4)).toEqual(["2026-03-28T03:00:00.000Z", 23, 60]);
    expect(shown("2026-03-29", null, 4)).toEqual(["2026-03-29T02:00:00.000Z", 24, 120]);
  });

  it("is none without a date that exists", () => {
    for (const date of ["2026-02-30", "2026-1-1", "2026-01-01T00:00:00Z", "", "0001-01-01", "9999-12-31"]) expect(shown(date, null), date).toBeNull();
  });

  it("takes the date from the clock on the wall, not from UTC", () => {
    expect(dateAt({ atMs: Date.UTC(2026, 10, 18, 23, 30), offsetMinutes: 60 })).toBe("2026-11-19");
    expect(dateAt({ atMs: Date.UTC(2026, 10, 19, 3), offsetMinutes: -300 })).toBe("2026-11-18");
  });
});
