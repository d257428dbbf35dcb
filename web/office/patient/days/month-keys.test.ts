import { describe, expect, it } from "vitest";
import { addMonths, dateByKey, isMonth, lastOfMonth } from "./month-keys.ts";

describe("a calendar by keyboard", () => {
  it("goes by days, weeks and months, and over their ends", () => {
    const from = "2026-03-31";
    expect(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown", "x"].map((key) => dateByKey(key, from))).toEqual([
      "2026-03-30", "2026-04-01", "2026-03-24", "2026-04-07", "2026-03-30", "2026-04-05", "2026-02-28", "2026-04-30", null,
    ]);
  });

  it("counts months over the turn of the year", () => {
    expect([addMonths("2026-01", -1), addMonths("2026-12", 1), addMonths("2026-05", -17)]).toEqual(["2025-12", "2027-01", "2024-12"]);
    expect([lastOfMonth("2028-02"), lastOfMonth("2026-12")]).toEqual(["2028-02-29", "2026-12-31"]);
    expect([isMonth("2026-12"), isMonth("2026-13"), isMonth(null)]).toEqual([true, false, false]);
  });
});
