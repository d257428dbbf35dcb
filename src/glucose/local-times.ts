/** The local date and the time on the wall of each reading. */
import { DAY_MS, HOUR_MS, MINUTE_MS, offsetStretchAt } from "#units/time.ts";
import { dayAt, type LocalDay, zoneAt, type ZoneHistory } from "#units/zones.ts";

/** An IANA zone, or the zones that a person has lived in. */
export type Zone = string | ZoneHistory;

export interface LocalTimes {
  /** Local dates YYYY-MM-DD that have readings, ascending. */
  readonly dates: readonly string[];
  /** When each of them begins and ends: 23, 24 or 25 hours, more or less on days of travel. */
  readonly days: readonly LocalDay[];
  /** Index into `dates` of each reading. */
  readonly dayIndexes: Int32Array;
  /** Index of the first reading of each date, and, at the end, the number of readings: day `d` is `[starts[d], starts[d + 1])`. */
  readonly starts: Int32Array;
  /** Minutes after midnight that the clock on the wall showed at each reading, with fractions, 0 up to 1440. */
  readonly minutes: Float64Array;
}

/** What was told last of each array of instants: one series is asked about by many metrics. */
const told = new WeakMap<Float64Array, { readonly zone: Zone; readonly times: LocalTimes }>();

/**
 * Local dates and wall-clock minutes of ascending instants. The answer is kept with the array, which must not change afterwards. The hour that clocks repeat in autumn has the same minutes twice; the one they skip has none.
 * Throws RangeError for an unknown zone. Source: cgm-metrics §1 (zone, DST).
 */
export function localTimes(timesMs: Float64Array, zone: Zone): LocalTimes {
  const known = told.get(timesMs);
  if (known?.zone === zone) return known.times;
  const times = findLocalTimes(timesMs, zone);
  told.set(timesMs, { zone, times });
  return times;
}

function findLocalTimes(timesMs: Float64Array, zone: Zone): LocalTimes {
  const days: LocalDay[] = [];
  const starts: number[] = [];
  const dayIndexes = new Int32Array(timesMs.length);
  const minutes = new Float64Array(timesMs.length);
  const clock = clockOf(zone);
  let dayUntilMs = -Infinity;
  /** Instant at which the clock would have shown midnight by the offset that holds up to `sameUntilMs`. */
  let [midnightMs, sameUntilMs] = [0, -Infinity];
  for (let i = 0; i < timesMs.length; i++) {
    const ms = timesMs[i]!;
    if (ms >= sameUntilMs) {
      const stretch = clock.stretchAt(ms);
      const offsetMs = stretch.offsetMinutes * MINUTE_MS;
      midnightMs = Math.floor((ms + offsetMs) / DAY_MS) * DAY_MS - offsetMs;
      sameUntilMs = Math.min(stretch.untilMs, midnightMs + DAY_MS);
    }
    if (ms >= dayUntilMs) {
      const day = clock.dayAt(ms);
      dayUntilMs = day.toMs;
      // A clock that goes back over midnight shows yesterday's date again; a day that has begun is not left.
      if (days.length === 0 || day.date > days[days.length - 1]!.date) {
        days.push(day);
        starts.push(i);
      }
    }
    dayIndexes[i] = days.length - 1;
    minutes[i] = (ms - midnightMs) / MINUTE_MS;
  }
  return { dates: days.map(({ date }) => date), days, dayIndexes, starts: Int32Array.from([...starts, timesMs.length]), minutes };
}

/** A person's zones, also where there was only one. */
export function historyOf(zone: Zone): ZoneHistory {
  return typeof zone === "string" ? { home: zone, entries: [] } : zone;
}

interface Clock {
  stretchAt(ms: number): { readonly offsetMinutes: number; readonly untilMs: number };
  dayAt(ms: number): LocalDay;
}

function clockOf(zone: Zone): Clock {
  const history = historyOf(zone);
  const offsetAt = (ms: number): number => offsetStretchAt(zoneAt(history, ms), ms).offsetMinutes;
  return {
    stretchAt: (ms) => {
      const stretch = offsetStretchAt(zoneAt(history, ms), ms);
      const moveMs = history.entries.find(({ fromMs }) => fromMs > ms)?.fromMs ?? Infinity;
      return { offsetMinutes: stretch.offsetMinutes, untilMs: Math.min(stretch.untilMs, moveMs) };
    },
    dayAt: (ms) => {
      const offset = offsetAt(ms);
      const wallMs = Math.floor((ms + offset * MINUTE_MS) / DAY_MS) * DAY_MS;
      const fromMs = wallMs - offset * MINUTE_MS;
      // Nearly all days keep one offset from midnight to midnight.
      if (offsetAt(fromMs) === offset && offsetAt(fromMs + DAY_MS) === offset && offsetAt(fromMs - HOUR_MS) === offset) {
        return { date: new Date(wallMs).toISOString().slice(0, 10), fromMs, toMs: fromMs + DAY_MS };
      }
      return dayAt(history, ms);
    },
  };
}
