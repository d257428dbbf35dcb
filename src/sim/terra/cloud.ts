/** Terra: the aggregator's page, its data doors and its webhooks. Written from vendors/terra.md. */

import type { Cloud } from "../cloud.ts";
import { header, type Call, type Route } from "../exchange.ts";
import { uuidOf } from "../people/rng.ts";
import { accountRoutes, pageRoutes } from "./accounts.ts";
import { dataRoutes } from "./doors.ts";
import { PUSHES, pushesOf, tick } from "./pushes.ts";
import { problem, state, type World } from "./world.ts";

export const terra: Cloud = {
  id: "terra",
  name: "Terra",
  tokens: { codeSeconds: 60, accessSeconds: 10 * 365 * 86_400, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null, refreshing: "none" },
  // Eight tries in a little more than a day.
  delivery: { timeoutMs: 8_000, retrySeconds: [300, 1_800, 3_600, 7_200, 14_400, 28_800, 32_400] },
  clientExtras: ["signing_secret"],
  shownParameters: ["start_date", "end_date", "to_webhook", "with_samples"],
  switches: [{ name: "header", label: "Name of the signature's header", positions: ["both", "x-terra-signature", "terra-signature"], initial: "both" }],
  servesGlucose: true,
  refuse(refusal) {
    if (refusal.kind === "rate_limited") return problem(429, "rate limit exceeded", refusal.retryAfterSeconds === undefined ? {} : { "retry-after": String(refusal.retryAfterSeconds) });
    if (refusal.kind === "server_error") return problem(refusal.status, "internal server error");
    return problem(404, refusal.kind === "invalid_grant" ? "user not found" : "not found");
  },
  create(context) {
    const world: World = { context, state: context.keep(state, { sessions: {}, users: [], count: 0 }) };
    const isOurs = (call: Call): boolean => header(call, "dev-id") === context.client.clientId && header(call, "x-api-key") === context.client.clientSecret;
    const guarded = ({ method, path, handle }: Pick<Route, "method" | "path" | "handle">): Route => ({
      method, path, door: "data", handle: (call) => (isOurs(call) ? handle(call) : problem(401, "dev-id or x-api-key headers are missing")),
    });
    return {
      routes: [...accountRoutes(world).map(guarded), ...dataRoutes(world).map(guarded), ...pageRoutes(world)],
      pushes: PUSHES,
      push: (person, what) => context.outbox.sendNow(pushesOf(world, person, what)),
      tick: () => tick(world),
      facts: (person) => ({ userId: uuidOf(context.seed, "terra", person.who.id) }),
    };
  },
};
