/** One local day as a wrist sees it: steps, heart rate, stress and body battery. */

import { addDays, localDay, MINUTE_MS } from "#units/time.ts";
import type { Character } from "./characters.ts";
import { clamp } from "./days.ts";
import type { Plan } from "./plan.ts";
import type { Chance } from "./rng.ts";
import { chanceOf, hashOf, normalAt, smoothAt } from "./rng.ts";
import type { Night } from "./sleep.ts";
import type { Workout } from "./workouts.ts";
import { isOnFoot, workoutHr } from "./workouts.ts";

export interface DayTrace {
  readonly date: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Steps taken in each minute of the day. */
  readonly steps: Float64Array;
  /** Mean beats per minute in each minute; NaN while the watch is off the wrist. */
  readonly heartRate: Float64Array;
  /** Stress 1–100 for each three minutes; −1 off the wrist, −2 moving, −3 too little, −4 recovering. */
  readonly stress: Int16Array;
  /** Body battery 0–100 for each three minutes. */
  readonly battery: Float64Array;
  /** Index into `minutes`, for each minute: the workout under way or −1. */
  readonly workoutOf: Int16Array;
  readonly workouts: readonly Workout[];
  readonly floors: number;
  readonly isAsleep: (atMs: number) => boolean;
}

export interface DayWorld {
  readonly seed: number;
  readonly who: Character;
  plan(date: string): Plan;
  night(date: string): Night;
  readonly date: string;
}

export function traceDay(world: DayWorld): DayTrace {
  const { seed, who, date } = world;
  const window = localDay(who.zone, date);
  if (!window) throw new RangeError(`${date} is no date`);
  const minutes = Math.round((window.toMs - window.fromMs) / MINUTE_MS);
  const plan = world.plan(date);
  const nights = [world.night(date), world.night(addDays(date, 1))];
  const isAsleep = (atMs: number): boolean => nights.some((night) => atMs >= night.startMs && atMs < night.endMs);
  const workouts = [...world.plan(addDays(date, -1)).workouts, ...plan.workouts];
  const workoutOf = new Int16Array(minutes).fill(-1);
  workouts.forEach((workout, index) => {
    const first = Math.max(0, Math.floor((workout.startMs - window.fromMs) / MINUTE_MS));
    const last = Math.min(minutes, Math.ceil((workout.startMs + workout.elapsedSeconds * 1000 - window.fromMs) / MINUTE_MS));
    for (let minute = first; minute < last; minute++) workoutOf[minute] = index;
  });
  const clock = { startMs: window.fromMs, minutes, isAsleep, workouts, workoutOf };
  const off = offWrist(chanceOf(seed, who.id, "wrist", date), clock, plan);
  const steps = walk(chanceOf(seed, who.id, "steps", date), who, plan, clock);
  const heartRate = beat(seed, who, plan, { ...clock, steps, off });
  const stress = strain(seed, who, plan, { ...clock, steps, off });
  const battery = charge(world, { ...clock, stress });
  const climbed = plan.workouts.reduce((sum, workout) => sum + (workout.isIndoor ? 0 : workout.climbMeters / 9), 0);
  return {
    date, startMs: window.fromMs, endMs: window.toMs, steps, heartRate, stress, battery, workoutOf, workouts, isAsleep,
    floors: Math.round(chanceOf(seed, who.id, "floors", date).between(2, 13) * plan.liveliness + climbed),
  };
}

interface DayClock {
  readonly startMs: number;
  readonly minutes: number;
  isAsleep(atMs: number): boolean;
  readonly workouts: readonly Workout[];
  readonly workoutOf: Int16Array;
}

interface Gap {
  readonly from: number;
  readonly to: number;
}

