/** Where the lanes of a day's picture stand: one time axis, glucose on top, below it what was taken, slept and done. CSS pixels. */
import type { View } from "./viewport.ts";

export const LANES = ["glucose", "bolus", "basal", "carbohydrates", "notes", "sleep", "activity", "heart"] as const;
export type LaneName = (typeof LANES)[number];

export interface Lane {
  readonly top: number;
  readonly height: number;
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** The plot's edges. */
  readonly left: number;
  readonly right: number;
  readonly lanes: Readonly<Record<LaneName, Lane>>;
  /** Baseline of the axis' words. */
  readonly axisY: number;
  readonly xOf: (ms: number) => number;
  readonly msOf: (x: number) => number;
}

/** Room of each lane; the name of a lane stands above it. */
const HEIGHTS: Readonly<Record<LaneName, number>> = { glucose: 260, bolus: 20, basal: 20, carbohydrates: 20, notes: 18, sleep: 44, activity: 40, heart: 48 };
const TOP = 18;
const NAME = 17;
const AXIS = 24;
export const GUTTER = { left: 44, right: 10 } as const;

/** Every lane has its place whether or not it has data: what is missing is seen to be missing, and nothing jumps. */
export function frameOf(width: number, view: View): Frame {
  const [left, right] = [GUTTER.left, Math.max(width - GUTTER.right, GUTTER.left + 1)];
  const lanes: Partial<Record<LaneName, Lane>> = {};
  let y = TOP;
  for (const name of LANES) {
    const top = name === "glucose" ? y : y + NAME;
    lanes[name] = { top, height: HEIGHTS[name] };
    y = top + HEIGHTS[name] + (name === "glucose" ? AXIS : 4);
  }
  const scale = (right - left) / (view.toMs - view.fromMs);
  return {
    width, height: y, left, right, lanes: lanes as Record<LaneName, Lane>, axisY: TOP + HEIGHTS.glucose + 16,
    xOf: (ms) => left + (ms - view.fromMs) * scale, msOf: (x) => view.fromMs + (x - left) / scale,
  };
}

/** Places of the series that lie in the view, and one beyond either end, so that lines reach the edge. `[from, to)` of an ascending list. */
export function placesIn(times: readonly number[], { fromMs, toMs }: View): { readonly from: number; readonly to: number } {
  const first = firstAtOrAfter(times, fromMs);
  const last = firstAtOrAfter(times, toMs + 1);
  return { from: Math.max(first - 1, 0), to: Math.min(last + 1, times.length) };
}

export function firstAtOrAfter(times: readonly number[], ms: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place whose time is nearest, at most `withinMs` away; null where there is none. */
export function nearestPlace(times: readonly number[], ms: number, withinMs: number): number | null {
  const after = firstAtOrAfter(times, ms);
  const best = [after - 1, after].filter((place) => times[place] !== undefined).toSorted((a, b) => Math.abs(times[a]! - ms) - Math.abs(times[b]! - ms))[0];
  return best !== undefined && Math.abs(times[best]! - ms) <= withinMs ? best : null;
}

/** SVG path through the places `[from, to)`, begun anew where `isStart` says that nothing was measured before. */
export function linePath(range: { readonly from: number; readonly to: number }, point: (place: number) => readonly [x: number, y: number], isStart: (place: number) => boolean): string {
  let path = "";
  for (let place = range.from; place < range.to; place += 1) {
    const [x, y] = point(place);
    path += `${place === range.from || isStart(place) ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
  }
  return path;
}

/** Room of a mark, left of whose words they begin. */
export const MARK_PX = 14;

/** Which of the marks' words, in order of place, have room: none runs into the words before, the mark after or over the edge. */
export function withRoom(labels: readonly { readonly x: number; readonly width: number }[], right: number): boolean[] {
  let freeFrom = Number.NEGATIVE_INFINITY;
  return labels.map(({ x, width }, index) => {
    const next = labels[index + 1];
    if (x < freeFrom || x + width > Math.min(right, next === undefined ? right : next.x - MARK_PX)) return false;
    freeFrom = x + width + 8;
    return true;
  });
}

/** Sums of equal stretches, for bars that can be seen; `atMs` is where a stretch begins. */
export function summed(times: readonly number[], values: readonly number[], widthMs: number): { readonly atMs: number; readonly value: number }[] {
  const sums = new Map<number, number>();
  times.forEach((ms, index) => {
    const atMs = Math.floor(ms / widthMs) * widthMs;
    sums.set(atMs, (sums.get(atMs) ?? 0) + (values[index] ?? 0));
  });
  return [...sums].map(([atMs, value]) => ({ atMs, value })).toSorted((a, b) => a.atMs - b.atMs);
}
