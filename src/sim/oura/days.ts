/** What grows through the day: activity and stress. vendors/oura.md, daily_activity, daily_stress. */

import { addDays, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { atHour } from "../people/days.ts";
import { basalKilocalories, tallyBetween } from "../people/energy.ts";
import type { Minute, Person } from "../people/person.ts";
import { hashOf, uniformAt } from "../people/rng.ts";
import type { OuraDocument } from "./documents.ts";
import { documentId, localTime, localTimeMs, mean, midnightMs, round, syncedMs } from "./documents.ts";
import type { OuraWorld } from "./world.ts";

/** Oura's day of activity runs from four to four. */
const FIRST_HOUR = 4;
/** Before this much of a day there is no score. */
const SCORED_AFTER_MS = 6 * HOUR_MS;
/** Metabolic equivalents from which a minute counts as low, medium and high. */
const [LOW_MET, MEDIUM_MET, HIGH_MET] = [1.5, 3, 6];

/** 0 not worn, 1 rest, 2 inactive, 3 low, 4 medium, 5 high. */
type Class = 0 | 1 | 2 | 3 | 4 | 5;

interface Moved {
  readonly met: number;
  readonly class: Class;
}

export function dailyActivities(world: OuraWorld, person: Person, date: string): OuraDocument[] {
  const startMs = atHour(person.who.zone, date, FIRST_HOUR);
  return [{
    id: documentId(world, person, { collection: "daily_activity", date }),
    day: date,
    // Today's is missing until the first sync.
    readyMs: startMs + 20 * MINUTE_MS,
    tell: () => tellActivity(world, person, date, startMs),
  }];
}

/** When the day of activity is over. */
export function activityEndMs(person: Person, date: string): number {
  return atHour(person.who.zone, addDays(date, 1), FIRST_HOUR);
}

function tellActivity(world: OuraWorld, person: Person, date: string, startMs: number): Record<string, unknown> {
  const { who } = person;
  const endMs = Math.min(activityEndMs(person, date), syncedMs(world));
  const minutes = person.minutes(startMs, endMs);
  const moved = movedBy(person, date, minutes);
  const tally = tallyBetween(person, startMs, endMs);
  const time = (wanted: Class): number => moved.filter((one) => one.class === wanted).length * 60;
  const metMinutes = (wanted: Class): number => Math.round(moved.reduce((sum, one) => sum + (one.class === wanted ? one.met : 0), 0));
  const active = Math.round(tally.kilocalories);
  const meters = Math.round(tally.meters);
  const targetMeters = Math.round(who.stepsPerDay / 1000) * 1000;
  const load = person.recovery(date).parts.load;
  return {
    day: date,
    timestamp: localTime(person, startMs),
    score: endMs - startMs < SCORED_AFTER_MS ? null : Math.round(Math.min(98, 45 + (45 * tally.steps) / who.stepsPerDay)),
    active_calories: active,
    total_calories: active + Math.round((basalKilocalories(who) * minutes.length) / 1440),
    steps: Math.round(tally.steps),
    equivalent_walking_distance: meters,
    average_met_minutes: round(mean(moved.map((one) => one.met)) ?? 0, 2),
    high_activity_met_minutes: metMinutes(5),
    medium_activity_met_minutes: metMinutes(4),
    low_activity_met_minutes: metMinutes(3),
    sedentary_met_minutes: metMinutes(2),
    high_activity_time: time(5),
    medium_activity_time: time(4),
    low_activity_time: time(3),
    sedentary_time: time(2),
    resting_time: time(1),
    non_wear_time: time(0),
    inactivity_alerts: Math.round(time(2) / 14_400),
    target_calories: Math.round(who.stepsPerDay / 200) * 10,
    target_meters: targetMeters,
    meters_to_target: Math.max(0, targetMeters - meters),
    met: { interval: 60, items: moved.map((one) => one.met), timestamp: localTimeMs(person, startMs) },
    class_5_min: classes(moved),
    contributors: {
      meet_daily_targets: Math.round(Math.min(100, 20 + (75 * tally.steps) / who.stepsPerDay)),
      move_every_hour: 95,
      recovery_time: load,
      stay_active: Math.round(Math.max(1, 100 - time(2) / 600)),
      training_frequency: null,
      training_volume: load,
    },
  };
}

function movedBy(person: Person, date: string, minutes: readonly Minute[]): Moved[] {
  const nights = [person.night(date), person.night(addDays(date, 1))];
  return minutes.map((minute): Moved => {
    if (minute.heartRate === null) return { met: 0.1, class: 0 };
    const isAsleep = nights.some((night) => minute.atMs >= night.startMs && minute.atMs < night.endMs);
    if (isAsleep) return { met: 0.9, class: 1 };
    const met = round(metOf(person, minute), 1);
    return { met, class: met >= HIGH_MET ? 5 : met >= MEDIUM_MET ? 4 : met >= LOW_MET ? 3 : 2 };
  });
}

/** One at rest: kilocalories an hour and kilogram. */
function metOf(person: Person, { workout, steps }: Minute): number {
  if (workout) return 1 + (workout.calories * 3600) / workout.elapsedSeconds / person.who.weightKg;
  return 1.1 + steps * 0.024;
}

/** The middle class of each five minutes. */
function classes(moved: readonly Moved[]): string {
  let digits = "";
  for (let index = 0; index + 5 <= moved.length; index += 5) digits += moved.slice(index, index + 5).map((one) => one.class).toSorted((one, other) => one - other)[2];
  return digits;
}

export function dailyStresses(world: OuraWorld, person: Person, date: string): OuraDocument[] {
  return [{
    id: documentId(world, person, { collection: "daily_stress", date }),
    day: date,
    readyMs: person.night(date).endMs + 2 * HOUR_MS,
    tell: () => tellStress(world, person, date),
  }];
}

/** Seconds in quarter hours. A day too little worn has none; the summary comes when the day is over. */
function tellStress(world: OuraWorld, person: Person, date: string): Record<string, unknown> {
  const isUnworn = uniformAt(hashOf(world.context.seed, "oura", person.who.id, "stress", date), 0) < 0.05;
  if (isUnworn) return { day: date, stress_high: null, recovery_high: null, day_summary: null };
  const trace = person.day(date);
  const endMs = Math.min(trace.endMs, syncedMs(world));
  const awake = [...trace.stress].filter((_, slot) => {
    const atMs = trace.startMs + slot * 3 * MINUTE_MS;
    return atMs < endMs && !trace.isAsleep(atMs);
  });
  const seconds = (isCounted: (level: number) => boolean): number => Math.round((awake.filter(isCounted).length * 180) / 900) * 900;
  const [high, recovery] = [seconds((level) => level > 45), seconds((level) => level > 0 && level <= 22)];
  const summary = high > recovery + 3600 ? "stressful" : recovery > high + 3600 ? "restored" : "normal";
  return { day: date, stress_high: high, recovery_high: recovery, day_summary: trace.endMs <= world.context.now() ? summary : null };
}

/** Documents that change as long as their day lasts, and when that ends. */
export const GROWING: Readonly<Record<string, (person: Person, date: string) => number>> = {
  daily_activity: activityEndMs,
  daily_stress: (person, date) => midnightMs(person, addDays(date, 1)),
};
