/** Column names as people and programs write them. */
import { type GlucoseUnit, parseGlucoseUnit } from "#units/glucose.ts";

const UNIT = /mg\s*[/_. ]?\s*dl|mmol(?!\s*[/_]?\s*mol)(?:\s*[/_. ]?\s*l(?![a-z]))?/i;

export interface ColumnName {
  /** Lower case without accents, words joined by `_`, without unit: `Glucose Value (mg/dL)` → `glucose_value`. */
  readonly name: string;
  readonly unit: GlucoseUnit | null;
}

export function columnName(header: string): ColumnName {
  const unit = UNIT.exec(header);
  const name = (unit ? header.replace(unit[0], "") : header).replace(/([a-z])([A-Z])/g, "$1_$2");
  return {
    name: name.toLowerCase().normalize("NFKD").replace(/\p{M}+/gu, "").replace(/[^a-z0-9]+/g, "_").replace(/^_|_$/g, ""),
    unit: unit ? parseGlucoseUnit(unit[0]) : null,
  };
}

/** Index of the column with the first of these names that exists; −1 for none. */
export function findColumn(columns: readonly ColumnName[], names: readonly string[]): number {
  for (const name of names) {
    const index = columns.findIndex((column) => column.name === name);
    if (index >= 0) return index;
  }
  return -1;
}

/** A message names so many columns. */
const LISTED_NAMES = 40;

/**
 * The names of a header for a message, quoted. Null when the row is no header but data: then it may hold values or a name.
 */
export function listedNames(header: readonly string[]): string | null {
  const names = header.filter((name) => name !== "");
  const isData = names.some((name) => /^[<>+-]?\d/.test(name) || name.length > 60);
  if (isData || names.length === 0) return null;
  const listed = names.slice(0, LISTED_NAMES).map((name) => `"${name}"`).join(", ");
  return names.length > LISTED_NAMES ? `${listed} and ${names.length - LISTED_NAMES} more` : listed;
}
