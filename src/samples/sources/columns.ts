/** Columns of samples with their sources: picked, joined in order of time. Pure. */
import type { StoredSamples } from "../store/store.ts";

/** Samples of several sources, ascending by start. Columns of one source alone are its own, not copies: never write into them. */
export interface MergedSamples {
  readonly startMs: Float64Array;
  /** NaN where the sample is an instant. */
  readonly endMs: Float64Array;
  readonly values: Float64Array;
  readonly offsetMinutes: readonly (number | null)[];
  readonly flags: Uint16Array;
  /** Index into the reply's list of sources. */
  readonly sourceIndexes: Uint16Array;
}

const NOTHING: MergedSamples = {
  startMs: new Float64Array(0), endMs: new Float64Array(0), values: new Float64Array(0), offsetMinutes: [], flags: new Uint16Array(0), sourceIndexes: new Uint16Array(0),
};

export function noSamples(): MergedSamples {
  return NOTHING;
}

/** All samples of one source, as they are. */
export function ofSource(sourceIndex: number, samples: StoredSamples): MergedSamples {
  const sourceIndexes = new Uint16Array(samples.values.length);
  if (sourceIndex !== 0) sourceIndexes.fill(sourceIndex);
  const { startMs, endMs, values, offsetMinutes, flags } = samples;
  return { startMs, endMs, values, offsetMinutes, flags, sourceIndexes };
}

/** The samples at these places, in the order of the places. */
export function pick(samples: MergedSamples, places: ArrayLike<number>): MergedSamples {
  const count = places.length;
  const picked = {
    startMs: new Float64Array(count), endMs: new Float64Array(count), values: new Float64Array(count), flags: new Uint16Array(count), sourceIndexes: new Uint16Array(count),
  };
  const offsetMinutes: (number | null)[] = [];
  for (let index = 0; index < count; index += 1) {
    const place = places[index]!;
    picked.startMs[index] = samples.startMs[place]!;
    picked.endMs[index] = samples.endMs[place]!;
    picked.values[index] = samples.values[place]!;
    picked.flags[index] = samples.flags[place]!;
    picked.sourceIndexes[index] = samples.sourceIndexes[place]!;
    offsetMinutes.push(samples.offsetMinutes[place] ?? null);
  }
  return { ...picked, offsetMinutes };
}

/** The samples at the places `[first, end)`; views, no copies. */
export function slice(samples: MergedSamples, first: number, end: number): MergedSamples {
  if (first === 0 && end === samples.values.length) return samples;
  return {
    startMs: samples.startMs.subarray(first, end), endMs: samples.endMs.subarray(first, end), values: samples.values.subarray(first, end),
    offsetMinutes: samples.offsetMinutes.slice(first, end), flags: samples.flags.subarray(first, end), sourceIndexes: samples.sourceIndexes.subarray(first, end),
  };
}

/** Two lists as one, by start; of equal starts the first list's comes first. */
export function inOrder(one: MergedSamples, other: MergedSamples): MergedSamples {
  if (other.values.length === 0) return one;
  if (one.values.length === 0) return other;
  const both = joined(one, other);
  const middle = one.values.length;
  if (one.startMs[middle - 1]! <= other.startMs[0]!) return both;
  const order = new Uint32Array(both.values.length);
  let [at, next] = [0, middle];
  for (let place = 0; place < order.length; place += 1) {
    const isFirst = next === order.length || (at < middle && both.startMs[at]! <= both.startMs[next]!);
    order[place] = isFirst ? at : next;
    if (isFirst) at += 1;
    else next += 1;
  }
  return pick(both, order);
}

function joined(one: MergedSamples, other: MergedSamples): MergedSamples {
  const count = one.values.length + other.values.length;
  const both = {
    startMs: new Float64Array(count), endMs: new Float64Array(count), values: new Float64Array(count), flags: new Uint16Array(count), sourceIndexes: new Uint16Array(count),
  };
  for (const name of ["startMs", "endMs", "values", "flags", "sourceIndexes"] as const) {
    both[name].set(one[name]);
    both[name].set(other[name], one.values.length);
  }
  return { ...both, offsetMinutes: one.offsetMinutes.concat(other.offsetMinutes) };
}

/** By start, equal starts as they came. */
export function sorted(samples: MergedSamples): MergedSamples {
  const { startMs } = samples;
  let isSorted = true;
  for (let index = 1; index < startMs.length && isSorted; index += 1) isSorted = startMs[index - 1]! <= startMs[index]!;
  if (isSorted) return samples;
  return pick(samples, Array.from(startMs, (_, index) => index).toSorted((a, b) => startMs[a]! - startMs[b]!));
}
