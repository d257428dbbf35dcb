/**
 * Time without a clock. Instants are UTC epoch milliseconds; a "wall" time is the epoch milliseconds that a clock on the
 * wall would have if it were in UTC. Zones are IANA names, offsets minutes east of UTC.
 */

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Half-open stretch of time `[fromMs, toMs)`. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Measurements outside these years are clock faults or sentinels, not data. */
const EARLIEST_YEAR = 1970;
const LATEST_YEAR = 2200;

const ISO = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)?$/i;

export interface ParsedTime {
  /** Wall-clock milliseconds as written. */
  readonly wallMs: number;
  /** Offset as written, rounded to the minute; null when the text has none. */
  readonly offsetMinutes: number | null;
}

/**
 * Reads an ISO-like date-time: `T` or space, one-digit fields, optional seconds and fraction, optional offset (with seconds:
 * Dexcom devices send `-06:59:58`, vendors/dexcom.md). Impossible dates (30 February, hour 25) give null; nothing rolls over.
 */
export function parseTime(text: string): ParsedTime | null {
  return parseUsualTime(text) ?? parseAnyTime(text);
}

/**
 * `2026-03-02T06:30:00`, with `Z` or an offset like `+01:00` or none: what nearly all vendors send, and most of what a back-fill is about. Null
 * for all else, be it a time or not.
 */
function parseUsualTime(text: string): ParsedTime | null {
  const { length } = text;
  if (length !== 19 && length !== 20 && length !== 25) return null;
  if (text[4] !== "-" || text[7] !== "-" || text[10] !== "T" || text[13] !== ":" || text[16] !== ":") return null;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const [month, day, hour, minute, second] = [twoDigits(text, 5), twoDigits(text, 8), twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)] as const;
  // Days up to 28 are in every month; NaN is in none of these.
  if (!(year >= EARLIEST_YEAR && year <= LATEST_YEAR && month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour <= 23 && minute <= 59 && second <= 59)) return null;
  const offsetMinutes = length === 19 ? null : usualOffset(text);
  return Number.isNaN(offsetMinutes) ? null : { wallMs: Date.UTC(year, month - 1, day, hour, minute, second), offsetMinutes };
}

/** Minutes of the `Z` or `+01:00` at the end; NaN for all else. */
function usualOffset(text: string): number {
  if (text.length === 20) return text[19] === "Z" ? 0 : Number.NaN;
  const [hour, minute] = [twoDigits(text, 20), twoDigits(text, 23)];
  if (text[22] !== ":" || !(hour <= 23 && minute <= 59) || (text[19] !== "+" && text[19] !== "-")) return Number.NaN;
  const minutes = hour * 60 + minute;
  return text[19] === "-" && minutes !== 0 ? -minutes : minutes;
}

/** NaN where there are none. */
function twoDigits(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - 48, text.charCodeAt(at + 1) - 48];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function parseAnyTime(text: string): ParsedTime | null {
  const match = ISO.exec(text.trim());
  if (!match) return null;
  const field = (index: number): number => Number(match[index] ?? 0);
  const fractionMs = match[7] ? Math.floor(Number(`0.${match[7]}`) * 1000) : 0;
  const wallMs = wallTime({
    year: field(1), month: field(2), day: field(3), hour: field(4), minute: field(5), second: field(6),
  });
  if (wallMs === null) return null;
  const offsetMinutes = match[8] ? parseOffset(match[8]) : null;
  return Number.isNaN(offsetMinutes) ? null : { wallMs: wallMs + fractionMs, offsetMinutes };
}

/** A civil date and time as a clock on the wall shows it. Month 1–12. */
export interface CivilTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
}

/** Wall milliseconds of a civil time, null when there is no such date or time. */
export function wallTime({ year, month, day, hour = 0, minute = 0, second = 0 }: CivilTime): number | null {
  if (year < EARLIEST_YEAR || year > LATEST_YEAR) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(wallMs);
  return back.getUTCMonth() === month - 1 && back.getUTCDate() === day ? wallMs : null;
}

