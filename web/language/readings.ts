/** What a reading is called by its height, and whether what was typed can be meant. Pure. */
import { instantOfWall, offsetMinutesAt, parseTime, formatWithOffset } from "#units/time.ts";
import type { GlucoseUnit } from "#web/client/types.ts";

export type Band = "low" | "target" | "high";

/** Below 70, to 180, above: in mmol/L by the printed 3.9 and 10.0, not by a conversion of them. */
const BOUNDS: Readonly<Record<GlucoseUnit, readonly [low: number, high: number]>> = { "mg/dL": [70, 180], "mmol/L": [3.9, 10] };

export function bandOf({ valueMgDl, valueMmolL, unit }: { readonly valueMgDl: number; readonly valueMmolL: number; readonly unit: GlucoseUnit }): Band {
  const value = unit === "mg/dL" ? valueMgDl : valueMmolL;
  const [low, high] = BOUNDS[unit];
  return value < low ? "low" : value > high ? "high" : "target";
}

/** Where a number in one unit is one that people have in the other: the other unit; null where it can be meant. */
export function otherUnitMeant(value: number, unit: GlucoseUnit): GlucoseUnit | null {
  if (unit === "mg/dL") return value >= 2.2 && value <= 33.3 ? "mmol/L" : null;
  return value >= 40 && value <= 600 ? "mg/dL" : null;
}

/** A number as people write it, with comma or point; null for none. */
export function numberOf(text: string): number | null {
  const number = /^\s*\d+(?:[.,]\d+)?\s*$/.test(text) ? Number(text.trim().replace(",", ".")) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

/** A local date and time of a form, in the patient's zone, as an instant with its offset; null for what is none. */
export function instantIn(zone: string, localText: string): string | null {
  const parsed = parseTime(localText);
  if (!parsed || !localText.includes("T")) return null;
  const ms = instantOfWall(zone, parsed.wallMs);
  return formatWithOffset(ms, offsetMinutesAt(zone, ms));
}

/** The form's text for an instant in the patient's zone, to the minute. */
export function localText(zone: string, ms: number): string {
  return formatWithOffset(ms, offsetMinutesAt(zone, ms)).slice(0, 16);
}

/** One list a local date, in the order in which they come. */
export function byDate<Line extends { readonly date: string }>(lines: readonly Line[]): readonly (readonly [date: string, lines: readonly Line[]])[] {
  return [...Map.groupBy(lines, ({ date }) => date)];
}
