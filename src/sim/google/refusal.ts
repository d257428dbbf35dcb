/** Google's form of an error. vendors/google-health.md, Errors and quirks. */

import type { Refusal } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import { json, retryAfter } from "../exchange.ts";
import { oauthRefusal } from "../oauth.ts";

export interface GoogleProblem {
  readonly code: number;
  readonly status: string;
  readonly message: string;
  readonly reason?: string;
  readonly retryAfterSeconds?: number;
}

export function googleRefusal({ code, status, message, reason, retryAfterSeconds }: GoogleProblem): Answer {
  const details = reason === undefined ? [] : [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "health.googleapis.com", metadata: { service: "health.googleapis.com" } }];
  return json(code, { error: { code, message, status, ...(details.length > 0 ? { details } : {}) } }, retryAfter(retryAfterSeconds));
}

export function invalidArgument(message: string, reason?: string): Answer {
  return googleRefusal({ code: 400, status: "INVALID_ARGUMENT", message, ...(reason === undefined ? {} : { reason }) });
}

export function notFound(message: string): Answer {
  return googleRefusal({ code: 404, status: "NOT_FOUND", message });
}

export function unauthenticated(): Answer {
  return googleRefusal({ code: 401, status: "UNAUTHENTICATED", message: "Request had invalid authentication credentials.", reason: "ACCESS_TOKEN_INVALID" });
}

export function scopeMissing(): Answer {
  return googleRefusal({ code: 403, status: "PERMISSION_DENIED", message: "Request had insufficient authentication scopes.", reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT" });
}

export function exhausted(retryAfterSeconds?: number): Answer {
  const problem = { code: 429, status: "RESOURCE_EXHAUSTED", message: "Quota exceeded.", reason: "RATE_LIMIT_EXCEEDED" };
  return googleRefusal(retryAfterSeconds === undefined ? problem : { ...problem, retryAfterSeconds });
}

export function refuseAsGoogle(refusal: Refusal): Answer {
  if (refusal.kind === "invalid_grant") return oauthRefusal({ error: "invalid_grant", description: "Token has been expired or revoked." });
  if (refusal.kind === "rate_limited") return exhausted(refusal.retryAfterSeconds);
  if (refusal.kind === "unknown_path") return notFound("The requested URL was not found on this server.");
  const status = refusal.status === 504 ? "DEADLINE_EXCEEDED" : refusal.status === 500 ? "INTERNAL" : "UNAVAILABLE";
  return googleRefusal({ code: refusal.status, status, message: "The service is currently unavailable." });
}
