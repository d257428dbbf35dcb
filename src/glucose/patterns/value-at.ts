/** Glucose at an instant between readings. */
import { MINUTE_MS } from "#units/time.ts";
import type { Series } from "../series.ts";
import { firstFrom } from "./coverage.ts";

/** Readings further apart are a gap, which nothing is drawn or computed across (cgm-metrics §2.4). */
export const GAP_MS = 45 * MINUTE_MS;
/** How far a reading may be from the instant that it speaks for where its neighbour is missing. */
const NEAR_MS = 10 * MINUTE_MS;

/**
 * Glucose at an instant: on the straight line between its two neighbours where these are at most 45 minutes apart, else the nearest reading within
 * 10 minutes, else null. In the unit of the series.
 */
export function valueAt({ timesMs, values }: Series, ms: number): number | null {
  const after = firstFrom(timesMs, ms);
  if (timesMs[after] === ms) return values[after]!;
  const before = after - 1;
  const [beforeMs, afterMs] = [timesMs[before] ?? -Infinity, timesMs[after] ?? Infinity];
  if (afterMs - beforeMs <= GAP_MS) return values[before]! + ((ms - beforeMs) / (afterMs - beforeMs)) * (values[after]! - values[before]!);
  if (Math.min(ms - beforeMs, afterMs - ms) > NEAR_MS) return null;
  return ms - beforeMs <= afterMs - ms ? values[before]! : values[after]!;
}
