/** What admins see to: legal holds, and how long things are kept. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import { audit } from "#people/audit/audit.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { liftHold, listHolds, placeHold, type LegalHold } from "#privacy/holds.ts";
import { readKeeping, RETENTION, setKeeping } from "#privacy/retention.ts";
import { formatInstant } from "#units/time.ts";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEM, PROBLEMS, type Server } from "./route-kit.ts";
import { legalHold, legalHoldList, legalHoldWish, retention, retentionPatch } from "./schemas.ts";

const TAGS = ["privacy"];
const access = { who: "user", roles: ["admin"] } as const;

export function privacyRoutes(server: Server, context: ApiContext): void {
  server.get("/privacy/holds", {
    config: { access },
    schema: { tags: TAGS, summary: "Legal holds, those that stand first", response: { 200: legalHoldList, ...PROBLEMS } },
  }, (request) => asAdmin(context, request as FastifyRequest, async (tx) => ({ data: (await listHolds(tx)).map(show) })));

  server.post("/privacy/holds", {
    config: { access },
    schema: {
      tags: TAGS, summary: "Place a legal hold: nothing of the patient is erased or cut while it stands", body: legalHoldWish, response: { 201: legalHold, ...PROBLEMS, 409: PROBLEM },
    },
  }, async (request, reply) => {
    const { patientId, reason } = request.body;
    const hold = await asAdmin(context, request as FastifyRequest, (tx, actor) => placeHold(tx, { organizationId: actor.organizationId, userId: actor.userId, nowMs: context.clock.now() }, patientId, reason));
    return reply.code(201).send(show(hold));
  });

  server.delete("/privacy/holds/:holdId", {
    config: { access },
    schema: { tags: TAGS, summary: "Lift a legal hold", params: z.object({ holdId: z.string().max(40) }), response: { 204: z.null(), ...PROBLEMS } },
  }, async (request, reply) => {
    await asAdmin(context, request as FastifyRequest, (tx, actor) => liftHold(tx, { organizationId: actor.organizationId, userId: actor.userId, nowMs: context.clock.now() }, request.params.holdId));
    return reply.code(204).send(null);
  });

  const shown = async (tx: Tx, actor: Actor) => ({
    keepMeasurementsYears: await readKeeping(tx, actor.organizationId), classes: RETENTION.map(({ name, what, keeps }) => ({ name, what, keeps })),
  });
  server.get("/privacy/retention", {
    config: { access },
    schema: { tags: TAGS, summary: "How long what is kept", response: { 200: retention, ...PROBLEMS } },
  }, (request) => asAdmin(context, request as FastifyRequest, shown));

  server.patch("/privacy/retention", {
    config: { access },
    schema: {
      tags: TAGS, summary: "Set after how many years measurements are deleted, or that they never are", description: "From the next night on. What is deleted does not come back.",
      body: retentionPatch, response: { 200: retention, ...PROBLEMS },
    },
  }, (request) => asAdmin(context, request as FastifyRequest, async (tx, actor) => {
    await setKeeping(tx, actor.organizationId, request.body.keepMeasurementsYears);
    await audit(tx, actor.organizationId, { action: "retention.changed", actorUserId: actor.userId, objectType: "organization", objectId: actor.organizationId, requestId: request.id });
    return shown(tx, actor);
  }));
}

async function asAdmin<T>(context: ApiContext, request: FastifyRequest, work: (tx: Tx, actor: Actor) => Promise<T>): Promise<T> {
  const actor = await requireActor(context, request);
  return context.database.withOrganization(actor.organizationId, (tx) => work(tx, actor));
}

function show({ id, patientId, reason, placedMs, placedBy, liftedMs }: LegalHold) {
  return { id, patientId, reason, placedAt: formatInstant(placedMs), placedBy, liftedAt: liftedMs === null ? null : formatInstant(liftedMs) };
}
