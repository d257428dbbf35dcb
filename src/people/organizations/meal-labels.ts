/**
 * What the kinds of a typed reading are called. The constants never change; the words do: "Almuerzo" is the midday meal in Argentina and a snack of the morning in
 * parts of Spain, so that an organization may have its own. Pure.
 */

export const MEALS = ["BREAKFAST", "LUNCH", "SNACK", "DINNER", "EXERCISE", "OTHER_MEALS", "OTHER"] as const;
export type Meal = (typeof MEALS)[number];
export type MealLabels = Readonly<Record<"en" | "es", Readonly<Record<Meal, string>>>>;
/** Those alone that differ from Islet's words. */
export type OwnMealLabels = Readonly<Partial<Record<"en" | "es", Readonly<Partial<Record<Meal, string>>>>>>;

export const MEAL_LABELS: MealLabels = {
  en: { BREAKFAST: "Breakfast", LUNCH: "Lunch", SNACK: "Afternoon snack", DINNER: "Dinner", EXERCISE: "Exercise", OTHER_MEALS: "Other meals", OTHER: "Other" },
  es: { BREAKFAST: "Desayuno", LUNCH: "Almuerzo", SNACK: "Merienda", DINNER: "Cena", EXERCISE: "Ejercicio", OTHER_MEALS: "Otras comidas", OTHER: "Otro" },
};

/** The words that hold in an organization. */
export function mealLabels(own: OwnMealLabels): MealLabels {
  return { en: { ...MEAL_LABELS.en, ...own.en }, es: { ...MEAL_LABELS.es, ...own.es } };
}
