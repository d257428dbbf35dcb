/** A day's totals and what was sampled in it. Source: vendors/terra.md, Daily. */
import type { MetricName } from "#units/metrics.ts";
import { addCounts } from "./map-counts.ts";
import { addNote } from "./map-note.ts";
import { addOxygen } from "./map-oxygen.ts";
import { addHeart, addMean, addOver, addSeries, momentOf, positive, stretchOf, type Place } from "./map-place.ts";
import { at, list, number, word, type Fields, type Item } from "./schema.ts";

/** Totals of the day: metric, then where it stands. */
const TOTALS: readonly (readonly [MetricName, string, string, string?])[] = [
  ["steps", "distance_data", "steps"], ["distance", "distance_data", "distance_meters"], ["floors", "distance_data", "floors_climbed"],
  ["elevation_gain", "distance_data", "gain_actual_meters", "elevation"],
  ["calories_total", "calories_data", "total_burned_calories"], ["calories_active", "calories_data", "net_activity_calories"], ["calories_basal", "calories_data", "BMR_calories"],
  ["active_duration", "active_durations_data", "activity_seconds"], ["intensity_moderate", "active_durations_data", "moderate_intensity_seconds"],
  ["intensity_vigorous", "active_durations_data", "vigorous_intensity_seconds"], ["sedentary_duration", "active_durations_data", "inactivity_seconds"],
  ["stress_high_duration", "stress_data", "high_stress_duration_seconds"],
];
/** The same where 0 says that there is none. */
const SCORES: readonly (readonly [MetricName, string, string])[] = [
  ["recovery", "scores", "recovery"], ["sleep_score", "scores", "sleep"], ["strain", "strain_data", "strain_level"], ["met", "MET_data", "avg_level"],
];

export function mapDaily(place: Place, item: Item): void {
  const day = stretchOf(place, item, true);
  for (const [metric, group, field, inner] of TOTALS) {
    const from = inner === undefined ? at(item, group) : at(item, group, inner);
    addOver(place, metric, number(from[field]), { over: day, path: `/${group}/${inner === undefined ? "" : `${inner}/`}${field}` });
  }
  for (const [metric, group, field] of SCORES) addOver(place, metric, positive(at(item, group)[field]), { over: day, path: `/${group}/${field}` });
  addHeart(place, at(item, "heart_rate_data"), day, "/heart_rate_data");
  addCounts(place, item, day);
  addOxygen(place, item, day);
  const stress = at(item, "stress_data");
  const samples = list(stress["samples"]);
  // Garmin's marks for "none" come through as they are.
  const level = (sample: Fields): number | null => measured(sample["level"]);
  addSeries(place, "stress", samples, { path: "/stress_data/samples", valueOf: level });
  if (samples.length === 0) addMean(place, "stress", measured(stress["avg_stress_level"]), { of: day, path: "/stress_data/avg_stress_level" });
  addSeries(place, "body_battery", list(stress["body_battery_samples"]), { path: "/stress_data/body_battery_samples", valueOf: level });
  list(at(item, "tag_data")["tags"]).forEach((tag, index) => {
    addNote(place, { kind: "note", words: [word(tag["tag_name"])?.replaceAll("_", " "), tag["notes"]], moment: momentOf(tag["timestamp"], place), path: `/tag_data/tags/${index}` });
  });
}

function measured(value: unknown): number | null {
  const given = number(value);
  return given === null || given < 0 ? null : given;
}
