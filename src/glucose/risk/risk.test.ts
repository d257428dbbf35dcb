/** Known values and edges of the risk numbers. Digits are held against the references in test/golden. */
import { describe, expect, it } from "vitest";
import { distributionOf } from "../distribution.ts";
import { averageDailyRiskRange, highRisk, lowRisk, riskIndexes } from "./blood-glucose-risk.ts";
import { glycemiaRiskIndex } from "./glycemia-risk-index.ts";
import { grade, GRADE_BOUNDS } from "./grade.ts";
import { cogi, glycaemicControl, jIndex, mValue, personalGlycemicState } from "./indexes.ts";

const of = (...values: number[]) => distributionOf(Float64Array.from(values));

describe("the risk of lows and highs", () => {
  it("is zero at 112.5 mg/dL and grows to either side", () => {
    expect([lowRisk(112.5), highRisk(112.5)]).toEqual([0, 0]);
    expect(lowRisk(50)).toBeCloseTo(22.77 * (Math.log(50) ** 1.084 - 5.381) ** 2, 12);
    expect(lowRisk(40)).toBeGreaterThan(lowRisk(50));
    expect(highRisk(400)).toBeGreaterThan(highRisk(300));
    expect([highRisk(50), lowRisk(300)]).toEqual([0, 0]);
    expect(Number.isFinite(lowRisk(0.5))).toBe(true);
  });

  it("is averaged over all readings, and by day over the extremes", () => {
    expect(riskIndexes(of())).toBeNull();
    expect(riskIndexes(of(50, 300))).toEqual({ lbgi: lowRisk(50) / 2, hbgi: highRisk(300) / 2, bgri: lowRisk(50) / 2 + highRisk(300) / 2 });
    const days = { dates: ["2026-03-02", "2026-03-03"], starts: Int32Array.of(0, 3, 4) };
    expect(averageDailyRiskRange(Float64Array.of(50, 120, 300, 112.5), days)).toBeCloseTo((lowRisk(50) + highRisk(300)) / 2, 12);
    expect(averageDailyRiskRange(new Float64Array(), { dates: [], starts: Int32Array.of(0) })).toBeNull();
  });
});

describe("the glycemia risk index", () => {
  it("weighs very high more than high, is at most 100, and names its zone", () => {
    expect(glycemiaRiskIndex({ veryLow: 1, low: 2, high: 10, veryHigh: 5 })).toEqual({ gri: 3 + 4.8 + 8 + 8, hypo: 2.6, hyper: 10, zone: "B" });
    expect(glycemiaRiskIndex({ veryLow: 60, low: 0, high: 0, veryHigh: 40 })).toMatchObject({ gri: 100, zone: "E" });
    const zone = (low: number): string => glycemiaRiskIndex({ veryLow: low, low: 0, high: 0, veryHigh: 0 }).zone;
    expect([20 / 3, 20.1 / 3, 40 / 3, 60 / 3, 80 / 3, 80.1 / 3].map(zone)).toEqual(["A", "B", "B", "C", "D", "E"]);
  });
});

describe("GRADE", () => {
  it("caps a score at 50 and leaves out readings below 18 mg/dL", () => {
    expect(grade(of(18), GRADE_BOUNDS.published)!.grade).toBe(50);
    expect(grade(of(12), GRADE_BOUNDS.published)).toBeNull();
    expect(grade(of(12, 90), GRADE_BOUNDS.published)!.grade).toBe(grade(of(90), GRADE_BOUNDS.published)!.grade);
  });

  it("has parts that make 100 percent by the published bounds, and overlap by iglu's", () => {
    const readings = of(60, 75, 110, 200);
    const published = grade(readings, GRADE_BOUNDS.published)!;
    expect(published.hypo! + published.euglycemia! + published.hyper!).toBeCloseTo(100, 9);
    const iglu = grade(readings, GRADE_BOUNDS.iglu)!;
    expect(iglu.hypo! + iglu.euglycemia! + iglu.hyper!).toBeGreaterThan(100);
  });
});

describe("single numbers", () => {
  it("follow their formulas", () => {
    expect(jIndex(150, 50)).toBeCloseTo(40, 12);
    expect(mValue(of(90, 900))).toBeCloseTo(500, 9);
    expect(mValue(of(120, 120), { reference: 120, rangeCorrection: true })).toBe(0);
    expect(mValue(of(120, 160), { reference: 120, rangeCorrection: true })! - mValue(of(120, 160), { reference: 120 })!).toBeCloseTo(2, 12);
    expect(mValue(of())).toBeNull();
    expect(glycaemicControl(of(70, 100, 240))).toMatchObject({ hypoIndex: 100 / 90, hyperIndex: 100 ** 1.1 / 90 });
    expect(glycaemicControl(of())).toBeNull();
    expect(cogi({ target: 100, below: 0, sdMgDl: 10 })).toBe(100);
    expect(cogi({ target: 50, below: 15, sdMgDl: 108 })).toBe(25);
  });

  it("keep the personal glycemic state between its bounds", () => {
    const best = personalGlycemicState({ gvp: 5, inTargetPercent: 100, meanMgDl: 115, level2PerWeek: 0, level1OnlyPerWeek: 0 });
    const worst = personalGlycemicState({ gvp: 200, inTargetPercent: 0, meanMgDl: 350, level2PerWeek: 50, level1OnlyPerWeek: 50 });
    expect(best).toBeGreaterThan(4.6);
    expect(best).toBeLessThan(6);
    expect(worst).toBeGreaterThan(39);
    expect(worst).toBeLessThan(41);
  });
});
