/** What a day's minutes add up to: steps, way, energy, activity. */

import { localDate, MINUTE_MS } from "#units/time.ts";
import type { Character } from "./characters.ts";
import type { DayTrace } from "./day.ts";
import type { Person } from "./person.ts";
import { isOnFoot } from "./workouts.ts";

/** Energy of a whole day at rest, kcal (Mifflin and St Jeor 1990). */
export function basalKilocalories(who: Character): number {
  const constant = who.sex === "M" ? 5 : -161;
  return 10 * who.weightKg + 625 * who.heightM - 5 * (2026 - who.bornYear) + constant;
}

export interface Tally {
  readonly steps: number;
  readonly meters: number;
  readonly activeSeconds: number;
  /** Active energy, kcal; basal energy comes on top. */
  readonly kilocalories: number;
  readonly moderateSeconds: number;
  readonly vigorousSeconds: number;
}

/** The sums over the minutes `from` to `to` (excluded) of the day. */
export function tallyDay(who: Character, trace: DayTrace, from: number, to: number): Tally {
  const tally = { steps: 0, meters: 0, activeSeconds: 0, kilocalories: 0, moderateSeconds: 0, vigorousSeconds: 0 };
  for (let minute = from; minute < to; minute++) {
    const workout = trace.workouts[trace.workoutOf[minute]!];
    const steps = trace.steps[minute]!;
    const effort = ((trace.heartRate[minute] ?? 0) - who.restingHr) / (200 - who.restingHr);
    tally.steps += steps;
    // The day's distance is the one moved by oneself: a bicycle's does not count.
    const isMeasured = workout && (isOnFoot(workout.sport) || workout.sport === "swim");
    tally.meters += isMeasured ? workout.distanceMeters / (workout.elapsedSeconds / 60) : steps * who.heightM * 0.415;
    tally.kilocalories += workout ? workout.calories / (workout.elapsedSeconds / 60) : steps * who.weightKg * 0.00055;
    if (steps > 20 || workout) tally.activeSeconds += 60;
    if (effort > 0.6) tally.vigorousSeconds += 60;
    else if (effort > 0.3 && (workout || steps > 60)) tally.moderateSeconds += 60;
  }
  return tally;
}

/** The sums over `[fromMs, toMs)`, across midnights. */
export function tallyBetween(person: Person, fromMs: number, toMs: number): Tally {
  const sum = { steps: 0, meters: 0, activeSeconds: 0, kilocalories: 0, moderateSeconds: 0, vigorousSeconds: 0 };
  const names = Object.keys(sum) as (keyof Tally)[];
  for (let atMs = fromMs; atMs < toMs; ) {
    const trace = person.day(localDate(person.who.zone, atMs));
    const minuteOf = (ms: number): number => Math.round((ms - trace.startMs) / MINUTE_MS);
    const part = tallyDay(person.who, trace, minuteOf(atMs), minuteOf(Math.min(toMs, trace.endMs)));
    for (const name of names) sum[name] += part[name];
    atMs = trace.endMs;
  }
  return sum;
}
