/** Workouts. vendors/whoop.md, Workout. */

import { localDate, SECOND_MS } from "#units/time.ts";
import type { Sport } from "../people/characters.ts";
import { datedUuid } from "../people/dated.ts";
import type { Person } from "../people/person.ts";
import type { Workout } from "../people/workouts.ts";
import { hasRoute, maxHrOf, workoutHr } from "../people/workouts.ts";
import type { WhoopRecord } from "./records.ts";
import { FORMER_UNTIL_MS, iso, round, scoredMsOf, scoreFields, strainOf, timezoneOffset, userIdOf } from "./records.ts";
import type { WhoopWorld } from "./world.ts";

/** Free text in small letters, and the number it had before. */
const SPORTS: Readonly<Record<Sport, readonly [name: string, id: number]>> = {
  run: ["running", 0], trail_run: ["running", 0], ride: ["cycling", 1], indoor_ride: ["spin", 97], walk: ["walking", 63], hike: ["hiking/rucking", 52],
  swim: ["swimming", 33], strength: ["functional fitness", 48], yoga: ["yoga", 44],
};
const ZONES = ["zero", "one", "two", "three", "four", "five"] as const;
const ZONE_STEP_SECONDS = 10;

export function workoutIdOf({ context }: Pick<WhoopWorld, "context">, person: Person, workout: Workout): string {
  return datedUuid(localDate(person.who.zone, workout.startMs), "whoop", context.seed, "workout", workout.number);
}

/** The date's workouts; deleted ones are not there. */
export function workoutsOf(world: WhoopWorld, person: Person, date: string): WhoopRecord[] {
  return person.workouts(date).map((workout) => {
    const { startMs, elapsedSeconds, isExtra } = workout;
    const id = workoutIdOf(world, person, workout);
    const endMs = startMs + elapsedSeconds * SECOND_MS;
    // A visitor who asks for one gets it with its score.
    const readyMs = isExtra ? endMs : endMs + 180 * SECOND_MS;
    const scoredMs = isExtra ? readyMs : scoredMsOf(world, "workout", person, readyMs);
    const [sportName, sportId] = SPORTS[workout.sport];
    return {
      id, startMs, readyMs, scoredMs,
      tell: () => ({
        id,
        ...(readyMs < FORMER_UNTIL_MS ? { v1_id: workout.number, sport_id: sportId } : {}),
        user_id: userIdOf(world, person),
        start: iso(startMs),
        end: iso(endMs),
        timezone_offset: timezoneOffset(person, startMs),
        sport_name: sportName,
        ...scoreFields(world, { readyMs, scoredMs }, () => tellScore(person, workout)),
      }),
    };
  }).filter(({ id }) => !world.deletions.has(id));
}

function tellScore(person: Person, workout: Workout): Record<string, unknown> {
  const { who } = person;
  const { elapsedSeconds, averageHr, maxHr, calories, distanceMeters, climbMeters } = workout;
  const share = Math.max(0, (averageHr - who.restingHr) / (maxHrOf(who) - who.restingHr));
  return {
    strain: strainOf((elapsedSeconds / 60) * share * 0.64 * Math.exp(1.92 * share)),
    average_heart_rate: Math.round(averageHr),
    max_heart_rate: maxHr,
    kilojoule: round(calories * 4.184, 3),
    percent_recorded: 100,
    ...(distanceMeters > 0 ? { distance_meter: distanceMeters } : {}),
    // The outing comes home: what is left of the climb is the barometer's error.
    ...(hasRoute(workout) ? { altitude_gain_meter: climbMeters, altitude_change_meter: round((climbMeters % 7) / 10, 1) } : {}),
    zone_durations: zoneDurations(person, workout),
  };
}

/** By tenths of the highest heart rate from a half on. Together they are the whole workout. */
function zoneDurations(person: Person, workout: Workout): Record<string, number> {
  const highest = maxHrOf(person.who);
  const durations = ZONES.map(() => 0);
  for (let second = 0; second < workout.elapsedSeconds; second += ZONE_STEP_SECONDS) {
    const share = workoutHr(person.who, workout, second) / highest;
    const zone = Math.max(0, Math.min(5, Math.floor(share * 10) - 4));
    durations[zone]! += Math.min(ZONE_STEP_SECONDS, workout.elapsedSeconds - second) * SECOND_MS;
  }
  return Object.fromEntries(ZONES.map((name, zone) => [`zone_${name}_milli`, durations[zone]!]));
}
