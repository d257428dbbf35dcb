/** What every page is made from, and the parts they share. */
import { type Box, group, line, type Point, rect, type Scene, type Shape, type Size, text } from "#charts/scene.ts";
import { fitted, textWidth, wrapped } from "#charts/text-width.ts";
import type { Writer } from "#charts/writer.ts";
import { formatWithOffset, offsetMinutesAt } from "#units/time.ts";
import type { ReportData } from "../report-types.ts";
import type { Say } from "../words.ts";

export interface View {
  readonly data: ReportData;
  readonly say: Say;
  readonly writer: Writer;
  /** Of the page's body, between head and foot. */
  readonly size: Size;
}

/** Shapes of one page's body. */
export type Body = readonly Shape[];

/** Height of a section's heading with its rule. */
export const HEADING = 19;

/** A heading with a rule under it, and a remark at its right end, which has one line. */
export function heading({ x, y, width }: Omit<Box, "height">, title: string, note = ""): Shape[] {
  const room = width - textWidth(title, 10.5, true) - 16;
  return [
    text({ x, y: y + 9.5 }, title, { size: 10.5, ink: "text", isBold: true }),
    ...(note === "" ? [] : [text({ x: x + width, y: y + 9.5 }, fitted(note, room, 7.2), { size: 7.2, ink: "muted", align: "end" })]),
    line({ x, y: y + 13.5 }, { x: x + width, y: y + 13.5 }, { stroke: "rule", strokeWidth: 0.7 }),
  ];
}

/** Where a picture would be empty: a sentence that says why. */
export function sentenceBox(box: Box, sentence: string): Shape[] {
  const lines = wrapped(sentence, Math.min(box.width - 32, 340), 9.5);
  const first = box.y + box.height / 2 - ((lines.length - 1) * 13) / 2 + 3;
  return [
    rect(box, { fill: "sunken" }),
    ...lines.map((words, index) => text({ x: box.x + box.width / 2, y: first + index * 13 }, words, { size: 9.5, ink: "text", align: "middle" })),
  ];
}

/** Lines of text under one another; gives the place below the last. */
export function paragraph({ x, y }: Point, words: string, { width, size = 8.5 }: { readonly width: number; readonly size?: number }): { shapes: Shape[]; bottom: number } {
  const pitch = size * 1.32;
  const lines = wrapped(words, width, size);
  return { shapes: lines.map((each, index) => text({ x, y: y + size + index * pitch }, each, { size, ink: "text" })), bottom: y + lines.length * pitch };
}

export const placed = (scene: Scene, at: Point): Shape => group(at, scene.shapes);

/** `2026-03-02 07:30` as the person's clock showed it. */
export function localTime(zone: string, ms: number): { readonly date: string; readonly time: string } {
  const shown = formatWithOffset(ms, offsetMinutesAt(zone, ms));
  return { date: shown.slice(0, 10), time: shown.slice(11, 16) };
}

export function daysText(say: Say, writer: Writer, days: number): string {
  return days === 1 ? say("days.1") : say("days.n", { days: writer.number(days) });
}
