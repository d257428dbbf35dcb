/** COROS's pushes of workouts and days: proved by two headers that only COROS and we know. Source: vendors/coros.md, Webhooks. */
import { WebhookRejected } from "#errors.ts";
import { parseEnvelope, safeParse } from "#driver/payload.ts";
import type { MappingProblem } from "#driver/records.ts";
import type { DriverWebhook, WebhookEvent, WebhookParse, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
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

/** Workouts, or days, by the person they belong to; one push may hold several persons'. Throws ProviderContractBroken when the body is no push. */
function parse(body: unknown): WebhookParse {
  const push = parseEnvelope(schema.notification, body, "COROS push");
  return push.sportDataList ? parseWorkouts(push.sportDataList) : parseDays(push.batchDailyList);
}

function parseWorkouts(sportDataList: readonly unknown[]): WebhookParse {
  const problems: MappingProblem[] = [];
  const byPerson = new Map<string, unknown[]>();
  for (const [index, item] of sportDataList.entries()) {
    const owned = safeParse(schema.owned, item);
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

/** The last days of each person, already together. */
function parseDays(batchDailyList: readonly unknown[]): WebhookParse {
  const events: WebhookEvent[] = [];
  const problems: MappingProblem[] = [];
  for (const [index, item] of batchDailyList.entries()) {
    const days = safeParse(schema.daysOfPerson, item);
    if (days.success) events.push({ kind: "data", account: days.data.openId, resource: "daily", payload: days.data.dailyList });
    else problems.push({ path: [`/batchDailyList/${index}`, ...(days.error.issues[0]?.path ?? []).map(String)].join("/"), reason: "missing or of the wrong type" });
  }
  return { events, problems };
}
