import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inUnit, MG_DL_PER_MMOL_L, parseGlucoseUnit, toMgDl, toMmolL } from "./glucose.ts";

describe("glucose units", () => {
  it("convert by the molar mass of glucose", () => {
    expect(MG_DL_PER_MMOL_L).toBe(18.01559);
    expect(toMmolL(180)).toBeCloseTo(9.991346, 6);
    expect(toMgDl(10)).toBe(180.1559);
    expect(inUnit(100, "mg/dL")).toBe(100);
    expect(inUnit(100, "mmol/L")).toBe(100 / 18.01559);
  });

  it("do not drift over a hundred conversions there and back [DA-14]", () => {
    fc.assert(fc.property(fc.integer({ min: 10, max: 1000 }), (mgDl) => {
      let value = mgDl;
      for (let turn = 0; turn < 100; turn += 1) value = toMgDl(toMmolL(value));
      expect(Math.abs(value - mgDl)).toBeLessThan(1e-9 * mgDl);
    }), { seed: 20_261_015 });
  });

  it("are read in the spellings of vendors and files, and never guessed", () => {
    for (const text of ["mg/dL", "mg/dl", "MG/DL", "mgdl", "mg_dl", " mg / dL ", "mg"]) expect(parseGlucoseUnit(text), text).toBe("mg/dL");
    for (const text of ["mmol/L", "mmol/l", "MMOL", "mmoll", "mmol_l"]) expect(parseGlucoseUnit(text), text).toBe("mmol/L");
    for (const text of ["", "unknown", "g/L", "mol", "mg/dL or mmol/L", null, undefined]) expect(parseGlucoseUnit(text)).toBeNull();
  });
});
