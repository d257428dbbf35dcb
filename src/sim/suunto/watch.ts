/** What watches send: units that differ from one to the next, and when they are synced. vendors/suunto.md, 24/7 samples. */

import { formatWithOffset, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";

/** The watch meets the phone this often. */
export const SYNC_MS = 15 * MINUTE_MS;

/** Until when the watch's data is in the cloud at an instant. */
export const syncedMs = (nowMs: number): number => Math.floor(nowMs / SYNC_MS) * SYNC_MS;

/** When something that ended at `endMs` comes in. */
export const uploadedMs = (endMs: number): number => Math.ceil(endMs / SYNC_MS) * SYNC_MS;

/** `2026-03-03T06:40:00.000+01:00`. */
export function stampOf({ who }: Person, ms: number): string {
  const text = formatWithOffset(ms, offsetMinutesAt(who.zone, ms));
  return text.includes(".") ? text : text.replace(/(T\d{2}:\d{2}:\d{2})/, "$1.000");
}

/** Beats a minute, or hertz in short floats; 0 for nothing measured. */
export function pulseOf(context: CloudContext, beats: number | null): number {
  if (beats === null) return 0;
  return context.position("heartRate") === "hertz" ? Math.fround(beats / 60) : Math.round(beats);
}

export function oxygenOf(context: CloudContext, percent: number): number {
  return context.position("oxygen") === "percent" ? Math.round(percent) : Math.round(percent) / 100;
}

export const joulesOf = (kilocalories: number): number => Math.round(kilocalories * 4184);

/** Since when the person has worn this watch. */
export const sinceMs = ({ who }: Person): number => Date.parse(`${who.cgm.since}T00:00:00Z`);

export const meanOf = (values: readonly number[]): number | null => (values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null);
