/** The numbers of one date, and their curve. vendors/fitbit.md, day summary, series and intraday. */

import { MINUTE_MS } from "#units/time.ts";
import type { DayTrace } from "../people/day.ts";
import { basalKilocalories, tallyDay } from "../people/energy.ts";
import type { Person } from "../people/person.ts";
import { maxHrOf, workoutHr } from "../people/workouts.ts";
import { clockTime, rounded } from "./times.ts";
import type { Units } from "./world.ts";

const METERS_A_FLOOR = 3.048;

/** A date up to now. */
export interface Day {
  readonly person: Person;
  readonly date: string;
  readonly trace: DayTrace;
  /** Minutes that have passed; 0 for a date to come. */
  readonly minutes: number;
}

export function dayOf(person: Person, date: string, nowMs: number): Day {
  const trace = person.day(date);
  return { person, date, trace, minutes: Math.max(0, Math.min(trace.steps.length, Math.floor((nowMs - trace.startMs) / MINUTE_MS))) };
}

export type Zone = "Out of Range" | "Fat Burn" | "Cardio" | "Peak";

export interface ZoneRange {
  readonly name: Zone;
  readonly min: number;
  readonly max: number;
}

/** Heart-rate zones by the share of the reserve, lowest first. */
export function zonesOf({ who }: Person): ZoneRange[] {
  const highest = maxHrOf(who);
  const at = (share: number): number => Math.round(who.restingHr + (highest - who.restingHr) * share);
  const bounds = [30, at(0.4), at(0.6), at(0.85), 220];
  return (["Out of Range", "Fat Burn", "Cardio", "Peak"] as const).map((name, index) => ({ name, min: bounds[index] ?? 30, max: bounds[index + 1] ?? 220 }));
}

/** The zones with the minutes and calories that `rates` (beats a minute, one each) spent in them. */
export function zoneTimes(person: Person, minutes: readonly { readonly rate: number; readonly calories: number }[]): object[] {
  return zonesOf(person).map(({ name, min, max }) => {
    const inside = minutes.filter(({ rate }) => rate >= min && rate < max);
    return { name, min, max, minutes: inside.length, caloriesOut: rounded(inside.reduce((sum, { calories }) => sum + calories, 0), 5) };
  });
}

/** Energy of one minute, kcal. */
function caloriesAt({ person, trace }: Day, minute: number): number {
  return basalKilocalories(person.who) / 1440 + tallyDay(person.who, trace, minute, minute + 1).kilocalories;
}

export function heartZones(day: Day): object[] {
  const minutes = Array.from({ length: day.minutes }, (_, minute) => ({ rate: day.trace.heartRate[minute]!, calories: caloriesAt(day, minute) }));
  return zoneTimes(day.person, minutes.filter(({ rate }) => !Number.isNaN(rate)));
}

/** Known once the night is over. */
export function restingHeartRate(person: Person, date: string, nowMs: number): number | null {
  return person.night(date).endMs <= nowMs ? person.body(date).restingHr : null;
}

type Level = "sedentary" | "lightly" | "fairly" | "very";

function levelAt(day: Day, zones: readonly ZoneRange[], minute: number): Level | null {
  const { trace } = day;
  const hasMoved = trace.steps[minute]! > 0 || trace.workoutOf[minute]! >= 0;
  if (!hasMoved) return trace.isAsleep(trace.startMs + minute * MINUTE_MS) ? null : "sedentary";
  const rate = trace.heartRate[minute]!;
  if (rate >= (zones[2]?.min ?? Infinity)) return "very";
  return rate >= (zones[1]?.min ?? Infinity) ? "fairly" : "lightly";
}

export interface DayNumbers {
  readonly steps: number;
  readonly kilometers: number;
  readonly caloriesOut: number;
  readonly caloriesBMR: number;
  readonly activityCalories: number;
  readonly marginalCalories: number;
  readonly floors: number;
  readonly climbMeters: number;
  readonly levels: Readonly<Record<Level, number>>;
}

export function numbersOf(day: Day): DayNumbers {
  const { person, trace, minutes } = day;
  const tally = tallyDay(person.who, trace, 0, minutes);
  const basal = basalKilocalories(person.who);
  const zones = zonesOf(person);
  const levels: Record<Level, number> = { sedentary: 0, lightly: 0, fairly: 0, very: 0 };
  for (let minute = 0; minute < minutes; minute++) {
    const level = levelAt(day, zones, minute);
    if (level) levels[level] += 1;
  }
  const active = levels.lightly + levels.fairly + levels.very;
  const walked = trace.steps.reduce((sum, count) => sum + count, 0);
  const floors = walked > 0 ? Math.round((trace.floors * tally.steps) / walked) : 0;
  return {
    steps: tally.steps,
    kilometers: tally.meters / 1000,
    caloriesBMR: Math.round((basal * minutes) / 1440),
    caloriesOut: Math.round((basal * minutes) / 1440 + tally.kilocalories),
    // Some basal energy is in it: that of the active minutes.
    activityCalories: Math.round(tally.kilocalories + (basal * active) / 1440),
    marginalCalories: Math.round(tally.kilocalories),
    floors,
    climbMeters: rounded(floors * METERS_A_FLOOR, 3),
    levels,
  };
}

