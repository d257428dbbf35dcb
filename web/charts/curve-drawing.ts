/** What a glucose canvas shows besides its line: bands, target, and the lanes of meals, insulin and activity. */
import type uPlot from "uplot";
import type { ChartPalette } from "./palette.ts";

/** Thresholds in the unit of the curve. */
export interface Thresholds {
  readonly veryLow: number;
  readonly low: number;
  readonly high: number;
  readonly veryHigh: number;
}

/** Something a person did at an instant, as a mark below the curve. */
export interface CurveMark {
  readonly atMs: number;
  readonly kind: "carbohydrates" | "insulin";
  /** Short, e.g. "45 g". */
  readonly label: string;
}

/** A stretch of time to be shaded, e.g. a workout. */
export interface CurveSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Height of one lane of marks, CSS pixels. */
export const LANE_PX = 18;

/** Canvas pixels per CSS pixel. */
const ratioOf = (u: uPlot): number => u.ctx.canvas.width / u.width;

/** Line colour that changes at the thresholds. */
export function bandGradient(u: uPlot, thresholds: Thresholds, palette: ChartPalette): CanvasGradient {
  const { top, height } = u.bbox;
  const gradient = u.ctx.createLinearGradient(0, top, 0, top + height);
  const { veryHigh, high, target, low, veryLow } = palette.bands;
  const place = (value: number): number => Math.min(Math.max((u.valToPos(value, "y", true) - top) / height, 0), 1);
  const edges: [number, string, string][] = [
    [place(thresholds.veryHigh), veryHigh, high],
    [place(thresholds.high), high, target],
    [place(thresholds.low), target, low],
    [place(thresholds.veryLow), low, veryLow],
  ];
  gradient.addColorStop(0, veryHigh);
  for (const [at, above, below] of edges) {
    gradient.addColorStop(at, above);
    gradient.addColorStop(at, below);
  }
  gradient.addColorStop(1, veryLow);
  return gradient;
}

/** The target as a tinted band with a line at each edge. Drawn below the curve. */
export function drawTarget(u: uPlot, thresholds: Thresholds, palette: ChartPalette): void {
  const { ctx, bbox } = u;
  const top = u.valToPos(thresholds.high, "y", true);
  const bottom = u.valToPos(thresholds.low, "y", true);
  ctx.save();
  ctx.fillStyle = palette.targetFill;
  ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
  ctx.strokeStyle = palette.targetLine;
  ctx.lineWidth = ratioOf(u);
  ctx.setLineDash([4 * ratioOf(u), 4 * ratioOf(u)]);
  for (const y of [top, bottom]) {
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

/** Shades stretches of time over the lanes at the foot of the plot. */
export function drawSpans(u: uPlot, spans: readonly CurveSpan[], palette: ChartPalette): void {
  const { ctx, bbox } = u;
  const height = 4 * ratioOf(u);
  ctx.save();
  ctx.fillStyle = palette.workout;
  for (const span of spans) {
    const from = Math.max(u.valToPos(span.fromMs, "x", true), bbox.left);
    const to = Math.min(u.valToPos(span.toMs, "x", true), bbox.left + bbox.width);
    if (to > from) ctx.fillRect(from, bbox.top + bbox.height - height, to - from, height);
  }
  ctx.restore();
}

/** Meals (dots) and insulin (triangles) in a lane each; a label is left out where it would run into the one before. */
export function drawMarks(u: uPlot, marks: readonly CurveMark[], palette: ChartPalette): void {
  const { ctx, bbox } = u;
  const ratio = ratioOf(u);
  ctx.save();
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  for (const [lane, kind] of (["insulin", "carbohydrates"] as const).entries()) {
    const y = bbox.top + bbox.height - (LANE_PX * (1.5 - lane) + 6) * ratio;
    let freeFrom = Number.NEGATIVE_INFINITY;
    for (const mark of marks.filter((candidate) => candidate.kind === kind)) {
      const x = u.valToPos(mark.atMs, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.fillStyle = palette[kind];
      drawSymbol(ctx, kind, { x, y, size: 4 * ratio });
      const width = ctx.measureText(mark.label).width;
      const textX = x + 7 * ratio;
      if (textX < freeFrom || textX + width > bbox.left + bbox.width) continue;
      ctx.fillStyle = palette.text;
      ctx.fillText(mark.label, textX, y);
      freeFrom = textX + width + 14 * ratio;
    }
  }
  ctx.restore();
}

function drawSymbol(ctx: CanvasRenderingContext2D, kind: CurveMark["kind"], at: { x: number; y: number; size: number }): void {
  ctx.beginPath();
  if (kind === "carbohydrates") {
    ctx.arc(at.x, at.y, at.size, 0, 2 * Math.PI);
  } else {
    ctx.moveTo(at.x - at.size, at.y - at.size);
    ctx.lineTo(at.x + at.size, at.y - at.size);
    ctx.lineTo(at.x, at.y + at.size);
  }
  ctx.fill();
}

/** A ring around the newest point. */
export function drawLast(u: uPlot, point: { readonly atMs: number; readonly value: number }, palette: ChartPalette): void {
  const { ctx } = u;
  ctx.save();
  ctx.beginPath();
  ctx.arc(u.valToPos(point.atMs, "x", true), u.valToPos(point.value, "y", true), 5 * ratioOf(u), 0, 2 * Math.PI);
  ctx.fillStyle = palette.surface;
  ctx.fill();
  ctx.lineWidth = 2.5 * ratioOf(u);
  ctx.strokeStyle = palette.text;
  ctx.stroke();
  ctx.restore();
}
