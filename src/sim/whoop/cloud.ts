/** WHOOP's cloud. Written from vendors/whoop.md. */

import type { Cloud } from "../cloud.ts";
import { whoopApiRoutes } from "./api.ts";
import { pushWhoop, WHOOP_PUSHES } from "./control.ts";
import { createWhoopEvents } from "./events.ts";
import { createCallLimits, WHOOP_LIMITS } from "./limits.ts";
import { whoopOAuthRoutes } from "./oauth.ts";
import { userIdOf } from "./records.ts";
import { refuseAsWhoop } from "./refusal.ts";
import { tickWhoop } from "./schedule.ts";
import type { WhoopWorld } from "./world.ts";
import { createDeletions } from "./world.ts";

export const whoop: Cloud = {
  id: "whoop",
  name: "WHOOP",
  // No code lifetime is stated; ten minutes is the usual bound. A refresh ends the former pair, access token included.
  tokens: { codeSeconds: 600, accessSeconds: 3600, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null, endsFormerAccess: true },
  // Any 2xx; five more tries in about an hour.
  delivery: { timeoutMs: 10_000, retrySeconds: [60, 300, 600, 1200, 1440] },
  shownParameters: ["limit", "start", "end"],
  switches: [
    { name: "state", label: "Length of the state", positions: ["at least 8", "exactly 8"], initial: "at least 8" },
    { name: "refreshWithoutOffline", label: "A refresh that does not ask for offline", positions: ["refused", "brings no refresh token"], initial: "refused" },
    { name: "signRetries", label: "Retries are signed", positions: ["anew", "once"], initial: "anew" },
    { name: "copies", label: "Copies of each event", positions: { least: 0, most: 3 }, initial: "1" },
    ...WHOOP_LIMITS,
  ],
  refuse: refuseAsWhoop,
  create(context) {
    const world: WhoopWorld = { context, deletions: createDeletions(context) };
    const events = createWhoopEvents(context);
    return {
      routes: [...whoopOAuthRoutes(context), ...whoopApiRoutes(world, createCallLimits(context))],
      pushes: WHOOP_PUSHES,
      push: (person, what, detail) => pushWhoop(world, events, { person, what, detail }),
      tick: () => tickWhoop(world, events),
      facts: (person) => ({ userId: userIdOf(world, person) }),
    };
  },
};
