/** What people did and noted: workouts, guided sessions, tags, days of rest. vendors/oura.md, Exact fields. */

import { addDays, HOUR_MS, localDate, MINUTE_MS, SECOND_MS } from "#units/time.ts";
import type { Sport } from "../people/characters.ts";
import { atHour, dayNumber } from "../people/days.ts";
import type { Person } from "../people/person.ts";
import { chanceOf, hashOf, uniformAt } from "../people/rng.ts";
import type { Workout } from "../people/workouts.ts";
import type { OuraDocument } from "./documents.ts";
import { documentId, localTime, localTimeMs } from "./documents.ts";
import type { OuraWorld } from "./world.ts";

const ACTIVITIES: Readonly<Record<Sport, string>> = {
  run: "running", trail_run: "trail_running", ride: "cycling", indoor_ride: "indoor_cycling", walk: "walking", hike: "hiking", swim: "swimming",
  strength: "strength_training", yoga: "yoga",
};

export function workoutId(world: OuraWorld, person: Person, workout: Workout): string {
  return documentId(world, person, { collection: "workout", date: localDate(person.who.zone, workout.startMs), ordinal: workout.number });
}

export function workouts(world: OuraWorld, person: Person, date: string): OuraDocument[] {
  return person.workouts(date).map((workout) => {
    const endMs = workout.startMs + workout.elapsedSeconds * SECOND_MS;
    return {
      id: workoutId(world, person, workout),
      day: date,
      // One that a visitor asked for is entered at once.
      readyMs: workout.isExtra ? endMs : endMs + 12 * MINUTE_MS,
      tell: () => tellWorkout(person, date, workout),
    };
  });
}

function tellWorkout(person: Person, date: string, workout: Workout): Record<string, unknown> {
  const chance = uniformAt(hashOf("oura-workout", workout.number), 0);
  const effort = (workout.averageHr - person.who.restingHr) / (workout.ceilingHr - person.who.restingHr + 30);
  const isManual = workout.sport === "yoga" || workout.sport === "swim";
  return {
    day: date,
    activity: ACTIVITIES[workout.sport],
    start_datetime: localTimeMs(person, workout.startMs),
    end_datetime: localTimeMs(person, workout.startMs + workout.elapsedSeconds * SECOND_MS),
    calories: isManual && chance < 0.3 ? null : workout.calories,
    distance: workout.distanceMeters > 0 ? workout.distanceMeters : null,
    intensity: effort < 0.4 ? "easy" : effort < 0.65 ? "moderate" : "hard",
    label: isManual ? workout.name : null,
    source: isManual ? "manual" : chance < 0.4 ? "autodetected" : chance < 0.75 ? "confirmed" : "workout_heart_rate",
  };
}

const SESSION_TYPES = ["meditation", "breathing", "relaxation", "rest", "nap", "body_status"] as const;
const MOODS = ["good", "same", "great", "worse", "bad", null] as const;
const HRV_EVERY_MS = 5 * MINUTE_MS;

export interface Session {
  readonly startMs: number;
  readonly endMs: number;
}

/** Ten to twenty quiet minutes before bed; null on most days. */
export function sessionOn({ context }: OuraWorld, person: Person, date: string): Session | null {
  const chance = chanceOf(context.seed, "oura", person.who.id, "session", date);
  if (!chance.happens(0.2)) return null;
  const bedMs = person.night(addDays(date, 1)).bedMs;
  const startMs = Math.floor((bedMs - chance.between(40, 80) * MINUTE_MS) / MINUTE_MS) * MINUTE_MS;
  return { startMs, endMs: startMs + Math.round(chance.between(10, 20)) * MINUTE_MS };
}

export function sessions(world: OuraWorld, person: Person, date: string): OuraDocument[] {
  const session = sessionOn(world, person, date);
  if (!session) return [];
  const id = documentId(world, person, { collection: "session", date });
  return [{ id, day: date, readyMs: session.endMs + MINUTE_MS, tell: () => tellSession(world, person, date, session) }];
}

