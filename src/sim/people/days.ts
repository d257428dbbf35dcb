/** Local days as the people live them: numbers, weekdays and wall-clock hours of `YYYY-MM-DD` dates. */

import { DAY_MS, instantOfWall, MINUTE_MS, parseTime } from "#units/time.ts";

/** Days since 1970 of a `YYYY-MM-DD` date. */
export function dayNumber(date: string): number {
  return Math.round(Date.parse(`${date}T00:00:00Z`) / DAY_MS);
}

/** 0 Sunday … 6 Saturday. */
export function weekdayOf(date: string): number {
  return (((dayNumber(date) + 4) % 7) + 7) % 7;
}

/** Instant at which the wall clock in the zone shows `hour` (may exceed 24 or be negative) of the date. */
export function atHour(zone: string, date: string, hour: number): number {
  const midnight = parseTime(`${date}T00:00:00`);
  if (!midnight) throw new RangeError(`${date} is no date`);
  return instantOfWall(zone, midnight.wallMs + Math.round(hour * 60) * MINUTE_MS);
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
