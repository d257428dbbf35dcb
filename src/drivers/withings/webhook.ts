/** Withings' notifications: unsigned forms that name a person and a time, one subscription for each person and type. Source: vendors/withings.md, Webhooks. */
import { createHash } from "node:crypto";
import { InvalidInput, ProviderRefused, WebhookRejected } from "#errors.ts";
import { parseEnvelope, parseForm, safeParse } from "#driver/payload.ts";
import type { DriverCall, DriverWebhook, WebhookEvent, WebhookParse, WebhookRequest, WebhookSecrets, WebhookSubscription } from "#driver/types.ts";
import { equalSecrets } from "#driver/verify.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, parseTime, type Window } from "#units/time.ts";
import { changeProfile, readProfiles } from "./api.ts";
import * as schema from "./schema.ts";

const MAX_BYTES = 16 * 1024;
const LONGEST_CALLBACK_URL = 255;
/** Query parameter of our address that strangers cannot guess: all that tells Withings from them. */
const KEY = "key";

interface Kind {
  /** What to ask for when it comes; nothing where there is nothing to be had. */
  readonly resources: readonly string[];
  /** Present where it is subscribed to: with this scope. */
  readonly scope?: string;
  /** Longest time that a hint is followed over: the rest is left to the safety poll. */
  readonly longestMs?: number;
}

const ACTIVITY = ["getactivity", "getintradayactivity", "getworkouts"];
const PROFILE = "46";

/** Types of notification by number (`appli`). The numbers from 62 on are uncertain: a new one is a line here. */
const KINDS: Readonly<Record<string, Kind>> = {
  "1": { resources: ["getmeas"], scope: "user.metrics" },
  "2": { resources: ["getmeas"], scope: "user.metrics" },
  "4": { resources: ["getmeas"], scope: "user.metrics" },
  "16": { resources: ACTIVITY, scope: "user.activity", longestMs: 7 * DAY_MS },
  "44": { resources: ["sleep"], scope: "user.activity", longestMs: 7 * DAY_MS },
  [PROFILE]: { resources: [], scope: "user.info" },
  // Into bed, out of bed, mat inflated; a device of nobody: nothing to read.
  "50": { resources: [] },
  "51": { resources: [] },
  "52": { resources: [] },
  "53": { resources: [] },
  "54": { resources: ["heart_list"], scope: "user.metrics" },
  "55": { resources: [] },
  // Glucose of partners' meters: in which measure type is not documented.
  "58": { resources: [] },
};

const LONGEST_HINT_MS = 31 * DAY_MS;
/** Notification and data may disagree by seconds. */
const PAD_MS = MINUTE_MS;
const WIDEST_OFFSET_MS = 14 * HOUR_MS;

export const webhook: DriverWebhook = {
  maxBytes: MAX_BYTES,
  bodyFormat: "form",
  isSigned: false,
  verify,
  handshake,
  challenge,
  dedupeKey,
  subscribeConnection,
  // Withings ends what failed several times in a row, without a word: looked after every day.
  renewAfterDays: 1,
  parse,
};

/** The key in our address, and a person in the body. Nothing else proves a delivery, so that it stays a hint. */
function verify(request: WebhookRequest, secrets: WebhookSecrets): void {
  checkKey(request, secrets);
  if (!safeParse(schema.notification, parseForm(request.body)).success) {
    throw new WebhookRejected("webhook_malformed", "This is no notification of Withings.");
  }
}

function checkKey({ query }: WebhookRequest, { verifyToken }: WebhookSecrets): void {
  if (verifyToken === null || verifyToken === "" || !equalSecrets(query[KEY], verifyToken)) {
    throw new WebhookRejected("webhook_signature", "The key of this notification does not match.");
  }
}

/** Withings looks whether our address answers, with HEAD or GET, and wants no body. */
function handshake(request: WebhookRequest, secrets: WebhookSecrets): { readonly contentType: string; readonly body: string } {
  checkKey(request, secrets);
  return { contentType: "text/plain", body: "" };
}

/** Or with a POST without anything in it. */
function challenge(request: WebhookRequest, secrets: WebhookSecrets): { readonly status: 200; readonly contentType: string; readonly body: string } | null {
  if (request.body.length > 0) return null;
  checkKey(request, secrets);
  return { status: 200, contentType: "text/plain", body: "" };
}

