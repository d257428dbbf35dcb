/** What the watch recorded: one outing, or several in a row as the legs of one. vendors/coros.md, Workout. */

import { DAY_MS, localDate, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Sport } from "../people/characters.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import type { Workout } from "../people/workouts.ts";
import { isOnFoot, isRide } from "../people/workouts.ts";
import { fitUrlOf } from "./fit.ts";

/** Yoga has no pair of its own that anybody has seen: gym cardio. */
const PAIRS: Readonly<Record<Sport, readonly [mode: number, subMode: number]>> = {
  run: [8, 1], trail_run: [15, 1], ride: [9, 1], indoor_ride: [9, 2], walk: [31, 1], hike: [16, 1], swim: [10, 2], strength: [23, 2], yoga: [18, 2],
};
const TRIATHLON = [13, 1] as const;
/** Legs further apart are outings of their own. */
const TRANSITION_MS = 10 * MINUTE_MS;
const SYNC_MS = 2 * MINUTE_MS;
/** The list goes back about three months. */
const LISTED_DAYS = 90;
/** Beyond 2^53, and such that rounding shows. */
const FIRST_LABEL = 418_173_000_000_000_001n;

export interface Outing {
  /** Beyond what a JavaScript number can hold. */
  readonly labelId: string;
  readonly mode: number;
  readonly subMode: number;
  readonly startMs: number;
  readonly endMs: number;
  /** When the watch has brought it in. */
  readonly uploadedMs: number;
  /** More than one for a triathlon. */
  readonly parts: readonly [Workout, ...Workout[]];
}

const endOf = (workout: Workout): number => workout.startMs + workout.elapsedSeconds * 1000;

function outingOf(parts: readonly [Workout, ...Workout[]]): Outing {
  const [first] = parts;
  const last = parts.at(-1) ?? first;
  const [mode, subMode] = parts.length > 1 ? TRIATHLON : PAIRS[first.sport];
  const endMs = endOf(last);
  return { labelId: String(FIRST_LABEL + BigInt(first.number) * 7n), mode, subMode, startMs: first.startMs, endMs, uploadedMs: endMs + (last.isExtra ? 0 : SYNC_MS), parts };
}

/** A swim, a ride and a run without a pause worth the name: the watch was told that it is one race. */
function isTriathlon([swim, ride, run]: readonly Workout[]): boolean {
  if (!swim || !ride || !run || swim.sport !== "swim" || !isRide(ride.sport) || run.sport !== "run") return false;
  return ride.startMs - endOf(swim) <= TRANSITION_MS && run.startMs - endOf(ride) <= TRANSITION_MS;
}

/** Brought in by now and started on a local date of `[first, last]` that is still listed, oldest first. */
export function outingsOf(context: CloudContext, person: Person, first: string, last: string): Outing[] {
  const { zone } = person.who;
  const nowMs = context.now();
  const earliest = localDate(zone, nowMs - LISTED_DAYS * DAY_MS);
  // A day more on either side, so that legs find one another.
  const workouts = person.workoutsBetween(Date.parse(`${first}T00:00:00Z`) - 2 * DAY_MS, Date.parse(`${last}T00:00:00Z`) + 3 * DAY_MS);
  const found: Outing[] = [];
  for (let index = 0; index < workouts.length;) {
    const legs = workouts.slice(index, index + 3);
    const count = isTriathlon(legs) ? 3 : 1;
    found.push(outingOf(workouts.slice(index, index + count) as [Workout, ...Workout[]]));
    index += count;
  }
  return found.filter(({ startMs, uploadedMs }) => {
    const date = localDate(zone, startMs);
    return uploadedMs <= nowMs && date >= first && date <= last && date >= earliest;
  });
}

const sum = (parts: readonly Workout[], of: (part: Workout) => number): number => parts.reduce((total, part) => total + of(part), 0);
const secondsOf = (ms: number): number => Math.floor(ms / 1000);
/** Offsets are told in quarters of an hour. */
const quartersAt = (zone: string, ms: number): number => offsetMinutesAt(zone, ms) / 15;
const metersOf = ({ distanceMeters }: Workout): number => Math.round(distanceMeters);
const stepsOf = ({ sport, cadence, movingSeconds }: Workout): number => (isOnFoot(sport) ? Math.round(((cadence ?? 0) * movingSeconds) / 60) : 0);

/** As the list and the push tell it. */
export function tellOuting(context: CloudContext, person: Person, outing: Outing): Record<string, unknown> {
  const { parts, startMs, endMs } = outing;
  const [first] = parts;
  const isMany = parts.length > 1;
  const chance = chanceOf(context.seed, "coros-outing", outing.labelId);
  const [distance, duration] = [sum(parts, metersOf), sum(parts, ({ movingSeconds }) => movingSeconds)];
  const isTimeless = chance.happens(0.06) && !isMany;
  const isWritten = chance.happens(0.12);
  // Some numbers come as texts.
  const told = (value: number): number | string => (isWritten ? String(value) : value);
  return {
    labelId: outing.labelId,
    mode: outing.mode,
    subMode: outing.subMode,
    deviceName: person.who.watch.hasHrv ? "COROS PACE 3" : "COROS PACE 2",
    ...(distance > 0 ? { distance: told(distance) } : {}),
    ...(isTimeless ? {} : { duration: told(duration) }),
    startTime: secondsOf(startMs),
    endTime: secondsOf(endMs),
    startTimezone: quartersAt(person.who.zone, startMs),
    endTimezone: quartersAt(person.who.zone, endMs),
    step: sum(parts, stepsOf),
    // Small calories.
    calorie: sum(parts, ({ calories }) => calories) * 1000 + Math.floor(chance.between(0, 1000)),
    // Called a speed, and seconds a kilometre.
    avgSpeed: distance > 0 && !isMany ? Math.round((duration * 1000) / distance) : 0,
    avgFrequency: isOnFoot(first.sport) && !isMany ? Math.round(first.cadence ?? 0) : 0,
    fitUrl: fitUrlOf(context, outing.labelId),
    planWorkoutId: null,
    triathlonItemList: isMany ? parts.map((part, leg) => tellLeg(context, outing, part, leg)) : [],
  };
}

function tellLeg(context: CloudContext, { labelId }: Outing, part: Workout, leg: number): object {
  const [mode, subMode] = PAIRS[part.sport];
  return { mode, subMode, distance: metersOf(part), duration: part.movingSeconds, fitUrl: fitUrlOf(context, `${labelId}-${leg}`) };
}
