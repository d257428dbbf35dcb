import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ProviderContractBroken } from "../errors.ts";
import { Mapping, parseEnvelope, parseForm, quoteLongIntegers } from "./payload.ts";

const form = (text: string): Record<string, string> => parseForm(new TextEncoder().encode(text));

describe("an object in place of a text, with a length that is no number", () => {
  it("is not as agreed, and no error of the parser's [WH-15]", () => {
    const odd: unknown = JSON.parse('{"id":{"length":{"toString":1}}}');
    const schema = z.looseObject({ id: z.string().min(1) });
    expect(() => parseEnvelope(schema, odd, "answer")).toThrow(ProviderContractBroken);
    const mapping = new Mapping();
    expect(mapping.item(schema, odd, "/0")).toBeNull();
    expect(mapping.result().problems).toEqual([{ path: "/0", reason: "not as agreed" }]);
  });
});

describe("parseForm", () => {
  it("gives the decoded fields as text, of a repeated one the first", () => {
    expect(form("userid=363&appli=1&note=a%20b+c%C3%B1&userid=9&empty=&bare")).toEqual({ userid: "363", appli: "1", note: "a b cñ", empty: "", bare: "" });
  });

  it("takes any bytes, and no name for more than a name", () => {
    expect(form("")).toEqual({});
    expect(parseForm(Uint8Array.of(0xff, 0xfe, 0x3d, 0x25))).toEqual({ "\ufffd\ufffd": "%" });
    const given = form("__proto__=x&constructor=y");
    expect(Object.keys(given).toSorted()).toEqual(["__proto__", "constructor"]);
    expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
  });
});

describe("quoteLongIntegers", () => {
  it("keeps every digit of whole numbers that JavaScript would round", () => {
    const json = '{"labelId":418173292602490881,"list":[ -9223372036854775808 , 9007199254740993],"ok":9007199254740991}';
    expect(JSON.parse(quoteLongIntegers(json))).toEqual({ labelId: "418173292602490881", list: ["-9223372036854775808", "9007199254740993"], ok: 9_007_199_254_740_991 });
  });

  it("touches no text, no fraction and no short number, however many digits they have", () => {
    for (const json of ['{"a":"418173292602490881","b\\"418173292602490881":1}', '[21.012345678901234567,1.2345678901234567e20,-0.00000000000000000001]', '{"ms":1772470000000}', "", "<html>"]) {
      expect(quoteLongIntegers(json)).toBe(json);
    }
  });

  it("[VA-07] walks a text of many megabytes", () => {
    const json = `{"id":418173292602490881,"text":"${"a".repeat(30_000_000)}"}`;
    expect(quoteLongIntegers(json).slice(0, 28)).toBe('{"id":"418173292602490881","');
  });
});
