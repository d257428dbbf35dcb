/** Lists of addresses and networks, such as `127.0.0.1, 10.0.0.0/8, fd00::/8`. */
import { BlockList, isIP } from "node:net";

export interface Networks {
  /** Whether an address lies in one of them; never for none. */
  has(address: string | undefined): boolean;
}

export const NO_NETWORKS: Networks = { has: () => false };

/** Null where one of the texts is neither an address nor a network. */
export function parseNetworks(texts: readonly string[]): Networks | null {
  const list = new BlockList();
  for (const text of texts) {
    const [address = "", bits, ...rest] = text.split("/");
    const family = isIP(address);
    const most = family === 6 ? 128 : 32;
    if (family === 0 || rest.length > 0 || (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most))) return null;
    list.addSubnet(address, bits === undefined ? most : Number(bits), family === 6 ? "ipv6" : "ipv4");
  }
  return {
    has: (given) => {
      // An IPv4 caller of a socket that listens on both.
      const address = given?.replace(/^::ffff:(?=\d+\.)/i, "") ?? "";
      const family = isIP(address);
      return family !== 0 && list.check(address, family === 6 ? "ipv6" : "ipv4");
    },
  };
}

/** This machine itself. */
export const LOOPBACK: Networks = parseNetworks(["127.0.0.0/8", "::1"])!;
