import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { coarseOffset, pseudonymOf, shiftOf } from "./pseudonyms.ts";

const one = Buffer.alloc(32, 1);
const two = Buffer.alloc(32, 2);
const WEEK = 7 * 86_400_000;

describe("a pseudonym", () => {
  it("is the same for one person and project, and another for another project or person", () => {
    const id = randomUUID();
    expect(pseudonymOf(one, id)).toBe(pseudonymOf(one, id));
    expect(new Set([pseudonymOf(one, id), pseudonymOf(two, id), pseudonymOf(one, randomUUID())]).size).toBe(3);
    expect(pseudonymOf(one, id)).toMatch(/^[A-Za-z0-9]{20}$/);
  });
});

describe("a shift", () => {
  it("is a whole number of weeks, one to 104 back, and spread over all of them", () => {
    const weeks = Array.from({ length: 5_000 }, () => shiftOf(one, randomUUID()) / WEEK);
    expect(weeks.every((each) => Number.isInteger(each) && each <= -1 && each >= -104)).toBe(true);
    expect(new Set(weeks).size).toBe(104);
  });
  it("is another in another project, mostly", () => {
    const ids = Array.from({ length: 200 }, () => randomUUID());
    expect(ids.filter((id) => shiftOf(one, id) === shiftOf(two, id)).length).toBeLessThan(20);
  });
});

describe("an offset", () => {
  it.each([[0, 0], [120, 2], [-300, -5], [345, 6], [-29, 0], [330, 6]])("of %i minutes is told as %i hours", (minutes, hours) => {
    expect(coarseOffset(minutes)).toBe(hours);
  });
});
