import { describe, expect, it } from "vitest";
import { ProviderContractBroken } from "../errors.ts";
import { parseJson } from "./payload.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("parseJson", () => {
  it("reads JSON, with brackets and quotes in its texts", () => {
    expect(parseJson(bytes('{"a":["[[[{{{\\"\\\\",1,null]}'))).toEqual({ a: ['[[[{{{"\\', 1, null] });
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
