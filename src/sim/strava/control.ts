/** What a visitor can make Strava push. */

import { DAY_MS } from "#units/time.ts";
import type { PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import { activitiesBetween } from "./activities.ts";
import type { StravaWorld } from "./world.ts";

export const STRAVA_PUSHES: readonly string[] = ["activity_create", "activity_update", "activity_delete", "deauthorize"];

/** `activity_create` is a walk that has just ended. Throws RangeError when there is no activity, or it is withheld. */
export async function pushStrava({ context, edits, events }: StravaWorld, person: Person, what: string): Promise<PushResult[]> {
  if (what === "deauthorize") return events.withdrawNow(person);
  const nowMs = context.now();
  const newest = (): ReturnType<typeof activitiesBetween>[number] | undefined => activitiesBetween({ context, edits }, person, nowMs - 60 * DAY_MS, nowMs).at(-1);
  const workout = what === "activity_create" ? context.endedWalk(person) : newest();
  if (!workout) throw new RangeError(`${person.who.id} has no activity.`);
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
