/** Polar's events: thin, signed by the secret of the application's one webhook. Source: vendors/polar.md, Webhooks. */
import { InvalidInput, ProviderContractBroken } from "#errors.ts";
import { parseEnvelope, safeParse } from "#driver/payload.ts";
import type { AppCall, DriverWebhook, PullRequest, WebhookEvent, WebhookParse, WebhookRequest, WebhookSecrets, WebhookSubscription } from "#driver/types.ts";
import { checkHmac } from "#driver/verify.ts";
import * as schema from "./schema.ts";

const MAX_BYTES = 64 * 1024;
const LONGEST_CALLBACK_URL = 2_000;
const WEBHOOKS = "/v3/webhooks";
const PING = "PING";

/** There is none for the nightly recharge: it is read with the night. */
const SUBSCRIBED = ["EXERCISE", "SLEEP", "CONTINUOUS_HEART_RATE", "ACTIVITY_SUMMARY", "PHYSICAL_INFORMATION"];
/** Forecasts of alertness and bedtime: nothing that was measured. */
const UNUSED: ReadonlySet<string> = new Set(["SLEEP_WISE_CIRCADIAN_BEDTIME", "SLEEP_WISE_ALERTNESS"]);

const BY_DATE: Readonly<Record<string, readonly string[]>> = {
  SLEEP: ["sleep", "nightly-recharge"],
  CONTINUOUS_HEART_RATE: ["continuous-heart-rate"],
  ACTIVITY_SUMMARY: ["activities"],
};

export const webhook: DriverWebhook = {
  maxBytes: MAX_BYTES,
  isSigned: true,
  verify,
  challenge,
  dedupeKey,
  subscribe,
  // Polar switches a webhook off after seven days of failures: looked after every day.
  renewAfterDays: 1,
  parse,
};

/** Hex HMAC-SHA256 of the raw body, by the secret that Polar showed once when the webhook was made. */
function verify({ headers, body }: WebhookRequest, { subscriptionSecret }: WebhookSecrets): void {
  checkHmac({
    algorithm: "sha256", encoding: "hex", given: headers["polar-webhook-signature"]?.trim(), signed: [body], secrets: subscriptionSecret ? [subscriptionSecret] : [],
  });
}

/**
 * A ping comes while the webhook is being made, so before there is a secret: it is answered unproven, and nothing else is done. Pings in the wild had other headers
 * and bodies than documented, so that one sign of it is enough, if no other event is named.
 */
function challenge({ headers, body }: WebhookRequest): { readonly status: 200; readonly contentType: string; readonly body: string } | null {
  const named = eventOf(body)?.event;
  const isPing = named === undefined ? headers["polar-webhook-event"]?.trim().toUpperCase() === PING || body.length === 0 : named.toUpperCase() === PING;
  return isPing ? { status: 200, contentType: "application/json", body: "{}" } : null;
}

/** Polar sends some events twice (accesslink-example-python issue 29): the same event, object and time is one. */
function dedupeKey({ body }: WebhookRequest): string | null {
  const event = eventOf(body);
  if (!event?.timestamp) return null;
  return JSON.stringify([event.event, event.user_id, event.entity_id ?? event.date ?? [event.from, event.to], event.timestamp]);
}

function eventOf(body: Uint8Array) {
  try {
    return safeParse(schema.event, JSON.parse(new TextDecoder().decode(body))).data;
  } catch {
    return undefined;
  }
}

/**
 * Every event is followed by asking for what it names, at addresses of our own making: the one it carries is not needed. Throws ProviderContractBroken when the body
 * is no event, or names nobody.
 */
function parse(body: unknown): WebhookParse {
  const { event, user_id: account, entity_id, date } = parseEnvelope(schema.event, body, "Polar event");
  if (event === PING || UNUSED.has(event)) return { events: [], problems: [] };
  if (account === null || account === undefined) throw new ProviderContractBroken("A Polar event names nobody.", "/user_id");
  const pulls = (requests: readonly PullRequest[]): WebhookParse => ({
    events: requests.map((request): WebhookEvent => ({ kind: "pull", account, request })), problems: [],
  });
  if (event === "PHYSICAL_INFORMATION") return pulls([{ resource: "physical-info", objectId: account }]);
  if (event === "EXERCISE") {
    return entity_id ? pulls([{ resource: "exercise", objectId: entity_id }]) : { events: [], problems: [{ path: "/entity_id", reason: "missing" }] };
  }
  const resources = Object.hasOwn(BY_DATE, event) ? BY_DATE[event] : undefined;
  if (!resources) return { events: [], problems: [{ path: "/event", reason: "an unknown kind of event" }] };
  if (!date || !/^\d{4}-\d{2}-\d{2}$/.test(date)) return { events: [], problems: [{ path: "/date", reason: "no date" }] };
  return pulls(resources.map((resource) => ({ resource, objectId: date })));
}

/**
 * Keeps the application's one webhook at `callbackUrl`, active and with all events. One whose secret we do not have is made anew, because Polar shows it once. Polar
 * pings the address before it answers. Throws InvalidInput for an address that Polar cannot take, ProviderRefused (400) when its ping was not answered.
 */
async function subscribe(call: AppCall, wanted: WebhookSubscription): Promise<string | { readonly subscriptionId: string; readonly secret: string }> {
  if (wanted.callbackUrl.length > LONGEST_CALLBACK_URL) throw new InvalidInput("The callback address is too long.");
  for (const existing of await listWebhooks(call)) {
    const isOurs = existing.url === wanted.callbackUrl && existing.id === wanted.keptSecretOf && SUBSCRIBED.every((event) => existing.events?.includes(event));
    if (isOurs) {
      if (existing.active === false) await call.fetch(`${WEBHOOKS}/activate`, { method: "POST", headers: basic(call) });
      return existing.id;
    }
    await call.fetch(`${WEBHOOKS}/${encodeURIComponent(existing.id)}`, { method: "DELETE", headers: basic(call), accept: [404] });
  }
  const answer = await call.fetch(WEBHOOKS, { method: "POST", headers: basic(call), json: { events: SUBSCRIBED, url: wanted.callbackUrl } });
  const { data } = parseEnvelope(schema.createdWebhook, answer.json(), "Polar webhook");
  return { subscriptionId: data.id, secret: data.signature_secret_key };
}

async function listWebhooks(call: AppCall) {
  const answer = await call.fetch(WEBHOOKS, { headers: basic(call), accept: [404] });
  if (answer.status === 404 || answer.status === 204) return [];
  const { data } = parseEnvelope(schema.webhookInfo, answer.json(), "list of Polar webhooks");
  return (data ?? []).flatMap((item) => safeParse(schema.existingWebhook, item).data ?? []);
}

/** Webhooks are the application's, not a person's. */
function basic({ clientId, clientSecret }: AppCall): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}` };
}
