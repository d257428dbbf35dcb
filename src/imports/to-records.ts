/** Placed rows → records, one a key and instant, and readings for statistics, all of them. */
import type { SampleRecord, TreatmentRecord, VendorRecord } from "#driver/records.ts";
import type { MetricName } from "#units/metrics.ts";
import { Groups } from "./groups.ts";
import type { PlacedRow } from "./place-rows.ts";
import type { Problems } from "./problems.ts";
import type { GlucoseValue } from "./read-values.ts";
import type { GlucoseEntry, NumberEntry, SubjectReadings, TreatmentEntry } from "./types.ts";

type FileRecord = SampleRecord | TreatmentRecord;

export interface RecordsOfFile {
  readonly recordsBySubject: ReadonlyMap<string, readonly VendorRecord[]>;
  /** Rows that repeat another one and were counted once. */
  readonly duplicates: number;
}

/**
 * Records per person, in file order; `values[i]` belongs to `placed[i]`. A row that repeats another (same metric or kind, device,
 * instant and content) is counted once; of rows that contradict one another the first is kept and the others are problems.
 */
export function toRecords(placed: readonly PlacedRow[], values: readonly (GlucoseValue | null)[], problems: Problems): RecordsOfFile {
  const recordsBySubject = new Map<string, VendorRecord[]>();
  const kept = new Groups<Map<number, FileRecord>>();
  let duplicates = 0;
  for (const [index, row] of placed.entries()) {
    const [record, ...beside] = recordsOfRow(row, values[index] ?? null);
    if (!record) continue;
    const { subject, line, device } = row.row;
    const what = record.record === "sample" ? record.metric : record.kind;
    const seen = kept.of([subject, what, device?.id ?? ""], () => new Map());
    const earlier = seen.get(row.ms);
    if (earlier && isSameContent(earlier, record)) duplicates++;
    else if (earlier) {
      problems.add(line, "another row has the same time and a different value; the first one is kept", "conflict");
    } else {
      seen.set(row.ms, record);
      const records = recordsBySubject.get(subject);
      if (records) records.push(record, ...beside);
      else recordsBySubject.set(subject, [record, ...beside]);
    }
  }
  return { recordsBySubject, duplicates };
}

function isSameContent(one: FileRecord, other: FileRecord): boolean {
  if (one.record === "sample") return other.record === "sample" && one.value === other.value;
  return other.record === "treatment" && one.amount === other.amount && one.text === other.text;
}

/** Nothing where the row's reading is none, or gave way; of a diary the line of the diary, too. */
function recordsOfRow(placed: PlacedRow, value: GlucoseValue | null): FileRecord[] {
  const { content } = placed.row;
  if (content.entry === "number") return [sampleOf(placed, content)];
  if (content.entry === "treatment") return [treatmentOf(placed, content)];
  if (value === null) return [];
  const sample = sampleOf(placed, { metric: content.metric, value: value.mgDl, flags: value.flags });
  return content.diary ? [sample, lineOf(placed, value, content.diary)] : [sample];
}

function lineOf({ row, ms, offsetMinutes }: PlacedRow, { mgDl, unit, outOfRange }: GlucoseValue, { meal, note, sequence }: NonNullable<GlucoseEntry["diary"]>): TreatmentRecord {
  return {
    record: "treatment", kind: "meter_glucose", vendorId: row.device && sequence !== undefined ? `${row.device.id}/${sequence}` : null, atMs: ms, offsetMinutes, amount: mgDl, sentUnit: unit,
    syncSource: "import", ...(meal ? { meal } : {}), ...(note === undefined ? {} : { text: note }), ...(sequence === undefined ? {} : { sequence }),
    ...(outOfRange === 0 ? {} : { beyond: outOfRange < 0 ? "below" : "above" }), ...(row.device ? { device: row.device } : { isManual: true }),
  };
}

function sampleOf({ row, ms, offsetMinutes }: PlacedRow, { metric, value, flags }: Pick<NumberEntry, "value" | "flags"> & { metric: MetricName }): SampleRecord {
  return {
    record: "sample",
    metric,
    startMs: ms,
    value,
    offsetMinutes,
    ...(row.device ? { device: row.device } : {}),
    ...(flags.length > 0 ? { flags } : {}),
  };
}

function treatmentOf({ row, ms, offsetMinutes }: PlacedRow, { kind, amount, text }: TreatmentEntry): TreatmentRecord {
  return {
    record: "treatment",
    kind,
    // Files give no id that is stable over exports; kind and time are the key.
    vendorId: null,
    atMs: ms,
    offsetMinutes,
    ...(amount === undefined ? {} : { amount }),
    ...(text === undefined ? {} : { text }),
    ...(row.device ? { device: row.device } : {}),
  };
}

/** Sensor readings per person in the file's unit and order, repeated rows included. */
export function toReadings(values: readonly (GlucoseValue | null)[]): SubjectReadings[] {
  const bySubject = Map.groupBy(
    values.filter((value) => value?.entry.metric === "glucose") as GlucoseValue[],
    ({ placed }) => placed.row.subject,
  );
  return [...bySubject].map(([subject, own]) => ({
    subject,
    timesMs: Float64Array.from(own, ({ placed }) => placed.ms),
    values: Float64Array.from(own, ({ inFileUnit }) => inFileUnit),
    outOfRange: Int8Array.from(own, ({ outOfRange }) => outOfRange),
  }));
}
