/** Curves: where a line of readings is interrupted, what of it lies beyond a limit, and smooth lines that never swing beyond their points. */
import { coordinate, type Point } from "./scene.ts";

/** Half-open stretch of indexes. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** Stretches of ascending times without a step longer than `gapMs`. */
export function unbroken(timesMs: ArrayLike<number>, gapMs: number): Run[] {
  const runs: Run[] = [];
  for (let from = 0; from < timesMs.length; ) {
    let to = from + 1;
    while (to < timesMs.length && timesMs[to]! - timesMs[to - 1]! <= gapMs) to++;
    runs.push({ from, to });
    from = to;
  }
  return runs;
}

/** The pieces of a line beyond `level`, each closed along it: path data of the area between line and level. */
export function areaBeyond(points: readonly Point[], level: number, side: "above" | "below"): string {
  // Above on paper is less.
  const isBeyond = ({ y }: Point): boolean => (side === "above" ? y < level : y > level);
  let data = "";
  let piece: Point[] = [];
  const close = (): void => {
    if (piece.length > 1) data += `${piece.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${coordinate(x)} ${coordinate(y)}`).join("")}Z`;
    piece = [];
  };
  for (const [index, point] of points.entries()) {
    const before = points[index - 1];
    const isIn = isBeyond(point);
    if (before && isIn !== isBeyond(before)) {
      const crossing = { x: before.x + ((level - before.y) / (point.y - before.y)) * (point.x - before.x), y: level };
      piece.push(crossing);
      if (!isIn) close();
    } else if (isIn && piece.length === 0) piece.push({ x: point.x, y: level });
    if (isIn) piece.push(point);
  }
  if (piece.length > 0) {
    piece.push({ x: piece[piece.length - 1]!.x, y: level });
    close();
  }
  return data;
}

/**
 * A smooth curve through points of ascending x, as cubic pieces behind an opening M or L. Between two points it never leaves their values, so no percentile
 * crosses another because of the drawing. Source: Fritsch and Carlson 1980 (monotone cubic interpolation).
 */
export function smooth(points: readonly Point[], opening: "M" | "L" = "M"): string {
  if (points.length === 0) return "";
  const slopes = slopesOf(points);
  return points.reduce((data, { x, y }, index) => {
    if (index === 0) return `${opening}${coordinate(x)} ${coordinate(y)}`;
    const before = points[index - 1]!;
    const third = (x - before.x) / 3;
    const [first, second] = [{ x: before.x + third, y: before.y + slopes[index - 1]! * third }, { x: x - third, y: y - slopes[index]! * third }];
    return `${data}C${coordinate(first.x)} ${coordinate(first.y)} ${coordinate(second.x)} ${coordinate(second.y)} ${coordinate(x)} ${coordinate(y)}`;
  }, "");
}

/** The area between two smooth curves over the same x. */
export function ribbon(upper: readonly Point[], lower: readonly Point[]): string {
  return upper.length < 2 ? "" : `${smooth(upper)}${smooth(lower.toReversed(), "L")}Z`;
}

function slopesOf(points: readonly Point[]): number[] {
  const secants = points.slice(1).map(({ x, y }, index) => (y - points[index]!.y) / (x - points[index]!.x));
  return points.map((_, index) => {
    const [before, after] = [secants[index - 1], secants[index]];
    if (before === undefined || after === undefined) return before ?? after ?? 0;
    if (before * after <= 0) return 0;
    // The harmonic mean keeps the curve between its points.
    return (2 * before * after) / (before + after);
  });
}
