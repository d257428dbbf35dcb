import { describe, expect, it } from "vitest";
import { decideUnit } from "./file-unit.ts";

const nothing = { header: null, option: undefined };

describe("the unit of a file", () => {
  it("is the header's, before the values'", () => {
    expect(decideUnit([5.5, 6.1], { header: "mmol/L", option: undefined })).toEqual({ unit: "mmol/L", source: "header" });
  });

  it("is told by the values where nothing says it", () => {
    expect(decideUnit([90, 120, 250], nothing)).toEqual({ unit: "mg/dL", source: "values" });
    expect(decideUnit([5.5, 6.1, 13.9], nothing)).toEqual({ unit: "mmol/L", source: "values" });
    expect(decideUnit([], nothing).unit).toBe("mg/dL");
  });

  it("is as given where the values do not tell", () => {
    expect(() => decideUnit([30, 31], nothing)).toThrow(/give its unit/);
    expect(decideUnit([30, 31], { header: null, option: "mg/dL" })).toEqual({ unit: "mg/dL", source: "option" });
  });

  it("survives a few numbers that no sensor gives", () => {
    expect(decideUnit([12, 19, ...Array.from({ length: 100 }, () => 150)], nothing).unit).toBe("mg/dL");
  });

  it.each([
    ["a header of mg/dL over mmol/L values", [5.5, 6.1, 7.2], { header: "mg/dL", option: undefined }, /header says mg\/dL, but most/],
    ["a header of mmol/L over mg/dL values", [90, 120, 110], { header: "mmol/L", option: undefined }, /header says mmol\/L, but most/],
    ["a given unit against the values", [90, 120, 110], { header: null, option: "mmol/L" }, /unit given is mmol\/L/],
    ["a given unit against the header", [90], { header: "mg/dL", option: "mmol/L" }, /header says mg\/dL, but mmol\/L was given/],
    ["both units without a unit column", [90, 120, 110, 5.5, 6.1, 7.2], nothing, /mixes/],
    ["some of the other unit under a header", [90, 120, 110, 130, 5.5, 6.1, 7.2], { header: "mg/dL", option: undefined }, /mixes/],
  ] as const)("refuses %s, without a value in the message [DA-09]", (_, values, said, message) => {
    expect(() => decideUnit(values, said)).toThrow(message);
    expect(() => decideUnit(values, said)).not.toThrow(/\d/);
  });
});
