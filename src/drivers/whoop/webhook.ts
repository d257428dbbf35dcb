/** WHOOP's events: thin notices, signed with a time. Set up by hand in the developer dashboard. Source: vendors/whoop.md, Webhooks. */
import { parseEnvelope, safeParse } from "#driver/payload.ts";
import type { DriverWebhook, WebhookEvent, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { checkAge, checkHmac } from "#driver/verify.ts";
import { WebhookRejected } from "#errors.ts";
import * as schema from "./schema.ts";

const MAX_BYTES = 64 * 1024;
const TOLERANCE_SECONDS = 300;

export const webhook: DriverWebhook = { maxBytes: MAX_BYTES, isSigned: true, verify, dedupeKey, parse };

/** `X-WHOOP-Signature` is the base64 HMAC-SHA256, by the client secret, of the time in milliseconds directly followed by the body. */
function verify({ headers, body, receivedMs }: WebhookRequest, { clientSecrets }: WebhookSecrets): void {
  const timestamp = headers["x-whoop-signature-timestamp"];
  if (!timestamp) throw new WebhookRejected("webhook_signature", "This webhook has no time.");
  checkHmac({ algorithm: "sha256", encoding: "base64", given: headers["x-whoop-signature"], signed: [timestamp, body], secrets: clientSecrets });
  checkAge(/^\d{1,15}$/.test(timestamp) ? Number(timestamp) : Number.NaN, receivedMs, TOLERANCE_SECONDS);
}

/**
 * A body holds no time: without its trace id a second change of the same sleep would look like the first one sent twice, and the time of
 * the signature tells them apart.
 */
function dedupeKey({ headers, body }: WebhookRequest): string | null {
  const event = safeParse(schema.webhookEvent, parsedJson(body));
  if (!event.success) return null;
  const { user_id, type, id, trace_id } = event.data;
  return JSON.stringify([user_id, type, id, trace_id || (headers["x-whoop-signature-timestamp"] ?? "")]);
}

function parsedJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    return null;
  }
}

/** "updated" is said of new ones, too. Throws ProviderContractBroken when the body is no event. */
function parse(body: unknown): WebhookParse {
  const { user_id: account, id, type } = parseEnvelope(schema.webhookEvent, body, "WHOOP event");
  // Version 1 sent numbers, which no endpoint of today knows.
  if (typeof id === "number") return { events: [], problems: [{ path: "/id", reason: "an id of API version 1" }] };
  const event = eventOf(type, account, id);
  return event ? { events: [event], problems: [] } : { events: [], problems: [{ path: "/type", reason: "an unknown kind of event" }] };
}

function eventOf(type: string, account: string, id: string): WebhookEvent | null {
  switch (type) {
    case "sleep.updated":
      return { kind: "pull", account, request: { resource: "sleep", objectId: id } };
    case "workout.updated":
      return { kind: "pull", account, request: { resource: "workout", objectId: id } };
    // The id is the sleep's. A deleted one is asked for again: the answer says whether, and for which day, it is gone.
    case "recovery.updated":
    case "recovery.deleted":
      return { kind: "pull", account, request: { resource: "recovery", objectId: id } };
    case "sleep.deleted":
      return { kind: "withdrawn", account, of: "sleep", vendorId: id };
    case "workout.deleted":
      return { kind: "withdrawn", account, of: "workout", vendorId: id };
    default:
      return null;
  }
}
