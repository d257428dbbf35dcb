/** What Oura tells of its own accord as time goes by. */

import { addDays, DAY_MS, localDate, MINUTE_MS, SECOND_MS } from "#units/time.ts";
import type { Person } from "../people/person.ts";
import type { Grant } from "../tokens.ts";
import { COLLECTIONS } from "./collections.ts";
import { GROWING } from "./days.ts";
import type { OuraEvents } from "./events.ts";
import type { OuraWorld } from "./world.ts";

/** Typical delay of an event after the phone has synced. */
const DELAY_MS = 30 * SECOND_MS;
/** Whoever connects has opened the app: the day so far is told. */
const WELCOME_MS = 20 * SECOND_MS;
const EVERY_MS = MINUTE_MS;
/** Growing days are told again so often. */
const GROWN_EVERY_MS = 30 * MINUTE_MS;
/** A house that was off for longer is not told of everything it missed. */
const LONGEST_MISSED_MS = 7 * DAY_MS;

export function tickOura(world: OuraWorld, events: OuraEvents): void {
  const { context } = world;
  for (const person of context.people) {
    const grants = context.grants.live(person.who.id);
    // Whoever has taken the consent back is not spoken of any more.
    if (grants.length === 0) context.outbox.drop(person.who.id);
    else tickPerson(world, events, person, grants);
  }
}

function tickPerson(world: OuraWorld, events: OuraEvents, person: Person, grants: readonly Grant[]): void {
  const nowMs = world.context.now();
  const isNew = grants.some((grant) => !grant.isWelcomed && nowMs >= grant.sinceMs + WELCOME_MS);
  const lastMs = Math.max(nowMs - LONGEST_MISSED_MS, Math.min(...grants.map((grant) => grant.tickMs)));
  if (!isNew && nowMs - lastMs < EVERY_MS) return;
  tellBetween(world, events, person, { lastMs, nowMs, isNew });
  for (const grant of grants) {
    if (isNew) grant.isWelcomed = true;
    grant.tickMs = nowMs;
  }
}

function tellBetween({ edits, ...world }: OuraWorld, events: OuraEvents, person: Person, { lastMs, nowMs, isNew }: { lastMs: number; nowMs: number; isNew: boolean }): void {
  const { zone } = person.who;
  const today = localDate(zone, nowMs);
  const hasGrown = isNew || Math.floor(nowMs / GROWN_EVERY_MS) > Math.floor(lastMs / GROWN_EVERY_MS);
  for (const collection of COLLECTIONS) {
    if (!events.mayHear(person, collection)) continue;
    const { dataType } = collection;
    const endOf = GROWING[collection.name];
    // A workout is filed under the day it began, and becomes known on the next.
    for (let date = addDays(localDate(zone, lastMs), -2); date <= today; date = addDays(date, 1)) {
      for (const { id, readyMs } of collection.tell({ ...world, edits }, person, date)) {
        if (edits.isDeleted(id) || readyMs > nowMs) continue;
        if (readyMs > lastMs) events.tell(person, { eventType: "create", dataType, objectId: id, atMs: readyMs }, Math.max(nowMs, readyMs + DELAY_MS));
        else if (endOf && hasGrown && endOf(person, date) > lastMs) events.tell(person, { eventType: "update", dataType, objectId: id, atMs: nowMs }, nowMs);
      }
    }
  }
}
