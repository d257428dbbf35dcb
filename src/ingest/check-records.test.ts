import { describe, expect, it } from "vitest";
import type { SampleRecord, VendorRecord } from "#driver/records.ts";
import { checkRecords } from "./check-records.ts";

const AT_MS = Date.UTC(2026, 9, 15, 8);
const sample = (change: Partial<SampleRecord>): SampleRecord => ({ record: "sample", metric: "glucose", startMs: AT_MS, value: 120, offsetMinutes: 60, ...change });
const workout = { record: "workout", vendorId: "1", startMs: AT_MS, endMs: AT_MS + 1, offsetMinutes: null, sport: "running" } as const;

describe("checkRecords", () => {
  it.each([
    ["no number", sample({ value: Number.NaN })], ["an infinite one", sample({ value: Number.POSITIVE_INFINITY })], ["one no person has", sample({ value: 4_000 })],
    ["a time before any vendor", sample({ startMs: Date.UTC(1800, 0, 1) })], ["no time", sample({ startMs: Number.NaN })],
    ["a time beyond the database", sample({ startMs: 8.64e15 })], ["an end before its start", sample({ endMs: AT_MS - 1 })],
    ["an offset of no place", sample({ offsetMinutes: 5_000 })], ["a broken offset", sample({ offsetMinutes: 60.5 })],
    ["a workout that ends before it starts", { ...workout, endMs: AT_MS - 1 } satisfies VendorRecord],
    ["a treatment without a usable amount", { record: "treatment", kind: "carbohydrates", vendorId: null, atMs: AT_MS, offsetMinutes: null, amount: Number.NaN } satisfies VendorRecord],
  ])("[DA-08] refuses %s and keeps its neighbours", (_, bad) => {
    const neighbour = sample({ value: 100 });
    const { good, problems } = checkRecords([neighbour, bad, workout]);
    expect(good).toEqual([neighbour, workout]);
    expect(problems).toEqual([{ path: "record 1", reason: expect.any(String) as string }]);
  });

  it("says nothing of the value that it refuses", () => {
    expect(JSON.stringify(checkRecords([sample({ value: 4_321 })]).problems)).not.toContain("4321");
  });

  it("takes the bounds themselves, an interval of no length, and no offset at all", () => {
    expect(checkRecords([sample({ value: 10 }), sample({ value: 1_000 }), sample({ endMs: AT_MS }), sample({ offsetMinutes: null }), sample({ offsetMinutes: -720 })]).problems).toEqual([]);
  });
});
