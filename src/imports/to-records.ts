/** Placed rows → records, one a key and instant, and readings for statistics, all of them. */
import type { SampleRecord, TreatmentRecord, VendorRecord } from "#driver/records.ts";
import type { PlacedRow } from "./place-rows.ts";
import type { Problems } from "./problems.ts";
import type { GlucoseValue } from "./read-values.ts";
import type { SubjectReadings } from "./types.ts";

export interface RecordsOfFile {
  readonly recordsBySubject: ReadonlyMap<string, readonly VendorRecord[]>;
  /** Rows that repeat another one and were counted once. */
  readonly duplicates: number;
}

/**
 * Records per person, in file order. A row that repeats another (same metric or kind, device, instant and content) is counted
 * once; of rows that contradict one another the first is kept and the others are problems.
 */
export function toRecords(placed: readonly PlacedRow[], values: readonly GlucoseValue[], problems: Problems): RecordsOfFile {
  const valueOfRow = new Map(values.map((value) => [value.placed, value]));
  const recordsBySubject = new Map<string, VendorRecord[]>();
  const contents = new Map<string, Map<number, string>>();
  let duplicates = 0;
  for (const row of placed) {
    const value = valueOfRow.get(row);
    const record = value ? sampleOf(value) : treatmentOf(row);
    if (!record) continue;
    const { subject, line, device } = row.row;
    const what = record.record === "sample" ? record.metric : record.kind;
    const key = JSON.stringify([subject, what, device?.id]);
    const seen = contents.get(key) ?? new Map<number, string>();
    contents.set(key, seen);
    const content = record.record === "sample" ? `${record.value}` : `${record.amount} ${record.text}`;
    const earlier = seen.get(row.ms);
    if (earlier === content) duplicates++;
    else if (earlier !== undefined) {
      problems.add(line, "another row has the same time and a different value; the first one is kept", "conflict");
    } else {
      seen.set(row.ms, content);
      const records = recordsBySubject.get(subject);
      if (records) records.push(record);
      else recordsBySubject.set(subject, [record]);
    }
  }
  return { recordsBySubject, duplicates };
}

function sampleOf({ placed, entry, mgDl, flags }: GlucoseValue): SampleRecord {
  const { device } = placed.row;
  return {
    record: "sample",
    metric: entry.metric,
    startMs: placed.ms,
    value: mgDl,
    offsetMinutes: placed.offsetMinutes,
    ...(device ? { device } : {}),
    ...(flags.length > 0 ? { flags } : {}),
  };
}

function treatmentOf({ row, ms, offsetMinutes }: PlacedRow): TreatmentRecord | null {
  if (row.content.entry !== "treatment") return null;
  const { kind, amount, text } = row.content;
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
export function toReadings(values: readonly GlucoseValue[]): SubjectReadings[] {
  const bySubject = Map.groupBy(
    values.filter(({ entry }) => entry.metric === "glucose"),
    ({ placed }) => placed.row.subject,
  );
  return [...bySubject].map(([subject, own]) => ({
    subject,
    timesMs: Float64Array.from(own, ({ placed }) => placed.ms),
    values: Float64Array.from(own, ({ inFileUnit }) => inFileUnit),
    outOfRange: Int8Array.from(own, ({ outOfRange }) => outOfRange),
  }));
}
