/** Meals and drinks; the cycle's flow. Source: vendors/terra.md, Nutrition and Menstruation. */
import type { Meal } from "#driver/records.ts";
import { addOver, momentOf, positive, stretchOf, type Place } from "./map-place.ts";
import { at, list, number, word, type Item } from "./schema.ts";
import { DAY_MS } from "#units/time.ts";

const MEALS: Readonly<Record<number, Meal>> = { 1: "breakfast", 2: "snack", 3: "lunch", 4: "snack", 5: "dinner", 6: "snack" };
const MOST_GRAMS = 1_000;
/** Millilitres of the units that are volumes; an ounce may be a weight. */
const MILLILITRES: Readonly<Record<number, number>> = { 2: 4.928_92, 3: 14.786_8, 4: 236.588, 8: 1, 12: 29.573_5 };
const MINUTE = 60_000;
/** None, light, medium, heavy; "unknown" and "had" are no level. */
const FLOWS: Readonly<Record<number, number>> = { 1: 0, 2: 1, 3: 2, 4: 3 };

export function mapNutrition(place: Place, item: Item): void {
  const day = stretchOf(place, item, true);
  list(at(item)["meals"]).forEach((meal, index) => {
    const path = `${place.path}/meals/${index}`;
    const moment = momentOf(meal["timestamp"], place);
    if (!moment) return place.mapping.problem(`${path}/timestamp`, "no time, or one that cannot be");
    const grams = number(at(meal, "macros")["carbohydrates_g"]);
    const text = word(meal["name"])?.slice(0, 500);
    const base = { record: "treatment" as const, vendorId: word(meal["id"]), atMs: moment.ms, offsetMinutes: moment.offsetMinutes, ...(text ? { text } : {}), ...(place.device ? { device: place.device } : {}) };
    const kind = MEALS[number(meal["type"]) ?? 0];
    if (grams !== null && !(grams >= 0 && grams <= MOST_GRAMS)) return place.mapping.problem(`${path}/macros/carbohydrates_g`, "outside what a meal can have");
    if (grams !== null) place.mapping.add({ ...base, kind: "carbohydrates", amount: grams, ...(kind ? { meal: kind } : {}) });
    else if (text) place.mapping.add({ ...base, kind: "note", text });
  });
  addOver(place, "hydration", number(at(item, "summary")["water_ml"]), { over: day, path: "/summary/water_ml" });
  list(at(item)["drink_samples"]).forEach((drink, index) => {
    const path = `/drink_samples/${index}`;
    const volume = positive(drink["drink_volume"]);
    if (volume === null) return;
    const start = momentOf(drink["timestamp"], place);
    const factor = MILLILITRES[number(drink["drink_unit"]) ?? 0];
    if (!start) return place.mapping.problem(`${place.path}${path}`, "no time, or one that cannot be");
    if (factor === undefined) return place.mapping.problem(`${place.path}${path}/drink_unit`, "no unit of volume");
    addOver(place, "hydration", volume * factor, { over: { start, endMs: start.ms + MINUTE, isDay: false }, path });
  });
}

export function mapMenstruation(place: Place, item: Item): void {
  list(at(item, "menstruation_data")["menstruation_flow"]).forEach((sample, index) => {
    const level = FLOWS[number(sample["flow"]) ?? -1];
    const path = `/menstruation_data/menstruation_flow/${index}`;
    if (level === undefined) return;
    const start = momentOf(sample["timestamp"], place);
    if (!start) return place.mapping.problem(`${place.path}${path}`, "no time, or one that cannot be");
    addOver(place, "menstrual_flow", level, { over: { start, endMs: start.ms + DAY_MS, isDay: false }, path });
  });
}
