/** One simulated person: everything any cloud may say about them, made when asked and remembered. */

import { addDays, DAY_MS, localDate, MINUTE_MS } from "#units/time.ts";
import type { BodyDay } from "./body.ts";
import { describeBody } from "./body.ts";
import type { Character } from "./characters.ts";
import { CHARACTERS } from "./characters.ts";
import type { DayTrace } from "./day.ts";
import { traceDay } from "./day.ts";
import type { Treatment } from "./glucose.ts";
import { runGlucose } from "./glucose.ts";
import type { CuffReading, Drink, Morning, TemperatureReading, WeighIn } from "./measurements.ts";
import { cuffReading, drinksOf, temperatureReading, weighIn } from "./measurements.ts";
import { createMemo } from "./memo.ts";
import type { Plan } from "./plan.ts";
import { planDay } from "./plan.ts";
import type { Recovery } from "./recovery.ts";
import { describeRecovery, LOAD_DAYS, loadOf } from "./recovery.ts";
import type { Reading, Session } from "./sensor.ts";
import { senseGlucose, sessionAt } from "./sensor.ts";
import type { Night } from "./sleep.ts";
import { describeNight } from "./sleep.ts";
import type { Vitals } from "./vitals.ts";
import { describeVitals } from "./vitals.ts";
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
  /** Oxygen, breath, heart-rate variability and skin temperature of the night that ends on the date. */
  vitals(date: string): Vitals;
  /** Readiness on waking on the date. */
  recovery(date: string): Recovery;
  /** Training load of the whole date. */
  load(date: string): number;
  weighIn(date: string): WeighIn | null;
  cuffReading(date: string): CuffReading | null;
  temperatureReading(date: string): TemperatureReading | null;
  drinks(date: string): Drink[];
  /** Each minute that starts in `[fromMs, toMs)`, across midnights. */
  minutes(fromMs: number, toMs: number): Minute[];
  workouts(date: string): readonly Workout[];
  /** Workouts that started in the window. */
  workoutsBetween(fromMs: number, toMs: number): Workout[];
  workoutByNumber(number: number): Workout | null;
  /** Adds an outing beyond the habits. It shows in steps and heart rate, not in glucose: readings already served stay true. */
  addWorkout(wish: Omit<WorkoutWish, "ordinal" | "isExtra">): Workout;
}

/** One minute on the wrist. */
export interface Minute {
  readonly atMs: number;
  readonly steps: number;
  /** Beats per minute; null while the watch is off. */
  readonly heartRate: number | null;
  readonly workout: Workout | null;
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

  const loads = createMemo<number>(400, (date) => loadOf(who, days(date)));
  const recoveries = createMemo<Recovery>(400, (date) => describeRecovery({ date, body: bodies, night: nights, load: loads }));
  const vitals = createMemo<Vitals>(400, (date) => describeVitals(seed, who, date, bodies(date)));
  const morning = (date: string): Morning => ({ seed, who, date, body: bodies(date), night: nights(date) });

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
    const found = datesBetween(who.zone, fromMs, toMs).flatMap((date) => plan(date).workouts);
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
    vitals,
    recovery: recoveries,
    load: loads,
    weighIn: (date) => weighIn(morning(date)),
    cuffReading: (date) => cuffReading(morning(date)),
    temperatureReading: (date) => temperatureReading(morning(date)),
    drinks: (date) => drinksOf(seed, who, habitual(date)),
    minutes: (fromMs, toMs) => datesBetween(who.zone, fromMs, toMs).flatMap((date) => minutesOf(days(date), fromMs, toMs)),
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
      for (const touched of [date, addDays(date, 1)]) {
        days.forget(touched);
        loads.forget(touched);
      }
      for (let later = 1; later <= LOAD_DAYS + 1; later++) recoveries.forget(addDays(date, later));
      return workout;
    },
  };
}

function datesBetween(zone: string, fromMs: number, toMs: number): string[] {
  const dates: string[] = [];
  const last = localDate(zone, toMs);
  for (let date = localDate(zone, fromMs); date <= last; date = addDays(date, 1)) dates.push(date);
  return dates;
}

function minutesOf(trace: DayTrace, fromMs: number, toMs: number): Minute[] {
  const found: Minute[] = [];
  const first = Math.max(0, Math.ceil((fromMs - trace.startMs) / MINUTE_MS));
  for (let minute = first; minute < trace.steps.length; minute++) {
    const atMs = trace.startMs + minute * MINUTE_MS;
    if (atMs >= toMs) break;
    const rate = trace.heartRate[minute]!;
    found.push({ atMs, steps: trace.steps[minute]!, heartRate: Number.isNaN(rate) ? null : rate, workout: trace.workouts[trace.workoutOf[minute]!] ?? null });
  }
  return found;
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
