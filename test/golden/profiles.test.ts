/**
 * Profiles against Tidepool viz (hourly quantiles) and against R's loess. Synthetic series are committed; the real ones lie beside the repository, in
 * ../shared/golden, because their licences keep them out of it.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ambulatoryProfile, type Percentiles } from "#glucose/patterns/agp.ts";
import { smoothPercentiles } from "#glucose/patterns/loess.ts";
import { cleanSeries, type Readings, type Series } from "#glucose/series.ts";
import { readGlucoseFile } from "#imports/read-file.ts";
import { MG_DL_PER_MMOL_L } from "#units/glucose.ts";
import { COMMITTED, isSharedThere, SHARED, type GoldenPlace } from "./series.ts";

const why = isSharedThere ? "" : " (skipped: ../shared/golden is not here)";

/** cgm-metrics §12. */
const TOLERANCE = 1e-9;
const LOESS_TOLERANCE_MG_DL = 1e-3;
const KEYS = ["p05", "p25", "p50", "p75", "p95"] as const;

/** Tidepool's hourly quantiles count every row of an instant; we leave one reading an instant before anything is computed. */
const COUNTED_TWICE = "syn_dups_a";

function readSeries(folder: string, id: string): Series {
  const { readings, unit } = readGlucoseFile(readFileSync(path.join(folder, `${id.split("@")[0]}.csv`)), { zone: "UTC" });
  const given = readings[0]!;
  return cleanSeries(id === COUNTED_TWICE ? apart(given) : given, { unit, sentinels: id.endsWith("@na") ? "drop" : "clamp" });
}

/** The same readings, those of one instant a millisecond apart, so that all of them count. */
function apart({ timesMs, values }: Readings): Readings {
  const seen = new Map<number, number>();
  const spread = Array.from(timesMs, (ms) => {
    const before = seen.get(ms) ?? 0;
    seen.set(ms, before + 1);
    return ms + before;
  });
  return { timesMs: spread, values };
}

interface Row {
  readonly slot: number;
  readonly raw: Percentiles;
  readonly smoothed: Percentiles | null;
}

const rowsOf = (file: string): string[][] => readFileSync(file, "utf8").trim().split("\n").slice(1).map((line) => line.split(","));
const isMissing = (text: string | undefined): boolean => text === undefined || text === "" || text === "NA";

function percentiles(cells: readonly string[]): Percentiles | null {
  if (isMissing(cells[2])) return null;
  const [p05, p25, p50, p75, p95] = cells.map(Number);
  return { p05: p05!, p25: p25!, p50: p50!, p75: p75!, p95: p95! };
}

/** Rows by series: id, slot, five raw and five smoothed percentiles from the columns given. */
function table(rows: readonly (readonly string[])[], rawFrom: number, smoothedFrom: number): Map<string, Row[]> {
  const byId = new Map<string, Row[]>();
  for (const row of rows) {
    const raw = percentiles(row.slice(rawFrom, rawFrom + 5));
    if (raw === null) continue;
    byId.set(row[0]!, [...(byId.get(row[0]!) ?? []), { slot: Number(row[1]), raw, smoothed: percentiles(row.slice(smoothedFrom, smoothedFrom + 5)) }]);
  }
  return byId;
}

/** Tidepool's quantiles with the smoothing that we reckoned from them. */
function hourlyTable(place: GoldenPlace): Map<string, Row[]> {
  const smoothed = new Map(rowsOf(path.join(place.reference, "derived/agp_hourly_smoothed_141.csv")).map((row) => [`${row[0]} ${row[1]}`, row.slice(2)]));
  const rows = rowsOf(path.join(place.reference, "tidepool/agp_hourly_percentiles.csv")).map((row) => [...row.slice(0, 7), ...smoothed.get(`${row[0]} ${row[1]}`)!]);
  return table(rows, 2, 7);
}

function hourlyDifferences(series: Series, id: string, rows: readonly Row[]): string[] {
  const zone = id.startsWith("syn_dst") ? "America/New_York" : "UTC";
  // Tidepool stores mmol/L as mg/dL by the factor that is ours, too.
  const scale = series.unit === "mmol/L" ? MG_DL_PER_MMOL_L : 1;
  const { bins } = ambulatoryProfile(series, zone);
  const differing = bins.filter(({ count }) => count > 0).length === rows.length ? [] : [`${id} has other hours`];
  for (const { slot, raw, smoothed } of rows) {
    const bin = bins[slot]!;
    for (const key of KEYS) {
      if (!(Math.abs(bin.raw![key] * scale - raw[key]) <= TOLERANCE * raw[key])) differing.push(`${id} ${slot} ${key} raw`);
      if (!(Math.abs(bin.smoothed![key] * scale - smoothed![key]) <= TOLERANCE * smoothed![key])) differing.push(`${id} ${slot} ${key} smoothed`);
    }
  }
  return differing;
}

function worstOfLoess(rows: readonly Row[]): number {
  const smoothed = smoothPercentiles(rows.map(({ slot }) => slot), rows.map(({ raw }) => raw));
  return Math.max(...rows.flatMap((row, index) => KEYS.map((key) => Math.abs(smoothed[index]![key] - row.smoothed![key]))));
}

describe("profiles of synthetic series", () => {
  it.each([...hourlyTable(COMMITTED)])("[E9] have Tidepool's hourly quantiles and their smoothing: %s", (id, rows) => {
    expect(hourlyDifferences(readSeries(COMMITTED.series, id), id, rows)).toEqual([]);
  });

  it.each([...table(rowsOf(path.join(COMMITTED.reference, "agp-loess.csv")), 2, 7)])("[E9] are smoothed as R's loess does: %s", (_, rows) => {
    expect(rows.length).toBeGreaterThanOrEqual(96);
    expect(worstOfLoess(rows)).toBeLessThan(LOESS_TOLERANCE_MG_DL);
  });
});

describe("the exception", () => {
  it("is needed: readings of one instant are one reading to us", () => {
    const rows = hourlyTable(COMMITTED).get(COUNTED_TWICE)!;
    const { readings, unit } = readGlucoseFile(readFileSync(path.join(COMMITTED.series, `${COUNTED_TWICE}.csv`)), { zone: "UTC" });
    expect(hourlyDifferences(cleanSeries(readings[0]!, { unit }), COUNTED_TWICE, rows)).not.toEqual([]);
  });
});

describe("profiles of all series", () => {
  it("have their reference data, in CI always", () => {
    expect(isSharedThere || !process.env["CI"]).toBe(true);
  });

  it.skipIf(!isSharedThere)(`[E9] have Tidepool's hourly quantiles${why}`, () => {
    const references = hourlyTable(SHARED);
    expect(references.size).toBe(48);
    expect([...references].flatMap(([id, of]) => hourlyDifferences(readSeries(SHARED.series, id), id, of))).toEqual([]);
  });

  it.skipIf(!isSharedThere)(`[E9] are smoothed as R's loess does${why}`, () => {
    // The reference did not fit where slots are empty (under three days, and one slot of syn_sparse_a).
    const references = [...table(rowsOf(path.join(SHARED.reference, "iglu/agp_percentiles.csv")), 3, 8)].filter(([, rows]) => rows.every(({ smoothed }) => smoothed));
    expect(references.length).toBe(44);
    expect(Math.max(...references.map(([, rows]) => worstOfLoess(rows)))).toBeLessThan(LOESS_TOLERANCE_MG_DL);
  });
});
