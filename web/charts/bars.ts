/** Geometry of day bars and of the small lines on cards. */

export interface BarRect {
  readonly index: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * One bar per value, standing on the bottom line; null (no data) leaves its place empty. `max` is the value of full height.
 * A value above zero is at least one unit high, so that it is not taken for missing.
 */
export function barRects(
  values: readonly (number | null)[],
  max: number,
  size: { readonly width: number; readonly height: number; readonly gap: number },
): BarRect[] {
  if (values.length === 0 || max <= 0) return [];
  const slot = size.width / values.length;
  const width = Math.max(slot - Math.min(size.gap, slot * 0.3), 0.5);
  return values.flatMap((value, index) => {
    if (value === null) return [];
    const height = value > 0 ? Math.max((Math.min(value, max) / max) * size.height, 1) : 0;
    return [{ index, x: index * slot + (slot - width) / 2, y: size.height - height, width, height }];
  });
}

export interface LinePoint {
  readonly atMs: number;
  readonly value: number;
}

/**
 * SVG path of a small line over `points` (ascending), broken where neighbours are more than `maxJoinMs` apart; and where its
 * last point stands. A flat line stands in the middle. Empty path for no points.
 */
export function sparkPath(
  points: readonly LinePoint[],
  size: { readonly width: number; readonly height: number; readonly maxJoinMs: number },
): { readonly path: string; readonly last: { readonly x: number; readonly y: number } | null } {
  const first = points[0];
  const final = points[points.length - 1];
  if (!first || !final) return { path: "", last: null };
  const values = points.map((point) => point.value);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const spanMs = Math.max(final.atMs - first.atMs, 1);
  const place = (point: LinePoint): { x: number; y: number } => ({
    x: points.length === 1 ? size.width : ((point.atMs - first.atMs) / spanMs) * size.width,
    y: high === low ? size.height / 2 : size.height - ((point.value - low) / (high - low)) * size.height,
  });
  let path = "";
  let previousMs = Number.NEGATIVE_INFINITY;
  for (const point of points) {
    const { x, y } = place(point);
    path += `${point.atMs - previousMs > size.maxJoinMs ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    previousMs = point.atMs;
  }
  return { path, last: place(final) };
}

/** Mean of each of `slots` equal stretches of `[fromMs, toMs)`; null where there is nothing. */
export function slotMeans(
  points: readonly LinePoint[],
  span: { readonly fromMs: number; readonly toMs: number },
  slots: number,
): (number | null)[] {
  const sums = Array.from({ length: slots }, () => ({ sum: 0, count: 0 }));
  for (const { atMs, value } of points) {
    const slot = sums[Math.floor(((atMs - span.fromMs) / (span.toMs - span.fromMs)) * slots)];
    if (!slot) continue;
    slot.sum += value;
    slot.count += 1;
  }
  return sums.map(({ sum, count }) => (count === 0 ? null : sum / count));
}
