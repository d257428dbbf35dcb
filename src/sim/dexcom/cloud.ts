/** Dexcom's cloud. Written from vendors/dexcom.md. */

import { randomUUID } from "node:crypto";
import type { Cloud } from "../cloud.ts";
import { oauthRefusal } from "../oauth.ts";
import { dexcomApiRoutes, dexcomRefusal, dexcomUserId } from "./api.ts";
import { dexcomOAuthRoutes } from "./oauth.ts";

export const dexcom: Cloud = {
  id: "dexcom",
  name: "Dexcom",
  tokens: {
    codeSeconds: 60, accessSeconds: 7200, refreshSeconds: null, consentSeconds: 365 * 86_400, keepAboveSeconds: null,
    makeCode: () => `US_${randomUUID()}.${randomUUID()}.${randomUUID()}`,
  },
  delivery: null,
  shownParameters: ["startDate", "endDate", "lastSyncTime"],
  switches: [
    // The real cloud holds data back one to three hours.
    { name: "delayMinutes", label: "Age of a reading before it is shown, minutes", positions: { least: 0, most: 1440 }, initial: "0" },
    // A receiver is uploaded by cable: in the sandbox once in a sensor's session.
    { name: "receiverUploads", label: "Uploads of receivers", positions: ["at once", "each session"], initial: "at once" },
    { name: "oddDates", label: "Readings with dates that cannot be", positions: ["off", "on"], initial: "off" },
    { name: "callsPerHour", label: "Calls in an hour", positions: { least: 0, most: 999_999_999 }, initial: "60000" },
  ],
  servesGlucose: true,
  refuse(refusal) {
    if (refusal.kind === "invalid_grant") return oauthRefusal({ error: "invalid_grant", description: "The grant is not valid." });
    if (refusal.kind === "rate_limited") return dexcomRefusal(429, refusal.retryAfterSeconds);
    return dexcomRefusal(refusal.kind === "server_error" ? refusal.status : 404);
  },
  create: (context) => ({
    routes: [...dexcomOAuthRoutes(context), ...dexcomApiRoutes(context)],
    facts: (person) => ({ userId: dexcomUserId(context, person) }),
  }),
};
