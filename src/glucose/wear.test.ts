import { describe, expect, it } from "vitest";
import { activePercent } from "./active-percent.ts";
import { insufficiency, wearPercent } from "./wear.ts";

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const every5 = (fromMs: number, toMs: number, jitterMs = 0): Float64Array =>
  Float64Array.from({ length: Math.round((toMs - fromMs) / (5 * MINUTE)) }, (_, i) => fromMs + i * 5 * MINUTE + ((i * 7919) % 3) * jitterMs);

describe("active percent", () => {
  it("is 100 without gaps and counts each gap in readings", () => {
    expect(activePercent(every5(0, DAY), 5)).toBe(100);
    const gap = every5(0, DAY).filter((_, index) => index < 100 || index >= 172);
    expect(activePercent(gap, 5)).toBeCloseTo(75, 10);
  });

  it("is unknown for one reading", () => {
    expect(activePercent(Float64Array.of(1), null)).toBeNull();
  });
});

describe("wear over an asked period", () => {
  it("counts from the start of the period, not from the first reading", () => {
    expect(wearPercent(every5(9 * DAY, 14 * DAY), 5, { fromMs: 0, toMs: 14 * DAY })).toBeCloseTo((100 * 5) / 14, 6);
  });

  it("is 100 when readings come seconds late", () => {
    expect(wearPercent(every5(2 * MINUTE, DAY + 2 * MINUTE, 4_000), 5, { fromMs: 0, toMs: DAY })).toBe(100);
  });

  it("stays at 100 when a second source doubles the cadence", () => {
    const dense = Float64Array.from({ length: 1440 }, (_, i) => i * MINUTE);
    expect(wearPercent(dense, 5, { fromMs: 0, toMs: DAY })).toBe(100);
  });

  it("counts the end of the period as missing when the sensor stopped", () => {
    expect(wearPercent(every5(0, DAY / 2), 5, { fromMs: 0, toMs: DAY })).toBeCloseTo(50, 6);
  });
});

describe("sufficiency (14 days with 70 %)", () => {
  const period = { fromMs: 0, toMs: 14 * DAY };

  it("is met by 14 days with exactly 70 % and not by one reading less", () => {
    const kept = every5(0, 14 * DAY).filter((_, index) => index % 10 < 7);
    expect(insufficiency(kept, 5, period)).toBeNull();
    expect(insufficiency(kept.slice(0, -1), 5, period)).toBe("under_70_percent");
  });

  it("is not met by 13 days, however complete", () => {
    expect(insufficiency(every5(0, 13 * DAY), 5, { fromMs: 0, toMs: 13 * DAY })).toBe("under_14_days");
  });

  it("is met by 90 days of which the last 14 are complete", () => {
    expect(insufficiency(every5(76 * DAY, 90 * DAY), 5, { fromMs: 0, toMs: 90 * DAY })).toBeNull();
    expect(insufficiency(every5(82 * DAY, 90 * DAY), 5, { fromMs: 0, toMs: 90 * DAY })).toBe("under_70_percent");
  });

  it("forgives the hour that local days lose in spring", () => {
    const toMs = 14 * DAY - 60 * MINUTE;
    expect(insufficiency(every5(0, toMs), 5, { fromMs: 0, toMs })).toBeNull();
  });

  it("is not met by no readings", () => {
    expect(insufficiency(new Float64Array(), null, period)).toBe("under_70_percent");
  });
});
