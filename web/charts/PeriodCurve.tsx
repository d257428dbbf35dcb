import { useCallback, useMemo } from "react";
import type uPlot from "uplot";
import { type Bucket, bucketSeries, bucketWidth } from "./buckets.ts";
import type { Thresholds } from "./curve-drawing.ts";
import type { CurveWords } from "./GlucoseCurve.tsx";
import { bandLine, drawTargetOf, glucoseFrame, type GlucoseFrame } from "./glucose-options.ts";
import { usePalette } from "./palette.ts";
import { type CurveOptions, TimeCurve } from "./TimeCurve.tsx";

const HEIGHT = 260;
const MOST_BUCKETS = 400;

/** A period's readings as buckets of equal width. */
export function periodBuckets(
  series: { readonly times: readonly number[]; readonly values: readonly number[] },
  span: { readonly fromMs: number; readonly toMs: number },
): { readonly buckets: readonly Bucket[]; readonly widthMs: number } {
  const widthMs = bucketWidth(span.toMs - span.fromMs, MOST_BUCKETS);
  return { buckets: bucketSeries(series.times, series.values, widthMs), widthMs };
}

export interface PeriodCurveProps {
  readonly buckets: readonly Bucket[];
  readonly widthMs: number;
  readonly span: { readonly fromMs: number; readonly toMs: number };
  readonly zone: string;
  readonly thresholds: Thresholds;
  readonly words: CurveWords;
  readonly label: string;
  readonly describe: (bucket: Bucket) => string;
}

/** Glucose over days and weeks: the mean as a line in a ribbon from lowest to highest. */
export function PeriodCurve({ buckets, widthMs, span, zone, thresholds, words, label, describe }: PeriodCurveProps) {
  const palette = usePalette();
  const { data, rows } = useMemo(() => ribbonData(buckets, widthMs), [buckets, widthMs]);
  const points = useMemo(() => rows.flatMap((row, index) => (row ? [index] : [])), [rows]);
  const build = useCallback(
    (width: number): CurveOptions => {
      if (!palette) return { series: [] };
      const max = Math.max(thresholds.veryHigh, ...buckets.map((bucket) => bucket.max));
      const frame: GlucoseFrame = { span, zone, thresholds, max, lanes: 0.4, height: HEIGHT, palette, ...words };
      const edge = { stroke: "transparent", width: 0, points: { show: false } };
      return {
        ...glucoseFrame(frame, width),
        series: [{}, { ...bandLine(frame, 2), points: { show: false } }, edge, edge],
        bands: [{ series: [2, 3], fill: palette.ribbon }],
        hooks: { drawAxes: [drawTargetOf(frame)] },
      };
    },
    [palette, buckets, span, zone, thresholds, words],
  );
  return (
    <TimeCurve
      data={data} points={points} build={build} height={HEIGHT} label={label}
      describe={(position) => {
        const row = rows[position];
        return row ? describe(row) : "";
      }}
    />
  );
}

/** Rows for uPlot: time, mean, max, min, with an empty column where buckets do not touch. */
function ribbonData(buckets: readonly Bucket[], widthMs: number): { data: uPlot.AlignedData; rows: (Bucket | null)[] } {
  const rows: (Bucket | null)[] = [];
  const times: number[] = [];
  let previousMs: number | undefined;
  for (const bucket of buckets) {
    if (previousMs !== undefined && bucket.atMs - previousMs > widthMs * 1.5) {
      rows.push(null);
      times.push(previousMs + widthMs);
    }
    rows.push(bucket);
    times.push(bucket.atMs);
    previousMs = bucket.atMs;
  }
  const column = (pick: (bucket: Bucket) => number): (number | null)[] => rows.map((row) => (row ? pick(row) : null));
  return { data: [times, column((row) => row.mean), column((row) => row.max), column((row) => row.min)], rows };
}
