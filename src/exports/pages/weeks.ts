/** The days of each week over one another. */
import { weekOverlay } from "#charts/week-overlay.ts";
import { weekdayOf } from "#charts/month-calendar.ts";
import { addDays } from "#units/time.ts";
import type { ReportDay } from "../report-types.ts";
import { type Body, HEADING, heading, placed, type View } from "./view.ts";

const COLUMNS = 2;
const GAP = { x: 16, y: 14 } as const;
/** Few weeks stand under one another, larger. */
const MOST_IN_ONE_COLUMN = 3;

/** Weeks, Monday first, as far as the period touches them. */
export function weeksOf(days: readonly ReportDay[]): { readonly monday: string; readonly days: readonly (ReportDay | null)[] }[] {
  const weeks = new Map<string, (ReportDay | null)[]>();
  for (const day of days) {
    const monday = addDays(day.date, -weekdayOf(day.date));
    const week = weeks.get(monday) ?? Array.from({ length: 7 }, () => null);
    if (day.numbers.readings > 0) week[weekdayOf(day.date)] = day;
    weeks.set(monday, week);
  }
  return [...weeks].map(([monday, week]) => ({ monday, days: week }));
}

export function weeksPages(view: View): Body[] {
  const { data, say, writer, size } = view;
  const weeks = weeksOf(data.days);
  const columns = weeks.length <= MOST_IN_ONE_COLUMN ? 1 : COLUMNS;
  const rows = columns === 1 ? MOST_IN_ONE_COLUMN : 4;
  const cell = { width: (size.width - GAP.x * (columns - 1)) / columns, height: (size.height - HEADING - 4 - GAP.y * (rows - 1)) / rows };
  const pages: Body[] = [];
  for (let first = 0; first < weeks.length; first += columns * rows) {
    pages.push([
      ...heading({ x: 0, y: 0, width: size.width }, say("weeks.title"), say("weeks.note")),
      ...weeks.slice(first, first + columns * rows).map(({ monday, days }, index) => {
        const words = {
          title: say("weeks.week", { from: writer.dayAndDate(monday), to: writer.dayAndDate(addDays(monday, 6)) }),
          description: say("weeks.description", { days: writer.number(days.filter(Boolean).length) }),
        };
        const scene = weekOverlay({ days, words, writer, zone: data.zone, limits: data.preset.limits["mg/dL"], cadenceMinutes: data.cadenceMinutes }, cell);
        return placed(scene, { x: (index % columns) * (cell.width + GAP.x), y: HEADING + 4 + Math.floor(index / columns) * (cell.height + GAP.y) });
      }),
    ]);
  }
  return pages;
}
