/** Documents of Oura's first API, which is gone, as the ones of today: recordings of it are still about. Pure. Source: cloud.ouraring.com/docs as kept by clients. */
import { looseNumber } from "#driver/payload.ts";

type Fields = Readonly<Record<string, unknown>>;

const PHASE_S = 300;

/** Every document of the first API has its date under this name, and none of today's has. */
function fieldsOfV1(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && "summary_date" in value ? (value as Fields) : null;
}

const seconds = (minutes: unknown): number | null => {
  const number = looseNumber(minutes);
  return number === null ? null : number * 60;
};

const series = (items: unknown, interval: number, timestamp: unknown): object | null => (Array.isArray(items) ? { interval, items, timestamp } : null);

/** `summary_date` is the day before the one that the night ended in: not taken, for the end tells it. */
export function modernSleep(value: unknown): unknown {
  const old = fieldsOfV1(value);
  if (!old) return value;
  const isLongest = looseNumber(old["is_longest"]);
  return {
    bedtime_start: old["bedtime_start"],
    bedtime_end: old["bedtime_end"],
    type: isLongest === null ? null : isLongest === 1 ? "long_sleep" : "sleep",
    time_in_bed: old["duration"],
    total_sleep_duration: old["total"],
    deep_sleep_duration: old["deep"],
    light_sleep_duration: old["light"],
    rem_sleep_duration: old["rem"],
    awake_time: old["awake"],
    efficiency: old["efficiency"],
    average_hrv: old["rmssd"],
    average_breath: old["breath_average"],
    lowest_heart_rate: old["hr_lowest"],
    sleep_phase_5_min: old["hypnogram_5min"],
    heart_rate: series(old["hr_5min"], PHASE_S, old["bedtime_start"]),
    hrv: series(old["rmssd_5min"], PHASE_S, old["bedtime_start"]),
    score: old["score"],
  };
}

/** Times were minutes. */
export function modernActivity(value: unknown): unknown {
  const old = fieldsOfV1(value);
  if (!old) return value;
  return {
    day: old["summary_date"],
    timestamp: old["day_start"],
    steps: old["steps"],
    equivalent_walking_distance: old["daily_movement"],
    active_calories: old["cal_active"],
    total_calories: old["cal_total"],
    high_activity_time: seconds(old["high"]),
    medium_activity_time: seconds(old["medium"]),
    low_activity_time: seconds(old["low"]),
    sedentary_time: seconds(old["inactive"]),
    resting_time: seconds(old["rest"]),
    non_wear_time: seconds(old["non_wear"]),
    class_5_min: old["class_5min"],
    met: series(old["met_1min"], 60, old["day_start"]),
  };
}

/** The list in an answer of the first API: `{"sleep": […]}`, `{"activity": […]}`. */
export function listOfV1(resource: string, payload: object): { readonly key: string; readonly list: readonly unknown[] } | null {
  const key = resource.replace(/^daily_/, "");
  const list = (payload as Fields)[key];
  return Array.isArray(list) ? { key, list } : null;
}
