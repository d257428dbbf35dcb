/**
 * Samples of one series and one UTC day as bytes, and back, exactly (design §4). Pure. Layout: version, number of samples, then six columns: starts
 * since the epoch, lengths, values, offsets, flags, deliveries.
 */
import { ByteReader, Bytes } from "./bytes.ts";
import { readColumn, writeColumn } from "./column.ts";

export interface DaySamples {
  /** Ascending UTC epoch milliseconds. */
  readonly startMs: Float64Array;
  /** NaN where the sample is an instant. */
  readonly endMs: Float64Array;
  readonly values: Float64Array;
  readonly offsetMinutes: (number | null)[];
  readonly flags: Uint16Array;
  /** Ids of deliveries. */
  readonly deliveryIds: Float64Array;
}

const VERSION = 1;
/** A number a second in a day is a tenth of it. */
const MOST_SAMPLES = 1_000_000;
/** Stands for "instant" among lengths and for "unknown" among offsets; no length and no offset is so far below 0. */
const NOTHING = -1;
const UNKNOWN_OFFSET = -10_000;

export function encodeDay(day: DaySamples): Uint8Array {
  const count = day.values.length;
  const bytes = new Bytes(count * 3 + 64);
  bytes.byte(VERSION);
  bytes.whole(count);
  if (count === 0) return bytes.take();
  writeColumn(bytes, day.startMs);
  writeColumn(bytes, day.endMs.map((endMs, index) => (Number.isNaN(endMs) ? NOTHING : endMs - day.startMs[index]!)));
  writeColumn(bytes, day.values);
  writeColumn(bytes, Float64Array.from(day.offsetMinutes, (offset) => offset ?? UNKNOWN_OFFSET));
  writeColumn(bytes, Float64Array.from(day.flags));
  writeColumn(bytes, day.deliveryIds);
  return bytes.take();
}

/** Throws RangeError for bytes that `encodeDay` does not write. */
export function decodeDay(data: Uint8Array): DaySamples {
  return decodeDays([data]);
}

/** Days that follow one another as one. Throws like decodeDay. */
export function decodeDays(days: readonly Uint8Array[]): DaySamples {
  const readers = days.map((data) => {
    const reader = new ByteReader(data);
    if (reader.byte() !== VERSION) throw new RangeError("A day block is of a version that is not known here.");
    const count = reader.whole();
    if (count > MOST_SAMPLES) throw new RangeError("A day block claims more samples than a day has.");
    return { reader, count };
  });
  // Columns are made once, however many days there are: a year has two thousand.
  const total = readers.reduce((sum, { count }) => sum + count, 0);
  const whole = {
    startMs: new Float64Array(total), endMs: new Float64Array(total), values: new Float64Array(total), flags: new Uint16Array(total), deliveryIds: new Float64Array(total),
    offsetMinutes: [] as (number | null)[],
  };
  const scratch = new Float64Array(readers.reduce((most, { count }) => Math.max(most, count), 0));
  let from = 0;
  for (const { reader, count } of readers) {
    if (count > 0) readDay(reader, whole, { from, count, scratch });
    reader.end();
    from += count;
  }
  return whole;
}

// Every read of a day passes here: plain loops cost a fraction of mapping functions.
function readDay(reader: ByteReader, whole: DaySamples, { from, count, scratch }: { readonly from: number; readonly count: number; readonly scratch: Float64Array }): void {
  const { startMs, endMs, values, offsetMinutes, flags, deliveryIds } = whole;
  readColumn(reader, startMs, from, count);
  readColumn(reader, endMs, from, count);
  for (let index = from; index < from + count; index += 1) endMs[index] = endMs[index] === NOTHING ? Number.NaN : startMs[index]! + endMs[index]!;
  readColumn(reader, values, from, count);
  readColumn(reader, scratch, 0, count);
  for (let index = 0; index < count; index += 1) offsetMinutes[from + index] = scratch[index] === UNKNOWN_OFFSET ? null : scratch[index]!;
  readColumn(reader, scratch, 0, count);
  for (let index = 0; index < count; index += 1) flags[from + index] = scratch[index]!;
  readColumn(reader, deliveryIds, from, count);
}
