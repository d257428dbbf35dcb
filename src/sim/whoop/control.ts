/** What a visitor can make WHOOP push. */

import { addDays, localDate } from "#units/time.ts";
import type { PushDetail } from "../cloud.ts";
import type { PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import { recoveryKey } from "./cycles.ts";
import type { Kind, WhoopEvent, WhoopEvents } from "./events.ts";
import { RECORDS_OF } from "./schedule.ts";
import { workoutIdOf } from "./workouts.ts";
import type { WhoopWorld } from "./world.ts";

const KINDS = ["workout", "sleep", "recovery"] as const satisfies readonly Kind[];

export const WHOOP_PUSHES: readonly string[] = KINDS.flatMap((kind) => [`${kind}.updated`, `${kind}.deleted`]);

const LOOKED_BACK_DAYS = 60;

export interface WhoopWish {
  readonly person: Person;
  /** One of `WHOOP_PUSHES`. */
  readonly what: string;
  readonly detail: PushDetail;
}

/** `workout.updated` is a walk that has just ended. Throws RangeError when the person withholds it, or has none. */
export async function pushWhoop(world: WhoopWorld, events: WhoopEvents, { person, what, detail }: WhoopWish): Promise<PushResult[]> {
  const kind = KINDS.find((one) => what.startsWith(`${one}.`));
  if (!kind) throw new RangeError(`WHOOP has no event "${what}".`);
  if (!events.mayHear(person, kind)) throw new RangeError(`${person.who.id} withholds read:${kind}.`);
  const updated = (id: string): WhoopEvent => ({ kind, verb: "updated", id });
  if (what === "workout.updated" && detail.days === undefined) {
    return events.tellNow(person, [updated(workoutIdOf(world, person, world.context.endedWalk(person)))]);
  }
  const ids = recent(world, person, kind, detail.days);
  const newest = ids[0];
  if (newest === undefined) throw new RangeError(`${person.who.id} has no ${kind}.`);
  if (what.endsWith(".updated")) return events.tellNow(person, ids.toReversed().map(updated));
  world.deletions.add(kind === "recovery" ? recoveryKey(newest) : newest);
  const deleted: WhoopEvent[] = [{ kind, verb: "deleted", id: newest }];
  // The recovery of a night goes with it.
  if (kind === "sleep" && events.mayHear(person, "recovery")) deleted.push({ kind: "recovery", verb: "deleted", id: newest });
  return events.tellNow(person, deleted);
}

/** Newest first: those of the last days, or the newest alone. */
function recent(world: WhoopWorld, person: Person, kind: Kind, days: number | undefined): string[] {
  const nowMs = world.context.now();
  const found: string[] = [];
  let date = localDate(person.who.zone, nowMs);
  for (let back = 0; back <= (days ?? LOOKED_BACK_DAYS); back++, date = addDays(date, -1)) {
    const ready = RECORDS_OF[kind](world, person, date).filter(({ readyMs }) => readyMs <= nowMs);
    found.push(...ready.map(({ id }) => id).toReversed());
    if (days === undefined && found[0] !== undefined) return [found[0]];
  }
  return found;
}
