/** What a person does on one local day, before any of it shows in a body or a device. */

import { addDays, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { Character, MealHabit } from "./characters.ts";
import { atHour, clamp, dayNumber, weekdayOf } from "./days.ts";
import { chanceOf, hashOf, smoothAt } from "./rng.ts";
import type { Workout } from "./workouts.ts";
import { planWorkouts } from "./workouts.ts";

export interface Meal {
  readonly atMs: number;
  readonly name: MealHabit["name"] | "rescue";
  readonly carbsGrams: number;
  /** What the person believes it was, grams. */
  readonly countedGrams: number;
  /** Share absorbed fast (0 stew, 1 juice). */
  readonly fastShare: number;
}

export interface Rest {
  readonly bedMs: number;
  readonly wakeMs: number;
}

export interface Plan {
  readonly date: string;
  /** The night that ends on this date. */
  readonly night: Rest;
  /** The bedtime that ends this day; may lie after midnight. */
  readonly bedMs: number;
  readonly meals: readonly Meal[];
  readonly workouts: readonly Workout[];
  /** 1 on an ordinary day; more is more strain. */
  readonly strain: number;
  /** Insulin works this much better (above 1) or worse. */
  readonly sensitivity: number;
  /** 1 on an ordinary day. */
  readonly liveliness: number;
}

/** The sleep that ends on `date`: in bed from, out of bed at. */
export function planNight(seed: number, who: Character, date: string): Rest {
  const chance = chanceOf(seed, who.id, "night", date);
  const weekend = [0, 6].includes(weekdayOf(date));
  const bedHour = who.bedHour - 24 + (weekend ? 0.6 : 0) + chance.normal(0, 0.45);
  const hours = Math.max(4.2, who.sleepHours + (weekend ? 0.5 : 0) + chance.normal(0, 0.65));
  const bedMs = atHour(who.zone, date, bedHour) + Math.floor(chance.between(0, 60)) * 1000;
  return { bedMs, wakeMs: bedMs + Math.round(hours * 60) * MINUTE_MS };
}

export function planDay(seed: number, who: Character, date: string): Plan {
  const night = planNight(seed, who, date);
  const bedMs = planNight(seed, who, addDays(date, 1)).bedMs;
  const chance = chanceOf(seed, who.id, "day", date);
  const sleptHours = (night.wakeMs - night.bedMs) / HOUR_MS;
  const mood = smoothAt(hashOf(seed, who.id, "mood"), dayNumber(date) / 2.7);
  const strain = clamp(1 + 0.16 * mood + chance.normal(0, 0.1) + 0.05 * (who.sleepHours - sleptHours), 0.6, 1.7);
  const workouts = planWorkouts(seed, who, date, night.wakeMs);
  const slow = smoothAt(hashOf(seed, who.id, "sensitivity"), dayNumber(date) / 4.3);
  return {
    date, night, bedMs, workouts, strain,
    meals: planMeals(seed, who, date, { wakeMs: night.wakeMs, bedMs }),
    sensitivity: clamp(1 + 0.1 * slow - 0.15 * (strain - 1) + chance.normal(0, 0.05), 0.65, 1.4),
    liveliness: clamp(1 + chance.normal(0, 0.22) + (weekdayOf(date) === 0 ? -0.1 : 0), 0.5, 1.7),
  };
}

interface Awake {
  readonly wakeMs: number;
  readonly bedMs: number;
}

function planMeals(seed: number, who: Character, date: string, awake: Awake): Meal[] {
  const meals: Meal[] = [];
  who.meals.forEach((habit, index) => {
    const chance = chanceOf(seed, who.id, "meal", date, index);
    if (!chance.happens(habit.chance)) return;
    const usualMs = atHour(who.zone, date, habit.hour) + Math.round(chance.normal(0, habit.spreadMinutes)) * MINUTE_MS;
    const atMs = Math.min(Math.max(usualMs, awake.wakeMs + 20 * MINUTE_MS), awake.bedMs - 30 * MINUTE_MS);
    const feast = habit.name === "dinner" && chance.happens(0.08) ? 1.7 : 1;
    const carbsGrams = Math.max(6, chance.normal(habit.carbsGrams, habit.spreadGrams)) * feast;
    const counted = carbsGrams * Math.max(0.45, 1 + chance.normal(-0.02, who.metabolism.countingError));
    meals.push({
      atMs: atMs + Math.floor(chance.between(0, 60)) * 1000,
      name: habit.name,
      carbsGrams,
      countedGrams: Math.max(5, Math.round(counted / 5) * 5),
      fastShare: clamp(chance.normal(habit.name === "breakfast" ? 0.6 : 0.4, 0.15), 0.1, 0.9),
    });
  });
  return meals.toSorted((one, other) => one.atMs - other.atMs);
}
