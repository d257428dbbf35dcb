/** What the kinds of a typed reading are called: in the organization's words where it has its own, which its profile tells with all others. */
import type { Treatment } from "#web/client/types.ts";
import { useData, useResource } from "./data.tsx";
import { useLanguage } from "./language.tsx";
import { organizationOf } from "./resources.ts";
import { MEAL_NAMES } from "./words.ts";

export type Meal = NonNullable<Treatment["meal"]>;

/** By which constant the API names them among readings. */
export const MEAL_TYPES = {
  breakfast: "BREAKFAST", lunch: "LUNCH", snack: "SNACK", dinner: "DINNER", exercise: "EXERCISE", other_meal: "OTHER_MEALS", other: "OTHER",
} as const satisfies Readonly<Record<Meal, string>>;
export const MEALS = Object.keys(MEAL_TYPES) as Meal[];

/** Null for a constant that is none of them. */
export const mealOfType = (type: string | null): Meal | null => MEALS.find((meal) => MEAL_TYPES[meal] === type) ?? null;

/** The name of a meal here; until the profile has come, Islet's own. */
export function useMealName(): (meal: Meal) => string {
  const { api } = useData();
  const { t, f } = useLanguage();
  const labels = useResource(organizationOf(api)).data?.mealLabels[f.locale];
  return (meal) => labels?.[MEAL_TYPES[meal]] ?? t(MEAL_NAMES[meal]);
}
