/** A long series as a ribbon: mean, lowest and highest of each stretch of time. */

export interface Bucket {
  /** Middle of the bucket, UTC epoch milliseconds. */
  readonly atMs: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

/** Widths that divide a day, so that a bucket never mixes two times of day differently from its neighbour. */
const WIDTHS_MS = [0.5, 1, 2, 3, 6, 12, 24].map((hours) => hours * 3_600_000);

/** Smallest width that gives at most `most` buckets over the span. */
export function bucketWidth(spanMs: number, most: number): number {
  return WIDTHS_MS.find((width) => spanMs / width <= most) ?? WIDTHS_MS[WIDTHS_MS.length - 1]!;
}

/** Groups an ascending series; empty buckets are left out (a gap stays a gap). */
export function bucketSeries(times: readonly number[], values: readonly number[], widthMs: number): Bucket[] {
  const buckets: Bucket[] = [];
  let open: { slot: number; sum: number; min: number; max: number; count: number } | null = null;
  const close = (): void => {
    if (!open) return;
    buckets.push({ atMs: open.slot * widthMs + widthMs / 2, mean: open.sum / open.count, min: open.min, max: open.max, count: open.count });
  };
  times.forEach((time, index) => {
    const value = values[index];
    if (value === undefined) return;
    const slot = Math.floor(time / widthMs);
    if (open?.slot !== slot) {
      close();
      open = { slot, sum: 0, min: value, max: value, count: 0 };
    }
    open.sum += value;
    open.count += 1;
    open.min = Math.min(open.min, value);
    open.max = Math.max(open.max, value);
  });
  close();
  return buckets;
}
