/** Which message names which constant of the API. Spelled out, so that a test can see that every message is used. */
import type { Band } from "#web/charts/ranges.ts";
import type { StageLane } from "#web/charts/hypnogram.ts";
import type { ConnectionStatus, MetricName, Provider, Workout, Treatment } from "#web/client/types.ts";
import type { MessageKey } from "./messages/translate.ts";

export const BAND_NAMES: Readonly<Record<Band, MessageKey>> = {
  veryLow: "band.veryLow", low: "band.low", target: "band.target", high: "band.high", veryHigh: "band.veryHigh",
};

export const STAGE_NAMES: Readonly<Record<StageLane, MessageKey>> = {
  awake: "stage.awake", rem: "stage.rem", asleep: "stage.asleep", light: "stage.light", deep: "stage.deep",
  in_bed: "stage.in_bed", unmeasurable: "stage.unmeasurable",
};

export const SPORT_NAMES: Readonly<Record<Workout["sport"], MessageKey>> = {
  running: "sport.running", cycling: "sport.cycling", walking: "sport.walking", hiking: "sport.hiking", swimming: "sport.swimming",
  rowing: "sport.rowing", strength: "sport.strength", hiit: "sport.hiit", yoga: "sport.yoga", pilates: "sport.pilates",
  elliptical: "sport.elliptical", stair_climbing: "sport.stair_climbing", climbing: "sport.climbing", skiing: "sport.skiing",
  snowboarding: "sport.snowboarding", skating: "sport.skating", water_sport: "sport.water_sport", racket_sport: "sport.racket_sport",
  team_sport: "sport.team_sport", golf: "sport.golf", dance: "sport.dance", martial_arts: "sport.martial_arts",
  meditation: "sport.meditation", wheelchair: "sport.wheelchair", multisport: "sport.multisport", transition: "sport.transition",
  other: "sport.other",
};

export const STATUS_NAMES: Readonly<Record<ConnectionStatus, MessageKey>> = {
  active: "status.active", limited: "status.limited", needs_reauthorization: "status.needs_reauthorization", error: "status.error",
  revoked: "status.revoked", disconnected: "status.disconnected", retired: "status.retired",
};

const TREATMENT_NAMES: Readonly<Record<string, MessageKey>> = {
  carbohydrates: "treatment.carbohydrates", insulin_rapid: "treatment.insulinRapid", insulin_long: "treatment.insulinLong",
  insulin_unspecified: "treatment.insulin", insulin_basal: "treatment.insulinBasal", exercise: "treatment.exercise", meter_glucose: "treatment.meterGlucose",
  calibration: "treatment.calibration", health: "treatment.health", alert: "treatment.alert", note: "treatment.note",
};

export const MEAL_NAMES: Readonly<Record<NonNullable<Treatment["meal"]>, MessageKey>> = {
  breakfast: "meal.breakfast", lunch: "meal.lunch", snack: "meal.snack", dinner: "meal.dinner", exercise: "meal.exercise", other_meal: "meal.other_meal",
  other: "meal.other",
};

/** Name of a treatment's kind; a kind that this version does not know is a note. */
export const treatmentName = (kind: string): MessageKey => TREATMENT_NAMES[kind] ?? "treatment.note";

const REGION_NAMES: Readonly<Record<string, MessageKey>> = {
  us: "region.us", eu: "region.eu", ous: "region.ous", jp: "region.jp", sandbox: "region.sandbox",
};

/** Name of a setting's value where it is a region, else null: the vendor's own word is shown. */
export const regionName = (value: string): MessageKey | null => REGION_NAMES[value.toLowerCase()] ?? null;

/** What a person would call the metrics, in the order in which they are said. */
const METRIC_GROUPS: readonly (readonly [MessageKey, (metric: MetricName) => boolean])[] = [
  ["reads.glucose", (metric) => metric === "glucose" || metric === "glucose_meter" || metric === "ketone"],
  ["reads.heart", (metric) => metric.startsWith("heart_rate") || metric.startsWith("hrv") || metric === "resting_heart_rate"],
  ["reads.activity", (metric) => ["steps", "distance", "floors", "active_duration", "calories_active", "calories_total"].includes(metric)],
  ["reads.fitness", (metric) => metric.startsWith("vo2max") || metric === "fitness_age"],
  ["reads.stress", (metric) => metric === "stress" || metric === "body_battery"],
  ["reads.body", (metric) => ["weight", "body_fat", "lean_mass", "bmi", "muscle_mass", "bone_mass", "body_water", "height"].includes(metric)],
  ["reads.vitals", (metric) => ["spo2", "respiration_rate", "body_temperature", "skin_temperature", "blood_pressure_systolic"].includes(metric)],
];

const RECORD_GROUPS: Readonly<Record<Provider["records"][number], MessageKey | null>> = {
  sample: null, sleep: "reads.sleep", workout: "reads.workout", treatment: "reads.treatment",
};

/** What a provider reads, as a few plain words. */
export function readsOf(provider: Pick<Provider, "metrics" | "records">): MessageKey[] {
  const metrics = METRIC_GROUPS.filter(([, covers]) => provider.metrics.some(covers)).map(([key]) => key);
  const records = provider.records.map((record) => RECORD_GROUPS[record]).filter((key) => key !== null);
  return [...metrics, ...records];
}
