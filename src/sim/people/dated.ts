/** Ids that look like any UUID and say a date, so that a cloud finds what they name without keeping a list. */

import { DAY_MS } from "#units/time.ts";
import { dayNumber } from "./days.ts";
import type { ChanceKey } from "./rng.ts";
import { hexOf, uuidOf } from "./rng.ts";

/** A version-4-shaped UUID that belongs to the date and the parts. */
export function datedUuid(date: string, ...parts: ChanceKey[]): string {
  return `${uuidOf(...parts, date).slice(0, 24)}${dayNumber(date).toString(16).padStart(6, "0")}${hexOf(6, ...parts, date, "tail")}`;
}

/** The date that such an id says; null for a text of another form. */
export function dateOfUuid(id: string): string | null {
  const digits = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-([0-9a-f]{6})[0-9a-f]{6}$/.exec(id)?.[1];
  return digits === undefined ? null : new Date(Number.parseInt(digits, 16) * DAY_MS).toISOString().slice(0, 10);
}
