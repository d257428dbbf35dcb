/** Peaks and nadirs of a trace, between the crossings of its short and its long moving average. Source: cgm-metrics §9.3–9.5. */

const SHORT = 5;
const LONG = 32;

/** Values of the turning points in time's order: minimum and maximum in turn, mostly. */
export interface TurningPoints {
  readonly values: Float64Array;
  /** Slot of each within the piece. */
  readonly slots: Int32Array;
}

interface Crossing {
  readonly slot: number;
  readonly isMinimum: boolean;
}

/** @param values a piece of a 5-minute grid that begins and ends with a value; NaN inside where nothing was read. */
export function turningPoints(values: Float64Array): TurningPoints {
  const crossings = findCrossings(values, averageDifference(values));
  const points = new Float64Array(crossings.length);
  const slots = new Int32Array(crossings.length);
  for (let i = 0; i < crossings.length; i++) {
    const from = i === 0 ? crossings[0]!.slot : slots[i - 1]!;
    const to = crossings[Math.min(i + 1, crossings.length - 1)]!.slot;
    const slot = extremeWithin(values, { from, to, isMinimum: crossings[i]!.isMinimum });
    slots[i] = slot;
    points[i] = values[slot]!;
  }
  return { values: points, slots };
}

/** Short minus long moving average at each slot; NaN where a window has no value. */
function averageDifference(values: Float64Array): Float64Array {
  /** Values up to each slot, without it. */
  const before = new Int32Array(values.length + 1);
  const filled = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const isThere = value === value;
    before[i + 1] = before[i]! + (isThere ? 1 : 0);
    if (isThere) filled[i] = value;
  }
  const { short, long } = windowSums(filled);
  const difference = new Float64Array(values.length);
  const [leastShort, leastLong] = [Math.min(SHORT, values.length) - 1, Math.min(LONG, values.length) - 1];
  for (let i = 0; i < values.length; i++) {
    const s = i < leastShort ? leastShort : i;
    const l = i < leastLong ? leastLong : i;
    const shortCount = before[s + 1]! - before[s < SHORT ? 0 : s - SHORT + 1]!;
    const longCount = before[l + 1]! - before[l < LONG ? 0 : l - LONG + 1]!;
    difference[i] = short[s]! / shortCount - long[l]! / longCount;
  }
  return difference;
}

/**
 * Sums of the last 5 and the last 32 slots at each slot, in pairs of pairs: no running total, whose rounding would grow along the trace. What is given is
 * used up.
 */
function windowSums(sums: Float64Array): { readonly short: Float64Array; readonly long: Float64Array } {
  const first = sums.slice();
  const double = (width: number): void => {
    // From the end on, so that what is added is not doubled yet.
    for (let i = sums.length - 1; i >= width; i--) sums[i]! += sums[i - width]!;
  };
  double(1);
  double(2);
  const short = sums.slice();
  for (let i = SHORT - 1; i < short.length; i++) short[i]! += first[i - SHORT + 1]!;
  for (const width of [4, 8, 16]) double(width);
  return { short, long: sums };
}

function findCrossings(values: Float64Array, difference: Float64Array): Crossing[] {
  const last = values.length - 1;
  const crossings: Crossing[] = [{ slot: 0, isMinimum: difference[0]! < 0 }];
  const isThere = (slot: number): boolean => !Number.isNaN(values[slot]!) && !Number.isNaN(difference[slot]!);
  let previous = 0;
  for (let slot = 1; slot <= last; slot++) {
    if (!isThere(slot) || !isThere(slot - 1)) continue;
    // The second condition catches a difference of exactly zero, and the far side of empty slots.
    if (difference[slot]! * difference[slot - 1]! >= 0 && difference[slot]! * difference[previous]! >= 0) continue;
    crossings.push({ slot, isMinimum: difference[slot]! < 0 });
    previous = slot;
  }
  crossings.push({ slot: last, isMinimum: difference[last]! < 0 });
  return crossings;
}

function extremeWithin(values: Float64Array, { from, to, isMinimum }: { readonly from: number; readonly to: number; readonly isMinimum: boolean }): number {
  let best = from;
  for (let slot = from; slot <= to; slot++) {
    const value = values[slot]!;
    const isBetter = isMinimum ? value < values[best]! : value > values[best]!;
    if (isBetter || (Number.isNaN(values[best]!) && value === value)) best = slot;
  }
  return best;
}
