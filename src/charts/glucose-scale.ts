/** The vertical scale that pictures of glucose share, and its marks. */
import { type Box, line, type Point, type Shape, text } from "./scene.ts";
import { spread } from "./spread.ts";
import type { Writer } from "./writer.ts";

/** Ranges in mg/dL: low and high belong to the target. A set of ranges without very high has null there. */
export interface Limits {
  readonly veryLow: number;
  readonly low: number;
  readonly high: number;
  readonly veryHigh: number | null;
}

/** What is drawn, mg/dL: values beyond stand at the edge, and the picture says so. Source: cgm-metrics §10. */
export const DRAWN_MG_DL = { min: 30, max: 350 } as const;

/** Place of a value on paper, held at the edges. */
export function yOf(mgDl: number, { y, height }: Pick<Box, "y" | "height">): number {
  const held = Math.min(DRAWN_MG_DL.max, Math.max(DRAWN_MG_DL.min, mgDl));
  return y + height * (1 - (held - DRAWN_MG_DL.min) / (DRAWN_MG_DL.max - DRAWN_MG_DL.min));
}

/** The limits that have a line, lowest first. */
export function limitValues({ veryLow, low, high, veryHigh }: Limits): number[] {
  return [veryLow, low, high, ...(veryHigh === null ? [] : [veryHigh])];
}

/** The target's part of the box. */
export function targetBox(box: Box, { low, high }: Limits): Box {
  const [top, bottom] = [yOf(high, box), yOf(low, box)];
  return { x: box.x, y: top, width: box.width, height: bottom - top };
}

/** Full lines at the target's edges, broken ones at the outer limits. */
export function limitLines(box: Box, limits: Limits): Shape[] {
  const across = (y: number): [Point, Point] => [{ x: box.x, y }, { x: box.x + box.width, y }];
  const outer = [limits.veryLow, ...(limits.veryHigh === null ? [] : [limits.veryHigh])];
  return [
    ...outer.map((value) => line(...across(yOf(value, box)), { stroke: "rule", strokeWidth: 0.5, dash: [2, 2] })),
    ...[limits.high, limits.low].map((value) => line(...across(yOf(value, box)), { stroke: "targetLine", strokeWidth: 0.9 })),
  ];
}

/** Numbers of the limits and of the top edge, right of `x`−4. */
export function limitLabels(x: number, box: Box, limits: Limits, { writer, size }: { readonly writer: Writer; readonly size: number }): Shape[] {
  const values = [DRAWN_MG_DL.max, ...limitValues(limits).toReversed()];
  const places = spread(values.map((value) => yOf(value, box)), size * 0.95, { from: box.y, to: box.y + box.height });
  return values.map((value, index) =>
    text({ x: x - 4, y: places[index]! + size * 0.35 }, writer.threshold(value), {
      size, ink: value === limits.low || value === limits.high ? "text" : "muted", align: "end", isBold: value === limits.low || value === limits.high,
    }),
  );
}
