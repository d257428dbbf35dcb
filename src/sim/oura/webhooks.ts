/** The application's webhook subscriptions, one for each event and type of data. vendors/oura.md, Webhooks. */

import { randomBytes } from "node:crypto";
import { DAY_MS, formatInstant } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { empty, header, json, jsonFields, withParameters } from "../exchange.ts";
import type { Subscription } from "../subscriptions.ts";
import { DATA_TYPES } from "./collections.ts";
import type { CallLimits } from "./limits.ts";
import { ouraRefusal, unprocessable } from "./refusal.ts";

const ROOT = "/v2/webhook/subscription";
const CHALLENGE_TIMEOUT_MS = 10_000;
const LIFE_MS = 90 * DAY_MS;
export const EVENT_TYPES = ["create", "update", "delete"] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** What a subscription is about, as `topic`. */
export const topicOf = (eventType: string, dataType: string): string => `${eventType} ${dataType}`;

export function ouraWebhookRoutes(context: CloudContext, limits: CallLimits): Route[] {
  const known = (handle: (call: Call) => Answer | Promise<Answer>): Route["handle"] => (call) => limits.counted(null, () => {
    const { clientId, clientSecret } = context.client;
    const isClient = header(call, "x-client-id") === clientId && header(call, "x-client-secret") === clientSecret;
    return isClient ? handle(call) : ouraRefusal(401, "The client id or secret is wrong");
  });
  const one = (handle: (subscription: Subscription, call: Call) => Answer | Promise<Answer>): Route["handle"] => known((call) => {
    const subscription = current(context).find(({ id }) => id === call.params["id"]);
    return subscription ? handle(subscription, call) : ouraRefusal(404, "The subscription is not found");
  });
  return [
    { method: "GET", path: ROOT, door: "data", handle: known(() => json(200, current(context).map(shown))) },
    { method: "POST", path: ROOT, door: "data", handle: known((call) => create(context, call)) },
    { method: "GET", path: `${ROOT}/:id`, door: "data", handle: one((subscription) => json(200, shown(subscription))) },
    { method: "PUT", path: `${ROOT}/:id`, door: "data", handle: one((subscription, call) => update(context, subscription, call)) },
    { method: "DELETE", path: `${ROOT}/:id`, door: "data", handle: one(({ id }) => {
      context.subscriptions.remove(id);
      return empty(204);
    }) },
    { method: "PUT", path: `${ROOT}/renew/:id`, door: "data", handle: one(({ id }) => json(200, shown(context.subscriptions.change(id, { expiresMs: context.now() + LIFE_MS })))) },
  ];
}

/** Those that have not expired. */
function current(context: CloudContext): Subscription[] {
  return context.subscriptions.all().filter(({ expiresMs }) => (expiresMs ?? Infinity) > context.now());
}

function shown({ id, url, topic, expiresMs }: Subscription): object {
  const [event_type, data_type] = (topic ?? "").split(" ");
  return { id, callback_url: url, event_type, data_type, expiration_time: formatInstant(expiresMs ?? 0) };
}

interface Wish {
  readonly url: string;
  readonly verificationToken: string;
  readonly topic: string;
}

/** `usual` stands in for what an update leaves out; a new subscription leaves out nothing. */
function wishOf(call: Call, usual: Subscription | null): Wish | Answer {
  const fields = jsonFields(call);
  if (!fields) return unprocessable("body", "body", "value is not a valid dict");
  const [usualEvent = "", usualData = ""] = (usual?.topic ?? "").split(" ");
  const url = fields.get("callback_url") ?? usual?.url ?? "";
  const verificationToken = fields.get("verification_token") ?? "";
  const eventType = fields.get("event_type") ?? usualEvent;
  const dataType = fields.get("data_type") ?? usualData;
  if (!URL.canParse(url) || !/^https?:/i.test(url)) return unprocessable("body", "callback_url", "invalid or missing URL");
  if (verificationToken === "") return unprocessable("body", "verification_token", "field required");
  if (!EVENT_TYPES.some((known) => known === eventType)) return unprocessable("body", "event_type", "value is not a valid enumeration member");
  if (!DATA_TYPES.includes(dataType)) return unprocessable("body", "data_type", "value is not a valid enumeration member");
  return { url, verificationToken, topic: topicOf(eventType, dataType) };
}

async function create(context: CloudContext, call: Call): Promise<Answer> {
  const wish = wishOf(call, null);
  if ("status" in wish) return wish;
  const isTaken = (): boolean => current(context).some(({ topic }) => topic === wish.topic);
  const taken = ouraRefusal(409, "There is a subscription for this event and data type already");
  if (isTaken()) return taken;
  if (!(await isVerified(context, wish))) return ouraRefusal(400, "The callback URL could not be verified");
  // Another create may have won while this one waited for its challenge.
  if (isTaken()) return taken;
  const added = context.subscriptions.add({ url: wish.url, topic: wish.topic, secret: wish.verificationToken, expiresMs: context.now() + LIFE_MS });
  return json(201, shown(added));
}

async function update(context: CloudContext, { id, ...usual }: Subscription, call: Call): Promise<Answer> {
  const wish = wishOf(call, { id, ...usual });
  if ("status" in wish) return wish;
  if (current(context).some((other) => other.id !== id && other.topic === wish.topic)) {
    return ouraRefusal(409, "There is a subscription for this event and data type already");
  }
  if (!(await isVerified(context, wish))) return ouraRefusal(400, "The callback URL could not be verified");
  return json(200, shown(context.subscriptions.change(id, { url: wish.url, topic: wish.topic, secret: wish.verificationToken })));
}

async function isVerified(context: CloudContext, { url, verificationToken }: Wish): Promise<boolean> {
  const challenge = randomBytes(16).toString("hex");
  const answer = await context.challenge(withParameters(url, { verification_token: verificationToken, challenge }), CHALLENGE_TIMEOUT_MS);
  if (answer?.status !== 200) return false;
  try {
    const echoed: unknown = JSON.parse(answer.body);
    return typeof echoed === "object" && echoed !== null && "challenge" in echoed && echoed.challenge === challenge;
  } catch {
    // No JSON: the address is not verified.
    return false;
  }
}
