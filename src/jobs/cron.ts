/** Cron expressions of five fields, in UTC: which was the last time they name. Pure. */
import { InternalError } from "../errors.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A leap day is at most eight years away. */
const DAYS_SEARCHED = 3_000;

/** Least and greatest value: minute, hour, day of month, month, day of week (0 and 7 are Sunday). */
const FIELDS = [[0, 59], [0, 23], [1, 31], [1, 12], [0, 7]] as const;

/**
 * The latest time at or before `nowMs` (UTC epoch milliseconds, whole minutes) that the expression names. Knows `*`, numbers, lists,
 * ranges and steps. As everywhere, a day of month and a day of week that are both given mean either. Throws InternalError for an
 * expression that names no time.
 */
export function lastTickMs(cron: string, nowMs: number): number {
  const texts = cron.trim().split(/\s+/);
  if (texts.length !== FIELDS.length) throw new InternalError(`The schedule "${cron}" must have five fields.`);
  const [minutes, hours, days, months, weekdays] = FIELDS.map(([least, most], index) => valuesOf(cron, texts[index]!, least, most)) as [Set<number>, Set<number>, Set<number>, Set<number>, Set<number>];
  const isEither = texts[2] !== "*" && texts[4] !== "*";
  const matches = (day: Date): boolean => {
    const [isDay, isWeekday] = [days.has(day.getUTCDate()), weekdays.has(day.getUTCDay()) || (day.getUTCDay() === 0 && weekdays.has(7))];
    return months.has(day.getUTCMonth() + 1) && (isEither ? isDay || isWeekday : isDay && isWeekday);
  };
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  for (let day = today; day > today - DAYS_SEARCHED * DAY_MS; day -= DAY_MS) {
    if (!matches(new Date(day))) continue;
    const limit = Math.min(23 * 60 + 59, Math.floor((nowMs - day) / MINUTE_MS));
    for (let minute = limit; minute >= 0; minute -= 1) {
      if (hours.has(Math.floor(minute / 60)) && minutes.has(minute % 60)) return day + minute * MINUTE_MS;
    }
  }
  throw new InternalError(`The schedule "${cron}" names no time.`);
}

function valuesOf(cron: string, text: string, least: number, most: number): Set<number> {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const read = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    const [, first, last, step] = read ?? [];
    const from = first === undefined ? least : Number(first);
    const to = last !== undefined ? Number(last) : first === undefined || step !== undefined ? most : from;
    if (!read || from < least || to > most || from > to || step === "0") throw new InternalError(`The schedule "${cron}" has a field that cannot be read.`);
    for (let value = from; value <= to; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}
