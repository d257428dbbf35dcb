/** Workouts as the list and notifications tell them. vendors/suunto.md, Workout object, activityId table. */

import { offsetMinutesAt } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import { binary, json } from "../exchange.ts";
import type { Sport } from "../people/characters.ts";
import type { Person } from "../people/person.ts";
import { chanceOf, hexOf } from "../people/rng.ts";
import type { Workout } from "../people/workouts.ts";
import { hasRoute, isOnFoot, maxHrOf } from "../people/workouts.ts";
import type { Visit } from "./gateway.ts";
import { apiRefusal } from "./gateway.ts";
import { sinceMs, uploadedMs } from "./watch.ts";

const ACTIVITIES: Readonly<Record<Sport, number>> = { run: 1, trail_run: 22, ride: 2, indoor_ride: 52, walk: 0, hike: 11, swim: 21, strength: 23, yoga: 121 };
const USUAL_PER_PAGE = 50;
const NUMBER_DIGITS = 11;

export const endOf = ({ startMs, elapsedSeconds }: Workout): number => startMs + elapsedSeconds * 1000;

/** When it is in the cloud: one that a visitor asks for, at once. */
export const uploadOf = (workout: Workout): number => (workout.isExtra ? endOf(workout) : uploadedMs(endOf(workout)));

/** The last digits say which workout it is. */
export function keyOf(context: Pick<CloudContext, "seed">, workout: Workout): string {
  return hexOf(13, context.seed, "suunto-workout", workout.number) + workout.number.toString(16).padStart(NUMBER_DIGITS, "0");
}

/** Of the person, and in the cloud; null for any other. */
function workoutBy({ context, person, call }: Visit): Workout | null {
  const key = call.params["key"] ?? "";
  const workout = person.workoutByNumber(Number.parseInt(key.slice(-NUMBER_DIGITS), 16));
  return workout && keyOf(context, workout) === key && uploadOf(workout) <= context.now() ? workout : null;
}

/** Newest first. `since` and `until` act on the start, or on the last change; both ends are taken to count. */
export function listWorkouts({ context, person, call }: Visit): Answer {
  if (context.position("workoutList") === "error in 200") return { ...apiRefusal(500, "Service is busy"), status: 200 };
  const numberOf = (name: string, usual: number): number => (call.query.has(name) ? Number(call.query.get(name)) : usual);
  const [since, until, limit, offset] = [numberOf("since", 0), numberOf("until", context.now()), numberOf("limit", USUAL_PER_PAGE), numberOf("offset", 0)];
  if ([since, until, limit, offset].some((number) => !Number.isInteger(number) || number < 0)) return apiRefusal(400, "since, until, limit and offset must be whole numbers");
  const isByChange = call.query.get("filter-by-modification-time") === "true";
  const found = person.workoutsBetween(Math.max(since - 86_400_000, sinceMs(person)), Math.min(until, context.now())).filter((workout) => {
    const atMs = isByChange ? uploadOf(workout) : workout.startMs;
    return uploadOf(workout) <= context.now() && atMs >= since && atMs <= until;
  });
  const shown = found.toReversed().slice(offset, offset + Math.min(limit, Number(context.position("workoutsPerPage"))));
  const payload = shown.map((workout) => ({ ...tellWorkout(context, person, workout), gear: gearOf(person) }));
  return json(200, { error: null, payload, metadata: { workoutcount: String(found.length), until: String(until) } });
}

/** By itself a workout may lack its end. Whether it is wrapped once more is not clear. */
export function oneWorkout(visit: Visit): Answer {
  const { context, person } = visit;
  const workout = workoutBy(visit);
  if (!workout) return apiRefusal(404, "Workout not found");
  const { stopTime, ...others } = tellWorkout(context, person, workout);
  const whole = chanceOf(context.seed, "suunto-stop", workout.number).happens(0.5) ? { ...others, stopTime } : others;
  const told = { ...whole, gear: gearOf(person) };
  return json(200, { error: null, payload: context.position("oneWorkout") === "wrapped" ? { workout: told } : told, metadata: {} });
}

