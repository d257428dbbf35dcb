/** Fitbit's notifications: whose collection changed on which date. vendors/fitbit.md, Webhooks. */

import type { Push, PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import { hmacOf } from "../signing.ts";
import { fitbitUserId } from "./identity.ts";
import type { FitbitWorld } from "./world.ts";

export interface Notice {
  readonly person: Person;
  readonly collection: string;
  readonly date: string;
}

/** All of them in one body, as the subscriptions want; nothing before the subscriber is verified. */
export function pushesOf({ context, kept }: FitbitWorld, notices: readonly Notice[]): Push[] {
  const told = notices.flatMap(({ person, collection, date }) =>
    context.subscriptions.to(person.who.id, collection).map(({ id }) => ({
      collectionType: collection, date, ownerId: fitbitUserId(context, person), ownerType: "user", subscriptionId: id,
    })));
  const [first] = notices;
  if (told.length === 0 || !first || !kept.verified) return [];
  const body = JSON.stringify(told);
  const collections = new Set(notices.map(({ collection }) => collection));
  return [{
    person: first.person.who.id, what: collections.size === 1 ? first.collection : "notifications", url: kept.verified.url,
    headers: { "content-type": "application/json" },
    body: () => body,
    sign: (sent) => ({ "x-fitbit-signature": fitbitSignature(sent, context.client.clientSecret) }),
    dueMs: context.now(),
  }];
}

/** HMAC-SHA1 in base64 under the client secret followed by one ampersand. */
export function fitbitSignature(body: string, clientSecret: string): string {
  return hmacOf(body, `${clientSecret}&`, { algorithm: "sha1", encoding: "base64" });
}

export function tell(world: FitbitWorld, notices: readonly Notice[]): void {
  world.context.outbox.add(...pushesOf(world, notices));
}

export function tellNow(world: FitbitWorld, notices: readonly Notice[]): Promise<PushResult[]> {
  return world.context.outbox.sendNow(pushesOf(world, notices));
}
