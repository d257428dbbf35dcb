/** Subscriptions of a person to a kind of event. vendors/withings.md, Webhooks (Notify). */

import { z } from "zod";
import type { CloudContext } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import type { Subscription } from "../subscriptions.ts";
import type { Visit } from "./asked.ts";
import { STATUS, withingsAnswer, withingsRefusal } from "./envelope.ts";

/** Kinds of event and the scope each needs; 53 tells of a device without an account, so nobody subscribes to it for a person. */
export const APPLI_SCOPES: Readonly<Record<number, string>> = {
  1: "user.metrics", 2: "user.metrics", 4: "user.metrics", 16: "user.activity", 44: "user.activity", 46: "user.info", 50: "user.sleepevents",
  51: "user.sleepevents", 52: "user.sleepevents", 54: "user.metrics", 55: "user.metrics", 58: "user.metrics",
};

const LONGEST_CALLBACK = 255;
const CHALLENGE_TIMEOUT_MS = 2_000;

const stateSchema = z.object({
  /** By subscription: the application's own words, and how many notifications in a row nobody took. */
  notes: z.record(z.string(), z.object({ comment: z.string(), lost: z.number() })),
});

export interface NotifyList {
  subscribe(visit: Visit): Promise<Answer>;
  list(visit: Visit): Answer;
  get(visit: Visit): Answer;
  update(visit: Visit): Promise<Answer>;
  revoke(visit: Visit): Answer;
  /** The person's active subscriptions to the kind of event. */
  to(person: Person, appli: number): Subscription[];
  /** A notification was taken, or given up: too many lost in a row end the subscription. */
  heard(subscriptionId: string, isTaken: boolean): void;
}

export function createNotifyList(context: CloudContext): NotifyList {
  const kept = context.keep(stateSchema, { notes: {} });
  const { subscriptions } = context;
  const find = (person: Person, callbackUrl: string | null, appli: string | null): Subscription | undefined =>
    subscriptions.all().find((one) => one.personId === person.who.id && one.url === callbackUrl && (appli === null || one.topic === appli));
  const noteOf = (one: Subscription): { comment: string; lost: number } => (kept.notes[one.id] ??= { comment: "", lost: 0 });
  const profileOf = (one: Subscription): object => ({ appli: Number(one.topic), callbackurl: one.url, comment: noteOf(one).comment, expires: null });

  /** Null when the address may be told; else why not. */
  async function refusalOf(url: string, { grant }: Visit, appli: string): Promise<Answer | null> {
    const scope = APPLI_SCOPES[Number(appli)];
    if (!/^\d{1,3}$/.test(appli) || scope === undefined) return withingsRefusal(STATUS.invalidParameters, "Invalid Params: invalid appli");
    if (!grant.scopes.includes(scope)) return withingsRefusal(STATUS.notAuthorised);
    if (!isAcceptable(context, url)) return withingsRefusal(STATUS.badCallback);
    const answer = await context.challenge(url, CHALLENGE_TIMEOUT_MS, { method: "HEAD" });
    return answer && answer.status >= 200 && answer.status < 300 ? null : withingsRefusal(STATUS.silentCallback);
  }

  return {
    async subscribe(visit) {
      const { person, fields } = visit;
      const [url, appli] = [fields.get("callbackurl") ?? "", fields.get("appli") ?? ""];
      const refusal = await refusalOf(url, visit, appli);
      if (refusal) return refusal;
      // The same once more stays one subscription.
      const subscription = find(person, url, appli) ?? subscriptions.add({ url, personId: person.who.id, topic: appli });
      kept.notes[subscription.id] = { comment: fields.get("comment") ?? "", lost: 0 };
      return withingsAnswer({});
    },
    list({ person, fields }) {
      const appli = fields.get("appli");
      const own = subscriptions.all().filter((one) => one.personId === person.who.id && (appli === null || one.topic === appli));
      return withingsAnswer({ profiles: own.map(profileOf) });
    },
    get({ person, fields }) {
      const found = find(person, fields.get("callbackurl"), fields.get("appli"));
      return found ? withingsAnswer(profileOf(found)) : withingsRefusal(STATUS.noSubscription);
    },
    async update(visit) {
      const { person, fields } = visit;
      const found = find(person, fields.get("callbackurl"), fields.get("appli"));
      if (!found) return withingsRefusal(STATUS.noSubscription);
      const [url, appli] = [fields.get("new_callbackurl") ?? found.url, fields.get("new_appli") ?? found.topic ?? ""];
      const refusal = await refusalOf(url, visit, appli);
      if (refusal) return refusal;
      subscriptions.change(found.id, { url, topic: appli });
      const note = noteOf(found);
      note.comment = fields.get("comment") ?? note.comment;
      return withingsAnswer({});
    },
    revoke({ person, fields }) {
      const found = find(person, fields.get("callbackurl"), fields.get("appli"));
      if (!found) return withingsRefusal(STATUS.noSubscription);
      subscriptions.remove(found.id);
      delete kept.notes[found.id];
      return withingsAnswer({});
    },
    to: (person, appli) => subscriptions.to(person.who.id, String(appli)),
    heard(subscriptionId, isTaken) {
      const found = subscriptions.byId(subscriptionId);
      if (!found) return;
      const note = noteOf(found);
      note.lost = isTaken ? 0 : note.lost + 1;
      const most = Number(context.position("lostBeforeCancel"));
      if (most > 0 && note.lost >= most) subscriptions.remove(found.id);
    },
  };
}

/** The documents want HTTPS, a domain name, the usual port, and an address of the application; development is let off. */
function isAcceptable(context: CloudContext, url: string): boolean {
  if (!URL.canParse(url) || url.length > LONGEST_CALLBACK) return false;
  const { protocol, hostname, port } = new URL(url);
  if (context.position("callbackRules") === "lenient") return protocol === "https:" || protocol === "http:";
  const isDomain = /\.[a-z][a-z0-9-]+$/i.test(hostname) && hostname !== "localhost";
  const hosts = context.client.redirectUris.filter((uri) => URL.canParse(uri)).map((uri) => new URL(uri).hostname);
  return protocol === "https:" && port === "" && isDomain && hosts.includes(hostname);
}
