/** Wahoo's notifications: unsigned, with a shared token in the body. Source: vendors/wahoo.md, Webhooks. */
import { WebhookRejected } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { DriverWebhook, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { equalSecrets } from "#driver/verify.ts";
import * as schema from "./schema.ts";

const MAX_BYTES = 256 * 1024;

export const webhook: DriverWebhook = { maxBytes: MAX_BYTES, isSigned: false, verify, redact, parse };

/** The token that the operator chose at Wahoo, of which two may hold during a change. None set: nothing enters. */
function verify({ body }: WebhookRequest, { settings }: WebhookSecrets): void {
  const accepted = (settings["webhook_token"] ?? "").split(/\s+/).filter((token) => token !== "");
  const given = tokenIn(body);
  let matches = false;
  for (const token of accepted) if (equalSecrets(given, token)) matches = true;
  if (!matches) throw new WebhookRejected("webhook_signature", "The token of this notification does not match.");
}

function tokenIn(body: Uint8Array): string | undefined {
  try {
    const parsed = JSON.parse(new TextDecoder().decode(body)) as unknown;
    const token = typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>)["webhook_token"] : undefined;
    return typeof token === "string" ? token : undefined;
  } catch {
    return undefined;
  }
}

/** The token is the app's and no word of the person's data; every other byte stays as it came. */
function redact(body: Uint8Array): Uint8Array {
  return new TextEncoder().encode(new TextDecoder().decode(body).replace(/"webhook_token"\s*:\s*"(?:[^"\\]|\\.)*"/g, '"webhook_token":""'));
}

/** A finished or edited workout, with its summary. Throws ProviderContractBroken when the body is no notification. */
function parse(body: unknown): WebhookParse {
  const notice = parseEnvelope(schema.notification, body, "Wahoo notification");
  if (notice.event_type !== "workout_summary") return { events: [], problems: [{ path: "/event_type", reason: "an unknown kind of notification" }] };
  if (!notice.workout_summary) return { events: [], problems: [{ path: "/workout_summary", reason: "missing or of the wrong type" }] };
  return { events: [{ kind: "data", account: notice.user.id, resource: "workout_summary", payload: notice.workout_summary }], problems: [] };
}
