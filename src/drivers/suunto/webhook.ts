/** Suunto's notifications: signed, with the data in them. Source: vendors/suunto.md, Webhooks. */
import { parseEnvelope } from "#driver/payload.ts";
import type { DriverWebhook, WebhookEvent, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { checkHmac } from "#driver/verify.ts";
import * as schema from "./schema.ts";

const MAX_BYTES = 4 * 1024 * 1024;

const RESOURCES: ReadonlyMap<string, schema.SampleResource> = new Map([
  ["SUUNTO_247_SLEEP_CREATED", "sleep"],
  ["SUUNTO_247_ACTIVITY_CREATED", "activity"],
  ["SUUNTO_247_RECOVERY_CREATED", "recovery"],
]);

export const webhook: DriverWebhook = { maxBytes: MAX_BYTES, isSigned: true, verify, parse };

/** The lower-case hex HMAC-SHA256 of the raw body by the notification secret, of which two may hold during a change. */
function verify({ headers, body }: WebhookRequest, { settings }: WebhookSecrets): void {
  const secrets = (settings["notification_secret"] ?? "").split(/\s+/).filter((secret) => secret !== "");
  checkHmac({ algorithm: "sha256", encoding: "hex", given: headers["x-hmac-sha256-signature"], signed: [body], secrets });
}

/**
 * 24/7 data and workouts are mapped as they are; a notification that names a workout without holding it leads to it. Routes are no health
 * data. Throws ProviderContractBroken when the body is no notification.
 */
function parse(body: unknown): WebhookParse {
  const notice = parseEnvelope(schema.notification, body, "Suunto notification");
  const resource = RESOURCES.get(notice.type ?? "");
  if (resource !== undefined) {
    return notice.samples ? of({ kind: "data", account: notice.username, resource, payload: notice.samples }) : unusable("/samples", MISSING);
  }
  const key = notice.workoutKey ?? notice.workoutid ?? null;
  if (notice.type === "WORKOUT_CREATED" || (!notice.type && key !== null)) {
    if (notice.workout) return of({ kind: "data", account: notice.username, resource: "workout", payload: { workout: notice.workout, gear: notice.gear ?? null } });
    return key === null ? unusable("/workout", MISSING) : of({ kind: "pull", account: notice.username, request: { resource: "workout", objectId: key } });
  }
  return notice.type === "ROUTE_CREATED" ? { events: [], problems: [] } : unusable("/type", "an unknown kind of notification");
}

const MISSING = "missing or of the wrong type";
const of = (event: WebhookEvent): WebhookParse => ({ events: [event], problems: [] });
const unusable = (path: string, reason: string): WebhookParse => ({ events: [], problems: [{ path, reason }] });
