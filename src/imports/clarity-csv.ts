/**
 * Dexcom Clarity's export. Columns are found by header, in English and German, else by their place, which all languages share.
 * Rows with an empty time are metadata about the person and the device: skipped before anything in them is looked at.
 * Source: vendors/dexcom.md, Clarity CSV export.
 */
import type { SampleFlag, TreatmentKind } from "#driver/records.ts";
import { type ColumnName, columnName } from "./headers.ts";
import { readNumber } from "./numbers.ts";
import { type FileRow, type ImportFormat, problem, type RowReading } from "./types.ts";

/** Place and names of the columns we read; places as in the fourteen columns of the full export. */
const COLUMNS = {
  time: { place: 1, names: ["timestamp", "zeitstempel"] },
  event: { place: 2, names: ["event_type", "ereignistyp", "ereignisart"] },
  subtype: { place: 3, names: ["event_subtype", "ereignisuntertyp", "ereignis_subtyp"] },
  device: { place: 6, names: ["source_device_id", "quellgerate_id"] },
  glucose: { place: 7, names: ["glucose_value", "glukosewert", "valeur_du_glucose"] },
  insulin: { place: 8, names: ["insulin_value", "insulinwert"] },
  carbs: { place: 9, names: ["carb_value", "kohlenhydratwert"] },
  duration: { place: 10, names: ["duration", "dauer"] },
  transmitterTime: { place: 12, names: ["transmitter_time"] },
  transmitter: { place: 13, names: ["transmitter_id"] },
} as const;

type Role = keyof typeof COLUMNS;
type Columns = Readonly<Record<Role, number>>;

/** All exports note the form of the time in the header: `(YYYY-MM-DDThh:mm:ss)`, `(JJJJ-MM-TTThh:mm:ss)`. */
const TIME_FORM = /\([A-Z]{4}-[A-Z]{2}-[A-Z]{2}.?hh:mm:ss\)/i;

type Event =
  | { readonly is: "glucose" }
  | { readonly is: "meter"; readonly flags: readonly SampleFlag[] }
  | { readonly is: TreatmentKind | "insulin" };

const EVENTS: ReadonlyMap<string, Event> = new Map<string, Event>([
  ["egv", { is: "glucose" }],
  ["egw", { is: "glucose" }],
  ["calibration", { is: "meter", flags: ["calibration"] }],
  ["kalibrierung", { is: "meter", flags: ["calibration"] }],
  ["blood glucose", { is: "meter", flags: ["manual"] }],
  ["fasting glucose", { is: "meter", flags: ["manual"] }],
  ["carbs", { is: "carbohydrates" }],
  ["kohlenhydrate", { is: "carbohydrates" }],
  ["insulin", { is: "insulin" }],
  ["exercise", { is: "exercise" }],
  ["activity", { is: "exercise" }],
  ["health", { is: "health" }],
  ["alert", { is: "alert" }],
  ["notes", { is: "note" }],
  ["note", { is: "note" }],
]);

export const clarityCsv: ImportFormat = {
  id: "clarity-csv",
  displayName: "Dexcom Clarity export",
  provider: "dexcom",
  needs: "a time column (Timestamp), an event column (Event Type) and a glucose column (Glucose Value)",
  open(header) {
    const names = header.map(columnName);
    const columns = locate(header, names);
    return columns && { headerUnit: names[columns.glucose]!.unit, read: (fields, line) => readRow(fields, line, columns) };
  },
};

function locate(header: readonly string[], names: readonly ColumnName[]): Columns | null {
  const timeColumn = header.findIndex((text) => TIME_FORM.test(text));
  const byName = (role: Role): number => names.findIndex(({ name }) => COLUMNS[role].names.some((known) => name === known || name.startsWith(`${known}_`)));
  // A column whose name we know is never taken for another one because of its place.
  const claimed = new Set((Object.keys(COLUMNS) as Role[]).map(byName));
  const byPlace = (role: Role): number => {
    const { place } = COLUMNS[role];
    return timeColumn === 1 && place < header.length && !claimed.has(place) ? place : -1;
  };
  const find = (role: Role): number => (byName(role) >= 0 ? byName(role) : byPlace(role));
  const columns: Columns = {
    time: timeColumn >= 0 ? timeColumn : find("time"),
    event: find("event"), subtype: find("subtype"), device: find("device"), glucose: find("glucose"), insulin: find("insulin"),
    carbs: find("carbs"), duration: find("duration"), transmitterTime: find("transmitterTime"), transmitter: find("transmitter"),
  };
  const isGlucose = columns.glucose >= 0 && names[columns.glucose]!.unit !== null;
  return columns.time >= 0 && columns.event >= 0 && isGlucose ? columns : null;
}

function readRow(fields: readonly string[], line: number, columns: Columns): RowReading {
  const at = (role: Role): string => fields[columns[role]] ?? "";
  if (at("time") === "") return "skip";
  const event = EVENTS.get(at("event").toLowerCase());
  if (!event) return problem("the event type is not known");
  const transmitter = at("transmitter");
  const seconds = readNumber(at("transmitterTime"));
  const device = at("device") || transmitter;
  const row: Omit<FileRow, "content"> = {
    line,
    subject: "",
    time: { text: at("time") },
    ...(device === "" ? {} : { device: { id: device } }),
    ...(seconds === null ? {} : { counter: { of: transmitter, seconds } }),
  };
  if (event.is === "glucose") return { ...row, content: { entry: "glucose", metric: "glucose", text: at("glucose"), unit: null, flags: [] } };
  if (event.is === "meter") {
    return { ...row, content: { entry: "glucose", metric: "glucose_meter", text: at("glucose"), unit: null, flags: event.flags } };
  }
  const kind = event.is === "insulin" ? insulinKind(at("subtype")) : event.is;
  const amount = amountOf(kind, at);
  if (Number.isNaN(amount)) return problem("the amount is no number");
  const text = at("subtype");
  return {
    ...row,
    content: { entry: "treatment", kind, ...(amount === null ? {} : { amount }), ...(text === "" ? {} : { text }) },
  };
}

function insulinKind(subtype: string): TreatmentKind {
  if (/fast|rapid|schnell/i.test(subtype)) return "insulin_rapid";
  return /long|lang/i.test(subtype) ? "insulin_long" : "insulin_unspecified";
}

/** Amount in the kind's unit: grams, units, minutes. Null when the row has none, NaN when it is no amount. */
function amountOf(kind: TreatmentKind, at: (role: Role) => string): number | null {
  if (kind === "exercise") {
    const text = at("duration");
    const match = /^(\d+):(\d{2}):(\d{2})$/.exec(text);
    if (!match) return text === "" ? null : Number.NaN;
    return Number(match[1]) * 60 + Number(match[2]) + Number(match[3]) / 60;
  }
  if (kind !== "carbohydrates" && !kind.startsWith("insulin")) return null;
  const text = at(kind === "carbohydrates" ? "carbs" : "insulin");
  const amount = readNumber(text);
  if (text === "") return null;
  return amount === null || amount < 0 ? Number.NaN : amount;
}
