/** The days of one week laid over one another. */
import type { Ink } from "./palette.ts";
import { dayPath, type DayCurve, type DayOptions, longestStep } from "./daily-profile.ts";
import { limitLabels, limitLines, targetBox } from "./glucose-scale.ts";
import { type Box, line, rect, type Scene, type Shape, type Size, text } from "./scene.ts";
import { textWidth } from "./text-width.ts";
import type { Writer } from "./writer.ts";

export interface WeekInput extends DayOptions {
  /** At most seven days, Monday first; null for one without readings or outside the period. */
  readonly days: readonly (DayCurve | null)[];
  readonly words: { readonly title: string; readonly description: string };
  readonly writer: Writer;
}

/** How the days of the week are told apart, in colour and without: ink, width, dashes. */
const STYLES: readonly { readonly stroke: Ink; readonly strokeWidth: number; readonly dash?: readonly number[] }[] = [
  { stroke: "text", strokeWidth: 0.7 },
  { stroke: "targetLine", strokeWidth: 0.8, dash: [4, 1.5] },
  { stroke: "low", strokeWidth: 0.8, dash: [1.2, 1.2] },
  { stroke: "veryHigh", strokeWidth: 0.8, dash: [6, 1.5, 1.2, 1.5] },
  { stroke: "muted", strokeWidth: 0.8, dash: [2.5, 1.5] },
  { stroke: "high", strokeWidth: 1.5 },
  { stroke: "veryLow", strokeWidth: 1.5 },
];

/** One week's picture: a line a day, with a key above. Hours are those of each day's own clock, so a day of 23 or 25 hours fills the width. */
export function weekOverlay({ days, words, writer, limits, cadenceMinutes }: WeekInput, size: Size): Scene {
  const box = { x: 24, y: 26, width: size.width - 26, height: size.height - 26 - 12 };
  return {
    ...size,
    title: words.title,
    description: words.description,
    shapes: [
      text({ x: 0, y: 8 }, words.title, { size: 8.5, ink: "text", isBold: true }),
      ...key(days, box, writer),
      rect(targetBox(box, limits), { fill: "targetFill" }),
      ...[6, 12, 18].map((hour) => {
        const x = box.x + (hour / 24) * box.width;
        return line({ x, y: box.y }, { x, y: box.y + box.height }, { stroke: "grid", strokeWidth: 0.5 });
      }),
      ...limitLines(box, limits),
      ...days.flatMap((day, index): Shape[] => (day ? [{ kind: "path", d: dayPath(day, box, longestStep(cadenceMinutes)), ...STYLES[index]! }] : [])),
      rect(box, { stroke: "rule", strokeWidth: 0.5 }),
      ...limitLabels(box.x, box, limits, { writer, size: 6.5 }),
      ...[0, 6, 12, 18, 24].map((hour) =>
        text({ x: box.x + (hour / 24) * box.width, y: box.y + box.height + 8 }, String(hour % 24).padStart(2, "0"), { size: 6.5, ink: "muted", align: hour === 24 ? "end" : hour === 0 ? "start" : "middle" }),
      ),
    ],
  };
}

function key(days: readonly (DayCurve | null)[], box: Box, writer: Writer): Shape[] {
  let x = box.x;
  return days.flatMap((day, index) => {
    if (!day) return [];
    const name = writer.weekday(day.date);
    const shapes = [line({ x, y: 18 }, { x: x + 13, y: 18 }, STYLES[index]!), text({ x: x + 15, y: 20.3 }, name, { size: 6.8, ink: "muted" })];
    x += 15 + textWidth(name, 6.8) + 6;
    return shapes;
  });
}
