import { describe, expect, it } from "vitest";
import { RANGE_PRESETS } from "#glucose/range-presets.ts";
import { datesOf, type Period, periodOf, presetOf, queryOf, rangesQueryOf, reportQueryOf, withPeriod } from "./period.ts";

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

describe("the ranges of an address [D6]", () => {
  it("are those that it names, else the patient's target, else the standard ones", () => {
    expect(presetOf(new URLSearchParams("preset=older"), "custom")).toBe("older");
    expect(presetOf(new URLSearchParams("preset=standard"), "pregnancy")).toBe("standard");
    expect(presetOf(new URLSearchParams(), "pregnancy")).toBe("pregnancy");
    expect(presetOf(new URLSearchParams("preset=custom"), "custom")).toBe("custom");
    // Nobody chose ranges for this patient: there are none to go by.
    expect(presetOf(new URLSearchParams("preset=custom"))).toBe("standard");
  });

  it("are asked for by their name, and chosen ones by their thresholds", () => {
    expect(rangesQueryOf("tight", RANGE_PRESETS.tight.bounds["mg/dL"])).toEqual({ preset: "tight" });
    expect(rangesQueryOf("custom", { veryLow: 3, low: 3.9, high: 160 / 18.01559, veryHigh: 13.9 })).toEqual({ preset: "custom", bounds: "3,3.9,8.8812,13.9" });
  });
});
