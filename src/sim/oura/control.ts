/** What a visitor can make Oura push. */

import { addDays, localDate } from "#units/time.ts";
import type { PushDetail } from "../cloud.ts";
import type { PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import type { Collection } from "./collections.ts";
import { COLLECTIONS } from "./collections.ts";
import { GROWING } from "./days.ts";
import type { OuraDocument } from "./documents.ts";
import type { OuraEvent, OuraEvents } from "./events.ts";
import { workoutId } from "./outings.ts";
import type { EventType } from "./webhooks.ts";
import type { OuraWorld } from "./world.ts";

/** Each type of data, a bedtime edited in the app (the night comes under a new id, the former is deleted), a workout taken back. */
export const OURA_PUSHES: readonly string[] = [...COLLECTIONS.map(({ dataType }) => dataType), "bedtime_edit", "workout_delete"];

const LOOKED_BACK_DAYS = 60;

export interface OuraWish {
  readonly person: Person;
  /** One of `OURA_PUSHES`. */
  readonly what: string;
  readonly detail: PushDetail;
}

/** Throws RangeError when the person withholds it, or has none. */
export async function pushOura(world: OuraWorld, events: OuraEvents, { person, what, detail }: OuraWish): Promise<PushResult[]> {
  const dataType = what === "bedtime_edit" ? "sleep" : what === "workout_delete" ? "workout" : what;
  const collection = COLLECTIONS.find((one) => one.dataType === dataType);
  if (!collection) throw new RangeError(`Oura has no data type "${what}".`);
  if (!events.mayHear(person, collection)) throw new RangeError(`${person.who.id} withholds ${collection.scope}.`);
  const told = (eventType: EventType, objectId: string): OuraEvent => ({ eventType, dataType, objectId, atMs: world.context.now() });
  if (what === "workout" && detail.days === undefined) {
    return events.tellNow(person, [told("create", workoutId(world, person, world.context.endedWalk(person)))]);
  }
  const documents = recent(world, collection, person, detail.days);
  const newest = documents[0];
  if (!newest) throw new RangeError(`${person.who.id} has no ${dataType}.`);
  if (what === "workout_delete") {
    world.edits.delete(newest.id);
    return events.tellNow(person, [told("delete", newest.id)]);
  }
  if (what === "bedtime_edit") return editBedtime(world, events, person, collection);
  return events.tellNow(person, documents.toReversed().map(({ id }) => told(GROWING[collection.name] ? "update" : "create", id)));
}

/** Newest first: those of the last days, or the newest alone. */
function recent(world: OuraWorld, { tell }: Collection, person: Person, days: number | undefined): OuraDocument[] {
  const nowMs = world.context.now();
  const found: OuraDocument[] = [];
  let date = localDate(person.who.zone, nowMs);
  for (let back = 0; back <= (days ?? LOOKED_BACK_DAYS); back++, date = addDays(date, -1)) {
    const ready = tell(world, person, date).filter(({ id, readyMs }) => readyMs <= nowMs && !world.edits.isDeleted(id));
    found.push(...ready.toReversed());
    if (days === undefined && found[0]) return [found[0]];
  }
  return found;
}

async function editBedtime(world: OuraWorld, events: OuraEvents, person: Person, collection: Collection): Promise<PushResult[]> {
  const nowMs = world.context.now();
  const nightOf = (date: string): OuraDocument | undefined => collection.tell(world, person, date)[0];
  let date = localDate(person.who.zone, nowMs);
  while ((nightOf(date)?.readyMs ?? 0) > nowMs) date = addDays(date, -1);
  const former = nightOf(date);
  world.edits.editBedtime(person.who.id, date);
  const edited = nightOf(date);
  if (!former || !edited) return [];
  const told = (eventType: EventType, { id }: OuraDocument): OuraEvent => ({ eventType, dataType: collection.dataType, objectId: id, atMs: nowMs });
  return events.tellNow(person, [told("create", edited), told("delete", former)]);
}
