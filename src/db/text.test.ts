import { describe, expect, it } from "vitest";
import { keyText, storableJson, storableText } from "./text.ts";

const LONE = "\ud83d";

describe("text for the database", () => {
  it("[WH-16] puts U+FFFD for NUL and for half a surrogate pair, and leaves the rest", () => {
    expect(storableText(`a\0b${LONE}c\u{1F600}`)).toBe("a\uFFFDb\uFFFDc\u{1F600}");
  });

  it("[WH-16] cleans every text of a JSON value, names too", () => {
    const value = { [`k\0`]: ["x", { deep: `y${LONE}` }], n: 1, no: null, yes: true };
    expect(JSON.parse(storableJson(value))).toEqual({ "k\uFFFD": ["x", { deep: "y\uFFFD" }], n: 1, no: null, yes: true });
  });

  it("leaves a text that only looks like an escape as it is", () => {
    expect(JSON.parse(storableJson({ text: String.raw`C:\u0000` }))).toEqual({ text: String.raw`C:\u0000` });
  });

  it("keeps short keys and tells overlong ones apart", () => {
    expect(keyText("activity-1")).toBe("activity-1");
    const long = "k".repeat(5_000);
    expect(keyText(long).length).toBeLessThan(200);
    expect(keyText(long)).toBe(keyText(long));
    expect(keyText(`${long}1`)).not.toBe(keyText(`${long}2`));
    expect(keyText(`${"k".repeat(99)}\u{1F600}${long}`).isWellFormed()).toBe(true);
  });
});
