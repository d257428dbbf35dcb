/** What COROS tells as time goes by, and at a visitor's wish. vendors/coros.md, Webhooks. */

import { addDays, DAY_MS, localDate, MINUTE_MS } from "#units/time.ts";
import type { CloudContext, PushDetail } from "../cloud.ts";
import type { PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import { outingsOf } from "./outings.ts";
import type { News } from "./pushes.ts";
import type { CorosWorld } from "./world.ts";

export const COROS_PUSHES: readonly string[] = ["workout", "triathlon"];

const EVERY_MS = MINUTE_MS / 2;
/** A house that was off for longer is not told of everything it missed. */
const LONGEST_MISSED_MS = 7 * DAY_MS;

export function tickCoros({ context, pushes }: CorosWorld): void {
  const news = context.people.flatMap((person) => newsOf(context, person, () => pushes.drop(person.who.id)));
  pushes.tell(news);
  // At least once: some come twice.
  if (news[0] && chanceOf(context.seed, "coros-twice", news[0].outing.labelId).happens(0.08)) pushes.tell(news);
}

/** What was brought in since the last look. `leave` is called for people whom COROS must not speak of any more. */
function newsOf(context: CloudContext, person: Person, leave: () => void): News[] {
  const nowMs = context.now();
  const grants = context.grants.live(person.who.id);
  if (grants.length === 0) {
    leave();
    return [];
  }
  const lastMs = Math.max(nowMs - LONGEST_MISSED_MS, Math.min(...grants.map(({ tickMs }) => tickMs)));
  if (nowMs - lastMs < EVERY_MS) return [];
  for (const grant of grants) grant.tickMs = nowMs;
  return outingsSince(context, person, lastMs).filter(({ outing }) => outing.uploadedMs > lastMs);
}

function outingsSince(context: CloudContext, person: Person, fromMs: number): News[] {
  const { zone } = person.who;
  return outingsOf(context, person, addDays(localDate(zone, fromMs), -1), localDate(zone, context.now())).map((outing) => ({ person, outing }));
}

/** A walk that has just ended, or a triathlon; with `days`, all of so many days in one body. */
export async function pushCoros({ context, pushes }: CorosWorld, person: Person, what: string, { days }: PushDetail): Promise<PushResult[]> {
  const nowMs = context.now();
  if (days !== undefined) return pushes.tellNow(outingsSince(context, person, nowMs - days * DAY_MS));
  const startMs = what === "triathlon" ? race(context, person, nowMs) : context.endedWalk(person).startMs;
  return pushes.tellNow(outingsSince(context, person, startMs).filter(({ outing }) => outing.startMs === startMs));
}

/** Three outings with two minutes between them; when the first began. */
function race(context: CloudContext, person: Person, nowMs: number): number {
  const legs = [["swim", 18], ["ride", 40], ["run", 25]] as const;
  let startMs = nowMs - (18 + 2 + 40 + 2 + 25) * MINUTE_MS;
  const firstMs = startMs;
  for (const [sport, minutes] of legs) {
    context.addWorkout(person, { startMs, minutes, sport });
    startMs += (minutes + 2) * MINUTE_MS;
  }
  return firstMs;
}
