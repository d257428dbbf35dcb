import type { Refusal } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import { json, retryAfter } from "../exchange.ts";
import { oauthRefusal } from "../oauth.ts";

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 426: "Upgrade Required",
  429: "Too Many Requests",
};

/** `{status, title, detail}`, as all of Oura's refusals but two. */
export function ouraRefusal(status: number, detail: string, headers: Record<string, string> = {}): Answer {
  return json(status, { status, title: TITLES[status] ?? "Error", detail }, headers);
}

/** A parameter or field out of form: 422. */
export function unprocessable(place: "query" | "body", name: string, msg: string): Answer {
  return json(422, { detail: [{ loc: [place, name], msg, type: "value_error" }] });
}

export function refuseAsOura(refusal: Refusal): Answer {
  if (refusal.kind === "rate_limited") return ouraRefusal(429, "Request rate limit exceeded", retryAfter(refusal.retryAfterSeconds));
  if (refusal.kind === "server_error") return ouraRefusal(refusal.status, "The service is not available");
  if (refusal.kind === "unknown_path") return ouraRefusal(404, "Not found");
  return oauthRefusal({ error: "invalid_grant", description: "The grant is not valid." });
}
