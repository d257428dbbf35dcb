/**
 * Google's data types as data: how each is asked for, filtered and read. Names of values follow from the type's name (`heart-rate`: `heartRate` in
 * answers, `heart_rate` in filters). Source: vendors/google-health.md, Data endpoints.
 */
import type { Resource } from "#driver/types.ts";
import type { MetricName } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";
import { OPTIONAL_FAMILIES, scopeOf } from "./auth.ts";

/** Where a point lies in time, which also decides by what it can be filtered. */
export type Shape = "interval" | "sample" | "daily" | "session" | "sleep" | "ecg";

/** One number of a point: where it stands, and what it becomes. */
export interface Reading {
  readonly metric: MetricName;
  /** Names from the value downwards. */
  readonly field: readonly string[];
  readonly factor?: number;
  /** Zero (and less) means that nothing was measured; absent: zero is a value. */
  readonly isPositiveOnly?: true;
}

export interface DataType {
  readonly name: string;
  readonly shape: Shape;
  readonly family: string;
  /** "reconcile" merges the sources as Google's own app does; a few types can only be listed. */
  readonly operation: "reconcile" | "list" | "dailyRollUp";
  /** Numbers that are taken as they stand; the other types are read by code of their own. */
  readonly readings: readonly Reading[];
  readonly metrics: readonly MetricName[];
  readonly records: Resource["records"];
  readonly pull?: NonNullable<Resource["pull"]>;
  /** The documents' table does not have it: a refusal means that there is none. */
  readonly isUndocumented?: true;
}

const ACTIVITY = "activity_and_fitness";
const HEALTH = "health_metrics_and_measurements";
const HOUR_S = 3_600;

/** By how much of the past is asked again, because watches deliver late and days are revised. */
const OVERLAP_MS = { late: 3 * DAY_MS, revised: 7 * DAY_MS };

const intraday = (everySeconds: number, maxDays = 30): NonNullable<Resource["pull"]> => ({
  maxWindowMs: maxDays * DAY_MS, backfillDays: 90, everySeconds, overlapMs: OVERLAP_MS.late,
});
const byDay = (maxDays: number): NonNullable<Resource["pull"]> => ({
  maxWindowMs: maxDays * DAY_MS, backfillDays: 365, everySeconds: 6 * HOUR_S, overlapMs: OVERLAP_MS.revised,
});
const seldom: NonNullable<Resource["pull"]> = { maxWindowMs: 366 * DAY_MS, backfillDays: 365, everySeconds: 6 * HOUR_S, overlapMs: OVERLAP_MS.revised };

/** Days that one roll-up may cover. The window is shorter: dates of every time zone are asked for. */
const FEW_DAYS = 14;
const MANY_DAYS = 90;
const FEW_DAYS_TYPES: ReadonlySet<string> = new Set(["heart-rate", "total-calories", "active-minutes", "calories-in-heart-rate-zone"]);
export const mostRollUpDays = (name: string): number => (FEW_DAYS_TYPES.has(name) ? FEW_DAYS : MANY_DAYS);

const samples = (readings: readonly Reading[]): Pick<DataType, "readings" | "metrics" | "records"> => ({
  readings, metrics: readings.map(({ metric }) => metric), records: ["sample"],
});
const coded = (metrics: readonly MetricName[]): Pick<DataType, "readings" | "metrics" | "records"> => ({ readings: [], metrics, records: ["sample"] });

const interval = (name: string, ...readings: readonly Reading[]): DataType => ({
  name, shape: "interval", family: ACTIVITY, operation: "reconcile", ...samples(readings), pull: intraday(HOUR_S),
});
const sample = (name: string, family: string, readings: readonly Reading[], pull = seldom): DataType => ({
  name, shape: "sample", family, operation: "reconcile", ...samples(readings), pull,
});
const daily = (name: string, family: string, readings: readonly Reading[]): DataType => ({
  name, shape: "daily", family, operation: "reconcile", ...samples(readings), pull: byDay(365),
});
const rollUp = (name: string, readings: readonly Reading[], family = ACTIVITY): DataType => ({
  name, shape: "daily", family, operation: "dailyRollUp", ...samples(readings), pull: byDay(mostRollUpDays(name) - 4),
});
const positive = (metric: MetricName, ...field: string[]): Reading => ({ metric, field, isPositiveOnly: true });

