/**
 * Our statistics against those of the R package iglu 4.3.0. The synthetic series and their values are committed; the real ones
 * lie beside the repository, in ../shared/golden, because their licences keep them out of it.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { activePercent } from "#glucose/active-percent.ts";
import { eA1cPercent, gmiPercent } from "#glucose/gmi.ts";
import { CONSENSUS_RANGES, percentAbove, percentBelow, percentWithin, timeInRanges } from "#glucose/ranges.ts";
import { cleanSeries, type CleaningOptions, type Series } from "#glucose/series.ts";
import { describe as describeReadings, quantiles } from "#glucose/statistics.ts";
import { readGlucoseFile } from "#imports/read-file.ts";

const root = path.resolve(import.meta.dirname, "..");
const fixtures = path.join(root, "test/fixtures/golden");
const shared = path.resolve(root, "../shared/golden");

/** cgm-metrics §12. */
const TOLERANCE = 1e-9;
/** mg/dL per mmol/L in iglu; ours is 18.01559. */
const IGLU_FACTOR = 18;
const SHARES = [0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100];

type Metrics = ReadonlyMap<string, number | null>;

/** Where iglu is not matched, and why (cgm-metrics §12, §13). */
const EXCEPTIONS: readonly { readonly ids: RegExp; readonly metrics: RegExp; readonly reason: string }[] = [
  {
    ids: /^syn_dups_a@raw$/,
    metrics: /^(?!active_percent$)/,
    reason: "iglu counts every row of an instant; we leave one reading an instant before anything is computed",
  },
  {
    ids: /mmol/,
    metrics: /^(above_140|above_250|in_range_63_140|in_range_70_140)$/,
    reason: "iglu converts by 18 and then classifies, which moves 7.8 and 13.9 mmol/L over the bound; we classify in mmol/L",
  },
  {
    ids: /mmol/,
    metrics: /^(GMI|eA1C)$/,
    reason: "iglu converts by 18; we convert the mean by 18.01559",
  },
];

const exceptionFor = (id: string, metric: string): string | null =>
  EXCEPTIONS.find(({ ids, metrics }) => ids.test(id) && metrics.test(metric))?.reason ?? null;

/** Cleaning that a variant of the reference asks for. */
const VARIANTS: Readonly<Record<string, CleaningOptions>> = {
  last: { duplicates: "last" },
  na: { sentinels: "drop" },
  na_rows_kept: { sentinels: "drop" },
};

function readSeries(file: string, id: string): Series {
  const { readings, unit } = readGlucoseFile(readFileSync(file), { zone: "UTC" });
  const variant = id.split("@")[1] ?? "";
  return cleanSeries(readings[0]!, { unit, ...VARIANTS[variant] });
}

/** Everything that is compared, under iglu's names; glucose in mg/dL at iglu's factor. */
function compute({ unit, timesMs, values, cadenceMinutes }: Series): Metrics {
  const described = describeReadings(values)!;
  const scale = unit === "mmol/L" ? IGLU_FACTOR : 1;
  const limit = (mgDl: number, mmolL: number): number => (unit === "mg/dL" ? mgDl : mmolL);
  const { low, high, veryLow, veryHigh, tightHigh } = CONSENSUS_RANGES[unit];
  const metrics = new Map<string, number | null>([
    ["mean", described.mean * scale],
    ["SD", described.sd === null ? null : described.sd * scale],
    ["CV", described.cvPercent],
    ["median", described.median * scale],
    ["IQR", described.iqr * scale],
    ["MAD", described.mad * scale],
    ["range", described.range * scale],
    ["GMI", gmiPercent(described.mean * (unit === "mmol/L" ? 18.01559 : 1))],
    ["eA1C", eA1cPercent(described.mean * (unit === "mmol/L" ? 18.01559 : 1))],
    ["above_140", percentAbove(values, tightHigh)],
    ["above_180", percentAbove(values, high)],
    ["above_250", percentAbove(values, veryHigh)],
    ["below_54", percentBelow(values, veryLow)],
    ["below_63", percentBelow(values, limit(63, 3.5))],
    ["below_70", percentBelow(values, low)],
    ["in_range_63_140", percentWithin(values, limit(63, 3.5), tightHigh)],
    ["in_range_70_140", percentWithin(values, low, tightHigh)],
    ["in_range_70_180", percentWithin(values, low, high)],
    ["active_percent", activePercent(timesMs, cadenceMinutes)],
  ]);
  const found = quantiles(values, SHARES.map((share) => share / 100));
  for (const [index, share] of SHARES.entries()) metrics.set(`quantile_${share}`, found[index]! * scale);
  return metrics;
}

function isEqual(ours: number | null, reference: number | null): boolean {
  if (ours === null || reference === null) return ours === reference;
  return Math.abs(ours - reference) <= TOLERANCE * Math.abs(reference);
}

