/** A cleaned series → what a report shows. The one place where a report meets the analytics. */
import { agpBins } from "#charts/agp-bins.ts";
import { longestStep } from "#charts/daily-profile.ts";
import { analyze } from "#glucose/analyze.ts";
import { gmiMmolMol, gmiPercent } from "#glucose/gmi.ts";
import { localTimes } from "#glucose/local-times.ts";
import { type AgpReason, ambulatoryProfile } from "#glucose/patterns/agp.ts";
import { dataQuality } from "#glucose/quality.ts";
import { RANGE_PRESETS } from "#glucose/range-presets.ts";
import type { Series } from "#glucose/series.ts";
import { describe, quantiles } from "#glucose/statistics.ts";
import { insufficiency, wearPercent } from "#glucose/wear.ts";
import { type GlucoseUnit, toMgDl } from "#units/glucose.ts";
import { addDays, DAY_MS, MINUTE_MS, type Window } from "#units/time.ts";
import { dateAt, type LocalDay, localDays } from "#units/zones.ts";
import { InvalidInput } from "../errors.ts";
import { reportEpisodes } from "./episodes.ts";
import { type Preset, sharesOf } from "./presets.ts";
import type { Lack, Numbers, ReportData, ReportDay, ReportHour, ReportSource } from "./report-types.ts";

export interface ReportQuestion {
  readonly zone: string;
  readonly preset: Preset;
  /** How many local days, ending with the last one that has readings; days before the first one with readings are left out. */
  readonly days: number;
  readonly person: string | null;
  readonly source: Omit<ReportSource, "cleaning">;
}

/** Unless asked otherwise. */
export const DEFAULT_DAYS = 14;

/** Readings of the period in the unit they were measured in, and in mg/dL. */
interface Measured {
  readonly unit: GlucoseUnit;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly mgDl: Float64Array;
}

/**
 * What a report shows of a series. Ranges are classified in the unit of the series; all glucose given is mg/dL.
 * Throws InvalidInput for a series without readings, RangeError for an unknown zone.
 */
export function reportData(series: Series, { zone, preset, days: most, person, source }: ReportQuestion): ReportData {
  const last = series.timesMs[series.timesMs.length - 1];
  if (last === undefined) throw new InvalidInput("There are no glucose readings to report on.", { code: "report_empty", httpStatus: 422 });
  const home = { home: zone, entries: [] };
  const lastDate = dateAt(home, last);
  const earliest = dateAt(home, series.timesMs[0]!);
  const asked = addDays(lastDate, 1 - most);
  const localDaysOfPeriod = localDays(home, asked > earliest ? asked : earliest, lastDate);
  const period = { firstDate: localDaysOfPeriod[0]!.date, lastDate, fromMs: localDaysOfPeriod[0]!.fromMs, toMs: localDaysOfPeriod.at(-1)!.toMs };
  const measured = within(series, period);
  const { cadenceMinutes } = series;
  const days = localDaysOfPeriod.map((day) => reportDay(day, measured, { preset, cadenceMinutes }));
  const lack = tooShort(measured, cadenceMinutes) ? "under_24_hours" : null;
  const shown = { ...series, timesMs: measured.timesMs, values: measured.values };
  const profile = ambulatoryProfile(shown, zone);
  const numbers = numbersOf(measured, preset);
  const quality = dataQuality(shown, zone, { gapMinutes: longestStep(cadenceMinutes) / MINUTE_MS });
  const insufficient = insufficiency(measured.timesMs, cadenceMinutes, period);
  const cadenceMs = (cadenceMinutes ?? 0) * MINUTE_MS;
  return {
    person, zone, preset, period, cadenceMinutes, numbers, lack, days,
    activePercent: wearPercent(measured.timesMs, cadenceMinutes, { fromMs: period.fromMs, toMs: Math.min(period.toMs, last + cadenceMs) }),
    gmi: insufficient ? { lack: insufficient } : { percent: gmiPercent(numbers.mean!), mmolMol: gmiMmolMol(numbers.mean!) },
    variability: numbers.cvPercent === null || numbers.readings < LEAST_FOR_SPREAD ? { lack: "under_30_readings" } : { cvPercent: numbers.cvPercent },
    profile: { bins: agpBins(profile), lack: lack ?? PROFILE_LACKS[profile.reason ?? "none"] },
    ...byTimeOfDay(measured, preset, zone),
    episodes: reportEpisodes(shown, { zone, preset }),
    analysis: analyze(shown, { zone, unit: "mg/dL", bounds: RANGE_PRESETS[preset.name].bounds }),
    findings: quality.findings.filter(({ kind }) => kind !== "gap"), gaps: quality.gaps.map(({ fromMs, toMs }) => ({ fromMs, toMs })),
    source: { ...source, cleaning: series.report },
  };
}

