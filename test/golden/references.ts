/** What the references say: one map of numbers for each series, under one name each. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { GoldenPlace } from "./series.ts";

export type Numbers = ReadonlyMap<string, number | null>;

export function rowsOf(place: GoldenPlace, file: string): Record<string, string>[] {
  const path = join(place.reference, file);
  if (!existsSync(path)) return [];
  const [header, ...rows] = readFileSync(path, "utf8").trimEnd().split("\n").map((line) => line.split(","));
  return rows.map((row) => Object.fromEntries(header!.map((column, index) => [column, row[index]!])));
}

/** NA and NaN say that there is no number. */
export function numberOf(text: string | undefined): number | null {
  if (text === undefined || text === "NA" || text === "NaN") return null;
  if (text === "") throw new Error("A reference has an empty cell.");
  return Number(text);
}

/** Files with one row a series: our name → column. Names are those of `GlucoseAnalysis` where it has the number. */
const WIDE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "iglu/mean_glu.csv": { mean: "mean" },
  "iglu/sd_glu.csv": { sd: "SD" },
  "iglu/cv_glu.csv": { cv: "CV" },
  "iglu/median_glu.csv": { median: "median" },
  "iglu/iqr_glu.csv": { iqr: "IQR" },
  "iglu/mad_glu.csv": { mad: "MAD" },
  "iglu/range_glu.csv": { range: "range" },
  "iglu/summary_glu.csv": { min: "Min.", quartile1: "1st Qu.", quartile3: "3rd Qu.", max: "Max." },
  "iglu/quantile_glu.csv": Object.fromEntries([0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100].map((share) => [`quantile ${share}`, String(share)])),
  "iglu/gmi.csv": { gmi: "GMI" },
  "iglu/ea1c.csv": { eA1c: "eA1C" },
  "iglu/in_range_percent.csv": { "in 63–140": "in_range_63_140", "in 70–140": "in_range_70_140", "in 70–180": "in_range_70_180" },
  "iglu/above_percent.csv": { "above 140": "above_140", "above 180": "above_180", "above 250": "above_250" },
  "iglu/below_percent.csv": { "below 54": "below_54", "below 63": "below_63", "below 70": "below_70" },
  "iglu/active_percent.csv": { activePercent: "active_percent" },
  "iglu/active_percent_manual14.csv": { "activePercent of 14 days": "active_percent" },
  "iglu/lbgi.csv": { lbgi: "LBGI" },
  "iglu/hbgi.csv": { hbgi: "HBGI" },
  "iglu/adrr.csv": { adrr: "ADRR" },
  "iglu/gri.csv": { gri: "GRI" },
  "derived/gri_components.csv": { griHypo: "hypo_component", griHyper: "hyper_component" },
  "iglu/grade.csv": { grade: "GRADE" },
  "iglu/grade_hypo.csv": { gradeHypo: "GRADE_hypo" },
  "iglu/grade_eugly.csv": { gradeEuglycemia: "GRADE_eugly" },
  "iglu/grade_hyper.csv": { gradeHyper: "GRADE_hyper" },
  "iglu/j_index.csv": { jIndex: "J_index" },
  "iglu/m_value.csv": { mValue: "M_value" },
  "iglu/m_value_r100.csv": { "mValue r=100": "M_value" },
  "iglu/igc.csv": { igc: "IGC" },
  "iglu/hypo_index.csv": { hypoIndex: "hypo_index" },
  "iglu/hyper_index.csv": { hyperIndex: "hyper_index" },
  "iglu/cogi.csv": { cogi: "COGI" },
  "iglu/pgs.csv": { pgs: "PGS" },
  "iglu/modd.csv": { modd: "MODD", "modd lag 2": "MODD_lag2", "modd lag 7": "MODD_lag7" },
  "iglu/conga.csv": { "conga 1": "CONGA_1", "conga 2": "CONGA_2", "conga 4": "CONGA_4", "conga 6": "CONGA_6", conga24: "CONGA_24" },
  "iglu/mag.csv": { mag: "MAG", mag60: "MAG_n60" },
  "iglu/gvp.csv": { gvp: "GVP" },
  "iglu/sd_roc.csv": { sdRoc: "sd_roc" },
  "iglu/roc_quantiles.csv": { "rates, number": "n", ...Object.fromEntries([0, 5, 25, 50, 75, 95, 100].map((share) => [`rates, quantile ${share}`, `${share}%`])) },
  "iglu/sd_measures.csv": { sdW: "SDw", sdHhMm: "SDhhmm", sdWsh: "SDwsh", sdDm: "SDdm", sdB: "SDb", sdBDm: "SDbdm" },
  "iglu/cv_measures.csv": { cvMean: "CVmean", cvSd: "CVsd" },
  "derived/auc_corrected.csv": { auc: "hourly_auc_corrected" },
  "iglu/mage.csv": { "mage.average": "MAGE_avg", "mage.service": "MAGE_service", "mage.max": "MAGE_max", "mage.plus": "MAGE_plus", "mage.minus": "MAGE_minus" },
  "iglu/mage_naive.csv": { mageNaive: "MAGE" },
  "cgmguru/subject_summary.csv": {
    "cgmguru: hyperExtended.count": "hyper_extended_total_episodes", "cgmguru: hypoLevel1.count": "hypo_lv1_total_episodes", "cgmguru: uGmi": "uGMI",
    "cgmguru: hyperLevel2.count": "hyper_lv2_total_episodes", "cgmguru: activePercent": "sensor_wear_percent",
  },
};

