import { describe, expect, it } from "vitest";
import { createFormatter } from "#web/language/format.ts";
import type { MessageKey } from "../messages/catalogue.ts";
import { ours as english } from "../messages/en/all.ts";
import { ours as spanish } from "../messages/es/all.ts";
import { overviewText } from "./overview-text.ts";
import type { PatientLine } from "./use-patients.ts";

const AT = "2026-03-15T09:00:00Z";
const LINE = {
  id: "p", displayName: "Ana Núñez", zone: "Europe/Madrid", isEmergency: false, days: 14, from: "2026-02-28T23:00:00Z", to: "2026-03-14T23:00:00Z", asOf: AT, isBehind: false,
  lastData: { at: AT, ageSeconds: 60, value: { mgDl: 180.2, mmolL: 10.0 } }, age: "day", readings: 4000, daysRead: 14, ranges: { veryLow: 1.2, low: 3, target: 70.4, high: 20, veryHigh: 5.4, tight: 40 },
  timeInRange: 70.4, timeBelow: 4.2, timeAbove: 25.4, mean: { mgDl: 155, mmolL: 8.6 }, sd: { mgDl: 55, mmolL: 3.05 }, cvPercent: 35.5, gmiPercent: 7.02, wearPercent: 96, change: { points: -3.4, daysBefore: 14 },
  lowEvents: { level1: 5, level2: 1 }, highEvents: null, connection: { health: "ok", vendors: [] }, tags: [],
  target: { preset: "standard", goals: { target: 70, below: 4, veryLow: 1, above: 25, veryHigh: 5 }, hasOwnGoals: false, unit: null, thresholds: { "mg/dL": { veryLow: 54, low: 70, high: 180, veryHigh: 250, tightHigh: 140 }, "mmol/L": { veryLow: 3, low: 3.9, high: 10, veryHigh: 13.9, tightHigh: 7.8 } } },
  isTargetMet: false, lastReview: null, group: "veryLow", isSnoozed: false, appointment: null, account: null,
  flags: [{ group: "veryLow", title: { en: "Very low", es: "Muy bajo" }, value: 1.2, threshold: 1, isLowData: false }],
} as const satisfies PatientLine;
const words = { en: english, es: spanish } as const;

function textOf(line: PatientLine, locale: "en" | "es" = "en", unit: "mg/dL" | "mmol/L" = "mg/dL"): string {
  const t = (key: MessageKey, values: Readonly<Record<string, string | number>> = {}): string => (words[locale][key] as string).replace(/%\{(\w+)\}/g, (_, name: string) => String(values[name]));
  return overviewText(line, { t, f: createFormatter({ unit, locale, zone: line.zone }), locale, ruleOf: (group) => (group === "veryLow" ? "1 % or more below 54 mg/dL" : undefined) });
}

describe("an overview as text", () => {
  it("[D6] says whose, of which whole days, all numbers with their units, and by which rule the patient is listed", () => {
    expect(textOf(LINE)).toBe([
      "Ana Núñez", "14 days: 1 Mar 2026 to 14 Mar 2026 (Europe/Madrid)", "Numbers as of Sun 15 Mar, 10:00", "",
      "Targets: Standard, 70 to 180 mg/dL", "Last data: Sun 15 Mar, 10:00, 180 mg/dL", "Very low: 1%", "Below range: 4%", "In range: 70%", "Above range: 25%", "Very high: 5%", "Tight range: 40%",
      "Mean: 155 mg/dL", "GMI: 7.0%", "CV: 35.5%", "Sensor use: 96%", "Low episodes: 5, of these 1 of level 2", "High episodes: –", "Change: -3 points", "",
      "Listed for:", "- Very low 1%. Rule: 1 % or more below 54 mg/dL", "", "Information from what was measured, no diagnosis.",
    ].join("\n"));
  });

  it("speaks Spanish and the other unit, and leaves no milligrams there", () => {
    const text = textOf(LINE, "es", "mmol/L");
    expect(text).toContain("Media: 8,6 mmol/L");
    expect(text).toContain("3,9 a 10,0 mmol/L");
    expect(text.replace("below 54 mg/dL", "")).not.toContain("mg/dL");
  });

  it("makes nothing up where nothing was measured", () => {
    const text = textOf({ ...LINE, from: null, to: null, asOf: null, lastData: null, ranges: null, timeInRange: null, timeBelow: null, timeAbove: null, mean: null, gmiPercent: null, cvPercent: null, wearPercent: null, change: null, lowEvents: null, flags: [], group: null });
    expect(text).toContain("14 days (Europe/Madrid)");
    expect(text).toContain("GMI: Not enough data");
    expect(text).toContain("Listed for: nothing");
    expect(text).not.toMatch(/null|undefined|NaN|\d%/);
  });
});