const MM = 0.001;

const ACTIVITY_TYPES: readonly DataType[] = [
  interval("steps", { metric: "steps", field: ["count"] }),
  interval("distance", { metric: "distance", field: ["millimeters"], factor: MM }),
  interval("floors", { metric: "floors", field: ["count"] }),
  // A gain below zero is a descent.
  interval("altitude", { ...positive("elevation_gain", "gainMillimeters"), factor: MM }),
  interval("active-energy-burned", { metric: "calories_active", field: ["kcal"] }),
  { ...interval("basal-energy-burned", { metric: "calories_basal", field: ["kcal"] }), isUndocumented: true },
  { ...interval("active-minutes"), ...coded(["active_duration", "intensity_moderate", "intensity_vigorous"]) },
  { ...interval("sedentary-period"), ...coded(["sedentary_duration"]) },
  rollUp("steps", [{ metric: "steps", field: ["countSum"] }]),
  rollUp("distance", [{ metric: "distance", field: ["millimetersSum"], factor: MM }]),
  rollUp("floors", [{ metric: "floors", field: ["countSum"] }]),
  rollUp("altitude", [{ metric: "elevation_gain", field: ["gainMillimetersSum"], factor: MM }]),
  rollUp("active-energy-burned", [{ metric: "calories_active", field: ["kcalSum"] }]),
  rollUp("total-calories", [positive("calories_total", "kcalSum")]),
  { ...rollUp("active-minutes", []), ...coded(["active_duration", "intensity_moderate", "intensity_vigorous"]) },
  { ...rollUp("sedentary-period", []), ...coded(["sedentary_duration"]) },
  sample("vo2-max", ACTIVITY, [positive("vo2max", "vo2Max")]),
  sample("run-vo2-max", ACTIVITY, [positive("vo2max_running", "runVo2Max")]),
  daily("daily-vo2-max", ACTIVITY, [positive("vo2max", "vo2Max")]),
  {
    name: "exercise", shape: "session", family: ACTIVITY, operation: "reconcile", readings: [], metrics: [], records: ["workout"],
    pull: { maxWindowMs: 90 * DAY_MS, backfillDays: 365, everySeconds: HOUR_S, overlapMs: OVERLAP_MS.revised },
  },
];

const BODY_TYPES: readonly DataType[] = [
  // A week of a watch that measures every five seconds fills a dozen pages.
  sample("heart-rate", HEALTH, [positive("heart_rate", "beatsPerMinute")], { ...intraday(HOUR_S, 7), overlapMs: DAY_MS }),
  rollUp("heart-rate", [positive("heart_rate_min", "beatsPerMinuteMin"), positive("heart_rate_max", "beatsPerMinuteMax")], HEALTH),
  daily("daily-resting-heart-rate", HEALTH, [positive("resting_heart_rate", "beatsPerMinute")]),
  // A watch that does not measure one of the two sends 0 for it.
  sample("heart-rate-variability", HEALTH, [
    positive("hrv_rmssd", "rootMeanSquareOfSuccessiveDifferencesMilliseconds"), positive("hrv_sdnn", "standardDeviationMilliseconds"),
  ], intraday(6 * HOUR_S)),
  daily("daily-heart-rate-variability", HEALTH, [positive("hrv_rmssd", "averageHeartRateVariabilityMilliseconds")]),
  sample("oxygen-saturation", HEALTH, [positive("spo2", "percentage")], intraday(6 * HOUR_S)),
  daily("daily-oxygen-saturation", HEALTH, [positive("spo2", "averagePercentage")]),
  daily("daily-respiratory-rate", HEALTH, [positive("respiration_rate", "breathsPerMinute")]),
  sample("respiratory-rate-sleep-summary", HEALTH, [positive("respiration_rate", "fullSleepStats", "breathsPerMinute")]),
  { ...daily("daily-sleep-temperature-derivations", HEALTH, []), ...coded(["skin_temperature", "skin_temperature_deviation"]) },
  sample("core-body-temperature", HEALTH, [positive("body_temperature", "temperatureCelsius")]),
  sample("weight", HEALTH, [{ ...positive("weight", "weightGrams"), factor: 0.001 }], { ...seldom, everySeconds: HOUR_S }),
  sample("body-fat", HEALTH, [positive("body_fat", "percentage")], { ...seldom, everySeconds: HOUR_S }),
  sample("height", HEALTH, [{ ...positive("height", "heightMillimeters"), factor: MM }]),
  { ...sample("blood-glucose", HEALTH, [], intraday(900)), ...coded(["glucose", "glucose_meter"]) },
];

