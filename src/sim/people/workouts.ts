/** Outings and training: planned per day, and told second by second. */

import { MINUTE_MS } from "#units/time.ts";
import type { Character, Sport, WorkoutHabit } from "./characters.ts";
import { atHour, clamp, weekdayOf } from "./days.ts";
import { chanceOf, hashOf, smoothAt } from "./rng.ts";

export interface Workout {
  /** Unique over all people: start minute, person, order. Both watch clouds derive their ids from it. */
  readonly number: number;
  readonly sport: Sport;
  readonly name: string;
  readonly startMs: number;
  readonly elapsedSeconds: number;
  readonly movingSeconds: number;
  readonly distanceMeters: number;
  readonly climbMeters: number;
  /** Heart rate aimed at and the ceiling; the figures below are what came out. */
  readonly effortHr: number;
  readonly ceilingHr: number;
  readonly averageHr: number;
  readonly maxHr: number;
  /** Steps per minute (both feet) or crank turns per minute; null where neither is counted. */
  readonly cadence: number | null;
  readonly averageWatts: number | null;
  readonly calories: number;
  readonly isIndoor: boolean;
  /** Shown to nobody but the owner. */
  readonly isPrivate: boolean;
  /** Wanted by a visitor of the simulator rather than by habit. */
  readonly isExtra: boolean;
}

/** Working metabolic effort of each sport: share of heart-rate reserve, speed, cadence, climb per kilometre. */
interface Effort {
  readonly reserve: number;
  readonly speed: number;
  readonly cadence: number | null;
  readonly climbPerKm: number;
  readonly names: readonly [string, ...string[]];
}

const EFFORTS: Record<Sport, Effort> = {
  run: { reserve: 0.72, speed: 2.75, cadence: 166, climbPerKm: 7, names: ["Run", "Easy run", "Run in the park", "Tempo run"] },
  trail_run: { reserve: 0.75, speed: 2.3, cadence: 158, climbPerKm: 32, names: ["Trail run", "Hills"] },
  ride: { reserve: 0.62, speed: 7.4, cadence: 84, climbPerKm: 9, names: ["Ride", "Club ride", "Long ride"] },
  indoor_ride: { reserve: 0.7, speed: 8.6, cadence: 90, climbPerKm: 0, names: ["Turbo session", "Intervals"] },
  walk: { reserve: 0.3, speed: 1.42, cadence: 108, climbPerKm: 5, names: ["Walk", "Walk after work"] },
  hike: { reserve: 0.42, speed: 1.12, cadence: 98, climbPerKm: 52, names: ["Hike", "Bush walk"] },
  swim: { reserve: 0.58, speed: 0.78, cadence: null, climbPerKm: 0, names: ["Swim", "Lengths"] },
  strength: { reserve: 0.42, speed: 0, cadence: null, climbPerKm: 0, names: ["Strength", "Gym"] },
  yoga: { reserve: 0.18, speed: 0, cadence: null, climbPerKm: 0, names: ["Yoga", "Yoga at home"] },
};

export const isOnFoot = (sport: Sport): boolean => ["run", "trail_run", "walk", "hike"].includes(sport);
export const isRide = (sport: Sport): boolean => sport === "ride" || sport === "indoor_ride";
export const hasRoute = (workout: Workout): boolean => isOnFoot(workout.sport) || workout.sport === "ride";

export function maxHrOf(who: Character): number {
  return Math.round(211 - 0.64 * (2026 - who.bornYear));
}

/** The day's habitual workouts, in order of time. */
export function planWorkouts(seed: number, who: Character, date: string, wakeMs: number): Workout[] {
  const workouts: Workout[] = [];
  who.workouts.forEach((habit, index) => {
    if (!habit.weekdays.includes(weekdayOf(date))) return;
    const chance = chanceOf(seed, who.id, "workout", date, index);
    if (!chance.happens(habit.chance)) return;
    const startMs = Math.max(
      atHour(who.zone, date, habit.hour) + Math.round(chance.normal(0, 16)) * MINUTE_MS + Math.floor(chance.between(0, 60)) * 1000,
      wakeMs + 15 * MINUTE_MS,
    );
    const minutes = Math.max(12, chance.normal(habit.minutes, habit.minutes * 0.15));
    workouts.push(describeWorkout(seed, who, { startMs, minutes, sport: habit.sport, ordinal: index }));
  });
  return workouts.toSorted((one, other) => one.startMs - other.startMs);
}

export interface WorkoutWish {
  readonly startMs: number;
  readonly minutes: number;
  readonly sport: WorkoutHabit["sport"];
  /** 0–9; with person and start minute it makes the number. */
  readonly ordinal: number;
  readonly isExtra?: boolean;
}

