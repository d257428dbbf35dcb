/** How steadily somebody measures: days in a row that have a value. Pure. Requirement D2. */
import type { LocalDay } from "#units/zones.ts";

/** A local day on which something was measured. */
export interface MeasuredDay extends LocalDay {
  /** Values of that day, at least one. */
  readonly times: number;
}

export interface MeasuringStreak {
  readonly timesMeasured: number;
  /** Up to today, or up to yesterday while today has no value. */
  readonly currentDays: number;
  readonly longestDays: number;
  /** First and last date of the longest streak, the latest of equal ones; null where nothing was measured. */
  readonly longestFrom: string | null;
  readonly longestTo: string | null;
  readonly lastMeasuredOn: string | null;
}

/**
 * Streaks of measured days. A day follows another where it begins when the other ends, however long either was and whatever date the calendar skipped.
 * @param days ascending, none twice, none after `today`.
 */
export function measuringStreak(days: readonly MeasuredDay[], today: LocalDay): MeasuringStreak {
  let [timesMeasured, run, from, longest] = [0, 0, "", { days: 0, from: null as string | null, to: null as string | null }];
  for (const [index, day] of days.entries()) {
    timesMeasured += day.times;
    if (index > 0 && days[index - 1]!.toMs === day.fromMs) run += 1;
    else [run, from] = [1, day.date];
    if (run >= longest.days) longest = { days: run, from, to: day.date };
  }
  const last = days.at(-1);
  const isGoingOn = last !== undefined && (last.fromMs === today.fromMs || last.toMs === today.fromMs);
  return { timesMeasured, currentDays: isGoingOn ? run : 0, longestDays: longest.days, longestFrom: longest.from, longestTo: longest.to, lastMeasuredOn: last?.date ?? null };
}