/** A shower and a charge: the watch sees nothing. */
function offWrist(chance: Chance, clock: DayClock, plan: Plan): Gap[] {
  const wake = Math.round((plan.night.wakeMs - clock.startMs) / MINUTE_MS);
  const from = wake + Math.round(chance.between(10, 30));
  const gaps = [{ from, to: from + Math.round(chance.between(12, 30)) }];
  if (chance.happens(0.25)) {
    const charge = wake + Math.round(chance.between(180, 700));
    gaps.push({ from: charge, to: charge + Math.round(chance.between(35, 70)) });
  }
  return gaps.filter((gap) => !clock.workoutOf.subarray(Math.max(0, gap.from), Math.max(0, gap.to)).some((index) => index >= 0));
}

/** Walks in bouts through the waking hours until the day's habit is met; workouts on foot count on top. */
function walk(chance: Chance, who: Character, plan: Plan, clock: DayClock): Float64Array {
  const steps = new Float64Array(clock.minutes);
  for (let minute = 0; minute < clock.minutes; minute++) {
    const workout = clock.workouts[clock.workoutOf[minute]!];
    if (workout && isOnFoot(workout.sport)) steps[minute] = Math.round((workout.cadence ?? 0) * chance.between(0.94, 1.04));
  }
  const onFoot = steps.reduce((sum, count) => sum + count, 0);
  let left = Math.max(1500, who.stepsPerDay * plan.liveliness - 0.45 * onFoot);
  const wake = Math.max(0, Math.round((plan.night.wakeMs - clock.startMs) / MINUTE_MS));
  const bed = Math.min(clock.minutes, Math.round((plan.bedMs - clock.startMs) / MINUTE_MS));
  for (let bout = 0; bout < 220 && left > 0; bout++) {
    const start = Math.floor(chance.between(wake + 5, bed - 5));
    const length = Math.ceil(chance.between(1, 4) ** 2);
    const cadence = chance.between(55, 114);
    for (let minute = start; minute < start + length && minute < bed && left > 0; minute++) {
      if (steps[minute]! > 0 || clock.workoutOf[minute]! >= 0) continue;
      const count = Math.min(Math.round(cadence * chance.between(0.7, 1.05)), Math.ceil(left));
      steps[minute] = count;
      left -= count;
    }
  }
  return steps;
}

function beat(seed: number, who: Character, plan: Plan, world: DayClock & { steps: Float64Array; off: readonly Gap[] }): Float64Array {
  const heartRate = new Float64Array(world.minutes);
  const key = hashOf(seed, who.id, "heart", plan.date);
  let rate = who.restingHr + 3;
  let afterglow = 0;
  for (let minute = 0; minute < world.minutes; minute++) {
    const atMs = world.startMs + minute * MINUTE_MS;
    const workout = world.workouts[world.workoutOf[minute]!];
    if (workout) {
      rate = workoutHr(who, workout, (atMs - workout.startMs) / 1000);
      afterglow = (rate - who.restingHr) * 0.3;
    } else {
      const calm = world.isAsleep(atMs) ? 2 + 2.5 * smoothAt(key + 1, minute / 40) : 11 + 9 * (plan.strain - 0.8) + 4 * smoothAt(key + 1, minute / 25);
      const moving = Math.max(world.steps[minute]!, minute > 0 ? world.steps[minute - 1]! * 0.6 : 0) * 0.3;
      rate += (who.restingHr + calm + moving + afterglow - rate) * 0.4 + normalAt(key, minute) * 1.3;
      afterglow *= 0.96;
    }
    const isOff = world.off.some((gap) => minute >= gap.from && minute < gap.to);
    heartRate[minute] = isOff ? Number.NaN : Math.round(Math.max(who.restingHr - 6, rate));
  }
  return heartRate;
}