const PROFILE_LACKS: Readonly<Record<AgpReason | "none", Lack | null>> = {
  none: null, no_readings: "under_24_hours", under_24_hours: "under_24_hours", under_7_days: "under_7_days", under_70_percent: "under_70_percent_of_7_days",
};

/** CV of fewer is chance. Source: cgm-metrics §3. */
const LEAST_FOR_SPREAD = 30;

function within({ timesMs, values, unit }: Pick<Series, "timesMs" | "values" | "unit">, { fromMs, toMs }: Window): Measured {
  let from = 0;
  while (from < timesMs.length && timesMs[from]! < fromMs) from++;
  let to = from;
  while (to < timesMs.length && timesMs[to]! < toMs) to++;
  const inside = values.subarray(from, to);
  return { unit, timesMs: timesMs.subarray(from, to), values: inside, mgDl: unit === "mg/dL" ? inside : inside.map(toMgDl) };
}

function tooShort({ timesMs }: Measured, cadenceMinutes: number | null): boolean {
  return timesMs.length * (cadenceMinutes ?? 0) * MINUTE_MS < DAY_MS;
}

function reportDay(day: LocalDay, measured: Measured, { preset, cadenceMinutes }: { readonly preset: Preset; readonly cadenceMinutes: number | null }): ReportDay {
  const ofDay = within(measured, day);
  return { ...day, timesMs: ofDay.timesMs, values: ofDay.mgDl, numbers: numbersOf(ofDay, preset), activePercent: wearPercent(ofDay.timesMs, cadenceMinutes, day) ?? 0 };
}

function numbersOf({ unit, values, mgDl }: Omit<Measured, "timesMs">, preset: Preset): Numbers {
  const described = describe(mgDl);
  const [p05, p25, p75, p95] = quantiles(mgDl, [0.05, 0.25, 0.75, 0.95]) as [number | null, number | null, number | null, number | null];
  const found = sharesOf(values, unit, preset);
  return {
    readings: mgDl.length, mean: described?.mean ?? null, sd: described?.sd ?? null, cvPercent: described?.cvPercent ?? null, median: described?.median ?? null,
    min: described?.min ?? null, max: described?.max ?? null, p05, p25, p75, p95,
    shares: found?.shares ?? null, tightPercent: found?.tightPercent ?? null,
  };
}

function byTimeOfDay(measured: Measured, preset: Preset, zone: string): { hours: ReportHour[]; night: Numbers; daytime: Numbers } {
  const { minutes } = localTimes(measured.timesMs, zone);
  const between = (from: number, to: number): Numbers => {
    const isIn = (_: number, index: number): boolean => minutes[index]! >= from * 60 && minutes[index]! < to * 60;
    return numbersOf({ unit: measured.unit, values: measured.values.filter(isIn), mgDl: measured.mgDl.filter(isIn) }, preset);
  };
  return { hours: Array.from({ length: 24 }, (_, hour) => ({ hour, numbers: between(hour, hour + 1) })), night: between(0, 6), daytime: between(6, 24) };
}
