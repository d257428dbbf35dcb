import type { Refusal } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import { json, retryAfter } from "../exchange.ts";

export type StravaError = readonly [resource: string, field: string, code: string];

/** `{message, errors:[{resource, field, code}]}`, as all of Strava's refusals. */
export function stravaRefusal(status: number, message: string, error: StravaError | null, headers: Record<string, string> = {}): Answer {
  return json(status, { message, errors: error ? [{ resource: error[0], field: error[1], code: error[2] }] : [] }, headers);
}

export function refuseAsStrava(refusal: Refusal): Answer {
  if (refusal.kind === "rate_limited") return stravaRefusal(429, "Rate limit exceeded", null, retryAfter(refusal.retryAfterSeconds));
  if (refusal.kind === "server_error") return stravaRefusal(refusal.status, "The service is not available", null);
  if (refusal.kind === "unknown_path") return stravaRefusal(404, "Record Not Found", null);
  return stravaRefusal(400, "Bad Request", ["RefreshToken", "refresh_token", "invalid"]);
}
