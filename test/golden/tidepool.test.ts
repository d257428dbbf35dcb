/**
 * Our numbers against those of Tidepool viz 1.57.0, by its own rules: a reading within 10 s less than the sensor's interval after another is dropped, and values are
 * rounded before they are classified (cgm-metrics §1, §5, §13). Of rows of one instant it keeps the last.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gmiPercent } from "#glucose/gmi.ts";
import { timeInRanges } from "#glucose/ranges.ts";
import { roundHalfEven } from "#glucose/rounding.ts";
import { cleanSeries } from "#glucose/series.ts";
import { describe as describeReadings } from "#glucose/statistics.ts";
import { readGlucoseFile } from "#imports/read-file.ts";
import { isEqual } from "./compare.ts";
import { numberOf, rowsOf } from "./references.ts";
import { toMgDl } from "#units/glucose.ts";
import { COMMITTED, isSharedThere, SHARED, type GoldenPlace } from "./series.ts";

const why = isSharedThere ? "" : " (skipped: ../shared/golden is not here)";
/** Tidepool stores mg/dL divided by 18.01559 and multiplies again, which costs the last digits. */
const STORED = 18.01559;

function tidepoolSeries(place: GoldenPlace, row: Record<string, string>) {
  const [name = "", variant = ""] = row["id"]!.split("@");
  const isDst = name.startsWith("syn_dst");
  const { readings, unit } = readGlucoseFile(readFileSync(join(place.series, `${name}.csv`)), { zone: isDst ? "America/New_York" : "UTC" });
  return cleanSeries(readings[0]!, {
    unit, duplicates: "last", minSpacingMs: Number(row["sampleIntervalMin"]) * 60_000 - 10_000, ...(variant.startsWith("na") ? { sentinels: "drop" as const } : {}),
  });
}

/** Which of Tidepool's numbers differ, by name. */
function differing(place: GoldenPlace, row: Record<string, string>): string[] {
  const series = tidepoolSeries(place, row);
  const digits = series.unit === "mg/dL" ? 0 : 1;
  const rounded = series.values.map((value) => roundHalfEven(series.unit === "mg/dL" ? (value / STORED) * STORED : value, digits));
  const described = describeReadings(row["units"] === series.unit ? series.values : series.values.map(toMgDl));
  const meanMgDl = described && (row["units"] === "mg/dL" ? described.mean : toMgDl(described.mean));
  const ranges = timeInRanges(rounded, series.unit)?.ranges;
  const own: Record<string, number | null> = {
    readings_used: series.values.length, averageGlucose: described?.mean ?? null, standardDeviation: (described?.readings ?? 0) >= 30 ? (described?.sd ?? null) : null,
    cv: (described?.readings ?? 0) >= 30 ? (described?.cvPercent ?? null) : null,
    veryLow_pct: ranges?.veryLow ?? null, low_pct: ranges?.low ?? null, target_pct: ranges?.target ?? null, high_pct: ranges?.high ?? null, veryHigh_pct: ranges?.veryHigh ?? null,
    gmi_any: meanMgDl && gmiPercent(meanMgDl),
  };
  return Object.entries(own).flatMap(([name, value]) => {
    const reference = numberOf(row[name]);
    return isEqual(value, reference) ? [] : [`${row["id"]} ${name}: ${value} instead of ${reference}`];
  });
}

describe.each([["committed series", COMMITTED, 26], ["all series", SHARED, 45]] as const)("Tidepool's statistics of %s", (_title, place, least) => {
  it.skipIf(place === SHARED && !isSharedThere)(`[D5] come out by its rules${why}`, () => {
    const all = rowsOf(place, "tidepool/stats.csv");
    // It drops every reading of a sensor that reads each minute (cgm-metrics §14); there is nothing to hold ours against.
    const rows = all.filter(({ readings_used: used }) => used !== "0");
    expect(all.filter((row) => !rows.includes(row)).map(({ id }) => id)).toEqual(["syn_1min_a"]);
    expect(rows.flatMap((row) => differing(place, row))).toEqual([]);
    expect(rows.length).toBeGreaterThanOrEqual(least);
  });

  it.skipIf(place === SHARED && !isSharedThere)(`[D5] differ from ours where values lie between whole numbers${why}`, () => {
    const bounds = rowsOf(place, "tidepool/stats.csv").find(({ id }) => id === "syn_bounds_a")!;
    // 53.9 is very low; rounded, it would be low.
    expect(timeInRanges(tidepoolSeries(place, bounds).values, "mg/dL")!.ranges.veryLow).toBeGreaterThan(numberOf(bounds["veryLow_pct"])!);
  });
});
