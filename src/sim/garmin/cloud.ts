/** Garmin's cloud. Written from vendors/garmin.md. */

import type { Cloud } from "../cloud.ts";
import { oauthRefusal } from "../oauth.ts";
import { garminApiRoutes, garminRefusal } from "./api.ts";
import { GARMIN_PUSHES, pushGarmin } from "./control.ts";
import { GARMIN_SWITCHES } from "./modes.ts";
import { createNotifier } from "./notify.ts";
import { garminOAuthRoutes } from "./oauth.ts";
import { tickGarmin } from "./schedule.ts";
import { garminUserId } from "./summaries.ts";

export const garmin: Cloud = {
  id: "garmin",
  name: "Garmin",
  // No code lifetime is stated; ten minutes is the usual bound.
  tokens: { codeSeconds: 600, accessSeconds: 86_400, refreshSeconds: 7_775_998, consentSeconds: null, keepAboveSeconds: null },
  // 200 within 30 s, retried with growing delay for days (here bounded to an hour); the delays are not stated.
  delivery: { timeoutMs: 30_000, retrySeconds: [3, 10, 30, 120, 300, 900, 1800], isTaken: ({ status }) => status === 200 },
  shownParameters: ["summaryStartTimeInSeconds", "summaryEndTimeInSeconds", "uploadStartTimeInSeconds", "uploadEndTimeInSeconds"],
  switches: GARMIN_SWITCHES,
  refuse(refusal) {
    if (refusal.kind === "invalid_grant") return oauthRefusal({ error: "invalid_grant", description: "The grant is not valid." });
    if (refusal.kind === "rate_limited") return garminRefusal(429, "Rate limit exceeded", refusal.retryAfterSeconds);
    return refusal.kind === "server_error" ? garminRefusal(refusal.status, "The service is not available") : garminRefusal(404, "Not found");
  },
  create(context) {
    const notifier = createNotifier(context);
    return {
      routes: [...garminOAuthRoutes(context), ...garminApiRoutes(context, notifier)],
      pushes: GARMIN_PUSHES,
      push: (person, what, detail) => pushGarmin(context, notifier, { person, what, detail }),
      tick: () => tickGarmin(context, notifier),
      facts: (person) => ({ userId: garminUserId(context, person) }),
    };
  },
};
