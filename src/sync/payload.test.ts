import { describe, expect, it } from "vitest";
import { ProviderContractBroken } from "../errors.ts";
import { parseJson, parseWebhookBody } from "./payload.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("parseJson", () => {
  it("reads JSON, with brackets and quotes in its texts", () => {
    expect(parseJson(bytes('{"a":["[[[{{{\\"\\\\",1,null]}'))).toEqual({ a: ['[[[{{{"\\', 1, null] });
  });

  it("keeps every digit of a number that JavaScript would round, as text", () => {
    expect(parseJson(bytes('{"id":9007199254740993,"n":9007199254740991,"in":"9007199254740993"}'))).toEqual({ id: "9007199254740993", n: 9007199254740991, in: "9007199254740993" });
  });

  it("[WH-14] refuses what nests deeper than 64 before any parser walks it, and takes what does not", () => {
    expect(() => parseJson(bytes("[".repeat(100_000) + "]".repeat(100_000)))).toThrow(ProviderContractBroken);
    expect(() => parseJson(bytes('{"a":'.repeat(65) + "1" + "}".repeat(65)))).toThrow(/nested/);
    expect(parseJson(bytes("[".repeat(64) + "]".repeat(64)))).toBeInstanceOf(Array);
    expect(parseJson(bytes(`[${"[],".repeat(1_000)}[]]`))).toHaveLength(1_001);
  });

  it.each([["half a value", '{"a":'], ["nothing", ""], ["a page", "<html>"]])("refuses %s without repeating it", (_, text) => {
    expect(() => parseJson(bytes(text))).toThrow("The body is no JSON.");
  });

  it("refuses bytes that are no UTF-8", () => {
    expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0xfe, 0x22))).toThrow(ProviderContractBroken);
  });
});

describe("parseWebhookBody", () => {
  it("gives the fields of a form, or JSON where the vendor says nothing", () => {
    expect(parseWebhookBody({ bodyFormat: "form" }, bytes("userid=7&appli=1&note=a+b%26c"))).toEqual({ userid: "7", appli: "1", note: "a b&c" });
    expect(parseWebhookBody({ bodyFormat: "json" }, bytes("[7]"))).toEqual([7]);
    expect(() => parseWebhookBody({}, bytes("userid=7"))).toThrow(ProviderContractBroken);
  });
});