/** `Z`, `+02:00`, `-0659`, `-06:59:58` → minutes, rounded to the minute; NaN where a clock cannot show them. */
function parseOffset(text: string): number {
  if (text.toUpperCase() === "Z") return 0;
  const digits = text.slice(1).replace(/:/g, "");
  const [hour, minute, second] = [Number(digits.slice(0, 2)), Number(digits.slice(2, 4) || 0), Number(digits.slice(4, 6) || 0)];
  if (hour > 23 || minute > 59 || second > 59) return Number.NaN;
  const minutes = Math.round(hour * 60 + minute + second / 60);
  return text.startsWith("-") ? -minutes : minutes;
}

/** Instant of a text that must carry its offset; null when it does not, or is no time. */
export function parseInstant(text: string): { readonly ms: number; readonly offsetMinutes: number } | null {
  const parsed = parseTime(text);
  if (!parsed || parsed.offsetMinutes === null) return null;
  return { ms: parsed.wallMs - parsed.offsetMinutes * MINUTE_MS, offsetMinutes: parsed.offsetMinutes };
}

/** `2026-03-02T06:30:00.000Z`; throws RangeError for what is no time. */
export function formatInstant(ms: number): string {
  return new Date(ms).toISOString();
}

/** RFC 3339 with offset: `2026-03-02T07:30:00+01:00`; milliseconds only when there are any. */
export function formatWithOffset(ms: number, offsetMinutes: number): string {
  const wall = new Date(ms + offsetMinutes * MINUTE_MS).toISOString().slice(0, -1).replace(/\.000$/, "");
  return wall + formatOffset(offsetMinutes);
}

