/** How much of the time a sensor was worn, as the R package iglu computes it. */
import { MINUTE_MS } from "#units/time.ts";
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

/** How many readings are missing in the gaps between the given ones. Arguments as for `activePercent`. */
export function missingBetween(timesMs: Float64Array, cadenceMinutes: number): number {
  let gapMinutes = 0;
  let gaps = 0;
  for (let i = 1; i < timesMs.length; i++) {
    const step = (timesMs[i]! - timesMs[i - 1]!) / MINUTE_MS;
    if (roundHalfEven(step) <= cadenceMinutes) continue;
    gapMinutes += step;
    gaps++;
  }
  return roundHalfEven((gapMinutes - gaps * cadenceMinutes) / cadenceMinutes);
}
