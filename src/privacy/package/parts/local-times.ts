/** The person's own clock at any instant, quick for instants that follow one another. */
import { MINUTE_MS, offsetStretchAt } from "#units/time.ts";
import { zoneAt, type ZoneHistory } from "#units/zones.ts";

export type PatientZone = ZoneHistory;

export interface LocalTimes {
  zone(ms: number): string;
  /** Minutes east of UTC. */
  offset(ms: number): number;
}

export function localTimes(history: PatientZone): LocalTimes {
  let known = { zone: "", fromMs: 0, untilMs: 0, offset: 0 };
  const zone = (ms: number): string => zoneAt(history, ms);
  return {
    zone,
    offset: (ms) => {
      const now = zone(ms);
      if (now === known.zone && ms >= known.fromMs && ms < known.untilMs) return known.offset;
      const { offsetMinutes, untilMs } = offsetStretchAt(now, ms);
      known = { zone: now, fromMs: ms, untilMs, offset: offsetMinutes };
      return offsetMinutes;
    },
  };
}

/** `YYYY-MM-DDTHH:MM:SS.sss` as the clock on the wall showed it. */
export function wallText(ms: number, offsetMinutes: number): string {
  return new Date(ms + offsetMinutes * MINUTE_MS).toISOString().slice(0, -1);
}