/** Kinds of episodes in iglu's words. */
export const IGLU_KINDS: Readonly<Record<string, string>> = {
  "hypo lv1": "hypoLevel1", "hypo lv2": "hypoLevel2", "hypo extended": "hypoExtended", "hypo lv1_excl": "hypoLevel1Exclusive",
  "hyper lv1": "hyperLevel1", "hyper lv2": "hyperLevel2", "hyper lv1_excl": "hyperLevel1Exclusive",
};

const RATE_BINS = ["(-Inf;-3]", "(-3;-2]", "(-2;-1]", "(-1;1]", "(1;2]", "(2;3]", "(3; Inf]"];

/** Reference values of each series and variant. A series on which a reference throws has no number under that name. */
export function referenceNumbers(place: GoldenPlace): Map<string, Map<string, number | null>> {
  const all = new Map<string, Map<string, number | null>>();
  const set = (id: string, name: string, value: number | null): void => {
    all.set(id, (all.get(id) ?? new Map<string, number | null>()).set(name, value));
  };
  for (const [file, columns] of Object.entries(WIDE)) {
    for (const row of rowsOf(place, file)) for (const [name, column] of Object.entries(columns)) set(row["id"]!, name, numberOf(row[column]));
  }
  for (const [file, prefix] of [["iglu/episodes.csv", "episodes"], ["iglu/episodes_pgs.csv", "episodes 20/30"], ["iglu/episodes_dur120.csv", "episodes 120"]] as const) {
    for (const row of rowsOf(place, file)) {
      const kind = `${prefix}.${IGLU_KINDS[`${row["type"]} ${row["level"]}`]}`;
      const count = numberOf(row["total_episodes"]);
      set(row["id"]!, `${kind}.count`, count);
      set(row["id"]!, `${kind}.perDay`, numberOf(row["avg_ep_per_day"]));
      // The reference writes 0 for a mean duration of nothing (cgm-metrics §13).
      set(row["id"]!, `${kind}.meanDurationMinutes`, count === 0 ? null : numberOf(row["avg_ep_duration"]));
      set(row["id"]!, `${kind}.meanGlucose`, numberOf(row["avg_ep_gl"]));
    }
  }
  for (const row of rowsOf(place, "iglu/roc_histogram.csv")) set(row["id"]!, `rates, bin ${RATE_BINS.indexOf(row["bin"]!)}`, numberOf(row["n"]));
  return all;
}
