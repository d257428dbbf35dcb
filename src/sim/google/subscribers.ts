/** Where notifications go: subscribers of the project, and subscriptions of people. vendors/google-health.md, Webhooks. */

import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Answer, Call, Route } from "../exchange.ts";
import { bearer, json, jsonOf } from "../exchange.ts";
import { hashOf } from "../people/rng.ts";
import { googleRefusal, invalidArgument, notFound, unauthenticated } from "./refusal.ts";
import { instant } from "./times.ts";
import { HEALTH_TYPES, healthType } from "./types.ts";
import type { GoogleWorld, Subscriber } from "./world.ts";
import { policySchema } from "./world.ts";

const ROOT = "/v4/projects/:project/subscribers";
const HANDSHAKE_TIMEOUT_MS = 10_000;
const USER_AGENT = "Google-Health-API-Webhooks/1.0";
/** The one that stands for the address and secret that an operator gave by hand. */
const BY_HAND = "console";

const authorizationSchema = z.object({ secret: z.string().regex(/^(Bearer|Basic) \S+/) });
const configsSchema = z.array(z.object({ dataTypes: z.array(z.string()).min(1), subscriptionCreatePolicy: policySchema }));
/** The real cloud wants https; the one beside us is reached over http on the same machine. */
const uriSchema = z.url({ protocol: /^https?$/ });
const createSchema = z.object({ endpointUri: uriSchema, subscriberConfigs: configsSchema.default([]), endpointAuthorization: authorizationSchema });
const patchSchema = createSchema.partial();
const subscriptionSchema = z.object({ user: z.string().regex(/^users\/\d+$/), dataTypes: z.array(z.string()).min(1) });

export function projectNumber({ context }: GoogleWorld): string {
  return String(100_000_000_000 + hashOf("project", context.client.clientId));
}

export function subscriberRoutes(world: GoogleWorld): Route[] {
  const { context } = world;
  const managed = (handle: (call: Call) => Answer | Promise<Answer>): Route["handle"] => (call) => {
    // Administration is the project's, no person's: the client secret stands here for the token of its service account.
    if (bearer(call) !== context.client.clientSecret) return unauthenticated();
    return call.params["project"] === projectNumber(world) ? handle(call) : googleRefusal({ code: 403, status: "PERMISSION_DENIED", message: "The project is not yours." });
  };
  const found = (handle: (call: Call, subscriber: Subscriber) => Answer | Promise<Answer>): Route["handle"] => managed((call) => {
    const subscriber = world.kept.subscribers.find(({ id }) => id === call.params["subscriber"]);
    return subscriber ? handle(call, subscriber) : notFound("The subscriber was not found.");
  });
  return [
    { method: "POST", path: ROOT, door: "data", handle: managed((call) => create(world, call)) },
    { method: "GET", path: ROOT, door: "data", handle: managed(() => json(200, { subscribers: world.kept.subscribers.map((one) => shown(world, one)), totalSize: world.kept.subscribers.length })) },
    { method: "PATCH", path: `${ROOT}/:subscriber`, door: "data", handle: found((call, subscriber) => change(world, call, subscriber)) },
    { method: "DELETE", path: `${ROOT}/:subscriber`, door: "data", handle: found((call, subscriber) => remove(world, call, subscriber)) },
    { method: "POST", path: `${ROOT}/:subscriber/subscriptions`, door: "data", handle: found((call, subscriber) => subscribe(world, call, subscriber)) },
    { method: "GET", path: `${ROOT}/:subscriber/subscriptions`, door: "data", handle: found((_call, subscriber) => json(200, { subscriptions: subscriber.subscriptions.map((one) => shownSubscription(world, subscriber, one)) })) },
    { method: "DELETE", path: `${ROOT}/:subscriber/subscriptions/:subscription`, door: "data", handle: found(unsubscribe) },
  ];
}

function nameOf(world: GoogleWorld, { id }: Subscriber): string {
  return `projects/${projectNumber(world)}/subscribers/${id}`;
}

