/** Strava's call limits: quarter hours and UTC days; calls beyond still count. vendors/strava.md, Rate limits. */

import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import type { SimOptions } from "../options.ts";

const DEFAULTS = { overall: { quarterHour: 200, day: 2000 }, read: { quarterHour: 100, day: 1000 } };

export interface CallLimits {
  /** Counts one call. Headers to send with the answer, and whether it is over a limit. */
  count(isRead: boolean): { readonly headers: Record<string, string>; readonly isOver: boolean };
}

export function createCallLimits(options: SimOptions): CallLimits {
  let quarter = { number: -1, overall: 0, read: 0 };
  let day = { number: -1, overall: 0, read: 0 };
  return {
    count(isRead) {
      const limits = options.stravaLimits ?? DEFAULTS;
      const nowMs = options.now();
      const quarterNumber = Math.floor(nowMs / (15 * MINUTE_MS));
      const dayNumber = Math.floor(nowMs / DAY_MS);
      if (quarter.number !== quarterNumber) quarter = { number: quarterNumber, overall: 0, read: 0 };
      if (day.number !== dayNumber) day = { number: dayNumber, overall: 0, read: 0 };
      for (const window of [quarter, day]) {
        window.overall += 1;
        if (isRead) window.read += 1;
      }
      const isOver =
        quarter.overall > limits.overall.quarterHour || day.overall > limits.overall.day ||
        (isRead && (quarter.read > limits.read.quarterHour || day.read > limits.read.day));
      return {
        isOver,
        headers: {
          "x-ratelimit-limit": `${limits.overall.quarterHour},${limits.overall.day}`,
          "x-ratelimit-usage": `${quarter.overall},${day.overall}`,
          "x-readratelimit-limit": `${limits.read.quarterHour},${limits.read.day}`,
          "x-readratelimit-usage": `${quarter.read},${day.read}`,
        },
      };
    },
  };
}
