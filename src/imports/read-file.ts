/** A file of glucose readings → records. Bytes in, nothing stored. Source: exports-imports §5. */
import type { VendorRecord } from "#driver/records.ts";
import { isZone } from "#units/time.ts";
import { InvalidInput } from "../errors.ts";
import { eachRow } from "./csv.ts";
import { decodeText } from "./decode.ts";
import { detectFormat } from "./detect.ts";
import { withoutGivenWay } from "./give-way.ts";
import { placeRows } from "./place-rows.ts";
import { Problems } from "./problems.ts";
import { readValues } from "./read-values.ts";
import { toReadings, toRecords } from "./to-records.ts";
import type { FileRow, ImportOptions, ImportResult } from "./types.ts";

/** How many problems an error names when no row is usable. */
const EXPLAINED_PROBLEMS = 20;

/**
 * Reads a file of any known format (IMPORT_FORMATS): up to 200 MB and 1,000,000 rows. Good rows are kept, bad ones are listed
 * with their lines and without their values. Glucose in mg/dL is kept as written; mmol/L is multiplied by 18.01559.
 * Throws InvalidInput for an unknown zone, a file that is no known format or holds no usable row, and for a unit or a date
 * order that cannot be told.
 */
export function readGlucoseFile(bytes: Uint8Array, options: ImportOptions): ImportResult {
  if (!isZone(options.zone)) {
    throw new InvalidInput(`"${options.zone.slice(0, 64)}" is no known time zone; use an IANA name such as Europe/Madrid.`, { code: "zone" });
  }
  const { text, encoding } = decodeText(bytes);
  const { format, reader, delimiter, headerLine } = detectFormat(text);
  const problems = new Problems();
  const rows: FileRow[] = [];
  let rowCount = 0;
  const brokenLine = eachRow(text, { delimiter, headerLine }, ({ fields, line }) => {
    const row = reader.read(fields, line);
    if (row === "skip") return;
    rowCount++;
    for (const part of [row].flat()) {
      if ("problem" in part) problems.add(line, part.problem);
      else rows.push(part);
    }
  });
  if (brokenLine !== null) problems.add(brokenLine, "a quotation mark opened here is never closed; nothing after it could be read");
  const placed = placeRows(rows, { ...options, dates: reader.dates }, problems);
  const { fileUnit, values: found } = readValues(placed, { header: reader.headerUnit, option: options.unit }, problems);
  const { values, gaveWay } = withoutGivenWay(found);
  const { recordsBySubject, duplicates } = toRecords(placed, values, problems);
  if (recordsBySubject.size === 0) throw nothingUsable(rowCount, problems);
  return {
    format: format.id,
    unit: fileUnit.unit,
    unitSource: fileUnit.source,
    delimiter,
    encoding,
    rows: rowCount,
    subjects: [...recordsBySubject.keys()],
    readings: toReadings(values),
    recordsBySubject,
    problems: problems.listed(),
    problemCount: problems.count,
    conflicts: problems.conflicts,
    duplicates: duplicates + gaveWay,
  };
}

function nothingUsable(rowCount: number, problems: Problems): InvalidInput {
  const listed = problems.listed();
  const first = listed[0];
  const why = first ? ` The first problem: line ${first.line}, ${first.reason}.` : "";
  return new InvalidInput(rowCount === 0 ? `The file has column names but no rows of data.${why}` : `None of the file's ${rowCount} rows can be used.${why}`, {
    code: "file_empty",
    httpStatus: 422,
    issues: listed.slice(0, EXPLAINED_PROBLEMS).map(({ line, reason }) => ({ pointer: `line ${line}`, detail: reason })),
  });
}

/**
 * The records of one person. Without `subject` the file must hold one person only; throws InvalidInput when it holds several,
 * or none of that id.
 */
export function recordsOf(result: ImportResult, subject?: string): readonly VendorRecord[] {
  if (subject === undefined && result.subjects.length > 1) {
    throw new InvalidInput(`The file holds readings of ${result.subjects.length} people; choose one.`, { code: "file_subjects", httpStatus: 422 });
  }
  const records = result.recordsBySubject.get(subject ?? result.subjects[0] ?? "");
  if (!records) throw new InvalidInput("The file holds no readings of the person chosen.", { code: "file_subjects", httpStatus: 422 });
  return records;
}
