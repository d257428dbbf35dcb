/** What may never be stored, whoever sent it. */
import type { VendorRecord } from "#driver/records.ts";
import { METRICS } from "#units/metrics.ts";

const EARLIEST_MS = Date.UTC(1900, 0, 1);
const LATEST_MS = Date.UTC(2200, 0, 1);

export function faultOfRecord(record: VendorRecord): string | null {
  if (record.record === "withdrawal") return null;
  const startMs = record.record === "treatment" ? record.atMs : record.startMs;
  if (!(startMs >= EARLIEST_MS && startMs <= LATEST_MS)) return "a time that cannot be";
  if (record.endMs !== undefined && !(record.endMs >= startMs)) return "an end before its start";
  if (record.record === "sample" && !(record.value >= METRICS[record.metric].min && record.value <= METRICS[record.metric].max)) return "a value that cannot be";
  return null;
}
