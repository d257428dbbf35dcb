/** Access in an emergency, and its review (faults PR-11). */
import { z } from "zod";
import { breakGlass, listBreakGlass, reviewBreakGlass, type BreakGlass } from "#people/access/break-glass.ts";
import { audit } from "#people/audit/audit.ts";
import { formatInstant } from "#units/time.ts";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEM, PROBLEMS, type Server } from "./route-kit.ts";
import { breakGlassAccess, breakGlassList, breakGlassRequest, breakGlassReview } from "./schemas.ts";

const TAGS = ["sharing"];
/** Shown at once; older ones are in the audit log. */
const MOST_SHOWN = 500;

export function breakGlassRoutes(server: Server, context: ApiContext): void {
  server.post("/break-glass", {
    config: { access: { who: "user", roles: ["clinician"] }, limit: "sensitive" },
    schema: {
      tags: TAGS, summary: "Open a patient of my organization in an emergency, for four hours, to look",
      description: "The person is told by mail, and sees the reason; admins review it; everything that is read is in the audit log. Five times in a day at most.",
      body: breakGlassRequest, response: { 201: breakGlassAccess, ...PROBLEMS, 409: PROBLEM },
    },
  }, async (request, reply) => {
    const actor = await requireActor(context, request);
    const { organizationId, userId } = actor;
    const made = await context.database.withOrganization(organizationId, async (tx) => {
      const access = await breakGlass(tx, { organizationId, userId, ...request.body });
      await audit(tx, organizationId, { action: "break_glass.opened", actorUserId: userId, patientId: access.patientId, objectType: "break_glass", objectId: access.id, requestId: request.id, purpose: "break_glass" });
      return access;
    });
    context.log.warn({ requestId: request.id, accessId: made.id }, "a patient was opened in an emergency: it waits for an admin's review");
    return reply.code(201).send(show(made));
  });

  server.get("/break-glass", {
    config: { access: { who: "user", roles: ["admin"] } },
    schema: { tags: TAGS, summary: "Emergency accesses of my organization, those not reviewed first", response: { 200: breakGlassList, ...PROBLEMS } },
  }, async (request) => {
    const actor = await requireActor(context, request);
    return { data: (await context.database.withOrganization(actor.organizationId, (tx) => listBreakGlass(tx, MOST_SHOWN))).map(show) };
  });

  server.post("/break-glass/:accessId/review", {
    config: { access: { who: "user", roles: ["admin"] } },
    schema: {
      tags: TAGS, summary: "Say whether an emergency access was justified", params: z.object({ accessId: z.string().max(40) }), body: breakGlassReview,
      response: { 200: breakGlassAccess, ...PROBLEMS, 409: PROBLEM },
    },
  }, async (request) => {
    const actor = await requireActor(context, request);
    const { verdict } = request.body;
    return context.database.withOrganization(actor.organizationId, async (tx) => {
      const access = await reviewBreakGlass(tx, request.params.accessId, { userId: actor.userId, verdict });
      await audit(tx, actor.organizationId, { action: "break_glass.reviewed", actorUserId: actor.userId, patientId: access.patientId, objectType: "break_glass", objectId: access.id, requestId: request.id });
      return show(access);
    });
  });
}

function show({ begunMs, untilMs, reviewedMs, ...rest }: BreakGlass): z.infer<typeof breakGlassAccess> {
  return { ...rest, begunAt: formatInstant(begunMs), until: formatInstant(untilMs), reviewedAt: reviewedMs === null ? null : formatInstant(reviewedMs) };
}
