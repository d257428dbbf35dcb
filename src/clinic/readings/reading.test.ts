/** Readings as lines, and what they amount to. [D5] */
import { describe, expect, it } from "vitest";
import { mealOfType, placeOfReading, readingOfCurve, readingOfDiary } from "./reading.ts";
import { statisticsOf } from "./statistics.ts";

const ZONES = { home: "Europe/Madrid", entries: [] };
const AT_MS = Date.UTC(2026, 9, 15, 22, 30);
const curve = { seriesId: "7", provider: "import", connectionId: null, deviceId: "", deviceName: null, startMs: AT_MS, value: 100, offsetMinutes: null, flags: [] } as const;

describe("the id of a reading", () => {
  it("names its place in the diary or in a curve, and nothing else is one", () => {
    expect(placeOfReading("12")).toEqual({ treatmentId: "12" });
    expect(placeOfReading(readingOfCurve(curve).id)).toEqual({ seriesId: "7", startMs: AT_MS });
    for (const id of ["", "s7", "s7-", "-1", "1; drop", "s7-1e9", "9".repeat(19)]) expect(placeOfReading(id), id).toBeNull();
  });
});

describe("a type", () => {
  it.each([["BREAKFAST", "breakfast"], ["otras comidas", "other_meal"], ["Other-Meals", "other_meal"], ["CENA", "dinner"], ["AYUNO", null], ["", null]])("%s means %s", (type, meal) => {
    expect(mealOfType(type)).toBe(meal);
  });
});

describe("a reading", () => {
  it("of a curve knows its unit by its value, and what the meter could not tell by its flags", () => {
    expect(readingOfCurve({ ...curve, value: 5.6 * 18.01559, flags: ["below_range"] })).toMatchObject({ unit: "mmol/L", beyond: "below", syncSource: "import", device: null });
    expect(readingOfCurve({ ...curve, provider: "tidepool" })).toMatchObject({ unit: "mg/dL", beyond: null, syncSource: "app" });
  });

  it("of a diary line without a number is none", () => {
    expect(readingOfDiary({ id: "1", provider: "manual", connectionId: null, vendorKey: "k", startMs: AT_MS, endMs: AT_MS, offsetMinutes: 0, kind: "meter_glucose", details: {}, deliveryId: "1" })).toBeNull();
  });
});

describe("statistics of readings", () => {
  const reading = (value: number, startMs: number) => readingOfCurve({ ...curve, value, startMs });

  it("put a reading into the local day of the person, and 10.0 mmol/L into the target", () => {
    const { daily, rangesCount } = statisticsOf([reading(10 * 18.01559, AT_MS), reading(180.5, AT_MS - 3_600_000)], { zones: ZONES, preset: "standard" });
    expect(daily.map(({ date, count }) => [date, count])).toEqual([["2026-10-16", 1], ["2026-10-15", 1]]);
    expect(rangesCount).toMatchObject({ target: 1, high: 1 });
  });

  it("go by the ranges of whom they are for", () => {
    expect(statisticsOf([reading(150, AT_MS)], { zones: ZONES, preset: "pregnancy" }).rangesCount).toMatchObject({ target: 0, high: 1 });
  });

  it("say why there is no estimate: no readings, few days, few readings", () => {
    const days = (count: number) => Array.from({ length: count }, (_, index) => reading(150, AT_MS - index * 86_400_000));
    const reasonOf = (count: number) => statisticsOf(days(count), { zones: ZONES, preset: "standard" }).eA1cReason;
    expect([reasonOf(0), reasonOf(13), reasonOf(20), reasonOf(42)]).toEqual(["no_readings", "under_14_days", "under_42_readings", null]);
  });
});
