/** Withings' cloud. Written from vendors/withings.md. */

import type { Cloud } from "../cloud.ts";
import { createLimit, withingsApiRoutes } from "./api.ts";
import { refuseAsWithings } from "./envelope.ts";
import { createWithingsEvents } from "./events.ts";
import { createNonces } from "./nonces.ts";
import { createNotifyList } from "./notify.ts";
import { withingsOAuthRoutes, withingsUserId } from "./oauth.ts";
import { pushWithings, tickWithings, WITHINGS_PUSHES } from "./schedule.ts";
import type { WithingsWorld } from "./world.ts";

export const withings: Cloud = {
  id: "withings",
  name: "Withings",
  // The former refresh token serves for eight hours, or until the new access token is used.
  tokens: {
    codeSeconds: 30, accessSeconds: 10_800, refreshSeconds: 365 * 86_400, consentSeconds: null, keepAboveSeconds: null,
    graceSeconds: 8 * 3600, graceEndsWithUse: true,
  },
  // 200 within 2 s; how long it is tried again is not stated.
  delivery: { timeoutMs: 2_000, retrySeconds: [30, 300, 1800], isTaken: ({ status }) => status === 200 },
  shownParameters: [
    "action", "startdate", "enddate", "lastupdate", "startdateymd", "enddateymd", "meastypes", "meastype", "category", "data_fields", "offset", "appli", "new_appli",
  ],
  switches: [
    { name: "callsPerMinute", label: "Calls of the application in a minute", positions: { least: 0, most: 999_999_999 }, initial: "120" },
    // About 200 rows are reported.
    { name: "rowsPerPage", label: "Rows on a page", positions: { least: 1, most: 1000 }, initial: "200" },
    { name: "callbackRules", label: "Which callback addresses may be subscribed", positions: ["lenient", "strict"], initial: "lenient" },
    // Older documents say four; 0 is never.
    { name: "lostBeforeCancel", label: "Notifications lost in a row that end a subscription", positions: { least: 0, most: 99 }, initial: "4" },
  ],
  refuse: refuseAsWithings,
  create(context) {
    const subscribers = createNotifyList(context);
    const events = createWithingsEvents(context, subscribers);
    const world: WithingsWorld = { context, subscribers, events, nonces: createNonces(context), limit: createLimit(context) };
    return {
      routes: [...withingsOAuthRoutes(world), ...withingsApiRoutes(world)],
      pushes: WITHINGS_PUSHES,
      push: (person, what, detail) => pushWithings(world, person, what, detail),
      tick: () => tickWithings(world),
      facts: (person) => ({ userId: withingsUserId(context, person) }),
      pushed({ subscriptionId }, { status, retryMs }) {
        if (subscriptionId !== undefined && (status === 200 || retryMs === null)) subscribers.heard(subscriptionId, status === 200);
      },
    };
  },
};
