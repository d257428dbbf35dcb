import { useCallback, useMemo } from "react";
import type uPlot from "uplot";
import { bandGradient, type CurveMark, type CurveSpan, drawLast, drawMarks, drawSpans, type Thresholds } from "./curve-drawing.ts";
import { withGaps } from "./gaps.ts";
import { bandLine, drawTargetOf, glucoseFrame, type GlucoseFrame } from "./glucose-options.ts";
import { usePalette } from "./palette.ts";
import { type CurveOptions, TimeCurve } from "./TimeCurve.tsx";

/** The words and numbers of the page around the curve. Keep the object stable between renders. */
export interface CurveWords {
  readonly formatValue: (value: number) => string;
  readonly formatTime: (ms: number) => string;
  readonly formatDay: (ms: number) => string;
}

export interface GlucoseCurveProps {
  /** UTC epoch milliseconds, ascending, and values in one unit. */
  readonly times: readonly number[];
  readonly values: readonly number[];
  readonly span: { readonly fromMs: number; readonly toMs: number };
  readonly zone: string;
  readonly thresholds: Thresholds;
  readonly marks: readonly CurveMark[];
  readonly activities: readonly CurveSpan[];
  readonly words: CurveWords;
  readonly label: string;
  readonly describe: (atMs: number, value: number) => string;
}

const HEIGHT = 300;
/** With more points than this in view, single dots only blur the line. */
const MOST_DOTS = 80;

/** Glucose over some hours: line coloured by band, target band, gaps left open, meals and insulin below. */
export function GlucoseCurve(props: GlucoseCurveProps) {
  const { times, values, span, zone, thresholds, marks, activities, words, label, describe } = props;
  const palette = usePalette();
  const series = useMemo(() => withGaps(times, values), [times, values]);
  const data = useMemo<uPlot.AlignedData>(() => [[...series.times], [...series.values]], [series]);
  const points = useMemo(() => pointsInView(series, span), [series, span]);
  const build = useCallback(
    (width: number): CurveOptions => {
      if (!palette) return { series: [] };
      const max = Math.max(thresholds.veryHigh, ...points.map((at) => series.values[at] ?? 0));
      const frame: GlucoseFrame = { span, zone, thresholds, max, lanes: marks.length > 0 ? 2.4 : 0.4, height: HEIGHT, palette, ...words };
      const last = points[points.length - 1];
      const lastPoint = last === undefined ? null : { atMs: series.times[last]!, value: series.values[last]! };
      return {
        ...glucoseFrame(frame, width),
        series: [{}, { ...bandLine(frame, 2.5), points: dotsOf(series.values, points.length, (u) => bandGradient(u, thresholds, palette)) }],
        hooks: {
          drawAxes: [drawTargetOf(frame)],
          draw: [
            (u) => {
              drawSpans(u, activities, palette);
              drawMarks(u, marks, palette);
              if (lastPoint) drawLast(u, lastPoint, palette);
            },
          ],
        },
      };
    },
    [palette, series, points, span, zone, thresholds, marks, activities, words],
  );
  return (
    <TimeCurve
      data={data} points={points} build={build} height={HEIGHT} label={label}
      describe={(position) => describe(series.times[position] ?? 0, series.values[position] ?? 0)}
    />
  );
}

function pointsInView(
  series: { readonly times: readonly number[]; readonly values: readonly (number | null)[] },
  span: { readonly fromMs: number; readonly toMs: number },
): number[] {
  const points: number[] = [];
  series.times.forEach((time, index) => {
    if (series.values[index] !== null && time >= span.fromMs && time <= span.toMs) points.push(index);
  });
  return points;
}

/** Dots for all points while there are few, else only for points that stand alone and would have no line. */
function dotsOf(values: readonly (number | null)[], inView: number, fill: (u: uPlot) => CanvasGradient): uPlot.Series.Points {
  const alone = values.flatMap((value, index) => (value !== null && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null ? [index] : []));
  const showAll = inView <= MOST_DOTS;
  return { show: showAll, size: 6, width: 0, fill, filter: () => (showAll ? null : alone) };
}
