/** Fitbit's subscriptions: pings by collection and date, for each person. Source: vendors/fitbit.md, Webhooks. */
import { createHash } from "node:crypto";
import { ProviderRefused, WebhookRejected } from "#errors.ts";
import { parseEnvelope, safeParse } from "#driver/payload.ts";
import type { MappingProblem } from "#driver/records.ts";
import type { DriverCall, DriverWebhook, WebhookEvent, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { checkHmac, equalSecrets } from "#driver/verify.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, parseTime } from "#units/time.ts";
import { ACTIVITY_LIST } from "./resources.ts";
import * as schema from "./schema.ts";

const MAX_BYTES = 1024 * 1024;

export const webhook: DriverWebhook = {
  maxBytes: MAX_BYTES,
  isSigned: true,
  acknowledgeWith: 204,
  refuseWith: 404,
  verify,
  handshake,
  dedupeKey,
  subscribeConnection,
  unsubscribeConnection,
  parse,
};

/** Base64 of the HMAC-SHA1 of the raw body; the key is the client secret and an ampersand. */
function verify({ headers, body }: WebhookRequest, { clientSecrets }: WebhookSecrets): void {
  const secrets = clientSecrets.filter((secret) => secret !== "").map((secret) => `${secret}&`);
  checkHmac({ algorithm: "sha1", encoding: "base64", given: headers["x-fitbit-signature"], signed: [body], secrets });
}

/** Fitbit asks twice, with the code of the subscriber and with a wrong one: 204 without a word, and 404. */
function handshake({ query }: WebhookRequest, { settings }: WebhookSecrets): ReturnType<NonNullable<DriverWebhook["handshake"]>> {
  const code = settings["verification_code"] ?? "";
  if (code === "" || !equalSecrets(query["verify"], code)) throw new WebhookRejected("webhook_signature", "The code of this verification does not match.");
  return { contentType: "text/plain", body: "", status: 204 };
}

/** A ping has neither id nor time: every sync of a day makes the same bytes. The minute of receipt tells news from a repetition. */
function dedupeKey({ body, receivedMs }: WebhookRequest): string {
  return `${createHash("sha256").update(body).digest("hex")}.${Math.floor(receivedMs / MINUTE_MS)}`;
}

/** What is read again for a date of each collection. */
const OF_COLLECTION: ReadonlyMap<string, readonly string[]> = new Map([
  ["activities", ["activities/date", "activities/heart/intraday", "activities/steps/intraday"]],
  ["body", ["body/log/weight", "body/log/fat"]],
  // What is measured in the night comes with it.
  ["sleep", ["sleep", "hrv", "hrv/all", "br", "spo2", "spo2/all", "temp/skin"]],
  ["foods", []],
]);

/** Throws ProviderContractBroken when the body is no list. */
function parse(payload: unknown): WebhookParse {
  const events: WebhookEvent[] = [];
  const problems: MappingProblem[] = [];
  for (const [index, item] of parseEnvelope(schema.notifications, payload, "Fitbit notification").entries()) {
    const notice = safeParse(schema.notification, item);
    if (!notice.success) {
      problems.push({ path: [`/${index}`, ...(notice.error.issues[0]?.path ?? []).map(String)].join("/"), reason: "missing or of the wrong type" });
      continue;
    }
    const { collectionType, ownerId: account, date } = notice.data;
    if (collectionType === "userRevokedAccess") {
      events.push({ kind: "deauthorized", account });
      continue;
    }
    const resources = OF_COLLECTION.get(collectionType);
    const dayMs = date && /^\d{4}-\d{2}-\d{2}$/.test(date) ? (parseTime(date)?.wallMs ?? null) : null;
    if (!resources) problems.push({ path: `/${index}/collectionType`, reason: "an unknown collection" });
    else if (dayMs === null) problems.push({ path: `/${index}/date`, reason: "no possible date" });
    else {
      for (const resource of resources) events.push({ kind: "pull", account, request: { resource, objectId: date! } });
      // The date is the person's own, in whatever zone.
      const window = { fromMs: dayMs - 14 * HOUR_MS, toMs: dayMs + DAY_MS + 12 * HOUR_MS };
      if (collectionType === "activities") events.push({ kind: "pull", account, request: { resource: ACTIVITY_LIST, window } });
    }
  }
  return { events, problems };
}

const COLLECTIONS = ["activities", "body", "sleep", "userRevokedAccess"];
const ROOT = "/1/user/-";

/** Ids are the app's own and must differ between people and collections. */
const subscriptionPath = ({ account }: DriverCall, collection: string): string =>
  `${ROOT}/${collection}/apiSubscriptions/${account.vendorUserId ?? "me"}-${collection}.json`;

/** 201: made, 200: it is there already, 409: there under another id; 403: the person did not allow reading that collection. */
async function subscribeConnection(call: DriverCall): Promise<void> {
  for (const collection of COLLECTIONS) {
    const answer = await call.fetch(subscriptionPath(call, collection), { method: "POST", accept: [403, 409] });
    if (answer.status === 409 && !(await isSubscribed(call, collection))) {
      throw new ProviderRefused(`Fitbit refuses a subscription to ${collection} and lists none.`, 409, "");
    }
  }
}

async function isSubscribed(call: DriverCall, collection: string): Promise<boolean> {
  const answer = await call.fetch(`${ROOT}/${collection}/apiSubscriptions.json`);
  const { apiSubscriptions } = parseEnvelope(schema.subscriptions, answer.json(), "list of Fitbit subscriptions");
  return apiSubscriptions.some(({ collectionType }) => (collectionType ?? collection) === collection);
}

/** Ends them all; one that is gone is no error. */
async function unsubscribeConnection(call: DriverCall): Promise<void> {
  for (const collection of COLLECTIONS) await call.fetch(subscriptionPath(call, collection), { method: "DELETE", accept: [403, 404] });
}