const session = (name: string, family: string, more: Pick<DataType, "readings" | "metrics" | "records">): DataType => ({
  name, shape: "session", family, operation: "reconcile", ...more, pull: seldom,
});
const treatments: Pick<DataType, "readings" | "metrics" | "records"> = { readings: [], metrics: [], records: ["treatment"] };

const OTHER_TYPES: readonly DataType[] = [
  {
    name: "sleep", shape: "sleep", family: "sleep", operation: "reconcile", readings: [], metrics: [], records: ["sleep"],
    pull: { maxWindowMs: 90 * DAY_MS, backfillDays: 365, everySeconds: HOUR_S, overlapMs: OVERLAP_MS.revised },
  },
  session("hydration-log", "nutrition", samples([positive("hydration", "amountConsumed", "milliliters")])),
  rollUp("hydration-log", [positive("hydration", "amountConsumed", "millilitersSum")], "nutrition"),
  session("nutrition-log", "nutrition", treatments),
  {
    name: "electrocardiogram", shape: "ecg", family: "ecg", operation: "list", ...samples([positive("heart_rate", "beatsPerMinuteAvg")]), pull: seldom,
  },
  { ...session("irregular-rhythm-notification", "irn", treatments), operation: "list" },
];

export const DATA_TYPES: readonly DataType[] = [...BODY_TYPES, ...ACTIVITY_TYPES, ...OTHER_TYPES];

/** Types and account answers that are known and give no records; README.md says why. */
export const SILENT_TYPES: readonly string[] = [
  "activity-level", "active-zone-minutes", "calories-in-heart-rate-zone", "daily-heart-rate-zones", "time-in-heart-rate-zone", "swim-lengths-data",
  "menstrual-period", "ovulation-test", "moods", "symptoms", "food", "food-measurement-unit",
  "identity", "profile", "settings", "pairedDevices", "irnProfile",
];

/** What the driver calls a type: its own name, or with the operation for totals of days. */
export const resourceName = ({ name, operation }: DataType): string => (operation === "dailyRollUp" ? `${name}:${operation}` : name);

/** Ending of a resource that is asked for because something of it was deleted. */
export const DELETED = ":deleted";

const byResource: ReadonlyMap<string, DataType> = new Map(DATA_TYPES.map((type) => [resourceName(type), type]));

/** The type behind a resource's name; null for an unknown one and for those that give no records. */
export function dataType(resource: string): DataType | null {
  return byResource.get(resource) ?? null;
}

/** All that is asked for when Google says that this data type has changed. */
export function typesOfChange(name: string): readonly DataType[] {
  return DATA_TYPES.filter((type) => type.name === name);
}

/** `heart-rate` → `heartRate`, the name of its value in answers. */
export const valueKey = (name: string): string => name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** `heart-rate` → `heart_rate`, its name in filters. */
export const filterName = (name: string): string => name.replaceAll("-", "_");

export const RESOURCES: readonly Resource[] = [
  ...DATA_TYPES.map((type): Resource => ({
    name: resourceName(type),
    format: "json",
    metrics: type.metrics,
    records: type.records,
    ...(type.pull ? { pull: type.pull } : {}),
    ...(OPTIONAL_FAMILIES.some((family) => family === type.family) ? { needsScope: scopeOf(type.family) } : {}),
  })),
  ...SILENT_TYPES.map((name): Resource => ({ name, format: "json", metrics: [], records: [] })),
];
