/**
 * Readings on an even grid: what metrics of variability and of time are computed on. Two grids of one series: one even in time, for what lasts (episodes,
 * rates), and one of local days and times on the wall, for what recurs (day-to-day differences, profiles). They differ where clocks change.
 * Source: cgm-metrics §1 (DST) and §2 (iglu's day-by-day grid).
 */
import { DAY_MS, instantOfWall, MINUTE_MS } from "#units/time.ts";
import { dateAt, offsetIn, startOfDay, type ZoneHistory } from "#units/zones.ts";
import { historyOf, type Zone } from "./local-times.ts";
import type { Series } from "./series.ts";

/**
 * `iglu`: a day's slots lie one step after midnight up to 24:00, so that the reference's numbers come out digit for digit; a reading at 00:00:00 of the first
 * day is on no slot. `islet`: slots lie from 00:00 on, and each belongs to the day it lies in.
 */
export type GridKind = "iglu" | "islet";

/** Readings farther apart than this are not joined, minutes. */
export const LONGEST_BRIDGE_MINUTES = 45;
const DAY_MINUTES = 1440;

/** Even in time: slot `i` lies at `startMs + i · stepMinutes`. */
export interface TimeGrid {
  readonly stepMinutes: number;
  readonly startMs: number;
  /** In the unit of the series; NaN where readings are too far apart to say. */
  readonly values: Float64Array;
}

/** Even by the clock on the wall: slot `s` of day `d` is `values[d · slotsPerDay + s]`. */
export interface WallGrid {
  readonly stepMinutes: number;
  readonly slotsPerDay: number;
  /** Local dates YYYY-MM-DD, every day from the first to the last reading; `iglu` may add an empty one, into which running windows reach. */
  readonly dates: readonly string[];
  /** Minutes after midnight of a day's first slot. */
  readonly firstMinute: number;
  /** In the unit of the series; NaN where nothing was read, and at times that clocks skip. The hour that comes twice is told by its first pass. */
  readonly values: Float64Array;
}

/**
 * Minutes between slots: the cadence, or the next one that divides a day (20 above 20, else the nearest multiple of 5). Null when the cadence is unknown or
 * above 45 minutes, where readings are never joined. Source: cgm-metrics §2.2.
 */
export function gridStepMinutes(cadenceMinutes: number | null): number | null {
  if (cadenceMinutes === null || cadenceMinutes > LONGEST_BRIDGE_MINUTES) return null;
  if (DAY_MINUTES % cadenceMinutes === 0) return cadenceMinutes;
  if (cadenceMinutes > 20) return 20;
  const rest = cadenceMinutes % 5;
  return rest > 2 ? cadenceMinutes + 5 - rest : cadenceMinutes - rest;
}

/**
 * The series even in time, from the local midnight of its first reading up to its last one; null where no step is known. A reading every few seconds off its
 * slot is interpolated linearly; readings more than 45 minutes apart are not joined, exactly 45 are.
 * @param stepMinutes that of `gridStepMinutes` unless given (MAGE always takes 5).
 */
export function timeGrid(series: Series, zone: Zone, options: { readonly kind: GridKind; readonly stepMinutes?: number }): TimeGrid | null {
  const stepMinutes = options.stepMinutes ?? gridStepMinutes(series.cadenceMinutes);
  const firstMs = series.timesMs[0];
  if (stepMinutes === null || firstMs === undefined || gridStepMinutes(series.cadenceMinutes) === null) return null;
  const stepMs = stepMinutes * MINUTE_MS;
  const history = historyOf(zone);
  const midnightMs = startOfDay(history, dateAt(history, firstMs));
  const startMs = options.kind === "iglu" ? midnightMs + stepMs : midnightMs;
  const count = Math.max(0, Math.floor((series.timesMs[series.timesMs.length - 1]! - startMs) / stepMs) + 1);
  const instants = new Float64Array(count);
  for (let i = 0; i < count; i++) instants[i] = startMs + i * stepMs;
  return { stepMinutes, startMs, values: interpolateInPlace(series, instants) };
}

