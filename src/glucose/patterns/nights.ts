/** Nights one by one, and lows in them that may come from lying on the sensor. Source: cgm-metrics §5, §10 (night 00–06: Danne 2017). */
import type { GlucoseUnit } from "#units/glucose.ts";
import { addDays, HOUR_MS, instantOfWall, MINUTE_MS, type Window } from "#units/time.ts";
import { startOfDay, zoneAt, type ZoneHistory } from "#units/zones.ts";
import { localTimes, type Zone } from "../local-times.ts";
import { CONSENSUS_RANGES, type TimeInRanges } from "../ranges.ts";
import type { Series } from "../series.ts";
import { type CompressionLow, type CompressionOptions, suspectedCompressionLows } from "./compression-lows.ts";
import { coveredIn, coverMs, firstFrom } from "./coverage.ts";
import { checked, type HourRange, NIGHT } from "./day-parts.ts";
import { historyOf } from "../local-times.ts";
import { partStatistics } from "./part-statistics.ts";
import { valueAt } from "./value-at.ts";

export interface NightOptions {
  /** 00–06 unless said; a night that wraps midnight belongs to the date on which it ends. */
  readonly hours?: HourRange;
  readonly compression?: CompressionOptions;
}

/** Glucose in the unit of the series. */
export interface Night {
  /** Local date of the morning, YYYY-MM-DD. */
  readonly date: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly readings: number;
  /** Percent of the night that readings stand for; null where the cadence is unknown. */
  readonly coveragePercent: number | null;
  readonly mean: number;
  readonly min: number;
  readonly timeInRanges: TimeInRanges;
  /** Minutes that readings below 70 and 54 mg/dL (3.9 and 3.0 mmol/L) stand for; null where the cadence is unknown. */
  readonly minutesBelowLow: number | null;
  readonly minutesBelowVeryLow: number | null;
  /** Glucose when the night begins and when it ends (`valueAt`); null in a gap. */
  readonly atStart: number | null;
  readonly atEnd: number | null;
  /** End minus start; null where either is. */
  readonly drift: number | null;
  /** Marked, never dropped: all numbers count these readings. */
  readonly suspectedCompressionLows: readonly CompressionLow[];
}

export interface Nights {
  readonly unit: GlucoseUnit;
  /** Nights that have readings, ascending. */
  readonly nights: readonly Night[];
}

/** Each night with readings. Throws RangeError for hours outside of 0–24 or without length, and for an unknown zone. */
export function nights(series: Series, zone: Zone, options: NightOptions = {}): Nights {
  const hours = checked(options.hours ?? NIGHT);
  if (hours.startHour === hours.endHour) throw new RangeError("A night has a length.");
  const cover = coverMs(series.timesMs, series.cadenceMinutes);
  const lows = suspectedCompressionLows(series, options.compression);
  const found: Night[] = [];
  for (const date of mornings(localTimes(series.timesMs, zone).dates, hours)) {
    const window = nightOf(historyOf(zone), date, hours);
    const [from, to] = [firstFrom(series.timesMs, window.fromMs), firstFrom(series.timesMs, window.toMs)];
    if (from === to) continue;
    const ofNight = lows.filter(({ startMs }) => startMs >= window.fromMs && startMs < window.toMs);
    found.push({ date, ...window, ...numbersOf(series, cover, { ...window, from, to }), suspectedCompressionLows: ofNight });
  }
  return { unit: series.unit, nights: found };
}

/** Dates on whose mornings nights with readings may end: those of readings, and the day after where nights begin before midnight. */
function mornings(dates: readonly string[], { startHour, endHour }: HourRange): string[] {
  if (startHour < endHour) return [...dates];
  return [...new Set(dates.flatMap((date) => [date, addDays(date, 1)]))].toSorted();
}

function nightOf(history: ZoneHistory, date: string, { startHour, endHour }: HourRange): Window {
  const evening = startHour < endHour ? date : addDays(date, -1);
  return { fromMs: instantOf(history, evening, startHour), toMs: instantOf(history, date, endHour) };
}

/** When the person's clock shows the hour; one that occurs twice is the first, one that is skipped comes when the clock has skipped it. */
function instantOf(history: ZoneHistory, date: string, hour: number): number {
  const midnightMs = startOfDay(history, date);
  if (hour === 0) return midnightMs;
  if (hour === 24) return startOfDay(history, addDays(date, 1));
  return instantOfWall(zoneAt(history, midnightMs + hour * HOUR_MS), Date.parse(`${date}T00:00:00Z`) + hour * HOUR_MS);
}

/** Index and time of a night's readings: `[from, to)`, not empty. */
interface NightSpan extends Window {
  readonly from: number;
  readonly to: number;
}

function numbersOf(series: Series, cover: Float64Array, span: NightSpan): Omit<Night, "date" | "fromMs" | "toMs" | "suspectedCompressionLows"> {
  const { timesMs, values, unit, cadenceMinutes } = series;
  const { low, veryLow } = CONSENSUS_RANGES[unit];
  const statistics = partStatistics(values.subarray(span.from, span.to), 1, unit);
  const [atStart, atEnd] = [valueAt(series, span.fromMs), valueAt(series, span.toMs)];
  let [lowMs, veryLowMs] = [0, 0];
  for (let i = span.from; i < span.to; i++) {
    const stands = Math.min(cover[i]!, span.toMs - timesMs[i]!);
    if (values[i]! < low) lowMs += stands;
    if (values[i]! < veryLow) veryLowMs += stands;
  }
  const coveredMs = coveredIn(span, { timesMs, cover }, span.from, span.to);
  return {
    readings: statistics.readings,
    coveragePercent: cadenceMinutes === null ? null : Math.min(100, (100 * coveredMs) / (span.toMs - span.fromMs)),
    mean: statistics.mean!,
    min: statistics.min!,
    timeInRanges: statistics.timeInRanges!,
    minutesBelowLow: cadenceMinutes === null ? null : lowMs / MINUTE_MS,
    minutesBelowVeryLow: cadenceMinutes === null ? null : veryLowMs / MINUTE_MS,
    atStart,
    atEnd,
    drift: atStart === null || atEnd === null ? null : atEnd - atStart,
  };
}
