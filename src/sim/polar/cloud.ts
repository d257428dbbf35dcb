/** Polar's cloud, AccessLink v3. Written from vendors/polar.md, Part A; the newer one of Part B has another client, other hosts and no solid facts. */

import type { Cloud } from "../cloud.ts";
import { polarApiRoutes } from "./api.ts";
import { POLAR_PUSHES, pushPolar, tickPolar } from "./events.ts";
import { POLAR_LIMITS } from "./limits.ts";
import { polarOAuthRoutes, polarUserId } from "./oauth.ts";
import { refuseAsPolar } from "./refusal.ts";
import { stateSchema } from "./state.ts";
import { createUsers } from "./users.ts";
import { createWebhooks } from "./webhooks.ts";
import type { PolarWorld } from "./world.ts";

export const polar: Cloud = {
  id: "polar",
  name: "Polar",
  // Nearly ten years, and no way to refresh.
  tokens: { codeSeconds: 600, accessSeconds: 315_359_999, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null, refreshing: "none" },
  // How often it is tried again is not stated.
  delivery: { timeoutMs: 10_000, retrySeconds: [30, 300, 3600, 6 * 3600], isTaken: ({ status }) => status === 200 },
  shownParameters: ["from", "to", "samples", "zones", "route", "steps", "activity_zones", "inactivity_stamps"],
  switches: [
    ...POLAR_LIMITS,
    // Real clouds show nothing from before the registration, except what a watch uploads afterwards.
    { name: "unsyncedDays", label: "Days that the watch had kept to itself before the registration", positions: { least: 0, most: 365 }, initial: "28" },
    { name: "registrationAnswer", label: "What a registration answers", positions: ["object", "empty"], initial: "object" },
    { name: "mandatoryConsents", label: "Mandatory consents in Polar Flow", positions: ["accepted", "missing"], initial: "accepted" },
    { name: "heartRateRange", label: "Continuous heart rate of several days", positions: ["array", "object"], initial: "array" },
  ],
  refuse: refuseAsPolar,
  create(context) {
    const kept = context.keep(stateSchema, { users: {}, events: [], lastSuccessMs: 0 });
    const world: PolarWorld = { context, users: createUsers(context, kept), hooks: createWebhooks(context, kept) };
    return {
      routes: [...polarOAuthRoutes(context), ...polarApiRoutes(world)],
      pushes: POLAR_PUSHES,
      push: (person, what) => pushPolar(world, person, what),
      tick: () => tickPolar(world),
      facts: (person) => ({ userId: polarUserId(context, person) }),
      pushed: (_push, { status }) => world.hooks.heard(status === 200),
    };
  },
};
