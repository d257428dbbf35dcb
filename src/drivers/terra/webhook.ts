/** Terra's webhooks: signature, trace id, event types. Source: vendors/terra.md, Webhooks. */
import { z } from "zod";
import { scopesOf } from "./auth.ts";
import { parseEnvelope, safeParse } from "#driver/payload.ts";
import type { DriverWebhook, WebhookEvent, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { checkAge, checkHmac } from "#driver/verify.ts";
import { WebhookRejected } from "#errors.ts";

/** A chunk is at most ten megabytes. */
const MAX_BYTES = 12 * 1024 * 1024;
const TOLERANCE_SECONDS = 300;

const DATA = ["activity", "body", "daily", "sleep", "nutrition", "menstruation", "health_observation"];
/** What says nothing about anybody's data. `auth`: whose account it is the page's way back has told. */
const SILENT = [
  "auth", "auth_cancelled", "healthcheck", "processing", "request_processing", "large_request_processing", "large_request_sending", "rate_limit_hit", "google_no_datasource",
  "athlete", "hormone", "planned_workout", "lab_report.completed", "lab_report.failed",
];

export const webhook: DriverWebhook = { maxBytes: MAX_BYTES, isSigned: true, verify, dedupeKey, parse };

/** `t=<seconds>,v1=<hex>[,v1=…]` over `t.body`, HMAC-SHA256 under the signing secret as text. The header has two names. */
function verify({ headers, body, receivedMs }: WebhookRequest, { settings }: WebhookSecrets): void {
  const given = headers["x-terra-signature"] ?? headers["terra-signature"] ?? "";
  const parts = given.split(/, */).map((part): [string, string] => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]);
  const times = parts.filter(([name]) => name === "t");
  const time = times.length === 1 ? times[0]![1] : "";
  const signatures = parts.filter(([name]) => name === "v1").map(([, value]) => value);
  if (!/^\d{1,12}$/.test(time) || signatures.length === 0) throw new WebhookRejected("webhook_signature", "The signature of this webhook does not match.");
  const secrets = (settings["signing_secret"] ?? "").split(/\s+/).filter((secret) => secret !== "");
  const fits = signatures.map((signature) => matches(signature, [time, ".", body], secrets));
  if (!fits.includes(true)) throw new WebhookRejected("webhook_signature", "The signature of this webhook does not match.");
  const tolerance = Number(settings["signature_tolerance_seconds"] ?? TOLERANCE_SECONDS);
  checkAge(Number(time) * 1000, receivedMs, Number.isFinite(tolerance) && tolerance > 0 ? tolerance : TOLERANCE_SECONDS);
}

function matches(given: string, signed: readonly (string | Uint8Array)[], secrets: readonly string[]): boolean {
  try {
    checkHmac({ algorithm: "sha256", encoding: "hex", given, signed, secrets });
    return true;
  } catch (error) {
    if (error instanceof WebhookRejected) return false;
    throw error;
  }
}

/** The trace id stays over retries; the reference is shared by all parts of a request, so it is not used. */
function dedupeKey({ headers }: WebhookRequest): string | null {
  return headers["x-terra-trace-id"] ?? null;
}

const user = z.object({ user_id: z.string().min(1), provider: z.string().nullish().catch(null), scopes: z.string().nullish().catch(null) });
const body = z.looseObject({ type: z.string() });

/** Throws ProviderContractBroken for a body without a type. */
function parse(payload: unknown): WebhookParse {
  const given = parseEnvelope(body, payload, "Terra webhook");
  const { type } = given;
  const account = safeParse(user, given["user"]);
  if (SILENT.includes(type)) return { events: [], problems: [] };
  if (type === "user_reauth") return renamed(given);
  if (type === "s3_payload") return problem("/url", "a pointer to a file: the destination in Terra's dashboard must send whole payloads");
  if (!account.success) return problem("/user", DATA.includes(type) ? "missing or of the wrong type" : "an unknown kind of event");
  const { user_id: id, provider, scopes } = account.data;
  if (DATA.includes(type) && (given["data"] === undefined || given["data"] === null)) return problem("/data", "missing");
  if (DATA.includes(type)) return one({ kind: "data", account: id, resource: type, payload: { user: { provider }, data: given["data"] } });
  if (type === "deauth" || type === "access_revoked") return one({ kind: "deauthorized", account: id });
  if (type === "connection_error") return one({ kind: "needs_consent", account: id });
  // What was added and removed tells nothing without the whole.
  if (type === "permission_change") return scopes === null || scopes === undefined ? { events: [], problems: [] } : one({ kind: "permissions", account: id, scopes: scopesOf(scopes) });
  return problem("/type", "an unknown kind of event");
}

/** The same person at the same vendor under a new id. Where there was no old one, the page's way back tells all. */
function renamed(given: Readonly<Record<string, unknown>>): WebhookParse {
  const [before, after] = [safeParse(user, given["old_user"]), safeParse(user, given["new_user"])];
  if (!after.success) return problem("/new_user", "missing or of the wrong type");
  return before.success ? one({ kind: "renamed", account: before.data.user_id, newAccount: after.data.user_id }) : { events: [], problems: [] };
}

const one = (event: WebhookEvent): WebhookParse => ({ events: [event], problems: [] });
const problem = (path: string, reason: string): WebhookParse => ({ events: [], problems: [{ path, reason }] });
