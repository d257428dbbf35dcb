/**
 * The words that a reading may come with, and ours. Spanish ones are those of the earlier system (requirement D5); numbers are the codes of
 * the Bluetooth glucose profile 1.0 (characteristics 0x2A18, type and sample location, and 0x2A34, meal and carbohydrate).
 */
import { MEALS, READING_TYPES, type Meal, type MealRelation, type SampleLocation, type SampleType, type SyncSource } from "#driver/records.ts";

export const MEAL_WORDS: Readonly<Record<string, Meal>> = {
  breakfast: "breakfast", desayuno: "breakfast", lunch: "lunch", almuerzo: "lunch", snack: "snack", merienda: "snack", dinner: "dinner", cena: "dinner",
  exercise: "exercise", ejercicio: "exercise", other_meal: "other_meal", other_meals: "other_meal", otras_comidas: "other_meal", other: "other", otro: "other",
};

/** For whoever sent a type that is none: BREAKFAST (DESAYUNO), … */
export const TYPES_TAKEN = `none of the types of readings: ${MEALS.map((meal) => `${READING_TYPES[meal].en} (${READING_TYPES[meal].es})`).join(", ")}`;

export const SYNC_WORDS: Readonly<Record<string, SyncSource>> = { manual: "manual", bluetooth: "bluetooth", ble: "bluetooth", app: "app", import: "import" };

export const RELATION_WORDS: Readonly<Record<string, MealRelation>> = {
  before: "before", preprandial: "before", "1": "before", after: "after", postprandial: "after", "2": "after", fasting: "fasting", "3": "fasting",
  casual: "casual", "4": "casual", bedtime: "bedtime", "5": "bedtime",
};

/** Control solution is no reading of a person: null. */
export const TYPE_WORDS: Readonly<Record<string, SampleType | null>> = {
  capillary_whole_blood: "capillary_whole_blood", "1": "capillary_whole_blood", capillary_plasma: "capillary_plasma", "2": "capillary_plasma",
  venous_whole_blood: "venous_whole_blood", "3": "venous_whole_blood", venous_plasma: "venous_plasma", "4": "venous_plasma",
  arterial_whole_blood: "arterial_whole_blood", "5": "arterial_whole_blood", arterial_plasma: "arterial_plasma", "6": "arterial_plasma",
  undetermined_whole_blood: "undetermined_whole_blood", "7": "undetermined_whole_blood", undetermined_plasma: "undetermined_plasma", "8": "undetermined_plasma",
  interstitial_fluid: "interstitial_fluid", "9": "interstitial_fluid", control_solution: null, "10": null,
};

/** "unknown": the meter does not say where. */
export const LOCATION_WORDS: Readonly<Record<string, SampleLocation | "unknown" | null>> = {
  finger: "finger", "1": "finger", alternate_site: "alternate_site", alternate_site_test: "alternate_site", "2": "alternate_site", earlobe: "earlobe", "3": "earlobe",
  control_solution: null, "4": null, not_available: "unknown", unknown: "unknown", "15": "unknown",
};

/** `DESAYUNO`, `OTHER MEALS` and `other-meals` are one word each. */
export function wordOf(value: unknown): string | null {
  if (typeof value !== "string" && typeof value !== "number") return null;
  const word = String(value).trim().toLowerCase().replace(/[\s-]+/g, "_");
  return word === "" ? null : word;
}
