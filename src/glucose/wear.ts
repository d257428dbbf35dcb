/** Whether there is enough to report on: wear over an asked period, and the consensus' 14 days with 70 % of readings. */
import { DAY_MS, HOUR_MS, MINUTE_MS, type Window } from "#units/time.ts";
import { missingBetween } from "./active-percent.ts";
import { roundHalfEven } from "./rounding.ts";

/** Days and share of readings that a report needs (Battelino 2019; cgm-metrics §3). */
export const SUFFICIENT = { days: 14, percent: 70 } as const;

/** Readings come seconds early or late; a tenth of a cadence is not a missing reading. */
const LATENESS = 0.1;

/**
 * Percent of the readings expected in the whole window that are there, 0–100. Expected from the window's start, not from the
 * first reading: five days of data are 36 % of the fourteen asked for. A window that reaches into the future counts the
 * future as missing; the caller ends it now.
 * @param timesMs ascending, distinct instants, all in the window. @param cadenceMinutes null when unknown: then null.
 * Source: cgm-metrics §3; within the readings the gaps are counted as in `activePercent`.
 */
export function wearPercent(timesMs: Float64Array, cadenceMinutes: number | null, window: Window): number | null {
  if (cadenceMinutes === null || timesMs.length === 0) return null;
  return wearOfReadings({ firstMs: timesMs[0]!, lastMs: timesMs[timesMs.length - 1]!, missing: missingBetween(timesMs, cadenceMinutes) }, cadenceMinutes, window);
}

/** The same of readings that are told by their first and last instant and by how many are missing in the gaps between (`missingBetween`). */
export function wearOfReadings(readings: { readonly firstMs: number; readonly lastMs: number; readonly missing: number }, cadenceMinutes: number, window: Window): number {
  const cadenceMs = cadenceMinutes * MINUTE_MS;
  const expected = Math.max(1, roundHalfEven((window.toMs - window.fromMs) / cadenceMs));
  const before = Math.floor((readings.firstMs - window.fromMs) / cadenceMs);
  const after = Math.max(0, Math.ceil((window.toMs - readings.lastMs) / cadenceMs - LATENESS) - 1);
  const present = expected - before - after - readings.missing;
  return Math.min(100, Math.max(0, (100 * present) / expected));
}

/** Why numbers are preliminary: the period is too short, or too few readings are there. */
export type InsufficiencyReason = "under_14_days" | "under_70_percent";

/**
 * Why the readings do not suffice for a report, null when they do: the window must span 14 days and hold 14 consecutive days
 * (336 hours) with 70 % of the expected readings. A long window with an old gap suffices, as in the consensus; an hour is
 * forgiven for windows cut at local midnights when the clocks change.
 * @param timesMs, cadenceMinutes as for `wearPercent`. @param dayEndMs end of the local day in which the window ends, where it is known: the day that is still
 * going on is one of the 14. Source: Battelino 2019; cgm-metrics §3.
 */
export function insufficiency(timesMs: Float64Array, cadenceMinutes: number | null, window: Window, dayEndMs: number = window.toMs): InsufficiencyReason | null {
  const periodMs = SUFFICIENT.days * DAY_MS;
  if (dayEndMs - window.fromMs < periodMs - HOUR_MS) return "under_14_days";
  if ((wearPercent(timesMs, cadenceMinutes, window) ?? 0) >= SUFFICIENT.percent) return null;
  const best = longestCoverMs(timesMs, (cadenceMinutes ?? 0) * MINUTE_MS, periodMs);
  return (100 * best) / periodMs >= SUFFICIENT.percent ? null : "under_70_percent";
}

/** The most time that readings cover within any stretch of `periodMs`; each covers up to the next, at most one cadence. */
function longestCoverMs(timesMs: Float64Array, cadenceMs: number, periodMs: number): number {
  const coverAt = (index: number): number => Math.min(cadenceMs, (timesMs[index + 1] ?? Infinity) - timesMs[index]!);
  let best = 0;
  let cover = 0;
  let end = 0;
  for (let start = 0; start < timesMs.length; start++) {
    while (end < timesMs.length && timesMs[end]! < timesMs[start]! + periodMs) cover += coverAt(end++);
    best = Math.max(best, cover);
    cover -= coverAt(start);
  }
  return best;
}
