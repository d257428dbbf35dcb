/**
 * Where a request comes from, as much as the audit log may keep of it: a keyed hash that tells one address from another, the network that it lies in,
 * and the family of the program. Enough to see that a session has moved or that one address tries many accounts; too little to find a home.
 */
import { createHmac } from "node:crypto";
import { isIP } from "node:net";
import type { Caller } from "../../trail.ts";
import type { AuditKeys } from "./keys.ts";

/** @param address IPv4 or IPv6, undefined where the socket has gone; @param userAgent the header as sent */
export function callerFrom(keys: Pick<AuditKeys, "address">, address: string | undefined, userAgent: string | undefined): Caller {
  const plain = plainAddress(address);
  return {
    addressHash: plain === null ? null : createHmac("sha256", keys.address).update(plain).digest("hex").slice(0, 32),
    network: plain === null ? null : networkOf(plain), agent: agentFamily(userAgent),
  };
}

/** One spelling of an address: IPv4 also where a socket of both kinds shows it as IPv6, no zone. Null for what is none. */
function plainAddress(address: string | undefined): string | null {
  const text = (address ?? "").replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "").toLowerCase();
  if (isIP(text) === 4) return text;
  return isIP(text) === 6 ? groupsOf(text).join(":") : null;
}

/** The /24 of an IPv4 address, the /48 of an IPv6 one: a neighbourhood or a provider's customer, not a device. */
function networkOf(plain: string): string {
  if (isIP(plain) === 4) return `${plain.split(".").slice(0, 3).join(".")}.0/24`;
  return `${plain.split(":").slice(0, 3).join(":")}::/48`;
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = "", tail] = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (dotted) => {
    const [a = 0, b = 0, c = 0, d = 0] = dotted.split(".").map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }).split("::");
  const split = (text: string | undefined): string[] => (text ? text.split(":") : []);
  const [before, after] = [split(head), split(tail)];
  return [...before, ...Array<string>(Math.max(0, 8 - before.length - after.length)).fill("0"), ...after].map((group) => group.replace(/^0+(?=.)/, ""));
}

/** The first that fits: most browsers also call themselves by the names of others. */
const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/\bislet/i, "islet"], [/\bcurl\//i, "curl"], [/\bwget\//i, "wget"], [/\bpython|\baiohttp/i, "python"], [/\bokhttp|\bdalvik/i, "android"], [/\bcfnetwork|\bdarwin\//i, "apple"],
  [/\bedg(?:e|a|ios)?\//i, "edge"], [/\bopr\/|\bopera/i, "opera"], [/\bsamsungbrowser\//i, "samsung"], [/\bfirefox\/|\bfxios\//i, "firefox"], [/\bchrom(?:e|ium)\/|\bcrios\//i, "chrome"],
  [/\bsafari\//i, "safari"], [/\bnode|\bundici|\blightmyrequest/i, "node"],
];

/** Family of the program that sent the request, `other` for one that is not known, null where it says nothing. */
export function agentFamily(userAgent: string | undefined): string | null {
  if (userAgent === undefined || userAgent === "") return null;
  return FAMILIES.find(([pattern]) => pattern.test(userAgent))?.[1] ?? "other";
}
