/** One simulated person: everything any cloud may say about them, made when asked and remembered. */

import { addDays, DAY_MS, localDate } from "#units/time.ts";
import type { BodyDay } from "./body.ts";
import { describeBody } from "./body.ts";
import type { Character } from "./characters.ts";
import { CHARACTERS } from "./characters.ts";
import type { DayTrace } from "./day.ts";
import { traceDay } from "./day.ts";
import type { Treatment } from "./glucose.ts";
import { runGlucose } from "./glucose.ts";
import { createMemo } from "./memo.ts";
import type { Plan } from "./plan.ts";
import { planDay } from "./plan.ts";
import type { Reading, Session } from "./sensor.ts";
import { senseGlucose, sessionAt } from "./sensor.ts";
import type { Night } from "./sleep.ts";
import { describeNight } from "./sleep.ts";
import type { Workout, WorkoutWish } from "./workouts.ts";
import { describeWorkout } from "./workouts.ts";

export interface Person {
  readonly who: Character;
  /** Sensor readings with `fromMs <= atMs <= toMs`, oldest first, also of times to come. */
  readings(fromMs: number, toMs: number): Reading[];
  /** Carbohydrates, insulin and exercise in the same window. */
  treatments(fromMs: number, toMs: number): Treatment[];
  session(atMs: number): Session;
  /** The night that ends on the local date. */
  night(date: string): Night;
  /** Steps, heart rate, stress and body battery of the local date, minute by minute. */
  day(date: string): DayTrace;
  body(date: string): BodyDay;
  workouts(date: string): readonly Workout[];
  /** Workouts that started in the window. */
  workoutsBetween(fromMs: number, toMs: number): Workout[];
  workoutByNumber(number: number): Workout | null;
  /** Adds an outing beyond the habits. It shows in steps and heart rate, not in glucose: readings already served stay true. */
  addWorkout(wish: Omit<WorkoutWish, "ordinal" | "isExtra">): Workout;
}

interface SensorLife {
  readonly readings: readonly Reading[];
  readonly treatments: readonly Treatment[];
}

const FIRST_EXTRA_ORDINAL = 6;

export function createPerson(seed: number, who: Character): Person {
  const extras = new Map<string, Workout[]>();
  const habitual = createMemo<Plan>(900, (date) => planDay(seed, who, date));
  const bodies = createMemo<BodyDay>(400, (date) => describeBody(seed, who, habitual(date)));
  const nights = createMemo<Night>(400, (date) => describeNight(seed, who, habitual(date)));
  const days = createMemo<DayTrace>(140, (date) => traceDay({ seed, who, plan, night: nights, date }));
  const lives = createMemo<SensorLife>(60, (number) => {
    const session = sessionAt(seed, who, sessionAt(seed, who, 0).startMs + (Number(number) - sessionAt(seed, who, 0).number) * who.cgm.sessionDays * DAY_MS);
    const run = runGlucose({ seed, who, plan: habitual }, session.startMs, session.endMs);
    const plans = Array.from({ length: who.cgm.sessionDays + 2 }, (_, day) => habitual(localDate(who.zone, session.startMs + day * DAY_MS)));
    return { readings: senseGlucose(seed, who, session, { run, plans }), treatments: run.treatments };
  });

  function plan(date: string): Plan {
    const usual = habitual(date);
    const added = extras.get(date);
    return added ? { ...usual, workouts: [...usual.workouts, ...added].toSorted((one, other) => one.startMs - other.startMs) } : usual;
  }

  function livesBetween(fromMs: number, toMs: number): SensorLife[] {
    const first = sessionAt(seed, who, fromMs).number;
    const last = sessionAt(seed, who, toMs).number;
    return Array.from({ length: last - first + 1 }, (_, index) => lives(String(first + index)));
  }

  function workoutsBetween(fromMs: number, toMs: number): Workout[] {
    const found: Workout[] = [];
    const last = localDate(who.zone, toMs);
    for (let date = localDate(who.zone, fromMs); date <= last; date = addDays(date, 1)) found.push(...plan(date).workouts);
    return found.filter((workout) => workout.startMs >= fromMs && workout.startMs <= toMs);
  }

  return {
    who,
    readings: (fromMs, toMs) => livesBetween(fromMs, toMs).flatMap((life) => slice(life.readings, fromMs, toMs)),
    treatments: (fromMs, toMs) =>
      livesBetween(fromMs, toMs)
        .flatMap((life) => slice(life.treatments, fromMs, toMs))
        .concat(
          workoutsBetween(fromMs, toMs).filter((workout) => !workout.isExtra).map((workout) => ({
            kind: "exercise" as const,
            atMs: workout.startMs,
            amount: Math.round(workout.elapsedSeconds / 60),
            effort: effortOf(who, workout),
          })),
        )
        .toSorted((one, other) => one.atMs - other.atMs),
    session: (atMs) => sessionAt(seed, who, atMs),
    night: nights,
    day: days,
    body: bodies,
    workouts: (date) => plan(date).workouts,
    workoutsBetween,
    workoutByNumber(number) {
      if (Math.floor((number % 1000) / 10) !== who.index) return null;
      const date = localDate(who.zone, Math.floor(number / 1000) * 60_000);
      return plan(date).workouts.find((workout) => workout.number === number) ?? null;
    },
    addWorkout(wish) {
      const date = localDate(who.zone, wish.startMs);
      const known = extras.get(date) ?? [];
      const workout = describeWorkout(seed, who, { ...wish, ordinal: FIRST_EXTRA_ORDINAL + (known.length % 4), isExtra: true });
      extras.set(date, [...known, workout]);
      days.forget(date);
      days.forget(addDays(date, 1));
      return workout;
    },
  };
}

function effortOf(who: Character, workout: Workout): "light" | "medium" | "heavy" {
  const effort = (workout.averageHr - who.restingHr) / (workout.ceilingHr - who.restingHr + 40);
  return effort < 0.4 ? "light" : effort < 0.65 ? "medium" : "heavy";
}

function slice<T extends { readonly atMs: number }>(sorted: readonly T[], fromMs: number, toMs: number): T[] {
  return sorted.filter((one) => one.atMs >= fromMs && one.atMs <= toMs);
}

export function createPeople(seed: number): [Person, ...Person[]] {
  const [first, ...others] = CHARACTERS;
  return [createPerson(seed, first), ...others.map((who) => createPerson(seed, who))];
}
