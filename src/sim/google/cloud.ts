/** The Google Health cloud. Written from vendors/google-health.md. */

import type { Cloud } from "../cloud.ts";
import { json } from "../exchange.ts";
import { googleApiRoutes } from "./api.ts";
import { fitbitUserId } from "../fitbit/identity.ts";
import { GOOGLE_PUSHES, pushGoogle } from "./control.ts";
import { publicKeyset } from "./keys.ts";
import { googleOAuthRoutes } from "./oauth.ts";
import { healthUserId } from "./person.ts";
import { refuseAsGoogle } from "./refusal.ts";
import { createTick } from "./schedule.ts";
import { projectNumber, subscriberRoutes } from "./subscribers.ts";
import type { GoogleWorld } from "./world.ts";
import { keptSchema } from "./world.ts";

const HOUR = 3600;

export const google: Cloud = {
  id: "google",
  name: "Google Health",
  // No code lifetime is stated; ten minutes is the usual bound. Refresh tokens stay; the ends they have besides (six months unused, a week
  // in testing status) are from memory, and a demo outlives neither.
  tokens: { codeSeconds: 600, accessSeconds: 3599, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null, refreshing: "keep" },
  // Retried with growing delay for seven days; steps and timeout are not stated.
  delivery: { timeoutMs: 10_000, retrySeconds: [10, 60, 300, 1800, 2 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 24 * HOUR, 48 * HOUR, 48 * HOUR] },
  shownParameters: ["filter", "pageSize", "dataSourceFamily", "alt", "partialData", "access_type", "prompt", "updateMask", "force", "subscriberId"],
  clientExtras: ["webhook_secret"],
  switches: [
    { name: "callsPerMinute", label: "Calls of a person in a minute", positions: { least: 0, most: 999_999 }, initial: "300" },
    { name: "account", label: "State of the Google account", positions: ["linked", "not linked", "half migrated"], initial: "linked" },
    { name: "identityNeeds", label: "Scope needed for the identity", positions: ["profile", "any scope"], initial: "profile" },
    { name: "signatureHeader", label: "Header of the signature", positions: ["google-health-api-signature", "x-healthapi-signature"], initial: "google-health-api-signature" },
  ],
  servesGlucose: true,
  refuse: refuseAsGoogle,
  create(context) {
    const world: GoogleWorld = { context, kept: context.keep(keptSchema, { subscribers: [], gone: [] }) };
    return {
      routes: [
        ...googleOAuthRoutes(context),
        ...googleApiRoutes(world),
        ...subscriberRoutes(world),
        // At a host of its own in the real world; for everybody to read.
        { method: "GET", path: "/googlehealthapi/webhooks/webhooks_public_keyset.json", door: "page", handle: () => json(200, publicKeyset(context)) },
      ],
      pushes: GOOGLE_PUSHES,
      push: (person, what, detail) => pushGoogle(world, person, what, detail),
      tick: createTick(world),
      facts: (person) => ({ userId: healthUserId(context, person), legacyUserId: fitbitUserId(context, person), projectNumber: projectNumber(world) }),
      pushed(push, { status, retryMs }) {
        const subscriber = world.kept.subscribers.find(({ id }) => id === push.subscriptionId);
        if (subscriber && retryMs === null && (status < 200 || status > 299)) subscriber.state = "INACTIVE";
      },
    };
  },
};
