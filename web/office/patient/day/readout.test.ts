import { describe, expect, it } from "vitest";
import type { Sleep, Treatment, Workout } from "#web/client/types.ts";
import { createFormatter } from "#web/language/format.ts";
import { en } from "#web/portal/messages/en.ts";
import { createTranslate } from "#web/portal/messages/translate.ts";
import { type DayData, resolutionOf } from "./day-data.ts";
import { entriesOf } from "./entries.ts";
import { csvOf, extentOf, linesIn, momentParts, type Told } from "./readout.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const name = createTranslate({ locale: "en", messages: en });
const f = createFormatter({ unit: "mmol/L", locale: "en", zone: "UTC" });
const at = (minutes: number): string => new Date(minutes * MINUTE).toISOString();
const treatment = (kind: string, minutes: number, rest: Partial<Treatment>) => ({ id: `${kind} ${minutes}`, kind, at: at(minutes), end: null, amount: null, unit: null, text: null, ...rest }) as Treatment;
const treatments = [
  treatment("insulin_basal", 0, { end: at(60), amount: 0.8, unit: "U/h" }), treatment("meter_glucose", 31, { amount: 90, unit: "mg/dL" }),
  treatment("carbohydrates", 30, { amount: 45, unit: "g", text: "=toast" }), treatment("something_new", 90, { text: "felt odd" }), treatment("insulin_rapid", 29, { amount: 4.5, unit: "U" }),
];
const data: DayData = {
  glucose: { times: [0, 30 * MINUTE, 120 * MINUTE], values: [60, 120, 300], flags: null, breaks: new Set([2]) },
  heart: { times: [30 * MINUTE], values: [71] }, steps: { times: [30 * MINUTE], values: [120] }, stepMs: 5 * MINUTE, treatments, hasEntries: true,
  sleeps: [{ start: at(0), end: at(40), stages: [{ stage: "deep", start: at(20), end: at(35) }] } as Sleep],
  workouts: [{ start: at(25), end: at(50), sport: "running", title: null } as Workout],
};
const told: Told = { data, entries: entriesOf(treatments, { t: name, f, mealOf: (meal) => meal }), thresholds: { veryLow: 54, low: 70, high: 180, veryHigh: 250 }, name, f };

describe("what was entered", () => {
  it("stands in its lane, in order, with the amount as it was entered; a finger-stick follows the reader's unit", () => {
    expect(told.entries.map(({ lane, label }) => [lane, label])).toEqual([["basal", "0.8 U/h"], ["bolus", "4.5 U"], ["carbohydrates", "45 g"], ["meter", "5.0 mmol/L"], ["notes", ""]]);
    expect(told.entries[2]!.text).toBe("Carbohydrates · 45 g · =toast");
  });
});

describe("a moment", () => {
  it("is told with all that is there then, most important first", () => {
    expect(momentParts(told, 30 * MINUTE, MINUTE)).toEqual([
      "Thu, 1 Jan, 00:30", "6.7 mmol/L, In range", "Basal insulin of the pump · 0.8 U/h", "Rapid insulin · 4.5 U", "Carbohydrates · 45 g · =toast", "Finger-stick · 5.0 mmol/L", "Run", "Deep", "71 bpm", "120 steps",
    ].map((part) => (part.startsWith("Thu") ? f.dateTime(30 * MINUTE) : part)));
    expect(momentParts(told, 100 * MINUTE, MINUTE)).toEqual([f.dateTime(100 * MINUTE)]);
  });
});

describe("all that is in view", () => {
  it("is in the table in order of time, and in the file with numbers and without formulas", () => {
    const lines = linesIn(told, { fromMs: 10 * MINUTE, toMs: 121 * MINUTE });
    expect(lines.map(({ atMs, mgDl }) => [atMs / MINUTE, mgDl])).toEqual([[25, null], [29, null], [30, 120], [30, null], [31, null], [90, null], [120, 300]]);
    expect(csvOf(lines, ["a", "b", "c", "d"], f)[3]).toEqual(["1970-01-01T00:30:00.000Z", 120 / 18.01559, "In range", ""]);
  });

  it("has a lowest and a highest reading, or none", () => {
    expect(extentOf(data, { fromMs: 0, toMs: 200 * MINUTE })).toMatchObject({ count: 3, low: { mgDl: 60 }, high: { mgDl: 300, atMs: 120 * MINUTE } });
    expect(extentOf(data, { fromMs: 40 * MINUTE, toMs: 50 * MINUTE })).toBeNull();
  });

  it("is asked for the coarser, the longer it is", () => {
    expect([3, 9, 30, 92].map((days) => resolutionOf({ fromMs: 0, toMs: days * DAY }).resolution)).toEqual(["5m", "15m", "1h", "1d"]);
  });
});