function shown(world: GoogleWorld, subscriber: Subscriber): object {
  return {
    name: nameOf(world, subscriber), endpointUri: subscriber.url, state: subscriber.state, subscriberConfigs: subscriber.configs,
    endpointAuthorization: { secretSet: true }, createTime: instant(subscriber.createdMs), updateTime: instant(subscriber.updatedMs),
  };
}

function shownSubscription(world: GoogleWorld, subscriber: Subscriber, { id, healthUserId, dataTypes }: Subscriber["subscriptions"][number]): object {
  return { name: `${nameOf(world, subscriber)}/subscriptions/${id}`, user: `users/${healthUserId}`, dataTypes };
}

function operation(world: GoogleWorld, response: object): Answer {
  return json(200, { name: `projects/${projectNumber(world)}/operations/${randomUUID()}`, done: true, response });
}

function unverified(): Answer {
  return googleRefusal({ code: 400, status: "FAILED_PRECONDITION", message: "The endpoint did not pass the verification." });
}

function areTold(configs: z.infer<typeof configsSchema>): boolean {
  return configs.every(({ dataTypes }) => dataTypes.every((name) => healthType(name)?.isTold));
}

async function create(world: GoogleWorld, call: Call): Promise<Answer> {
  const asked = createSchema.safeParse(jsonOf(call));
  const given = call.query.get("subscriberId");
  const id = given ?? randomUUID();
  if (!asked.success || (given !== null && !/^[a-z][a-z0-9-]{2,34}[a-z0-9]$/.test(given))) return invalidArgument("endpointUri, endpointAuthorization.secret with its scheme, and a fit id are required.");
  const { endpointUri: url, endpointAuthorization: { secret }, subscriberConfigs: configs } = asked.data;
  if (!areTold(configs)) return invalidArgument("A data type of subscriberConfigs has no notifications.");
  const exists = (): boolean => world.kept.subscribers.some((one) => one.id === id);
  const conflict = (): Answer => googleRefusal({ code: 409, status: "ALREADY_EXISTS", message: "The subscriber exists." });
  if (exists()) return conflict();
  if (!(await isVerified(world, url, secret))) return unverified();
  // Another create may have won while this one waited for its answers.
  if (exists()) return conflict();
  const nowMs = world.context.now();
  const subscriber: Subscriber = { id, url, secret, configs, state: "ACTIVE", subscriptions: [], createdMs: nowMs, updatedMs: nowMs };
  world.kept.subscribers.push(subscriber);
  return operation(world, shown(world, subscriber));
}

