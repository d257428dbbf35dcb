/** What every call to Suunto's API passes first, and the forms of refusing. vendors/suunto.md, OAuth, Rate limits, Errors and quirks. */

import { MINUTE_MS } from "#units/time.ts";
import type { CloudContext, Refusal } from "../cloud.ts";
import { knownPerson } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { bearer, header, json, retryAfter } from "../exchange.ts";
import { createCounter } from "../limits.ts";
import { oauthRefusal } from "../oauth.ts";
import type { Person } from "../people/person.ts";

export interface Visit {
  readonly context: CloudContext;
  readonly person: Person;
  readonly call: Call;
}

/** In the words of Azure API Management, behind which the API stands. */
export function gatewayRefusal(status: number, message: string, headers: Record<string, string> = {}): Answer {
  return json(status, { statusCode: status, message }, headers);
}

/** In the envelope of version 3. The members of `error` are not documented. */
export function apiRefusal(status: number, description: string): Answer {
  return json(status, { error: { code: String(status), description }, payload: null, metadata: {} });
}

export function refuseAsSuunto(refusal: Refusal): Answer {
  if (refusal.kind === "rate_limited") return gatewayRefusal(429, "Rate limit is exceeded.", retryAfter(refusal.retryAfterSeconds));
  if (refusal.kind === "server_error") return gatewayRefusal(refusal.status, "Internal server error");
  if (refusal.kind === "unknown_path") return gatewayRefusal(404, "Resource not found");
  return oauthRefusal({ error: "invalid_grant", description: "Invalid refresh token or authorization code" });
}

/** Asks for the subscription's key first, then counts, then looks at the token. */
export function createGateway(context: CloudContext): (handle: (visit: Visit) => Answer) => Route["handle"] {
  const calls = createCounter(() => context.now(), [MINUTE_MS]);
  return (handle) => (call) => {
    const key = header(call, "ocp-apim-subscription-key");
    if (key === "") return gatewayRefusal(401, "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.");
    if (key !== context.extra("subscription_key")) return gatewayRefusal(401, "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.");
    const [used = 0] = calls.count();
    if (used > Number(context.position("callsPerMinute"))) return tooMany(context);
    const grant = context.grants.find(bearer(call) ?? "");
    return grant ? handle({ context, person: knownPerson(context, grant.personId), call }) : gatewayRefusal(Number(context.position("deadToken")), "Unauthorized");
  };
}

/** Azure tells a spent rate and a spent quota apart; which of the two Suunto has is not published. */
function tooMany(context: CloudContext): Answer {
  const seconds = Math.ceil((MINUTE_MS - (context.now() % MINUTE_MS)) / 1000);
  if (context.position("overLimit") === "429") return gatewayRefusal(429, `Rate limit is exceeded. Try again in ${seconds} seconds.`, retryAfter(seconds));
  return gatewayRefusal(403, `Out of call volume quota. Quota will be replenished in 00:${seconds === 60 ? "01:00" : `00:${String(seconds).padStart(2, "0")}`}.`);
}
