/** Where the marks of an axis stand. Time marks stand on round local times of the person's zone, also across clock changes. */
import { addDays, DAY_MS, HOUR_MS, instantOfWall, localDate, localDay, MINUTE_MS } from "#units/time.ts";

const STEPS_OF_DAY_MS = [15 * MINUTE_MS, 30 * MINUTE_MS, ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS)];
const STEPS_IN_DAYS = [1, 2, 3, 4, 7, 14, 28];

export interface TimeTicks {
  readonly times: readonly number[];
  /** True when the marks are local midnights: to be labelled by date, not by time. */
  readonly areDays: boolean;
}

/** Ascending instants inside `[fromMs, toMs]`, at most `most` of them (at least one is allowed). */
export function timeTicks(span: { readonly fromMs: number; readonly toMs: number }, zone: string, most: number): TimeTicks {
  const lengthMs = span.toMs - span.fromMs;
  const stepMs = STEPS_OF_DAY_MS.find((step) => lengthMs / step <= most);
  if (stepMs !== undefined) return { times: ticksOfDay(span, zone, stepMs), areDays: false };
  const stepDays = STEPS_IN_DAYS.find((days) => lengthMs / (days * DAY_MS) <= most) ?? STEPS_IN_DAYS[STEPS_IN_DAYS.length - 1]!;
  return { times: ticksOfDays(span, zone, stepDays), areDays: true };
}

function ticksOfDay(span: { fromMs: number; toMs: number }, zone: string, stepMs: number): number[] {
  const times: number[] = [];
  for (let date = localDate(zone, span.fromMs); ; date = addDays(date, 1)) {
    const midnightWall = Date.parse(`${date}T00:00:00Z`);
    for (let wall = midnightWall; wall < midnightWall + DAY_MS; wall += stepMs) {
      const at = instantOfWall(zone, wall);
      if (at > span.toMs) return times;
      // A wall time that the clock skipped maps onto one already there.
      if (at >= span.fromMs && at !== times[times.length - 1]) times.push(at);
    }
  }
}

function ticksOfDays(span: { fromMs: number; toMs: number }, zone: string, stepDays: number): number[] {
  const times: number[] = [];
  for (let date = localDate(zone, span.fromMs); ; date = addDays(date, stepDays)) {
    const at = localDay(zone, date)?.fromMs;
    if (at === undefined || at > span.toMs) return times;
    if (at >= span.fromMs) times.push(at);
  }
}

/** Values an axis of glucose shows: the thresholds themselves, and one round number above them when the data reach there. */
export function glucoseTicks(
  target: { readonly veryLow: number; readonly low: number; readonly high: number; readonly veryHigh: number },
  max: number,
): number[] {
  const above = target.veryHigh * 1.4;
  return [target.veryLow, target.low, target.high, target.veryHigh, ...(max > above ? [above] : [])];
}

/** Drops marks that would stand closer than `leastPx` to a kept one; the earlier in `order` wins. */
export function withoutCrowding(order: readonly number[], toPx: (value: number) => number, leastPx: number): number[] {
  const kept: number[] = [];
  for (const value of order) {
    if (kept.every((other) => Math.abs(toPx(other) - toPx(value)) >= leastPx)) kept.push(value);
  }
  return kept.toSorted((a, b) => a - b);
}

/**
 * Lowest and highest value of a glucose axis. Always shows very low to a little above very high, so that two days look alike;
 * `laneShare` (0–1) of the height is kept free below for the marks of meals and insulin.
 */
export function glucoseDomain(
  target: { readonly veryLow: number; readonly veryHigh: number },
  max: number,
  laneShare: number,
): { readonly min: number; readonly max: number } {
  const floor = target.veryLow * 0.74;
  const top = Math.max(target.veryHigh * 1.12, max * 1.06);
  return { min: top - (top - floor) / (1 - laneShare), max: top };
}
