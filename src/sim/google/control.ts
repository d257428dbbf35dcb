/** What a visitor can make Google push. */

import { DAY_MS } from "#units/time.ts";
import type { PushDetail } from "../cloud.ts";
import type { PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import type { Notice } from "./notices.ts";
import { mayTell, newsOf, tellNow } from "./notices.ts";
import { pointId, pointsBetween } from "./points.ts";
import { registerByHand } from "./subscribers.ts";
import { HEALTH_TYPES, healthType } from "./types.ts";
import type { GoogleWorld, HealthType } from "./world.ts";

const DELETIONS: Readonly<Record<string, string>> = { "sleep.delete": "sleep", "exercise.delete": "exercise" };
const TOLD = HEALTH_TYPES.filter(({ isTold }) => isTold).map(({ name }) => name);

export const GOOGLE_PUSHES: readonly string[] = [...TOLD, ...Object.keys(DELETIONS)];

/** `exercise` is a walk that has just ended. Throws RangeError when the person withholds the type, or there is nothing to delete. */
export async function pushGoogle(world: GoogleWorld, person: Person, what: string, { days = 1 }: PushDetail): Promise<PushResult[]> {
  const { context } = world;
  const type = healthType(DELETIONS[what] ?? what);
  if (!type) return [];
  if (!mayTell(world, person, type)) throw new RangeError(`${person.who.id} withholds ${type.name}.`);
  await registerByHand(world);
  if (what === "exercise") context.endedWalk(person);
  const notice = what in DELETIONS ? deletion(world, person, type) : newsOf(world, person, type, context.now() - days * DAY_MS);
  return notice ? tellNow(world, person, [notice]) : [];
}

/** The newest one goes. */
function deletion(world: GoogleWorld, person: Person, type: HealthType): Notice {
  const nowMs = world.context.now();
  const newest = pointsBetween(world, person, type, { fromMs: nowMs - 60 * DAY_MS, toMs: nowMs }).at(-1);
  if (!newest) throw new RangeError(`${person.who.id} has no ${type.name}.`);
  world.kept.gone.push(pointId(world, person, type, newest));
  return { type, operation: "DELETE", fromMs: newest.startMs, toMs: newest.endMs };
}
