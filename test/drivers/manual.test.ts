/** What people type and meters send. [D5] [W3] */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { MapResult, TreatmentRecord } from "#driver/records.ts";
import { manual } from "#drivers/manual/index.ts";
import { testDriver } from "./contract.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const readings = JSON.parse(readFileSync(new URL("../../src/drivers/manual/fixtures/readings.json", import.meta.url), "utf8")) as { device: object; readings: object[] };

testDriver({
  driver: manual, nowMs: NOW_MS, window: { fromMs: 0, toMs: NOW_MS }, payloads: [{ resource: "readings", payload: readings }],
  startCloud: () => Promise.reject(new Error("There is no cloud behind a person.")),
});

const map = (reading: object, device?: object): MapResult =>
  manual.map("readings", { ...(device ? { device } : {}), readings: [reading] }, { receivedMs: NOW_MS, zone: "Europe/Madrid" });
const at = "2026-11-19T07:58:00+01:00";

describe("typed readings", () => {
  it("keep meal, type and location, also by the words of the earlier system and the codes of Bluetooth [D5]", () => {
    const { records } = manual.map("readings", readings, { receivedMs: NOW_MS, zone: "Europe/Madrid" });
    const [first, second] = records.filter((record): record is TreatmentRecord => record.record === "treatment" && record.kind === "meter_glucose");
    expect(first).toMatchObject({ vendorId: "meter-0x2A18-77/41", amount: 104, offsetMinutes: 60, meal: "breakfast", mealRelation: "fasting", sampleType: "capillary_plasma", sampleLocation: "finger" });
    expect(second).toMatchObject({ meal: "breakfast", mealRelation: "after", sampleType: "capillary_whole_blood", sampleLocation: "alternate_site" });
    expect(second?.amount).toBeCloseTo(7.4 * 18.01559, 6);
  });

  it("of one sequence number of one meter are one, of two meters two [D5] [ST-01]", () => {
    const reading = { sequence: 7, at, value: 100, unit: "mg/dL" };
    const idOf = (device: string): unknown => map(reading, { id: device }).records.find((record) => record.record === "treatment")?.vendorId;
    expect(idOf("a")).toBe(idOf("a"));
    expect(idOf("a")).not.toBe(idOf("b"));
  });

  it.each<[string, object, string]>([
    ["mmol/L taken for mg/dL", { at, value: 5.4, unit: "mg/dL" }, "/readings/0/value"],
    ["mg/dL taken for mmol/L", { at, value: 120, unit: "mmol/L" }, "/readings/0/value"],
    ["no unit", { at, value: 120 }, "/readings/0/unit"],
    ["NaN", { at, value: "NaN", unit: "mg/dL" }, "/readings/0/value"],
    ["the year 9999", { at: "9999-01-01T00:00:00Z", value: 100, unit: "mg/dL" }, "/readings/0/at"],
    ["a day that is none", { at: "2026-02-29T10:00:00Z", value: 100, unit: "mg/dL" }, "/readings/0/at"],
    ["control solution", { at, value: 100, unit: "mg/dL", sampleType: 10 }, "/readings/0"],
    ["a meal nobody knows", { at, value: 100, unit: "mg/dL", meal: "elevenses" }, "/readings/0/meal"],
    ["insulin below nothing", { at, kind: "insulin_rapid", value: -1 }, "/readings/0/value"],
    ["a pressure upside down", { at, kind: "blood_pressure", systolic: 70, diastolic: 120 }, "/readings/0"],
  ])("are refused for %s, with the place and without the value [DA-08]", (_, reading, path) => {
    const { records, problems } = map(reading);
    expect(records).toEqual([]);
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(problems[0]?.reason).not.toMatch(/\b(5\.4|120|9999|elevenses)\b/);
  });
});
