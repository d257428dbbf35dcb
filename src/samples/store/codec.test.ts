import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { decodeDay, encodeDay, type DaySamples } from "./codec.ts";

const DAY = Date.UTC(2026, 9, 1);

interface Sample {
  readonly start: number;
  readonly length?: number | null;
  readonly value: number;
  readonly offset?: number | null;
  readonly flags?: number;
  readonly delivery?: number;
}

function day(samples: readonly Sample[]): DaySamples {
  return {
    startMs: Float64Array.from(samples, ({ start }) => start),
    endMs: Float64Array.from(samples, ({ start, length }) => (length === undefined || length === null ? Number.NaN : start + length)),
    values: Float64Array.from(samples, ({ value }) => value),
    offsetMinutes: samples.map(({ offset }) => offset ?? null),
    flags: Uint16Array.from(samples, ({ flags }) => flags ?? 0),
    deliveryIds: Float64Array.from(samples, ({ delivery }) => delivery ?? 1),
  };
}

/** A sensor's day: every five minutes and a second or so, in mg/dL. */
const glucose = (jitterMs: number): DaySamples =>
  day(Array.from({ length: 288 }, (_, index) => ({
    start: DAY + index * 5 * MINUTE_MS + (index % 3) * jitterMs, value: Math.round(140 + 60 * Math.sin(index / 40) + 15 * Math.sin(index / 7)), offset: 120, delivery: 4_711,
  })));

describe("a day of samples as bytes", () => {
  it("comes back as it was", () => {
    for (const samples of [glucose(0), glucose(1_000), day([]), day([{ start: DAY, value: 0.1 + 0.2 }]), day([{ start: DAY, value: -0 }, { start: DAY + 1, value: 1e300 }])]) {
      expect(decodeDay(encodeDay(samples))).toEqual(samples);
    }
  });

  it("takes less than two bytes for a reading of a sensor, its delivery and offset included", () => {
    expect(encodeDay(glucose(0)).length / 288).toBeLessThan(1.2);
    expect(encodeDay(glucose(1_000)).length / 288).toBeLessThan(2.2);
  });

  it("comes back exactly, whatever it holds", () => {
    const sample = fc.record({
      start: fc.integer({ min: DAY, max: DAY + DAY_MS - 1 }), length: fc.option(fc.integer({ min: 0, max: 26 * 60 * MINUTE_MS })),
      value: fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -1_000, max: 100_000 }), fc.integer({ min: 0, max: 10_000 }).map((tenths) => tenths / 10)),
      offset: fc.option(fc.integer({ min: -14 * 60, max: 14 * 60 })), flags: fc.integer({ min: 0, max: 63 }), delivery: fc.integer({ min: 1, max: 2 ** 45 }),
    });
    fc.assert(fc.property(fc.uniqueArray(sample, { maxLength: 60, selector: ({ start }) => start }), (samples) => {
      const sorted = day(samples.toSorted((a, b) => a.start - b.start));
      expect(decodeDay(encodeDay(sorted))).toEqual(sorted);
    }), { numRuns: 500, seed: 20_261_121 });
  });

  it("is refused where it was cut, lengthened or of another version, and never hangs on noise", () => {
    const whole = encodeDay(glucose(1_000));
    for (let length = 0; length < whole.length; length += 1) expect(() => decodeDay(whole.subarray(0, length)), String(length)).toThrow(RangeError);
    expect(() => decodeDay(Uint8Array.from([...whole, 0]))).toThrow(RangeError);
    expect(() => decodeDay(Uint8Array.from([9, ...whole.subarray(1)]))).toThrow(RangeError);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      // A count is believed only as far as the bytes go.
      const begun = performance.now();
      try {
        decodeDay(noise);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
      expect(performance.now() - begun).toBeLessThan(1_000);
    }), { numRuns: 300, seed: 20_261_121 });
  });
});
