/** Fitbit's form of an error. vendors/fitbit.md, Errors and quirks. */

import type { Refusal } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import { json, retryAfter } from "../exchange.ts";

export function fitbitRefusal(status: number, errorType: string, message: string, headers: Record<string, string> = {}): Answer {
  return json(status, { success: false, errors: [{ errorType, message }] }, headers);
}

export function badRequest(message: string): Answer {
  return fitbitRefusal(400, "validation", message);
}

export function notFound(): Answer {
  return fitbitRefusal(404, "not_found", "The API you are requesting could not be found.");
}

export function tooMany(retryAfterSeconds?: number): Answer {
  return fitbitRefusal(429, "rate_limit_exceeded", "Too Many Requests", retryAfter(retryAfterSeconds));
}

/** What every door says since the API was switched off. */
export function ended(): Answer {
  return fitbitRefusal(410, "gone", "The Fitbit Web API has been discontinued.");
}

export function refuseAsFitbit(refusal: Refusal): Answer {
  if (refusal.kind === "invalid_grant") return fitbitRefusal(400, "invalid_grant", "Refresh token invalid.");
  if (refusal.kind === "rate_limited") return tooMany(refusal.retryAfterSeconds);
  if (refusal.kind === "unknown_path") return notFound();
  return fitbitRefusal(refusal.status, "system", "The server is not available.");
}
