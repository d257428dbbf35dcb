/**
 * A plain table of readings: `id,time,gl` and its relatives (research data, spreadsheets, Nightscout's columns, our own
 * glucose export of exports-imports §3). Columns are found by name; several ids may share a file.
 */
import type { SampleFlag } from "#driver/records.ts";
import { type GlucoseUnit, parseGlucoseUnit } from "#units/glucose.ts";
import { type ColumnName, columnName, findColumn } from "./headers.ts";
import { readOffset, type TimeText } from "./times.ts";
import { type ImportFormat, problem, type RowReader, type RowReading } from "./types.ts";

const GLUCOSE_NAMES = [
  "gl", "glucose", "glucose_value", "sensor_glucose", "cgm", "cgm_glucose", "sgv", "egv", "bg", "blood_glucose",
  "interstitial_glucose", "glucosa", "glukose", "value", "reading",
];
const TIME_NAMES = [
  "time_local", "local_time", "time", "timestamp", "datetime", "date_time", "date_string", "fecha_hora", "zeitstempel",
  "date", "created_at", "fecha",
];
const UTC_NAMES = ["time_utc", "utc", "timestamp_utc", "datetime_utc", "utc_time"];
const DATE_NAMES = ["date", "fecha", "datum"];
const CLOCK_NAMES = ["time", "hora", "uhrzeit", "clock", "time_of_day"];
const ID_NAMES = ["id", "subject", "subject_id", "patient", "patient_id", "participant", "participant_id", "pt_id", "ptid", "usubjid"];

/** Columns that belong to an export with rules of its own: reading it as a plain table would mix kinds of rows. */
const FOREIGN = ["record_type", "event_type"];

const NO_FLAGS: readonly SampleFlag[] = [];

interface Columns {
  readonly glucose: number;
  readonly time: number;
  /** Column with the time of day when date and time are apart; −1 when they are not. */
  readonly clock: number;
  readonly utc: number;
  readonly offset: number;
  readonly offsetMinutes: number;
  readonly zone: number;
  readonly id: number;
  readonly unit: number;
  readonly device: number;
  readonly count: number;
}

export const glucoseCsv: ImportFormat = {
  id: "glucose-csv",
  displayName: "table of glucose readings",
  needs: "a time column (time, timestamp, datetime, date …) and a glucose column (gl, glucose, sgv, value …)",
  open(header) {
    const names = header.map(columnName);
    const columns = locate(names);
    return columns && reader(columns, names[columns.glucose]!.unit);
  },
};

function locate(names: readonly ColumnName[]): Columns | null {
  if (findColumn(names, FOREIGN) >= 0) return null;
  const glucose = findGlucose(names);
  const utc = findColumn(names, UTC_NAMES);
  const date = findColumn(names, DATE_NAMES);
  const clock = findColumn(names, CLOCK_NAMES);
  const areApart = date >= 0 && clock >= 0 && date !== clock;
  const time = areApart ? date : findColumn(names, TIME_NAMES);
  if (glucose < 0 || (time < 0 && utc < 0)) return null;
  return {
    glucose, time, utc,
    clock: areApart ? clock : -1,
    offset: findColumn(names, ["utc_offset", "offset", "tz_offset", "timezone_offset"]),
    offsetMinutes: findColumn(names, ["utc_offset_min", "utc_offset_minutes", "offset_minutes"]),
    zone: findColumn(names, ["timezone", "time_zone", "tz", "zone"]),
    id: findColumn(names, ID_NAMES),
    unit: findColumn(names, ["unit", "units", "glucose_unit", "glucose_units"]),
    device: findColumn(names, ["device", "device_id", "device_name"]),
    count: names.length,
  };
}

/** Of equal names the mg/dL column is taken, which needs no conversion. */
function findGlucose(names: readonly ColumnName[]): number {
  const any = findColumn(names, GLUCOSE_NAMES);
  const inMgDl = names.findIndex(({ name, unit }) => name === names[any]?.name && unit === "mg/dL");
  return inMgDl >= 0 ? inMgDl : any;
}

function reader(columns: Columns, headerUnit: GlucoseUnit | null): RowReader {
  return {
    headerUnit,
    read(fields, line): RowReading {
      if (fields.slice(columns.count).some((field) => field !== "")) {
        return problem("the row has more fields than the header; quote fields that hold the delimiter, such as decimal commas");
      }
      if (fields.length <= columns.glucose) return problem("the row ends before its glucose column");
      const unitText = fields[columns.unit] ?? "";
      const unit = parseGlucoseUnit(unitText);
      if (unitText !== "" && unit === null) return problem("the unit is neither mg/dL nor mmol/L");
      const device = fields[columns.device] ?? "";
      return {
        line,
        subject: fields[columns.id] ?? "",
        time: timeOf(fields, columns),
        content: { entry: "glucose", metric: "glucose", text: fields[columns.glucose]!, unit, flags: NO_FLAGS },
        ...(device === "" ? {} : { device: { id: device } }),
      };
    },
  };
}

function timeOf(fields: readonly string[], columns: Columns): TimeText {
  const at = (column: number): string => fields[column] ?? "";
  const written = readOffset(at(columns.offset));
  const minutes = at(columns.offsetMinutes);
  const offsetMinutes = written ?? (/^[+-]?\d{1,3}$/.test(minutes) ? Number(minutes) : null);
  const place = {
    ...(offsetMinutes === null ? {} : { offsetMinutes }),
    ...(at(columns.zone) === "" ? {} : { zone: at(columns.zone) }),
  };
  if (at(columns.utc) !== "") return { text: at(columns.utc), isUtc: true, ...place };
  const clock = at(columns.clock);
  // Some tables have a `time` beside a `date` that already is the whole time.
  const date = at(columns.time);
  if (clock === "" || date.includes(":")) return { text: date, ...place };
  return { text: /\d[-/.]\d+[-/.]/.test(clock) ? clock : `${date} ${clock}`, ...place };
}
