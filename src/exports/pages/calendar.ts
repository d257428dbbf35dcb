/** Months of days by time in range. */
import { type CalendarDay, type DayTone, monthCalendar, toneShapes } from "#charts/month-calendar.ts";
import { type Box, rect, type Shape, text } from "#charts/scene.ts";
import { textWidth } from "#charts/text-width.ts";
import { type Body, HEADING, heading, placed, type View } from "./view.ts";

const GAP = { x: 22, y: 16 } as const;
const KEY = 20;

export function calendarPages(view: View): Body[] {
  const { data, say, writer, size } = view;
  const days = new Map<string, CalendarDay>(data.days.map((day) => [day.date, { inTargetPercent: day.numbers.shares?.target ?? null, activePercent: day.activePercent }]));
  const months = [...new Set(data.days.map((day) => day.date.slice(0, 7)))];
  const [columns, rows] = months.length <= 2 ? [1, 2] : [2, 3];
  // A month alone does not need to fill the page.
  const high = months.length === 1 ? 0.72 : 1 / rows;
  const cell = { width: (size.width - GAP.x * (columns - 1)) / columns, height: (size.height - HEADING - KEY - GAP.y * (rows - 1)) * high };
  const pages: Body[] = [];
  for (let first = 0; first < months.length; first += columns * rows) {
    pages.push([
      ...heading({ x: 0, y: 0, width: size.width }, say("calendar.title"), say("calendar.note")),
      ...keyShapes(view, { x: 0, y: HEADING, width: size.width, height: KEY }),
      ...months.slice(first, first + columns * rows).map((month, index) =>
        placed(
          monthCalendar({ month, days, goalPercent: data.preset.goals.target, words: { description: say("calendar.description") }, writer }, cell),
          { x: (index % columns) * (cell.width + GAP.x), y: HEADING + KEY + Math.floor(index / columns) * (cell.height + GAP.y) },
        ),
      ),
    ]);
  }
  return pages;
}

function keyShapes({ data, say, writer }: View, box: Box): Shape[] {
  const goal = data.preset.goals.target ?? 70;
  const entries: readonly (readonly [DayTone, string])[] = [
    ["good", say("calendar.good", { percent: writer.percent(goal) })],
    ["fair", say("calendar.fair", { from: writer.percent(goal - 20), to: writer.percent(goal) })],
    ["other", say("calendar.other", { percent: writer.percent(goal - 20) })],
    ["thin", say("calendar.thin")],
    ["none", say("calendar.none")],
  ];
  let x = box.x;
  return entries.flatMap(([tone, words]) => {
    const swatch = { x, y: box.y + 2, width: 16, height: 10 };
    const shapes = [...toneShapes(swatch, tone), rect(swatch, { stroke: "rule", strokeWidth: 0.5 }), text({ x: x + 20, y: box.y + 9.6 }, words, { size: 7.5, ink: "muted" })];
    x += 20 + textWidth(words, 7.5) + 16;
    return shapes;
  });
}
