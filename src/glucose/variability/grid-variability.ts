/**
 * How much glucose changes, on an even grid: within hours, from day to day, and per minute. Values in the unit of the grid; NaN slots are left out; null
 * where no pair of slots is there. Source: cgm-metrics §8 (iglu's definitions).
 */
import type { TimeGrid, WallGrid } from "../grid.ts";

/** Mean of daily differences (MODD): mean of |G(day, slot) − G(day − lag, slot)|. */
export function modd({ values, slotsPerDay }: WallGrid, lagDays = 1): number | null {
  const lag = lagDays * slotsPerDay;
  let [sum, count] = [0, 0];
  for (let i = lag; i < values.length; i++) {
    const difference = Math.abs(values[i]! - values[i - lag]!);
    // NaN is no number of anything.
    if (difference === difference) {
      sum += difference;
      count++;
    }
  }
  return count === 0 ? null : sum / count;
}

/** Continuous overlapping net glycaemic action (CONGA): SD of G(t) − G(t − hours). */
export function conga(grid: TimeGrid, hours: number): number | null {
  return sdOfDifferences(grid.values, Math.round((hours * 60) / grid.stepMinutes));
}

/**
 * Mean absolute glucose change (MAG), per hour: over points every `everyMinutes` (the grid's step unless given), sum of |differences| over their time.
 * iglu's `all_metrics()` still holds an older form; this is `mag()` of iglu 4.3.0.
 */
export function mag({ values, stepMinutes }: TimeGrid, everyMinutes = stepMinutes): number | null {
  const stride = Math.max(1, Math.round(everyMinutes / stepMinutes));
  let [sum, count] = [0, 0];
  for (let i = stride; i < values.length; i += stride) {
    const difference = Math.abs(values[i]! - values[i - stride]!);
    if (difference === difference) {
      sum += difference;
      count++;
    }
  }
  return count === 0 ? null : sum / ((count * stride * stepMinutes) / 60);
}

/**
 * Glycaemic variability percentage (GVP): how much longer the curve is than a flat line, percent. mg/dL against minutes, so it is defined on mg/dL alone.
 * @param scale what turns the grid's values into mg/dL.
 */
export function gvp({ values, stepMinutes }: TimeGrid, scale = 1): number | null {
  let [length, count] = [0, 0];
  const run = stepMinutes * stepMinutes;
  for (let i = 1; i < values.length; i++) {
    const rise = (values[i]! - values[i - 1]!) * scale;
    if (rise === rise) {
      length += Math.sqrt(run + rise * rise);
      count++;
    }
  }
  return count === 0 ? null : 100 * (length / (count * stepMinutes) - 1);
}

/** Rates of change per minute over `overMinutes`, one for each slot that has one. */
export function ratesOfChange({ values, stepMinutes }: TimeGrid, overMinutes = 15): Float64Array {
  const lag = lagOfRates(overMinutes, stepMinutes);
  const rates = differences(values, lag);
  for (let i = 0; i < rates.length; i++) rates[i]! /= lag * stepMinutes;
  return rates;
}

/** SD of the rates of change over 15 minutes, per minute. */
export function sdOfRates({ values, stepMinutes }: TimeGrid): number | null {
  const lag = lagOfRates(15, stepMinutes);
  const sd = sdOfDifferences(values, lag);
  return sd === null ? null : sd / (lag * stepMinutes);
}

/** A rate needs two slots. */
function lagOfRates(overMinutes: number, stepMinutes: number): number {
  return Math.max(1, Math.round(overMinutes / stepMinutes));
}

/** Upper bounds of the rate histogram, mg/dL per minute; right-closed, the last bin is open. */
export const RATE_BREAKS = [-3, -2, -1, 1, 2, 3] as const;

/** Counts of rates (mg/dL per minute) up to −3, −2, −1, 1, 2, 3 and beyond. */
export function rateHistogram(rates: Float64Array): number[] {
  const counts = Array.from({ length: RATE_BREAKS.length + 1 }, () => 0);
  for (const rate of rates) {
    let bin = 0;
    while (bin < RATE_BREAKS.length && rate > RATE_BREAKS[bin]!) bin++;
    counts[bin]!++;
  }
  return counts;
}

/** Sample SD of G(i) − G(i − lag), in two passes; null under two of them. */
function sdOfDifferences(values: Float64Array, lag: number): number | null {
  let [sum, count] = [0, 0];
  for (let i = lag; i < values.length; i++) {
    const difference = values[i]! - values[i - lag]!;
    if (difference === difference) {
      sum += difference;
      count++;
    }
  }
  if (count < 2) return null;
  const mean = sum / count;
  let squares = 0;
  for (let i = lag; i < values.length; i++) {
    const distance = values[i]! - values[i - lag]! - mean;
    if (distance === distance) squares += distance * distance;
  }
  return Math.sqrt(squares / (count - 1));
}

/** G(i) − G(i − lag) of every slot where both are there. */
function differences(values: Float64Array, lag: number): Float64Array {
  const found = new Float64Array(Math.max(0, values.length - lag));
  let count = 0;
  for (let i = lag; i < values.length; i++) {
    const difference = values[i]! - values[i - lag]!;
    if (difference === difference) found[count++] = difference;
  }
  return found.subarray(0, count);
}
