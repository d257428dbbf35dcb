/** Oura's call limits: 5000 in five minutes, counted for the application and for each token. vendors/oura.md, Rate limits. */

import { MINUTE_MS } from "#units/time.ts";
import type { CloudContext, Switch } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import type { Counter } from "../limits.ts";
import { createCounter } from "../limits.ts";
import type { Grant } from "../tokens.ts";
import { ouraRefusal } from "./refusal.ts";

const WINDOW_MS = 5 * MINUTE_MS;
const limit = (name: string, label: string): Switch => ({ name, label, positions: { least: 0, most: 999_999_999 }, initial: "5000" });

/** Of the two layers only one figure is stated. */
export const OURA_LIMITS: readonly Switch[] = [
  limit("callsPerApp", "Calls of the application in five minutes"),
  limit("callsPerToken", "Calls of one person's token in five minutes"),
];

export interface CallLimits {
  /** Counts one call and answers it: with 429 beyond a limit, else with what `answer` gives; the vendor's headers are on both. */
  counted(grant: Grant | null, answer: () => Answer | Promise<Answer>): Promise<Answer>;
}

export function createCallLimits(context: CloudContext): CallLimits {
  const now = (): number => context.now();
  const app = createCounter(now, [WINDOW_MS]);
  const tokens = new WeakMap<Grant, Counter>();
  const counterOf = (grant: Grant): Counter => {
    const counter = tokens.get(grant) ?? createCounter(now, [WINDOW_MS]);
    tokens.set(grant, counter);
    return counter;
  };
  return {
    async counted(grant, answer) {
      const layers = [
        { tier: "app", most: Number(context.position("callsPerApp")), used: app.count()[0] ?? 0 },
        ...(grant ? [{ tier: "token", most: Number(context.position("callsPerToken")), used: counterOf(grant).count()[0] ?? 0 }] : []),
      ];
      // The headers speak of the layer that will end first.
      const layer = layers.toSorted((one, other) => one.most - one.used - (other.most - other.used))[0]!;
      const resetSeconds = Math.ceil((WINDOW_MS - (context.now() % WINDOW_MS)) / 1000);
      const headers = {
        "x-ratelimit-limit": String(layer.most), "x-ratelimit-window": String(WINDOW_MS / 1000), "x-ratelimit-reset": String(resetSeconds),
        "x-ratelimit-tier": layer.tier,
      };
      if (layer.used > layer.most) return ouraRefusal(429, "Request rate limit exceeded", { ...headers, "retry-after": String(resetSeconds) });
      const given = await answer();
      return { ...given, headers: { ...given.headers, ...headers } };
    },
  };
}
