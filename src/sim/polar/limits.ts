/** Polar's call limits: so many for the application and some more for each registered person. vendors/polar.md, Rate limits. */

import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import type { CloudContext, Switch } from "../cloud.ts";
import type { Route } from "../exchange.ts";
import { createCounter } from "../limits.ts";
import { polarRefusal } from "./refusal.ts";

const WINDOWS = [
  { name: "callsPerQuarterHour", label: "Calls in a quarter of an hour", initial: "500", perPerson: 20, lengthMs: 15 * MINUTE_MS },
  { name: "callsPerDay", label: "Calls in a day", initial: "5000", perPerson: 100, lengthMs: DAY_MS },
] as const;

export const POLAR_LIMITS: readonly Switch[] = WINDOWS.map(({ name, label, initial }) => ({
  name, label: `${label}, before those for each person`, positions: { least: 0, most: 999_999_999 }, initial,
}));

/** Counts each call of the application, tells how it stands, and refuses beyond. */
export function createLimit(context: CloudContext, countPeople: () => number): (handle: Route["handle"]) => Route["handle"] {
  const calls = createCounter(() => context.now(), WINDOWS.map(({ lengthMs }) => lengthMs));
  return (handle) => async (call) => {
    const used = calls.count();
    const limits = WINDOWS.map(({ name, perPerson }) => Number(context.position(name)) + perPerson * countPeople());
    const headers = {
      "ratelimit-usage": used.join(", "),
      "ratelimit-limit": limits.join(", "),
      "ratelimit-reset": WINDOWS.map(({ lengthMs }) => Math.ceil((lengthMs - (context.now() % lengthMs)) / 1000)).join(", "),
    };
    const isOver = used.some((count, index) => count > (limits[index] ?? 0));
    const answer = isOver ? polarRefusal(429, "Too many requests") : await handle(call);
    return { ...answer, headers: { ...answer.headers, ...headers } };
  };
}
