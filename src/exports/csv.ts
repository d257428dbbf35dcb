/** Tables as CSV. Source: RFC 4180. */

/** Null is an empty cell. */
export type Cell = string | number | null;

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/**
 * CSV text of a table: comma, CRLF, quotation marks where needed, a head line. Numbers stand as they are, with a dot and unrounded. A text that a spreadsheet
 * would take for a formula (it begins with = + - @, a tab or a line break) gets an apostrophe in front. Throws RangeError for a number that is none.
 */
export function toCsv({ columns, rows }: Table): string {
  return [columns, ...rows].map(csvRow).join("");
}

/** One row of such a text, for tables too long to be held. */
export function csvRow(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(",")}\r\n`;
}

function cellText(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") {
    if (!Number.isFinite(cell)) throw new RangeError("A table holds a number that is none.");
    return String(cell);
  }
  const harmless = /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
