/** Google's notifications: pings that say what changed when, for all users of the project. Source: vendors/google-health.md, Webhooks. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { WebhookRejected } from "#errors.ts";
import { parseEnvelope, safeParse } from "#driver/payload.ts";
import type { MappingProblem } from "#driver/records.ts";
import type { DriverWebhook, WebhookEvent, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { equalSecrets } from "#driver/verify.ts";
import { checkTinkSignature, isTinkKeyMissing } from "#driver/verify-tink.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, parseInstant, parseTime, SECOND_MS, type Window } from "#units/time.ts";
import { keySetUrl } from "./auth.ts";
import { DELETED, resourceName, SILENT_TYPES, typesOfChange } from "./data-types.ts";
import { isObject } from "./map-place.ts";
import * as schema from "./schema.ts";

const MAX_BYTES = 1024 * 1024;
const LONGEST_CHALLENGE_BYTES = 1_024;
/** Keys change about every 30 days, and an unknown one makes us look at once. */
const KEEP_KEYS_SECONDS = 6 * 3_600;
/** More was never one person's: such a window would ask Google for all there is. */
const LONGEST_WINDOW_MS = 400 * DAY_MS;
const FARTHEST_WEST_MS = 12 * HOUR_MS;
const FARTHEST_EAST_MS = 14 * HOUR_MS;

export const webhook: DriverWebhook = {
  maxBytes: MAX_BYTES,
  isSigned: true,
  acknowledgeWith: 204,
  signingKeys: {
    url: keySetUrl,
    keepSeconds: KEEP_KEYS_SECONDS,
    isMissingKey: (request, secrets) =>
      isSignatureChecked(secrets) && isAuthorized(request, secrets) && isTinkKeyMissing({ given: signatureOf(request), keySet: secrets.signingKeys }),
  },
  verify,
  challenge,
  dedupeKey,
  parse,
};

/** The header was renamed once; older deliveries bear the second name. */
const signatureOf = ({ headers }: WebhookRequest): string | undefined => headers["google-health-api-signature"] ?? headers["x-healthapi-signature"];

const isSignatureChecked = ({ settings }: WebhookSecrets): boolean => settings["signature"] !== "ignore";

/** Google repeats in every call the secret that it was given with the subscriber; during a change there are two. */
function isAuthorized({ headers }: WebhookRequest, { settings }: WebhookSecrets): boolean {
  let matches = false;
  for (const secret of (settings["webhook_secret"] ?? "").split(/[\s,]+/)) {
    if (secret !== "" && equalSecrets(headers["authorization"], `Bearer ${secret}`)) matches = true;
  }
  return matches;
}

/** Both proofs: the secret, and Google's signature of the body. */
function verify(request: WebhookRequest, secrets: WebhookSecrets): void {
  if (!isAuthorized(request, secrets)) throw new WebhookRejected("webhook_signature", "The authorization of this notification does not match.");
  if (isSignatureChecked(secrets)) checkTinkSignature({ given: signatureOf(request), body: request.body, keySet: secrets.signingKeys });
}

/**
 * When a subscriber is registered or changed, Google posts `{"type":"verification"}` twice: with the secret, to be answered with 201, and without, to be
 * answered with 401.
 */
function challenge(request: WebhookRequest, secrets: WebhookSecrets): ReturnType<NonNullable<DriverWebhook["challenge"]>> {
  if (request.body.byteLength > LONGEST_CHALLENGE_BYTES || !isVerification(request.body)) return null;
  return { status: isAuthorized(request, secrets) ? 201 : 401, contentType: "application/json", body: "{}" };
}

function isVerification(body: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return isObject(value) && value["type"] === "verification";
  } catch {
    return false;
  }
}

/**
 * A ping has neither an id nor a time: new steps in the same hour make the same bytes. Their signature differs, and so does the time of receipt; the same
 * signature within minutes is a repetition.
 */
function dedupeKey(request: WebhookRequest): string {
  const digest = createHash("sha256").update(signatureOf(request) ?? "").update("\0").update(request.body).digest("hex");
  return `${digest}.${Math.floor(request.receivedMs / (5 * MINUTE_MS))}`;
}

