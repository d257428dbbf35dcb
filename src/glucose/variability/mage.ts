/**
 * Mean amplitude of glycaemic excursions (MAGE): the mean height of rises and falls that exceed one SD, found by where a short and a long moving average
 * cross. There is no single MAGE; this is the moving-average algorithm of Fernandes 2022 (J Diabetes Sci Technol) in iglu's version, and beside it the
 * naive one under its own name. Source: cgm-metrics §9.
 */
import type { Distribution } from "../distribution.ts";
import { mean, standardDeviation, type Description } from "../statistics.ts";
import { excursionHeights, type Direction } from "./mage-excursions.ts";
import { turningPoints } from "./mage-turning-points.ts";

/** Slots of the two moving averages, on the 5-minute grid that MAGE is defined on. */
const LONG = 32;
/** Fewer readings than this are not looked at. */
const FEWEST = 7;
/** A flat piece has no excursions. */
const LEAST_SD_MG_DL = 1;
/** Longer runs of empty slots split the trace. */
const LONGEST_EMPTY_MINUTES = 180;
export const MAGE_STEP_MINUTES = 5;

/** In the unit of the grid; null where nothing exceeds one SD, or too little is there. */
export interface Mage {
  /** Both directions, each piece by its length. */
  readonly average: number | null;
  /** In the direction of each piece's first countable excursion. */
  readonly service: number | null;
  /** The larger of the two directions. */
  readonly max: number | null;
  readonly plus: number | null;
  readonly minus: number | null;
}

/** One direction of one piece. */
export interface MagePiece {
  /** Slots `[from, to]` of the grid. */
  readonly from: number;
  readonly to: number;
  readonly mage: number | null;
  readonly direction: Direction | null;
  /** Whether the piece's first countable excursion goes this way. */
  readonly isFirst: boolean | null;
}

const NO_MAGE: Mage = { average: null, service: null, max: null, plus: null, minus: null };

/** MAGE of a 5-minute grid. @param scale what turns its values into mg/dL (a piece counts from an SD of 1 mg/dL on). */
export function mage(grid: Float64Array, scale = 1): Mage {
  return mageOfPieces(magePieces(grid, scale));
}

/** The pieces that MAGE is made of: two rows, one a direction, for each piece that has a value; one for each that has none. */
export function magePieces(grid: Float64Array, scale = 1): MagePiece[] {
  let [first, last] = [0, grid.length - 1];
  while (first <= last && Number.isNaN(grid[first]!)) first++;
  while (last >= first && Number.isNaN(grid[last]!)) last--;
  let count = 0;
  for (let i = first; i <= last; i++) if (!Number.isNaN(grid[i]!)) count++;
  if (count < FEWEST || count < LONG) return [];
  return split(grid, first, last).flatMap((piece) => rowsOf(grid, piece, scale));
}

/** Runs of empty slots longer than three hours are pieces of their own; shorter ones stay inside a piece. */
function split(grid: Float64Array, first: number, last: number): { readonly from: number; readonly to: number }[] {
  const longest = LONGEST_EMPTY_MINUTES / MAGE_STEP_MINUTES;
  const pieces: { from: number; to: number }[] = [];
  let from = first;
  for (let i = first; i <= last; i++) {
    if (!Number.isNaN(grid[i]!)) continue;
    let end = i;
    while (Number.isNaN(grid[end + 1]!)) end++;
    if (end - i + 1 > longest) {
      pieces.push({ from, to: i - 1 }, { from: i, to: end });
      from = end + 1;
    }
    i = end;
  }
  return [...pieces, { from, to: last }];
}

function rowsOf(grid: Float64Array, { from, to }: { readonly from: number; readonly to: number }, scale: number): MagePiece[] {
  const nothing = [{ from, to, mage: null, direction: null, isFirst: null }];
  const values = grid.subarray(from, to + 1);
  const present = withoutEmpty(values);
  const sd = standardDeviation(present);
  if (present.length < LONG || sd === null || sd * scale < LEAST_SD_MG_DL) return nothing;
  const points = turningPoints(values);
  const found = { plus: excursionHeights(points, sd, "plus"), minus: excursionHeights(points, sd, "minus") };
  if (found.plus.heights.length === 0 && found.minus.heights.length === 0) return nothing;
  const isPlusFirst = found.plus.firstAt < found.minus.firstAt;
  return (["plus", "minus"] as const).map((direction) => ({
    from, to, direction, mage: mean(Float64Array.from(found[direction].heights)), isFirst: (direction === "plus") === isPlusFirst,
  }));
}

/**
 * Numbers of all pieces together, each weighted by its length. As in the reference, a direction that some piece with excursions lacks has no number of its
 * own, and such a piece says nothing about the larger direction.
 */
function mageOfPieces(pieces: readonly MagePiece[]): Mage {
  const rows = pieces.filter(({ direction }) => direction !== null);
  if (rows.length === 0) return NO_MAGE;
  const weighted = (some: readonly MagePiece[]): number | null => {
    let [sum, weights] = [0, 0];
    for (const { from, to, mage: height } of some) {
      if (height === null) return null;
      sum += height * (to - from);
      weights += to - from;
    }
    return weights === 0 ? null : sum / weights;
  };
  const isLargest = (row: MagePiece): boolean => rows.every((other) => other.from !== row.from || (other.mage !== null && other.mage <= row.mage!));
  const has = (row: MagePiece): boolean => row.mage !== null;
  return {
    average: weighted(rows.filter(has)), service: weighted(rows.filter(({ isFirst }) => isFirst)), max: weighted(rows.filter((row) => has(row) && isLargest(row))),
    plus: weighted(rows.filter(({ direction }) => direction === "plus")), minus: weighted(rows.filter(({ direction }) => direction === "minus")),
  };
}

function withoutEmpty(values: Float64Array): Float64Array {
  const present = new Float64Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] === values[i]) present[count++] = values[i]!;
  return present.subarray(0, count);
}

/**
 * The naive MAGE of older software: mean distance from the mean of the readings that lie more than one SD from it. Not an amplitude of excursions; null where
 * no reading is so far away.
 */
export function mageNaive({ values, counts }: Distribution, { mean: average, sd }: Pick<Description, "mean" | "sd">): number | null {
  if (sd === null) return null;
  let [sum, count] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const distance = Math.abs(values[i]! - average);
    if (distance <= sd) continue;
    sum += counts[i]! * distance;
    count += counts[i]!;
  }
  return count === 0 ? null : sum / count;
}
