/** What the times of readings tell of the sensor and its clock: other cadences, two sensors at once, clocks that were set. Heuristics of our own. */
import { inUnit } from "#units/glucose.ts";
import { MINUTE_MS } from "#units/time.ts";
import type { Series } from "../series.ts";
import { medianBySelection } from "../selection.ts";

/** Fewer readings are no stretch. */
const FEWEST = 12;
/** Steps of one cadence differ by at most this share. */
const STEADY = 0.25;
/** Two steps together repeat within this share where two sensors read in turn. */
const REPEATS = 0.1;
/** Steps that differ by more than this share of the two together are a short and a long one. */
const UNEVEN = 0.15;
/** Two steps together within this share of one cadence: twice as many readings as one sensor gives. */
const TWICE = 0.2;
/** Changes below this are rounding and noise, mg/dL. */
const NOISE_MG_DL = 2;

const HALF_HOUR_MS = 30 * MINUTE_MS;
/** Clocks are set by hand, to the minute or so. */
const CLOCK_TOLERANCE_MS = 2 * MINUTE_MS;
/** No two zones are further apart than 26 hours. */
const MOST_HALF_HOURS = 52;
/** Steps on either side of a jump that must be steady for the phase to mean anything. */
const STEADY_STEPS = 6;
/** A phase moved by less than this share of a cadence is lateness. */
const PHASE = 0.1;

