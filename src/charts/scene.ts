/**
 * What a picture is made of, before it is SVG or PDF: shapes in points, y downwards. A chart gives a scene; `svg.ts` writes it as text, the report
 * draws it on paper.
 */
import type { Ink } from "./palette.ts";

export interface Paint {
  readonly fill?: Ink;
  readonly stroke?: Ink;
  readonly strokeWidth?: number;
  /** Lengths of strokes and gaps in turn. */
  readonly dash?: readonly number[];
}

export interface PathShape extends Paint {
  readonly kind: "path";
  /** SVG path data, absolute commands M, L, C and Z only. */
  readonly d: string;
}

export interface RectShape extends Paint {
  readonly kind: "rect";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface TextShape {
  readonly kind: "text";
  readonly x: number;
  /** Of the baseline. */
  readonly y: number;
  readonly text: string;
  readonly size: number;
  readonly ink: Ink;
  readonly isBold?: boolean;
  readonly align?: "start" | "middle" | "end";
}

export interface GroupShape {
  readonly kind: "group";
  readonly x: number;
  readonly y: number;
  readonly shapes: readonly Shape[];
}

export type Shape = PathShape | RectShape | TextShape | GroupShape;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

export interface Scene extends Size {
  /** The picture's name, for those who hear it. */
  readonly title: string;
  /** One sentence that says what it shows. */
  readonly description: string;
  readonly shapes: readonly Shape[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A coordinate as text: at most two decimals, never −0. */
export function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100 || 0);
}

/** Path data through the points; empty for fewer than two. */
export function polyline(points: readonly Point[]): string {
  if (points.length < 2) return "";
  return points.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${coordinate(x)} ${coordinate(y)}`).join("");
}

export function line(from: Point, to: Point, paint: Paint): PathShape {
  return { kind: "path", d: polyline([from, to]), ...paint };
}

export function rect({ x, y, width, height }: Box, paint: Paint): RectShape {
  return { kind: "rect", x, y, width, height, ...paint };
}

export type TextStyle = Omit<TextShape, "kind" | "x" | "y" | "text">;

export function text(at: Point, words: string, style: TextStyle): TextShape {
  return { kind: "text", x: at.x, y: at.y, text: words, ...style };
}

export function group(at: Point, shapes: readonly Shape[]): GroupShape {
  return { kind: "group", x: at.x, y: at.y, shapes };
}
