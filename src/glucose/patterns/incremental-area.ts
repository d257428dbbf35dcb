/** Area between the line through readings and a baseline. */
import { HOUR_MS, type Window } from "#units/time.ts";
import type { Series } from "../series.ts";
import { firstFrom } from "./coverage.ts";
import { GAP_MS } from "./value-at.ts";

/**
 * Area above the baseline within the window, by trapezoids under the straight lines between readings: what lies below is ignored, and where a line crosses the
 * baseline only its upper part counts. Lines between readings more than 45 minutes apart are not drawn.
 * @returns `area` in unit × hours, and how much of the window the lines cover. Source: Wolever & Jenkins 1986.
 */
export function areaAbove({ timesMs, values }: Series, { fromMs, toMs }: Window, baseline: number): { area: number; coveredMs: number } {
  let area = 0;
  let coveredMs = 0;
  for (let i = Math.max(1, firstFrom(timesMs, fromMs)); i < timesMs.length && timesMs[i - 1]! < toMs; i++) {
    const [startMs, endMs] = [timesMs[i - 1]!, timesMs[i]!];
    const [leftMs, rightMs] = [Math.max(startMs, fromMs), Math.min(endMs, toMs)];
    if (endMs - startMs > GAP_MS || rightMs <= leftMs) continue;
    const slope = (values[i]! - values[i - 1]!) / (endMs - startMs);
    const left = values[i - 1]! + slope * (leftMs - startMs) - baseline;
    const right = values[i - 1]! + slope * (rightMs - startMs) - baseline;
    area += (trapezoid(left, right) * (rightMs - leftMs)) / HOUR_MS;
    coveredMs += rightMs - leftMs;
  }
  return { area, coveredMs };
}

/** Mean height of the positive part of a line from one height to another. */
function trapezoid(left: number, right: number): number {
  if (left >= 0 && right >= 0) return (left + right) / 2;
  if (left <= 0 && right <= 0) return 0;
  const high = Math.max(left, right);
  return (high * high) / (2 * Math.abs(right - left));
}
