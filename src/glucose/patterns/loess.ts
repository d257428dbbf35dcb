/**
 * Local quadratic regression of one predictor with nearest-neighbour bandwidth ("loess", family gaussian), fitted at the vertices of a k-d tree and
 * blended between them by cubics. Source: Cleveland 1979, JASA 74:829; Cleveland & Grosse 1991, Statistics and Computing 1:47; cgm-metrics §10.
 */
import type { Percentiles } from "./agp.ts";

/** Share of the points that each local fit takes in. */
export const LOESS_SPAN = 0.3;
/** A cell with at most this share of a local fit's points is not cut any further. */
const CELL_SHARE = 0.2;
/** The outermost vertices stand this share of the range outside of the data. */
const MARGIN_SHARE = 0.005;
/** A quadratic needs three points that carry weight; the outermost of the neighbourhood has none. */
const FEWEST_NEIGHBOURS = 4;
/** Pivots below this share of a matrix' diagonal are taken for zero. */
const SINGULAR = 1e-10;

const KEYS = ["p05", "p25", "p50", "p75", "p95"] as const;

/**
 * Percentiles by time of day, each drawn through `loess`: the profile of a fine grid. Slots without percentiles are left out of the fit and stay null.
 * @param minutes time of day of each slot, strictly ascending. @param percentiles in any unit, as many as minutes; results are in the same.
 * All null where fewer slots have percentiles than a fit needs (`loess`). Throws RangeError when the lengths differ.
 * Source: cgm-metrics §10 (iglu).
 */
export function smoothPercentiles(minutes: ArrayLike<number>, percentiles: readonly (Percentiles | null)[]): (Percentiles | null)[] {
  if (minutes.length !== percentiles.length) throw new RangeError("A profile needs as many minutes as percentiles.");
  const slots = Array.from(percentiles.keys()).filter((slot) => percentiles[slot] !== null);
  const x = Float64Array.from(slots, (slot) => minutes[slot]!);
  const smoothed = loess(x, KEYS.map((key) => Float64Array.from(slots, (slot) => percentiles[slot]![key])));
  const rows = percentiles.map((): Percentiles | null => null);
  if (smoothed === null) return rows;
  const [p05, p25, p50, p75, p95] = smoothed as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  for (const [index, slot] of slots.entries()) {
    rows[slot] = { p05: p05[index]!, p25: p25[index]!, p50: p50[index]!, p75: p75[index]!, p95: p95[index]! };
  }
  return rows;
}

/**
 * Smooth values at each `x` of several columns that share it: span 0.3, degree 2, tricube weights.
 * @param x strictly ascending. @param columns each as long as `x`, any unit; results are in the same.
 * Null where a neighbourhood (30 % of the points) holds fewer than four. Source: see the head of this file.
 */
export function loess(x: Float64Array, columns: readonly Float64Array[], span = LOESS_SPAN): Float64Array[] | null {
  const n = x.length;
  const neighbours = Math.min(n, Math.floor(n * span + 1e-5));
  if (neighbours < FEWEST_NEIGHBOURS) return null;
  const vertices = verticesOf(x, Math.floor(n * span * CELL_SHARE));
  const fits = vertices.map((vertex) => localFit(x, columns, vertex, neighbours));
  return columns.map((_, column) => blend(x, vertices, fits.map((fit) => fit[column]!)));
}

/** Cuts at median points until the cells are small; the cuts and the two outer vertices, ascending. */
function verticesOf(x: Float64Array, mostInCell: number): number[] {
  const [first, last] = [x[0]!, x[x.length - 1]!];
  const margin = MARGIN_SHARE * (last - first);
  const cuts: number[] = [];
  const pending: [number, number][] = [[0, x.length - 1]];
  while (pending.length > 0) {
    const [from, to] = pending.pop()!;
    if (to - from + 1 <= mostInCell || from === to) continue;
    const middle = Math.floor((from + to) / 2);
    cuts.push(x[middle]!);
    pending.push([from, middle], [middle + 1, to]);
  }
  return [first - margin, ...cuts.toSorted((a, b) => a - b), last + margin];
}

/** Value and slope of a local quadratic at a vertex. */
interface Fit {
  readonly value: number;
  readonly slope: number;
}

/** Weighted least squares at `at`, of each column: the constant and the linear term of the quadratic in (x − at). */
function localFit(x: Float64Array, columns: readonly Float64Array[], at: number, neighbours: number): Fit[] {
  const from = nearestFrom(x, at, neighbours);
  const to = from + neighbours;
  const reach = Math.max(at - x[from]!, x[to - 1]! - at);
  // Moments of u = (x − at)/reach up to the fourth, and of each column with the first three powers.
  const moments = new Float64Array(5);
  const crossed = columns.map(() => new Float64Array(3));
  for (let i = from; i < to; i++) {
    const u = (x[i]! - at) / reach;
    const weight = tricube(Math.abs(u));
    for (let power = 0, term = weight; power < 5; power++, term *= u) moments[power]! += term;
    for (const [column, cross] of crossed.entries()) {
      const y = columns[column]![i]!;
      cross[0]! += weight * y;
      cross[1]! += weight * u * y;
      cross[2]! += weight * u * u * y;
    }
  }
  return crossed.map((cross) => {
    const [value, slope] = solve(moments, cross);
    return { value, slope: slope / reach };
  });
}

function tricube(u: number): number {
  return u >= 1 ? 0 : (1 - u ** 3) ** 3;
}

/** Index from which the nearest points to `at` lie in a row. */
function nearestFrom(x: Float64Array, at: number, neighbours: number): number {
  let [low, high] = [0, x.length - neighbours];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at - x[middle]! > x[middle + neighbours]! - at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Solves the symmetric 3 × 3 system of moments by Cholesky's way; what cannot be told from the points counts as zero. */
function solve(m: Float64Array, b: Float64Array): [number, number] {
  const [m0, m1, m2, m3, m4] = [m[0]!, m[1]!, m[2]!, m[3]!, m[4]!];
  const l10 = m1 / m0;
  const l20 = m2 / m0;
  const d1 = m2 - l10 * m1;
  const c21 = m3 - l20 * m1;
  const l21 = d1 > SINGULAR * m2 ? c21 / d1 : 0;
  const d2 = m4 - l20 * m2 - l21 * c21;
  const y1 = b[1]! - l10 * b[0]!;
  const y2 = b[2]! - l20 * b[0]! - l21 * y1;
  const a2 = d2 > SINGULAR * m4 ? y2 / d2 : 0;
  const a1 = d1 > SINGULAR * m2 ? y1 / d1 - l21 * a2 : 0;
  return [b[0]! / m0 - l10 * a1 - l20 * a2, a1];
}

/** Cubic Hermite interpolation between the two vertices around each point. */
function blend(x: Float64Array, vertices: readonly number[], fits: readonly Fit[]): Float64Array {
  let cell = 0;
  return x.map((at) => {
    while (cell < vertices.length - 2 && at > vertices[cell + 1]!) cell++;
    const width = vertices[cell + 1]! - vertices[cell]!;
    const h = (at - vertices[cell]!) / width;
    const [left, right] = [fits[cell]!, fits[cell + 1]!];
    return (1 - h) ** 2 * (1 + 2 * h) * left.value + h ** 2 * (3 - 2 * h) * right.value
      + width * h * (1 - h) * ((1 - h) * left.slope - h * right.slope);
  });
}
