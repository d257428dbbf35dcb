/** Numbers as files of many countries and sensors write them. */
import { type GlucoseUnit, parseGlucoseUnit } from "#units/glucose.ts";

/** Words of sensors for "beyond my limit"; German as in vendors/dexcom.md, others as their applications are translated. */
const LOW_WORDS = new Set(["low", "lo", "niedrig", "bajo", "bas"]);
const HIGH_WORDS = new Set(["high", "hi", "hoch", "alto", "haut", "élevé"]);
const EMPTY_WORDS = new Set(["", "na", "n/a", "nan", "null", "none", "nil", "-", "--", "---"]);

const NUMBER = /^([<>]?)\s*([+-]?\d+(?:[.,]\d+)?)\s*(m(?:g|mol)\s*\/\s*d?l)?$/i;

/** A glucose cell: a number, the sensor's word for below or above its range, nothing, or nonsense. */
export type GlucoseCell =
  | { readonly cell: "number"; readonly value: number; readonly unit: GlucoseUnit | null }
  /** `limit` when the cell names it (`<40`, `>22.2`). */
  | { readonly cell: "low" | "high"; readonly limit: number | null; readonly unit: GlucoseUnit | null }
  | { readonly cell: "empty" }
  | { readonly cell: "bad" };

/** Reads a glucose cell; point or comma may mark decimals, a unit may follow. */
export function readGlucose(text: string): GlucoseCell {
  const word = text.trim().toLowerCase();
  if (EMPTY_WORDS.has(word)) return { cell: "empty" };
  if (LOW_WORDS.has(word)) return { cell: "low", limit: null, unit: null };
  if (HIGH_WORDS.has(word)) return { cell: "high", limit: null, unit: null };
  const match = NUMBER.exec(word);
  if (!match) return { cell: "bad" };
  const unit = parseGlucoseUnit(match[3]);
  const value = Number(match[2]!.replace(",", "."));
  if (match[1] === "<") return { cell: "low", limit: value, unit };
  if (match[1] === ">") return { cell: "high", limit: value, unit };
  return { cell: "number", value, unit };
}

/** A plain number with point or comma; null for anything else. */
export function readNumber(text: string): number | null {
  return /^[+-]?\d+(?:[.,]\d+)?$/.test(text) ? Number(text.replace(",", ".")) : null;
}
