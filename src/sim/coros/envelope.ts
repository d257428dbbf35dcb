/** `{result, message, data}` with HTTP 200, good or bad. vendors/coros.md, Data endpoints; Errors and quirks. */

import type { CloudContext, Refusal } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import { json, retryAfter } from "../exchange.ts";

/**
 * 5006 and 30009 are COROS's own. Of the others only what COROS is told in answer to its pushes is known: wrong credentials, an unusable
 * request, busy. They are taken to mean the same in both directions.
 */
export const RESULT = { ok: "0000", badClient: "1001", badRequest: "1002", busy: "2001", unauthorised: "5006", notGranted: "30009" } as const;

type Fault = Exclude<keyof typeof RESULT, "ok">;

const WORDS: Readonly<Record<Fault, string>> = {
  badClient: "Invalid client",
  badRequest: "Invalid parameter",
  busy: "Service is busy",
  unauthorised: "Authorization is invalid",
  notGranted: "No permission",
};

/** `data` is left away where there is none to give. */
export function corosAnswer(data?: unknown): Answer {
  return json(200, { result: RESULT.ok, message: "OK", ...(data === undefined ? {} : { data }) });
}

/** `status` is another than 200 only for what never reaches COROS's services. */
export function corosRefusal(fault: Fault, status = 200, headers: Record<string, string> = {}): Answer {
  return json(status, { result: RESULT[fault], message: WORDS[fault] }, headers);
}

export function refuseAsCoros(refusal: Refusal): Answer {
  if (refusal.kind === "rate_limited") return corosRefusal("busy", 429, retryAfter(refusal.retryAfterSeconds));
  if (refusal.kind === "server_error") return corosRefusal("busy", refusal.status);
  return refusal.kind === "unknown_path" ? corosRefusal("badRequest", 404) : corosRefusal("unauthorised");
}

/** Labels are 64-bit numbers: texts on the wire for some, bare for others, which JavaScript would round. */
export function withLabels(context: CloudContext, body: string): string {
  return context.position("labelIds") === "text" ? body : body.replace(/"labelId":"(\d+)"/g, '"labelId":$1');
}
