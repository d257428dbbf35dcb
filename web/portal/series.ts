/** Reading columnar replies: which source is the newest, and its points. Sources are never mixed within one number. */
import type { LinePoint } from "#web/charts/bars.ts";
import { localDate } from "#units/time.ts";
import type { MetricName, MetricSeries, MetricsReply, Source } from "#web/client/types.ts";

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

/** One number a day of a metric (a reply of resolution `1d`), ascending by date; days without it are left out. */
export function dayValues(reply: Pick<MetricsReply, "sources" | "series">, metric: MetricName, zone: string): DayValue[] {
  const series = reply.series.find((candidate) => candidate.metric === metric);
  if (!series) return [];
  return series.times.flatMap((atMs, index) => {
    const value = series.values[index];
    const source = reply.sources[series.sourceIndexes[index] ?? -1];
    return value === undefined || !source ? [] : [{ date: localDate(zone, atMs), value, source }];
  });
}
