/** Strava's cloud. Written from vendors/strava.md. */

import type { Cloud } from "../cloud.ts";
import { athleteId } from "./activities.ts";
import { stravaApiRoutes } from "./api.ts";
import { pushStrava, STRAVA_PUSHES } from "./control.ts";
import { createEdits } from "./edits.ts";
import { createStravaEvents } from "./events.ts";
import { STRAVA_LIMITS } from "./limits.ts";
import { stravaOAuthRoutes } from "./oauth.ts";
import { refuseAsStrava } from "./refusal.ts";
import { tickStrava } from "./schedule.ts";
import type { StravaWorld } from "./world.ts";

export const strava: Cloud = {
  id: "strava",
  name: "Strava",
  // No code lifetime is stated; ten minutes is the usual bound. A refresh within the last hour makes new tokens.
  tokens: { codeSeconds: 600, accessSeconds: 21_600, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: 3600 },
  // 200 within 2 s, three tries; the delays are not stated.
  delivery: { timeoutMs: 2_000, retrySeconds: [5, 15], isTaken: ({ status }) => status === 200 },
  shownParameters: ["before", "after", "keys", "key_by_type", "approval_prompt", "include_all_efforts"],
  switches: [
    { name: "signEvents", label: "Sign events", positions: ["off", "on"], initial: "off" },
    // An option of privacy, for all activities of everybody here.
    { name: "hideStarts", label: "Hide when activities started", positions: ["off", "on"], initial: "off" },
    { name: "streamsAfterMinutes", label: "Minutes after the upload until there are streams", positions: { least: 0, most: 1440 }, initial: "0" },
    { name: "subscribers", label: "Athletes who subscribe to Strava", positions: ["all", "none"], initial: "all" },
    // The sources name two addresses for ending an authorization.
    { name: "deauthorize", label: "Address for ending an authorization", positions: ["old", "new"], initial: "old" },
    ...STRAVA_LIMITS,
  ],
  refuse: refuseAsStrava,
  create(context) {
    const edits = createEdits(context);
    const world: StravaWorld = { context, edits, events: createStravaEvents(context, edits) };
    return {
      routes: [...stravaOAuthRoutes(world), ...stravaApiRoutes(world)],
      pushes: STRAVA_PUSHES,
      push: (person, what) => pushStrava(world, person, what),
      tick: () => tickStrava(world),
      facts: (person) => ({ athleteId: athleteId(context, person) }),
    };
  },
};
