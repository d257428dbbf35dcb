/** The middle of many numbers without sorting all of them. */

/** Median of at least one number, in linear time on average; leaves `values` in another order. Not for NaN. Source: Hoare 1961. */
export function medianBySelection(values: Float64Array): number {
  const upper = values.length >> 1;
  const high = select(values, upper);
  if (values.length % 2 === 1) return high;
  // All that lies before the selected place is at most as large.
  let low = values[0]!;
  for (let i = 1; i < upper; i++) if (values[i]! > low) low = values[i]!;
  return low + (high - low) / 2;
}

/** The value of this rank (0 is the smallest), with smaller or equal ones before it and larger or equal ones behind it. */
function select(values: Float64Array, rank: number): number {
  let [left, right] = [0, values.length - 1];
  while (left < right) {
    const pivot = values[(left + right) >> 1]!;
    let [i, j] = [left, right];
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i <= j) {
        const kept = values[i]!;
        values[i++] = values[j]!;
        values[j--] = kept;
      }
    }
    if (rank <= j) right = j;
    else if (rank >= i) left = i;
    else break;
  }
  return values[rank]!;
}
