import { describe, expect, it } from "vitest";
import { LOOPBACK, NO_NETWORKS, parseNetworks } from "./networks.ts";

describe("networks", () => {
  it("hold single addresses and whole networks of both families, also as a socket for both tells them", () => {
    const networks = parseNetworks(["10.0.0.0/8", "192.168.1.7", "fd00::/8", "::1"])!;
    for (const inside of ["10.1.2.3", "::ffff:10.1.2.3", "::FFFF:192.168.1.7", "192.168.1.7", "fd12::1", "::1"]) expect(networks.has(inside), inside).toBe(true);
    for (const outside of ["11.0.0.1", "192.168.1.8", "fe80::1", "::2", "", "localhost", undefined]) expect(networks.has(outside), outside).toBe(false);
  });

  it("are none where one of them is no network", () => {
    for (const text of ["proxy.lan", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "fd00::/129", "*", "", "10.0.0.0/-1", "1.2.3"]) expect(parseNetworks(["127.0.0.1", text]), text).toBeNull();
    expect(parseNetworks([])!.has("127.0.0.1")).toBe(false);
    expect(NO_NETWORKS.has("127.0.0.1")).toBe(false);
  });

  it("know this machine", () => {
    for (const own of ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"]) expect(LOOPBACK.has(own), own).toBe(true);
    for (const other of ["10.0.0.1", "::", "0.0.0.0"]) expect(LOOPBACK.has(other), other).toBe(false);
  });
});
