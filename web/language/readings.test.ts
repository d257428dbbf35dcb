/** Bands, units and local times of readings. Requirement D6; web-ux §9. */
import { describe, expect, it } from "vitest";
import { bandOf, byDate, instantIn, localText, numberOf, otherUnitMeant } from "./readings.ts";

describe("the band of a reading", () => {
  it.each([[69, "low"], [70, "target"], [180, "target"], [181, "high"]] as const)("of %s mg/dL is %s", (valueMgDl, band) => {
    expect(bandOf({ valueMgDl, valueMmolL: valueMgDl / 18.01559, unit: "mg/dL" })).toBe(band);
  });

  it.each([[3.8, "low"], [3.9, "target"], [10, "target"], [10.1, "high"]] as const)("of %s mmol/L is %s, by the printed thresholds", (valueMmolL, band) => {
    expect(bandOf({ valueMgDl: valueMmolL * 18.01559, valueMmolL, unit: "mmol/L" })).toBe(band);
  });
});

describe("what was typed", () => {
  it("in mg/dL is asked about from 2.2 to 33.3, in mmol/L from 40 on, and never changed silently", () => {
    expect([2.1, 2.2, 5.4, 33.3, 33.4, 104].map((value) => otherUnitMeant(value, "mg/dL"))).toEqual([null, "mmol/L", "mmol/L", "mmol/L", null, null]);
    expect([5.4, 39, 40, 104, 601].map((value) => otherUnitMeant(value, "mmol/L"))).toEqual([null, null, "mg/dL", "mg/dL", null]);
  });

  it("may have a comma, and is a number or nothing", () => {
    expect(["5,4", " 104 ", "5.4.1", "-3", "", "HI"].map(numberOf)).toEqual([5.4, 104, null, null, null, null]);
  });

  it("is of the patient's zone, on both sides of a change of clocks and west of UTC", () => {
    expect(instantIn("Europe/Madrid", "2026-10-24T12:00")).toBe("2026-10-24T12:00:00+02:00");
    expect(instantIn("Europe/Madrid", "2026-10-26T12:00")).toBe("2026-10-26T12:00:00+01:00");
    expect(instantIn("America/Argentina/Buenos_Aires", "2026-10-26T22:30")).toBe("2026-10-26T22:30:00-03:00");
    expect(instantIn("Europe/Madrid", "2026-10-26")).toBeNull();
    expect(localText("America/Argentina/Buenos_Aires", Date.UTC(2026, 9, 27, 1, 30))).toBe("2026-10-26T22:30");
  });
});

it("stands below its date, dates in their order", () => {
  expect(byDate([{ date: "2026-10-02", n: 1 }, { date: "2026-10-02", n: 2 }, { date: "2026-10-01", n: 3 }]).map(([date, lines]) => [date, lines.length])).toEqual([["2026-10-02", 2], ["2026-10-01", 1]]);
});
