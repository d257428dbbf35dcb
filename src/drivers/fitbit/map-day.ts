/** Numbers by date, and within one: activity and heart rate. Pure. Source: vendors/fitbit.md, Response fields. */
import { looseNumber, type SamplePlace } from "#driver/payload.ts";
import type { MetricName } from "#units/metrics.ts";
import { MINUTE_MS, offsetMinutesAt, SECOND_MS } from "#units/time.ts";
import { mapDayActivity } from "./map-activity.ts";
import { clockOf, dayOf, dayPlace, isObject, type Item, type Json, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

const DAY_MINUTES = 1_440;

interface Spot {
  readonly place: SamplePlace;
  readonly path: string;
  readonly job: MapJob;
}

/** A total of a day. Zero cannot be told from "not worn" and is left out. */
function addTotal(metric: MetricName, value: number | null | undefined, { place, path, job }: Spot): void {
  if (value !== 0) job.mapping.sample(metric, value, { ...place, flags: ["day_total"] }, path);
}

const SERIES: Readonly<Record<string, { readonly metric: MetricName; readonly factor: number }>> = {
  steps: { metric: "steps", factor: 1 },
  distance: { metric: "distance", factor: 1_000 },
  floors: { metric: "floors", factor: 1 },
  elevation: { metric: "elevation_gain", factor: 1 },
  calories: { metric: "calories_total", factor: 1 },
  activityCalories: { metric: "calories_active", factor: 1 },
  caloriesBMR: { metric: "calories_basal", factor: 1 },
  minutesFairlyActive: { metric: "intensity_moderate", factor: 60 },
  minutesVeryActive: { metric: "intensity_vigorous", factor: 60 },
  minutesSedentary: { metric: "sedentary_duration", factor: 60 },
};

/** One date of a series of the activity: `{dateTime, value: "10432"}`. */
export function mapSeriesDay(resource: string, { value: item, path }: Item, job: MapJob): void {
  const entry = job.mapping.item(schema.series, item, path);
  const place = entry && dayPlace(entry.dateTime, `${path}/dateTime`, job);
  const series = Object.hasOwn(SERIES, resource) ? SERIES[resource] : undefined;
  if (!entry || !place || !series) return;
  const number = looseNumber(entry.value);
  if (number === null) job.mapping.problem(`${path}/value`, "missing or of the wrong type");
  else if (resource !== "minutesSedentary" || isWorn(number)) addTotal(series.metric, number * series.factor, { place, path: `${path}/value`, job });
}

/** A whole day without a move is a tracker in a drawer. */
const isWorn = (sedentaryMinutes: number): boolean => sedentaryMinutes < DAY_MINUTES;

/** One date of the heart's series. In some answers for a part of a day the value is a mere text, which tells nothing. */
export function mapHeartDay({ value: item, path }: Item, job: MapJob): void {
  const entry = job.mapping.item(schema.series, item, path);
  if (!entry || !isObject(entry.value)) return;
  const value = job.mapping.item(schema.heartValue, entry.value, `${path}/value`);
  const place = value && dayPlace(entry.dateTime, `${path}/dateTime`, job);
  if (place && value.restingHeartRate) job.mapping.sample("resting_heart_rate", value.restingHeartRate, place, `${path}/value/restingHeartRate`);
}

/** Heart rate or steps within a date. Pure, and the hot path: up to 17,000 values a day. Zeros are left out. */
export function mapIntraday(metric: "heart_rate" | "steps", date: unknown, { value, path }: Item, job: MapJob): void {
  const { mapping, context } = job;
  const day = dayOf(typeof date === "string" ? date : null, path, job);
  const data = day && mapping.item(schema.dataset, value, path);
  if (!day || !data) return;
  const clock = clockOf(day, date as string, context.zone);
  const interval = data.datasetInterval ?? 1;
  const lengthMs = interval > 0 && interval <= 60 ? interval * (data.datasetType === "second" ? SECOND_MS : MINUTE_MS) : MINUTE_MS;
  for (let index = 0; index < data.dataset.length; index += 1) {
    const item = data.dataset[index];
    const startMs = isObject(item) ? clock(item["time"]) : null;
    const number = isObject(item) ? looseNumber(item["value"]) : null;
    if (startMs === null || number === null) {
      mapping.problem(`${path}/dataset/${index}`, "no number at a time of the day");
      continue;
    }
    if (number === 0) continue;
    const offsetMinutes = offsetMinutesAt(context.zone, startMs);
    mapping.sample(metric, number, metric === "steps" ? { startMs, endMs: startMs + lengthMs, offsetMinutes } : { startMs, offsetMinutes }, `${path}/dataset`);
  }
}

const seconds = (minutes: number | null | undefined): number | null => (minutes === null || minutes === undefined ? null : minutes * 60);

/**
 * The answer for a day: its totals so far, and its activities. The answer itself does not say which day, so the driver stores it with its date; without
 * one, an activity of the day tells it.
 */
export function mapDay(payload: Json, job: MapJob): void {
  const day = job.mapping.item(schema.day, payload, "");
  if (!day) return;
  const activities = day.activities ?? [];
  for (const [index, value] of activities.entries()) mapDayActivity({ value, path: `/activities/${index}` }, job);
  const first = activities.find(isObject)?.["startDate"];
  const place = dayPlace(day.date ?? (typeof first === "string" ? first : null), "/date", job);
  const summary = place && day.summary !== undefined ? job.mapping.item(schema.summary, day.summary, "/summary") : null;
  if (!place || !summary) return;
  const add = (metric: MetricName, field: string, value: number | null | undefined): void => addTotal(metric, value, { place, path: `/summary/${field}`, job });
  const km = summary.distances?.find(({ activity }) => activity === "total")?.distance;
  add("steps", "steps", summary.steps);
  add("distance", "distances", km === null || km === undefined ? null : km * 1_000);
  add("floors", "floors", summary.floors);
  add("elevation_gain", "elevation", summary.elevation);
  add("calories_total", "caloriesOut", summary.caloriesOut);
  add("calories_active", "activityCalories", summary.activityCalories);
  add("calories_basal", "caloriesBMR", summary.caloriesBMR);
  const { lightlyActiveMinutes: light, fairlyActiveMinutes: fair, veryActiveMinutes: very, sedentaryMinutes: sedentary } = summary;
  const isTold = [light, fair, very].some((minutes) => minutes !== null && minutes !== undefined);
  add("active_duration", "lightlyActiveMinutes", isTold ? seconds((light ?? 0) + (fair ?? 0) + (very ?? 0)) : null);
  add("intensity_moderate", "fairlyActiveMinutes", seconds(fair));
  add("intensity_vigorous", "veryActiveMinutes", seconds(very));
  add("sedentary_duration", "sedentaryMinutes", sedentary !== null && sedentary !== undefined && isWorn(sedentary) ? seconds(sedentary) : null);
  if (summary.restingHeartRate) job.mapping.sample("resting_heart_rate", summary.restingHeartRate, place, "/summary/restingHeartRate");
}
