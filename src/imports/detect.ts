/** Which format a file is in, and with which delimiter. */
import { InvalidInput } from "../errors.ts";
import { clarityCsv } from "./clarity-csv.ts";
import { type CsvRow, type Delimiter, DELIMITERS, firstRows } from "./csv.ts";
import { glucoseCsv } from "./glucose-csv.ts";
import { listedNames } from "./headers.ts";
import { libreviewCsv } from "./libreview-csv.ts";
import { readingsCsv } from "./readings-csv.ts";
import type { ImportFormat, RowReader } from "./types.ts";

/** Every format, the more particular first. */
export const IMPORT_FORMATS: readonly ImportFormat[] = [clarityCsv, libreviewCsv, readingsCsv, glucoseCsv];

export interface Detected {
  readonly format: ImportFormat;
  readonly reader: RowReader;
  readonly delimiter: Delimiter;
  readonly headerLine: number;
}

/**
 * Finds the first format whose header stands in the file's first rows; of the delimiters that show it, the one with the most
 * columns. Throws InvalidInput (415) naming the columns found and those needed.
 */
export function detectFormat(text: string): Detected {
  if (/^\s*(?:<\?xml|<[a-z!]|\{|\[\s*[[{"])/i.test(text.slice(0, 200))) {
    throw new InvalidInput("The file is JSON, XML or HTML; export it as CSV.", { code: "file_format", httpStatus: 415 });
  }
  const tables = DELIMITERS.map((delimiter) => ({ delimiter, rows: firstRows(text, delimiter) }));
  for (const format of IMPORT_FORMATS) {
    let best: { detected: Detected; columns: number } | null = null;
    for (const { delimiter, rows } of tables) {
      const found = findHeader(format, rows);
      if (!found || found.row.fields.length <= (best?.columns ?? 0)) continue;
      const detected = { format, reader: found.reader, delimiter, headerLine: found.row.line };
      best = { detected, columns: found.row.fields.length };
    }
    if (best) return best.detected;
  }
  throw new InvalidInput(explain(tables.map(({ rows }) => rows)), { code: "file_format", httpStatus: 415 });
}

function findHeader(format: ImportFormat, rows: readonly CsvRow[]): { row: CsvRow; reader: RowReader } | null {
  const fields = rows.map((row) => row.fields);
  for (const [index, row] of rows.entries()) {
    const reader = row.fields.length > 1 ? format.open(row.fields, fields.slice(0, index)) : null;
    if (reader) return { row, reader };
  }
  return null;
}

function explain(tables: readonly (readonly CsvRow[])[]): string {
  const header = tables.map(widest).reduce((best, row) => (row.length > best.length ? row : best), []);
  const names = listedNames(header);
  const found = names ? `The file has the columns ${names}` : "The file has no row of column names";
  const needs = IMPORT_FORMATS.map(({ displayName, needs }) => `a ${displayName} needs ${needs}`).join("; ");
  return `${found}; ${needs}.`;
}

function widest(rows: readonly CsvRow[]): readonly string[] {
  return rows.reduce<readonly string[]>((best, { fields }) => (fields.length > best.length ? fields : best), []);
}