function formatOffset(offsetMinutes: number): string {
  const sign = offsetMinutes < 0 ? "-" : "+";
  const minutes = Math.abs(offsetMinutes);
  return `${sign}${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en-US-u-hc-h23", {
      timeZone: zone, era: "short", year: "numeric", month: "2-digit", day: "2-digit",
      hour: "2-digit", minute: "2-digit", second: "2-digit",
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}

/** Whether this runtime knows the IANA zone. */
export function isZone(zone: string): boolean {
  try {
    formatterOf(zone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

// Offsets are asked for every sample of a series. Most days keep one offset from end to end, which seven questions prove; on the others (clocks
// change, in some zones at one minute past midnight) the changes are found once, to the minute.
const MOST_REMEMBERED = 100_000;
const STEP_MS = 4 * HOUR_MS;
/** By zone and UTC day (its number): the offset at the day's begin, and each later one with the instant from which it holds. */
const remembered = new Map<string, Map<number, readonly OffsetFrom[]>>();

interface OffsetFrom {
  readonly fromMs: number;
  readonly offsetMinutes: number;
}

/** Minutes east of UTC in the zone at the instant. Throws RangeError for an unknown zone. */
export function offsetMinutesAt(zone: string, ms: number): number {
  const offsets = rememberedOffsets(zone, Math.floor(ms / DAY_MS));
  for (let index = offsets.length - 1; index > 0; index -= 1) if (offsets[index]!.fromMs <= ms) return offsets[index]!.offsetMinutes;
  return offsets[0]!.offsetMinutes;
}

/**
 * The same with an instant up to which it holds for certain: never beyond the UTC day, so that a whole series asks once a day. Throws RangeError for an
 * unknown zone.
 */
export function offsetStretchAt(zone: string, ms: number): { readonly offsetMinutes: number; readonly untilMs: number } {
  const day = Math.floor(ms / DAY_MS);
  const offsets = rememberedOffsets(zone, day);
  let index = offsets.length - 1;
  while (index > 0 && offsets[index]!.fromMs > ms) index -= 1;
  return { offsetMinutes: offsets[index]!.offsetMinutes, untilMs: offsets[index + 1]?.fromMs ?? (day + 1) * DAY_MS };
}

function rememberedOffsets(zone: string, day: number): readonly OffsetFrom[] {
  let days = remembered.get(zone);
  if (!days) remembered.set(zone, (days = new Map()));
  let offsets = days.get(day);
  if (!offsets) {
    offsets = offsetsOfDay(zone, day * DAY_MS);
    if (days.size >= MOST_REMEMBERED) days.clear();
    days.set(day, offsets);
  }
  return offsets;
}

function offsetsOfDay(zone: string, dayMs: number): OffsetFrom[] {
  const offsets = [{ fromMs: dayMs, offsetMinutes: askOffset(zone, dayMs) }];
  for (let stepMs = dayMs; stepMs < dayMs + DAY_MS; stepMs += STEP_MS) {
    const before = offsets.at(-1)!.offsetMinutes;
    const offsetMinutes = askOffset(zone, stepMs + STEP_MS);
    if (offsetMinutes === before) continue;
    let [earlyMs, lateMs] = [stepMs, stepMs + STEP_MS];
    while (lateMs - earlyMs > MINUTE_MS) {
      const middleMs = earlyMs + Math.floor((lateMs - earlyMs) / MINUTE_MS / 2) * MINUTE_MS;
      if (askOffset(zone, middleMs) === before) earlyMs = middleMs;
      else lateMs = middleMs;
    }
    if (lateMs < dayMs + DAY_MS) offsets.push({ fromMs: lateMs, offsetMinutes });
  }
  return offsets;
}

function askOffset(zone: string, ms: number): number {
  const parts: Record<string, string> = {};
  for (const part of formatterOf(zone).formatToParts(ms)) parts[part.type] = part.value;
  const wallMs = Date.UTC(
    Number(parts["year"]), Number(parts["month"]) - 1, Number(parts["day"]),
    Number(parts["hour"]), Number(parts["minute"]), Number(parts["second"]),
  );
  return Math.round((wallMs - ms) / MINUTE_MS);
}

/**
 * Instant of a wall time in a zone. A time that occurs twice (clocks go back) gives the first pass unless `pass` is "second";
 * a time that does not occur (clocks go forward) is moved forward by the gap, as clocks are.
 */
export function instantOfWall(zone: string, wallMs: number, pass: "first" | "second" = "first"): number {
  const before = wallMs - offsetMinutesAt(zone, wallMs - DAY_MS) * MINUTE_MS;
  const after = wallMs - offsetMinutesAt(zone, wallMs + DAY_MS) * MINUTE_MS;
  const candidates = [Math.min(before, after), Math.max(before, after)].filter(
    (ms) => ms + offsetMinutesAt(zone, ms) * MINUTE_MS === wallMs,
  );
  if (candidates.length === 0) return before;
  return pass === "first" ? candidates[0]! : candidates[candidates.length - 1]!;
}

/** Local date `YYYY-MM-DD` of an instant in a zone. */
export function localDate(zone: string, ms: number): string {
  return new Date(ms + offsetMinutesAt(zone, ms) * MINUTE_MS).toISOString().slice(0, 10);
}

/** The local day `YYYY-MM-DD` in a zone as a window of 23, 24 or 25 hours. Null when it is no date. */
export function localDay(zone: string, date: string): Window | null {
  const wallMs = midnightOf(date);
  return wallMs === null ? null : { fromMs: instantOfWall(zone, wallMs), toMs: instantOfWall(zone, wallMs + DAY_MS) };
}

/** A date `YYYY-MM-DD` of the calendar as the wall time of its midnight; null for what is none. */
export function midnightOf(date: string): number | null {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date) ?? [];
  return year === undefined ? null : wallTime({ year: Number(year), month: Number(month), day: Number(day) });
}

/** Weekday of a `YYYY-MM-DD` date: 1 Monday to 7 Sunday (ISO 8601). */
export function isoWeekday(date: string): number {
  // 1 January 1970 was a Thursday.
  return ((Date.parse(`${date}T00:00:00Z`) / DAY_MS + 3) % 7) + 1;
}

/** The date `days` after (or before) a `YYYY-MM-DD` date. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
