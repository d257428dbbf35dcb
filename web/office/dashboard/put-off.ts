/** From when to when somebody can be put off, by the days of the patient. Pure. */
import { addDays, DAY_MS, localDate, localDay } from "#units/time.ts";

/** As the server has it: nobody is out of sight for longer. */
export const LONGEST_DAYS = 90;
/** Days that are a click away. */
export const USUAL_DAYS = [7, 14, 30] as const;
export const SHORTEST_REASON = 3;
export const LONGEST_REASON = 200;

export interface Span {
  /** YYYY-MM-DD, in the zone of the patient. */
  readonly first: string;
  readonly last: string;
}

export function spanOf(zone: string, nowMs: number): Span {
  return { first: addDays(localDate(zone, nowMs), 1), last: localDate(zone, nowMs + LONGEST_DAYS * DAY_MS) };
}

/** So many days from today. */
export function dateIn(zone: string, nowMs: number, days: number): string {
  return addDays(localDate(zone, nowMs), days);
}

/** The beginning of that day, where the patient lives; null for a day that is none or lies outside. */
export function untilOf(date: string, zone: string, nowMs: number): string | null {
  const { first, last } = spanOf(zone, nowMs);
  const day = /^\d{4}-\d{2}-\d{2}$/.test(date) && date >= first && date <= last ? localDay(zone, date) : null;
  return day === null ? null : new Date(day.fromMs).toISOString();
}
