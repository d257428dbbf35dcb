import { describe, expect, it } from "vitest";
import { decideDateOrder, readTime } from "./times.ts";

const wall = (text: string) => ({ kind: "wall", wallMs: Date.parse(`${text}Z`), zone: null });
const instant = (text: string, offsetMinutes: number | null) => ({ kind: "instant", ms: Date.parse(text), offsetMinutes });

describe("reading a time", () => {
  it.each([
    ["2026-03-02T06:30:00", "2026-03-02T06:30:00"],
    ["2026-03-02 6:30:05", "2026-03-02T06:30:05"],
    ["2026-03-02 06:30", "2026-03-02T06:30:00"],
    ["2026/03/02 06:30", "2026-03-02T06:30:00"],
    ["2026-03-02 06:30:00.250", "2026-03-02T06:30:00.250"],
    ["2026-03-02 12:05 AM", "2026-03-02T00:05:00"],
    ["2026-03-02 12:05 PM", "2026-03-02T12:05:00"],
  ])("takes %s as a wall clock's time", (text, expected) => {
    expect(readTime({ text }, null)).toEqual(wall(expected));
  });

  it.each([
    ["02/03/2026 06:30", "dmy", "2026-03-02T06:30:00"],
    ["03/02/2026 06:30", "mdy", "2026-03-02T06:30:00"],
    ["3/2/26 6:30:15 pm", "mdy", "2026-03-02T18:30:15"],
    ["02-03-2026 06:30", "dmy", "2026-03-02T06:30:00"],
    ["02.03.2026 06:30", "mdy", "2026-03-02T06:30:00"],
    ["02.03.2026, 06:30:00", null, "2026-03-02T06:30:00"],
    ["3/2/2026 6:30 p. m.", "mdy", "2026-03-02T18:30:00"],
  ] as const)("takes %s in order %s", (text, order, expected) => {
    expect(readTime({ text }, order)).toEqual(wall(expected));
  });

  it.each([
    ["2026-03-02T06:30:00Z", "2026-03-02T06:30:00Z", null],
    ["2026-03-02T06:30:00+01:00", "2026-03-02T05:30:00Z", 60],
    ["2026-03-02 06:30:00 -0500", "2026-03-02T11:30:00Z", -300],
    ["1772433000000", "2026-03-02T06:30:00Z", null],
    ["1772433000", "2026-03-02T06:30:00Z", null],
    ["1772433000000.5", "2026-03-02T06:30:00.001Z", null],
  ])("takes %s as an instant", (text, expected, offsetMinutes) => {
    expect(readTime({ text }, null)).toEqual(instant(expected, offsetMinutes));
  });

  it("uses columns for UTC, offset and zone", () => {
    expect(readTime({ text: "2026-03-02 06:30:00", isUtc: true, offsetMinutes: 60 }, null)).toEqual(instant("2026-03-02T06:30:00Z", 60));
    expect(readTime({ text: "2026-03-02 06:30:00", offsetMinutes: 60 }, null)).toEqual(instant("2026-03-02T05:30:00Z", 60));
    expect(readTime({ text: "2026-03-02 06:30:00", zone: "Asia/Tokyo" }, null)).toEqual({ ...wall("2026-03-02T06:30:00"), zone: "Asia/Tokyo" });
    expect(readTime({ text: "2026-03-02 06:30:00", zone: "Mars/Base" }, null)).toMatch(/zone/);
  });

  it.each(["2018-02-29T10:00:00", "2026-13-01 10:00", "31.04.2026 10:00", "2026-03-02 24:30", "13/13/2026 10:00", "2026-03-02 13:00 PM", "not: a time"])(
    "refuses %s, rolling nothing over",
    (text) => {
      expect(readTime({ text }, "dmy")).toBe("there is no such date or time");
    },
  );

  it("asks for a time of day", () => {
    expect(readTime({ text: "2026-03-02" }, null)).toMatch(/no time of day/);
    expect(readTime({ text: "" }, null)).toBe("the time is empty");
  });
});

describe("the order of a file's dates", () => {
  it("is settled by one field over 12", () => {
    expect(decideDateOrder(["01/02/2026 10:00", "13/02/2026 10:00"], undefined)).toBe("dmy");
    expect(decideDateOrder(["01/02/2026 10:00", "02/13/2026 10:00"], undefined)).toBe("mdy");
  });

  it("is month first with a clock of twelve hours, else as asked", () => {
    expect(decideDateOrder(["01/02/2026 10:00 AM"], undefined)).toBe("mdy");
    expect(decideDateOrder(["01/02/2026 10:00"], "dmy")).toBe("dmy");
  });

  it("does not matter for dates with the year first or with dots", () => {
    expect(decideDateOrder(["2026-01-02 10:00", "01.02.2026 10:00"], undefined)).toBeNull();
  });

  it("is asked for, not guessed, when nothing settles it", () => {
    expect(() => decideDateOrder(["01/02/2026 10:00"], undefined)).toThrow(/day or the month first/);
  });

  it("is refused when the file does both", () => {
    expect(() => decideDateOrder(["13/02/2026 10:00", "02/13/2026 10:00"], undefined)).toThrow(/make them one/);
  });
});
