/** WHOOP's call limits: by the minute and the day, for all people of the application together. vendors/whoop.md, Rate limits. */

import { DAY_MS, MINUTE_MS, SECOND_MS } from "#units/time.ts";
import type { CloudContext, Switch } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import { createCounter } from "../limits.ts";
import { whoopRefusal } from "./refusal.ts";

const limit = (name: string, label: string, initial: string): Switch => ({ name, label, positions: { least: 0, most: 999_999_999 }, initial });

export const WHOOP_LIMITS: readonly Switch[] = [limit("callsPerMinute", "Calls in a minute", "100"), limit("callsPerDay", "Calls in a day", "10000")];

export interface CallLimits {
  /** Counts one call and answers it: with 429 beyond a limit, else with what `answer` gives; the vendor's headers are on both. */
  counted(answer: () => Answer): Answer;
}

export function createCallLimits(context: CloudContext): CallLimits {
  const counter = createCounter(() => context.now(), [MINUTE_MS, DAY_MS]);
  return {
    counted(answer) {
      const [usedMinute = 0, usedDay = 0] = counter.count();
      const [minute = 0, day = 0] = WHOOP_LIMITS.map(({ name }) => Number(context.position(name)));
      const resetOf = (windowMs: number): number => Math.ceil((windowMs - (context.now() % windowMs)) / SECOND_MS);
      // The headers speak of the window that will be used up first.
      const isDayNearer = day - usedDay < minute - usedMinute;
      const headers = {
        "x-ratelimit-limit": `${minute}, ${minute};window=60, ${day};window=86400`,
        "x-ratelimit-remaining": String(Math.max(0, isDayNearer ? day - usedDay : minute - usedMinute)),
        "x-ratelimit-reset": String(resetOf(isDayNearer ? DAY_MS : MINUTE_MS)),
      };
      const given = usedMinute > minute || usedDay > day ? whoopRefusal(429, "Too many requests") : answer();
      return { ...given, headers: { ...given.headers, ...headers } };
    },
  };
}
