/**
 * Estimated glucose values → samples. Pure, and the hot path of this driver: 25,920 records in 90 days. The fields are narrowed by
 * hand, so that a bad rate does not lose the glucose beside it; a schema for each record would also take a third more time.
 */
import { looseNumber, type Mapping, type SamplePlace } from "#driver/payload.ts";
import type { Device, SampleFlag } from "#driver/records.ts";
import { deviceOf, mgDlFactor, placeOf } from "./map-place.ts";
import type { Envelope } from "./schema.ts";

/** Readings outside 40–400 mg/dL are LOW and HIGH, stored as these with a flag (cgm-metrics.md §1). */
const SENSOR_FLOOR_MG_DL = 40;
const SENSOR_CEILING_MG_DL = 400;
const LOW_MG_DL = 39;
const HIGH_MG_DL = 401;
/** Below this a number is one of the sensor's error codes and no glucose (vendors/dexcom-share.md, Data). */
const SMALLEST_GLUCOSE_MG_DL = 13;
/** Above this nothing is glucose, HIGH or not. */
const LARGEST_GLUCOSE_MG_DL = 1000;

const BELOW: readonly SampleFlag[] = ["below_range"];
const ABOVE: readonly SampleFlag[] = ["above_range"];

/** Trends that say that the rate beside them is no measurement. */
const RATELESS_TRENDS: ReadonlySet<unknown> = new Set(["notComputable", "rateOutOfRange"]);

/** The fields this file reads, all unchecked. */
interface EgvRecord {
  readonly systemTime?: unknown;
  readonly displayTime?: unknown;
  readonly value?: unknown;
  readonly status?: unknown;
  readonly unit?: unknown;
  readonly trend?: unknown;
  readonly trendRate?: unknown;
  readonly rateUnit?: unknown;
  readonly transmitterId?: unknown;
  readonly transmitterGeneration?: unknown;
}

interface Reading {
  readonly mgDl: number;
  readonly flags?: readonly SampleFlag[];
}

/** Adds `glucose` and `glucose_trend_rate` samples of all records; bad records become problems. */
export function mapEgvs(list: Envelope, mapping: Mapping, receivedMs: number): void {
  const deviceFor = rememberDevice();
  for (const [index, item] of list.records.entries()) {
    const path = `${list.path}/${index}`;
    if (typeof item !== "object" || item === null) {
      mapping.problem(path, "missing or of the wrong type");
      continue;
    }
    const record: EgvRecord = item;
    const reading = readingOf(record, path, mapping, list.unit);
    if (reading === null) continue;
    const place = placeOf(record, path, mapping, receivedMs);
    if (place === null) continue;
    const device = deviceFor(record.transmitterId, record.transmitterGeneration);
    const at: SamplePlace = device === undefined ? place : { ...place, device };
    mapping.sample("glucose", reading.mgDl, reading.flags ? { ...at, flags: reading.flags } : at, `${path}/value`);
    const rate = rateOf(record, path, mapping, list.rateUnit);
    if (rate !== null) mapping.sample("glucose_trend_rate", rate, at, `${path}/trendRate`);
  }
}

/** Glucose of one record; null when it has none (a gap of the sensor, or a problem that is then noted). */
function readingOf(record: EgvRecord, path: string, mapping: Mapping, listUnit: unknown): Reading | null {
  const status = typeof record.status === "string" ? record.status.toLowerCase() : null;
  const { value } = record;
  if (value === null || value === undefined) {
    if (status === "low") return { mgDl: LOW_MG_DL, flags: BELOW };
    if (status === "high") return { mgDl: HIGH_MG_DL, flags: ABOVE };
    if (value === undefined) mapping.problem(`${path}/value`, "missing or of the wrong type");
    return null;
  }
  const factor = mgDlFactor(record.unit ?? listUnit);
  if (factor === null) {
    mapping.problem(`${path}/unit`, "not a unit of glucose");
    return null;
  }
  const number = looseNumber(value);
  if (number === null) {
    mapping.problem(`${path}/value`, "missing or of the wrong type");
    return null;
  }
  return classify(number * factor, status, path, mapping);
}

function classify(mgDl: number, status: string | null, path: string, mapping: Mapping): Reading | null {
  const isLow = status === "low";
  const isHigh = status === "high";
  if (mgDl < SENSOR_FLOOR_MG_DL || (isLow && mgDl === SENSOR_FLOOR_MG_DL)) {
    if (isLow || (mgDl >= SMALLEST_GLUCOSE_MG_DL && !isHigh)) return { mgDl: LOW_MG_DL, flags: BELOW };
    mapping.problem(`${path}/value`, "below what glucose can be: a code of the sensor");
    return null;
  }
  if (mgDl > SENSOR_CEILING_MG_DL || (isHigh && mgDl === SENSOR_CEILING_MG_DL)) {
    if (isHigh || (mgDl <= LARGEST_GLUCOSE_MG_DL && !isLow)) return { mgDl: HIGH_MG_DL, flags: ABOVE };
    mapping.problem(`${path}/value`, "outside what glucose can be");
    return null;
  }
  // The number is inside the sensor's range, so it was measured; the status is the doubtful one of the two.
  if (isLow || isHigh) mapping.problem(`${path}/status`, "contradicts the value, which was kept");
  return { mgDl };
}

/** mg/dL a minute; null when the record has no rate. */
function rateOf(record: EgvRecord, path: string, mapping: Mapping, listUnit: unknown): number | null {
  const { trendRate } = record;
  if (trendRate === null || trendRate === undefined || RATELESS_TRENDS.has(record.trend)) return null;
  const factor = mgDlFactor(record.rateUnit ?? listUnit, true);
  if (factor === null) {
    mapping.problem(`${path}/rateUnit`, "not a unit of change of glucose");
    return null;
  }
  const number = looseNumber(trendRate);
  if (number !== null) return number * factor;
  mapping.problem(`${path}/trendRate`, "of the wrong type");
  return null;
}

/** Thousands of records in a row come from one transmitter: its device is built once. */
function rememberDevice(): typeof deviceOf {
  let lastId: unknown = Symbol("none yet");
  let lastGeneration: unknown;
  let device: Device | undefined;
  return (transmitterId, generation) => {
    if (transmitterId !== lastId || generation !== lastGeneration) {
      device = deviceOf(transmitterId, generation);
      lastId = transmitterId;
      lastGeneration = generation;
    }
    return device;
  };
}
