import { describe, expect, it } from "vitest";
import { toMgDl } from "#units/glucose.ts";
import { gmiMmolMol, gmiPercent, eA1cPercent } from "./gmi.ts";
import { convertedMmolL, percentAbove, percentBelow, percentWithin, type RangeShares, timeInRanges } from "./ranges.ts";

const bandOf = (value: number, unit: "mg/dL" | "mmol/L" = "mg/dL"): string => {
  const { tight, ...bands } = timeInRanges(Float64Array.of(value), unit)!.ranges;
  const band = (Object.keys(bands) as (keyof RangeShares)[]).find((name) => timeInRanges(Float64Array.of(value), unit)!.ranges[name] === 100);
  return tight === 100 ? `${band}, tight` : band!;
};

const plainBandOf = (mgDl: number): string => {
  if (mgDl < 54) return "veryLow";
  if (mgDl < 70) return "low";
  if (mgDl <= 140) return "target, tight";
  if (mgDl <= 180) return "target";
  return mgDl <= 250 ? "high" : "veryHigh";
};

describe("consensus ranges", () => {
  it.each([
    [53.9, "veryLow"], [54, "low"], [69.9, "low"], [70, "target, tight"], [140, "target, tight"], [140.1, "target"], [180, "target"],
    [180.4, "high"], [250, "high"], [250.5, "veryHigh"],
  ])("puts %f mg/dL in %s", (value, band) => {
    expect(bandOf(value)).toBe(band);
  });

  it.each([
    [2.9, "veryLow"], [3.0, "low"], [3.8, "low"], [3.9, "target, tight"], [7.8, "target, tight"], [7.9, "target"], [10.0, "target"],
    [10.1, "high"], [13.9, "high"], [14.0, "veryHigh"],
  ])("puts %f mmol/L in %s, and so does its conversion to mg/dL, also in 32 bits", (value, band) => {
    expect(bandOf(value, "mmol/L")).toBe(band);
    expect(bandOf(toMgDl(value))).toBe(band);
    expect(bandOf(Math.fround(toMgDl(value)))).toBe(band);
  });

  it("gives shares that are null for no readings", () => {
    const none = new Float64Array();
    expect([timeInRanges(none, "mg/dL"), percentAbove(none, 1), percentBelow(none, 1), percentWithin(none, 1, 2)]).toEqual([null, null, null, null]);
  });

  it("adds both lows and both highs", () => {
    const { tbr, tar } = timeInRanges(Float64Array.of(50, 60, 100, 200, 300), "mg/dL")!;
    expect([tbr, tar]).toEqual([40, 40]);
  });
});

describe("a converted mmol/L value", () => {
  it("is recognised at every hundredth", () => {
    for (let hundredths = 50; hundredths <= 4000; hundredths++) {
      expect(convertedMmolL(toMgDl(hundredths / 100))).toBe(hundredths / 100);
      expect(convertedMmolL(Math.fround(toMgDl(hundredths / 100)))).toBe(hundredths / 100);
    }
  });

  it("is never mistaken so that a mg/dL value of up to three decimals changes its band", () => {
    const changed: number[] = [];
    for (let thousandths = 10_000; thousandths <= 600_000; thousandths++) {
      const value = thousandths / 1000;
      const mmolL = convertedMmolL(value);
      if (mmolL !== null && bandOf(mmolL, "mmol/L") !== plainBandOf(value)) changed.push(value);
    }
    expect(changed).toEqual([]);
  });

  it("is not seen in whole mg/dL up to 600", () => {
    for (let value = 10; value <= 600; value++) expect(convertedMmolL(value)).toBeNull();
  });
});

describe("A1C-like numbers", () => {
  it("gives the published values for 154 mg/dL: GMI 7.0 %, 53 mmol/mol, eA1C 7.0 %", () => {
    expect(gmiPercent(154)).toBeCloseTo(6.99368, 10);
    expect(gmiMmolMol(154)).toBeCloseTo(52.936, 2);
    expect(eA1cPercent(154)).toBeCloseTo(6.993, 3);
  });
});
