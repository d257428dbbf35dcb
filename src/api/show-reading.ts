/** A reading as the API tells it. */
import type { Reading as ReadingLine } from "#clinic/readings/reading.ts";
import { READING_TYPES, type Meal } from "#driver/records.ts";
import { toMmolL } from "#units/glucose.ts";
import { formatWithOffset } from "#units/time.ts";
import { dateAt, offsetIn, type ZoneHistory } from "#units/zones.ts";
import type { ApiContext } from "./context.ts";
import type { Reading } from "./schemas.ts";
import { showSource } from "./sources.ts";

export interface ReadingSurroundings {
  readonly zones: ZoneHistory;
  /** Of accounts. */
  readonly names: ReadonlyMap<string, string>;
}

/** Hundredths: what meters show has one decimal, and no conversion of ours adds a digit to it. */
export function shownMmolL(mgDl: number): number {
  return Math.round(toMmolL(mgDl) * 100) / 100;
}

export function typeNames(meal: Meal | null): { type: string | null; typeEs: string | null } {
  return meal === null ? { type: null, typeEs: null } : { type: READING_TYPES[meal].en, typeEs: READING_TYPES[meal].es };
}

export function showReading(context: ApiContext, line: ReadingLine, { zones, names }: ReadingSurroundings): Reading {
  const { id, provider, connectionId, atMs, mgDl, beyond, unit, meal, mealRelation, sampleType, sampleLocation, device, sequence, syncSource, note, enteredBy } = line;
  return {
    id, at: formatWithOffset(atMs, line.offsetMinutes ?? offsetIn(zones, atMs)), date: dateAt(zones, atMs), valueMgDl: mgDl, valueMmolL: shownMmolL(mgDl), outOfRange: beyond, unit,
    ...typeNames(meal), mealRelation, sampleType, sampleLocation, device: device && { id: device.id, name: device.name ?? null }, sequence, syncSource,
    source: showSource(context, { id: connectionId ?? provider, provider, connectionId, deviceId: device?.id ?? "", deviceName: device?.name ?? null }),
    note, enteredBy: enteredBy === null ? null : { userId: enteredBy, name: names.get(enteredBy) ?? null },
  };
}