async function change(world: GoogleWorld, call: Call, subscriber: Subscriber): Promise<Answer> {
  const asked = patchSchema.safeParse(jsonOf(call));
  const mask = (call.query.get("updateMask") ?? "").split(",").filter(Boolean).map((path) => path.split(".")[0] ?? "");
  const known = ["endpointUri", "endpoint_uri", "endpointAuthorization", "endpoint_authorization", "subscriberConfigs", "subscriber_configs"];
  if (!asked.success || mask.length === 0 || mask.some((path) => !known.includes(path))) return invalidArgument("updateMask must name what the body changes.");
  const isMasked = (path: string): boolean => mask.includes(path) || mask.includes(path.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  const url = isMasked("endpointUri") ? (asked.data.endpointUri ?? subscriber.url) : subscriber.url;
  const secret = isMasked("endpointAuthorization") ? (asked.data.endpointAuthorization?.secret ?? subscriber.secret) : subscriber.secret;
  const configs = isMasked("subscriberConfigs") ? (asked.data.subscriberConfigs ?? subscriber.configs) : subscriber.configs;
  if (!areTold(configs)) return invalidArgument("A data type of subscriberConfigs has no notifications.");
  const isMoved = isMasked("endpointUri") || isMasked("endpointAuthorization");
  if (isMoved && !(await isVerified(world, url, secret))) return unverified();
  Object.assign(subscriber, { url, secret, configs, updatedMs: world.context.now(), ...(isMoved ? { state: "ACTIVE" as const } : {}) });
  return operation(world, shown(world, subscriber));
}

function remove(world: GoogleWorld, call: Call, subscriber: Subscriber): Answer {
  if (subscriber.subscriptions.length > 0 && call.query.get("force") !== "true") {
    return googleRefusal({ code: 400, status: "FAILED_PRECONDITION", message: "The subscriber has subscriptions." });
  }
  world.kept.subscribers.splice(world.kept.subscribers.indexOf(subscriber), 1);
  return operation(world, {});
}

/** Needs the MANUAL policy for each of the data types. */
function subscribe(world: GoogleWorld, call: Call, subscriber: Subscriber): Answer {
  const asked = subscriptionSchema.safeParse(jsonOf(call));
  if (!asked.success) return invalidArgument("user and dataTypes are required.");
  const { user, dataTypes } = asked.data;
  const manual = subscriber.configs.filter(({ subscriptionCreatePolicy }) => subscriptionCreatePolicy === "MANUAL").flatMap((config) => config.dataTypes);
  if (dataTypes.some((name) => !name.startsWith(`${user}/dataTypes/`) || !manual.includes(name.slice(name.lastIndexOf("/") + 1)))) {
    return invalidArgument("The subscriber has no MANUAL policy for a data type.");
  }
  const id = call.query.get("subscriptionId") ?? randomUUID();
  if (subscriber.subscriptions.some((one) => one.id === id)) return googleRefusal({ code: 409, status: "ALREADY_EXISTS", message: "The subscription exists." });
  const subscription = { id, healthUserId: user.slice("users/".length), dataTypes };
  subscriber.subscriptions.push(subscription);
  return json(200, shownSubscription(world, subscriber, subscription));
}

function unsubscribe(call: Call, subscriber: Subscriber): Answer {
  const index = subscriber.subscriptions.findIndex(({ id }) => id === call.params["subscription"]);
  if (index < 0) return notFound("The subscription was not found.");
  subscriber.subscriptions.splice(index, 1);
  return json(200, {});
}

/** 201 to the right `Authorization`, and 401 or 403 to none. */
async function isVerified({ context }: GoogleWorld, url: string, secret: string): Promise<boolean> {
  const asked = { method: "POST" as const, body: JSON.stringify({ type: "verification" }) };
  const headers = { "content-type": "application/json", "user-agent": USER_AGENT };
  const known = await context.challenge(url, HANDSHAKE_TIMEOUT_MS, { ...asked, headers: { ...headers, authorization: secret } });
  if (known?.status !== 201) return false;
  const stranger = await context.challenge(url, HANDSHAKE_TIMEOUT_MS, { ...asked, headers });
  return stranger?.status === 401 || stranger?.status === 403;
}

/**
 * An operator registers the address once, by hand. Here that has happened as soon as there is an address: the subscriber of every data type
 * is made and verified when it is first wanted, and tried again as long as it does not pass.
 */
export async function registerByHand(world: GoogleWorld): Promise<void> {
  const { context, kept } = world;
  const url = context.webhookUrl;
  const known = kept.subscribers.find(({ id }) => id === BY_HAND);
  if (url === null || (!known && kept.subscribers.length > 0)) return;
  const secret = `Bearer ${context.extra("webhook_secret")}`;
  if (known && known.state !== "UNVERIFIED" && known.url === url && known.secret === secret) return;
  const nowMs = context.now();
  const dataTypes = HEALTH_TYPES.filter(({ isTold }) => isTold).map(({ name }) => name);
  const fresh: Subscriber = {
    id: BY_HAND, url, secret, state: "UNVERIFIED", configs: [{ dataTypes, subscriptionCreatePolicy: "AUTOMATIC" }], subscriptions: [], createdMs: nowMs, updatedMs: nowMs,
  };
  if (known) Object.assign(known, fresh);
  else kept.subscribers.push(fresh);
  const subscriber = known ?? fresh;
  if (await isVerified(world, url, secret)) subscriber.state = "ACTIVE";
}
