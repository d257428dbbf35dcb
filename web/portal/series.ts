/** Reading columnar replies: which source is the newest, and its points. Sources are never mixed within one number. */
import type { LinePoint } from "#web/charts/bars.ts";
import type { DaySummary, MetricName, MetricSeries, MetricsReply, Source } from "#web/client/types.ts";

export interface SourceSeries {
  readonly metric: MetricName;
  readonly source: Source;
  /** Ascending. */
  readonly points: readonly LinePoint[];
  readonly last: LinePoint;
}

/** The points of the source that has the newest value of a metric; null when there is none. */
export function newestSource(reply: Pick<MetricsReply, "sources">, series: MetricSeries): SourceSeries | null {
  const { times, values, sourceIndexes } = series;
  const newest = times.length - 1;
  const chosen = sourceIndexes[newest];
  const source = chosen === undefined ? undefined : reply.sources[chosen];
  if (!source) return null;
  const points = times.flatMap((atMs, index) => {
    const value = values[index];
    return value !== undefined && sourceIndexes[index] === chosen ? [{ atMs, value }] : [];
  });
  const last = points[points.length - 1];
  return last ? { metric: series.metric, source, points, last } : null;
}

/** Of several metrics that mean nearly the same, the one measured last; at equal times the one named first in `order`. */
export function newestMetric(reply: MetricsReply, order: readonly MetricName[]): SourceSeries | null {
  let best: SourceSeries | null = null;
  for (const metric of order) {
    for (const series of reply.series) {
      if (series.metric !== metric) continue;
      const candidate = newestSource(reply, series);
      if (candidate && (!best || candidate.last.atMs > best.last.atMs)) best = candidate;
    }
  }
  return best;
}

export const meanOf = (points: readonly LinePoint[]): number => points.reduce((sum, point) => sum + point.value, 0) / points.length;

export interface DayValue {
  readonly date: string;
  readonly value: number;
  readonly source: Source;
}

/** One metric out of day summaries, ascending by date; days without it are left out. */
export function dayValues(days: readonly DaySummary[], metric: MetricName): DayValue[] {
  return days
    .flatMap(({ date, metrics }) => {
      const found = metrics.find((candidate) => candidate.metric === metric);
      return found ? [{ date, value: found.value, source: found.source }] : [];
    })
    .toSorted((a, b) => a.date.localeCompare(b.date));
}
