/** Patterns as plain strokes, cut to their rectangle: the same on screen, in files and on paper, with no need for pattern fills or clipping. */
import type { Band, Ink } from "./palette.ts";
import { type Box, coordinate, type PathShape, type Point } from "./scene.ts";

export type Direction = "rising" | "falling" | "vertical" | "horizontal";

/** What tells the bands apart without colour: none for the target, and no two neighbours alike. */
export const BAND_DIRECTIONS: Readonly<Record<Band, Direction | null>> = { veryLow: "rising", low: "vertical", target: null, high: "horizontal", veryHigh: "falling" };

/** Strokes `spacing` apart that fill the box in a direction; path data. */
export function hatchPath(box: Box, direction: Direction, spacing: number): string {
  return strokes(box, direction, spacing).map(([from, to]) => `M${coordinate(from.x)} ${coordinate(from.y)}L${coordinate(to.x)} ${coordinate(to.y)}`).join("");
}

export function hatch(box: Box, direction: Direction, { spacing, ink, width }: { readonly spacing: number; readonly ink: Ink; readonly width: number }): PathShape {
  return { kind: "path", d: hatchPath(box, direction, spacing), stroke: ink, strokeWidth: width };
}

function strokes({ x, y, width, height }: Box, direction: Direction, spacing: number): [Point, Point][] {
  const found: [Point, Point][] = [];
  if (direction === "vertical") {
    for (let at = x + spacing / 2; at < x + width; at += spacing) found.push([{ x: at, y }, { x: at, y: y + height }]);
  } else if (direction === "horizontal") {
    for (let at = y + spacing / 2; at < y + height; at += spacing) found.push([{ x, y: at }, { x: x + width, y: at }]);
  } else {
    // Each diagonal runs through (start, top) to (start + height, bottom) before it is cut at the sides.
    for (let start = spacing / 2 - height; start < width; start += spacing) {
      const [from, to] = [Math.max(0, start), Math.min(width, start + height)];
      if (to <= from) continue;
      const [upper, lower] = [y + from - start, y + to - start];
      found.push(direction === "falling" ? [{ x: x + from, y: upper }, { x: x + to, y: lower }] : [{ x: x + from, y: 2 * y + height - upper }, { x: x + to, y: 2 * y + height - lower }]);
    }
  }
  return found;
}