/** A header of 14 bytes without messages; both checksums may be 0. */
const EMPTY_FIT = Uint8Array.from([14, 0x20, 0x54, 0x08, 0, 0, 0, 0, 0x2e, 0x46, 0x49, 0x54, 0, 0, 0, 0]);

export const workoutFile = (visit: Visit): Answer => (workoutBy(visit) ? binary("application/octet-stream", EMPTY_FIT) : apiRefusal(404, "Workout not found"));

export function gearOf({ who }: Person): object {
  const name = who.watch.hasHrv ? "Race" : "5 Peak";
  return { manufacturer: "Suunto", name, displayName: `Suunto ${name}`, serialNumber: hexOf(12, "suunto-watch", who.id), swVersion: "2.35.34", hwVersion: "1.0", productType: "watch" };
}

export function tellWorkout(context: CloudContext, person: Person, workout: Workout): Record<string, unknown> {
  const { who } = person;
  const { sport, startMs, movingSeconds, distanceMeters, climbMeters, averageHr, maxHr, averageWatts, cadence } = workout;
  const chance = chanceOf(context.seed, "suunto-workout", workout.number);
  const isTyped = sport === "yoga" && chance.happens(0.4);
  const isMoving = distanceMeters > 0;
  // One leg's turns on foot.
  const turns = cadence === null ? null : isOnFoot(sport) ? cadence / 2 : cadence;
  const [longitude, latitude] = [who.home[1], who.home[0]];
  return {
    workoutId: workout.number,
    workoutKey: keyOf(context, workout),
    activityId: ACTIVITIES[sport],
    ...(chance.happens(0.6) ? { workoutName: workout.name } : {}),
    startTime: startMs,
    stopTime: endOf(workout),
    totalTime: movingSeconds + Math.round(chance.between(0, 9)) / 10,
    totalDistance: distanceMeters,
    totalAscent: climbMeters,
    totalDescent: climbMeters,
    stepCount: isOnFoot(sport) ? Math.round(((cadence ?? 0) * movingSeconds) / 60) : 0,
    // Kilocalories, other than in 24/7 data.
    energyConsumption: workout.calories,
    avgSpeed: hundredths(distanceMeters / movingSeconds),
    maxSpeed: hundredths((distanceMeters / movingSeconds) * (isMoving ? chance.between(1.2, 1.7) : 0)),
    recoveryTime: Math.round((movingSeconds * Math.max(0.5, averageHr - who.restingHr)) / 10),
    cadence: turns === null ? { avg: 0, max: 0 } : { avg: hundredths(turns), max: hundredths(turns * 1.15) },
    hrdata: isTyped ? null : heartsOf(context, person, { averageHr, maxHr }),
    timeOffsetInMinutes: offsetMinutesAt(who.zone, startMs),
    ...(hasRoute(workout) ? { startPosition: { x: longitude, y: latitude }, stopPosition: { x: longitude, y: latitude }, maxAltitude: 60 + climbMeters / 3, minAltitude: 60 } : {}),
    ...(averageWatts === null ? {} : { avgPower: averageWatts, maxPower: Math.round(averageWatts * 2.1) }),
    isManuallyAdded: isTyped,
    isEdited: false,
    created: uploadOf(workout),
    lastModified: uploadOf(workout),
  };
}

/** `max` is the person's highest by the settings and `hrmax` the session's; some payloads have them the other way round, without `workoutMaxHR`. */
function heartsOf(context: CloudContext, { who }: Person, { averageHr, maxHr }: Pick<Workout, "averageHr" | "maxHr">): object {
  const highest = maxHrOf(who);
  const average = Math.round(averageHr);
  if (context.position("hrdata") === "swapped") return { userMaxHR: highest, avg: average, hrmax: highest, max: maxHr };
  return { workoutAvgHR: average, workoutMaxHR: maxHr, userMaxHR: highest, avg: average, hrmax: maxHr, max: highest, min: Math.round(who.restingHr + (average - who.restingHr) * 0.4) };
}

const hundredths = (value: number): number => Math.round(value * 100) / 100;
