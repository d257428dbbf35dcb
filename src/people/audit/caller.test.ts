import { describe, expect, it } from "vitest";
import { agentFamily, callerFrom } from "./caller.ts";
import { auditKeys } from "./keys.ts";

const keys = auditKeys("a secret of at least thirty-two characters");

describe("where a request comes from", () => {
  it.each([
    ["203.0.113.77", "203.0.113.0/24"], ["::ffff:203.0.113.77", "203.0.113.0/24"], ["2001:db8:7:42:1:2:3:4", "2001:db8:7::/48"], ["2001:DB8::1", "2001:db8:0::/48"],
    ["fe80::1%eth0", "fe80:0:0::/48"], ["::1", "0:0:0::/48"],
  ])("is told of %s as its network %s alone", (address, network) => {
    const caller = callerFrom(keys, address, undefined);
    expect(caller.network).toBe(network);
    expect(caller.addressHash).toMatch(/^[0-9a-f]{32}$/);
  });

  it("has one hash for one address, however it is spelled, and another under another key", () => {
    const hash = (address: string, of = keys) => callerFrom(of, address, undefined).addressHash;
    expect(hash("2001:db8::1")).toBe(hash("2001:0DB8:0:0:0:0:0:1"));
    expect(hash("::ffff:203.0.113.7")).toBe(hash("203.0.113.7"));
    expect(hash("203.0.113.7")).not.toBe(hash("203.0.113.8"));
    expect(hash("203.0.113.7")).not.toBe(hash("203.0.113.7", auditKeys("another secret of thirty-two characters!")));
  });

  it("is nothing where there is no address", () => {
    expect(callerFrom(keys, undefined, undefined)).toEqual({ addressHash: null, network: null, agent: null });
    expect(callerFrom(keys, "somewhere", "x").network).toBeNull();
  });

  it.each([
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "edge"],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "firefox"],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15", "safari"],
    ["curl/8.9.1", "curl"], ["Anna Example's own program", "other"], ["", null],
  ])("knows of %s its family alone", (header, family) => {
    expect(agentFamily(header)).toBe(family);
  });
});
