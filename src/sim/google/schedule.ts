/** What Google tells of its own accord as time goes by. */

import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import type { Person } from "../people/person.ts";
import { mayTell, newsOf, tell } from "./notices.ts";
import { registerByHand } from "./subscribers.ts";
import { HEALTH_TYPES } from "./types.ts";
import type { GoogleWorld } from "./world.ts";

/** The watch syncs so often. */
const EVERY_MS = 15 * MINUTE_MS;
/** A house that was off for longer is not told of everything it missed. */
const LONGEST_MISSED_MS = 3 * DAY_MS;
const TRY_AGAIN_MS = MINUTE_MS;

/** Whoever lets time pass. */
export function createTick(world: GoogleWorld): () => void {
  const { context } = world;
  let triedMs = -Infinity;
  return () => {
    const nowMs = context.now();
    if (context.grants.live().length === 0) return;
    if (nowMs - triedMs >= TRY_AGAIN_MS) {
      triedMs = nowMs;
      // It never rejects: an address that does not answer stays unverified and is tried again.
      void registerByHand(world);
    }
    for (const person of context.people) tickPerson(world, person);
  };
}

function tickPerson(world: GoogleWorld, person: Person): void {
  const { context, kept } = world;
  const nowMs = context.now();
  const grants = context.grants.live(person.who.id);
  // While nobody listens nothing is noted as told.
  if (grants.length === 0 || !kept.subscribers.some(({ state }) => state === "ACTIVE")) return;
  const lastMs = Math.max(nowMs - LONGEST_MISSED_MS, Math.min(...grants.map(({ tickMs }) => tickMs)));
  if (nowMs - lastMs < EVERY_MS) return;
  const types = HEALTH_TYPES.filter((type) => type.isTold && mayTell(world, person, type));
  tell(world, person, types.map((type) => newsOf(world, person, type, lastMs)).filter((notice) => notice !== null));
  for (const grant of grants) grant.tickMs = nowMs;
}
