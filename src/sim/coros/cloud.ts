/** COROS's cloud. Written from vendors/coros.md. Its look at our "service status URL" is left out: nothing is known of what hangs on it. */

import type { Cloud } from "../cloud.ts";
import { corosApiRoutes } from "./api.ts";
import { refuseAsCoros } from "./envelope.ts";
import { corosOAuthRoutes, openIdOf } from "./oauth.ts";
import { createPushes, isReceipt, RETRY_SECONDS } from "./pushes.ts";
import { COROS_PUSHES, pushCoros, tickCoros } from "./schedule.ts";
import type { CorosWorld } from "./world.ts";

export const coros: Cloud = {
  id: "coros",
  name: "COROS",
  // No code lifetime is stated; ten minutes is the usual bound. A refresh makes nothing new: both tokens live on, the access token for 30 days.
  tokens: { codeSeconds: 600, accessSeconds: 30 * 86_400, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null, refreshing: "extend" },
  delivery: { timeoutMs: 10_000, retrySeconds: RETRY_SECONDS, isTaken: isReceipt },
  shownParameters: ["startDate", "endDate", "mode", "subMode"],
  switches: [
    { name: "refreshAnswer", label: "A refresh answers", positions: ["OK", "tokens"], initial: "OK" },
    { name: "deauthorizeToken", label: "Where the token is read that ends a grant", positions: ["anywhere", "address", "form"], initial: "anywhere" },
    { name: "labelIds", label: "Labels of workouts on the wire", positions: ["text", "number"], initial: "text" },
    { name: "dailyData", label: "Daily data for the application", positions: ["granted", "30009", "403"], initial: "granted" },
    { name: "dailyCalorie", label: "Unit of a day's energy", positions: ["kcal", "calories"], initial: "kcal" },
    { name: "nightOf", label: "A day's night begins", positions: ["evening", "morning"], initial: "evening" },
    // 0 is never. No figure is stated.
    { name: "refusedBeforeDisabled", label: "Tries in a row without a receipt that end the pushes", positions: { least: 0, most: 999 }, initial: "50" },
  ],
  refuse: refuseAsCoros,
  create(context) {
    const pushes = createPushes(context);
    const world: CorosWorld = {
      context, pushes,
      forget(personId) {
        context.grants.revoke(personId);
        pushes.drop(personId);
      },
    };
    return {
      routes: [...corosOAuthRoutes(world), ...corosApiRoutes(world)],
      pushes: COROS_PUSHES,
      push: (person, what, detail) => pushCoros(world, person, what, detail),
      tick: () => tickCoros(world),
      facts: (person) => ({ openId: openIdOf(context, person) }),
      pushed: (_push, result) => pushes.heard(result),
    };
  },
};
