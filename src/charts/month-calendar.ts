/** A month of days by time in range: number, tone and pattern say the same, and days with too little data say that. */
import { roundHalfEven } from "#glucose/rounding.ts";
import { addDays, isoWeekday } from "#units/time.ts";
import { hatch } from "./hatch.ts";
import type { Ink } from "./palette.ts";
import { type Box, rect, type Scene, type Shape, type Size, text } from "./scene.ts";
import type { Writer } from "./writer.ts";

export interface CalendarDay {
  /** Percent of readings in range, 0–100; null without readings. */
  readonly inTargetPercent: number | null;
  /** Percent of the day's expected readings that are there. */
  readonly activePercent: number | null;
}

export interface MonthInput {
  /** YYYY-MM. */
  readonly month: string;
  /** By date YYYY-MM-DD; dates outside the period have no entry. */
  readonly days: ReadonlyMap<string, CalendarDay>;
  /** From this share in range on a day has the full tone; null where there is no goal. */
  readonly goalPercent: number | null;
  readonly words: { readonly description: string };
  readonly writer: Writer;
}

/** Days with less than this of their readings are hatched. Source: web-ux §3 (calendar). */
export const FULL_DAY_PERCENT = 70;

/** Tones of days, from the goal downwards, where there is no goal from the consensus' 70 %. */
export type DayTone = "good" | "fair" | "other" | "thin" | "none";

export function toneOf(day: CalendarDay | undefined, goalPercent: number | null): DayTone {
  if (!day || day.inTargetPercent === null) return "none";
  if ((day.activePercent ?? 0) < FULL_DAY_PERCENT) return "thin";
  const goal = goalPercent ?? 70;
  if (day.inTargetPercent >= goal) return "good";
  return day.inTargetPercent >= goal - 20 ? "fair" : "other";
}

const FILLS: Readonly<Record<DayTone, Ink>> = { good: "goodDay", fair: "fairDay", other: "otherDay", thin: "surface", none: "surface" };

/** Ground of a day: its tone, with the pattern that goes with it. */
export function toneShapes(box: Box, tone: DayTone): Shape[] {
  return [
    rect(box, { fill: FILLS[tone] }),
    ...(tone === "other" ? [hatch(box, "horizontal", { spacing: 5, ink: "otherDayDecal", width: 0.4 })] : []),
    ...(tone === "thin" ? [hatch(box, "rising", { spacing: 5, ink: "thinDay", width: 0.5 })] : []),
  ];
}

/** Weeks of a month as dates, Monday first; null before the first and after the last. */
export function weeksOfMonth(month: string): (string | null)[][] {
  const first = `${month}-01`;
  const weeks: (string | null)[][] = [];
  let week: (string | null)[] = Array.from({ length: weekdayOf(first) }, () => null);
  for (let date = first; date.startsWith(month); date = addDays(date, 1)) {
    week.push(date);
    if (week.length === 7) {
      weeks.push(week);
      week = [];
    }
  }
  if (week.length > 0) weeks.push([...week, ...Array.from({ length: 7 - week.length }, () => null)]);
  return weeks;
}

/** 0 for Monday to 6 for Sunday. */
export function weekdayOf(date: string): number {
  return isoWeekday(date) - 1;
}

const HEAD = 26;

/** One month's picture; always room for six weeks, so that months side by side line up. */
export function monthCalendar({ month, days, goalPercent, words, writer }: MonthInput, size: Size): Scene {
  const cell = { width: size.width / 7, height: (size.height - HEAD) / 6 };
  const weeks = weeksOfMonth(month);
  // 1 January 2024 was a Monday.
  const weekdays = Array.from({ length: 7 }, (_, index) => writer.weekday(addDays("2024-01-01", index)));
  return {
    ...size,
    title: writer.month(`${month}-01`),
    description: words.description,
    shapes: [
      text({ x: 0, y: 9 }, writer.month(`${month}-01`), { size: 10, ink: "text", isBold: true }),
      ...weekdays.map((name, index) => text({ x: (index + 0.5) * cell.width, y: 21 }, name, { size: 7, ink: "muted", align: "middle" })),
      ...weeks.flatMap((week, row) =>
        week.flatMap((date, column) =>
          date === null ? [] : dayCell(date, { x: column * cell.width + 1, y: HEAD + row * cell.height + 1, width: cell.width - 2, height: cell.height - 2 }, { day: days.get(date), goalPercent, writer }),
        ),
      ),
    ],
  };
}

function dayCell(date: string, box: Box, { day, goalPercent, writer }: { readonly day: CalendarDay | undefined; readonly goalPercent: number | null; readonly writer: Writer }): Shape[] {
  // By the number that is printed: a day that says 70 % has the tone of 70 %.
  const tone = toneOf(day && { ...day, inTargetPercent: day.inTargetPercent === null ? null : roundHalfEven(day.inTargetPercent) }, goalPercent);
  const isShown = day !== undefined;
  const numberSize = Math.min(13, box.height * 0.42, box.width * 0.3);
  const share = day?.inTargetPercent ?? null;
  const label = share === null ? "–" : writer.percent(share);
  const middle = { x: box.x + box.width / 2, y: box.y + box.height * 0.62 + numberSize * 0.25 };
  return [
    ...toneShapes(box, tone),
    // A pale ground keeps the number readable on the hatching.
    ...(tone === "thin" ? [rect({ x: middle.x - numberSize * 1.35, y: middle.y - numberSize * 0.85, width: numberSize * 2.7, height: numberSize * 1.1 }, { fill: "surface" })] : []),
    rect(box, { stroke: isShown ? "rule" : "grid", strokeWidth: 0.5 }),
    text({ x: box.x + 3, y: box.y + 7.5 }, writer.number(Number(date.slice(8))), { size: 6.8, ink: isShown ? "text" : "rule" }),
    ...(isShown ? [text(middle, label, { size: numberSize, ink: tone === "none" ? "muted" : "text", isBold: tone === "good" || tone === "fair" || tone === "other", align: "middle" })] : []),
  ];
}