/** Compares one series; gives the metrics that differ, and the exceptions that did not need to be any. */
function compare(id: string, ours: Metrics, reference: Metrics): { compared: number; differing: string[]; needless: string[] } {
  const differing: string[] = [];
  const needless: string[] = [];
  for (const [metric, value] of reference) {
    const own = ours.get(metric);
    if (own === undefined) differing.push(`${metric} is not computed`);
    else if (exceptionFor(id, metric)) {
      if (isEqual(own, value)) needless.push(metric);
    } else if (!isEqual(own, value)) differing.push(`${metric}: ${own} instead of ${value}`);
  }
  return { compared: reference.size, differing, needless };
}

const METRICS_COMPARED = 30;

const number = (text: string): number | null => (text === "NA" || text === "NaN" ? null : Number(text));

function add(table: Map<string, Map<string, number | null>>, id: string, metric: string, text: string): void {
  const ofId = table.get(id) ?? new Map<string, number | null>();
  table.set(id, ofId.set(metric, number(text)));
}

function lines(file: string): string[][] {
  return readFileSync(file, "utf8").trim().split("\n").slice(1).map((line) => line.split(","));
}

function committedReference(): Map<string, Metrics> {
  const table = new Map<string, Map<string, number | null>>();
  for (const [id, metric, value] of lines(path.join(fixtures, "reference.csv"))) add(table, id!, metric!, value!);
  return table;
}

const REFERENCE_FILES = [
  "mean_glu", "sd_glu", "cv_glu", "median_glu", "iqr_glu", "mad_glu", "range_glu", "gmi", "ea1c",
  "in_range_percent", "above_percent", "below_percent", "active_percent", "quantile_glu",
];

function sharedReference(): Map<string, Metrics> {
  const table = new Map<string, Map<string, number | null>>();
  for (const name of REFERENCE_FILES) {
    const file = path.join(shared, "iglu", `${name}.csv`);
    const header = readFileSync(file, "utf8").split("\n")[0]!.trim().split(",");
    for (const row of lines(file)) {
      for (const [index, column] of header.entries()) {
        if (index === 0 || /date|ndays/.test(column)) continue;
        add(table, row[0]!, name === "quantile_glu" ? `quantile_${column}` : column, row[index]!);
      }
    }
  }
  return table;
}

describe("golden values of iglu, committed synthetic series [D5]", () => {
  const reference = committedReference();

  it("has every committed series in the reference", () => {
    const series = readdirSync(fixtures).filter((name) => name.startsWith("syn_")).map((name) => name.replace(".csv", ""));
    const known = new Set([...reference.keys()].map((id) => id.split("@")[0]));
    expect(series.length).toBeGreaterThanOrEqual(20);
    expect(series.filter((id) => !known.has(id))).toEqual([]);
  });

  it.each([...reference.keys()])("matches iglu on %s", (id) => {
    const file = path.join(fixtures, `${id.split("@")[0]}.csv`);
    const { compared, differing } = compare(id, compute(readSeries(file, id)), reference.get(id)!);
    expect(differing).toEqual([]);
    expect(compared).toBe(METRICS_COMPARED);
  });

  it("needs every exception it makes for the mmol/L series, whose readings lie on the bounds", () => {
    const id = "syn_mmol_a";
    const { needless } = compare(id, compute(readSeries(path.join(fixtures, `${id}.csv`), id)), reference.get(id)!);
    expect(needless).toEqual([]);
  });

  it("needs its exception for the mean of doubled rows", () => {
    const id = "syn_dups_a@raw";
    const { needless } = compare(id, compute(readSeries(path.join(fixtures, "syn_dups_a.csv"), id)), reference.get(id)!);
    expect(needless).not.toContain("mean");
  });
});

const isThere = existsSync(path.join(shared, "iglu"));

describe("golden values of iglu, all series", () => {
  it("finds ../shared/golden when CI is set", () => {
    expect(isThere || !process.env["CI"]).toBe(true);
  });

  const why = isThere ? "" : " (skipped: ../shared/golden is not here)";
  const reference = isThere ? sharedReference() : new Map<string, Metrics>();

  it.skipIf(!isThere)(`has a reference for at least 47 series${why}`, () => {
    expect(new Set([...reference.keys()].map((id) => id.split("@")[0])).size).toBeGreaterThanOrEqual(47);
  });

  it.skipIf(!isThere)(`matches iglu on every series and variant${why}`, () => {
    const failures: string[] = [];
    let compared = 0;
    for (const [id, metrics] of reference) {
      const file = path.join(shared, "data", `${id.split("@")[0]}.csv`);
      const result = compare(id, compute(readSeries(file, id)), metrics);
      compared += result.compared;
      failures.push(...result.differing.map((text) => `${id} ${text}`));
    }
    expect(failures).toEqual([]);
    expect(compared).toBe(reference.size * METRICS_COMPARED);
  });

  it.skipIf(!isThere).each(["glu_ipro2_999998", "glu_libre_healthy"])(`matches iglu on the mmol/L original of %s${why}`, (id) => {
    const series = readSeries(path.join(shared, "data/native", `${id}.mmol.csv`), id);
    expect(series.unit).toBe("mmol/L");
    const { differing } = compare(`${id}.mmol`, compute(series), reference.get(id)!);
    expect(differing).toEqual([]);
    expect(timeInRanges(series.values, "mmol/L")!.ranges.target).toBeCloseTo(reference.get(id)!.get("in_range_70_180")!, 9);
  });
});
