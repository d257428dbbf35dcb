/** How Polar writes times and durations. */

import { MINUTE_MS, offsetMinutesAt } from "#units/time.ts";

/** Wall clock without a zone, `2026-11-19T09:00:00`. */
export function localStamp(zone: string, ms: number): string {
  return utcStamp(ms + offsetMinutesAt(zone, ms) * MINUTE_MS);
}

/** UTC that does not say so. */
export function utcStamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}

/** `PT1H2M3.5S`; parts that are 0 are left out. */
export function isoDuration(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = Math.round((seconds % 60) * 1000) / 1000;
  const text = `${hours > 0 ? `${hours}H` : ""}${minutes > 0 ? `${minutes}M` : ""}${rest > 0 ? `${rest}S` : ""}`;
  return text === "" ? "PT0S" : `PT${text}`;
}

/** Key of a map over a night: the clock on the wall, hours and minutes. */
export function clockKey(zone: string, ms: number): string {
  return localStamp(zone, ms).slice(11, 16);
}