function strain(seed: number, who: Character, plan: Plan, world: DayClock & { steps: Float64Array; off: readonly Gap[] }): Int16Array {
  const stress = new Int16Array(Math.ceil(world.minutes / 3));
  const key = hashOf(seed, who.id, "stress", plan.date);
  let sinceWorkout = 999;
  for (let slot = 0; slot < stress.length; slot++) {
    const minute = slot * 3;
    const atMs = world.startMs + minute * MINUTE_MS;
    sinceWorkout = world.workoutOf[minute]! >= 0 ? 0 : sinceWorkout + 3;
    const moved = world.steps.subarray(minute, minute + 3).reduce((sum, count) => sum + count, 0);
    if (world.off.some((gap) => minute >= gap.from && minute < gap.to)) stress[slot] = -1;
    else if (sinceWorkout === 0 || moved > 140) stress[slot] = -2;
    else if (sinceWorkout < 15) stress[slot] = -4;
    else if (moved > 60 && normalAt(key + 2, slot) > 1.2) stress[slot] = -3;
    else stress[slot] = Math.round(clamp(stillStress(atMs), 1, 100));

    function stillStress(at: number): number {
      if (world.isAsleep(at)) return 13 + 7 * (plan.strain - 0.8) * 2 + 5 * smoothAt(key, slot / 9) + 2 * normalAt(key + 1, slot);
      const meal = plan.meals.some((eaten) => at - eaten.atMs > 10 * MINUTE_MS && at - eaten.atMs < 80 * MINUTE_MS) ? 8 : 0;
      return who.stressBase * plan.strain + meal + 13 * smoothAt(key, slot / 11) + 5 * normalAt(key + 1, slot);
    }
  }
  return stress;
}

/** Body battery: drained by stress and effort while awake, refilled by sleep to what the night was worth. */
function charge(world: DayWorld, clock: DayClock & { stress: Int16Array }): Float64Array {
  const night = world.night(world.date);
  const next = world.night(addDays(world.date, 1));
  const wakeLevel = levelAfter(night);
  const before = eveningLevel(world, addDays(world.date, -1));
  const after = eveningLevel(world, world.date);
  const drained = drainShares(clock, night.endMs, next.startMs);
  return Float64Array.from(clock.stress, (_, slot) => {
    const atMs = clock.startMs + slot * 3 * MINUTE_MS;
    if (atMs < night.endMs) return Math.round(between(before, wakeLevel, refill(share(atMs, night.startMs, night.endMs))));
    if (atMs < next.startMs) return Math.round(between(wakeLevel, after, drained[slot]!));
    return Math.round(between(after, levelAfter(next), refill(share(atMs, next.startMs, next.endMs))));
  });
}

/** How much of the day's drain has happened by each slot: 0 at waking, 1 at bedtime or midnight, whichever comes first. */
function drainShares(clock: DayClock & { stress: Int16Array }, fromMs: number, toMs: number): Float64Array {
  const shares = new Float64Array(clock.stress.length);
  let total = 0;
  clock.stress.forEach((level, slot) => {
    const atMs = clock.startMs + slot * 3 * MINUTE_MS;
    if (atMs >= fromMs && atMs < toMs) total += clock.workoutOf[slot * 3]! >= 0 ? 5 : level < 0 ? 1.4 : 0.3 + (level / 45) ** 2;
    shares[slot] = total;
  });
  return shares.map((sum) => (total > 0 ? sum / total : 1));
}

const refill = (part: number): number => Math.sin((part * Math.PI) / 2) ** 1.25;
const levelAfter = (night: Night): number => clamp(night.score + 6, 30, 100);

function eveningLevel(world: DayWorld, date: string): number {
  const plan = world.plan(date);
  const effort = plan.workouts.reduce((sum, workout) => sum + (workout.averageHr - world.who.restingHr) * (workout.elapsedSeconds / 3600), 0);
  return clamp(levelAfter(world.night(date)) - 42 * plan.strain - 14 * plan.liveliness - effort * 0.18, 5, 70);
}

const share = (atMs: number, fromMs: number, toMs: number): number => clamp((atMs - fromMs) / Math.max(1, toMs - fromMs), 0, 1);
const between = (low: number, high: number, part: number): number => low + (high - low) * part;
