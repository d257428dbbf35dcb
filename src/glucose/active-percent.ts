/** How much of the time a sensor was worn, as the R package iglu computes it. */
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { roundHalfEven } from "./rounding.ts";

/**
 * Percent of the readings expected between the first and the last one that are there, 0–100.
 * @param timesMs ascending, distinct instants. @param cadenceMinutes whole minutes between readings, null when unknown.
 * Null under two readings. A denser stretch than the cadence counts as complete, a sparser one as gaps.
 * Source: cgm-metrics §3 (iglu, automatic).
 */
export function activePercent(timesMs: Float64Array, cadenceMinutes: number | null): number | null {
  if (cadenceMinutes === null || timesMs.length < 2) return null;
  const minutes = (timesMs[timesMs.length - 1]! - timesMs[0]!) / MINUTE_MS;
  const expected = roundHalfEven(roundHalfEven(minutes) / cadenceMinutes) + 1;
  return (100 * (expected - missingBetween(timesMs, cadenceMinutes))) / expected;
}

/**
 * Percent of the readings expected in the `days` before the last reading that are there; above 100 where some come closer than the cadence. Arguments as for
 * `activePercent`. Source: cgm-metrics §3 (iglu, manual).
 */
export function activePercentOfDays(timesMs: Float64Array, cadenceMinutes: number | null, days: number): number | null {
  const lastMs = timesMs[timesMs.length - 1];
  if (cadenceMinutes === null || lastMs === undefined) return null;
  let count = 0;
  for (let i = timesMs.length - 1; i >= 0 && timesMs[i]! >= lastMs - days * DAY_MS; i--) count++;
  return (100 * count) / ((days * DAY_MS) / MINUTE_MS / cadenceMinutes);
}

/** How many readings are missing in the gaps between the given ones. Arguments as for `activePercent`. */
export function missingBetween(timesMs: Float64Array, cadenceMinutes: number): number {
  let gapMinutes = 0;
  let gaps = 0;
  for (let i = 1; i < timesMs.length; i++) {
    const step = (timesMs[i]! - timesMs[i - 1]!) / MINUTE_MS;
    if (step <= cadenceMinutes) continue;
    if (roundHalfEven(step) <= cadenceMinutes) continue;
    gapMinutes += step;
    gaps++;
  }
  return roundHalfEven((gapMinutes - gaps * cadenceMinutes) / cadenceMinutes);
}
