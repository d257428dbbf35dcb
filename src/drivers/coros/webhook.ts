/** COROS's workout pushes: proved by two headers that only COROS and we know. Source: vendors/coros.md, Webhooks. */
import { WebhookRejected } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { MappingProblem } from "#driver/records.ts";
import type { DriverWebhook, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { equalSecrets } from "#driver/verify.ts";
import * as schema from "./schema.ts";

const MAX_BYTES = 2 * 1024 * 1024;

/** Any other answer is no receipt for COROS: it sends again, and after many of them no more. */
const RECEIVED = { contentType: "application/json", body: JSON.stringify({ message: "ok", result: "0000" }) };

export const webhook: DriverWebhook = {
  maxBytes: MAX_BYTES,
  isSigned: false,
  acknowledgeBody: RECEIVED,
  verify,
  // COROS looks at the same address whether we are there, proving nothing: it learns just that.
  handshake: () => RECEIVED,
  parse,
};

/** Our own client id and secret, in both of two headers. */
function verify({ headers }: WebhookRequest, { clientId, clientSecrets }: WebhookSecrets): void {
  let hasSecret = false;
  for (const secret of clientSecrets) if (secret !== "" && equalSecrets(headers["secret"], secret)) hasSecret = true;
  const isClient = equalSecrets(headers["client"], clientId);
  if (clientId === "" || !isClient || !hasSecret) throw new WebhookRejected("webhook_signature", "The credentials of this notification do not match.");
}

/** Workouts by the person they belong to; one push may hold several persons'. Throws ProviderContractBroken when the body is no push. */
function parse(body: unknown): WebhookParse {
  const { sportDataList } = parseEnvelope(schema.notification, body, "COROS push");
  const problems: MappingProblem[] = [];
  const byPerson = new Map<string, unknown[]>();
  for (const [index, item] of sportDataList.entries()) {
    const owned = schema.owned.safeParse(item);
    if (!owned.success) {
      problems.push({ path: `/sportDataList/${index}/openId`, reason: "missing or of the wrong type" });
      continue;
    }
    const known = byPerson.get(owned.data.openId);
    if (known) known.push(item);
    else byPerson.set(owned.data.openId, [item]);
  }
  const events = [...byPerson].map(([account, payload]) => ({ kind: "data", account, resource: "sport", payload }) as const);
  return { events, problems };
}
