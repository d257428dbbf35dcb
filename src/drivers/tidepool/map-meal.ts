/** Carbohydrates of meals, and of a pump's bolus calculator. Source: vendors/tidepool.md, Datum types and Mapping. */
import type { Mapping } from "#driver/payload.ts";
import type { Item } from "./map.ts";
import { food, wizard } from "./schema.ts";

const MOST_GRAMS = 1_000;

export function mapFood(mapping: Mapping, { datum, path, base }: Item): void {
  const item = mapping.item(food, datum, path);
  if (!item) return;
  const carbohydrate = item.nutrition?.carbohydrate;
  const grams = carbohydrate?.net ?? carbohydrate?.total ?? null;
  const text = [item.name, item.meal].filter(Boolean).join(", ").slice(0, 500);
  if (grams === null) {
    // A meal without its carbohydrates is still a note of it.
    if (text !== "") mapping.add({ ...base, kind: "note", text });
    return;
  }
  add(mapping, { base, path: `${path}/nutrition/carbohydrate`, grams, text });
}

/** The bolus that belongs to it is a datum of its own. No carbohydrates is a correction, and nothing to store. */
export function mapWizard(mapping: Mapping, { datum, path, base }: Item): void {
  const item = mapping.item(wizard, datum, path);
  if (!item || item.carbInput === null || item.carbInput === 0) return;
  if (item.carbUnits && !/^gram/i.test(item.carbUnits)) return mapping.problem(`${path}/carbUnits`, "exchanges, whose grams are not told");
  add(mapping, { base, path: `${path}/carbInput`, grams: item.carbInput, text: "" });
}

function add(mapping: Mapping, meal: { base: Item["base"]; path: string; grams: number; text: string }): void {
  const { base, path, grams, text } = meal;
  if (!(grams >= 0 && grams <= MOST_GRAMS)) return mapping.problem(path, "outside what a meal can have");
  mapping.add({ ...base, kind: "carbohydrates", amount: grams, ...(text === "" ? {} : { text }) });
}
