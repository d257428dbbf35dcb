/** Fitbit's own cloud, as it was before it was switched off. Written from vendors/fitbit.md. */

import type { Cloud } from "../cloud.ts";
import type { Route } from "../exchange.ts";
import { fitbitApiRoutes } from "./api.ts";
import { createDoor } from "./calls.ts";
import { FITBIT_PUSHES, pushFitbit } from "./control.ts";
import { fitbitUserId } from "./identity.ts";
import { fitbitOAuthRoutes } from "./oauth.ts";
import { ended, refuseAsFitbit } from "./refusal.ts";
import { createTick } from "./schedule.ts";
import { subscriptionRoutes } from "./subscriptions.ts";
import type { FitbitWorld } from "./world.ts";
import { keptSchema } from "./world.ts";

export const fitbit: Cloud = {
  id: "fitbit",
  name: "Fitbit",
  // No code lifetime is stated; ten minutes is the usual bound. That a refresh may be repeated for two minutes is from memory; here the former
  // token is dead at once, which asks more of the application.
  tokens: { codeSeconds: 600, accessSeconds: 28_800, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null },
  // 204 within 5 s; how often it is tried again is not stated.
  delivery: { timeoutMs: 5_000, retrySeconds: [60, 600, 3600, 6 * 3600], isTaken: ({ status }) => status === 204 },
  shownParameters: ["afterDate", "beforeDate", "sort", "offset", "limit"],
  clientExtras: ["verification_code"],
  switches: [
    { name: "state", label: "The API", positions: ["open", "ended"], initial: "open" },
    { name: "callsPerHour", label: "Calls of a person in an hour", positions: { least: 0, most: 999_999 }, initial: "150" },
    { name: "resetHeader", label: "Fitbit-Rate-Limit-Reset", positions: ["seconds", "unix time"], initial: "seconds" },
    { name: "intraday", label: "Intraday data", positions: ["permitted", "refused"], initial: "permitted" },
    { name: "shapes", label: "SpO2 and VO2 max as in", positions: ["live", "documented"], initial: "live" },
  ],
  refuse: refuseAsFitbit,
  create(context) {
    const world: FitbitWorld = { context, kept: context.keep(keptSchema, { verified: null }) };
    const door = createDoor(world);
    const whileOpen = (route: Route): Route => ({ ...route, handle: (call) => (context.position("state") === "ended" ? ended() : route.handle(call)) });
    return {
      routes: [...fitbitOAuthRoutes(context).map(whileOpen), ...fitbitApiRoutes(door), ...subscriptionRoutes(door)],
      pushes: FITBIT_PUSHES,
      push: (person, what, detail) => pushFitbit(world, person, what, detail),
      tick: createTick(world),
      facts: (person) => ({ userId: fitbitUserId(context, person) }),
    };
  },
};