export interface Stretch {
  /** First and last reading. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

export interface CadenceStretch extends Stretch {
  readonly cadenceMinutes: number;
}

/** Stretches of at least 12 readings whose cadence is another than the series'. A missing reading ends none. */
export function mixedCadences({ timesMs, cadenceMinutes }: Series): CadenceStretch[] {
  if (cadenceMinutes === null) return [];
  const found: CadenceStretch[] = [];
  for (const { start, end } of steadyRuns(timesMs)) {
    const exact = (timesMs[end]! - timesMs[start]!) / (end - start) / MINUTE_MS;
    const cadence = Math.max(1, Math.round(exact));
    const last = found.at(-1);
    // Runs on either side of one step share a reading.
    const readings = end - start + (last?.toMs === timesMs[start] ? 0 : 1);
    if (last?.cadenceMinutes === cadence) found[found.length - 1] = { ...last, toMs: timesMs[end]!, count: last.count + readings };
    else found.push({ fromMs: timesMs[start]!, toMs: timesMs[end]!, count: end - start + 1, cadenceMinutes: cadence });
  }
  return found.filter((stretch) => Math.abs(stretch.cadenceMinutes - cadenceMinutes) > STEADY * cadenceMinutes);
}

/** Longest runs of at least 12 readings, `start` to `end`, whose steps stay near their mean. */
function steadyRuns(timesMs: Float64Array): { start: number; end: number }[] {
  const runs: { start: number; end: number }[] = [];
  let start = 0;
  for (let i = 1; i <= timesMs.length; i++) {
    const mean = i - 1 > start ? (timesMs[i - 1]! - timesMs[start]!) / (i - 1 - start) : timesMs[i]! - timesMs[start]!;
    if (i < timesMs.length && Math.abs(timesMs[i]! - timesMs[i - 1]! - mean) <= STEADY * mean) continue;
    if (i - start >= FEWEST) runs.push({ start, end: i - 1 });
    start = i - 1 > start ? i - 1 : i;
  }
  return runs;
}

/**
 * Stretches of at least 12 readings in which two sensors seem to read in turn: short and long steps alternate, or the values do at twice the series' density.
 * Two streams exactly half a cadence apart from the first reading to the last look like one sensor that reads twice as often, and are not found; a sensor
 * that loses every third reading nearly all the time looks like two, and is.
 */
export function overlappingSensors({ timesMs, values, cadenceMinutes, unit }: Series): Stretch[] {
  const found: Stretch[] = [];
  const cadenceMs = (cadenceMinutes ?? 0) * MINUTE_MS;
  const noise = inUnit(NOISE_MG_DL, unit);
  // Asked for only where steps alternate: most series never do.
  let pairMs: number | null = null;
  const isTwice = (i: number): boolean => Math.abs(timesMs[i]! - timesMs[i - 2]! - cadenceMs) <= TWICE * cadenceMs;
  let [start, misses] = [-1, 0];
  const close = (end: number): void => {
    if (start >= 0 && end - start + 1 >= FEWEST) found.push({ fromMs: timesMs[start]!, toMs: timesMs[end]!, count: end - start + 1 });
    start = -1;
    misses = 0;
  };
  for (let i = 3; i < timesMs.length; i++) {
    const isPair = stepsAlternate(timesMs, i) && timesMs[i]! - timesMs[i - 2]! <= (pairMs ??= usualPairMs(timesMs));
    if (isPair || (isTwice(i) && isTwice(i - 1) && valuesAlternate(values, i, noise))) {
      if (start < 0) start = i - 3;
      misses = 0;
    } else if (start >= 0 && ++misses > 2) close(i - misses);
  }
  close(timesMs.length - 1 - misses);
  return found;
}

/** The longest that a short and a long step together take where nothing is missing: about what two steps of the series usually take. */
function usualPairMs(timesMs: Float64Array): number {
  const pairs = new Float64Array(timesMs.length - 2);
  for (let i = 2; i < timesMs.length; i++) pairs[i - 2] = timesMs[i]! - timesMs[i - 2]!;
  return (1 + REPEATS) * medianBySelection(pairs);
}

/** Whether the last three steps are short, long, short or the other way round, and a short and a long one together always the same. */
function stepsAlternate(timesMs: Float64Array, i: number): boolean {
  const [one, two, three] = [timesMs[i - 2]! - timesMs[i - 3]!, timesMs[i - 1]! - timesMs[i - 2]!, timesMs[i]! - timesMs[i - 1]!];
  const isUneven = Math.abs(two - one) > UNEVEN * (one + two) && Math.abs(three - two) > UNEVEN * (two + three);
  return isUneven && two > one === two > three && Math.abs(three - one) <= REPEATS * (one + two);
}

/** Whether the last three changes go up, down, up or the other way round. */
function valuesAlternate(values: Float64Array, i: number, noise: number): boolean {
  const [one, two, three] = [values[i - 2]! - values[i - 3]!, values[i - 1]! - values[i - 2]!, values[i]! - values[i - 1]!];
  return one * two < 0 && two * three < 0 && Math.min(Math.abs(one), Math.abs(two), Math.abs(three)) > noise;
}

/**
 * Where the sensor's clock seems to have been set, `count` half-hours: forward, where readings stop for about so long and go on in another phase; back, where
 * two streams overlap for about so long. A new sensor after a pause of whole half-hours looks the same.
 */
export function clockJumps({ timesMs, cadenceMinutes }: Series, overlaps: readonly Stretch[]): Stretch[] {
  if (cadenceMinutes === null) return [];
  const cadenceMs = cadenceMinutes * MINUTE_MS;
  const jumps: Stretch[] = [];
  for (let i = STEADY_STEPS + 1; i + STEADY_STEPS < timesMs.length; i++) {
    const beyondMs = timesMs[i]! - timesMs[i - 1]! - cadenceMs;
    const count = halfHours(beyondMs);
    if (count === 0) continue;
    const phase = Math.abs(beyondMs / cadenceMs - Math.round(beyondMs / cadenceMs));
    if (phase > PHASE && isSteady(timesMs, i - 1 - STEADY_STEPS, cadenceMs) && isSteady(timesMs, i, cadenceMs)) {
      jumps.push({ fromMs: timesMs[i - 1]!, toMs: timesMs[i]!, count });
    }
  }
  for (const { fromMs, toMs } of overlaps) {
    const count = halfHours(toMs - fromMs + cadenceMs / 2, cadenceMs / 2);
    if (count > 0) jumps.push({ fromMs, toMs, count });
  }
  return jumps;
}

/** The half-hours that a time is about; 0 where it is no whole number of them. */
function halfHours(ms: number, toleranceMs = 0): number {
  const count = Math.round(ms / HALF_HOUR_MS);
  return count > 0 && count <= MOST_HALF_HOURS && Math.abs(ms - count * HALF_HOUR_MS) <= CLOCK_TOLERANCE_MS + toleranceMs ? count : 0;
}

/** Whether the next steps from `from` on are all of about a cadence. */
function isSteady(timesMs: Float64Array, from: number, cadenceMs: number): boolean {
  for (let i = from + 1; i <= from + STEADY_STEPS; i++) if (Math.abs(timesMs[i]! - timesMs[i - 1]! - cadenceMs) > PHASE * cadenceMs) return false;
  return true;
}
