import type { Refusal } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import { json } from "../exchange.ts";
import { oauthRefusal } from "../oauth.ts";

/** The facts name the codes and no form of the body: a code and a sentence. */
export function whoopRefusal(status: number, message: string, headers: Record<string, string> = {}): Answer {
  return json(status, { code: status, message }, headers);
}

export function refuseAsWhoop(refusal: Refusal): Answer {
  if (refusal.kind === "rate_limited") {
    // WHOOP sends no Retry-After: when to come back stands in its own header.
    const seconds = refusal.retryAfterSeconds;
    return whoopRefusal(429, "Too many requests", seconds === undefined ? {} : { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(seconds) });
  }
  if (refusal.kind === "server_error") return whoopRefusal(refusal.status, "The service is not available");
  if (refusal.kind === "unknown_path") return whoopRefusal(404, "Not found");
  return oauthRefusal({ error: "invalid_grant", description: "The grant is not valid." });
}
