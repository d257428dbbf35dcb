import { describe, expect, it } from "vitest";
import { createFormatter } from "#web/language/format.ts";
import type { Words } from "../../messages/words.ts";
import { type Comparison, reasonKey, type Statistics, statisticLines } from "./statistic-lines.ts";

const t: Words = (key, values = {}) => `${key}${Object.values(values).length > 0 ? ` ${Object.values(values).join(" ")}` : ""}`;
const f = createFormatter({ unit: "mg/dL", locale: "en", zone: "UTC" });
const summary = (count: number) => ({ count, perDay: 0.5, meanDurationMinutes: 63, meanGlucose: 60 });
const statistics = {
  unit: "mg/dL", mean: 149.4, min: 44, max: 340, gmi: 6.88, gmiMmolMol: 51.6, cv: 34.02, sd: 50.8, wearPercent: 101, readings: 3940, days: 14, reasons: {}, insufficiency: null,
  episodes: { hypoLevel1: summary(4), hypoLevel2: summary(1), hyperLevel1: summary(37), hyperLevel2: summary(13) },
} as unknown as Statistics;
const line = (id: string, given = statistics, comparison: Comparison | null = null) => statisticLines(given, comparison, { t, f }).find((each) => each.id === id)!;

describe("the numbers of a period", () => {
  it("stand with unit and details", () => {
    expect(line("mean")).toMatchObject({ value: "149", unit: "mg/dL", details: ["patient.fromTo 44 340 mg/dL"], reason: null });
    expect(line("gmi")).toMatchObject({ value: "6.9%", details: ["52 mmol/mol"] });
    expect(line("wear").value).toBe("100%");
    expect(line("episodesLow")).toMatchObject({ value: "4", details: ["patient.episodesLevel2 1", "patient.episodesPerDay 0.5", "patient.episodesMean 1 h 3 min"] });
  });

  it("that are missing say why, and GMI is withheld while data do not suffice", () => {
    const thin = { ...statistics, insufficiency: "under_70_percent", mean: null, reasons: { mean: "no_readings" }, episodes: null } as Statistics;
    expect(line("gmi", thin)).toMatchObject({ value: null, reason: "patient.reason70Percent", details: [] });
    expect(line("mean", thin)).toMatchObject({ value: null, reason: "patient.reasonNone" });
    expect(line("episodesHigh", thin)).toMatchObject({ value: null, reason: "patient.reason70Percent" });
    expect(reasonKey("something of tomorrow")).toBe("patient.reasonSparse");
  });

  it("show the change against the period before, or that it cannot be told; episodes are not compared", () => {
    const comparison = { differences: { mean: -12.4, sd: 0, cv: 2, gmi: null, wearPercent: -3.3 } } as Comparison;
    expect(line("mean", statistics, comparison).change).toBe("-12 mg/dL");
    expect(line("cv", statistics, comparison).change).toBe("patient.points +2.0");
    expect(line("gmi", statistics, comparison).change).toBeNull();
    expect(line("episodesLow", statistics, comparison).change).toBeUndefined();
    expect(line("mean", statistics, { differences: null } as Comparison).change).toBeNull();
  });
});
