/**
 * The last look at records before they rest. Drivers and file readers check what they map; a mistake in one of them must not store what
 * cannot be, nor cost a delivery its good records (faults WH-25, DA-08). Pure.
 */
import type { MappingProblem, SampleRecord, VendorRecord } from "#driver/records.ts";
import { METRICS } from "#units/metrics.ts";

/** What the database, and any person's life, has room for. */
const EARLIEST_MS = Date.UTC(1900, 0, 1);
const LATEST_MS = Date.UTC(2200, 0, 1);
/** Of any place on Earth, with room for a clock that is set oddly. */
const WIDEST_OFFSET_MINUTES = 18 * 60;

export interface CheckedRecords {
  readonly good: readonly VendorRecord[];
  readonly problems: readonly MappingProblem[];
}

export function checkRecords(records: readonly VendorRecord[]): CheckedRecords {
  const problems: MappingProblem[] = [];
  const good = records.filter((record, index) => {
    const fault = faultOf(record);
    if (fault !== null) problems.push({ path: `record ${index}`, reason: fault });
    return fault === null;
  });
  return { good, problems };
}

function faultOf(record: VendorRecord): string | null {
  if (record.record === "withdrawal") return null;
  if (record.record === "sample") return faultOfSample(record);
  const isPlaced = record.record === "treatment" ? isInstant(record.atMs) : isStretch(record.startMs, record.endMs);
  if (!isPlaced || !isOffset(record.offsetMinutes)) return `a ${record.record} at no possible time`;
  const hasAmount = record.record !== "treatment" || record.amount === undefined || Number.isFinite(record.amount);
  return hasAmount ? null : "a treatment of no possible amount";
}

function faultOfSample(sample: SampleRecord): string | null {
  const { min, max } = METRICS[sample.metric];
  if (!(sample.value >= min && sample.value <= max)) return `outside what ${sample.metric} can be`;
  const isPlaced = sample.endMs === undefined ? isInstant(sample.startMs) : isStretch(sample.startMs, sample.endMs);
  return isPlaced && isOffset(sample.offsetMinutes) ? null : "a sample at no possible time";
}

const isInstant = (ms: number): boolean => ms >= EARLIEST_MS && ms <= LATEST_MS;
const isStretch = (startMs: number, endMs: number): boolean => isInstant(startMs) && isInstant(endMs) && endMs >= startMs;
const isOffset = (minutes: number | null): boolean => minutes === null || (Number.isInteger(minutes) && Math.abs(minutes) <= WIDEST_OFFSET_MINUTES);
