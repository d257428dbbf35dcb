/** Where the arrow keys lead in a calendar: by day and by week, to the ends of a week, and by month; also into the month beside. */
import { addDays, isoWeekday } from "#units/time.ts";

/** The date that a key leads to from `date` (YYYY-MM-DD); null for a key that leads nowhere. */
export function dateByKey(key: string, date: string): string | null {
  switch (key) {
    case "ArrowLeft": return addDays(date, -1);
    case "ArrowRight": return addDays(date, 1);
    case "ArrowUp": return addDays(date, -7);
    case "ArrowDown": return addDays(date, 7);
    case "Home": return addDays(date, 1 - isoWeekday(date));
    case "End": return addDays(date, 7 - isoWeekday(date));
    case "PageUp": return inMonth(addMonths(date.slice(0, 7), -1), date);
    case "PageDown": return inMonth(addMonths(date.slice(0, 7), 1), date);
    default: return null;
  }
}

/** YYYY-MM. */
export function addMonths(month: string, months: number): string {
  const [year, number] = month.split("-").map(Number) as [number, number];
  const count = year * 12 + number - 1 + months;
  return `${String(Math.floor(count / 12)).padStart(4, "0")}-${String((count % 12) + 1).padStart(2, "0")}`;
}

export const lastOfMonth = (month: string): string => addDays(`${addMonths(month, 1)}-01`, -1);

/** The same day of another month, or that month's last. */
function inMonth(month: string, date: string): string {
  const last = lastOfMonth(month);
  const same = `${month}-${date.slice(8)}`;
  return same > last ? last : same;
}

export const isMonth = (text: string | null): text is string => text !== null && /^\d{4}-(0[1-9]|1[0-2])$/.test(text);
