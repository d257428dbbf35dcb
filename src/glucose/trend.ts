/** Where glucose is going: arrow, rate and difference. All in mg/dL and minutes. */
import { MINUTE_MS } from "#units/time.ts";

export type TrendArrow =
  | "double_up" | "single_up" | "forty_five_up" | "flat" | "forty_five_down" | "single_down" | "double_down" | "unknown";

/** Rates beyond which the arrow tilts, stands, doubles, mg/dL/min. */
const TILTED = 1;
const UPRIGHT = 2;
const DOUBLED = 3;

/** Readings older than this before the last one say nothing about where glucose is going now. */
const FIT_MS = 15 * MINUTE_MS;
/** Readings come seconds early or late. */
const LATENESS_MS = 30_000;
/** A rate over less time is noise. */
const SHORTEST_FIT_MS = 4 * MINUTE_MS;

/**
 * Arrow of a rate, mg/dL/min: flat up to 1 either way, tilted up to 2, upright up to 3, double beyond; null gives "unknown".
 * Source: the trend arrows of Dexcom's G6 and G7 user guides; the same breaks as the rate histogram of cgm-metrics §8.
 */
export function trendArrow(rateMgDlMin: number | null): TrendArrow {
  if (rateMgDlMin === null || !Number.isFinite(rateMgDlMin)) return "unknown";
  const isRising = rateMgDlMin > 0;
  const speed = Math.abs(rateMgDlMin);
  if (speed <= TILTED) return "flat";
  if (speed <= UPRIGHT) return isRising ? "forty_five_up" : "forty_five_down";
  if (speed <= DOUBLED) return isRising ? "single_up" : "single_down";
  return isRising ? "double_up" : "double_down";
}

/**
 * Rate of change at the last reading, mg/dL/min: least squares through the readings of the last 15 minutes. For vendors that
 * send no rate of their own.
 * @param timesMs ascending instants. @param valuesMgDl readings; leave out those that a sensor clamped, they hide the slope.
 * Null when the last 15 minutes hold fewer than two readings or span under 4 minutes.
 */
export function rateOfChange(timesMs: ArrayLike<number>, valuesMgDl: ArrayLike<number>): number | null {
  const last = timesMs.length - 1;
  if (last < 1) return null;
  let first = last;
  while (first > 0 && timesMs[last]! - timesMs[first - 1]! <= FIT_MS + LATENESS_MS) first--;
  if (timesMs[last]! - timesMs[first]! < SHORTEST_FIT_MS) return null;
  const count = last - first + 1;
  let [sumX, sumY] = [0, 0];
  for (let i = first; i <= last; i++) {
    sumX += (timesMs[i]! - timesMs[last]!) / MINUTE_MS;
    sumY += valuesMgDl[i]!;
  }
  const [meanX, meanY] = [sumX / count, sumY / count];
  let [products, squares] = [0, 0];
  for (let i = first; i <= last; i++) {
    const x = (timesMs[i]! - timesMs[last]!) / MINUTE_MS - meanX;
    products += x * (valuesMgDl[i]! - meanY);
    squares += x * x;
  }
  return products / squares;
}

/**
 * Difference between the last reading and the newest one at least about 5 minutes before it, mg/dL, not scaled.
 * Null when there is none within 15 minutes. Arguments as for `rateOfChange`.
 */
export function delta(timesMs: ArrayLike<number>, valuesMgDl: ArrayLike<number>): number | null {
  const last = timesMs.length - 1;
  for (let i = last - 1; i >= 0; i--) {
    const ageMs = timesMs[last]! - timesMs[i]!;
    if (ageMs > FIT_MS + LATENESS_MS) return null;
    if (ageMs >= 5 * MINUTE_MS - LATENESS_MS) return valuesMgDl[last]! - valuesMgDl[i]!;
  }
  return null;
}
