/**
 * Two windows of one series beside each other: before and after. Numbers and differences; whether one is preferable is for people to say.
 * Source: cgm-metrics §3–§5.
 */
import type { GlucoseUnit } from "#units/glucose.ts";
import { DAY_MS, HOUR_MS, type Window } from "#units/time.ts";
import { localTimes, type Zone } from "../local-times.ts";
import type { RangeBounds, RangeShares } from "../ranges.ts";
import { cadenceMinutes, type Series } from "../series.ts";
import { insufficiency, type InsufficiencyReason, SUFFICIENT, wearPercent } from "../wear.ts";
import { firstFrom } from "./coverage.ts";
import { gmiOf, type PartStatistics, partStatistics } from "./part-statistics.ts";

/** Why a window says too little to be compared: nothing in it, shorter than asked for, or too few of the expected readings. */
export type ThinReason = "no_readings" | "window_too_short" | "too_few_readings";

export interface PeriodNumbers extends PartStatistics {
  readonly fromMs: number;
  readonly toMs: number;
  readonly cadenceMinutes: number | null;
  /** Percent of the readings expected in the whole window, at the window's own cadence; null under two readings. */
  readonly wearPercent: number | null;
  /** Null, with the reason, where the consensus' 14 days with 70 % of readings are not there. */
  readonly gmiPercent: number | null;
  readonly gmiReason: "no_readings" | InsufficiencyReason | null;
  /** Null where the window can be compared. */
  readonly thinReason: ThinReason | null;
}

/** After minus before; glucose in the unit of the series, percents in percentage points. */
export interface PeriodDifferences {
  readonly mean: number;
  readonly sd: number;
  readonly cvPercent: number;
  /** Null where a side has no GMI. */
  readonly gmiPercent: number | null;
  readonly ranges: RangeShares;
  readonly tbr: number;
  readonly tar: number;
  readonly wearPercent: number;
}

export interface Comparison {
  readonly unit: GlucoseUnit;
  readonly before: PeriodNumbers;
  readonly after: PeriodNumbers;
  /** Null where a side is too thin (`thinReason`). */
  readonly differences: PeriodDifferences | null;
}

/** What a window must have to be compared; 14 days and 70 % as in the consensus unless said. */
export interface ComparisonOptions {
  readonly minDays?: number;
  readonly minPercent?: number;
  /** Ranges of the consensus unless given. */
  readonly bounds?: RangeBounds;
}

export interface ComparedWindows {
  readonly before: Window;
  readonly after: Window;
}

/**
 * Both windows' numbers, each from the readings in `[fromMs, toMs)`, and their differences. Windows may overlap and need not be of one length.
 * Throws RangeError for a window that ends before it begins, and for an unknown zone.
 */
export function comparePeriods(series: Series, windows: ComparedWindows, zone: Zone, options: ComparisonOptions = {}): Comparison {
  const before = numbersOf(series, windows.before, zone, options);
  const after = numbersOf(series, windows.after, zone, options);
  return { unit: series.unit, before, after, differences: before.thinReason || after.thinReason ? null : differences(before, after) };
}

function numbersOf(series: Series, window: Window, zone: Zone, { minDays = SUFFICIENT.days, minPercent = SUFFICIENT.percent, bounds }: ComparisonOptions): PeriodNumbers {
  const { fromMs, toMs } = window;
  if (!(fromMs <= toMs)) throw new RangeError("A window ends after it begins.");
  const [from, to] = [firstFrom(series.timesMs, fromMs), firstFrom(series.timesMs, toMs)];
  const timesMs = series.timesMs.subarray(from, to);
  const cadence = cadenceMinutes(timesMs);
  const wear = wearPercent(timesMs, cadence, window);
  const statistics = partStatistics(series.values.subarray(from, to), localTimes(timesMs, zone).dates.length, series.unit, bounds);
  const gmiReason = statistics.mean === null ? "no_readings" : insufficiency(timesMs, cadence, window);
  // As in the consensus' rule, an hour is forgiven to windows cut at local midnights when the clocks change.
  const isShort = toMs - fromMs < minDays * DAY_MS - HOUR_MS;
  const isThin = statistics.sd === null || (wear ?? 0) < minPercent;
  return {
    ...statistics,
    fromMs,
    toMs,
    cadenceMinutes: cadence,
    wearPercent: wear,
    gmiPercent: gmiReason || statistics.mean === null ? null : gmiOf(statistics.mean, series.unit),
    gmiReason,
    thinReason: statistics.mean === null ? "no_readings" : isShort ? "window_too_short" : isThin ? "too_few_readings" : null,
  };
}

/** Both sides are thick enough: they have at least two readings, so that none of the asserted numbers is null. */
function differences(before: PeriodNumbers, after: PeriodNumbers): PeriodDifferences {
  const [was, is] = [before.timeInRanges!, after.timeInRanges!];
  const ofRange = (key: keyof RangeShares): number => is.ranges[key] - was.ranges[key];
  return {
    mean: after.mean! - before.mean!,
    sd: after.sd! - before.sd!,
    cvPercent: after.cvPercent! - before.cvPercent!,
    gmiPercent: before.gmiPercent === null || after.gmiPercent === null ? null : after.gmiPercent - before.gmiPercent,
    ranges: {
      veryLow: ofRange("veryLow"), low: ofRange("low"), target: ofRange("target"),
      high: ofRange("high"), veryHigh: ofRange("veryHigh"), tight: ofRange("tight"),
    },
    tbr: is.tbr - was.tbr,
    tar: is.tar - was.tar,
    wearPercent: after.wearPercent! - before.wearPercent!,
  };
}
