/** Oura's events: pings that name a document. vendors/oura.md, Webhooks. */

import { formatInstant } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Push, PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import { hmacOf } from "../signing.ts";
import type { Collection } from "./collections.ts";
import { scopesOf } from "./collections.ts";
import { ouraUserId } from "./documents.ts";
import type { EventType } from "./webhooks.ts";
import { topicOf } from "./webhooks.ts";

export interface OuraEvent {
  readonly eventType: EventType;
  readonly dataType: string;
  readonly objectId: string;
  /** When it happened. */
  readonly atMs: number;
}

export interface OuraEvents {
  /** Whether the person's grants let the application hear of the collection. */
  mayHear(person: Person, collection: Collection): boolean;
  /** Sends at `dueMs`; nothing without a subscription for the event and type. */
  tell(person: Person, event: OuraEvent, dueMs: number): void;
  tellNow(person: Person, events: readonly OuraEvent[]): Promise<PushResult[]>;
}

/** Uppercase hexadecimal HMAC-SHA256 under the client secret of the timestamp directly followed by the body. */
export function ouraSignature(clientSecret: string, timestamp: string, body: string): string {
  return hmacOf(`${timestamp}${body}`, clientSecret).toUpperCase();
}

export function createOuraEvents(context: CloudContext): OuraEvents {
  function pushes(person: Person, event: OuraEvent, dueMs: number): Push[] {
    const topic = topicOf(event.eventType, event.dataType);
    return context.subscriptions.to(person.who.id, topic).map((subscription) => {
      const body = JSON.stringify({
        event_type: event.eventType, data_type: event.dataType, object_id: event.objectId,
        event_time: formatInstant(event.atMs).replace("Z", "+00:00"), user_id: ouraUserId({ context }, person),
      });
      return {
        person: person.who.id, what: `${event.dataType}.${event.eventType}`, url: subscription.url, headers: { "content-type": "application/json" },
        body: () => body, dueMs, subscriptionId: subscription.id,
        // Each try is signed anew, else the later ones would come too old for receivers that look at the time.
        sign: (sent, { nowMs }) => signature(context, sent, nowMs),
      };
    });
  }
  return {
    mayHear(person, collection) {
      const wanted = scopesOf(context, collection);
      return context.grants.live(person.who.id).some((grant) => wanted.some((one) => grant.scopes.includes(one)));
    },
    tell: (person, event, dueMs) => context.outbox.add(...pushes(person, event, dueMs)),
    tellNow: (person, events) => context.outbox.sendNow(events.flatMap((event) => pushes(person, event, context.now()))),
  };
}

/** The form of the time is not pinned down: Unix seconds, or ISO 8601. */
function signature(context: CloudContext, body: string, atMs: number): Record<string, string> {
  const timestamp = context.position("timestamps") === "iso" ? formatInstant(atMs) : String(Math.floor(atMs / 1000));
  return { "x-oura-signature": ouraSignature(context.client.clientSecret, timestamp, body), "x-oura-timestamp": timestamp };
}
