/** Body and vital signs by date or by minute. Pure. Source: vendors/fitbit.md, Response fields. */
import type { SampleFlag } from "#driver/records.ts";
import type { MetricName } from "#units/metrics.ts";
import { dayPlace, isObject, timePlace, type Item, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

const DAY_TOTAL: readonly SampleFlag[] = ["day_total"];

/** A night's number at the start of its date, marked as the day's: what was measured within it stands beside it. */
function addNightly(metric: MetricName, value: number | null | undefined, entry: { readonly dateTime: string; readonly path: string; readonly job: MapJob }): void {
  const { job, path } = entry;
  const place = dayPlace(entry.dateTime, `${path}/dateTime`, job);
  if (!place || value === null || value === undefined || value <= 0) return;
  job.mapping.sample(metric, value, { startMs: place.startMs, offsetMinutes: place.offsetMinutes, flags: DAY_TOTAL }, `${path}/value`);
}

export function mapHrvDay({ value: item, path }: Item, job: MapJob): void {
  const entry = job.mapping.item(schema.series, item, path);
  const value = entry && job.mapping.item(schema.hrvValue, entry.value, `${path}/value`);
  if (entry && value) addNightly("hrv_rmssd", value.dailyRmssd, { dateTime: entry.dateTime, path, job });
}

/** In the longer answer the whole sleep's rate stands beside those of its stages. */
export function mapBreathingDay({ value: item, path }: Item, job: MapJob): void {
  const entry = job.mapping.item(schema.series, item, path);
  const value = entry && job.mapping.item(schema.breathValue, entry.value, `${path}/value`);
  if (entry && value) addNightly("respiration_rate", value.breathingRate ?? value.fullSleepSummary?.breathingRate, { dateTime: entry.dateTime, path, job });
}

export function mapSpo2Day({ value: item, path }: Item, job: MapJob): void {
  const entry = job.mapping.item(schema.series, item, path);
  const value = entry && job.mapping.item(schema.spo2Value, entry.value, `${path}/value`);
  if (entry && value) addNightly("spo2", value.avg, { dateTime: entry.dateTime, path, job });
}

/** HRV or oxygen by the minute. The minutes bear their own date. */
export function mapMinutes(metric: "hrv_rmssd" | "spo2", { value: item, path }: Item, job: MapJob): void {
  const day = job.mapping.item(schema.minutesOfDay, item, path);
  for (const [index, entry] of (day?.minutes ?? []).entries()) {
    const at = `${path}/minutes/${index}`;
    const minute = isObject(entry) ? entry["minute"] : undefined;
    const value = isObject(entry) ? entry["value"] : undefined;
    const number = metric === "hrv_rmssd" && isObject(value) ? value["rmssd"] : value;
    if (typeof number !== "number") {
      job.mapping.problem(`${at}/value`, "missing or of the wrong type");
      continue;
    }
    const place = timePlace(typeof minute === "string" ? minute : null, `${at}/minute`, job);
    if (place && number > 0) job.mapping.sample(metric, number, place, `${at}/value`);
  }
}

/** A signed distance from the person's own baseline, never a temperature. */
export function mapSkinTemperature({ value: item, path }: Item, job: MapJob): void {
  const entry = job.mapping.item(schema.series, item, path);
  const value = entry && job.mapping.item(schema.skinValue, entry.value, `${path}/value`);
  const place = value && dayPlace(entry.dateTime, `${path}/dateTime`, job);
  if (place) job.mapping.sample("skin_temperature_deviation", value.nightlyRelative, place, `${path}/value/nightlyRelative`);
}

export function mapCoreTemperature({ value: item, path }: Item, job: MapJob): void {
  const entry = job.mapping.item(schema.series, item, path);
  const place = entry && timePlace(entry.dateTime, `${path}/dateTime`, job);
  if (!place) return;
  if (typeof entry.value === "number") job.mapping.sample("body_temperature", entry.value, place, `${path}/value`);
  else job.mapping.problem(`${path}/value`, "missing or of the wrong type");
}

const RANGE = /^(\d{1,3}(?:\.\d+)?)\s*-\s*(\d{1,3}(?:\.\d+)?)$/;

/** "45.1", or a range "44-48" where no run made it sharper: then its middle, marked as estimated. */
export function mapCardioScore({ value: item, path }: Item, job: MapJob): void {
  const entry = job.mapping.item(schema.series, item, path);
  const value = entry && job.mapping.item(schema.vo2Value, entry.value, `${path}/value`);
  const place = value && dayPlace(entry.dateTime, `${path}/dateTime`, job);
  if (!place || value.vo2Max === null || value.vo2Max === undefined) return;
  const range = RANGE.exec(String(value.vo2Max).trim());
  const number = range ? (Number(range[1]) + Number(range[2])) / 2 : Number(value.vo2Max);
  const at = { startMs: place.startMs, offsetMinutes: place.offsetMinutes, ...(range ? { flags: ["estimated"] as const } : {}) };
  job.mapping.sample("vo2max", number, at, `${path}/value/vo2Max`);
}

/** A weighing, or a body fat of its own. `logId` looks like its time and is not: it takes the local time for UTC. */
export function mapBodyLog({ value: item, path }: Item, job: MapJob): void {
  const { mapping } = job;
  const log = mapping.item(schema.bodyLog, item, path);
  const place = log && timePlace(log.time ? `${log.date}T${log.time}` : log.date, `${path}/date`, job);
  if (!log || !place) return;
  const at = log.source ? { ...place, device: { id: log.source, name: log.source } } : place;
  for (const [metric, field] of [["weight", "weight"], ["bmi", "bmi"], ["body_fat", "fat"]] as const) {
    // Nothing of a body is 0: that means not measured.
    if (log[field]) mapping.sample(metric, log[field], at, `${path}/${field}`);
  }
}
