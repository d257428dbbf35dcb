/** Strava's events: thin notices, one subscription for the whole application. Source: vendors/strava.md, Webhooks. */
import { z } from "zod";
import { InvalidInput, ProviderContractBroken, WebhookRejected } from "#errors.ts";
import { looseText, parseEnvelope, safeParse } from "#driver/payload.ts";
import type { AppCall, DriverWebhook, WebhookEvent, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { checkAge, checkHmac, equalSecrets } from "#driver/verify.ts";
import * as schema from "./schema.ts";

const MAX_BYTES = 64 * 1024;
const TOLERANCE_SECONDS = 300;
const LONGEST_CHALLENGE = 256;
const LONGEST_CALLBACK_URL = 255;
const SUBSCRIPTIONS = "/api/v3/push_subscriptions";

export const webhook: DriverWebhook = {
  maxBytes: MAX_BYTES,
  // Whether Strava signs is unsettled, so its events are hints whether they are signed or not.
  isSigned: false,
  verify,
  handshake,
  subscribe,
  parse,
};

/**
 * The signature where there is one (see the setting), and our own subscription's id in the body. The header is `t=<unix>,v1=<hex>`,
 * the HMAC-SHA256 by the client secret of `<t>.<raw body>`.
 */
function verify(request: WebhookRequest, secrets: WebhookSecrets): void {
  const mode = secrets.settings["signature"] ?? "verify";
  const header = request.headers["x-strava-signature"];
  const isChecked = mode === "required" || (mode === "verify" && header !== undefined);
  if (isChecked) checkSignature(header, request, secrets);
  checkSubscription(request.body, secrets.subscriptionId, isChecked);
}

function checkSignature(header: string | undefined, { body, receivedMs }: WebhookRequest, secrets: WebhookSecrets): void {
  const parts = new Map((header ?? "").split(",").map((part) => [part.slice(0, part.indexOf("=")).trim(), part.slice(part.indexOf("=") + 1).trim()]));
  const time = parts.get("t");
  checkHmac({ algorithm: "sha256", encoding: "hex", given: parts.get("v1"), signed: [`${time ?? ""}.`, body], secrets: secrets.clientSecrets });
  checkAge(time !== undefined && /^\d{1,12}$/.test(time) ? Number(time) * 1000 : Number.NaN, receivedMs, TOLERANCE_SECONDS);
}

const subscribed = z.looseObject({ subscription_id: schema.id });

/** A signed body that is no JSON is authentic and is kept for a look; an unsigned one is refused like a wrong signature. */
function checkSubscription(body: Uint8Array, subscriptionId: string | null, isSigned: boolean): void {
  const event = safeParse(subscribed, parsedJson(body));
  if (!event.success) {
    if (isSigned) return;
    throw new WebhookRejected("webhook_signature", "This is no event of our subscription.");
  }
  if (subscriptionId !== null && !equalSecrets(event.data.subscription_id, subscriptionId)) {
    throw new WebhookRejected("webhook_signature", "This is no event of our subscription.");
  }
}

function parsedJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    return null;
  }
}

/** Repeats the challenge as JSON to whoever knows our verify token. */
function handshake(request: WebhookRequest, secrets: WebhookSecrets): { readonly contentType: string; readonly body: string } {
  const challenge = request.query["hub.challenge"] ?? "";
  const isOurs = secrets.verifyToken !== null && secrets.verifyToken !== "" && equalSecrets(request.query["hub.verify_token"], secrets.verifyToken);
  if (!isOurs) throw new WebhookRejected("webhook_signature", "The verify token of this challenge does not match.");
  if (request.query["hub.mode"] !== "subscribe" || challenge === "" || challenge.length > LONGEST_CHALLENGE) {
    throw new WebhookRejected("webhook_malformed", "This is no challenge of a subscription.");
  }
  return { contentType: "application/json", body: JSON.stringify({ "hub.challenge": challenge }) };
}

/**
 * Every activity event, a deletion too, is answered by reading the activity again: the event itself may be forged, late or out of
 * order, the answer is not (and says 404 when it is gone). Throws ProviderContractBroken when the body is no event.
 */
function parse(body: unknown): WebhookParse {
  const event = parseEnvelope(schema.webhookEvent, body, "Strava event");
  const account = event.owner_id;
  const events: WebhookEvent[] = [];
  if (event.object_type === "activity" && ["create", "update", "delete"].includes(event.aspect_type)) {
    events.push({ kind: "pull", account, request: { resource: "activity", objectId: event.object_id } });
  } else if (event.object_type === "athlete" && isDeauthorization(event)) {
    events.push({ kind: "deauthorized", account });
  } else if (event.object_type !== "athlete") {
    return { events, problems: [{ path: event.object_type === "activity" ? "/aspect_type" : "/object_type", reason: "an unknown kind of event" }] };
  }
  return { events, problems: [] };
}

/** Documents say an update with `authorized: "false"`; a delete of the athlete is seen in code. */
function isDeauthorization({ aspect_type, updates }: z.infer<typeof schema.webhookEvent>): boolean {
  return aspect_type === "delete" || (aspect_type === "update" && looseText(updates?.["authorized"]) === "false");
}

/**
 * Keeps the application's one subscription at `callbackUrl`: reuses it, or replaces one at another address. Strava calls the
 * handshake before it answers. Throws InvalidInput for an address longer than Strava takes.
 */
async function subscribe(call: AppCall, wanted: { readonly callbackUrl: string; readonly verifyToken: string }): Promise<string> {
  if (wanted.callbackUrl.length > LONGEST_CALLBACK_URL) {
    throw new InvalidInput(`Strava takes callback addresses of at most ${LONGEST_CALLBACK_URL} characters.`);
  }
  const credentials = { client_id: call.clientId, client_secret: call.clientSecret };
  for (const existing of await listSubscriptions(call)) {
    if (existing.callback_url === wanted.callbackUrl) return existing.id;
    await call.fetch(`${SUBSCRIPTIONS}/${existing.id}`, { method: "DELETE", query: credentials, accept: [404] });
  }
  const answer = await call.fetch(SUBSCRIPTIONS, {
    method: "POST",
    form: { ...credentials, callback_url: wanted.callbackUrl, verify_token: wanted.verifyToken },
    // "already exists": another process of ours was quicker.
    accept: [400],
  });
  if (answer.status !== 400) return parseEnvelope(schema.subscription, answer.json(), "Strava subscription").id;
  const made = (await listSubscriptions(call)).find(({ callback_url }) => callback_url === wanted.callbackUrl);
  if (made) return made.id;
  throw new ProviderContractBroken("Strava refuses the subscription and lists none at our address.", "");
}

/** Strava takes the application's credentials in the query here, and nowhere else. */
async function listSubscriptions(call: AppCall): Promise<z.infer<typeof schema.subscriptions>> {
  const answer = await call.fetch(SUBSCRIPTIONS, { query: { client_id: call.clientId, client_secret: call.clientSecret } });
  return parseEnvelope(schema.subscriptions, answer.json(), "list of Strava subscriptions");
}
