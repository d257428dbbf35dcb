/**
 * Calls to addresses that a person gave (their own Nightscout) must not reach the operator's network: each name is resolved here, and what
 * is not a public address is not connected to, whatever a name server says a moment later. Faults OA-26, OA-27; RFC 6890.
 */
import { lookup as resolve, type LookupAddress, type LookupAllOptions } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { Agent, type Dispatcher } from "undici";
import { InvalidInput } from "../errors.ts";

/** Code of the network error that a refused address becomes. */
const REFUSED_CODE = "EPRIVATEADDRESS";

const SPECIAL = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8], ["10.0.0.0", 8], ["100.64.0.0", 10], ["127.0.0.0", 8], ["169.254.0.0", 16], ["172.16.0.0", 12], ["192.0.0.0", 24], ["192.0.2.0", 24],
  ["192.88.99.0", 24], ["192.168.0.0", 16], ["198.18.0.0", 15], ["198.51.100.0", 24], ["203.0.113.0", 24], ["224.0.0.0", 4], ["240.0.0.0", 4],
] as const) SPECIAL.addSubnet(network, bits, "ipv4");
for (const [network, bits] of [
  ["::", 128], ["::1", 128], ["64:ff9b::", 96], ["64:ff9b:1::", 48], ["100::", 64], ["2001::", 23], ["2001:db8::", 32], ["2002::", 16], ["fc00::", 7],
  ["fe80::", 10], ["fec0::", 10], ["ff00::", 8],
] as const) SPECIAL.addSubnet(network, bits, "ipv6");

/** Whether an IP address leads to the open Internet. An IPv4 address within IPv6 is judged as what it is. */
export function isPublicAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const plain = mapped ?? address;
  const family = isIP(plain);
  if (family === 0) return false;
  // An IPv4 address mapped into IPv6 and written in hexadecimal is none that anybody gives.
  if (family === 6 && /^::ffff:/i.test(plain)) return false;
  return !SPECIAL.check(plain, family === 4 ? "ipv4" : "ipv6");
}

type Resolve = (hostname: string, options: LookupAllOptions, done: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void) => void;

/** Looks a name up by `resolve`, and finds nothing where any of its addresses is not public. */
export const publicLookup = (resolve: Resolve): LookupFunction => (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true } as LookupAllOptions, (error, addresses) => {
    if (error) return callback(error, "", 0);
    if (addresses.length === 0 || !addresses.every(({ address }) => isPublicAddress(address))) {
      return callback(Object.assign(new Error("The name leads into a private network."), { code: REFUSED_CODE }), "", 0);
    }
    return options.all ? callback(null, addresses) : callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};

/** Connects to public addresses alone. */
export function createPublicDispatcher(): Dispatcher {
  return new Agent({ connect: { lookup: publicLookup(resolve) } });
}

/** Throws InvalidInput for a host that is written as an address of a private network: names are looked up, numbers are not. */
export function refusePrivateHost(url: URL): void {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isLocalName = host === "localhost" || host.endsWith(".localhost") || host.endsWith(".local") || host.endsWith(".internal");
  if (isLocalName || (isIP(host) !== 0 && !isPublicAddress(host))) {
    throw new InvalidInput("This address leads into a private network: the operator of this Islet must allow such addresses first (ISLET_PRIVATE_ADDRESSES).");
  }
}

/**
 * A web address as a person typed it, without path, query and trailing slash. Throws InvalidInput, without repeating it, unless it is https
 * without a name or password in it and leads to the open Internet; with `allowsPrivate` http and private addresses are fine, too.
 */
export function readWebAddress(text: string, allowsPrivate: boolean): string {
  const typed = text.trim();
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `https://${typed}`;
  const url = URL.canParse(whole) ? new URL(whole) : null;
  if (!url || url.hostname === "" || (url.protocol !== "https:" && !(allowsPrivate && url.protocol === "http:"))) {
    throw new InvalidInput("Give the whole web address, such as https://glucose.example.org");
  }
  if (url.username !== "" || url.password !== "") throw new InvalidInput("The web address must not carry a name or password: put them into their own fields.");
  if (!allowsPrivate) refusePrivateHost(url);
  return url.origin;
}
