/** What a visitor can make Fitbit push. */

import { addDays, localDate } from "#units/time.ts";
import type { PushDetail } from "../cloud.ts";
import type { PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import type { Notice } from "./notices.ts";
import { pushesOf, tellNow } from "./notices.ts";
import { COLLECTIONS, verifySubscriber } from "./subscriptions.ts";
import { datesBetween } from "./times.ts";
import type { FitbitWorld } from "./world.ts";

/** Food is in no door here. */
export const FITBIT_PUSHES: readonly string[] = ["activities", "body", "sleep", "userRevokedAccess"];

/** `activities` is a walk that has just ended. Throws RangeError when the person withholds the collection. */
export async function pushFitbit(world: FitbitWorld, person: Person, what: string, { days = 1 }: PushDetail): Promise<PushResult[]> {
  const { context } = world;
  const scope = COLLECTIONS[what] ?? "";
  if (scope !== "" && !context.grants.live(person.who.id).some(({ scopes }) => scopes.includes(scope))) throw new RangeError(`${person.who.id} withholds ${what}.`);
  await verifySubscriber(world);
  const today = localDate(person.who.zone, context.now());
  if (what === "userRevokedAccess") {
    // Made before the end, which takes the subscriptions along.
    const pushes = pushesOf(world, [{ person, collection: what, date: today }]);
    context.grants.revoke(person.who.id);
    context.outbox.drop(person.who.id);
    context.subscriptions.removeOf(person.who.id);
    return context.outbox.sendNow(pushes);
  }
  if (what === "activities") context.endedWalk(person);
  const notices = datesBetween(addDays(today, 1 - days), today).map((date): Notice => ({ person, collection: what, date }));
  return tellNow(world, notices);
}