/** Every series as text, as Fitbit writes numbers there. */
export const SERIES: Readonly<Record<string, (numbers: DayNumbers, units: Units) => string>> = {
  steps: ({ steps }) => String(steps),
  distance: ({ kilometers }, units) => String(rounded(units.distance(kilometers), 5)),
  calories: ({ caloriesOut }) => String(caloriesOut),
  activityCalories: ({ activityCalories }) => String(activityCalories),
  caloriesBMR: ({ caloriesBMR }) => String(caloriesBMR),
  floors: ({ floors }) => String(floors),
  elevation: ({ climbMeters }, units) => String(rounded(units.climb(climbMeters), 3)),
  minutesSedentary: ({ levels }) => String(levels.sedentary),
  minutesLightlyActive: ({ levels }) => String(levels.lightly),
  minutesFairlyActive: ({ levels }) => String(levels.fairly),
  minutesVeryActive: ({ levels }) => String(levels.very),
};

/** What there is minute by minute, and of which resource. */
const CURVES: Readonly<Record<string, (day: Day, minute: number, units: Units) => number>> = {
  steps: ({ trace }, minute) => trace.steps[minute]!,
  distance: ({ person, trace }, minute, units) => units.distance(tallyDay(person.who, trace, minute, minute + 1).meters / 1000),
  calories: (day, minute) => caloriesAt(day, minute),
  floors: (day, minute) => climbed(day, minute),
  elevation: (day, minute, units) => units.climb(climbed(day, minute) * METERS_A_FLOOR),
};

/** Floors of one minute, so that the minutes add up to the day. */
function climbed({ trace }: Day, minute: number): number {
  const walked = trace.steps.reduce((sum, count) => sum + count, 0);
  const until = (end: number): number => Math.round((trace.floors * trace.steps.subarray(0, end).reduce((sum, count) => sum + count, 0)) / Math.max(1, walked));
  return trace.steps[minute]! > 0 ? until(minute + 1) - until(minute) : 0;
}

export function hasCurve(resource: string): boolean {
  return Object.hasOwn(CURVES, resource);
}

export interface CurveWish {
  readonly everyMinutes: number;
  readonly units: Units;
  /** Minutes of the day, the end excluded. */
  readonly from: number;
  readonly to: number;
}

/** Steps and the like: every slot, those without anything too. */
export function curveOf(day: Day, resource: string, { everyMinutes, units, from, to }: CurveWish): object[] {
  const at = CURVES[resource];
  if (!at) return [];
  const found: object[] = [];
  for (let start = from; start < Math.min(to, day.minutes); start += everyMinutes) {
    let value = 0;
    for (let minute = start; minute < Math.min(start + everyMinutes, day.minutes); minute++) value += at(day, minute, units);
    const time = clockTime(day.person.who.zone, day.trace.startMs + start * MINUTE_MS);
    found.push({ ...(resource === "calories" ? { level: 0, mets: 10 } : {}), time, value: rounded(value, 5) });
  }
  return found;
}

/** Seconds between two heartbeats told by the second: odd ones, and fewer at rest. */
const STEP_SECONDS = { moving: 5, resting: 15 };

/** Heart rate; where the watch is off there is nothing. */
export function heartCurve(day: Day, detail: "1sec" | number, from: number, to: number): { time: string; value: number }[] {
  const { person, trace } = day;
  const found: { time: string; value: number }[] = [];
  const tell = (second: number, rate: number): void => {
    found.push({ time: clockTime(person.who.zone, trace.startMs + second * 1000), value: Math.round(rate) });
  };
  for (let minute = from; minute < Math.min(to, day.minutes); minute += detail === "1sec" ? 1 : detail) {
    const rate = trace.heartRate[minute]!;
    if (Number.isNaN(rate)) continue;
    if (detail !== "1sec") {
      tell(minute * 60, rate);
      continue;
    }
    const workout = trace.workouts[trace.workoutOf[minute]!];
    for (let second = minute * 60; second < minute * 60 + 60; second += workout ? STEP_SECONDS.moving : STEP_SECONDS.resting) {
      const into = trace.startMs / 1000 + second - (workout?.startMs ?? 0) / 1000;
      if (!workout) tell(second, rate);
      else if (into >= 0 && into <= workout.elapsedSeconds) tell(second, workoutHr(person.who, workout, into));
    }
  }
  return found;
}
