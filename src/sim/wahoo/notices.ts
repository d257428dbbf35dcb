/** Wahoo's notifications: the summary with its workout, proved by a token in the body. vendors/wahoo.md, Webhooks. */

import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import type { CloudContext, PushDetail } from "../cloud.ts";
import type { Push, PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import { wahooUserId } from "./oauth.ts";
import type { WahooWorld } from "./world.ts";
import type { Item } from "./workouts.ts";
import { isDone, itemById, itemsBetween, tellSummary, tellWorkout } from "./workouts.ts";

const NEW = "workout_summary";
const EDITED = "workout_summary, edited";
export const WAHOO_PUSHES: readonly string[] = [NEW, EDITED];

const EVERY_MS = MINUTE_MS / 2;
/** A house that was off for longer is not told of everything it missed. */
const LONGEST_MISSED_MS = 7 * DAY_MS;
const LOOKED_BACK_DAYS = 60;

/** Of those alone who have allowed `offline_data`. */
const mayTell = (context: CloudContext, person: Person): boolean => context.grants.live(person.who.id).some(({ scopes }) => scopes.includes("offline_data"));

function pushesOf(world: WahooWorld, person: Person, what: string, item: Item): Push[] {
  const { context } = world;
  const url = context.webhookUrl;
  const summary = tellSummary(world, person, item);
  if (url === null || summary === null) return [];
  const body = JSON.stringify({
    event_type: "workout_summary",
    webhook_token: context.extra("webhook_token"),
    user: { id: wahooUserId(context, person) },
    workout_summary: { ...summary, workout: tellWorkout(world, person, item) },
  });
  return [{ person: person.who.id, what, url, headers: { "content-type": "application/json" }, body: () => body, dueMs: context.now() }];
}

export function tickWahoo(world: WahooWorld): void {
  for (const person of world.context.people) tickPerson(world, person);
}

function tickPerson(world: WahooWorld, person: Person): void {
  const { context } = world;
  const nowMs = context.now();
  if (!mayTell(context, person)) {
    context.outbox.drop(person.who.id);
    return;
  }
  const grants = context.grants.live(person.who.id);
  const lastMs = Math.max(nowMs - LONGEST_MISSED_MS, Math.min(...grants.map(({ tickMs }) => tickMs)));
  if (nowMs - lastMs < EVERY_MS) return;
  for (const grant of grants) grant.tickMs = nowMs;
  for (const item of itemsBetween(context, person, lastMs - 2 * DAY_MS, nowMs).toReversed()) {
    if (item.doneMs === null || item.doneMs <= lastMs || item.doneMs > nowMs) continue;
    const pushes = pushesOf(world, person, NEW, item);
    // At least once: some come twice.
    context.outbox.add(...pushes, ...(chanceOf(context.seed, "wahoo-twice", item.id).happens(0.08) ? pushes : []));
  }
}

/**
 * A walk that has just ended, or all of the last days; edited: the newest workout under another name. Throws RangeError when the person
 * withholds `offline_data`, or has no workout.
 */
export async function pushWahoo(world: WahooWorld, person: Person, what: string, { days }: PushDetail): Promise<PushResult[]> {
  const { context } = world;
  const nowMs = context.now();
  if (!mayTell(context, person)) throw new RangeError(`${person.who.id} withholds offline_data.`);
  if (what === NEW && days === undefined) {
    const walk = itemById(context, person, context.endedWalk(person).number);
    return context.outbox.sendNow(walk ? pushesOf(world, person, what, walk) : []);
  }
  const done = itemsBetween(context, person, nowMs - (days ?? LOOKED_BACK_DAYS) * DAY_MS, nowMs).filter((item) => isDone(item, nowMs));
  if (what === NEW) return context.outbox.sendNow(done.toReversed().flatMap((item) => pushesOf(world, person, what, item)));
  const [newest] = done;
  if (!newest) throw new RangeError(`${person.who.id} has no workout.`);
  world.edits.add({ id: newest.id, name: `${newest.workout?.name ?? "Workout"} (renamed)`, atMs: nowMs });
  return context.outbox.sendNow(pushesOf(world, person, what, newest));
}
