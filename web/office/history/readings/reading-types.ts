/** The types of readings as the office shows them: the organization's word and an icon each, since colours alone say nothing. */
import { type ComponentType, useCallback } from "react";
import BreakfastIcon from "@mui/icons-material/FreeBreakfastOutlined";
import LunchIcon from "@mui/icons-material/LunchDiningOutlined";
import SnackIcon from "@mui/icons-material/BakeryDiningOutlined";
import DinnerIcon from "@mui/icons-material/BedtimeOutlined";
import ExerciseIcon from "@mui/icons-material/DirectionsRunOutlined";
import MealsIcon from "@mui/icons-material/RestaurantOutlined";
import OtherIcon from "@mui/icons-material/MoreHorizOutlined";
import type { Treatment } from "#web/client/types.ts";
import { useOperation } from "../../data/queries.ts";
import type { MessageKey } from "../../messages/catalogue.ts";
import { useLocale, useWords } from "../../messages/words.ts";

export const READING_TYPES = {
  BREAKFAST: { label: "history.typeBreakfast", icon: BreakfastIcon }, LUNCH: { label: "history.typeLunch", icon: LunchIcon }, SNACK: { label: "history.typeSnack", icon: SnackIcon },
  DINNER: { label: "history.typeDinner", icon: DinnerIcon }, EXERCISE: { label: "history.typeExercise", icon: ExerciseIcon }, OTHER_MEALS: { label: "history.typeOtherMeals", icon: MealsIcon },
  OTHER: { label: "history.typeOther", icon: OtherIcon },
} as const satisfies Readonly<Record<string, { readonly label: MessageKey; readonly icon: ComponentType<{ readonly fontSize?: "small" }> }>>;

export type ReadingType = keyof typeof READING_TYPES;
export const READING_TYPE_NAMES = Object.keys(READING_TYPES) as ReadingType[];

const AN_HOUR_MS = 3_600_000;

/** What the organization calls a type: its own word where it has one, Islet's until it is known. */
export function useTypeWords(): (type: ReadingType) => string {
  const t = useWords();
  const locale = useLocale();
  const { data } = useOperation("get /organization/profile", {}, { staleMs: AN_HOUR_MS });
  return useCallback((type) => data?.mealLabels[locale][type] ?? t(READING_TYPES[type].label), [data, locale, t]);
}

/** The type of a reading by what the diary says of it. */
export const TYPE_OF_MEAL: Readonly<Record<NonNullable<Treatment["meal"]>, ReadingType>> = {
  breakfast: "BREAKFAST", lunch: "LUNCH", snack: "SNACK", dinner: "DINNER", exercise: "EXERCISE", other_meal: "OTHER_MEALS", other: "OTHER",
};

export const MEAL_RELATIONS = { before: "history.relationBefore", after: "history.relationAfter", fasting: "history.relationFasting", casual: "history.relationCasual", bedtime: "history.relationBedtime" } as const satisfies Readonly<Record<string, MessageKey>>;
