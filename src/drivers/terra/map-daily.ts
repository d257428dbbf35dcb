/** A day's totals and what was sampled in it. Source: vendors/terra.md, Daily. */
import type { MetricName } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";
import { addAt, addHeart, addOver, addSeries, momentOf, positive, stretchOf, type Place } from "./map-place.ts";
import { at, list, number, type Item } from "./schema.ts";

/** Totals of the day: metric, then where it stands. */
const TOTALS: readonly (readonly [MetricName, string, string, string?])[] = [
  ["steps", "distance_data", "steps"], ["distance", "distance_data", "distance_meters"], ["floors", "distance_data", "floors_climbed"],
  ["elevation_gain", "distance_data", "gain_actual_meters", "elevation"],
  ["calories_total", "calories_data", "total_burned_calories"], ["calories_active", "calories_data", "net_activity_calories"], ["calories_basal", "calories_data", "BMR_calories"],
  ["active_duration", "active_durations_data", "activity_seconds"], ["intensity_moderate", "active_durations_data", "moderate_intensity_seconds"],
  ["intensity_vigorous", "active_durations_data", "vigorous_intensity_seconds"], ["sedentary_duration", "active_durations_data", "inactivity_seconds"],
  ["stress_high_duration", "stress_data", "high_stress_duration_seconds"], ["recovery", "scores", "recovery"], ["sleep_score", "scores", "sleep"], ["strain", "strain_data", "strain_level"],
  ["met", "MET_data", "avg_level"],
];
/** The next sample ends one without a duration, where it follows this soon. */
const LONGEST_GAP_MS = 3_600_000;
const MINUTE = 60_000;

export function mapDaily(place: Place, item: Item): void {
  const day = stretchOf(place, item, true);
  if (!day) return;
  for (const [metric, group, field, inner] of TOTALS) {
    const from = inner === undefined ? at(item, group) : at(item, group, inner);
    addOver(place, metric, number(from[field]), { over: day, path: `/${group}/${inner === undefined ? "" : `${inner}/`}${field}` });
  }
  addHeart(place, at(item, "heart_rate_data"), day, "/heart_rate_data");
  addSteps(place, item);
  const oxygen = at(item, "oxygen_data");
  addOxygen(place, item);
  addAt(place, "vo2max", positive(oxygen["vo2max_ml_per_min_per_kg"]), { moment: day.start, path: "/oxygen_data/vo2max_ml_per_min_per_kg" });
  const stress = at(item, "stress_data");
  // Garmin's marks for "none" come through as they are.
  const level = (sample: Readonly<Record<string, unknown>>): number | null => ((number(sample["level"]) ?? -1) < 0 ? null : number(sample["level"]));
  addSeries(place, "stress", list(stress["samples"]), { path: "/stress_data/samples", valueOf: level });
  addSeries(place, "body_battery", list(stress["body_battery_samples"]), { path: "/stress_data/body_battery_samples", valueOf: level });
}

/** Blood alone; what muscles hold is another thing. */
export function addOxygen(place: Place, item: Item): void {
  const { saturation_samples: samples } = at(item, "oxygen_data");
  addSeries(place, "spo2", list(samples), { path: "/oxygen_data/saturation_samples", valueOf: ({ percentage, type }) => (number(type) === 1 ? null : positive(percentage)) });
}

/** Steps between two samples belong to the earlier one, for as long as it says or until the next. */
function addSteps(place: Place, item: Item): void {
  const samples = list(at(item, "distance_data", "detailed")["step_samples"]);
  samples.forEach((sample, index) => {
    const steps = number(sample["steps"]);
    const start = momentOf(sample["timestamp"], place);
    const path = `/distance_data/detailed/step_samples/${index}`;
    if (steps === null) return;
    if (!start) return place.mapping.problem(`${place.path}${path}`, "no time, or one that cannot be");
    const seconds = number(sample["timer_duration_seconds"]);
    const nextMs = momentOf(samples[index + 1]?.["timestamp"], place)?.ms ?? Number.POSITIVE_INFINITY;
    const gapMs = nextMs - start.ms;
    const lengthMs = seconds !== null && seconds > 0 && seconds * 1000 <= DAY_MS ? Math.round(seconds * 1000) : gapMs > 0 && gapMs <= LONGEST_GAP_MS ? gapMs : MINUTE;
    addOver(place, "steps", steps, { over: { start, endMs: start.ms + lengthMs, isDay: false }, path });
  });
}
