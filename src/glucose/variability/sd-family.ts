/**
 * Where variability comes from: within days, between days, at times of day. Rows are local days, columns times on the wall; empty slots are left out. In the
 * unit of the grid, null where there are too few days or slots. Source: Rodbard 2009; cgm-metrics §8 (iglu's sd_measures, cv_measures and auc).
 */
import type { WallGrid } from "../grid.ts";

export interface SdFamily {
  /** Within days: mean of the days' SDs. */
  readonly sdW: number | null;
  /** Of the average day: SD of the means by time of day. */
  readonly sdHhMm: number | null;
  /** Within series: mean SD of running hours. */
  readonly sdWsh: number | null;
  /** Between daily means: SD of the days' means. */
  readonly sdDm: number | null;
  /** Between days, within time of day: mean of the SDs by time of day. */
  readonly sdB: number | null;
  /** The same after each day's mean was taken off. */
  readonly sdBDm: number | null;
  /** Mean and SD of the days' CVs, percent. */
  readonly cvMean: number | null;
  readonly cvSd: number | null;
}

export function sdFamily(grid: WallGrid): SdFamily {
  const { values, slotsPerDay } = grid;
  const days = values.length / slotsPerDay;
  const [dayMeans, daySds, dayCvs] = [new Moments(), new Moments(), new Moments()];
  const centred = new Float64Array(values.length);
  for (let day = 0; day < days; day++) {
    const row = momentsOf(values, { from: day * slotsPerDay, to: (day + 1) * slotsPerDay, by: 1 });
    dayMeans.add(row.mean);
    daySds.add(row.sd);
    dayCvs.add(row.sd === null || row.mean === null ? null : (100 * row.sd) / row.mean);
    for (let i = day * slotsPerDay; i < (day + 1) * slotsPerDay; i++) centred[i] = values[i]! - (row.mean ?? NaN);
  }
  const [slotMeans, slotSds, centredSds] = [new Moments(), new Moments(), new Moments()];
  for (let slot = 0; slot < slotsPerDay; slot++) {
    const column = { from: slot, to: values.length, by: slotsPerDay };
    const of = momentsOf(values, column);
    slotMeans.add(of.mean);
    slotSds.add(of.sd);
    centredSds.add(momentsOf(centred, column).sd);
  }
  return {
    sdW: daySds.mean, sdHhMm: slotMeans.sd, sdWsh: runningSd(grid), sdDm: dayMeans.sd, sdB: slotSds.mean, sdBDm: centredSds.mean,
    cvMean: dayCvs.mean, cvSd: dayCvs.sd,
  };
}

/** Mean of the SDs of each run of an hour's slots; slots without value are left out of a run. */
function runningSd({ values, stepMinutes }: WallGrid): number | null {
  const width = Math.round(60 / stepMinutes);
  let [sum, count] = [0, 0];
  let empty = 0;
  for (let end = 0; end < values.length; end++) {
    if (values[end] !== values[end]) empty++;
    if (end >= width && values[end - width] !== values[end - width]) empty--;
    if (end < width - 1 || empty > width - 2) continue;
    sum += empty === 0 ? sdOfRun(values, end - width + 1, end) : sdWithin(values, end - width + 1, end);
    count++;
  }
  return count === 0 ? null : sum / count;
}

/** Sample SD of slots `[from, to]`, all of which have values. */
function sdOfRun(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i <= to; i++) sum += values[i]!;
  const mean = sum / (to - from + 1);
  let squares = 0;
  for (let i = from; i <= to; i++) squares += (values[i]! - mean) * (values[i]! - mean);
  return Math.sqrt(squares / (to - from));
}

/** The same of slots at least two of which have values. */
function sdWithin(values: Float64Array, from: number, to: number): number {
  let [sum, count] = [0, 0];
  for (let i = from; i <= to; i++) {
    const value = values[i]!;
    if (value === value) {
      sum += value;
      count++;
    }
  }
  const mean = sum / count;
  let squares = 0;
  for (let i = from; i <= to; i++) {
    const distance = values[i]! - mean;
    if (distance === distance) squares += distance * distance;
  }
  return Math.sqrt(squares / (count - 1));
}

/**
 * Glucose over time (AUC), as the hourly mean: each day's trapezoids between neighbouring slots over their hours, averaged over days. Never joins two days
 * (iglu's own `auc()` does, by labelling slots with recycled dates). In unit·h per hour, which is the unit.
 */
export function hourlyAuc({ values, slotsPerDay }: WallGrid): number | null {
  const perDay = new Moments();
  for (let from = 0; from < values.length; from += slotsPerDay) {
    let [sum, count] = [0, 0];
    for (let i = from + 1; i < from + slotsPerDay; i++) {
      const height = (values[i]! + values[i - 1]!) / 2;
      if (height === height) {
        sum += height;
        count++;
      }
    }
    perDay.add(count === 0 ? null : sum / count);
  }
  return perDay.mean;
}

/** Mean and sample SD of a stretch, in two passes; NaN is left out. */
function momentsOf(values: Float64Array, { from, to, by }: { readonly from: number; readonly to: number; readonly by: number }): { readonly mean: number | null; readonly sd: number | null } {
  let [sum, count] = [0, 0];
  for (let i = from; i < to; i += by) {
    const value = values[i]!;
    if (value === value) {
      sum += value;
      count++;
    }
  }
  if (count === 0) return NOTHING;
  const mean = sum / count;
  let squares = 0;
  for (let i = from; i < to; i += by) {
    const distance = values[i]! - mean;
    if (distance === distance) squares += distance * distance;
  }
  return { mean, sd: count < 2 ? null : Math.sqrt(squares / (count - 1)) };
}

const NOTHING = { mean: null, sd: null } as const;

/** Collects numbers; null ones are left out. */
class Moments {
  readonly #values: number[] = [];

  add(value: number | null): void {
    if (value !== null) this.#values.push(value);
  }

  get mean(): number | null {
    return momentsOf(Float64Array.from(this.#values), { from: 0, to: this.#values.length, by: 1 }).mean;
  }

  get sd(): number | null {
    return momentsOf(Float64Array.from(this.#values), { from: 0, to: this.#values.length, by: 1 }).sd;
  }
}
