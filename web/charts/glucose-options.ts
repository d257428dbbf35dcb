/** uPlot settings that the two glucose curves share. */
import type uPlot from "uplot";
import type { ChartPalette } from "./palette.ts";
import { bandGradient, drawTarget, LANE_PX, type Thresholds } from "./curve-drawing.ts";
import { glucoseDomain, glucoseTicks, timeTicks, withoutCrowding } from "./ticks.ts";
import type { CurveOptions } from "./TimeCurve.tsx";

export interface GlucoseFrame {
  readonly span: { readonly fromMs: number; readonly toMs: number };
  readonly zone: string;
  readonly thresholds: Thresholds;
  /** Highest value drawn. */
  readonly max: number;
  /** Number of lanes kept free at the foot. */
  readonly lanes: number;
  readonly height: number;
  readonly palette: ChartPalette;
  readonly formatValue: (value: number) => string;
  readonly formatTime: (ms: number) => string;
  readonly formatDay: (ms: number) => string;
}

const X_AXIS_PX = 26;
const TOP_PX = 8;
const Y_AXIS_PX = 42;
const FONT = "12px system-ui, sans-serif";

/** Scales, axes, cursor and target band for a canvas of this width. The caller adds its series and marks. */
export function glucoseFrame(frame: GlucoseFrame, width: number): Pick<CurveOptions, "axes" | "cursor" | "legend" | "padding" | "scales"> {
  const { palette, span, thresholds } = frame;
  const plotPx = frame.height - X_AXIS_PX - TOP_PX;
  const domain = glucoseDomain(thresholds, frame.max, (frame.lanes * LANE_PX) / plotPx);
  const ticks = timeTicks(span, frame.zone, Math.max(Math.floor((width - Y_AXIS_PX) / 62), 2));
  const toPx = (value: number): number => ((value - domain.min) / (domain.max - domain.min)) * plotPx;
  const [veryLow, low, high, veryHigh, ...above] = glucoseTicks(thresholds, frame.max) as [number, number, number, number, ...number[]];
  const values = withoutCrowding([low, high, veryHigh, ...above, veryLow], toPx, 16);
  const label = ticks.areDays ? frame.formatDay : frame.formatTime;
  return {
    padding: [TOP_PX, 12, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false, setScale: false }, points: { size: 9, width: 2, stroke: palette.text, fill: palette.surface } },
    scales: { x: { time: false, range: () => [span.fromMs, span.toMs] }, y: { range: () => [domain.min, domain.max] } },
    axes: [
      {
        stroke: palette.text, font: FONT, size: X_AXIS_PX, gap: 6, grid: { show: false }, ticks: { show: false },
        splits: () => [...ticks.times], values: (_u, splits) => splits.map((at) => label(at)),
      },
      {
        stroke: palette.text, font: FONT, size: Y_AXIS_PX, gap: 6, grid: { stroke: palette.grid, width: 1 }, ticks: { show: false },
        splits: () => values, values: (_u, splits) => splits.map((value) => frame.formatValue(value)),
      },
    ],
  };
}

/** A line that takes the colour of the band it runs through. */
export function bandLine(frame: GlucoseFrame, width: number): Pick<uPlot.Series, "stroke" | "width"> {
  return { stroke: (u) => bandGradient(u, frame.thresholds, frame.palette), width };
}

export const drawTargetOf = (frame: GlucoseFrame) => (u: uPlot): void => drawTarget(u, frame.thresholds, frame.palette);
