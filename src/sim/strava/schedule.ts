/** What Strava tells of its own accord as time goes by. */

import { DAY_MS, SECOND_MS } from "#units/time.ts";
import type { Person } from "../people/person.ts";
import { uploadedMs } from "./activities.ts";
import type { StravaWorld } from "./world.ts";

/** After the code was traded: time for the application to learn whom it is connected with, and to read what there is. */
const WELCOME_MS = 20 * SECOND_MS;
/** A house that was off for longer is not told of everything it missed. */
const LONGEST_MISSED_MS = 7 * DAY_MS;

export function tickStrava(world: StravaWorld): void {
  for (const person of world.context.people) tickPerson(world, person);
}

function tickPerson({ context, events }: StravaWorld, person: Person): void {
  const nowMs = context.now();
  const grants = context.grants.live(person.who.id);
  if (grants.length === 0 || context.subscriptions.all().length === 0) return;
  const isNew = grants.some((grant) => !grant.isWelcomed && nowMs >= grant.sinceMs + WELCOME_MS);
  if (isNew) {
    const minutes = 25;
    const workout = context.addWorkout(person, { startMs: nowMs - (minutes * 60 + 5) * SECOND_MS, minutes, sport: "walk" });
    if (events.mayHear(person, workout)) events.tell(person, { object: "activity", objectId: workout.number, aspect: "create", updates: {} }, nowMs);
  }
  const lastMs = Math.max(nowMs - LONGEST_MISSED_MS, Math.min(...grants.map((grant) => grant.tickMs)));
  for (const workout of person.workoutsBetween(lastMs - DAY_MS / 2, nowMs)) {
    const atMs = uploadedMs(workout);
    if (workout.isExtra || atMs <= lastMs || atMs > nowMs || !events.mayHear(person, workout)) continue;
    events.tell(person, { object: "activity", objectId: workout.number, aspect: "create", updates: {} }, nowMs);
  }
  for (const grant of grants) {
    if (isNew) grant.isWelcomed = true;
    grant.tickMs = nowMs;
  }
}
