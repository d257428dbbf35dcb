/**
 * Points of the simple types, and roll-ups → samples. Pure, and the hot path of this driver: a day of heart rate is up to 17,000 points, so fields are
 * narrowed by hand. Source: vendors/google-health.md, Value fields.
 */
import { looseNumber, type SamplePlace } from "#driver/payload.ts";
import type { SampleFlag } from "#driver/records.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { valueKey, type DataType, type Reading } from "./data-types.ts";
import { dayPlace, durationS, intervalPlace, isObject, rollUpPlace, samplePlace, sourceOf, type Json, type MapJob } from "./map-place.ts";

interface Place extends SamplePlace {
  /** Whether the number is the vendor's own for a whole day of the person. */
  readonly isOfDay?: boolean;
}

/** A value's place in time, and in the payload. */
interface Spot {
  readonly place: Place;
  readonly path: string;
  readonly job: MapJob;
}

/** Types whose value is more than numbers that are taken as they stand. */
const MAPPERS: Readonly<Record<string, (value: Json, spot: Spot) => void>> = {
  "active-minutes": mapActiveMinutes,
  "sedentary-period": mapSedentaryPeriod,
  "blood-glucose": mapGlucose,
  "daily-sleep-temperature-derivations": mapSleepTemperature,
};

/** Maps one point of an interval, sample, daily or session type, or one roll-up. Without the type's value it is a problem. */
export function mapPoint(type: DataType, item: unknown, at: string, job: MapJob): void {
  const key = valueKey(type.name);
  const path = `${at}/${key}`;
  const value = isObject(item) ? item[key] : undefined;
  if (!isObject(item) || !isObject(value)) {
    // A day without any data has a roll-up without a value.
    if (!isObject(item) || value !== undefined || type.operation !== "dailyRollUp") job.mapping.problem(path, "missing or of the wrong type");
    return;
  }
  const place = type.operation === "dailyRollUp" ? rollUpPlace(item, at, job) : placeOf(type, value, path, job);
  if (place === null) return;
  const spot: Spot = { place: withSource(place, item, value), path, job };
  const mapper = MAPPERS[type.name];
  if (mapper) mapper(value, spot);
  else for (const reading of type.readings) add(reading, value, spot);
}

function placeOf(type: DataType, value: Json, path: string, job: MapJob): Place | null {
  if (type.shape === "sample") return samplePlace(value, path, job);
  if (type.shape === "daily") return dayPlace(value, path, job);
  // Start and end of an electrocardiogram are equal: the time of the reading.
  return intervalPlace(value, path, job, type.shape !== "interval");
}

/** Adds what is told of the source; the flag `estimated` for a value that Google itself calls so. */
function withSource(place: Place, item: Json, value: Json): Place {
  if (item["dataSource"] === undefined && value["estimated"] !== true) return place;
  const { device, flags = [] } = sourceOf(item);
  const all: readonly SampleFlag[] = value["estimated"] === true ? [...flags, "estimated"] : flags;
  return { ...place, ...(device ? { device } : {}), ...(all.length > 0 ? { flags: all } : {}) };
}

/** Adds one number. What is absent, or zero where zero is none, is left out. */
function add(reading: Reading, value: Json, spot: Spot): void {
  const number = numberAt(value, reading.field, spot);
  if (number === null || (reading.isPositiveOnly && number <= 0)) return;
  addSample(reading.metric, reading.factor === undefined ? number : number * reading.factor, spot);
}

/** The number at a place below the value; null when it is absent, and with a problem when it is none. */
function numberAt(value: Json, field: readonly string[], { path, job }: Spot): number | null {
  let found: unknown = value;
  for (const name of field) found = isObject(found) ? found[name] : undefined;
  if (found === undefined || found === null) return null;
  const number = looseNumber(found);
  if (number === null) job.mapping.problem(`${path}/${field.join("/")}`, "missing or of the wrong type");
  return number;
}

/** Adds a sample in its metric's form. Of a day's number the flag tells that it stands beside what was measured within that day. */
function addSample(metric: MetricName, value: number, { place, path, job }: Spot): void {
  const { form } = METRICS[metric];
  const { startMs, endMs, offsetMinutes, device, isOfDay = false, flags = [] } = place;
  const all: readonly SampleFlag[] = isOfDay && isFlagged(metric) ? ["day_total", ...flags] : flags;
  const isStretch = form === "interval" && endMs !== undefined;
  job.mapping.sample(metric, value, { startMs, ...(isStretch ? { endMs } : {}), offsetMinutes, ...(device ? { device } : {}), flags: all }, path);
}

