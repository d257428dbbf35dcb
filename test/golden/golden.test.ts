/**
 * Our numbers against those of iglu 4.3.0, cgmguru 1.3.0 and arithmetic on them where iglu is known wrong. The synthetic series and their values are committed;
 * the real ones lie beside the repository, in ../shared/golden, because their licences keep them out of it.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compareAll, isEqual } from "./compare.ts";
import { EXCEPTIONS } from "./exceptions.ts";
import { ourNumbers } from "./ours.ts";
import { numberOf, rowsOf } from "./references.ts";
import { COMMITTED, goldenSeries, isSharedThere, SHARED, type GoldenPlace } from "./series.ts";
import { goldenTable, TABLE_BEGIN, TABLE_END } from "./table.ts";

/** Columns of iglu's all_metrics that hold the same numbers as its own functions. Its MAG is an older form (cgm-metrics §8). */
const ALL_METRICS: Readonly<Record<string, string>> = {
  ADRR: "adrr", COGI: "cogi", CV: "cv", eA1C: "eA1c", hypo_lv1: "episodes.hypoLevel1.perDay", hypo_lv2: "episodes.hypoLevel2.perDay", hypo_extended: "episodes.hypoExtended.perDay",
  hyper_lv1: "episodes.hyperLevel1.perDay", hyper_lv2: "episodes.hyperLevel2.perDay", hypo_lv1_excl: "episodes.hypoLevel1Exclusive.perDay",
  hyper_lv1_excl: "episodes.hyperLevel1Exclusive.perDay", GMI: "gmi", GRI: "gri", GRADE: "grade", GRADE_eugly: "gradeEuglycemia", GRADE_hyper: "gradeHyper", GRADE_hypo: "gradeHypo",
  HBGI: "hbgi", LBGI: "lbgi", hyper_index: "hyperIndex", hypo_index: "hypoIndex", IGC: "igc", IQR: "iqr", J_index: "jIndex", M_value: "mValue", MAD: "mad", MAGE: "mage.average",
  active_percent: "activePercent", above_140: "above 140", above_180: "above 180", above_250: "above 250", below_54: "below 54", below_70: "below 70", in_range_63_140: "in 63–140",
  in_range_70_180: "in 70–180", PGS: "pgs", range: "range", SD: "sd", "Min.": "min", "1st Qu.": "quartile1", Median: "median", Mean: "mean", "3rd Qu.": "quartile3", "Max.": "max",
  Conga: "conga24", GVP: "gvp", MODD: "modd", "SD.Roc": "sdRoc", CV_Measures_Mean: "cvMean", CV_Measures_SD: "cvSd", SDw: "sdW", SDhhmm: "sdHhMm", SDwsh: "sdWsh", SDdm: "sdDm",
  SDb: "sdB", SDbdm: "sdBDm",
};
const isExcepted = (id: string): boolean => EXCEPTIONS.some(({ ids }) => ids.test(id));

function suite(title: string, place: GoldenPlace, least: { readonly series: number; readonly numbers: number }): void {
  describe(title, () => {
    const comparisons = compareAll(place);

    it("[D5] matches every number of the references, but for the exceptions", () => {
      expect(comparisons.filter(({ result }) => result === "differs").map(({ text }) => text)).toEqual([]);
      expect(new Set(comparisons.map(({ id }) => id.split("@")[0])).size).toBeGreaterThanOrEqual(least.series);
      expect(comparisons.filter(({ result }) => result === "equal").length).toBeGreaterThanOrEqual(least.numbers);
    });

    it.each(EXCEPTIONS)("needs exception $mark", ({ mark, least: needed }) => {
      expect(comparisons.filter((each) => each.mark === mark && each.result === "excepted").length).toBeGreaterThanOrEqual(needed);
    });

    it("[D5] matches iglu's all_metrics, MAG apart", () => {
      const rows = rowsOf(place, "iglu/all_metrics.csv").filter(({ id }) => !isExcepted(id!));
      const differing = rows.flatMap((row) => {
        const ours = ourNumbers(goldenSeries(place, row["id"]!));
        return Object.entries(ALL_METRICS).flatMap(([column, name]) => (isEqual(ours.get(name), numberOf(row[column])) ? [] : [`${row["id"]} ${column}: ${ours.get(name)} instead of ${row[column]}`]));
      });
      expect(differing).toEqual([]);
      expect(rows.length).toBeGreaterThanOrEqual(least.series);
    });
  });
}

suite("golden values, committed synthetic series", COMMITTED, { series: 26, numbers: 5_000 });

describe("golden values, all series", () => {
  it("finds ../shared/golden when CI is set", () => {
    expect(isSharedThere || !process.env["CI"]).toBe(true);
  });

  it.skipIf(!isSharedThere)(`is told in docs/glucose.md as it is${isSharedThere ? "" : " (skipped: ../shared/golden is not here)"}`, () => {
    const text = readFileSync(new URL("../../docs/glucose.md", import.meta.url), "utf8");
    const told = text.slice(text.indexOf(TABLE_BEGIN) + TABLE_BEGIN.length, text.indexOf(TABLE_END)).trim();
    expect(told).toBe(goldenTable(compareAll(SHARED)));
  });
});

if (isSharedThere) suite("golden values, ../shared/golden", SHARED, { series: 46, numbers: 9_000 });
