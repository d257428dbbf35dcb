/**
 * A diary of finger-sticks: date and time, value, unit, type, note, device and sequence, in English or Spanish (requirement D5). What tells it from a plain
 * table of glucose is a column of types or of a meter's sequence numbers.
 */
import { MEALS, READING_TYPES, type Meal, type SampleFlag } from "#driver/records.ts";
import { type GlucoseUnit, parseGlucoseUnit } from "#units/glucose.ts";
import { type ColumnName, columnName, findColumn } from "./headers.ts";
import { type ImportFormat, problem, type RowReader, type RowReading } from "./types.ts";

const NAMES = {
  value: ["value", "valor", "reading", "lectura", "glucose", "glucosa", "blood_glucose", "medicion", "medida"],
  time: ["datetime", "date_time", "timestamp", "fecha_hora", "fecha_y_hora", "at", "date", "fecha", "time"],
  clock: ["time", "hora"],
  unit: ["unit", "units", "unidad", "unidades"],
  type: ["type", "tipo", "reading_type", "tipo_de_lectura", "tipo_lectura"],
  note: ["note", "notes", "comment", "nota", "notas", "comentario", "observaciones"],
  device: ["device", "device_id", "meter", "dispositivo", "medidor", "glucometro"],
  sequence: ["sequence", "sequence_number", "secuencia", "numero_de_secuencia"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type Columns = { readonly [Name in keyof typeof NAMES]: number };

/** Where a strip's numbers end, as for what is typed (src/drivers/manual). */
const STRIP_LIMITS = { lowMgDl: 20, highMgDl: 600 } as const;
const LONGEST_NOTE = 2_000;
const BY_HAND: readonly SampleFlag[] = ["manual"];
const BY_METER: readonly SampleFlag[] = [];
/** Exports with rules of their own. */
const FOREIGN = ["record_type", "event_type"];
const TYPES = `one of ${MEALS.map((meal) => `${READING_TYPES[meal].en} (${READING_TYPES[meal].es})`).join(", ")}`;

export const readingsCsv: ImportFormat = {
  id: "readings-csv",
  displayName: "diary of finger-sticks",
  needs: "a date or time column (date and time, fecha and hora …), a value column (value, valor, glucosa …) and a type or sequence column (type, tipo, sequence, secuencia)",
  open(header) {
    const names = header.map(columnName);
    const columns = locate(names);
    return columns && reader(columns, { headerUnit: names[columns.value]!.unit, count: names.length });
  },
};

function locate(names: readonly ColumnName[]): Columns | null {
  const columns = Object.fromEntries(Object.entries(NAMES).map(([name, known]) => [name, findColumn(names, known)])) as Columns;
  const isOurs = columns.value >= 0 && columns.time >= 0 && (columns.type >= 0 || columns.sequence >= 0) && findColumn(names, FOREIGN) < 0;
  return isOurs ? columns : null;
}

function reader(columns: Columns, { headerUnit, count }: { readonly headerUnit: GlucoseUnit | null; readonly count: number }): RowReader {
  return {
    headerUnit,
    read(fields, line): RowReading {
      if (fields.slice(count).some((field) => field !== "")) return problem("the row has more fields than the header; quote fields that hold the delimiter, such as decimal commas");
      const at = (name: keyof Columns): string => fields[columns[name]] ?? "";
      const unit = parseGlucoseUnit(at("unit"));
      if (at("unit") !== "" && unit === null) return problem("the unit is neither mg/dL nor mmol/L");
      const meal = at("type") === "" ? undefined : mealOf(at("type"));
      if (meal === null) return problem(`the type is none of readings: ${TYPES}`);
      const [device, note, sequence] = [at("device"), at("note").slice(0, LONGEST_NOTE), at("sequence")];
      const clock = columns.clock === columns.time ? "" : at("clock");
      return {
        line, subject: "", time: { text: clock === "" || at("time").includes(":") ? at("time") : `${at("time")} ${clock}` },
        content: {
          entry: "glucose", metric: "glucose_meter", text: at("value"), unit, flags: device === "" ? BY_HAND : BY_METER, limits: STRIP_LIMITS,
          diary: { ...(meal ? { meal } : {}), ...(note === "" ? {} : { note }), ...(device === "" || sequence === "" ? {} : { sequence }) },
        },
        ...(device === "" ? {} : { device: { id: device } }),
      };
    },
  };
}

/** Null for what is no type. */
function mealOf(text: string): Meal | null {
  const word = text.trim().toUpperCase().replace(/[\s-]+/g, "_");
  return MEALS.find((meal) => READING_TYPES[meal].en === word || READING_TYPES[meal].es === word) ?? null;
}
