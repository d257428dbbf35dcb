/** Oura's events: thin notices, signed, one subscription for each type of data and of event. Source: vendors/oura.md, Webhooks. */
import { ProviderRefused, WebhookRejected } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { AppCall, DriverWebhook, WebhookParse, WebhookRequest, WebhookSecrets, WebhookSubscription } from "#driver/types.ts";
import { checkAge, checkHmac, equalSecrets } from "#driver/verify.ts";
import type { VendorResponse } from "#http/types.ts";
import { MINUTE_MS, parseTime, SECOND_MS } from "#units/time.ts";
import { collectionOf, COLLECTIONS } from "./collections.ts";
import * as schema from "./schema.ts";

const MAX_BYTES = 64 * 1024;
/** Events are tried again for an hour; whether they are signed anew is not documented, so this is as wide as it may be. */
const TOLERANCE_SECONDS = 900;
const LONGEST_CHALLENGE = 256;
const SUBSCRIPTIONS = "/v2/webhook/subscription";
/** Seconds since 1970 have fewer digits than this for a long time to come; milliseconds have had more since 1973. */
const MILLISECONDS_FROM = 1e11;

export const webhook: DriverWebhook = {
  maxBytes: MAX_BYTES,
  isSigned: true,
  verify,
  handshake,
  subscribe,
  // Subscriptions live about 90 days; this also makes anew what Oura has cancelled meanwhile (WH-28).
  renewAfterDays: 30,
  parse,
};

/** `x-oura-signature` is the upper-case hex HMAC-SHA256, by the client secret, of `x-oura-timestamp` directly followed by the body. */
function verify({ headers, body, receivedMs }: WebhookRequest, { clientSecrets }: WebhookSecrets): void {
  const timestamp = headers["x-oura-timestamp"];
  if (!timestamp) throw new WebhookRejected("webhook_signature", "This webhook has no time.");
  checkHmac({ algorithm: "sha256", encoding: "hex", given: headers["x-oura-signature"], signed: [timestamp, body], secrets: clientSecrets });
  // The form of the time is not documented. One that cannot be read is signed, too, so it is none of a stranger's.
  const signedAtMs = timeOf(timestamp);
  if (signedAtMs !== null) checkAge(signedAtMs, receivedMs, TOLERANCE_SECONDS);
}

function timeOf(timestamp: string): number | null {
  if (/^\d{1,16}(\.\d+)?$/.test(timestamp)) {
    const number = Number(timestamp);
    return number >= MILLISECONDS_FROM ? number : number * SECOND_MS;
  }
  const parsed = parseTime(timestamp);
  return parsed && parsed.wallMs - (parsed.offsetMinutes ?? 0) * MINUTE_MS;
}

/** Repeats the challenge as JSON to whoever knows our verification token. */
function handshake({ query }: WebhookRequest, { verifyToken }: WebhookSecrets): { readonly contentType: string; readonly body: string } {
  const isOurs = verifyToken !== null && verifyToken !== "" && equalSecrets(query["verification_token"], verifyToken);
  if (!isOurs) throw new WebhookRejected("webhook_signature", "The verification token of this challenge does not match.");
  const challenge = query["challenge"] ?? "";
  if (challenge === "" || challenge.length > LONGEST_CHALLENGE) throw new WebhookRejected("webhook_malformed", "This is no challenge of a subscription.");
  return { contentType: "application/json", body: JSON.stringify({ challenge }) };
}

/**
 * A document that is new or changed is read; one that is deleted takes its record along. Samples cannot be taken back by a document's id and
 * stay. Throws ProviderContractBroken when the body is no event.
 */
function parse(body: unknown): WebhookParse {
  const event = parseEnvelope(schema.webhookEvent, body, "Oura event");
  const collection = collectionOf(event.data_type);
  if (!collection) return { events: [], problems: [{ path: "/data_type", reason: "an unknown type of data" }] };
  const { user_id: account, object_id: objectId, event_type: type } = event;
  // Known, but nothing of it has a place here.
  if (!collection.announced) return { events: [], problems: [] };
  if (type === "create" || type === "update") {
    return { events: [{ kind: "pull", account, request: { resource: collection.name, objectId } }], problems: [] };
  }
  if (type !== "delete") return { events: [], problems: [{ path: "/event_type", reason: "an unknown kind of event" }] };
  const { withdraws } = collection.announced;
  return { events: withdraws ? [{ kind: "withdrawn", account, of: withdraws, vendorId: objectId }] : [], problems: [] };
}

interface Wanted {
  readonly dataType: string;
  readonly eventType: string;
}

const WANTED: readonly Wanted[] = COLLECTIONS.flatMap(({ name, announced }) => {
  if (!announced) return [];
  // The API spells it in small letters here, and with a capital O in its path.
  const dataType = name.toLowerCase();
  const eventTypes = ["create", "update", ...(announced.withdraws ? ["delete"] : [])];
  return eventTypes.map((eventType) => ({ dataType, eventType }));
});

type Send = (method: "GET" | "POST" | "PUT" | "DELETE", path: string, json?: object) => Promise<VendorResponse>;

/** Of one type of data and event: none of these may keep the others from being made. */
const REFUSALS = [400, 404, 409, 410, 422];

/**
 * Keeps one subscription for each type of data and event at `callbackUrl`: renews ours, moves one that leads elsewhere, makes what is missing.
 * A type that Oura refuses costs itself alone; throws ProviderRefused when it refuses them all. There is no one id: gives their number.
 */
async function subscribe(call: AppCall, { callbackUrl, verifyToken }: WebhookSubscription): Promise<string> {
  const headers = { "x-client-id": call.clientId, "x-client-secret": call.clientSecret };
  const send: Send = (method, path, json) =>
    call.fetch(SUBSCRIPTIONS + path, { method, headers, ...(method === "GET" ? {} : { accept: REFUSALS }), ...(json ? { json } : {}) });
  const existing = parseEnvelope(schema.subscriptions, (await send("GET", "")).json(), "list of Oura subscriptions");
  const statuses: number[] = [];
  for (const { dataType, eventType } of WANTED) {
    const found = existing.find((each) => each.data_type.toLowerCase() === dataType && each.event_type === eventType);
    const wanted = { callback_url: callbackUrl, verification_token: verifyToken, event_type: eventType, data_type: dataType };
    statuses.push(await keep(send, found, wanted));
  }
  const kept = statuses.filter((status) => status < 300).length;
  if (kept === 0) throw new ProviderRefused("Oura refuses every subscription.", statuses[0] ?? 0, "");
  return String(kept);
}

/** Gives the vendor's last status. A subscription that can be neither renewed nor moved is made anew. */
async function keep(send: Send, found: schema.Subscription | undefined, wanted: { readonly callback_url: string }): Promise<number> {
  if (found) {
    const id = encodeURIComponent(found.id);
    const { status } = found.callback_url === wanted.callback_url ? await send("PUT", `/renew/${id}`) : await send("PUT", `/${id}`, wanted);
    if (status < 300) return status;
    await send("DELETE", `/${id}`);
  }
  const { status } = await send("POST", "", wanted);
  // It exists already: another process of ours was quicker.
  return status === 409 ? 200 : status;
}
