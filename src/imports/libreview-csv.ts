/**
 * LibreView's export, and that of the reader's PC software before it. Lines above the header name people: of them only the time the file
 * was made is looked at. Source: vendors/abbott-libre.md, LibreView CSV export; traps.md, CSV shape.
 */
import type { Device, SampleFlag, TreatmentKind } from "#driver/records.ts";
import { METRICS } from "#units/metrics.ts";
import { type Columns, locateColumns, type Role } from "./libreview-columns.ts";
import { readGlucose, readNumber } from "./numbers.ts";
import { type Entry, type GlucoseEntry, type ImportFormat, problem, type RowProblem, type RowReading } from "./types.ts";

/** Where a sensor's and a strip's numbers end, mg/dL (2.2, 1.1 and 27.8 mmol/L). */
const SENSOR_LIMITS = { lowMgDl: 40, highMgDl: 500 } as const;
const STRIP_LIMITS = { lowMgDl: 20, highMgDl: 500 } as const;
/** The reader's word for more ketone than this, mmol/L, is HI. Source: Tidepool's uploader, libreViewDriver.js. */
const HIGHEST_KETONE = 8;

/** Value columns that belong to a record type. */
const COLUMNS_OF_TYPE: ReadonlyMap<string, readonly Role[]> = new Map<string, readonly Role[]>([
  ["0", ["historic"]],
  ["1", ["scan"]],
  ["2", ["strip"]],
  ["3", ["ketone"]],
  ["4", ["rapid", "long", "rapidNote", "longNote", "meal", "correction", "change"]],
  ["5", ["grams", "servings", "foodNote"]],
  ["6", ["note"]],
]);
const VALUE_ROLES = [...COLUMNS_OF_TYPE.values()].flat();

/** `11-12-2024 09:40 UTC`; a birth date has no time of day. */
const MADE_AT = /^\d{1,4}([-/.])\d{1,2}\1\d{1,4}[ T,]+\d{1,2}:\d{2}/;

export const libreviewCsv: ImportFormat = {
  id: "libreview-csv",
  displayName: "LibreView export",
  provider: "libre",
  needs: "a time column (Device Timestamp), a record type column (Record Type) and a glucose column (Historic Glucose or Scan Glucose)",
  open(header, above) {
    const madeAt = above.flat().find((text) => MADE_AT.test(text));
    const columns = locateColumns(header, madeAt !== undefined);
    if (!columns) return null;
    // Accounts choose the order of dates and the clock apart from one another.
    const dates = { isTwelveHourEither: true, ...(madeAt === undefined ? {} : { madeAt }) };
    return { headerUnit: columns.unit, dates, read: (fields, line) => readRow(fields, line, columns) };
  },
};

/** A row of fields by the roles of its columns. */
interface Row {
  readonly at: (role: Role) => string;
  readonly type: string;
  /** Value columns that hold something. */
  readonly filled: ReadonlySet<Role>;
}

function readRow(fields: readonly string[], line: number, columns: Columns): RowReading {
  const at = (role: Role): string => fields[columns.of[role]] ?? "";
  const row: Row = { at, type: at("type"), filled: filledColumns(at) };
  if (isShifted(fields, row, columns)) {
    return problem("the row has more fields than the header; quote fields that hold the delimiter, such as decimal commas");
  }
  const device = deviceOf(at("device"), at("serial"));
  const entries = [...glucoseOf(row), ...ketoneOf(row), ...insulinOf(row), ...foodOf(row), ...noteOf(row)];
  if (entries.length === 0) return emptyRow(row);
  const base = { line, subject: "", time: { text: at("time") }, ...(device ? { device } : {}) };
  return entries.map((entry) => ("problem" in entry ? entry : { ...base, content: entry }));
}

/**
 * The record type cannot be trusted alone (traps.md, CSV shape): what a value is, is said by the column it stands in, and one row may
 * hold several. The type is asked where columns do not tell: a zero counts only in a column of the row's type when no other holds
 * anything, for zeros fill unused columns.
 */
function filledColumns(at: Row["at"]): ReadonlySet<Role> {
  const filled = VALUE_ROLES.filter((role) => at(role) !== "");
  const telling = filled.filter((role) => readNumber(at(role)) !== 0);
  return new Set(telling.length > 0 ? telling : filled.filter((role) => COLUMNS_OF_TYPE.get(at("type"))?.includes(role)));
}

/** A decimal comma without quotes moves all that follows: a longer row, with a second value that is the first one's fraction. */
function isShifted(fields: readonly string[], { filled }: Row, { count }: Columns): boolean {
  return fields.length > count && (filled.size > 1 || fields.slice(count).some((field) => field !== ""));
}

/**
 * Whether the scan in a row is a look at the screen of a Libre 3, which measures without scans. Where type and column disagree the reading is kept: the sensor's own
 * (type 0) in the wrong column is worth more than a look too many.
 */
