/** Times and numbers as Google's JSON writes them. vendors/google-health.md, JSON conventions and time wrappers. */

import { MINUTE_MS, offsetMinutesAt } from "#units/time.ts";

export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export interface CivilDateTime {
  readonly date: CivilDate;
  /** Absent at midnight; members that are 0 are absent too. */
  readonly time?: { readonly hours?: number; readonly minutes?: number; readonly seconds?: number };
}

/** RFC 3339 in UTC, without a fraction when there is none. */
export function instant(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

export function duration(seconds: number): string {
  return `${Math.round(seconds)}s`;
}

/** Integers of 64 bits are texts. */
export function whole(value: number): string {
  return String(Math.round(value));
}

export function rounded(value: number, decimals: number): number {
  return Math.round(value * 10 ** decimals) / 10 ** decimals;
}

export function offsetOf(zone: string, ms: number): string {
  return duration(offsetMinutesAt(zone, ms) * 60);
}

/** Milliseconds on the person's wall clock. */
export function wallOf(zone: string, ms: number): number {
  return ms + offsetMinutesAt(zone, ms) * MINUTE_MS;
}

export function civilDate(date: string): CivilDate {
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  return { year, month, day };
}

export function civilOf(zone: string, ms: number): CivilDateTime {
  const wall = new Date(wallOf(zone, ms));
  const date = { year: wall.getUTCFullYear(), month: wall.getUTCMonth() + 1, day: wall.getUTCDate() };
  const time = Object.fromEntries(
    Object.entries({ hours: wall.getUTCHours(), minutes: wall.getUTCMinutes(), seconds: wall.getUTCSeconds() }).filter(([, value]) => value !== 0),
  );
  return Object.keys(time).length > 0 ? { date, time } : { date };
}

/** Local time without a zone, as webhooks have it. */
export function civilIso(zone: string, ms: number): string {
  return new Date(wallOf(zone, ms)).toISOString().slice(0, 19);
}

/** The stretch without its civil times, as stages and splits have it. */
export function stretchOf(zone: string, startMs: number, endMs: number): Record<string, unknown> {
  return { startTime: instant(startMs), startUtcOffset: offsetOf(zone, startMs), endTime: instant(endMs), endUtcOffset: offsetOf(zone, endMs) };
}

export function intervalOf(zone: string, startMs: number, endMs: number): Record<string, unknown> {
  return { ...stretchOf(zone, startMs, endMs), civilStartTime: civilOf(zone, startMs), civilEndTime: civilOf(zone, endMs) };
}

export function sampleTimeOf(zone: string, atMs: number): Record<string, unknown> {
  return { physicalTime: instant(atMs), utcOffset: offsetOf(zone, atMs), civilTime: civilOf(zone, atMs) };
}
