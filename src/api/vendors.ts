/** How the vendors stand, for the admins of an organization. */
import type { FastifyRequest } from "fastify";
import { vendorStandings, type VendorStanding } from "#sync/vendor-standing.ts";
import { formatInstant } from "#units/time.ts";
import type { z } from "zod";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEMS, type Server } from "./route-kit.ts";
import { vendorStandingList } from "./schemas.ts";

export function vendorRoutes(server: Server, context: ApiContext): void {
  server.get("/vendors", {
    config: { access: { who: "user", roles: ["admin"] } },
    schema: {
      tags: ["administration"], summary: "How each vendor stands: set up or not, well or not, what is left of its limits", description: "Limits and health are of the whole Islet, connections of this organization. Nothing secret.",
      response: { 200: vendorStandingList, ...PROBLEMS },
    },
  }, async (request) => {
    const { organizationId } = await requireActor(context, request as FastifyRequest);
    return { data: (await vendorStandings(context.sync, organizationId)).map(show) };
  });
}

function show({ quietUntilMs, lastCalls, limits, lastSyncMs, subscription, missingSettings, ...rest }: VendorStanding): z.infer<typeof vendorStandingList>["data"][number] {
  return {
    ...rest, missingSettings: [...missingSettings], quietUntil: at(quietUntilMs), lastCalls: lastCalls && { made: lastCalls.made, failed: lastCalls.failed, at: formatInstant(lastCalls.atMs) },
    limits: limits.map(({ endsMs, ...limit }) => ({ ...limit, endsAt: at(endsMs) })), connections: { ...rest.connections }, lastSyncAt: at(lastSyncMs),
    subscription: { kind: subscription.kind, isMade: subscription.isMade, since: at(subscription.sinceMs) },
  };
}

function at(ms: number | null): string | null {
  return ms === null ? null : formatInstant(ms);
}
