/** Entries → samples: readings of a sensor, finger-sticks. Pure. Source: vendors/nightscout.md, Document fields and Mapping. */
import { looseNumber, type Mapping, type SamplePlace } from "#driver/payload.ts";
import type { SampleFlag } from "#driver/records.ts";
import { MG_DL_PER_MMOL_L, parseGlucoseUnit } from "#units/glucose.ts";
import { DAY_MS } from "#units/time.ts";
import { deviceOf, offsetOf, timeOf } from "./map-place.ts";
import { isRow, textOf, type Row, type Rows } from "./schema.ts";

/** Error codes of Dexcom's sensors, which stand where a reading would; 38 is xDrip's own. */
const LARGEST_SENSOR_CODE = 12;
const XDRIP_ERROR = 38;
const LOW_MG_DL = 39;
const HIGH_MG_DL: readonly number[] = [400, 401];

/** Hardly anybody has more in mmol/L, or less in mg/dL. */
const LEAST_MG_DL = 38;

const BELOW: readonly SampleFlag[] = ["below_range"];
const ABOVE: readonly SampleFlag[] = ["above_range"];

/** Adds `glucose` for each reading and `glucose_meter` for each finger-stick. Calibrations and other types give nothing. */
export function mapEntries(rows: Rows, mapping: Mapping, receivedMs: number): void {
  for (const [index, item] of rows.items.entries()) {
    const path = `${rows.path}/${index}`;
    if (!isRow(item)) {
      mapping.problem(path, "missing or of the wrong type");
      continue;
    }
    const field = fieldOf(item);
    if (field === null || item["isValid"] === false) continue;
    const given = looseNumber(item[field]);
    const isMmol = given !== null && given < LEAST_MG_DL && unitOf(item) === "mmol/L";
    const value = given !== null && isMmol ? given * MG_DL_PER_MMOL_L : given;
    if (value === null) {
      mapping.problem(`${path}/${field}`, "missing or of the wrong type");
      continue;
    }
    if (field === "sgv" && !isMmol && isCode(value)) continue;
    // Where `date` and `dateString` contradict each other, the site itself goes by `date`.
    const startMs = timeOf(item, ["date", "dateString", "sysTime"], { path, mapping, receivedMs, aheadMs: DAY_MS });
    if (startMs === null) continue;
    mapping.sample(field === "sgv" ? "glucose" : "glucose_meter", value, placeOf(item, startMs, field === "sgv" ? flagsOf(value) : undefined), `${path}/${field}`);
  }
}

/** Which field holds the value; null where there is none for us. Old rows have no type. */
function fieldOf(row: Row): "sgv" | "mbg" | null {
  const type = row["type"] ?? (row["sgv"] === undefined ? null : "sgv");
  return type === "sgv" || type === "mbg" ? type : null;
}

/** Version 3 lets an entry name its unit. Some name the one they are shown in beside mg/dL: only what can be no mg/dL is believed. */
function unitOf(row: Row): string | null {
  const units = textOf(row["units"]);
  return units === undefined ? null : parseGlucoseUnit(units);
}

function isCode(value: number): boolean {
  return value === XDRIP_ERROR || (Number.isInteger(value) && value >= 0 && value <= LARGEST_SENSOR_CODE);
}

function flagsOf(mgDl: number): readonly SampleFlag[] | undefined {
  if (mgDl === LOW_MG_DL) return BELOW;
  return HIGH_MG_DL.includes(mgDl) ? ABOVE : undefined;
}

function placeOf(row: Row, startMs: number, flags: readonly SampleFlag[] | undefined): SamplePlace {
  const device = deviceOf(row);
  return { startMs, offsetMinutes: offsetOf(row, startMs, "dateString"), ...(device ? { device } : {}), ...(flags ? { flags } : {}) };
}