/** All the figures of a workout, from when, how long and what. */
export function describeWorkout(seed: number, who: Character, wish: WorkoutWish): Workout {
  const number = Math.floor(wish.startMs / MINUTE_MS) * 1000 + who.index * 10 + wish.ordinal;
  const chance = chanceOf(seed, "effort", number);
  const effort = EFFORTS[wish.sport];
  const fitness = (isRide(wish.sport) ? (who.vo2Cycling ?? who.vo2Running) : who.vo2Running) / 45;
  const elapsedSeconds = Math.round(wish.minutes * 60);
  const movingSeconds = Math.round(elapsedSeconds * chance.between(0.93, 1));
  const hardness = chance.between(0.92, 1.1);
  const speed = effort.speed * hardness * (isOnFoot(wish.sport) && effort.speed < 2 ? 0.75 + 0.25 * fitness : fitness);
  const reserve = maxHrOf(who) - who.restingHr;
  const effortHr = Math.round(who.restingHr + reserve * clamp(effort.reserve * hardness, 0.12, 0.92));
  const watts = isRide(wish.sport) ? Math.round(who.weightKg * 0.052 * (who.vo2Cycling ?? who.vo2Running) * effort.reserve * hardness) : null;
  const caloriesPerMinute = (effort.reserve * hardness * who.vo2Running * who.weightKg * 4.9) / 1000;
  const distanceMeters = Math.round(speed * movingSeconds * 10) / 10;
  const planned = {
    number,
    sport: wish.sport,
    name: chance.pick(effort.names),
    startMs: wish.startMs,
    elapsedSeconds,
    movingSeconds,
    distanceMeters,
    climbMeters: Math.round((distanceMeters / 1000) * effort.climbPerKm * chance.between(0.6, 1.5)),
    effortHr,
    ceilingHr: Math.min(maxHrOf(who), Math.round(effortHr + reserve * chance.between(0.1, 0.17))),
    cadence: effort.cadence === null ? null : Math.round(effort.cadence * chance.between(0.97, 1.03) * 10) / 10,
    averageWatts: watts,
    calories: Math.round((caloriesPerMinute * movingSeconds) / 60),
    isIndoor: ["indoor_ride", "strength", "yoga", "swim"].includes(wish.sport),
    isPrivate: wish.isExtra !== true && chance.happens(0.06),
    isExtra: wish.isExtra === true,
  };
  return { ...planned, ...heartOf(who, planned) };
}

type Beating = Pick<Workout, "number" | "effortHr" | "ceilingHr" | "elapsedSeconds">;

function heartOf(who: Character, workout: Beating): Pick<Workout, "averageHr" | "maxHr"> {
  let sum = 0;
  let most = 0;
  let count = 0;
  for (let second = 0; second <= workout.elapsedSeconds; second += 10) {
    const rate = workoutHr(who, workout, second);
    sum += rate;
    most = Math.max(most, rate);
    count++;
  }
  return { averageHr: Math.round((sum / count) * 10) / 10, maxHr: Math.round(most) };
}

/** One moment of a workout. Speed m/s, altitude m, cadence as in `Workout`. */
export interface Moment {
  readonly second: number;
  readonly heartRate: number;
  readonly speed: number;
  readonly distance: number;
  readonly altitude: number;
  readonly cadence: number | null;
  readonly watts: number | null;
  readonly latitude: number;
  readonly longitude: number;
}

/** Heart rate `second` seconds into the workout: ramps up, drifts, wavers. */
export function workoutHr(who: Character, workout: Beating, second: number): number {
  const key = hashOf("workout-hr", workout.number);
  const ramp = 1 - Math.exp(-second / 110);
  const drift = 0.97 + (0.07 * second) / workout.elapsedSeconds;
  const spread = (workout.ceilingHr - workout.effortHr) * 0.42;
  const wave = smoothAt(key, second / 75) * spread * 0.8 + smoothAt(key + 1, second / 11) * spread * 0.2;
  const start = who.restingHr + 22;
  return clamp(start + (workout.effortHr * drift + wave - start) * ramp, who.restingHr, workout.ceilingHr);
}

/** The workout told every `stepSeconds`: its own distance and time at the end, a loop that comes home. */
export function tellWorkout(who: Character, workout: Workout, stepSeconds: number): Moment[] {
  const key = hashOf("workout", workout.number);
  const count = Math.floor(workout.elapsedSeconds / stepSeconds);
  const paces = Array.from({ length: count + 1 }, (_, step) => Math.max(0.2, 1 + 0.12 * smoothAt(key, (step * stepSeconds) / 45)));
  const total = paces.reduce((sum, pace) => sum + pace, 0) - (paces[0] ?? 0);
  const mean = workout.distanceMeters / Math.max(1, workout.elapsedSeconds);
  const radius = workout.distanceMeters / (2 * Math.PI) / 111_320;
  let passed = 0;
  return paces.map((pace, step) => {
    if (step > 0) passed += pace;
    const share = total > 0 ? passed / total : 0;
    const second = step * stepSeconds;
    const angle = share * 2 * Math.PI;
    const narrowing = Math.cos((who.home[0] * Math.PI) / 180);
    return {
      second,
      heartRate: Math.round(workoutHr(who, workout, second)),
      speed: Math.round(mean * pace * 100) / 100,
      distance: Math.round(share * workout.distanceMeters * 10) / 10,
      altitude: Math.round((60 + (workout.climbMeters / 3) * (1 - Math.cos(angle * 3)) * 0.5) * 10) / 10,
      cadence: workout.cadence === null ? null : Math.round(workout.cadence * (0.96 + 0.04 * pace)),
      watts: workout.averageWatts === null ? null : Math.max(0, Math.round(workout.averageWatts * (1 + 0.22 * smoothAt(key + 2, second / 20)))),
      latitude: Math.round((who.home[0] + radius * Math.sin(angle)) * 1e6) / 1e6,
      longitude: Math.round((who.home[1] + (radius * (1 - Math.cos(angle))) / narrowing) * 1e6) / 1e6,
    };
  });
}
