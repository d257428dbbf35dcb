import { describe, expect, it } from "vitest";
import { isPublicAddress, readWebAddress } from "./public-address.ts";

describe("addresses that people give", () => {
  it.each(["127.0.0.1", "10.1.2.3", "172.20.0.1", "192.168.1.5", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "fd00::1", "fe80::1", "::ffff:10.0.0.1", "::ffff:a00:1", "2002:7f00:1::", "no address"])(
    "takes %s for none of the open Internet [OA-26]", (address) => expect(isPublicAddress(address)).toBe(false),
  );

  it.each(["9.9.9.9", "2620:fe::fe", "::ffff:9.9.9.9"])("takes %s for one of the open Internet", (address) => expect(isPublicAddress(address)).toBe(true));

  it("keeps the origin alone, and takes https for granted", () => {
    expect(readWebAddress(" my-ns.example.org/report?token=abc#x ", false)).toBe("https://my-ns.example.org");
    expect(readWebAddress("http://192.168.1.5:1337/", true)).toBe("http://192.168.1.5:1337");
  });

  it.each(["http://my-ns.example.org", "https://u:p@my-ns.example.org", "https://127.0.0.1:1337", "https://[::1]", "https://2130706433/", "https://printer.local", "ftp://x.example", "", "https://"])(
    "refuses %s without repeating it [OA-26]",
    (address) => {
      let message = "";
      try {
        readWebAddress(address, false);
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).not.toBe("");
      expect(address === "" || address === "https://" || !message.includes(address)).toBe(true);
    },
  );
});
