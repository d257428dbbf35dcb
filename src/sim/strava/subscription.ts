/** The application's one push subscription. vendors/strava.md, Webhooks. */

import { randomBytes } from "node:crypto";
import type { CloudContext } from "../cloud.ts";
import type { Answer, Call } from "../exchange.ts";
import { empty, formOf, isJson, json, jsonFields } from "../exchange.ts";
import { stravaRefusal } from "./refusal.ts";

const CHALLENGE_TIMEOUT_MS = 2_000;
const LONGEST_CALLBACK = 255;

/** Creates the subscription; the callback has to answer the challenge while this call waits. */
export async function subscribe(context: CloudContext, call: Call): Promise<Answer> {
  const fields = (isJson(call) ? jsonFields(call) : formOf(call)) ?? new URLSearchParams();
  if (!isClient(context, fields)) return stravaRefusal(401, "Authorization Error", ["Application", "client_id", "invalid"]);
  const callbackUrl = fields.get("callback_url") ?? "";
  const verifyToken = fields.get("verify_token") ?? "";
  const isFit = URL.canParse(callbackUrl) && /^https?:/i.test(callbackUrl) && callbackUrl.length <= LONGEST_CALLBACK && verifyToken !== "";
  if (!isFit) return stravaRefusal(400, "Bad Request", ["PushSubscription", "callback url", "invalid"]);
  if (context.subscriptions.all().length > 0) return alreadyExists();
  if (!(await isVerified(context, callbackUrl, verifyToken))) {
    return stravaRefusal(400, "Bad Request", ["PushSubscription", "callback url", "GET to callback URL does not return 200"]);
  }
  // Another create may have won while this one waited for its challenge.
  if (context.subscriptions.all().length > 0) return alreadyExists();
  const id = 100_000 + (Math.floor(context.now() / 1000) % 900_000);
  context.subscriptions.add({ id: String(id), url: callbackUrl });
  return json(201, { id });
}

function alreadyExists(): Answer {
  return stravaRefusal(400, "Bad Request", ["PushSubscription", "", "already exists"]);
}

async function isVerified(context: CloudContext, callbackUrl: string, verifyToken: string): Promise<boolean> {
  const challenge = randomBytes(12).toString("hex");
  const query = `hub.mode=subscribe&hub.challenge=${challenge}&hub.verify_token=${encodeURIComponent(verifyToken)}`;
  const answer = await context.challenge(`${callbackUrl}${callbackUrl.includes("?") ? "&" : "?"}${query}`, CHALLENGE_TIMEOUT_MS);
  if (answer?.status !== 200 || !answer.contentType.toLowerCase().startsWith("application/json")) return false;
  try {
    const echoed: unknown = JSON.parse(answer.body);
    return typeof echoed === "object" && echoed !== null && "hub.challenge" in echoed && echoed["hub.challenge"] === challenge;
  } catch {
    // No JSON: the address is not verified.
    return false;
  }
}

function isClient(context: CloudContext, fields: URLSearchParams): boolean {
  const { clientId, clientSecret } = context.client;
  return fields.get("client_id") === clientId && fields.get("client_secret") === clientSecret;
}

export function listSubscriptions(context: CloudContext, call: Call): Answer {
  if (!isClient(context, call.query)) return stravaRefusal(401, "Authorization Error", ["Application", "client_id", "invalid"]);
  return json(200, context.subscriptions.all().map(({ id, url, createdMs }) => {
    const created = new Date(createdMs).toISOString();
    return {
      id: Number(id), resource_state: 2, application_id: Number(call.query.get("client_id")) || 0, callback_url: url, created_at: created, updated_at: created,
    };
  }));
}

export function unsubscribe(context: CloudContext, call: Call): Answer {
  const fields = new URLSearchParams([...call.query, ...formOf(call)]);
  if (!isClient(context, fields)) return stravaRefusal(401, "Authorization Error", ["Application", "client_id", "invalid"]);
  if (!context.subscriptions.remove(call.params["id"] ?? "")) return stravaRefusal(404, "Record Not Found", ["PushSubscription", "id", "not found"]);
  return empty(204);
}
