import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asColumn, columnJson } from "./column-json.ts";

const text = (value: unknown): string => columnJson(value).toString();
const runs = { numRuns: 500, seed: 20_261_121 };

describe("JSON of columns", () => {
  it("is that of JSON.stringify for whole numbers, decimals, and what JSON has no number for", () => {
    const column = [
      0, -0, 1, -1, 9, 10, 99, 100, 999_999_999, 1_000_000_000, 1_792_065_600_000, -1_792_065_600_000, 9_007_199_254_740_991, -9_007_199_254_740_991, 2 ** 53 + 2,
      0.1, 0.5, -0.5, 5.55, 12.345, 12.3456, 1e-7, 0.001, -0.001, 1e21, 1.5e300, 1 / 3, 99.999, 999_999.999, 1_000_000.001, Number.NaN, Number.POSITIVE_INFINITY, null,
    ];
    expect(text(column)).toBe(JSON.stringify(column));
    expect(text(asColumn(Float64Array.from(column, (each) => each ?? 7)))).toBe(JSON.stringify(column.map((each) => each ?? 7)));
    expect(text(asColumn(new Uint16Array(0)))).toBe("[]");
  });

  it("is that of JSON.stringify for any numbers", () => {
    const number = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger(), fc.integer({ min: -99_999_999, max: 99_999_999 }).map((whole) => whole / 1_000));
    fc.assert(fc.property(fc.array(number, { maxLength: 200 }), (column) => {
      expect(text(Float64Array.from(column))).toBe(JSON.stringify(column));
      expect(text(column)).toBe(JSON.stringify(column));
    }), runs);
  });

  it("is that of JSON.stringify for anything else, also where names and texts are of any script", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(text(value)).toBe(JSON.stringify(value));
    }), runs);
    const odd = { "a\"b": "\u0000 ñ 日本 😀", gone: undefined, nothing: null, list: [undefined, "x", { deep: [[1, 2], []] }] };
    expect(text(odd)).toBe(JSON.stringify(odd));
  });

  it("grows with what it holds", () => {
    const times = Float64Array.from({ length: 300_000 }, (_, index) => 1_792_065_600_000 + index * 60_000);
    expect(text({ times, end: "ñ".repeat(100_000) })).toBe(JSON.stringify({ times: [...times], end: "ñ".repeat(100_000) }));
  });
});
