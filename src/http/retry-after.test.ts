import { describe, expect, it } from "vitest";
import { backoffMs, resetMs, retryAfterMs } from "./retry-after.ts";

const NOW_MS = Date.UTC(2026, 4, 4, 8, 0, 0);

describe("retryAfterMs", () => {
  it.each([
    ["30", 30_000],
    [" 0 ", 0],
    ["1.5", 1_500],
    ["Mon, 04 May 2026 08:00:45 GMT", 45_000],
    ["Monday, 04-May-26 08:00:45 GMT", 45_000],
    ["Mon, 04 May 2026 07:00:00 GMT", 0],
  ])("[VA-02] reads %j as seconds or an HTTP-date", (header, expected) => {
    expect(retryAfterMs(header, NOW_MS)).toBe(expected);
  });

  it.each(["999999999999", "Mon, 04 May 2099 08:00:00 GMT"])("[VA-02] caps the absurd %j at one hour", (header) => {
    expect(retryAfterMs(header, NOW_MS)).toBe(3_600_000);
  });

  it.each([undefined, "", "-5", "soon", "1e3", "Mon, the 99th", "2026-05-04"])("[VA-02] knows that %j says nothing", (header) => {
    expect(retryAfterMs(header, NOW_MS)).toBeNull();
  });
});

describe("resetMs", () => {
  it.each([["30", 30_000], ["0", 0], [String(NOW_MS / 1000 + 45), 45_000], [String(NOW_MS / 1000 - 45), 0], ["999999999", 3_600_000], ["9999999999", 3_600_000]])(
    "[VA-02] reads %j as seconds from now or, from a thousand million on, since 1970", (header, expected) => {
      expect(resetMs(header, NOW_MS)).toBe(expected);
    },
  );

  it.each([undefined, "", "263, 3263", "soon", "-1"])("[VA-02] knows that %j says nothing", (header) => {
    expect(resetMs(header, NOW_MS)).toBeNull();
  });
});

describe("backoffMs", () => {
  it("[E3] grows 1, 2, 4, 8 s and no further", () => {
    expect([1, 2, 3, 4, 5, 9].map((failed) => backoffMs(failed, () => 1))).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  });

  it("[E3] spreads over the whole stretch from zero", () => {
    expect([0, 0.25, 0.999].map((chance) => backoffMs(3, () => chance))).toEqual([0, 1_000, 3_996]);
  });
});