/** The series by local days and times on the wall; null where no step is known. See `timeGrid` for what is joined. */
export function wallGrid(series: Series, zone: Zone, options: { readonly kind: GridKind; readonly stepMinutes?: number }): WallGrid | null {
  const stepMinutes = options.stepMinutes ?? gridStepMinutes(series.cadenceMinutes);
  const [firstMs, lastMs] = [series.timesMs[0], series.timesMs.at(-1)];
  if (stepMinutes === null || firstMs === undefined || lastMs === undefined || gridStepMinutes(series.cadenceMinutes) === null) return null;
  const [firstDate, lastDate] = [firstMs, lastMs].map((ms) => dateAt(historyOf(zone), ms)) as [string, string];
  const history = historyOf(zone);
  const slotsPerDay = DAY_MINUTES / stepMinutes;
  const firstMinute = options.kind === "iglu" ? stepMinutes : 0;
  const dates: string[] = [];
  // The reference makes as many rows as the readings span, and one (cgm-metrics §2.3).
  const rows = options.kind === "iglu" ? Math.ceil((lastMs - firstMs) / DAY_MS + 1) : 1;
  for (let wallMs = Date.parse(firstDate); wallMs <= Date.parse(lastDate) || dates.length < rows; wallMs += DAY_MS) dates.push(new Date(wallMs).toISOString().slice(0, 10));
  const instants = new Float64Array(dates.length * slotsPerDay);
  for (const [day, date] of dates.entries()) {
    const ofDay = instants.subarray(day * slotsPerDay, (day + 1) * slotsPerDay);
    fillDay(ofDay, history, { midnightWallMs: Date.parse(date), firstMinute, stepMinutes });
  }
  return { stepMinutes, slotsPerDay, dates, firstMinute, values: interpolateInPlace(series, instants) };
}

/** Instants of a day's slots; NaN for times that the clock does not show on that day. */
function fillDay(instants: Float64Array, history: ZoneHistory, day: { readonly midnightWallMs: number; readonly firstMinute: number; readonly stepMinutes: number }): void {
  const wallOf = (slot: number): number => day.midnightWallMs + (day.firstMinute + slot * day.stepMinutes) * MINUTE_MS;
  const first = instantOf(history, wallOf(0));
  const last = instantOf(history, wallOf(instants.length - 1));
  // Nearly all days keep one offset; the clock is asked about each slot only where it does not.
  const isEven = last - first === wallOf(instants.length - 1) - wallOf(0) && history.entries.length === 0;
  for (let slot = 0; slot < instants.length; slot++) instants[slot] = isEven ? first + (wallOf(slot) - wallOf(0)) : instantOf(history, wallOf(slot));
}

/** First instant at which the person's clock shows this time on this day; NaN where it never does. */
function instantOf(history: ZoneHistory, wallMs: number): number {
  const zones = new Set([history.home, ...history.entries.map(({ zone }) => zone)]);
  let found = NaN;
  for (const zone of zones) {
    const ms = instantOfWall(zone, wallMs);
    if (ms + offsetIn(history, ms) * MINUTE_MS === wallMs && !(found <= ms)) found = ms;
  }
  return found;
}

/** Values at ascending instants (NaN: nowhere), linear between readings at most 45 minutes apart, in the unit of the readings. @param readings ascending, at least one. */
export function interpolate(readings: Pick<Series, "timesMs" | "values">, instants: Float64Array): Float64Array {
  return interpolateInPlace(readings, instants.slice());
}

/** The same, in the array of the instants. */
function interpolateInPlace({ timesMs, values }: Pick<Series, "timesMs" | "values">, slots: Float64Array): Float64Array {
  const bridgeMs = LONGEST_BRIDGE_MINUTES * MINUTE_MS;
  const last = timesMs.length - 1;
  let at = 0;
  for (let i = 0; i < slots.length; i++) {
    const ms = slots[i]!;
    slots[i] = NaN;
    if (!(ms >= timesMs[0]! && ms <= timesMs[last]!)) continue;
    while (at < last && timesMs[at + 1]! <= ms) at++;
    const sinceMs = ms - timesMs[at]!;
    if (sinceMs === 0) slots[i] = values[at]!;
    else {
      const gapMs = timesMs[at + 1]! - timesMs[at]!;
      if (gapMs <= bridgeMs) slots[i] = values[at]! + (values[at + 1]! - values[at]!) * (sinceMs / gapMs);
    }
  }
  return slots;
}
