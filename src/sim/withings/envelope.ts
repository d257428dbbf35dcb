/** `{status, body, error?}` with HTTP 200, good or bad. vendors/withings.md, Transport rules; Errors and quirks. */

import type { Refusal } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import { json } from "../exchange.ts";

/** One of each family of the status table. */
export const STATUS = {
  invalidToken: 401,
  notAuthorised: 277,
  notImplemented: 2554,
  invalidParameters: 503,
  badCallback: 293,
  silentCallback: 294,
  noSubscription: 286,
  failed: 5000,
  timeout: 522,
  tooMany: 601,
} as const;

export type WithingsStatus = (typeof STATUS)[keyof typeof STATUS];

const WORDS: Readonly<Record<WithingsStatus, string>> = {
  401: "XRequestID: Not provided invalid_token: The access token provided is invalid",
  277: "The scope of the access token does not cover this service",
  2554: "Not implemented",
  503: "Invalid Params",
  293: "Invalid Params: The callback URL is not acceptable",
  294: "Invalid Params: The callback URL is either absent or incorrect",
  286: "Invalid Params: No such subscription was found",
  5000: "An unknown error occurred",
  522: "Timeout",
  601: "Too Many Requests",
};

export function withingsAnswer(body: object): Answer {
  return json(200, { status: 0, body });
}

export function withingsRefusal(status: WithingsStatus, error: string = WORDS[status]): Answer {
  return json(200, { status, body: {}, error });
}

/** No header tells when to come back: the wait is in the documents alone. */
export function refuseAsWithings(refusal: Refusal): Answer {
  if (refusal.kind === "rate_limited") return withingsRefusal(STATUS.tooMany);
  if (refusal.kind === "unknown_path") return withingsRefusal(STATUS.notImplemented);
  if (refusal.kind === "server_error") return withingsRefusal(refusal.status === 504 ? STATUS.timeout : STATUS.failed);
  return withingsRefusal(STATUS.invalidToken, "XRequestID: Not provided invalid_token: The refresh token provided is invalid");
}
