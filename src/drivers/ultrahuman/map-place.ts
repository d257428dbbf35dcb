/** When Ultrahuman's items were: of which day, and at which local offset. Pure. Source: vendors/ultrahuman.md, Data endpoints. */
import { dayPlace, type DayPlace } from "#driver/day.ts";
import { looseNumber, type Mapping } from "#driver/payload.ts";
import type { MapContext } from "#driver/types.ts";
import { DAY_MS, localDate, localDay, offsetMinutesAt } from "#units/time.ts";

export interface MapJob {
  readonly mapping: Mapping;
  readonly context: MapContext;
  /** Zone that the answer names as the person's latest; null when it names none. */
  readonly zone: string | null;
}

/** One item, where it stands, and the day that it belongs to as far as that is known from around it. */
export interface Item {
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly path: string;
  /** The date that it is filed under. */
  readonly date: string | null;
  /** The start of the day that a neighbour of the same answer names, seconds. */
  readonly neighbourDayS: number | null;
}

/** No second of our days has so many digits: what is larger is in milliseconds. */
const MOST_SECONDS = 100_000_000_000;

/** An epoch in seconds, also as text or in milliseconds; null for what is no number. */
export function epochOf(value: unknown): number | null {
  const number = typeof value === "number" ? value : looseNumber(value);
  return number === null || Math.abs(number) < MOST_SECONDS ? number : number / 1000;
}

/** Before the first of these rings; scrubbed recordings carry tiny epochs. */
const EARLIEST_MS = Date.UTC(2015, 0, 1);
const CLOCK_FAULT_MS = 2 * DAY_MS;

export function isPossible(ms: number, { context }: MapJob): boolean {
  return ms >= EARLIEST_MS && ms <= context.receivedMs + CLOCK_FAULT_MS;
}

const DAY_S = 86_400;
const QUARTER_S = 900;
const FURTHEST_EAST_S = 14 * 3_600;

/**
 * Local offset of a midnight that is given as an instant: 23:00 UTC is the midnight of UTC+1. Null for a midnight of UTC itself, which is
 * written where the zone is not known, too, and for what is no midnight of any zone.
 */
function offsetOfMidnight(seconds: number): number | null {
  const untilNext = (DAY_S - (seconds % DAY_S)) % DAY_S;
  if (untilNext === 0 || untilNext % QUARTER_S !== 0) return null;
  return (untilNext <= FURTHEST_EAST_S ? untilNext : untilNext - DAY_S) / 60;
}

/** The local offset at an instant: of the zone named, else of the day's own midnight, else of the person's zone as we know it. */
export function offsetAt(ms: number, dayStartS: number | null, { zone, context }: MapJob): number {
  if (zone !== null) return offsetMinutesAt(zone, ms);
  const ofMidnight = dayStartS === null ? null : offsetOfMidnight(dayStartS);
  return ofMidnight ?? offsetMinutesAt(context.zone, ms);
}

/** The item's day; null, and a problem, when nothing tells which one it is. */
export function dayOf({ content, date, neighbourDayS, path }: Item, job: MapJob): DayPlace | null {
  const own = epochOf(content["day_start_timestamp"]);
  const startS = Number.isInteger(own) ? own : date === null ? neighbourDayS : null;
  const place = startS === null ? dateFrom(date, job) : dayFrom(startS, job);
  if (place && isPossible(place.startMs, job)) return place;
  job.mapping.problem(`${path}/day_start_timestamp`, "no possible day");
  return null;
}

function dateFrom(date: string | null, { zone, context }: MapJob): DayPlace | null {
  return date === null ? null : dayPlace(date, zone ?? context.zone, null);
}

/** From its first instant; 23 or 25 hours where the zone says so. */
function dayFrom(startS: number, job: MapJob): DayPlace | null {
  const startMs = startS * 1000;
  if (!isPossible(startMs, job)) return null;
  const zone = job.zone ?? job.context.zone;
  const day = localDay(zone, localDate(zone, startMs));
  return { startMs, endMs: day?.fromMs === startMs ? day.toMs : startMs + DAY_MS, offsetMinutes: offsetAt(startMs, startS, job) };
}
