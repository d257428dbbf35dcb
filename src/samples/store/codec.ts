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
  const reader = new ByteReader(data);
  if (reader.byte() !== VERSION) throw new RangeError("A day block is of a version that is not known here.");
  const count = reader.whole();
  if (count > MOST_SAMPLES) throw new RangeError("A day block claims more samples than a day has.");
  const column = (): Float64Array => (count === 0 ? new Float64Array(0) : readColumn(reader, count));
  const [startMs, lengths, values, offsets, flags, deliveryIds] = [column(), column(), column(), column(), column(), column()] as const;
  reader.end();
  return {
    startMs, values, deliveryIds, flags: new Uint16Array(flags), endMs: endsOf(startMs, lengths), offsetMinutes: knownOffsets(offsets),
  };
}

// Every read of a day passes here: plain loops cost a fraction of mapping functions.

function endsOf(startMs: Float64Array, lengths: Float64Array): Float64Array {
  const endMs = new Float64Array(lengths.length);
  for (let index = 0; index < lengths.length; index += 1) endMs[index] = lengths[index] === NOTHING ? Number.NaN : startMs[index]! + lengths[index]!;
  return endMs;
}

function knownOffsets(offsets: Float64Array): (number | null)[] {
  const known: (number | null)[] = [];
  for (let index = 0; index < offsets.length; index += 1) known.push(offsets[index] === UNKNOWN_OFFSET ? null : offsets[index]!);
  return known;
}