function isView({ at, type, filled }: Row): boolean {
  return filled.has("scan") && type !== "0" && /libre\s*3/i.test(at("device"));
}

/** Rows without a value: of notes there are many (their text was elsewhere, or the clock was set), of others they are mistakes. */
function emptyRow(row: Row): RowReading {
  if (row.type === "6" || isView(row)) return "skip";
  return problem(COLUMNS_OF_TYPE.has(row.type) ? "the row has no value" : "the record type is not known");
}

function deviceOf(name: string, serial: string): Device | null {
  if (serial !== "") return { id: serial, ...(name === "" ? {} : { name }) };
  return name === "" ? null : { id: name };
}

function glucoseOf(row: Row): GlucoseEntry[] {
  const { at, filled } = row;
  const sensor = { entry: "glucose", metric: "glucose", unit: null, flags: [], limits: SENSOR_LIMITS } as const;
  const entries: GlucoseEntry[] = [];
  if (filled.has("historic")) entries.push({ ...sensor, text: at("historic") });
  // A scan and the value that the sensor stored for its minute differ by smoothing; the stored one stands in every export alike.
  if (filled.has("scan") && !isView(row)) entries.push({ ...sensor, text: at("scan"), givesWay: true });
  if (filled.has("strip")) entries.push({ ...sensor, metric: "glucose_meter", text: at("strip"), limits: STRIP_LIMITS });
  return entries;
}

function ketoneOf({ at, filled }: Row): (Entry | RowProblem)[] {
  if (!filled.has("ketone")) return [];
  const cell = readGlucose(at("ketone"));
  if (cell.cell !== "number" && cell.cell !== "high") return [problem("the ketone value is no number")];
  const value = cell.cell === "number" ? cell.value : (cell.limit ?? HIGHEST_KETONE);
  const { min, max } = METRICS.ketone;
  if (value < min || value > max) return [problem("the value is outside what ketones can be in mmol/L")];
  const flags: readonly SampleFlag[] = cell.cell === "high" || value >= HIGHEST_KETONE ? ["above_range"] : [];
  return [{ entry: "number", metric: "ketone", value, flags }];
}

/** The parts that the reader's calculator made a dose of: for the meal, to correct, and what the person changed, which may be less. */
const DOSE_PARTS = ["meal", "correction", "change"] as const;

/** A rapid dose is in its own column, of which the parts are the make-up; they are added up only where it is empty. */
function insulinOf(row: Row): (Entry | RowProblem)[] {
  const parts = row.filled.has("rapid") ? [] : DOSE_PARTS.filter((role) => row.filled.has(role));
  return [
    ...(parts.length > 0 ? [amountOf("insulin_rapid", parts.map(row.at))] : doseOf(row, "insulin_rapid", ["rapid", "rapidNote"])),
    ...doseOf(row, "insulin_long", ["long", "longNote"]),
  ];
}

function doseOf({ at, filled }: Row, kind: TreatmentKind, [amount, note]: readonly [Role, Role]): (Entry | RowProblem)[] {
  if (filled.has(amount)) return [amountOf(kind, [at(amount)])];
  return filled.has(note) ? [{ entry: "treatment", kind, ...wordsOf(at(note)) }] : [];
}

function foodOf({ at, filled }: Row): (Entry | RowProblem)[] {
  if (filled.has("grams")) return [amountOf("carbohydrates", [at("grams")])];
  // How many grams a serving has is the person's own setting, which the file does not tell.
  if (filled.has("servings")) return [{ entry: "treatment", kind: "carbohydrates", text: servingsOf(at("servings")) }];
  return filled.has("foodNote") ? [{ entry: "treatment", kind: "carbohydrates", ...wordsOf(at("foodNote")) }] : [];
}

function noteOf({ at, filled }: Row): Entry[] {
  return filled.has("note") ? [{ entry: "treatment", kind: "note", text: at("note") }] : [];
}

/** Parts are added; a whole that is less than nothing is no amount. */
function amountOf(kind: TreatmentKind, parts: readonly string[]): Entry | RowProblem {
  let amount = 0;
  for (const part of parts) amount += readNumber(part) ?? Number.NaN;
  if (!(amount >= 0)) return problem("the amount is no number");
  // Tenths do not add up exactly in binary.
  return { entry: "treatment", kind, amount: parts.length === 1 ? amount : Math.round(amount * 1000) / 1000 };
}

/** Columns for what was not counted hold words, or a mere mark. */
function wordsOf(text: string): { readonly text?: string } {
  return readNumber(text) === null ? { text } : {};
}

function servingsOf(text: string): string {
  const count = readNumber(text);
  return count === null ? text : `${text.replace(",", ".")} ${count === 1 ? "serving" : "servings"}`;
}
