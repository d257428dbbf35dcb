/** WHOOP's events: pings to the address that was given in the dashboard. vendors/whoop.md, Webhooks. */

import type { CloudContext } from "../cloud.ts";
import type { Push, PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import { uuidOf } from "../people/rng.ts";
import { hmacOf } from "../signing.ts";
import { userIdOf } from "./records.ts";

export type Kind = "workout" | "sleep" | "recovery";

export interface WhoopEvent {
  readonly kind: Kind;
  readonly verb: "updated" | "deleted";
  /** UUID; of a recovery, that of its sleep. */
  readonly id: string;
}

export interface WhoopEvents {
  /** Whether the person's grants let the application hear of such. */
  mayHear(person: Person, kind: Kind): boolean;
  /** Sends at `dueMs`; nothing without an address. */
  tell(person: Person, event: WhoopEvent, dueMs: number): void;
  tellNow(person: Person, events: readonly WhoopEvent[]): Promise<PushResult[]>;
}

/** Base64 HMAC-SHA256 under the client secret of the timestamp directly followed by the body. */
export function whoopSignature(clientSecret: string, timestamp: string, body: string): string {
  return hmacOf(`${timestamp}${body}`, clientSecret, { algorithm: "sha256", encoding: "base64" });
}

export function createWhoopEvents(context: CloudContext): WhoopEvents {
  function pushes(person: Person, { kind, verb, id }: WhoopEvent, dueMs: number): Push[] {
    const url = context.webhookUrl;
    if (url === null) return [];
    const what = `${kind}.${verb}`;
    const body = JSON.stringify({ user_id: userIdOf({ context }, person), id, type: what, trace_id: uuidOf("whoop", context.seed, "trace", what, id, dueMs) });
    const push: Push = {
      person: person.who.id, what, url, headers: { "content-type": "application/json" }, body: () => body, dueMs,
      sign(sent, { nowMs, firstMs }) {
        // Whether a retry is signed anew is not written.
        const timestamp = String(context.position("signRetries") === "anew" ? nowMs : firstMs);
        return { "x-whoop-signature": whoopSignature(context.client.clientSecret, timestamp, sent), "x-whoop-signature-timestamp": timestamp };
      },
    };
    // Events get lost, and come twice.
    return Array.from({ length: Number(context.position("copies")) }, () => push);
  }
  return {
    mayHear: (person, kind) => context.grants.live(person.who.id).some((grant) => grant.scopes.includes(`read:${kind}`)),
    tell: (person, event, dueMs) => context.outbox.add(...pushes(person, event, dueMs)),
    tellNow: (person, events) => context.outbox.sendNow(events.flatMap((event) => pushes(person, event, context.now()))),
  };
}
