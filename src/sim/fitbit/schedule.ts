/** What Fitbit tells of its own accord as time goes by. */

import { addDays, DAY_MS, localDate, localDay, MINUTE_MS } from "#units/time.ts";
import type { Person } from "../people/person.ts";
import type { Notice } from "./notices.ts";
import { tell } from "./notices.ts";
import { computedMs } from "./sleeps.ts";
import { verifySubscriber } from "./subscriptions.ts";
import { datesBetween } from "./times.ts";
import type { FitbitWorld } from "./world.ts";

/** The tracker syncs so often. */
const EVERY_MS = 15 * MINUTE_MS;
/** A house that was off for longer is not told of everything it missed. */
const LONGEST_MISSED_MS = 7 * DAY_MS;
const TRY_AGAIN_MS = MINUTE_MS;

export function createTick(world: FitbitWorld): () => void {
  const { context, kept } = world;
  let triedMs = -Infinity;
  return () => {
    const nowMs = context.now();
    if (context.subscriptions.all().length === 0 || context.position("state") === "ended") return;
    if (nowMs - triedMs >= TRY_AGAIN_MS) {
      triedMs = nowMs;
      // It never rejects: an address that does not answer stays unverified and is tried again.
      void verifySubscriber(world);
    }
    // While nobody listens nothing is noted as told.
    if (kept.verified) tell(world, context.people.flatMap((person) => newsOf(world, person)));
  };
}

function newsOf({ context }: FitbitWorld, person: Person): Notice[] {
  const nowMs = context.now();
  const grants = context.grants.live(person.who.id);
  if (grants.length === 0) return [];
  const lastMs = Math.max(nowMs - LONGEST_MISSED_MS, Math.min(...grants.map(({ tickMs }) => tickMs)));
  if (nowMs - lastMs < EVERY_MS) return [];
  for (const grant of grants) grant.tickMs = nowMs;
  const { zone } = person.who;
  const isNew = (ms: number): boolean => ms > lastMs && ms <= nowMs;
  const notices: Notice[] = [];
  for (const date of datesBetween(addDays(localDate(zone, lastMs), -1), localDate(zone, nowMs))) {
    const note = (collection: string): void => void notices.push({ person, collection, date });
    const window = localDay(zone, date);
    if (window && person.minutes(Math.max(window.fromMs, lastMs), Math.min(window.toMs, nowMs)).some(({ steps, workout }) => steps > 0 || workout)) note("activities");
    if (computedMs(person, date).some(isNew)) note("sleep");
    if (isNew(person.weighIn(date)?.atMs ?? 0)) note("body");
  }
  return notices;
}
