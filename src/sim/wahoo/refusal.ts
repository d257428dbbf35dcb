/** How Wahoo refuses; its words are not documented but for the tokens'. vendors/wahoo.md, Errors and quirks. */

import type { Refusal } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import { json, retryAfter } from "../exchange.ts";
import { oauthRefusal } from "../oauth.ts";

export function wahooRefusal(status: number, error: string, headers: Record<string, string> = {}): Answer {
  return json(status, { error }, headers);
}

export function refuseAsWahoo(refusal: Refusal): Answer {
  if (refusal.kind === "rate_limited") return wahooRefusal(429, "Too many requests", retryAfter(refusal.retryAfterSeconds));
  if (refusal.kind === "server_error") return wahooRefusal(refusal.status, "Internal server error");
  if (refusal.kind === "unknown_path") return wahooRefusal(404, "Not found");
  return oauthRefusal({ error: "invalid_grant", description: "The provided authorization grant is invalid, expired or revoked." });
}
