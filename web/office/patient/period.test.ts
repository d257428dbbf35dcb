import { describe, expect, it } from "vitest";
import { datesOf, type Period, periodOf, presetOf, queryOf, reportQueryOf, withPeriod } from "./period.ts";

const of = (text: string): Period => periodOf(new URLSearchParams(text));

describe("the period of an address", () => {
  it("is read as it was written, and leaves alone what else the address says", () => {
    const periods: Period[] = [
      { kind: "last", days: 14, until: null }, { kind: "last", days: 90, until: "2026-02-28" }, { kind: "dates", first: "2026-01-31", last: "2026-03-01" },
    ];
    for (const period of periods) {
      const address = withPeriod(new URLSearchParams("preset=older&days=7&first=2020-01-01&last=2020-01-02&until=2020-01-01"), period);
      expect(periodOf(address)).toEqual(period);
      expect(presetOf(address)).toBe("older");
    }
  });

  it("that cannot be is the last fourteen days", () => {
    for (const text of ["", "days=13", "days=x", "first=2026-02-30&last=2026-03-02", "first=2026-03-02&last=2026-03-01", "first=2020-01-01&last=2026-01-01", "until=yesterday"]) {
      expect(of(text), text).toEqual({ kind: "last", days: 14, until: null });
    }
    expect(presetOf(new URLSearchParams("preset=nobodys"))).toBe("standard");
  });

  it("becomes whole days of the patient's zone, of 23 and 25 hours too, west and east of us", () => {
    // Clocks in Madrid go forward on 29 March 2026.
    expect(queryOf({ kind: "dates", first: "2026-03-29", last: "2026-03-29" }, "Europe/Madrid")).toEqual({ from: "2026-03-28T23:00:00.000Z", to: "2026-03-29T22:00:00.000Z" });
    expect(queryOf({ kind: "last", days: 7, until: "2026-10-25" }, "Europe/Madrid")).toEqual({ from: "2026-10-18T22:00:00.000Z", to: "2026-10-25T23:00:00.000Z" });
    expect(queryOf({ kind: "dates", first: "2026-01-01", last: "2026-01-02" }, "America/Argentina/Buenos_Aires")).toEqual({ from: "2026-01-01T03:00:00.000Z", to: "2026-01-03T03:00:00.000Z" });
    expect(reportQueryOf({ kind: "last", days: 7, until: "2026-10-25" }, "Europe/Madrid")).toEqual({ days: 7, to: "2026-10-25T23:00:00.000Z" });
  });

  it("up to now is asked for by its days, and names those that it touches", () => {
    expect(queryOf({ kind: "last", days: 1, until: null }, "UTC")).toEqual({ days: 1 });
    const now = Date.parse("2026-11-21T23:30:00Z");
    expect(datesOf({ kind: "last", days: 1, until: null }, "Europe/Madrid", now)).toEqual({ first: "2026-11-21", last: "2026-11-22" });
  });
});
