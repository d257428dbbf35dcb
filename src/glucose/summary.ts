/** The summary that the API and the portal show: one period of one person, in mg/dL. */
import { DAY_MS, MINUTE_MS, type Window, localDate, localDay } from "#units/time.ts";
import { dayAt, type ZoneHistory } from "#units/zones.ts";
import { gmiMmolMol, gmiPercent } from "./gmi.ts";
import { CONSENSUS_RANGES, type RangeShares, type RangeThresholds, timeInRanges } from "./ranges.ts";
import { cleanSeries, type CleaningReport, type DuplicatePolicy, type Series } from "./series.ts";
import { describe } from "./statistics.ts";
import { insufficiency, type InsufficiencyReason, wearPercent } from "./wear.ts";

export interface SummaryInput {
  /** UTC epoch milliseconds, any order. */
  readonly timesMs: ArrayLike<number>;
  readonly valuesMgDl: ArrayLike<number>;
}

export interface SummaryOptions {
  /** Where a day begins: an IANA zone, or the zones that the person has lived in. */
  readonly zone: string | ZoneHistory;
  /** Start of the asked period (in); the first reading unless given. */
  readonly fromMs?: number;
  /** End of the asked period (out), not after now; one cadence after the last reading unless given. */
  readonly toMs?: number;
  readonly duplicates?: DuplicatePolicy;
}

/**
 * Why a number is null or preliminary: no reading at all; too few for a standard deviation; too few to know how often the
 * sensor reads (so no wear); and the two of the consensus.
 */
export type SummaryReason = "no_readings" | "single_reading" | InsufficiencyReason;

export interface DayOfGlucose {
  /** Local date, YYYY-MM-DD. */
  readonly date: string;
  readonly readings: number;
  readonly mean: number;
  readonly inTargetPercent: number;
  readonly min: number;
  readonly max: number;
}

/** All glucose in mg/dL, shares in percent 0–100, unrounded; null where undefined, with a reason. */
export interface GlucoseSummary {
  /** The period as asked, or as the readings span it; null without readings and question. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly readings: number;
  /** Local days that have readings. */
  readonly days: number;
  readonly mean: number | null;
  readonly sd: number | null;
  readonly cvPercent: number | null;
  readonly gmiPercent: number | null;
  readonly gmiMmolMol: number | null;
  readonly median: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** Present of expected readings over the whole period. */
  readonly wearPercent: number | null;
  readonly rangesPercent: RangeShares | null;
  readonly thresholds: RangeThresholds;
  /** False under 14 days with 70 % of readings: show the numbers as preliminary. */
  readonly isSufficient: boolean;
  readonly reasons: readonly SummaryReason[];
  /** One entry a local day that has readings, ascending. */
  readonly daily: readonly DayOfGlucose[];
  /** What cleaning did with the readings of the period. */
  readonly cleaning: CleaningReport;
}

/**
 * Summary of a period. Too little data gives nulls and reasons, never an error, 0 or NaN.
 * @param input mg/dL, any order, unevenly spaced allowed. Throws RangeError for an unknown zone.
 * Source: cgm-metrics §1, §3, §4, §5, §11. Wear is over the asked period, see `wearPercent`.
 */
export function summarize(input: SummaryInput, options: SummaryOptions): GlucoseSummary {
  const series = cleanSeries(within(input, options), { duplicates: options.duplicates ?? "mean" });
  const window = periodOf(series, options);
  const described = describe(series.values);
  const lack = window ? insufficiency(series.timesMs, series.cadenceMinutes, window, dayOf(options.zone, window.toMs - 1).endMs) : "under_14_days";
  const daily = days(series, options.zone);
  const reasons: SummaryReason[] = [];
  if (!described) reasons.push("no_readings");
  else if (described.readings === 1) reasons.push("single_reading");
  if (lack) reasons.push(lack);
  return {
    fromMs: window?.fromMs ?? null,
    toMs: window?.toMs ?? null,
    readings: series.values.length,
    days: daily.length,
    mean: described?.mean ?? null,
    sd: described?.sd ?? null,
    cvPercent: described?.cvPercent ?? null,
    gmiPercent: described ? gmiPercent(described.mean) : null,
    gmiMmolMol: described ? gmiMmolMol(described.mean) : null,
    median: described?.median ?? null,
    min: described?.min ?? null,
    max: described?.max ?? null,
    wearPercent: window ? wearPercent(series.timesMs, series.cadenceMinutes, window) : null,
    rangesPercent: timeInRanges(series.values, "mg/dL")?.ranges ?? null,
    thresholds: CONSENSUS_RANGES["mg/dL"],
    isSufficient: lack === null,
    reasons,
    daily,
    cleaning: series.report,
  };
}

function within({ timesMs, valuesMgDl }: SummaryInput, { fromMs = -Infinity, toMs = Infinity }: SummaryOptions): {
  timesMs: Float64Array; values: Float64Array;
} {
  if (timesMs.length !== valuesMgDl.length) throw new RangeError("A series needs as many times as values.");
  const times = new Float64Array(timesMs.length);
  const values = new Float64Array(timesMs.length);
  let count = 0;
  for (let i = 0; i < timesMs.length; i++) {
    if (timesMs[i]! < fromMs || timesMs[i]! >= toMs) continue;
    times[count] = timesMs[i]!;
    values[count++] = valuesMgDl[i]!;
  }
  return { timesMs: times.subarray(0, count), values: values.subarray(0, count) };
}

function periodOf({ timesMs, cadenceMinutes }: Series, options: SummaryOptions): Window | null {
  const first = timesMs[0];
  const last = timesMs[timesMs.length - 1];
  const fromMs = options.fromMs ?? first;
  const toMs = options.toMs ?? (last === undefined ? undefined : last + (cadenceMinutes ?? 0) * MINUTE_MS);
  return fromMs === undefined || toMs === undefined ? null : { fromMs, toMs };
}

function days({ timesMs, values }: Series, zone: string | ZoneHistory): DayOfGlucose[] {
  const result: DayOfGlucose[] = [];
  for (let start = 0; start < timesMs.length; ) {
    const { date, endMs } = dayOf(zone, timesMs[start]!);
    let end = start + 1;
    while (end < timesMs.length && timesMs[end]! < endMs) end++;
    const ofDay = values.subarray(start, end);
    const { mean, min, max } = describe(ofDay)!;
    const inTargetPercent = timeInRanges(ofDay, "mg/dL")!.ranges.target;
    result.push({ date, readings: end - start, mean, inTargetPercent, min, max });
    start = end;
  }
  return result;
}

function dayOf(zone: string | ZoneHistory, ms: number): { readonly date: string; readonly endMs: number } {
  if (typeof zone !== "string") {
    const { date, toMs } = dayAt(zone, ms);
    return { date, endMs: toMs };
  }
  const date = localDate(zone, ms);
  return { date, endMs: localDay(zone, date)?.toMs ?? ms + DAY_MS };
}
