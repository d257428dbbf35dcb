/** Readings told apart by a key (an hour, a weekday), each group's values in a row. */

export interface Groups {
  /** Values of all groups, those of a group in their order of time. */
  readonly values: Float64Array;
  /** Group `g` is `[starts[g], starts[g + 1])` of `values`. */
  readonly starts: Int32Array;
  /** Different days that each group has readings of. */
  readonly days: Int32Array;
}

/**
 * Sorts values by their key in one pass. @param keys 0 up to `count`; a negative key leaves the reading out. @param dayIndexes ascending.
 */
export function groupBy(keys: Int16Array, count: number, { values, dayIndexes }: { values: Float64Array; dayIndexes: Int32Array }): Groups {
  const starts = new Int32Array(count + 1);
  for (let i = 0; i < keys.length; i++) if (keys[i]! >= 0) starts[keys[i]! + 1]!++;
  for (let group = 0; group < count; group++) starts[group + 1]! += starts[group]!;
  const next = starts.slice(0, count);
  const lastDay = new Int32Array(count).fill(-1);
  const days = new Int32Array(count);
  const grouped = new Float64Array(starts[count]!);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    if (key < 0) continue;
    grouped[next[key]!++] = values[i]!;
    if (dayIndexes[i] === lastDay[key]) continue;
    lastDay[key] = dayIndexes[i]!;
    days[key]!++;
  }
  return { values: grouped, starts, days };
}

/** The key of each reading from its minute on the wall. */
export function keysOf(minutes: Float64Array, keyOf: (minute: number) => number): Int16Array {
  const keys = new Int16Array(minutes.length);
  for (let i = 0; i < minutes.length; i++) keys[i] = keyOf(minutes[i]!);
  return keys;
}

/** The values of one group, a view. */
export function valuesOf({ values, starts }: Groups, group: number): Float64Array {
  return values.subarray(starts[group], starts[group + 1]);
}
