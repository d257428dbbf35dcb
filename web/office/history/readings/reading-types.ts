/** The types of readings as the office shows them: a word and an icon each, since colours alone say nothing. */
import type { ComponentType } from "react";
import BreakfastIcon from "@mui/icons-material/FreeBreakfastOutlined";
import LunchIcon from "@mui/icons-material/LunchDiningOutlined";
import SnackIcon from "@mui/icons-material/BakeryDiningOutlined";
import DinnerIcon from "@mui/icons-material/BedtimeOutlined";
import ExerciseIcon from "@mui/icons-material/DirectionsRunOutlined";
import MealsIcon from "@mui/icons-material/RestaurantOutlined";
import OtherIcon from "@mui/icons-material/MoreHorizOutlined";
import type { MessageKey } from "../../messages/catalogue.ts";

export const READING_TYPES = {
  BREAKFAST: { label: "history.typeBreakfast", icon: BreakfastIcon }, LUNCH: { label: "history.typeLunch", icon: LunchIcon }, SNACK: { label: "history.typeSnack", icon: SnackIcon },
  DINNER: { label: "history.typeDinner", icon: DinnerIcon }, EXERCISE: { label: "history.typeExercise", icon: ExerciseIcon }, OTHER_MEALS: { label: "history.typeOtherMeals", icon: MealsIcon },
  OTHER: { label: "history.typeOther", icon: OtherIcon },
} as const satisfies Readonly<Record<string, { readonly label: MessageKey; readonly icon: ComponentType<{ readonly fontSize?: "small" }> }>>;

export type ReadingType = keyof typeof READING_TYPES;
export const READING_TYPE_NAMES = Object.keys(READING_TYPES) as ReadingType[];

export const MEAL_RELATIONS = { before: "history.relationBefore", after: "history.relationAfter", fasting: "history.relationFasting", casual: "history.relationCasual", bedtime: "history.relationBedtime" } as const satisfies Readonly<Record<string, MessageKey>>;
