/** The nonce and signature scheme. vendors/withings.md, Signature / nonce scheme. */

import { randomUUID } from "node:crypto";
import { MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Answer, Call } from "../exchange.ts";
import { formOf } from "../exchange.ts";
import { hmacOf } from "../signing.ts";
import { STATUS, withingsAnswer, withingsRefusal } from "./envelope.ts";

const NONCE_LIFE_MS = 30 * MINUTE_MS;
/** How far the application's clock may be off; not stated. */
const CLOCK_MS = 10 * MINUTE_MS;

/** Lower-case hex HMAC-SHA256 under the client secret of the values, in the order of their names, joined by commas. */
export function signatureOf(parameters: Readonly<Record<string, string>>, clientSecret: string): string {
  const names = Object.keys(parameters).toSorted();
  return hmacOf(names.map((name) => parameters[name]).join(","), clientSecret);
}

export interface Nonces {
  /** `POST /v2/signature`. */
  door(call: Call): Answer;
  /** Whether the fields are signed with a nonce that was given out and not used before; it is used up by this. */
  isSigned(fields: URLSearchParams): boolean;
}

export function createNonces(context: CloudContext): Nonces {
  const given = new Map<string, number>();

  function isSignedOver(fields: URLSearchParams, names: readonly string[]): boolean {
    const { clientId, clientSecret } = context.client;
    const signed = Object.fromEntries(names.map((name) => [name, fields.get(name) ?? ""]));
    return signed["client_id"] === clientId && fields.get("signature") === signatureOf(signed, clientSecret);
  }

  return {
    door(call) {
      const fields = formOf(call);
      if (fields.get("action") !== "getnonce") return withingsRefusal(STATUS.notImplemented);
      if (!isSignedOver(fields, ["action", "client_id", "timestamp"])) return withingsRefusal(STATUS.invalidParameters, "Invalid Params: invalid signature");
      const nowMs = context.now();
      if (!(Math.abs(Number(fields.get("timestamp")) * 1000 - nowMs) <= CLOCK_MS)) return withingsRefusal(STATUS.invalidParameters, "Invalid Params: invalid timestamp");
      for (const [known, untilMs] of given) if (untilMs <= nowMs) given.delete(known);
      const nonce = randomUUID().replaceAll("-", "");
      given.set(nonce, nowMs + NONCE_LIFE_MS);
      return withingsAnswer({ nonce });
    },
    isSigned(fields) {
      const nonce = fields.get("nonce") ?? "";
      const untilMs = given.get(nonce) ?? 0;
      given.delete(nonce);
      return untilMs > context.now() && isSignedOver(fields, ["action", "client_id", "nonce"]);
    },
  };
}