const body = z.union([z.array(z.unknown()), z.looseObject({})]);

/** One notice or a list of them, of any number of people. Each stretch of time is read again. Throws ProviderContractBroken for a body that is neither. */
function parse(payload: unknown): WebhookParse {
  const whole = parseEnvelope(body, payload, "Google Health notification");
  const events: WebhookEvent[] = [];
  const problems: MappingProblem[] = [];
  for (const [index, item] of (Array.isArray(whole) ? whole : [whole]).entries()) {
    const path = `${Array.isArray(whole) ? `/${index}` : ""}/data`;
    const notice = safeParse(schema.notice, isObject(item) ? item["data"] : undefined);
    if (notice.success) readNotice(notice.data, path, { events, problems });
    else problems.push({ path: [path, ...(notice.error.issues[0]?.path ?? []).map(String)].join("/"), reason: "missing or of the wrong type" });
  }
  return { events, problems };
}

interface Parsing {
  readonly events: WebhookEvent[];
  readonly problems: MappingProblem[];
}

function readNotice({ healthUserId: account, dataType, operation, intervals }: z.infer<typeof schema.notice>, path: string, { events, problems }: Parsing): void {
  const name = dataType.toLowerCase().replaceAll("_", "-");
  const types = typesOfChange(name);
  if (types.length === 0) {
    // A type that gives no records may be subscribed to all the same.
    if (!SILENT_TYPES.includes(name)) problems.push({ path: `${path}/dataType`, reason: "an unknown data type" });
    return;
  }
  const windows = (intervals ?? []).flatMap((interval) => windowOf(interval) ?? []);
  if (windows.length === 0) problems.push({ path: `${path}/intervals`, reason: "no possible stretch of time" });
  for (const window of joined(windows)) {
    for (const type of types) {
      // What is left after a deletion is asked for whole; totals of days are simply other totals.
      const resource = resourceName(type) + (operation === "DELETE" && type.operation !== "dailyRollUp" ? DELETED : "");
      events.push({ kind: "pull", account, request: { resource, window } });
    }
  }
}

/** Instants where they are told, else civil times of an unknown zone. Ends may belong to the stretch; a missing one is a day later. */
function windowOf(interval: unknown): Window | null {
  if (!isObject(interval)) return null;
  const [start, end] = ends(interval["physicalTimeInterval"]);
  const [civilStart, civilEnd] = ends(interval["civilIso8601TimeInterval"]);
  const fromMs = instantOf(start) ?? wallOf(civilStart, -FARTHEST_EAST_MS);
  if (fromMs === null) return null;
  const toMs = instantOf(end) ?? wallOf(civilEnd, FARTHEST_WEST_MS) ?? fromMs + DAY_MS;
  const endMs = Math.max(toMs, fromMs) + SECOND_MS;
  return endMs - fromMs <= LONGEST_WINDOW_MS ? { fromMs, toMs: endMs } : null;
}

/** Two times, or both in one text with a slash between them. */
function ends(interval: unknown): readonly unknown[] {
  if (isObject(interval)) return [interval["startTime"], interval["endTime"]];
  return typeof interval === "string" ? interval.split("/") : [];
}

const instantOf = (text: unknown): number | null => (typeof text === "string" ? (parseInstant(text)?.ms ?? null) : null);

function wallOf(text: unknown, asideMs: number): number | null {
  const parsed = typeof text === "string" ? parseTime(text) : null;
  return parsed ? parsed.wallMs + asideMs : null;
}

/** Stretches that touch or overlap are asked for as one. */
function joined(windows: readonly Window[]): Window[] {
  const result: Window[] = [];
  for (const window of windows.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = result.at(-1);
    const isTouching = last !== undefined && window.fromMs <= last.toMs && Math.max(last.toMs, window.toMs) - last.fromMs <= LONGEST_WINDOW_MS;
    if (isTouching) result[result.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, window.toMs) };
    else result.push(window);
  }
  return result;
}
