/** Workouts, plans among them, with their summaries. vendors/wahoo.md, Data endpoints. */

import { addDays, DAY_MS, localDate, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Sport } from "../people/characters.ts";
import { dayNumber } from "../people/days.ts";
import type { Person } from "../people/person.ts";
import { chanceOf, hexOf } from "../people/rng.ts";
import type { Workout } from "../people/workouts.ts";
import { isOnFoot } from "../people/workouts.ts";
import type { WahooWorld } from "./world.ts";

/** Yoga apart, what a bicycle computer's maker has a number for; the gym is a "workout". */
const TYPES: Readonly<Record<Sport, number>> = { run: 1, trail_run: 4, ride: 15, indoor_ride: 12, walk: 6, hike: 9, swim: 25, strength: 42, yoga: 66 };
/** So far back an account goes. */
const HISTORY_DAYS = 500;
const UPLOAD_MS = 2 * MINUTE_MS;
/** Below all numbers of workouts. */
const FIRST_PLAN = 5_000_000_000;
const PLAN_HOUR_MS = 17 * 3_600_000;
const OWN_APP = 4;
/** Above 1000 stand other makers' apps. */
const OTHER_APP = 1_017;

/** One line of the list. */
export interface Item {
  readonly id: number;
  readonly startMs: number;
  /** When its summary is there; null for a plan that nobody carried out. */
  readonly doneMs: number | null;
  readonly workout: Workout | null;
}

const endOf = ({ startMs, elapsedSeconds }: Workout): number => startMs + elapsedSeconds * 1000;

function itemOf(workout: Workout): Item {
  return { id: workout.number, startMs: workout.startMs, doneMs: endOf(workout) + (workout.isExtra ? 0 : UPLOAD_MS), workout };
}

/** Now and then a session is planned for the early evening and not carried out. */
function planOn(context: CloudContext, person: Person, date: string): Item | null {
  if (!chanceOf(context.seed, "wahoo-plan", person.who.id, date).happens(0.06)) return null;
  return { id: FIRST_PLAN + dayNumber(date) * 10 + person.who.index, startMs: Date.parse(`${date}T00:00:00Z`) + PLAN_HOUR_MS, doneMs: null, workout: null };
}

/** All that is listed and starts in the window, newest first: plans up to tomorrow's, workouts once they have begun. */
export function itemsBetween(context: CloudContext, person: Person, fromMs: number, toMs: number): Item[] {
  const nowMs = context.now();
  const firstMs = Math.max(fromMs, nowMs - HISTORY_DAYS * DAY_MS, Date.parse(`${person.who.cgm.since}T00:00:00Z`));
  const items = person.workoutsBetween(firstMs, Math.min(toMs, nowMs)).map(itemOf);
  const last = localDate("UTC", Math.min(toMs, nowMs + DAY_MS));
  for (let date = localDate("UTC", firstMs); date <= last; date = addDays(date, 1)) {
    const plan = planOn(context, person, date);
    if (plan && plan.startMs >= firstMs && plan.startMs <= toMs) items.push(plan);
  }
  return items.toSorted((one, other) => other.startMs - one.startMs || other.id - one.id);
}

export const listedItems = (context: CloudContext, person: Person): Item[] => itemsBetween(context, person, Number.NEGATIVE_INFINITY, context.now() + 2 * DAY_MS);

/** The person's own; null for any other. */
export function itemById(context: CloudContext, person: Person, id: number): Item | null {
  if (!Number.isSafeInteger(id)) return null;
  const workout = person.workoutByNumber(id);
  if (workout) return workout.startMs <= context.now() ? itemOf(workout) : null;
  const day = Math.floor((id - FIRST_PLAN) / 10);
  const plan = day > 0 && day < 40_000 ? planOn(context, person, new Date(day * DAY_MS).toISOString().slice(0, 10)) : null;
  return plan?.id === id && plan.startMs <= context.now() + 2 * DAY_MS ? plan : null;
}

export function isDone({ doneMs }: Item, nowMs: number): boolean {
  return doneMs !== null && doneMs <= nowMs;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** The workout without its summary. */
export function tellWorkout(world: WahooWorld, person: Person, item: Item): Record<string, unknown> {
  const { workout, startMs, id, doneMs } = item;
  const edit = world.edits.of(id);
  const isPlan = workout === null;
  return {
    id,
    starts: iso(startMs),
    minutes: isPlan ? 60 : Math.round(workout.elapsedSeconds / 60),
    name: edit?.name ?? (isPlan ? "Intervals" : workout.name),
    plan_id: isPlan ? id % 100_000 : null,
    plan_ids: isPlan ? [id % 100_000] : [],
    route_id: null,
    workout_token: `ELEMNT ${hexOf(4, "wahoo-unit", person.who.id).toUpperCase()}:${id % 1000}`,
    workout_type_id: isPlan ? 12 : TYPES[workout.sport],
    created_at: iso(isPlan ? startMs - 2 * DAY_MS : startMs),
    updated_at: iso(edit?.atMs ?? doneMs ?? startMs - 2 * DAY_MS),
  };
}

/** Null while the workout goes on, and of a plan. All numbers are texts. */
export function tellSummary(world: WahooWorld, person: Person, item: Item): Record<string, unknown> | null {
  const { context, edits } = world;
  const { workout, doneMs } = item;
  if (workout === null || doneMs === null || doneMs > context.now()) return null;
  const { sport, elapsedSeconds, movingSeconds, distanceMeters, climbMeters, averageHr, averageWatts, cadence } = workout;
  const chance = chanceOf(context.seed, "wahoo-summary", workout.number);
  const [isStrapless, isPodless, isTyped] = [chance.happens(0.08), chance.happens(0.2), sport === "yoga" && chance.happens(0.4)];
  const isFromOtherApp = sport === "indoor_ride" && chance.happens(0.25);
  const edit = edits.of(item.id);
  // Turns a minute, on foot of one leg.
  const turns = cadence === null || isPodless ? 0 : isOnFoot(sport) ? cadence / 2 : cadence;
  const url = world.fileUrl(workout.number);
  return {
    id: workout.number + 1,
    name: edit?.name ?? workout.name,
    ascent_accum: chance.happens(0.1) ? null : decimal(climbMeters),
    cadence_avg: decimal(turns),
    calories_accum: decimal(workout.calories),
    distance_accum: decimal(distanceMeters, 2),
    duration_active_accum: decimal(movingSeconds),
    duration_paused_accum: isTyped ? null : decimal(elapsedSeconds - movingSeconds),
    duration_total_accum: decimal(elapsedSeconds),
    heart_rate_avg: decimal(isStrapless ? 0 : averageHr),
    power_avg: averageWatts === null ? (chance.happens(0.5) ? null : "0.0") : decimal(averageWatts),
    power_bike_np_last: averageWatts === null ? null : decimal(averageWatts * 1.06),
    power_bike_tss_last: averageWatts === null ? null : decimal(movingSeconds / 60),
    speed_avg: decimal(distanceMeters / movingSeconds, 2),
    work_accum: averageWatts === null ? null : decimal(averageWatts * movingSeconds),
    time_zone: person.who.zone,
    manual: isTyped,
    edited: edit !== null,
    fitness_app_id: isTyped ? null : isFromOtherApp ? OTHER_APP : OWN_APP,
    ...(isTyped ? {} : context.position("fileField") === "file" ? { file: { url } } : { files: [{ url }] }),
    created_at: iso(doneMs),
    updated_at: iso(edit?.atMs ?? doneMs),
  };
}

function decimal(value: number, digits = 1): string {
  return value.toFixed(digits);
}