function tellSession(world: OuraWorld, person: Person, date: string, { startMs, endMs }: Session): Record<string, unknown> {
  const chance = chanceOf(world.context.seed, "oura", person.who.id, "session-kind", date);
  const type = chance.pick(SESSION_TYPES);
  const timestamp = localTimeMs(person, startMs);
  const minutes = person.minutes(startMs, endMs);
  const { rmssdAt } = person.vitals(date);
  // A rest is told without any measurement.
  const isMeasured = type !== "rest";
  const rmssds = Array.from({ length: Math.ceil((endMs - startMs) / HRV_EVERY_MS) }, (_, step) => rmssdAt(-30 + step));
  return {
    day: date,
    start_datetime: timestamp,
    end_datetime: localTimeMs(person, endMs),
    type,
    mood: chance.pick(MOODS),
    heart_rate: isMeasured ? { interval: 60, items: minutes.map(({ heartRate }) => heartRate), timestamp } : null,
    heart_rate_variability: isMeasured ? { interval: HRV_EVERY_MS / SECOND_MS, items: rmssds, timestamp } : null,
    motion_count: isMeasured ? { interval: 60, items: minutes.map(({ steps }) => Math.min(60, steps)), timestamp } : null,
  };
}

interface Noted {
  readonly atMs: number;
  readonly endMs: number | null;
  readonly code: string;
  readonly customName: string | null;
  readonly comment: string | null;
}

const CODES = ["tag_generic_coffee", "tag_generic_stress", "tag_generic_sauna", "custom"] as const;

function noted({ context }: OuraWorld, person: Person, date: string): Noted[] {
  const chance = chanceOf(context.seed, "oura", person.who.id, "tag", date);
  if (!chance.happens(0.35)) return [];
  const code = chance.pick(CODES);
  const atMs = atHour(person.who.zone, date, chance.between(9, 21));
  const isLasting = code === "tag_generic_sauna";
  return [{
    atMs, code,
    endMs: isLasting ? atMs + 20 * MINUTE_MS : null,
    customName: code === "custom" ? "New pillow" : null,
    comment: chance.happens(0.3) ? "An invented note" : null,
  }];
}

export function enhancedTags(world: OuraWorld, person: Person, date: string): OuraDocument[] {
  return noted(world, person, date).map(({ atMs, endMs, code, customName, comment }) => ({
    id: documentId(world, person, { collection: "enhanced_tag", date }),
    day: date,
    readyMs: (endMs ?? atMs) + 5 * MINUTE_MS,
    tell: () => ({
      tag_type_code: code,
      start_time: localTime(person, atMs),
      end_time: endMs === null ? null : localTime(person, endMs),
      start_day: date,
      end_day: endMs === null ? null : localDate(person.who.zone, endMs),
      comment,
      custom_name: customName,
    }),
  }));
}

/** The older form of the same notes; it knows no names given by people. */
export function tags(world: OuraWorld, person: Person, date: string): OuraDocument[] {
  return noted(world, person, date).filter(({ customName }) => customName === null).map(({ atMs, code, comment }) => ({
    id: documentId(world, person, { collection: "tag", date }),
    day: date,
    readyMs: atMs + 5 * MINUTE_MS,
    tell: () => ({ day: date, text: comment, timestamp: localTime(person, atMs), tags: [code] }),
  }));
}

const REST_EVERY_DAYS = 45;

/** One to four days in each stretch of 45. */
export function restModePeriods(world: OuraWorld, person: Person, date: string): OuraDocument[] {
  const block = Math.floor(dayNumber(date) / REST_EVERY_DAYS);
  const chance = chanceOf(world.context.seed, "oura", person.who.id, "rest-mode", block);
  if (dayNumber(date) !== block * REST_EVERY_DAYS + Math.floor(chance.between(0, REST_EVERY_DAYS))) return [];
  const startMs = atHour(person.who.zone, date, chance.between(8, 20));
  const endMs = startMs + Math.round(chance.between(24, 96)) * HOUR_MS;
  const isTimed = chance.happens(0.7);
  return [{
    id: documentId(world, person, { collection: "rest_mode_period", date }),
    day: date,
    readyMs: startMs + MINUTE_MS,
    tell: () => {
      const isOver = endMs <= world.context.now();
      return {
        start_day: date,
        start_time: isTimed ? localTimeMs(person, startMs) : null,
        end_day: isOver ? localDate(person.who.zone, endMs) : null,
        end_time: isOver && isTimed ? localTimeMs(person, endMs) : null,
        episodes: [{ tags: ["tag_generic_sick"], timestamp: localTimeMs(person, startMs) }],
      };
    },
  }];
}
