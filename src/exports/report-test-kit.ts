/** Made-up series for the tests of reports: no chance, no real person. */
import { cleanSeries, type Series } from "#glucose/series.ts";
import type { GlucoseUnit } from "#units/glucose.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { type PresetName, presetOf } from "./presets.ts";
import { reportData, type ReportQuestion } from "./report-data.ts";
import type { ReportData } from "./report-types.ts";

/** Monday. */
export const START_MS = Date.parse("2026-03-02T00:00:00Z");

/** A value every five minutes of some days, in UTC: a wave from 60 to 260 mg/dL twice a day, or what `valueAt` says; null is no reading. */
export function madeUpSeries(days: number, { unit = "mg/dL", valueAt = wave }: { readonly unit?: GlucoseUnit; readonly valueAt?: (ms: number) => number | null } = {}): Series {
  const [timesMs, values]: [number[], number[]] = [[], []];
  for (let ms = START_MS; ms < START_MS + days * DAY_MS; ms += 5 * MINUTE_MS) {
    const value = valueAt(ms - START_MS);
    if (value === null) continue;
    timesMs.push(ms);
    values.push(value);
  }
  return cleanSeries({ timesMs, values }, { unit });
}

export function wave(sinceStartMs: number): number {
  return Math.round(160 + 100 * Math.sin((sinceStartMs / (12 * HOUR_MS)) * 2 * Math.PI));
}

export function madeUpData(days: number, { preset = "standard", ...question }: Partial<Omit<ReportQuestion, "preset">> & { readonly preset?: PresetName } = {}, series: Series = madeUpSeries(days)): ReportData {
  return reportData(series, {
    zone: "UTC", days: 14, person: null, source: { names: ["made-up.csv"], file: null, duplicates: "mean" }, ...question, preset: presetOf(preset),
  });
}
