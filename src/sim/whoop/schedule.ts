/** What WHOOP tells of its own accord as time goes by. */

import { addDays, DAY_MS, localDate, MINUTE_MS, SECOND_MS } from "#units/time.ts";
import type { Person } from "../people/person.ts";
import type { Grant } from "../tokens.ts";
import { recoveryOf } from "./cycles.ts";
import type { Kind, WhoopEvents } from "./events.ts";
import type { WhoopRecord } from "./records.ts";
import { sleepsOf } from "./sleeps.ts";
import { workoutsOf } from "./workouts.ts";
import type { WhoopWorld } from "./world.ts";

/** Whoever connects has opened the app, which scores the morning anew. */
const WELCOME_MS = 20 * SECOND_MS;
const EVERY_MS = MINUTE_MS / 2;
/** A house that was off for longer is not told of everything it missed. */
const LONGEST_MISSED_MS = 7 * DAY_MS;

/** The records of one date that events tell of. */
export const RECORDS_OF: Readonly<Record<Kind, (world: WhoopWorld, person: Person, date: string) => WhoopRecord[]>> = {
  workout: workoutsOf,
  sleep: sleepsOf,
  recovery: (world, person, date) => [recoveryOf(world, person, date)].filter((one) => one !== null),
};

export function tickWhoop(world: WhoopWorld, events: WhoopEvents): void {
  const { context } = world;
  for (const person of context.people) {
    const grants = context.grants.live(person.who.id);
    // Whoever has taken the consent back is not spoken of any more.
    if (grants.length === 0) context.outbox.drop(person.who.id);
    else tickPerson(world, events, person, grants);
  }
}

function tickPerson(world: WhoopWorld, events: WhoopEvents, person: Person, grants: readonly Grant[]): void {
  const nowMs = world.context.now();
  const isNew = grants.some((grant) => !grant.isWelcomed && nowMs >= grant.sinceMs + WELCOME_MS);
  const lastMs = Math.max(nowMs - LONGEST_MISSED_MS, Math.min(...grants.map((grant) => grant.tickMs)));
  if (!isNew && nowMs - lastMs < EVERY_MS) return;
  const isBetween = (ms: number | null): boolean => ms !== null && ms > lastMs && ms <= nowMs;
  for (const kind of ["sleep", "recovery", "workout"] as const) {
    if (!events.mayHear(person, kind)) continue;
    const today = localDate(person.who.zone, nowMs);
    for (let date = addDays(localDate(person.who.zone, lastMs), -1); date <= today; date = addDays(date, 1)) {
      for (const { id, readyMs, scoredMs } of RECORDS_OF[kind](world, person, date)) {
        // Told when it comes without a score, and again with it.
        const isWelcome = isNew && kind !== "workout" && date === today && readyMs <= lastMs;
        if (isBetween(readyMs) || isBetween(scoredMs) || isWelcome) events.tell(person, { kind, verb: "updated", id }, nowMs);
      }
    }
  }
  for (const grant of grants) {
    if (isNew) grant.isWelcomed = true;
    grant.tickMs = nowMs;
  }
}
