/** What every record must be, whatever driver made it. */
import { SPORTS, type SampleRecord, type VendorRecord } from "#driver/records.ts";
import type { Resource } from "#driver/types.ts";
import { METRICS } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";

/** When a record begins; null for a withdrawal, which has no time. */
export function startOf(record: VendorRecord): number | null {
  if (record.record === "withdrawal") return null;
  return record.record === "treatment" ? record.atMs : record.startMs;
}

/**
 * All that is wrong with the records of a resource: undeclared kinds, units or bounds, impossible times, numbers that neither JSON
 * nor a database could hold. One line a fault, without values.
 */
export function faultsOfRecords(records: readonly VendorRecord[], resource: Resource, receivedMs: number): string[] {
  const faults = new Set<string>();
  for (const record of records) {
    for (const [fault, holds] of checksOf(record, resource, receivedMs)) if (!holds) faults.add(`${resource.name}: ${record.record} ${fault}`);
  }
  return [...faults];
}

type Check = readonly [fault: string, holds: boolean];

function checksOf(record: VendorRecord, resource: Resource, receivedMs: number): Check[] {
  if (record.record === "withdrawal") return [["names nothing", record.vendorId !== ""]];
  const startMs = startOf(record) ?? Number.NaN;
  return [
    ["is not declared", resource.records.includes(record.record)],
    ["does not start at a whole millisecond", Number.isInteger(startMs)],
    ["starts before 1970 or in the future", startMs >= 0 && startMs <= receivedMs + 2 * DAY_MS],
    ["has an impossible offset", record.offsetMinutes === null || (Number.isInteger(record.offsetMinutes) && Math.abs(record.offsetMinutes) <= 14 * 60)],
    ["has a device without an id", record.device === undefined || record.device.id !== ""],
    ["has an empty vendor id", !("vendorId" in record) || record.vendorId !== ""],
    ["holds a number that is none", hasFiniteNumbers(record)],
    ...checksOfKind(record, resource, startMs),
  ];
}

function checksOfKind(record: Exclude<VendorRecord, { record: "withdrawal" }>, resource: Resource, startMs: number): Check[] {
  if (record.record === "sample") return checksOfSample(record, resource);
  if (record.record === "treatment") return [["has a negative amount", (record.amount ?? 0) >= 0]];
  if (record.record === "workout") {
    return [
      ["ends before its start", record.endMs >= startMs],
      ["has an unknown sport", SPORTS.includes(record.sport)],
    ];
  }
  return [
    ["does not end after its start", record.endMs > startMs],
    ["has a stage that does not end after its start", record.stages.every((stage) => stage.endMs > stage.startMs)],
    ["has stages out of order", record.stages.every((stage, index) => stage.startMs >= (record.stages[index - 1]?.startMs ?? -Infinity))],
    ["has a negative total", Object.values(record.totals).every((seconds) => seconds >= 0)],
  ];
}

function checksOfSample(record: SampleRecord, resource: Resource): Check[] {
  const { min, max, form } = METRICS[record.metric];
  const isEndRight = form === "instant" ? record.endMs === undefined : record.endMs !== undefined && record.endMs > record.startMs;
  return [
    [`of ${record.metric} is not declared`, resource.metrics.includes(record.metric)],
    [`of ${record.metric} is outside its bounds`, record.value >= min && record.value <= max],
    [`of ${record.metric} is no ${form}`, isEndRight],
  ];
}

function hasFiniteNumbers(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value !== "object" || value === null || Object.values(value).every(hasFiniteNumbers);
}
