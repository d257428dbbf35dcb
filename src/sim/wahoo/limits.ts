/** Wahoo's call limits, those of the sandbox unless turned; one for the whole application. vendors/wahoo.md, Rate limits. */

import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { CloudContext, Switch } from "../cloud.ts";
import type { Route } from "../exchange.ts";
import { createCounter } from "../limits.ts";
import { wahooRefusal } from "./refusal.ts";

/** In the order of the headers. */
const WINDOWS = [
  { name: "callsPerDay", label: "Calls in a day", initial: "250", lengthMs: DAY_MS },
  { name: "callsPerHour", label: "Calls in an hour", initial: "100", lengthMs: HOUR_MS },
  { name: "callsPerFiveMinutes", label: "Calls in five minutes", initial: "25", lengthMs: 5 * MINUTE_MS },
] as const;

export const WAHOO_LIMITS: readonly Switch[] = WINDOWS.map(({ name, label, initial }) => ({ name, label, positions: { least: 0, most: 999_999_999 }, initial }));

/** Counts each call, tells how it stands, and refuses beyond. The reset is that of the longest spent window, else of the shortest. */
export function createLimit(context: CloudContext): (handle: Route["handle"]) => Route["handle"] {
  const calls = createCounter(() => context.now(), WINDOWS.map(({ lengthMs }) => lengthMs));
  return (handle) => async (call) => {
    const used = calls.count();
    const limits = WINDOWS.map(({ name }) => Number(context.position(name)));
    const left = limits.map((limit, index) => limit - (used[index] ?? 0));
    const spent = WINDOWS.find((_, index) => (left[index] ?? 0) < 0);
    const { lengthMs } = spent ?? WINDOWS[2];
    const headers = {
      "x-ratelimit-limit": limits.join(", "),
      "x-ratelimit-remaining": left.map((count) => Math.max(0, count)).join(", "),
      "x-ratelimit-reset": String(Math.ceil((lengthMs - (context.now() % lengthMs)) / 1000)),
    };
    const answer = spent ? wahooRefusal(429, "Too many requests") : await handle(call);
    return { ...answer, headers: { ...answer.headers, ...headers } };
  };
}
