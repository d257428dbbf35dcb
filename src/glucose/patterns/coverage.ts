/** How much time readings stand for: what shares of days and nights, and minutes below a threshold, are counted in. */
import { MINUTE_MS, type Window } from "#units/time.ts";

/** A step up to this many cadences is a reading that came late; beyond it readings are missing. */
const LATE_STEP = 1.5;

/** What was told last of each array of instants: days, nights, profile and quality all ask. */
const told = new WeakMap<Float64Array, { readonly cadenceMinutes: number | null; readonly cover: Float64Array }>();

/**
 * Milliseconds that each reading stands for: up to the next one, or one cadence where the next is missing and at the end.
 * @param timesMs ascending, distinct. Zeros where the cadence is unknown.
 */
export function coverMs(timesMs: Float64Array, cadenceMinutes: number | null): Float64Array {
  const known = told.get(timesMs);
  if (known?.cadenceMinutes === cadenceMinutes) return known.cover;
  const cover = findCover(timesMs, cadenceMinutes);
  told.set(timesMs, { cadenceMinutes, cover });
  return cover;
}

function findCover(timesMs: Float64Array, cadenceMinutes: number | null): Float64Array {
  const cadenceMs = (cadenceMinutes ?? 0) * MINUTE_MS;
  const cover = new Float64Array(timesMs.length);
  const last = timesMs.length - 1;
  for (let i = 0; i < last; i++) {
    const step = timesMs[i + 1]! - timesMs[i]!;
    cover[i] = step <= LATE_STEP * cadenceMs ? step : cadenceMs;
  }
  if (last >= 0) cover[last] = cadenceMs;
  return cover;
}

/** Milliseconds within the window that the readings `[from, to)` stand for; all of them lie in the window. */
export function coveredIn(window: Window, { timesMs, cover }: { timesMs: Float64Array; cover: Float64Array }, from: number, to: number): number {
  let covered = 0;
  for (let i = from; i < to; i++) covered += Math.min(cover[i]!, window.toMs - timesMs[i]!);
  return covered;
}

/** Index of the first of the ascending instants that is not before `ms`. */
export function firstFrom(timesMs: Float64Array, ms: number): number {
  let [low, high] = [0, timesMs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timesMs[middle]! < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
