/** `{data, error, status}`. vendors/ultrahuman.md, Data endpoints. How refusals are worded is not known. */

import type { Refusal } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import { json, retryAfter } from "../exchange.ts";
import { oauthRefusal } from "../oauth.ts";

export function ultrahumanAnswer(data: unknown): Answer {
  return json(200, { data, error: null, status: 200 });
}

export function ultrahumanRefusal(status: number, error: string, headers: Record<string, string> = {}): Answer {
  return json(status, { data: null, error, status }, headers);
}

export function refuseAsUltrahuman(refusal: Refusal): Answer {
  if (refusal.kind === "invalid_grant") return oauthRefusal({ error: "invalid_grant", description: "The grant is not valid." });
  if (refusal.kind === "rate_limited") return ultrahumanRefusal(429, "Too many requests", retryAfter(refusal.retryAfterSeconds));
  return refusal.kind === "server_error" ? ultrahumanRefusal(refusal.status, "Something went wrong") : ultrahumanRefusal(404, "Not found");
}
