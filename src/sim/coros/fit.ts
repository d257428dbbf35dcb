/** Files of workouts behind addresses that are signed and end. vendors/coros.md, Errors and quirks. Here they lie on the same host. */

import type { CloudContext } from "../cloud.ts";
import type { Answer, Call } from "../exchange.ts";
import { binary } from "../exchange.ts";
import { hmacOf } from "../signing.ts";
import { corosRefusal } from "./envelope.ts";

/** How long an address holds is not stated. */
const LIFE_SECONDS = 3600;

const secondsOf = (context: CloudContext): number => Math.floor(context.now() / 1000);
const signatureOf = (context: CloudContext, name: string, expires: string): string => hmacOf(`${name} ${expires}`, context.client.clientSecret).slice(0, 32);

export function fitUrlOf(context: CloudContext, name: string): string {
  const expires = String(secondsOf(context) + LIFE_SECONDS);
  return `${context.baseUrl}/fit/${name}.fit?expires=${expires}&sign=${signatureOf(context, name, expires)}`;
}

/** `isReady` tells whether the file of the workout with this label has been made. */
export function fitFile(context: CloudContext, call: Call, isReady: (labelId: string) => boolean): Answer {
  const name = /^(\d+(?:-\d)?)\.fit$/.exec(call.params["name"] ?? "")?.[1] ?? "";
  const [expires, sign] = [call.query.get("expires") ?? "", call.query.get("sign") ?? ""];
  if (name === "" || sign !== signatureOf(context, name, expires) || Number(expires) <= secondsOf(context)) return corosRefusal("unauthorised", 403);
  if (!isReady(name.split("-")[0] ?? "")) return corosRefusal("badRequest", 404);
  return binary("application/octet-stream", EMPTY_FIT);
}

/** A header of 14 bytes without messages; both checksums may be 0. */
const EMPTY_FIT = Uint8Array.from([14, 0x20, 0x54, 0x08, 0, 0, 0, 0, 0x2e, 0x46, 0x49, 0x54, 0, 0, 0, 0]);
