/** Strava's call limits: quarter hours and UTC days, for all calls and for reads. vendors/strava.md, Rate limits. */

import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import type { CloudContext, Switch } from "../cloud.ts";
import { createCounter } from "../limits.ts";

const limit = (name: string, label: string, initial: string): Switch => ({ name, label, positions: { least: 0, most: 999_999_999 }, initial });

export const STRAVA_LIMITS: readonly Switch[] = [
  limit("callsPerQuarterHour", "Calls in a quarter of an hour", "200"),
  limit("callsPerDay", "Calls in a day", "2000"),
  limit("readsPerQuarterHour", "Reads in a quarter of an hour", "100"),
  limit("readsPerDay", "Reads in a day", "1000"),
];

export interface CallLimits {
  /** Counts one call. Headers to send with the answer, and whether it is over a limit. */
  count(isRead: boolean): { readonly headers: Record<string, string>; readonly isOver: boolean };
}

export function createCallLimits(context: CloudContext): CallLimits {
  const now = (): number => context.now();
  const [calls, reads] = [createCounter(now, [15 * MINUTE_MS, DAY_MS]), createCounter(now, [15 * MINUTE_MS, DAY_MS])];
  return {
    count(isRead) {
      const [quarter = 0, day = 0, readQuarter = 0, readDay = 0] = STRAVA_LIMITS.map(({ name }) => Number(context.position(name)));
      const [usedQuarter = 0, usedDay = 0] = calls.count();
      const [usedReadQuarter = 0, usedReadDay = 0] = reads.count(isRead ? 1 : 0);
      return {
        isOver: usedQuarter > quarter || usedDay > day || (isRead && (usedReadQuarter > readQuarter || usedReadDay > readDay)),
        headers: {
          "x-ratelimit-limit": `${quarter},${day}`,
          "x-ratelimit-usage": `${usedQuarter},${usedDay}`,
          "x-readratelimit-limit": `${readQuarter},${readDay}`,
          "x-readratelimit-usage": `${usedReadQuarter},${usedReadDay}`,
        },
      };
    },
  };
}
