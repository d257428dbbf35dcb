/** Dates and clock times of Fitbit: local, without an offset. vendors/fitbit.md, Data endpoints. */

import { addDays, DAY_MS, instantOfWall, MINUTE_MS, offsetMinutesAt, parseTime } from "#units/time.ts";

/** `2026-01-14T23:10:00.000` on the person's clock. */
export function localTime(zone: string, ms: number): string {
  return new Date(ms + offsetMinutesAt(zone, ms) * MINUTE_MS).toISOString().slice(0, 23);
}

/** `23:10:00`. */
export function clockTime(zone: string, ms: number): string {
  return localTime(zone, ms).slice(11, 19);
}

export function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && parseTime(`${text}T00:00:00`) !== null;
}

/** A date or a local time without zone as an instant; null for neither. */
export function instantOf(zone: string, text: string): number | null {
  const wall = isDate(text) ? `${text}T00:00:00` : text;
  const parsed = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?$/.test(wall) ? parseTime(wall) : null;
  return parsed ? instantOfWall(zone, parsed.wallMs) : null;
}

/** First and last included. */
export function datesBetween(first: string, last: string): string[] {
  const dates: string[] = [];
  for (let date = first; date <= last; date = addDays(date, 1)) dates.push(date);
  return dates;
}

/** How many dates a range holds, both ends included. */
export function lengthOf(first: string, last: string): number {
  return Math.round((Date.parse(`${last}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / DAY_MS) + 1;
}

export function rounded(value: number, decimals: number): number {
  return Math.round(value * 10 ** decimals) / 10 ** decimals;
}
