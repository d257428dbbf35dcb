/** Medians over meals, by the part of the day in which they were eaten. */
import { median } from "../statistics.ts";
import type { MealBoundaries, MealWindow } from "./meals.ts";

export type MealPart = "breakfast" | "lunch" | "dinner" | "night";

const PARTS: readonly MealPart[] = ["breakfast", "lunch", "dinner", "night"];

/** Medians of what each meal has, in the unit of the series; null where none has it. */
export interface MealGroup {
  readonly part: MealPart | "all";
  readonly meals: number;
  /** Meals whose window says enough (`reason` is null): peak, time to peak, excursion and area are theirs alone. */
  readonly completeMeals: number;
  readonly preMeal: number | null;
  readonly at1h: number | null;
  readonly at2h: number | null;
  readonly peak: number | null;
  readonly minutesToPeak: number | null;
  readonly excursion: number | null;
  readonly incrementalArea: number | null;
}

/** Part of the day of a minute on the wall's clock. */
export function partOfDay(minute: number, { breakfast, lunch, dinner, night }: MealBoundaries): MealPart {
  const hour = minute / 60;
  if (hour < breakfast || hour >= night) return "night";
  if (hour < lunch) return "breakfast";
  return hour < dinner ? "lunch" : "dinner";
}

/** All meals, then each part of the day, also one without meals. */
export function summarizeMeals(meals: readonly MealWindow[]): MealGroup[] {
  return [groupOf("all", meals), ...PARTS.map((part) => groupOf(part, meals.filter((meal) => meal.part === part)))];
}

function groupOf(part: MealGroup["part"], meals: readonly MealWindow[]): MealGroup {
  const complete = meals.filter(({ reason }) => reason === null);
  const medianOf = (of: readonly MealWindow[], value: (meal: MealWindow) => number | null): number | null =>
    median(Float64Array.from(of.map(value).filter((each) => each !== null)));
  return {
    part,
    meals: meals.length,
    completeMeals: complete.length,
    preMeal: medianOf(meals, ({ preMeal }) => preMeal),
    at1h: medianOf(meals, ({ at1h }) => at1h),
    at2h: medianOf(meals, ({ at2h }) => at2h),
    peak: medianOf(complete, ({ peak }) => peak),
    minutesToPeak: medianOf(complete, ({ minutesToPeak }) => minutesToPeak),
    excursion: medianOf(complete, ({ excursion }) => excursion),
    incrementalArea: medianOf(complete, ({ incrementalArea }) => incrementalArea),
  };
}
