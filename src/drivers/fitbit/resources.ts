/** Fitbit's endpoints as data: where each lies, for how many dates at once, and what it gives. Source: vendors/fitbit.md, Data endpoints. */
import type { Resource } from "#driver/types.ts";
import type { MetricName } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";

export interface Endpoint {
  /** The path below `/1/user/-/` without its dates: Fitbit has no other names. */
  readonly name: string;
  readonly scope: string;
  /** Path for dates `YYYY-MM-DD`, the last one inclusive; `detail` is the operator's choice for what lies within a day. */
  readonly path: (first: string, last: string, detail: string) => string;
  /** Dates that one call may ask for: a little fewer than Fitbit allows, for it does not say how it counts. */
  readonly mostDates: number;
  readonly metrics: readonly MetricName[];
  readonly records: Resource["records"];
  readonly pull?: NonNullable<Resource["pull"]>;
  /** Only asked for while the setting `intraday` is on. */
  readonly isIntraday?: true;
}

const ROOT = "/1/user/-";
const HOUR_S = 3_600;

const between = (stem: string, ending = ""): Endpoint["path"] => (first, last) => `${ROOT}/${stem}/date/${first}/${last}${ending}.json`;

/** One call a window: the dates that it touches in any time zone are two more than its days. */
const pulled = (mostDates: number, backfillDays: number, everySeconds: number): NonNullable<Resource["pull"]> => ({
  maxWindowMs: Math.max(mostDates - 3, 1) * DAY_MS,
  backfillDays,
  everySeconds,
  // Data appears when the phone syncs, and then for past days as well.
  overlapMs: 3 * DAY_MS,
});

const YEARS = 1_090;
const MONTH = 29;

/** A number a day of the activity. */
const series = (resource: string, metric: MetricName): Endpoint => ({
  name: `activities/${resource}`, scope: "activity", path: between(`activities/${resource}`), mostDates: YEARS, metrics: [metric], records: ["sample"],
  pull: { ...pulled(YEARS, 365, HOUR_S * 3), maxWindowMs: 366 * DAY_MS },
});

const byMonth = (name: string, scope: string, metric: MetricName): Endpoint => ({
  name, scope, path: between(name), mostDates: MONTH, metrics: [metric], records: ["sample"], pull: pulled(MONTH, 90, HOUR_S * 6),
});

const minutes = (name: string, scope: string, metric: MetricName): Endpoint => ({
  ...byMonth(`${name}/all`, scope, metric), path: between(name, "/all"),
});

const DAY_METRICS: readonly MetricName[] = [
  "steps", "distance", "floors", "elevation_gain", "calories_total", "calories_active", "calories_basal", "resting_heart_rate", "active_duration",
  "intensity_moderate", "intensity_vigorous", "sedentary_duration",
];

export const ENDPOINTS: readonly Endpoint[] = [
  {
    name: "sleep", scope: "sleep", path: (first, last) => `/1.2/user/-/sleep/date/${first}/${last}.json`, mostDates: 95, metrics: [], records: ["sleep"],
    pull: pulled(95, 365, HOUR_S * 3),
  },
  // The only answer with the active minutes of all levels together; the series below go back further with fewer calls.
  {
    name: "activities/date", scope: "activity", path: (first) => `${ROOT}/activities/date/${first}.json`, mostDates: 1, metrics: DAY_METRICS,
    records: ["sample", "workout"], pull: { ...pulled(1, 7, HOUR_S * 3), maxWindowMs: 7 * DAY_MS, overlapMs: DAY_MS },
  },
  series("steps", "steps"),
  series("distance", "distance"),
  series("floors", "floors"),
  series("elevation", "elevation_gain"),
  series("calories", "calories_total"),
  series("activityCalories", "calories_active"),
  series("caloriesBMR", "calories_basal"),
  series("minutesFairlyActive", "intensity_moderate"),
  series("minutesVeryActive", "intensity_vigorous"),
  series("minutesSedentary", "sedentary_duration"),
  {
    name: "activities/heart", scope: "heartrate", path: between("activities/heart"), mostDates: 360, metrics: ["resting_heart_rate"], records: ["sample"],
    pull: pulled(360, 365, HOUR_S * 3),
  },
  {
    name: "activities/heart/intraday", scope: "heartrate", mostDates: 1, isIntraday: true, metrics: ["heart_rate", "resting_heart_rate"], records: ["sample"],
    path: (date, _, detail) => `${ROOT}/activities/heart/date/${date}/1d/${detail}.json`,
    pull: { ...pulled(1, 30, HOUR_S), maxWindowMs: 7 * DAY_MS, overlapMs: DAY_MS },
  },
  {
    name: "activities/steps/intraday", scope: "activity", mostDates: 1, isIntraday: true, metrics: ["steps"], records: ["sample"],
    path: (date, _, detail) => `${ROOT}/activities/steps/date/${date}/1d/${detail === "1sec" ? "1min" : detail}.json`,
    pull: { ...pulled(1, 30, HOUR_S), maxWindowMs: 7 * DAY_MS, overlapMs: DAY_MS },
  },
  byMonth("hrv", "heartrate", "hrv_rmssd"),
  minutes("hrv", "heartrate", "hrv_rmssd"),
  byMonth("br", "respiratory_rate", "respiration_rate"),
  byMonth("spo2", "oxygen_saturation", "spo2"),
  minutes("spo2", "oxygen_saturation", "spo2"),
  byMonth("temp/skin", "temperature", "skin_temperature_deviation"),
  byMonth("temp/core", "temperature", "body_temperature"),
  byMonth("cardioscore", "cardio_fitness", "vo2max"),
  { ...byMonth("body/log/weight", "weight", "weight"), metrics: ["weight", "bmi", "body_fat"], pull: pulled(MONTH, 365, HOUR_S * 3) },
  { ...byMonth("body/log/fat", "weight", "body_fat"), pull: pulled(MONTH, 365, HOUR_S * 3) },
];

/** Asked for by pages, not by dates (api.ts). */
export const ACTIVITY_LIST = "activities/list";

const byName: ReadonlyMap<string, Endpoint> = new Map(ENDPOINTS.map((endpoint) => [endpoint.name, endpoint]));

export function endpointOf(name: string): Endpoint | null {
  return byName.get(name) ?? null;
}

/** The same nights and breaths in other answers, which are read where somebody has them and not asked for. */
const RECORDED: readonly Resource[] = [
  { name: "sleep/list", format: "json", metrics: [], records: ["sleep"] },
  { name: "br/all", format: "json", metrics: ["respiration_rate"], records: ["sample"] },
];

/** Known, and nothing that a record could hold; README.md says why. */
export const SILENT: readonly string[] = ["profile", "devices", "activities/minutesLightlyActive", "ecg/list", "irn/alerts/list"];

export const RESOURCES: readonly Resource[] = [
  ...ENDPOINTS.map(({ name, metrics, records, pull }): Resource => ({ name, format: "json", metrics, records, ...(pull ? { pull } : {}) })),
  {
    name: ACTIVITY_LIST, format: "json", metrics: [], records: ["workout"],
    pull: { maxWindowMs: 90 * DAY_MS, backfillDays: 365, everySeconds: HOUR_S * 3, overlapMs: 7 * DAY_MS },
  },
  ...RECORDED,
  ...SILENT.map((name): Resource => ({ name, format: "json", metrics: [], records: [] })),
];
