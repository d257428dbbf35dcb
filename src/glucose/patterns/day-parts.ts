/**
 * Statistics per local day, weekday and hour on the wall, of weekdays against weekends and of day against night.
 * Source: cgm-metrics §4, §5, §10 (night 00–06, day 06–24: Danne 2017).
 */
import type { GlucoseUnit } from "#units/glucose.ts";
import { isoWeekday, MINUTE_MS } from "#units/time.ts";
import { type LocalTimes, localTimes, type Zone } from "../local-times.ts";
import type { RangeBounds } from "../ranges.ts";
import type { Series } from "../series.ts";
import { SUFFICIENT } from "../wear.ts";
import { coveredIn, coverMs } from "./coverage.ts";
import { groupBy, keysOf, valuesOf } from "./groups.ts";
import { gmiOf, mergedStatistics, type PartStatistics, partStatistics } from "./part-statistics.ts";

const HOURS = 24;
const WEEKDAYS = 7;
/** Monday is 1, Sunday 7 (ISO 8601). */
const FIRST_OF_WEEKEND = 6;

/** A stretch of the wall's clock `[startHour, endHour)`, hours with fractions; it wraps midnight where it ends before it starts. */
export interface HourRange {
  readonly startHour: number;
  readonly endHour: number;
}

/** Night as the consensus has it (Danne 2017). */
export const NIGHT: HourRange = { startHour: 0, endHour: 6 };

export interface DayStatistics extends PartStatistics {
  /** YYYY-MM-DD */
  readonly date: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Minutes that the day has: 1440, or 1380 and 1500 when the clocks change. */
  readonly minutes: number;
  /** Percent of the day that readings stand for, 0–100; null where the cadence is unknown. */
  readonly presentPercent: number | null;
}

/** Why there is no GMI: none or too few readings, or days. */
export type GmiReason = "no_readings" | "under_14_days" | "under_70_percent";

/** Of whole days, so that a GMI can mean something. */
export interface WholeDayStatistics extends PartStatistics {
  /** Percent; null with a reason under 14 days, or where readings stand for less than 70 % of the days that have any. */
  readonly gmiPercent: number | null;
  readonly gmiReason: GmiReason | null;
}

export interface WeekdayStatistics extends WholeDayStatistics {
  /** 1 Monday to 7 Sunday. */
  readonly weekday: number;
}

export interface HourStatistics extends PartStatistics {
  /** 0–23 on the wall; the hour that clocks repeat counts twice, the one they skip has no readings that day. */
  readonly hour: number;
}

export interface DayParts {
  readonly unit: GlucoseUnit;
  /** Local days that have readings, ascending. A single day has no GMI: it would be taken for one of months. */
  readonly daily: readonly DayStatistics[];
  /** Monday to Sunday, all seven. */
  readonly byWeekday: readonly WeekdayStatistics[];
  /** Monday to Friday. */
  readonly weekdays: WholeDayStatistics;
  /** Saturday and Sunday. */
  readonly weekend: WholeDayStatistics;
  /** All 24. */
  readonly hourly: readonly HourStatistics[];
  readonly night: PartStatistics;
  /** All that is not night. */
  readonly day: PartStatistics;
}

/**
 * All parts at once, in the unit of the series; thin data gives nulls with reasons.
 * @param options.night 00–06 unless said. @param options.bounds ranges of the consensus unless given. Throws RangeError for hours outside of 0–24 and for an
 * unknown zone.
 */
export function dayParts(series: Series, zone: Zone, options: { readonly night?: HourRange; readonly bounds?: RangeBounds } = {}): DayParts {
  const night = checked(options.night ?? NIGHT);
  const { unit } = series;
  const { bounds } = options;
  const local = localTimes(series.timesMs, zone);
  const days = daysOf(series, local, bounds);
  const readings = { values: series.values, dayIndexes: local.dayIndexes };
  const hours = groupBy(keysOf(local.minutes, (minute) => Math.floor(minute / 60)), HOURS, readings);
  const isNight = within(night);
  const sides = groupBy(keysOf(local.minutes, (minute) => (isNight(minute) ? 0 : 1)), 2, readings);
  const weekdays = Array.from({ length: WEEKDAYS }, (_, index) => index + 1);
  return {
    unit,
    daily: days.map(({ statistics }) => statistics),
    byWeekday: weekdays.map((weekday) => ({ weekday, ...ofDays(days, unit, (each) => each === weekday) })),
    weekdays: ofDays(days, unit, (weekday) => weekday < FIRST_OF_WEEKEND),
    weekend: ofDays(days, unit, (weekday) => weekday >= FIRST_OF_WEEKEND),
    hourly: Array.from({ length: HOURS }, (_, hour) => ({ hour, ...partStatistics(valuesOf(hours, hour), hours.days[hour]!, unit, bounds) })),
    night: partStatistics(valuesOf(sides, 0), sides.days[0]!, unit, bounds),
    day: partStatistics(valuesOf(sides, 1), sides.days[1]!, unit, bounds),
  };
}

