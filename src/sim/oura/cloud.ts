/** Oura's cloud. Written from vendors/oura.md. */

import type { Cloud } from "../cloud.ts";
import { ouraApiRoutes } from "./api.ts";
import { OURA_PUSHES, pushOura } from "./control.ts";
import { ouraUserId } from "./documents.ts";
import { createEdits } from "./edits.ts";
import { createOuraEvents } from "./events.ts";
import { createCallLimits, OURA_LIMITS } from "./limits.ts";
import { ouraOAuthRoutes } from "./oauth.ts";
import { refuseAsOura } from "./refusal.ts";
import { tickOura } from "./schedule.ts";
import { ouraWebhookRoutes } from "./webhooks.ts";
import type { OuraWorld } from "./world.ts";

export const oura: Cloud = {
  id: "oura",
  name: "Oura",
  // A day in samples of the server flow; the FAQ speaks of thirty. Refresh tokens serve once.
  tokens: { codeSeconds: 600, accessSeconds: 86_400, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null },
  // Up to ten more tries in about an hour; 410 ends the subscription.
  delivery: {
    timeoutMs: 10_000, retrySeconds: [10, 30, 60, 120, 240, 360, 480, 600, 750, 900],
    isTaken: ({ status }) => status >= 200 && status < 400, isFinal: ({ status }) => status === 410,
  },
  shownParameters: ["start_date", "end_date", "start_datetime", "end_datetime", "latest", "fields"],
  switches: [
    { name: "endDate", label: "Documents of end_date itself", positions: ["as usual", "inclusive", "exclusive"], initial: "as usual" },
    { name: "documentsPerPage", label: "Documents in a page", positions: { least: 1, most: 1000 }, initial: "50" },
    { name: "samplesPerPage", label: "Samples in a page", positions: { least: 1, most: 10_000 }, initial: "1000" },
    { name: "scopes", label: "Scopes as in", positions: ["plain", "fine", "spec"], initial: "plain" },
    { name: "missingScope", label: "A missing scope gives", positions: ["403", "401"], initial: "403" },
    { name: "account", label: "The people's accounts", positions: ["fine", "membership expired", "app outdated"], initial: "fine" },
    { name: "revokeBy", label: "Revocation is asked by", positions: ["both", "GET", "POST"], initial: "both" },
    { name: "timestamps", label: "Times of signatures in", positions: ["seconds", "iso"], initial: "seconds" },
    ...OURA_LIMITS,
  ],
  refuse: refuseAsOura,
  create(context) {
    const world: OuraWorld = { context, edits: createEdits(context) };
    const events = createOuraEvents(context);
    const limits = createCallLimits(context);
    return {
      routes: [...ouraOAuthRoutes(world), ...ouraApiRoutes(world, limits), ...ouraWebhookRoutes(context, limits)],
      pushes: OURA_PUSHES,
      push: (person, what, detail) => pushOura(world, events, { person, what, detail }),
      tick: () => tickOura(world, events),
      facts: (person) => ({ userId: ouraUserId(world, person) }),
      pushed(push, { status }) {
        if (status === 410 && push.subscriptionId !== undefined) context.subscriptions.remove(push.subscriptionId);
      },
    };
  },
};
