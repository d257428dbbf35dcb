/** What a visitor can make Strava push. */

import { DAY_MS } from "#units/time.ts";
import type { PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import type { Workout } from "../people/workouts.ts";
import { activitiesBetween } from "./activities.ts";
import type { StravaWorld } from "./world.ts";

export const STRAVA_PUSHES: readonly string[] = ["activity_create", "activity_update", "activity_private", "activity_public", "activity_delete", "deauthorize"];

/** `activity_create` is a walk that has just ended. Throws RangeError when there is no activity, or it is withheld. */
export async function pushStrava({ context, edits, events }: StravaWorld, person: Person, what: string): Promise<PushResult[]> {
  if (what === "deauthorize") return events.withdrawNow(person);
  const nowMs = context.now();
  const newest = (): ReturnType<typeof activitiesBetween>[number] | undefined => activitiesBetween({ context, edits }, person, nowMs - 60 * DAY_MS, nowMs).at(-1);
  const workout = what === "activity_create" ? context.endedWalk(person) : newest();
  if (!workout) throw new RangeError(`${person.who.id} has no activity.`);
  if (what === "activity_private" || what === "activity_public") return hide({ context, edits, events }, person, workout, what === "activity_private");
  if (!events.mayHear(person, workout)) throw new RangeError(`${person.who.id} withholds the activity.`);
  const event = { object: "activity" as const, objectId: workout.number };
  if (what === "activity_create") return events.tellNow(person, { ...event, aspect: "create", updates: {} });
  if (what === "activity_update") {
    const title = `${workout.name} (renamed)`;
    edits.rename(workout.number, title);
    return events.tellNow(person, { ...event, aspect: "update", updates: { title } });
  }
  edits.delete(workout.number);
  return events.tellNow(person, { ...event, aspect: "delete", updates: {} });
}

/** Without the wide scope an application is told that what it may not see is gone, and that what it may see again is new. */
function hide({ context, edits, events }: StravaWorld, person: Person, workout: Workout, isPrivate: boolean): Promise<PushResult[]> {
  edits.hide(workout.number, isPrivate);
  const seesAll = context.grants.live(person.who.id).some(({ scopes }) => scopes.includes("activity:read_all"));
  const event = { object: "activity" as const, objectId: workout.number };
  if (seesAll) return events.tellNow(person, { ...event, aspect: "update", updates: { private: String(isPrivate) } });
  return events.tellNow(person, { ...event, aspect: isPrivate ? "delete" : "create", updates: {} });
}
