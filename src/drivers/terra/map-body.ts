/** Scales, cuffs, thermometers, glucose and ketones. Source: vendors/terra.md, Body and Mapping: masses are grams, height centimetres. */
import type { MetricName } from "#units/metrics.ts";
import { addNote, baseOf } from "./map-note.ts";
import { addOxygen } from "./map-oxygen.ts";
import { addAt, addHeart, addOver, addSeries, momentOf, positive, stretchOf, type Moment, type Place } from "./map-place.ts";
import { at, list, number, word, type Fields, type Item } from "./schema.ts";

/** One mmol/L of 3-hydroxybutyrate (104.1 g/mol). */
const KETONE_MG_DL_PER_MMOL_L = 10.41;
/** What a person can be given at once. */
const MOST_UNITS = 300;

const MEASURES: readonly (readonly [MetricName, string, number])[] = [
  ["weight", "weight_kg", 1], ["bmi", "BMI", 1], ["body_fat", "bodyfat_percentage", 1], ["muscle_mass", "muscle_mass_g", 0.001], ["lean_mass", "lean_mass_g", 0.001],
  ["bone_mass", "bone_mass_g", 0.001], ["body_water", "water_percentage", 1], ["height", "height_cm", 0.01], ["visceral_fat", "visceral_fat_level", 1], ["fitness_age", "estimated_fitness_age", 1],
];

export function mapBody(place: Place, item: Item): void {
  const day = stretchOf(place, item, true);
  list(at(item, "measurements_data")["measurements"]).forEach((measure, index) => addMeasure(place, measure, `/measurements_data/measurements/${index}`));
  const series = (metric: MetricName, group: string, name: string, valueOf: (sample: Fields) => number | null): void =>
    addSeries(place, metric, list(at(item, group)[name]), { path: `/${group}/${name}`, valueOf });
  const field = (name: string) => (sample: Fields): number | null => positive(sample[name]);
  addGlucose(place, item);
  // Urine and breath are other scales.
  series("ketone", "ketone_data", "ketone_samples", (sample) => ((number(sample["sample_type"]) ?? 0) > 1 ? null : scaled(number(sample["ketone_mg_per_dL"]), 1 / KETONE_MG_DL_PER_MMOL_L)));
  series("blood_pressure_systolic", "blood_pressure_data", "blood_pressure_samples", field("systolic_bp"));
  series("blood_pressure_diastolic", "blood_pressure_data", "blood_pressure_samples", field("diastolic_bp"));
  series("body_temperature", "temperature_data", "body_temperature_samples", field("temperature_celsius"));
  series("skin_temperature", "temperature_data", "skin_temperature_samples", field("temperature_celsius"));
  addOxygen(place, item, day);
  const heart = at(item, "heart_data");
  addSeries(place, "pulse_wave_velocity", list(heart["pulse_wave_velocity_samples"]), { path: "/heart_data/pulse_wave_velocity_samples", valueOf: field("pulse_wave_velocity_meters_per_second") });
  addHeart(place, at(heart, "heart_rate_data"), day, "/heart_data/heart_rate_data");
  addWater(place, item);
  addOver(place, "hydration", number(at(item, "hydration_data")["day_total_water_consumption_ml"]), { over: day, path: "/hydration_data/day_total_water_consumption_ml" });
}

/** What was measured and typed at one time. */
function addMeasure(place: Place, measure: Fields, path: string): void {
  const moment = momentOf(measure["measurement_time"], place);
  for (const [metric, field, factor] of MEASURES) {
    const value = positive(measure[field]);
    addAt(place, metric, value === null ? null : value * factor, { moment, path: `${path}/${field}` });
  }
  addInsulin(place, measure, { moment, path });
  addNote(place, { kind: "note", words: [measure["user_notes"]], moment, path: `${path}/user_notes` });
}

function addInsulin(place: Place, measure: Fields, { moment, path }: { readonly moment: Moment | null; readonly path: string }): void {
  const units = positive(measure["insulin_units"]);
  if (units === null) return;
  if (!moment) return place.mapping.problem(`${place.path}${path}/insulin_units`, "no time, or one that cannot be");
  if (units > MOST_UNITS) return place.mapping.problem(`${place.path}${path}/insulin_units`, "outside what a dose can be");
  const type = word(measure["insulin_type"])?.toLowerCase() ?? "";
  const kind = /rapid|fast|short|bolus|meal/.test(type) ? "insulin_rapid" : /long|basal|intermediate/.test(type) ? "insulin_long" : "insulin_unspecified";
  place.mapping.add({ ...baseOf(place, moment), kind, vendorId: null, amount: units });
}

/** Water of the body in kilograms, as a share of what was weighed at the same time. */
function addWater(place: Place, item: Item): void {
  const measures = list(at(item, "measurements_data")["measurements"]);
  list(at(item, "hydration_data")["hydration_amount_samples"]).forEach((sample, index) => {
    const moment = momentOf(sample["timestamp"], place);
    const weighed = measures.find((measure) => moment && momentOf(measure["measurement_time"], place)?.ms === moment.ms);
    const [water, weight] = [positive(sample["hydration_kg"]), positive(weighed?.["weight_kg"])];
    if (water === null || weight === null || positive(weighed?.["water_percentage"]) !== null) return;
    addAt(place, "body_water", (water / weight) * 100, { moment, path: `/hydration_data/hydration_amount_samples/${index}` });
  });
}

/** The detailed list and the plain one tell of one sensor: a time that stands in both counts once. */
function addGlucose(place: Place, item: Item): void {
  const data = at(item, "glucose_data");
  const seen = new Set<number>();
  for (const name of ["detailed_blood_glucose_samples", "blood_glucose_samples"]) {
    list(data[name]).forEach((sample, index) => {
      const value = positive(sample["blood_glucose_mg_per_dL"] ?? sample["blood_glucose_mg_per_dl"]);
      const moment = momentOf(sample["timestamp"], place);
      if (moment && seen.has(moment.ms)) return;
      if (moment) seen.add(moment.ms);
      addAt(place, "glucose", value, { moment, path: `/glucose_data/${name}/${index}` });
    });
  }
}

function scaled(value: number | null, factor: number): number | null {
  return value === null ? null : value * factor;
}
