/** Strava's events, sent to the push subscription. vendors/strava.md, Webhooks. */

import type { CloudContext } from "../cloud.ts";
import type { Push, PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import type { Workout } from "../people/workouts.ts";
import { hmacOf } from "../signing.ts";
import { athleteId } from "./activities.ts";
import type { Edits } from "./edits.ts";

export interface StravaEvent {
  readonly object: "activity" | "athlete";
  readonly objectId: number;
  readonly aspect: "create" | "update" | "delete";
  readonly updates: Readonly<Record<string, string>>;
}

export interface StravaEvents {
  /** Whether the person's grants let the application hear of the workout. */
  mayHear(person: Person, workout: Workout): boolean;
  /** Sends at `dueMs`; nothing without a subscription. */
  tell(person: Person, event: StravaEvent, dueMs: number): void;
  tellNow(person: Person, event: StravaEvent): Promise<PushResult[]>;
  /** Ends the person's grants and tells so at `dueMs`. */
  withdraw(person: Person, dueMs: number): void;
  withdrawNow(person: Person): Promise<PushResult[]>;
}

export function createStravaEvents(context: CloudContext, edits: Pick<Edits, "isPrivate">): StravaEvents {
  function pushes(person: Person, event: StravaEvent, dueMs: number): Push[] {
    const what = `${event.object}_${event.aspect}`;
    return context.subscriptions.to(person.who.id, what).map((subscription) => {
      const body = JSON.stringify({
        object_type: event.object, object_id: event.objectId, aspect_type: event.aspect, updates: event.updates,
        owner_id: athleteId(context, person), subscription_id: Number(subscription.id), event_time: Math.floor(dueMs / 1000),
      });
      return {
        person: person.who.id, what, url: subscription.url, headers: { "content-type": "application/json" }, body: () => body, dueMs,
        sign: (sent, { firstMs }) => signature(context, sent, firstMs),
      };
    });
  }

  function deauthorized(person: Person): StravaEvent {
    context.grants.revoke(person.who.id);
    context.outbox.drop(person.who.id);
    return { object: "athlete", objectId: athleteId(context, person), aspect: "update", updates: { authorized: "false" } };
  }

  return {
    mayHear(person, workout) {
      const wanted = edits.isPrivate(workout) ? ["activity:read_all"] : ["activity:read", "activity:read_all"];
      return context.grants.live(person.who.id).some((grant) => wanted.some((scope) => grant.scopes.includes(scope)));
    },
    tell: (person, event, dueMs) => context.outbox.add(...pushes(person, event, dueMs)),
    tellNow: (person, event) => context.outbox.sendNow(pushes(person, event, context.now())),
    withdraw(person, dueMs) {
      this.tell(person, deauthorized(person), dueMs);
    },
    withdrawNow(person) {
      return this.tellNow(person, deauthorized(person));
    },
  };
}

/** `t=<unix>,v1=<hex HMAC-SHA256 of "t.body" under the client secret>`: seen in code, unsettled in the documents, so a switch. */
function signature(context: CloudContext, body: string, atMs: number): Record<string, string> {
  if (context.position("signEvents") !== "on") return {};
  const time = Math.floor(atMs / 1000);
  return { "x-strava-signature": `t=${time},v1=${hmacOf(`${time}.${body}`, context.client.clientSecret)}` };
}
