import type { Refusal } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import { json } from "../exchange.ts";
import { oauthRefusal } from "../oauth.ts";

const TYPES: Readonly<Record<number, string>> = {
  400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 409: "conflict", 429: "too_many_requests",
};

/** `{timestamp, status, errorType, message, corrId}`. vendors/polar.md, Errors and quirks. */
export function polarRefusal(status: number, message: string, headers: Record<string, string> = {}): Answer {
  // The moment and the mark of the call would make two equal refusals differ; nobody reads them.
  const body = { timestamp: "2026-01-01T00:00:00Z", status, errorType: TYPES[status] ?? "internal_error", message, corrId: "simulated" };
  return json(status, body, headers);
}

/** The wait stands in the rate-limit headers, for both windows; there is no Retry-After. */
export function refuseAsPolar(refusal: Refusal): Answer {
  if (refusal.kind === "invalid_grant") return oauthRefusal({ error: "invalid_grant", description: "The authorization code is not valid." });
  if (refusal.kind === "unknown_path") return polarRefusal(404, "Not found");
  if (refusal.kind === "server_error") return polarRefusal(refusal.status, "The service is not available");
  const { retryAfterSeconds: seconds } = refusal;
  return polarRefusal(429, "Too many requests", seconds === undefined ? {} : { "ratelimit-reset": `${seconds}, ${seconds}` });
}
