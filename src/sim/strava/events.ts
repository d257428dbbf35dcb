/** The push subscription and its events. vendors/strava.md, Webhooks. */

import { createHmac, randomBytes } from "node:crypto";
import { request } from "undici";
import type { SimContext } from "../context.ts";
import type { Answer, Call } from "../exchange.ts";
import { empty, formOf, isJson, json, jsonFields } from "../exchange.ts";
import type { Push, PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import type { Workout } from "../people/workouts.ts";
import { athleteId } from "./activities.ts";

const CHALLENGE_TIMEOUT_MS = 2_000;
const LONGEST_CALLBACK = 255;

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
}

export function createStravaEvents(context: SimContext): StravaEvents {
  function pushes(person: Person, event: StravaEvent, dueMs: number): Push[] {
    const { subscription } = context.state;
    if (!subscription) return [];
    const body = JSON.stringify({
      object_type: event.object, object_id: event.objectId, aspect_type: event.aspect, updates: event.updates,
      owner_id: athleteId(context, person), subscription_id: subscription.id, event_time: Math.floor(dueMs / 1000),
    });
    const what = `${event.object}_${event.aspect}`;
    const headers = { "content-type": "application/json", ...signature(context, body) };
    return [{ vendor: "strava", person: person.who.id, what, url: subscription.callbackUrl, headers, body: () => body, dueMs }];
  }

  return {
    mayHear(person, workout) {
      const grants = context.grants.live("strava").filter((grant) => grant.personId === person.who.id);
      const wanted = workout.isPrivate ? ["activity:read_all"] : ["activity:read", "activity:read_all"];
      return grants.some((grant) => wanted.some((scope) => grant.scopes.includes(scope)));
    },
    tell(person, event, dueMs) {
      for (const push of pushes(person, event, dueMs)) context.outbox.add(push);
    },
    async tellNow(person, event) {
      const results: PushResult[] = [];
      for (const push of pushes(person, event, context.options.now())) results.push(await context.outbox.sendNow(push));
      return results;
    },
    withdraw(person, dueMs) {
      context.grants.revoke("strava", person.who.id);
      context.outbox.drop("strava", person.who.id);
      this.tell(person, { object: "athlete", objectId: athleteId(context, person), aspect: "update", updates: { authorized: "false" } }, dueMs);
    },
  };
}

/** `t=<unix>,v1=<hex HMAC-SHA256 of "t.body" under the client secret>`: seen in code, unsettled in the documents, so a setting. */
function signature(context: SimContext, body: string): Record<string, string> {
  if (!context.state.signStravaEvents) return {};
  const time = Math.floor(context.options.now() / 1000);
  const digest = createHmac("sha256", context.options.clients.strava.clientSecret).update(`${time}.${body}`).digest("hex");
  return { "x-strava-signature": `t=${time},v1=${digest}` };
}

type Refuse = (status: number, message: string, error: readonly [string, string, string] | null) => Answer;

/** Creates the application's one subscription; the callback has to answer the challenge while this call waits. */
export async function subscribe(context: SimContext, call: Call, refuse: Refuse): Promise<Answer> {
  const fields = (isJson(call) ? jsonFields(call) : formOf(call)) ?? new URLSearchParams();
  if (!isClient(context, fields)) return refuse(401, "Authorization Error", ["Application", "client_id", "invalid"]);
  const callbackUrl = fields.get("callback_url") ?? "";
  const verifyToken = fields.get("verify_token") ?? "";
  const isFit = URL.canParse(callbackUrl) && /^https?:/i.test(callbackUrl) && callbackUrl.length <= LONGEST_CALLBACK && verifyToken !== "";
  if (!isFit) return refuse(400, "Bad Request", ["PushSubscription", "callback url", "invalid"]);
  if (context.state.subscription) return refuse(400, "Bad Request", ["PushSubscription", "", "already exists"]);
  if (!(await isVerified(context, callbackUrl, verifyToken))) {
    return refuse(400, "Bad Request", ["PushSubscription", "callback url", "GET to callback URL does not return 200"]);
  }
  // Another create may have won while this one waited for its challenge.
  if (context.state.subscription) return refuse(400, "Bad Request", ["PushSubscription", "", "already exists"]);
  const createdMs = context.options.now();
  context.state.subscription = { id: 100_000 + (Math.floor(createdMs / 1000) % 900_000), callbackUrl, createdMs };
  return json(201, { id: context.state.subscription.id });
}

async function isVerified(context: SimContext, callbackUrl: string, verifyToken: string): Promise<boolean> {
  const challenge = randomBytes(12).toString("hex");
  const query = `hub.mode=subscribe&hub.challenge=${challenge}&hub.verify_token=${encodeURIComponent(verifyToken)}`;
  const url = `${callbackUrl}${callbackUrl.includes("?") ? "&" : "?"}${query}`;
  try {
    const { options } = context;
    const answer = await (options.challenge ? options.challenge(url, CHALLENGE_TIMEOUT_MS) : fetchChallenge(url, CHALLENGE_TIMEOUT_MS));
    if (answer.status !== 200 || !answer.contentType.toLowerCase().startsWith("application/json")) return false;
    const echoed: unknown = JSON.parse(answer.body);
    return typeof echoed === "object" && echoed !== null && "hub.challenge" in echoed && echoed["hub.challenge"] === challenge;
  } catch {
    // No answer, no answer in time or no JSON: in each case the address is not verified.
    return false;
  }
}

async function fetchChallenge(url: string, timeoutMs: number): Promise<{ status: number; contentType: string; body: string }> {
  const answer = await request(url, { method: "GET", signal: AbortSignal.timeout(timeoutMs) });
  return { status: answer.statusCode, contentType: String(answer.headers["content-type"] ?? ""), body: await answer.body.text() };
}

function isClient(context: SimContext, fields: URLSearchParams): boolean {
  const { clientId, clientSecret } = context.options.clients.strava;
  return fields.get("client_id") === clientId && fields.get("client_secret") === clientSecret;
}

export function listSubscriptions(context: SimContext, call: Call, refuse: Refuse): Answer {
  if (!isClient(context, call.query)) return refuse(401, "Authorization Error", ["Application", "client_id", "invalid"]);
  const { subscription } = context.state;
  if (!subscription) return json(200, []);
  const created = new Date(subscription.createdMs).toISOString();
  return json(200, [{
    id: subscription.id, resource_state: 2, application_id: Number(call.query.get("client_id")) || 0, callback_url: subscription.callbackUrl,
    created_at: created, updated_at: created,
  }]);
}

export function unsubscribe(context: SimContext, call: Call, refuse: Refuse): Answer {
  const fields = new URLSearchParams([...call.query, ...formOf(call)]);
  if (!isClient(context, fields)) return refuse(401, "Authorization Error", ["Application", "client_id", "invalid"]);
  if (String(context.state.subscription?.id) !== call.params["id"]) return refuse(404, "Record Not Found", ["PushSubscription", "id", "not found"]);
  context.state.subscription = null;
  return empty(204);
}
