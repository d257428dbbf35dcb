import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packBody, unpackBody } from "./body.ts";

describe("a body at rest", () => {
  it("comes back byte for byte, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 6_000 }), fc.string({ unit: "binary", maxLength: 3_000 }).map((text) => new TextEncoder().encode(text.repeat(3)))), (body) => {
        const { encoding, bytes } = packBody(body);
        expect(unpackBody(encoding, bytes).equals(body)).toBe(true);
      }), { seed: 11, numRuns: 200 },
    );
  });

  it("is a view of its part of a larger buffer, not the whole of it", () => {
    const whole = Buffer.from("before-body-after");
    expect(packBody(whole.subarray(7, 11)).bytes.toString()).toBe("body");
    const large = Buffer.concat([Buffer.from("x"), Buffer.alloc(5_000, "y"), Buffer.from("z")]);
    const { encoding, bytes } = packBody(large.subarray(1, 5_001));
    expect(unpackBody(encoding, bytes).equals(Buffer.alloc(5_000, "y"))).toBe(true);
  });

  it("is compressed where that helps, and left alone where it is small or does not shrink", () => {
    const json = Buffer.from(JSON.stringify(Array.from({ length: 2_000 }, (_, index) => ({ systemTime: index, value: 120, unit: "mg/dL" }))));
    expect(packBody(json).encoding).toBe("zstd");
    expect(packBody(json).bytes.length).toBeLessThan(json.length / 5);
    expect(packBody(Buffer.from("{}")).encoding).toBe("identity");
    const noise = Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 2_654_435_761) >>> 24 ^ (index * 40_503) & 255));
    expect(packBody(noise).bytes.length).toBeLessThanOrEqual(noise.length);
  });

  it("does not come back from spoilt bytes", () => {
    const { bytes } = packBody(Buffer.alloc(10_000, "a"));
    expect(() => unpackBody("zstd", bytes.subarray(0, bytes.length - 4))).toThrow();
    expect(() => unpackBody("zstd", Buffer.from("not packed at all"))).toThrow();
  });
});
