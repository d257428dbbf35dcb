/** A person's zones through time, and the local days that they make. Pure. */
import { DAY_MS, HOUR_MS, isZone, midnightOf, MINUTE_MS, offsetMinutesAt, type Window } from "./time.ts";

/** From this instant on the person lives by this IANA zone. */
export interface ZoneEntry {
  readonly fromMs: number;
  readonly zone: string;
}

export interface ZoneHistory {
  /** What holds before the first entry, and where there is none. */
  readonly home: string;
  /** Strictly ascending by `fromMs`. */
  readonly entries: readonly ZoneEntry[];
}

/** A local day as the person lived it, UTC epoch milliseconds `[fromMs, toMs)`. */
export interface LocalDay extends Window {
  /** `YYYY-MM-DD` */
  readonly date: string;
}

/** No clock on Earth is further from UTC: 14 hours ahead and 12 behind, and historically somewhat more. */
const FURTHEST_MS = 16 * HOUR_MS;
/** Nobody moves the clock and moves it back within this time. */
const STEP_MS = 4 * HOUR_MS;

/** Whether a text is the name of an IANA zone that this runtime knows: `Europe/Madrid`, `UTC`. An offset such as `+02:00` is none. */
export function isZoneName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_+/-]*$/.test(text) && isZone(text);
}

/** IANA zone that holds at the instant. */
export function zoneAt({ home, entries }: ZoneHistory, ms: number): string {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (entries[middle]!.fromMs <= ms) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? home : entries[low - 1]!.zone;
}

/** Minutes east of UTC that the person's clock shows at the instant. Throws RangeError for an unknown zone. */
export function offsetIn(history: ZoneHistory, ms: number): number {
  return offsetMinutesAt(zoneAt(history, ms), ms);
}

/**
 * First instant at which the person's clock shows `wallMs` or a later time. A midnight that clocks skip is reached when they have skipped it; where
 * they go back over midnight, or a flight crosses the date line, a day that has begun is not left again.
 */
function firstReaching(history: ZoneHistory, wallMs: number): number {
  const [earliestMs, latestMs] = [wallMs - FURTHEST_MS, wallMs + FURTHEST_MS];
  const bounds = history.entries.map(({ fromMs }) => fromMs).filter((fromMs) => fromMs > earliestMs && fromMs < latestMs);
  let fromMs = earliestMs;
  for (const toMs of [...bounds, latestMs]) {
    const found = reachedWithin(zoneAt(history, fromMs), { fromMs, toMs }, wallMs);
    if (found !== null) return found;
    fromMs = toMs;
  }
  throw new RangeError("No clock is so far from UTC.");
}

/** The same within a stretch of one zone; null where its clock does not come so far. */
function reachedWithin(zone: string, { fromMs, toMs }: Window, wallMs: number): number | null {
  for (let ms = fromMs; ms < toMs; ) {
    const offset = offsetMinutesAt(zone, ms);
    const untilMs = constantUntil(zone, { fromMs: ms, toMs });
    const reachedMs = Math.max(ms, wallMs - offset * MINUTE_MS);
    if (reachedMs < untilMs) return reachedMs;
    ms = untilMs;
  }
  return null;
}

/** Up to when the zone keeps the offset that it has at the beginning of the window; the window's end at most. */
function constantUntil(zone: string, { fromMs, toMs }: Window): number {
  const offset = offsetMinutesAt(zone, fromMs);
  for (let ms = fromMs; ms < toMs; ms += STEP_MS) {
    let lateMs = Math.min(ms + STEP_MS, toMs);
    if (offsetMinutesAt(zone, lateMs) === offset) continue;
    let earlyMs = ms;
    // To the millisecond: an entry may begin at any.
    while (lateMs - earlyMs > 1) {
      const middleMs = Math.floor((earlyMs + lateMs) / 2);
      if (offsetMinutesAt(zone, middleMs) === offset) earlyMs = middleMs;
      else lateMs = middleMs;
    }
    return lateMs;
  }
  return toMs;
}

/**
 * The person's days from one local date to another, both in: windows that follow one another without hole or overlap, dates strictly ascending.
 * A day has 23, 24 or 25 hours (23.5 or 24.5 on Lord Howe), more or less where the person travels: 30 when the zone moves six hours west. Dates
 * that the calendar skips are not there; a date that comes again after the date line was crossed eastward is one long day. No days where `fromDate` lies
 * after `toDate`. Throws RangeError for what is no date, and for an unknown zone.
 */
export function localDays(history: ZoneHistory, fromDate: string, toDate: string): LocalDay[] {
  const [firstMs, lastMs] = [midnightOf(fromDate), midnightOf(toDate)];
  if (firstMs === null || lastMs === null) throw new RangeError("This is no date of the calendar.");
  const days: LocalDay[] = [];
  let fromMs = firstReaching(history, firstMs);
  for (let wallMs = firstMs; wallMs <= lastMs; wallMs += DAY_MS) {
    const toMs = firstReaching(history, wallMs + DAY_MS);
    if (toMs > fromMs) days.push({ date: dateOf(wallMs), fromMs, toMs });
    fromMs = toMs;
  }
  return days;
}

function dateOf(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 10);
}

/** First instant of the local day, or of the next one that the calendar has. Throws RangeError for what is no date. */
export function startOfDay(history: ZoneHistory, date: string): number {
  const wallMs = midnightOf(date);
  if (wallMs === null) throw new RangeError("This is no date of the calendar.");
  return firstReaching(history, wallMs);
}

/** The local day that an instant belongs to. */
export function dayAt(history: ZoneHistory, ms: number): LocalDay {
  const shownMs = Math.floor((ms + offsetIn(history, ms) * MINUTE_MS) / DAY_MS) * DAY_MS;
  // The clock may show an earlier date than the day's: after it went back over midnight, or after the date line.
  for (let wallMs = shownMs + 2 * DAY_MS; ; wallMs -= DAY_MS) {
    const fromMs = firstReaching(history, wallMs);
    if (fromMs <= ms) return { date: dateOf(wallMs), fromMs, toMs: firstReaching(history, wallMs + DAY_MS) };
  }
}

/** The local date `YYYY-MM-DD` that an instant belongs to. */
export function dateAt(history: ZoneHistory, ms: number): string {
  return dayAt(history, ms).date;
}

/** The days that touch the window `[fromMs, toMs)`; none for an empty one. */
export function daysTouching(history: ZoneHistory, { fromMs, toMs }: Window): LocalDay[] {
  return fromMs < toMs ? localDays(history, dateAt(history, fromMs), dateAt(history, toMs - 1)) : [];
}
