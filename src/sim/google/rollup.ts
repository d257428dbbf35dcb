/** Sums and means over windows. vendors/google-health.md, rollUp, dailyRollUp and rollup value fields. */

import { duration, rounded, whole } from "./times.ts";
import type { Point } from "./world.ts";

type Fold = (points: readonly Point[]) => Record<string, unknown>;

const numbers = (points: readonly Point[], name: string): number[] => points.map(({ fields }) => Number(fields[name]));
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const mean = (values: readonly number[]): number => total(values) / values.length;

const wholeSum = (name: string, as: string): Fold => (points) => ({ [as]: whole(total(numbers(points, name))) });
const sum = (name: string, as: string): Fold => (points) => ({ [as]: rounded(total(numbers(points, name)), 3) });
const average = (name: string, as: string): Fold => (points) => ({ [as]: rounded(mean(numbers(points, name)), 4) });

/** `<as>Avg`, `<as>Max`, `<as>Min`. */
const spread = (name: string, as: string): Fold => (points) => {
  const values = numbers(points, name);
  return { [`${as}Avg`]: rounded(mean(values), 4), [`${as}Max`]: Math.max(...values), [`${as}Min`]: Math.min(...values) };
};

/** The members of a list inside each point, or the points themselves, gathered by kind. */
function gathered<T>(items: readonly T[], kindOf: (item: T) => unknown, valueOf: (items: readonly T[]) => object, as: string): object[] {
  return [...Map.groupBy(items, kindOf)].map(([kind, members]) => ({ [as]: kind, ...valueOf(members) }));
}

const secondsOf = (points: readonly Point[]): number => total(points.map(({ startMs, endMs }) => (endMs - startMs) / 1000));
const listsIn = (points: readonly Point[], name: string): Record<string, unknown>[] => points.flatMap(({ fields }) => fields[name] as Record<string, unknown>[]);

const SUMS_IN_ZONES: Readonly<Record<string, string>> = { FAT_BURN: "sumInFatBurnHeartZone", CARDIO: "sumInCardioHeartZone", PEAK: "sumInPeakHeartZone" };

/** By data type; the rest cannot be rolled up. */
const FOLDS: Readonly<Record<string, Fold>> = {
  "steps": wholeSum("count", "countSum"),
  "distance": wholeSum("millimeters", "millimetersSum"),
  "floors": wholeSum("count", "countSum"),
  "altitude": wholeSum("gainMillimeters", "gainMillimetersSum"),
  "active-energy-burned": sum("kcal", "kcalSum"),
  "total-calories": sum("kcal", "kcalSum"),
  "heart-rate": spread("beatsPerMinute", "beatsPerMinute"),
  "weight": average("weightGrams", "weightGramsAvg"),
  "body-fat": average("percentage", "bodyFatPercentageAvg"),
  "blood-glucose": average("bloodGlucoseMilligramsPerDeciliter", "bloodGlucoseMilligramsPerDeciliterAvg"),
  "core-body-temperature": spread("temperatureCelsius", "temperatureCelsius"),
  "run-vo2-max": spread("runVo2Max", "rate"),
  "swim-lengths-data": wholeSum("strokeCount", "strokeCountSum"),
  "sedentary-period": (points) => ({ durationSum: duration(secondsOf(points)) }),
  "active-zone-minutes": (points) =>
    // A zone without minutes is left out, like any zero.
    Object.fromEntries([...Map.groupBy(points, ({ fields }) => String(fields["heartRateZone"]))].map(([zone, members]) => [SUMS_IN_ZONES[zone] ?? zone, whole(total(numbers(members, "activeZoneMinutes")))])),
  "active-minutes": (points) => ({
    activeMinutesRollupByActivityLevel: gathered(listsIn(points, "activeMinutesByActivityLevel"), (item) => item["activityLevel"],
      (items) => ({ activeMinutesSum: whole(total(items.map((item) => Number(item["activeMinutes"])))) }), "activityLevel"),
  }),
  "activity-level": (points) => ({
    activityLevelRollupsByActivityLevelType: gathered(points, ({ fields }) => fields["activityLevelType"], (items) => ({ totalDuration: duration(secondsOf(items)) }), "activityLevelType"),
  }),
  "time-in-heart-rate-zone": (points) => ({
    timeInHeartRateZones: gathered(points, ({ fields }) => fields["heartRateZoneType"], (items) => ({ duration: duration(secondsOf(items)) }), "heartRateZone"),
  }),
  "calories-in-heart-rate-zone": (points) => ({
    caloriesInHeartRateZones: gathered(listsIn(points, "zones"), (item) => item["heartRateZone"],
      (items) => ({ kcal: rounded(total(items.map((item) => Number(item["kcal"]))), 3) }), "heartRateZone"),
  }),
  "hydration-log": (points) => ({
    amountConsumed: { millilitersSum: total(points.map(({ fields }) => (fields["amountConsumed"] as { milliliters: number }).milliliters)), userProvidedUnitLast: "MILLILITER" },
  }),
  "nutrition-log": (points) => ({
    totalCarbohydrate: { gramsSum: total(points.map(({ fields }) => (fields["totalCarbohydrate"] as { grams: number }).grams)), userProvidedUnitLast: "GRAM" },
  }),
};

/** Of dailyRollUp alone, under keys of their own. */
const RANGES: Readonly<Record<string, { readonly key: string; readonly fold: Fold }>> = {
  "daily-resting-heart-rate": { key: "restingHeartRatePersonalRange", fold: rangeOf("beatsPerMinute", "beatsPerMinute") },
  "daily-heart-rate-variability": { key: "heartRateVariabilityPersonalRange", fold: rangeOf("averageHeartRateVariabilityMilliseconds", "averageHeartRateVariabilityMilliseconds") },
};

function rangeOf(name: string, as: string): Fold {
  return (points) => {
    const values = numbers(points, name);
    return { [`${as}Max`]: Math.max(...values), [`${as}Min`]: Math.min(...values) };
  };
}

export interface RollUp {
  readonly key: string;
  readonly fold: Fold;
}

/** How the type is rolled up; null when it is not. `key` is the one that its value has anyway. */
export function rollUpOf(name: string, key: string, isDaily: boolean): RollUp | null {
  const fold = FOLDS[name];
  if (fold) return { key, fold };
  return (isDaily ? RANGES[name] : undefined) ?? null;
}

const FORTNIGHT_TYPES = ["heart-rate", "total-calories", "active-minutes", "calories-in-heart-rate-zone"];

/** Longest range that can be rolled up at once, days. */
export function longestRangeDays(name: string): number {
  return FORTNIGHT_TYPES.includes(name) ? 14 : 90;
}