/**
 * Statistics of the readings in a stretch of the wall's clock, such as sleep from 22 to 7. Throws RangeError for hours outside of 0–24 and for an unknown zone.
 */
export function hoursStatistics(series: Series, zone: Zone, range: HourRange): PartStatistics {
  checked(range);
  const local = localTimes(series.timesMs, zone);
  const isMeant = within(range);
  const keys = keysOf(local.minutes, (minute) => (isMeant(minute) ? 0 : -1));
  const group = groupBy(keys, 1, { values: series.values, dayIndexes: local.dayIndexes });
  return partStatistics(group.values, group.days[0]!, series.unit);
}

/** The range itself. Throws RangeError where it is none; one that ends where it starts is empty. */
export function checked(range: HourRange): HourRange {
  for (const hour of [range.startHour, range.endHour]) if (!(hour >= 0 && hour <= HOURS)) throw new RangeError("An hour of the day is 0 to 24.");
  return range;
}

/** Whether a minute of the wall's clock lies in `[startHour, endHour)`. */
export function isWithin(range: HourRange, minute: number): boolean {
  return within(range)(minute);
}

/** The same for many minutes. */
function within({ startHour, endHour }: HourRange): (minute: number) => boolean {
  const start = startHour * 60;
  const end = endHour * 60;
  return start <= end ? (minute) => minute >= start && minute < end : (minute) => minute >= start || minute < end;
}

interface Day {
  readonly weekday: number;
  readonly coveredMs: number;
  readonly statistics: DayStatistics;
}

function daysOf(series: Series, local: LocalTimes, bounds: RangeBounds | undefined): Day[] {
  const { timesMs, values, cadenceMinutes, unit } = series;
  const cover = coverMs(timesMs, cadenceMinutes);
  return local.days.map((window, index) => {
    const [from, to] = [local.starts[index]!, local.starts[index + 1]!];
    const ofDay = values.subarray(from, to);
    const coveredMs = coveredIn(window, { timesMs, cover }, from, to);
    const lengthMs = window.toMs - window.fromMs;
    return {
      weekday: isoWeekday(window.date),
      coveredMs,
      statistics: {
        ...window,
        minutes: lengthMs / MINUTE_MS,
        presentPercent: cadenceMinutes === null ? null : Math.min(100, (100 * coveredMs) / lengthMs),
        ...partStatistics(ofDay, 1, unit, bounds),
      },
    };
  });
}

function ofDays(days: readonly Day[], unit: GlucoseUnit, isMeant: (weekday: number) => boolean): WholeDayStatistics {
  const meant = days.filter(({ weekday }) => isMeant(weekday));
  const coveredMs = meant.reduce((sum, day) => sum + day.coveredMs, 0);
  const lengthMs = meant.reduce((sum, day) => sum + day.statistics.toMs - day.statistics.fromMs, 0);
  const statistics = mergedStatistics(meant.map((day) => day.statistics));
  const gmiReason = lackForGmi(meant.length, lengthMs === 0 ? 0 : (100 * coveredMs) / lengthMs);
  return { ...statistics, gmiPercent: gmiReason || statistics.mean === null ? null : gmiOf(statistics.mean, unit), gmiReason };
}

function lackForGmi(days: number, presentPercent: number): GmiReason | null {
  if (days === 0) return "no_readings";
  if (days < SUFFICIENT.days) return "under_14_days";
  return presentPercent < SUFFICIENT.percent ? "under_70_percent" : null;
}
