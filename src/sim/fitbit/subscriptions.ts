/** Subscriptions of people and the subscriber that hears of them. vendors/fitbit.md, Webhooks. */

import { randomBytes } from "node:crypto";
import type { Answer, Route } from "../exchange.ts";
import { empty, json } from "../exchange.ts";
import type { Handle } from "./calls.ts";
import { lastPart, missingScope } from "./calls.ts";
import { fitbitUserId } from "./identity.ts";
import { badRequest, fitbitRefusal, notFound } from "./refusal.ts";
import type { FitbitWorld, Visit } from "./world.ts";

const HANDSHAKE_TIMEOUT_MS = 5_000;
const SUBSCRIBER_ID = "1";

/** Collections with the scope that each needs; "" needs none. */
export const COLLECTIONS: Readonly<Record<string, string>> = { activities: "activity", body: "weight", foods: "nutrition", sleep: "sleep", userRevokedAccess: "" };

export function subscriptionRoutes(door: (scope: string, handle: Handle) => Route["handle"]): Route[] {
  const of = (method: Route["method"], path: string, handle: Handle): Route => ({ method, path: `/1/user/:user${path}`, door: "data", handle: door("", handle) });
  return [null, ...Object.keys(COLLECTIONS)].flatMap((collection) => {
    const folder = collection === null ? "" : `/${collection}`;
    return [
      of("GET", `${folder}/apiSubscriptions.json`, (visit) => list(visit, collection)),
      of("POST", `${folder}/apiSubscriptions/:id`, (visit) => subscribe(visit, collection)),
      of("DELETE", `${folder}/apiSubscriptions/:id`, (visit) => unsubscribe(visit, collection)),
    ];
  });
}

function shown({ context, person }: Visit, id: string, collection: string | null): object {
  return { collectionType: collection ?? "user", ownerId: fitbitUserId(context, person), ownerType: "user", subscriberId: SUBSCRIBER_ID, subscriptionId: id };
}

function list(visit: Visit, collection: string | null): Answer {
  const own = visit.context.subscriptions.all().filter(({ personId, topic }) => personId === visit.person.who.id && (collection === null || topic === collection));
  return json(200, { apiSubscriptions: own.map(({ id, topic }) => shown(visit, id, topic)) });
}

function subscribe(visit: Visit, collection: string | null): Answer {
  const { context, grant, person } = visit;
  const id = lastPart(visit.call, "id");
  if (id === null || !/^[\w-]{1,50}$/.test(id)) return badRequest("Invalid subscription id.");
  const scope = collection === null ? "" : (COLLECTIONS[collection] ?? "");
  if (scope !== "" && !grant.scopes.includes(scope)) return missingScope(scope);
  if (context.webhookUrl === null) return badRequest("The application has no subscriber.");
  const known = context.subscriptions.byId(id);
  if (known && (known.personId !== person.who.id || known.topic !== collection)) return fitbitRefusal(409, "conflict", "The subscription id is used for another stream.");
  if (known) return json(200, shown(visit, id, collection));
  context.subscriptions.add({ id, url: context.webhookUrl, personId: person.who.id, topic: collection });
  return json(201, shown(visit, id, collection));
}

function unsubscribe({ context, call, person }: Visit, collection: string | null): Answer {
  const id = lastPart(call, "id");
  const known = id === null ? null : context.subscriptions.byId(id);
  if (!known || known.personId !== person.who.id || known.topic !== collection) return notFound();
  context.subscriptions.remove(known.id);
  return empty(204);
}

/**
 * The subscriber stands in the app's settings, where its owner lets it be verified: the right code wants 204, a wrong one 404. Here that is done
 * when the first notification is due, and again until it succeeds or when address or code have changed.
 */
export async function verifySubscriber({ context, kept }: FitbitWorld): Promise<void> {
  const url = context.webhookUrl;
  const code = context.extra("verification_code");
  if (url === null || (kept.verified?.url === url && kept.verified.code === code)) return;
  const ask = async (given: string): Promise<number> =>
    (await context.challenge(`${url}${url.includes("?") ? "&" : "?"}verify=${encodeURIComponent(given)}`, HANDSHAKE_TIMEOUT_MS))?.status ?? 0;
  if ((await ask(code)) !== 204 || (await ask(randomBytes(16).toString("hex"))) !== 404) return;
  kept.verified = { url, code };
}
