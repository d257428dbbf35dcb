/** In which order the sources of a metric count, and what of the past another order changes. Resolved days hang on it. */
import { rankSources } from "#samples/sources/ranking.ts";
import type { KnownSeries } from "#samples/read.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { DAY_MS, HOUR_MS, type Window } from "#units/time.ts";

/** How a metric's samples are read for a day: vendors' totals of a day stand for what is summed. */
export function resolutionOf(metric: MetricName): "1d" | "raw" {
  return METRICS[metric].aggregate === "sum" ? "1d" : "raw";
}

/**
 * How far a sample's word reaches: one of a better source hides others within minutes, an interval all that it overlaps (a day of a vendor's is 26 hours
 * long at most), and what is hidden hides nothing itself, so that several sources reach several times as far.
 */
export function marginOf(metric: MetricName): number {
  return METRICS[metric].form === "instant" ? HOUR_MS : LARGEST_MARGIN_MS;
}
export const LARGEST_MARGIN_MS = 4 * DAY_MS;

/** Ids of the metric's sources, the best first. */
export function orderOf(known: KnownSeries, metric: MetricName): string[] {
  return rankSources(known.series.filter((series) => series.metric === metric), known, resolutionOf(metric)).map(({ id }) => id);
}

/**
 * Stretches in which another order of sources may tell another truth; null where all may be another. A source that is new changes nothing by itself:
 * its samples are announced.
 * @param extents first and last start of each series' samples.
 */
export function changedByOrder(before: readonly string[], after: readonly string[], extents: ReadonlyMap<string, Window>): Window[] | null {
  const place = new Map(after.map((id, index) => [id, index]));
  if (before.some((id) => !place.has(id))) return null;
  const stretches: Window[] = [];
  for (const [index, one] of before.entries()) {
    for (const other of before.slice(index + 1)) {
      if (place.get(one)! < place.get(other)!) continue;
      const [a, b] = [extents.get(one), extents.get(other)];
      if (!a || !b) continue;
      const both = { fromMs: Math.max(a.fromMs, b.fromMs) - 2 * DAY_MS, toMs: Math.min(a.toMs, b.toMs) + 2 * DAY_MS };
      if (both.fromMs < both.toMs) stretches.push(both);
    }
  }
  return stretches;
}

/** The stretches as windows that neither touch nor overlap, ascending. */
export function mergeWindows(windows: readonly Window[]): Window[] {
  const merged: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, toMs } of windows.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = merged.at(-1);
    if (last && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else merged.push({ fromMs, toMs });
  }
  return merged;
}