/**
 * The same words are said again when a day goes on, a night is revised, or a person leaves twice: only within the same minute they are a repetition.
 */
function dedupeKey({ body, receivedMs }: WebhookRequest): string {
  return `${createHash("sha256").update(body).digest("hex")}.${Math.floor(receivedMs / MINUTE_MS)}`;
}

/** Subscribes to all types that the person's scopes allow, and ends what leads to another address of ours. Throws what the last refusal was if all are refused. */
async function subscribeConnection(call: DriverCall, { callbackUrl, verifyToken }: WebhookSubscription): Promise<void> {
  const callbackurl = `${callbackUrl}?${new URLSearchParams({ [KEY]: verifyToken }).toString()}`;
  if (callbackurl.length > LONGEST_CALLBACK_URL) throw new InvalidInput(`Withings takes callback addresses of at most ${LONGEST_CALLBACK_URL} characters.`);
  const known = await readProfiles(call);
  for (const profile of known) {
    const isOld = profile.callbackurl !== callbackurl && profile.callbackurl.split("?")[0] === callbackUrl;
    if (isOld) await tolerated(() => changeProfile(call, "revoke", profile));
  }
  const granted = call.account.grantedScopes;
  const wanted = Object.entries(KINDS).filter(([, { scope }]) => scope !== undefined && (granted === null || granted.includes(scope)));
  const missing = wanted.filter(([appli]) => !known.some((profile) => profile.appli === appli && profile.callbackurl === callbackurl));
  const refusals: ProviderRefused[] = [];
  for (const [appli] of missing) {
    const refusal = await tolerated(() => changeProfile(call, "subscribe", { appli, callbackurl }));
    if (refusal) refusals.push(refusal);
  }
  if (refusals[0] && refusals.length === wanted.length) throw refusals[0];
}

/** What one type is refused for must not keep the others away. */
async function tolerated(change: () => Promise<void>): Promise<ProviderRefused | null> {
  try {
    await change();
    return null;
  } catch (error) {
    if (error instanceof ProviderRefused) return error;
    throw error;
  }
}

/** Every notification is a hint to ask, or a word on the account. Throws ProviderContractBroken when the fields are none of a notification. */
function parse(body: unknown): WebhookParse {
  const notification = parseEnvelope(schema.notification, body, "Withings notification");
  const { userid: account, appli } = notification;
  const kind = Object.hasOwn(KINDS, appli) ? KINDS[appli] : undefined;
  if (!kind) return { events: [], problems: [{ path: "/appli", reason: "an unknown kind of notification" }] };
  if (appli === PROFILE) return parseProfileAction(account, notification.action);
  if (kind.resources.length === 0) return { events: [], problems: [] };
  const window = windowOf(notification, kind.longestMs ?? LONGEST_HINT_MS);
  if (!window) return { events: [], problems: [{ path: "/startdate", reason: "no possible stretch of time" }] };
  const events = kind.resources.map((resource): WebhookEvent => ({ kind: "pull", account, request: { resource, window } }));
  return { events, problems: [] };
}

function parseProfileAction(account: string, action: string | null | undefined): WebhookParse {
  if (action === "delete" || action === "unlink") return { events: [{ kind: "deauthorized", account }], problems: [] };
  return { events: [], problems: action === "update" ? [] : [{ path: "/action", reason: "an unknown action on the account" }] };
}

/** The time that a hint names, padded: seconds from and to, or a local date. Of a longer one the newest part. */
function windowOf({ startdate, enddate, date }: schema.Notification, longestMs: number): Window | null {
  const [fromMs, toMs] = [epochMs(startdate), epochMs(enddate)];
  if (fromMs !== null && toMs !== null) {
    return fromMs <= toMs ? { fromMs: Math.max(fromMs, toMs - longestMs) - PAD_MS, toMs: toMs + PAD_MS } : null;
  }
  const day = date && /^\d{4}-\d{2}-\d{2}$/.test(date) ? parseTime(date) : null;
  return day && { fromMs: day.wallMs - WIDEST_OFFSET_MS, toMs: day.wallMs + DAY_MS + WIDEST_OFFSET_MS };
}

function epochMs(text: string | null | undefined): number | null {
  return text && /^\d{9,10}$/.test(text) ? Number(text) * 1000 : null;
}
