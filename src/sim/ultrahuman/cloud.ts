/** Ultrahuman's cloud, the partner API by OAuth. Written from vendors/ultrahuman.md. It tells nobody of its own accord. */

import type { Cloud } from "../cloud.ts";
import { ultrahumanApiRoutes } from "./api.ts";
import { refuseAsUltrahuman } from "./envelope.ts";
import { ultrahumanOAuthRoutes, userIdOf } from "./oauth.ts";

export const ultrahuman: Cloud = {
  id: "ultrahuman",
  name: "Ultrahuman",
  // Ten minutes for a code and a refresh token without end: neither is stated.
  tokens: { codeSeconds: 600, accessSeconds: 86_400, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null },
  delivery: null,
  servesGlucose: true,
  shownParameters: ["date", "start_epoch", "end_epoch"],
  switches: [
    { name: "dateAnswer", label: "Envelope of a day", positions: ["metric_data", "metrics", "list"], initial: "metric_data" },
    { name: "epochAnswer", label: "Envelope of a window", positions: ["metrics", "metric_data"], initial: "metrics" },
    { name: "userInfo", label: "The person's account", positions: ["flat", "wrapped"], initial: "flat" },
    { name: "sleepType", label: "How the type of a night is spelt", positions: ["Sleep", "sleep"], initial: "Sleep" },
    { name: "tellsScope", label: "The token answer says what was granted", positions: ["yes", "no"], initial: "yes" },
  ],
  refuse: refuseAsUltrahuman,
  create: (context) => ({
    routes: [...ultrahumanOAuthRoutes(context), ...ultrahumanApiRoutes(context)],
    facts: (person) => ({ userId: userIdOf(context, person) }),
  }),
};
