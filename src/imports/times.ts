/** Times as files write them. What a date like 03/04 means, and which zone it is in, is settled for the file as a whole. */
import { MINUTE_MS, isZone, parseTime, wallTime } from "#units/time.ts";
import { InvalidInput } from "../errors.ts";

/** Day first or month first. */
export type DateOrder = "dmy" | "mdy";

/** What tells the order of a file's dates where no row does. */
export interface DateClues {
  /** When the file says that it was made, in the order of its rows. */
  readonly madeAt?: string;
  /** The format writes clocks of twelve hours with either order: they tell nothing. */
  readonly isTwelveHourEither?: boolean;
}

/** A time as found in a row. */
export interface TimeText {
  readonly text: string;
  /** The column says UTC: a text without offset is. */
  readonly isUtc?: boolean;
  /** Offset from a column of its own. */
  readonly offsetMinutes?: number;
  /** IANA zone from a column of its own; goes before the one the person chose. */
  readonly zone?: string;
}

/** A known instant, or a wall clock's time that a zone must still place. `offsetMinutes` null: to be taken from the zone. */
export type FileTime =
  | { readonly kind: "instant"; readonly ms: number; readonly offsetMinutes: number | null }
  | { readonly kind: "wall"; readonly wallMs: number; readonly zone: string | null };

const DATE = String.raw`(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})`;
const CLOCK = String.raw`(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(?:([ap])\.?\s?m\.?)?`;
const OFFSET = String.raw`(Z|[+-]\d{2}:?\d{2})?`;
const WRITTEN = new RegExp(String.raw`^${DATE}(?:[T ,]+${CLOCK}\s*${OFFSET})?$`, "i");

/** Epoch seconds or milliseconds (the latter perhaps with a fraction), as Nightscout's `date` holds them. */
const EPOCH = /^[1-4]\d{9}(?:\d{3}(?:\.\d+)?)?$/;

/**
 * Reads one time. Gives a clause for people when it is none: no time of day, or no such date or time (nothing rolls over).
 * @param order how to read 03/04/2026; null when the file has no such dates.
 */
export function readTime(time: TimeText, order: DateOrder | null): FileTime | string {
  if (time.zone !== undefined && !isZone(time.zone)) return "the time zone column names no zone that is known";
  if (EPOCH.test(time.text)) {
    const number = Number(time.text);
    return { kind: "instant", ms: Math.round(number < 1e11 ? number * 1000 : number), offsetMinutes: time.offsetMinutes ?? null };
  }
  if (time.text === "") return "the time is empty";
  if (!time.text.includes(":")) return "the time has no time of day, or is no time";
  const parsed = parseTime(time.text) ?? parseWritten(time.text, order);
  if (!parsed) return "there is no such date or time";
  const { wallMs, offsetMinutes } = parsed;
  // "Z" says when, but not where: the local offset then comes from the zone.
  if (offsetMinutes !== null) return instant(wallMs, offsetMinutes, /z$/i.test(time.text) ? (time.offsetMinutes ?? null) : offsetMinutes);
  if (time.isUtc) return instant(wallMs, 0, time.offsetMinutes ?? null);
  if (time.offsetMinutes !== undefined) return instant(wallMs, time.offsetMinutes, time.offsetMinutes);
  return { kind: "wall", wallMs, zone: time.zone ?? null };
}

function instant(wallMs: number, readWithMinutes: number, offsetMinutes: number | null): FileTime {
  return { kind: "instant", ms: wallMs - readWithMinutes * MINUTE_MS, offsetMinutes };
}

function parseWritten(text: string, order: DateOrder | null): { wallMs: number; offsetMinutes: number | null } | null {
  const match = WRITTEN.exec(text.trim());
  if (!match || match[5] === undefined) return null;
  const [first, second, third] = [match[1]!, match[3]!, match[4]!];
  const isYearFirst = first.length === 4;
  if (!isYearFirst && third.length !== 4 && third.length !== 2) return null;
  const isMonthFirst = !isYearFirst && match[2] !== "." && order === "mdy";
  const hour = Number(match[5]);
  const half = match[9]?.toLowerCase();
  if (half && (hour < 1 || hour > 12)) return null;
  const wallMs = wallTime({
    year: isYearFirst ? Number(first) : Number(third) + (third.length === 2 ? 2000 : 0),
    month: Number(isYearFirst ? second : isMonthFirst ? first : second),
    day: Number(isYearFirst ? third : isMonthFirst ? second : first),
    hour: half ? (hour % 12) + (half === "p" ? 12 : 0) : hour,
    minute: Number(match[6]),
    second: Number(match[7] ?? 0),
  });
  if (wallMs === null) return null;
  const fractionMs = match[8] ? Math.floor(Number(`0.${match[8]}`) * 1000) : 0;
  return { wallMs: wallMs + fractionMs, offsetMinutes: match[10] ? readOffset(match[10]) : null };
}

/** `Z`, `+01:00`, `-0500`, as minutes; null for anything else. */
export function readOffset(text: string): number | null {
  if (/^z$/i.test(text)) return 0;
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(text);
  if (!match) return null;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === "-" ? -minutes : minutes;
}

/**
 * Which way round the file writes its dates; null when it has none like 03/04/2026. Dots mean day first.
 * Throws InvalidInput when nothing in the file settles it, or when it does both.
 * Source: exports-imports §5 (first field over 12: day first; second: month first; otherwise the preamble, otherwise ask).
 */
export function decideDateOrder(texts: Iterable<string>, asked: DateOrder | undefined, clues: DateClues = {}): DateOrder | null {
  let [dayFirst, monthFirst, undecided, halfDays] = [0, 0, 0, 0];
  for (const text of texts) {
    const order = orderOf(text);
    if (order === null) continue;
    if (order === "dmy") dayFirst++;
    else if (order === "mdy") monthFirst++;
    else undecided++;
    if (/[ap]\.?\s?m\.?$/i.test(text)) halfDays++;
  }
  const total = dayFirst + monthFirst + undecided;
  if (total === 0) return null;
  if (dayFirst > 0 && monthFirst > 0) {
    throw new InvalidInput("The file writes some dates with the day first and some with the month first; make them one.", {
      code: "file_dates", httpStatus: 422,
    });
  }
  if (dayFirst > 0) return "dmy";
  if (monthFirst > 0) return "mdy";
  if (asked) return asked;
  const ofFile = orderOf(clues.madeAt ?? "");
  if (ofFile === "dmy" || ofFile === "mdy") return ofFile;
  // Clocks of twelve hours go with the month first.
  if (halfDays === total && !clues.isTwelveHourEither) return "mdy";
  throw new InvalidInput("The file's dates can be read with the day or the month first, and none of them settles it; say which.", {
    code: "file_dates_unknown", httpStatus: 422,
  });
}

/** Which way round one date is written; null where that is no question. */
function orderOf(text: string): DateOrder | "either" | null {
  const match = /^(\d{1,2})([-/])(\d{1,2})\2\d{2,4}\b/.exec(text);
  if (!match) return null;
  if (Number(match[1]) > 12) return "dmy";
  return Number(match[3]) > 12 ? "mdy" : "either";
}
