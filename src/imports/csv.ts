/** The grammar of delimited text, by csv-parse; lines are counted as an editor counts them. */
import { CsvError, parse } from "csv-parse/sync";
import { InvalidInput } from "../errors.ts";

export const DELIMITERS = [",", ";", "\t", "|"] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** Most rows of one file: over nine years of five-minute readings. */
export const MAX_ROWS = 1_000_000;

/** A header stands in these first rows of a file. */
const PROBE_ROWS = 60;
const PROBE_CHARACTERS = 64 * 1024;

export interface CsvRow {
  readonly fields: readonly string[];
  readonly line: number;
}

/** The first rows of a text, for looking at; broken quotes end them early. */
export function firstRows(text: string, delimiter: Delimiter): CsvRow[] {
  const rows: CsvRow[] = [];
  walk(text.slice(0, PROBE_CHARACTERS), { delimiter, lastRow: PROBE_ROWS }, (row) => rows.push(row));
  return rows;
}

/**
 * Calls back for every row below the header that is not blank, fields trimmed. Returns the line at which a quotation mark was opened that is
 * never closed, null when the text was read to its end. Throws InvalidInput over MAX_ROWS.
 */
export function eachRow(text: string, table: { delimiter: Delimiter; headerLine: number }, take: (row: CsvRow) => void): number | null {
  let count = 0;
  // Begun at the header, because csv-parse makes an error object for every row that is not as long as the first one it sees.
  return walk(text, { delimiter: table.delimiter, firstLine: table.headerLine }, (row) => {
    if (row.line <= table.headerLine) return;
    if (++count > MAX_ROWS) {
      throw new InvalidInput(`The file has more than ${MAX_ROWS} rows; split it and import the parts.`, {
        code: "file_too_large", httpStatus: 413,
      });
    }
    take(row);
  });
}

interface Extent {
  readonly delimiter: Delimiter;
  readonly firstLine?: number;
  readonly lastRow?: number;
}

function walk(text: string, { delimiter, firstLine = 1, lastRow }: Extent, take: (row: CsvRow) => void): number | null {
  let lastLine = 0;
  try {
    parse(text, {
      delimiter,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      from_line: firstLine,
      ...(lastRow === undefined ? {} : { to: lastRow }),
      on_record: (fields: string[], { lines }) => {
        lastLine = lines;
        const trimmed = fields.map((field) => field.trim());
        if (trimmed.some((field) => field !== "")) take({ fields: trimmed, line: lines });
        return null;
      },
    });
    return null;
  } catch (error) {
    if (error instanceof CsvError && error.code === "CSV_QUOTE_NOT_CLOSED") return lastLine + 1;
    throw error;
  }
}
