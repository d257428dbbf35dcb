import { describe, expect, it } from "vitest";
import { HOUR_MS } from "#units/time.ts";
import { dayPath, localDays, nearestDay } from "./local-days.ts";

describe("days over one another", () => {
  it("are cut at the patient's midnight, and each fills the width with its own hours", () => {
    // Clocks in Madrid go forward on 29 March 2026: its noon comes 11 hours after midnight.
    const times = ["2026-03-28T22:00Z", "2026-03-28T23:00Z", "2026-03-29T10:00Z", "2026-03-29T21:59Z", "2026-03-29T22:00Z"].map((text) => Date.parse(text));
    const days = localDays(times, [1, 2, 3, 4, 5], "Europe/Madrid");
    expect(days.map(({ date, weekday, values }) => [date, weekday, values])).toEqual([["2026-03-28", 6, [1]], ["2026-03-29", 7, [2, 3, 4]], ["2026-03-30", 1, [5]]]);
    expect(days[1]!.shares[1]).toBeCloseTo(11 / 23, 9);
    expect(localDays([], [], "UTC")).toEqual([]);
  });

  it("have no line over a gap", () => {
    const [day] = localDays([0, HOUR_MS, 5 * HOUR_MS], [10, 20, 30], "UTC");
    expect(dayPath(day!, { xOf: (share) => share * 240, yOf: (value) => value }, 1.5 / 24)).toBe("M0.0 10.0L10.0 20.0M50.0 30.0");
  });

  it("are found by the pointer: the line that passes nearest, if any is near", () => {
    const days = localDays([0, HOUR_MS, 24 * HOUR_MS, 25 * HOUR_MS], [100, 110, 200, 210], "UTC");
    const reach = { share: 1 / 24, value: 30 };
    expect(nearestDay(days, { share: 1 / 24, value: 200 }, reach)).toBe(1);
    expect(nearestDay(days, { share: 0, value: 90 }, reach)).toBe(0);
    expect(nearestDay(days, { share: 0.5, value: 100 }, reach)).toBeNull();
    expect(nearestDay(days, { share: 0, value: 150 }, reach)).toBeNull();
  });
});