/** Whether a day's number of this metric carries the flag `day_total`. */
export function isFlagged(metric: MetricName): boolean {
  const { form, aggregate } = METRICS[metric];
  return form === "instant" || aggregate === "sum";
}

/** Levels of activity, under Google's names and under those that Fitbit gave them. */
const LEVELS: ReadonlyMap<unknown, "LIGHT" | "MODERATE" | "VIGOROUS"> = new Map([
  ["LIGHT", "LIGHT"], ["MODERATE", "MODERATE"], ["VIGOROUS", "VIGOROUS"],
  ["LIGHTLY_ACTIVE", "LIGHT"], ["MODERATELY_ACTIVE", "MODERATE"], ["VERY_ACTIVE", "VIGOROUS"],
]);

/** Minutes by level of activity, of a stretch or (with other names) of a roll-up. */
function mapActiveMinutes(value: Json, spot: Spot): void {
  const { job, path } = spot;
  const name = value["activeMinutesRollupByActivityLevel"] === undefined ? "activeMinutesByActivityLevel" : "activeMinutesRollupByActivityLevel";
  const levels = value[name];
  if (levels === undefined) return;
  if (!Array.isArray(levels)) {
    job.mapping.problem(`${path}/${name}`, "missing or of the wrong type");
    return;
  }
  const minutes = { LIGHT: 0, MODERATE: 0, VIGOROUS: 0 };
  for (const [index, level] of (levels as readonly unknown[]).entries()) {
    const at: Spot = { ...spot, path: `${path}/${name}/${index}` };
    const kind = isObject(level) ? level["activityLevel"] : undefined;
    const known = LEVELS.get(kind);
    // Being told how long a person sat is no activity.
    if (isObject(level) && kind === "SEDENTARY") continue;
    if (!isObject(level) || known === undefined) job.mapping.problem(`${at.path}/activityLevel`, "no known level of activity");
    else minutes[known] += numberAt(level, ["activeMinutes"], at) ?? numberAt(level, ["activeMinutesSum"], at) ?? 0;
  }
  const seconds = (metric: MetricName, total: number): void => {
    if (total > 0) addSample(metric, total * 60, spot);
  };
  seconds("active_duration", minutes.LIGHT + minutes.MODERATE + minutes.VIGOROUS);
  seconds("intensity_moderate", minutes.MODERATE);
  seconds("intensity_vigorous", minutes.VIGOROUS);
}

/** A stretch without movement lasts from its start to its end; a roll-up says how long all of them were. */
function mapSedentaryPeriod(value: Json, spot: Spot): void {
  const { place, path, job } = spot;
  const sum = value["durationSum"];
  const seconds = sum === undefined ? ((place.endMs ?? place.startMs) - place.startMs) / 1000 : durationS(sum);
  if (seconds === null) job.mapping.problem(`${path}/durationSum`, "no duration");
  else if (seconds > 0) addSample("sedentary_duration", seconds, spot);
}

/** Only what says that a sensor under the skin measured it is sensor glucose; anything else was one measurement, from blood. */
function mapGlucose(value: Json, spot: Spot): void {
  const source = value["measurementSource"];
  const isUnsaid = source === undefined || source === "MEASUREMENT_SOURCE_UNSPECIFIED";
  const isSensor = source === "CONTINUOUS_GLUCOSE_MONITORING" || (isUnsaid && value["specimen"] === "INTERSTITIAL_FLUID");
  add({ metric: isSensor ? "glucose" : "glucose_meter", field: ["bloodGlucoseMilligramsPerDeciliter"], isPositiveOnly: true }, value, spot);
}

/** The night's skin temperature, and how far it lies from the person's own baseline where there is one. */
function mapSleepTemperature(value: Json, spot: Spot): void {
  const nightly = numberAt(value, ["nightlyTemperatureCelsius"], spot);
  const baseline = numberAt(value, ["baselineTemperatureCelsius"], spot);
  if (nightly === null || nightly <= 0) return;
  addSample("skin_temperature", nightly, spot);
  if (baseline !== null && baseline > 0) addSample("skin_temperature_deviation", nightly - baseline, spot);
}
