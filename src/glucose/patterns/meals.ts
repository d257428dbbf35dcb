/** What glucose did around meals. Source: web-ux §3; incremental area as Wolever & Jenkins 1986, Am J Clin Nutr 43:167 (areas below the baseline are ignored). */
import type { GlucoseUnit } from "#units/glucose.ts";
import { HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { localTimes, type Zone } from "../local-times.ts";
import type { Series } from "../series.ts";
import { mean } from "../statistics.ts";
import { firstFrom } from "./coverage.ts";
import { areaAbove } from "./incremental-area.ts";
import { type MealGroup, type MealPart, partOfDay, summarizeMeals } from "./meal-summary.ts";
import { valueAt } from "./value-at.ts";

/** What counts as before a meal. */
const BEFORE_MS = 30 * MINUTE_MS;
/** How far the nearest reading before or after a meal may be. */
const NEAREST_MS = 15 * MINUTE_MS;
/** Under this share of the window there is no area. */
const ENOUGH_PERCENT = 70;

export interface MealOptions {
  /** How long after the meal peak and area are looked for; 3 unless said. */
  readonly windowHours?: number;
  /** Hours on the wall at which the parts of the day begin: 4, 11, 16 and 22 unless said; ascending. */
  readonly boundaries?: MealBoundaries;
}

export interface MealBoundaries {
  readonly breakfast: number;
  readonly lunch: number;
  readonly dinner: number;
  readonly night: number;
}

export const MEAL_BOUNDARIES: MealBoundaries = { breakfast: 4, lunch: 11, dinner: 16, night: 22 };

/** Why a meal has no area: nothing to measure it from; another meal came too early; too few readings. */
export type MealReason = "no_pre_meal" | "cut_by_meal" | "under_70_percent";

/** Glucose in the unit of the series. */
export interface MealWindow {
  readonly atMs: number;
  readonly part: MealPart;
  /** Mean of the readings in the 30 minutes up to the meal, both ends in; null without any. */
  readonly preMeal: number | null;
  /** The reading nearest to the meal, at most 15 minutes before or after. */
  readonly nearest: { readonly atMs: number; readonly value: number } | null;
  /** One and two hours after the meal (`valueAt`); null in a gap, and after another meal. */
  readonly at1h: number | null;
  readonly at2h: number | null;
  /** Highest reading after the meal, within the window and before another meal; the first of several. Null without readings. */
  readonly peak: number | null;
  readonly minutesToPeak: number | null;
  /** Peak minus the pre-meal value, negative where glucose only fell. */
  readonly excursion: number | null;
  /** Area above the pre-meal value, unit × hours, over the stretches that are covered; null with a reason. */
  readonly incrementalArea: number | null;
  readonly reason: MealReason | null;
  /** Percent of the window, to its full length, that lies between readings at most 45 minutes apart, and before another meal. */
  readonly coveredPercent: number;
  /** Readings more than 45 minutes apart, or none at an end of the window. */
  readonly hasGap: boolean;
  readonly isCutByMeal: boolean;
}

export interface Meals {
  readonly unit: GlucoseUnit;
  /** Ascending, one an instant. */
  readonly meals: readonly MealWindow[];
  /** Of all meals, then of each part of the day. */
  readonly summary: readonly MealGroup[];
}

/**
 * Windows after meals, and medians over them. @param mealsMs UTC epoch milliseconds in any order; what is no number is left out.
 * The pre-meal value that excursion and area are measured from is the mean of the 30 minutes before, or the nearest reading where there is no such mean.
 * Throws RangeError for a window of no length, for boundaries that do not ascend within the day, and for an unknown zone.
 */
export function mealWindows(series: Series, mealsMs: ArrayLike<number>, zone: Zone, options: MealOptions = {}): Meals {
  const boundaries = options.boundaries ?? MEAL_BOUNDARIES;
  const windowMs = (options.windowHours ?? 3) * HOUR_MS;
  checkOptions(windowMs, boundaries);
  const times = Float64Array.from(new Set(Array.from(mealsMs).filter(Number.isFinite))).toSorted();
  const { minutes } = localTimes(times, zone);
  const meals = Array.from(times, (atMs, index): MealWindow => {
    const fullMs = atMs + windowMs;
    const endMs = Math.min(fullMs, times[index + 1] ?? Infinity);
    return { atMs, part: partOfDay(minutes[index]!, boundaries), ...around(series, { atMs, endMs, fullMs }) };
  });
  return { unit: series.unit, meals, summary: summarizeMeals(meals) };
}

function checkOptions(windowMs: number, { breakfast, lunch, dinner, night }: MealBoundaries): void {
  if (!(windowMs > 0 && Number.isFinite(windowMs))) throw new RangeError("The window after a meal has a length.");
  const isAscending = breakfast >= 0 && breakfast < lunch && lunch < dinner && dinner < night && night <= 24;
  if (!isAscending) throw new RangeError("The parts of the day begin one after another, within 0 to 24.");
}

/** A meal, the end of its window, and the end that the window has where no other meal cuts it. */
interface Span {
  readonly atMs: number;
  readonly endMs: number;
  readonly fullMs: number;
}

function around(series: Series, { atMs, endMs, fullMs }: Span): Omit<MealWindow, "atMs" | "part"> {
  const preMeal = mean(series.values.subarray(firstFrom(series.timesMs, atMs - BEFORE_MS), firstAfter(series.timesMs, atMs)));
  const nearest = nearestTo(series, atMs);
  const baseline = preMeal ?? nearest?.value ?? null;
  const { area, coveredMs } = areaAbove(series, { fromMs: atMs, toMs: endMs }, baseline ?? 0);
  const coveredPercent = (100 * coveredMs) / (fullMs - atMs);
  const reason = lackOf(baseline, coveredPercent, (100 * (endMs - atMs)) / (fullMs - atMs));
  const top = peakIn(series, atMs, endMs);
  const at = (hours: number): number | null => (atMs + hours * HOUR_MS > endMs && endMs < fullMs ? null : valueAt(series, atMs + hours * HOUR_MS));
  return {
    preMeal,
    nearest,
    at1h: at(1),
    at2h: at(2),
    peak: top?.value ?? null,
    minutesToPeak: top && (top.atMs - atMs) / MINUTE_MS,
    excursion: top === null || baseline === null ? null : top.value - baseline,
    incrementalArea: reason === null ? area : null,
    reason,
    coveredPercent,
    hasGap: coveredMs < endMs - atMs,
    isCutByMeal: endMs < fullMs,
  };
}

function lackOf(baseline: number | null, coveredPercent: number, uncutPercent: number): MealReason | null {
  if (baseline === null) return "no_pre_meal";
  if (coveredPercent >= ENOUGH_PERCENT) return null;
  return uncutPercent < ENOUGH_PERCENT ? "cut_by_meal" : "under_70_percent";
}

/** Index of the first instant after `ms`. */
function firstAfter(timesMs: Float64Array, ms: number): number {
  const index = firstFrom(timesMs, ms);
  return timesMs[index] === ms ? index + 1 : index;
}

function nearestTo({ timesMs, values }: Series, ms: number): MealWindow["nearest"] {
  const after = firstFrom(timesMs, ms);
  const [beforeBy, afterBy] = [ms - (timesMs[after - 1] ?? -Infinity), (timesMs[after] ?? Infinity) - ms];
  if (Math.min(beforeBy, afterBy) > NEAREST_MS) return null;
  const index = beforeBy <= afterBy ? after - 1 : after;
  return { atMs: timesMs[index]!, value: values[index]! };
}

/** Highest reading after `fromMs` and up to `toMs`. */
function peakIn({ timesMs, values }: Series, fromMs: number, toMs: number): { atMs: number; value: number } | null {
  let peak: number | null = null;
  for (let i = firstAfter(timesMs, fromMs); i < timesMs.length && timesMs[i]! <= toMs; i++) if (peak === null || values[i]! > values[peak]!) peak = i;
  return peak === null ? null : { atMs: timesMs[peak]!, value: values[peak]! };
}
