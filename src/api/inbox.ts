/** The inbox as its operators see it: what waits, what failed, what is dead, and orders to try or to make it once more. Never a body. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import { countOpen, listDeliveries, orderReplay, replayProgress, retryDeliveries, showDelivery, type DeliveryFilter, type DeliveryLine, type ReplayProgress } from "#inbox/operate.ts";
import { isId } from "#people/access/access.ts";
import { audit } from "#people/audit/audit.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { formatInstant } from "#units/time.ts";
import { InvalidInput, NotFound, NotPermitted } from "../errors.ts";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { decodeCursor, encodeCursor } from "./paging.ts";
import { instantParameter, PROBLEMS, type Server } from "./route-kit.ts";
import { plainText } from "./schemas/common.ts";
import { deliveryState, inboxCounts, inboxDeliveryShown, inboxList, replay } from "./schemas.ts";

const which = {
  provider: plainText.max(40).optional().describe("A vendor, or `import`."),
  patientId: z.string().max(40).optional(),
  from: z.string().max(40).optional().describe("Received at or after this instant."),
  to: z.string().max(40).optional().describe("Received before."),
};
const listQuery = z.object({
  ...which, state: z.union([deliveryState, z.array(deliveryState)]).optional(), limit: z.coerce.number().int().min(1).max(200).default(50), cursor: z.string().max(400).optional(),
});
const replayBody = z.object({
  ...which, mappingBefore: z.number().int().min(1).max(1_000_000).optional().describe("Only what an older version of the vendor's mapping made."),
  reason: plainText.trim().min(3).max(200).describe("Stands in the audit log."),
});
const idParams = z.object({ id: z.string().regex(/^\d{1,18}$/) });

const TAGS = ["operation"];

export function inboxRoutes(server: Server, context: ApiContext): void {
  server.get("/inbox/counts", {
    config: { access: { who: "user", roles: ["admin"] } },
    schema: { tags: TAGS, summary: "How much waits or is dead, by vendor, and since when", response: { 200: inboxCounts, ...PROBLEMS } },
  }, (request) => asOperator(context, request as FastifyRequest, async (tx) => ({
    data: (await countOpen(tx)).map(({ oldestMs, ...rest }) => ({ ...rest, oldestAt: formatInstant(oldestMs) })),
  })));

  server.get("/inbox/deliveries", {
    config: { access: { who: "user", roles: ["admin"] } },
    schema: { tags: TAGS, summary: "Deliveries, the newest first", description: "`state=dead` are those that are not tried any more.", querystring: listQuery, response: { 200: inboxList, ...PROBLEMS } },
  }, (request) => asOperator(context, request as FastifyRequest, async (tx, actor) => {
    const { limit, cursor, state, ...rest } = request.query;
    const filter: DeliveryFilter = { ...filterOf(rest), ...(state === undefined ? {} : { states: [state].flat() }) };
    const scope = `inbox ${actor.organizationId} ${JSON.stringify(filter)}`;
    const beforeId = cursor === undefined ? null : String(decodeCursor(context, scope, cursor)[0]);
    const lines = await listDeliveries(tx, filter, { limit: limit + 1, beforeId });
    const page = lines.slice(0, limit);
    return { data: page.map(showLine), nextCursor: lines.length > limit ? encodeCursor(context, scope, [page.at(-1)!.id]) : null };
  }));

  server.get("/inbox/deliveries/:id", {
    config: { access: { who: "user", roles: ["admin"] } },
    schema: { tags: TAGS, summary: "One delivery, with what could not be made of it", params: idParams, response: { 200: inboxDeliveryShown, ...PROBLEMS } },
  }, (request) => asOperator(context, request as FastifyRequest, async (tx) => {
    const found = await showDelivery(tx, request.params.id);
    if (!found) throw new NotFound("There is no such delivery.");
    return { ...showLine(found), problems: [...found.problems], causedBy: found.causedBy };
  }));

  server.post("/inbox/deliveries/:id/retry", {
    config: { access: { who: "user", roles: ["admin"] } },
    schema: { tags: TAGS, summary: "Try a failed or dead delivery again, from the first attempt", params: idParams, response: { 200: inboxDeliveryShown, ...PROBLEMS } },
  }, (request) => asOperator(context, request as FastifyRequest, async (tx, actor) => {
    const { id } = request.params;
    if ((await retryDeliveries(tx, { id })) === 0) throw new NotFound("There is no such delivery that failed or is dead.");
    await audit(tx, actor.organizationId, { action: "inbox.retry", actorUserId: actor.userId, objectType: "delivery", objectId: id, requestId: request.id });
    const found = (await showDelivery(tx, id))!;
    return { ...showLine(found), problems: [...found.problems], causedBy: found.causedBy };
  }));

  server.post("/inbox/replays", {
    config: { access: { who: "user", roles: ["admin"] } },
    schema: {
      tags: TAGS, summary: "Map and store once more what is done",
      description: "The same records come of it, or better ones where a mapping was mended; nothing is asked of a vendor. Of this organization's deliveries only.",
      body: replayBody, response: { 202: replay, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const actor = await requireAdmin(context, request as FastifyRequest);
    const { reason, mappingBefore, ...rest } = request.body;
    const filter: DeliveryFilter = { ...filterOf(rest), ...(mappingBefore === undefined ? {} : { mappingBefore }) };
    if (Object.keys(filter).length === 0) {
      throw new InvalidInput("Say what is to be made once more.", { issues: [{ pointer: "/body", detail: "provider, patientId, from, to or mappingBefore" }] });
    }
    const id = await orderReplay(context.database, { organizationId: actor.organizationId, askedBy: actor.userId, reason, filter });
    const progress = await context.database.withOrganization(actor.organizationId, async (tx) => {
      await audit(tx, actor.organizationId, { action: "inbox.replay", actorUserId: actor.userId, objectType: "replay", objectId: id, requestId: request.id });
      return replayProgress(tx, id);
    });
    return reply.code(202).send(showReplay(progress!));
  });

  server.get("/inbox/replays/:id", {
    config: { access: { who: "user", roles: ["admin"] } },
    schema: { tags: TAGS, summary: "How far a replay has come", params: idParams, response: { 200: replay, ...PROBLEMS } },
  }, (request) => asOperator(context, request as FastifyRequest, async (tx) => {
    const progress = await replayProgress(tx, request.params.id);
    if (!progress) throw new NotFound("There is no such replay.");
    return showReplay(progress);
  }));
}

/** Throws NotPermitted for whoever is no admin. */
async function requireAdmin(context: ApiContext, request: FastifyRequest): Promise<Actor> {
  const actor = await requireActor(context, request);
  if (!actor.roles.includes("admin")) throw new NotPermitted("Only admins look into the inbox.");
  return actor;
}

/**
 * Works on what an admin may see: the deliveries of the own organization. Where there is no other, also those that are nobody's yet; with
 * several organizations those are the business of whoever runs the machine (`islet inbox`).
 */
async function asOperator<T>(context: ApiContext, request: FastifyRequest, work: (tx: Tx, actor: Actor) => Promise<T>): Promise<T> {
  const actor = await requireAdmin(context, request);
  const { database } = context;
  const isAlone = await database.asSystem(async (tx) => (await tx.query("select 1 from organizations limit 2")).length === 1);
  return isAlone ? database.asSystem((tx) => work(tx, actor)) : database.withOrganization(actor.organizationId, (tx) => work(tx, actor));
}

function filterOf(query: { provider?: string | undefined; patientId?: string | undefined; from?: string | undefined; to?: string | undefined }): DeliveryFilter {
  const { provider, patientId, from, to } = query;
  if (patientId !== undefined && !isId(patientId)) throw new NotFound("There is no such patient.");
  return {
    ...(provider === undefined ? {} : { provider }), ...(patientId === undefined ? {} : { patientId }),
    ...(from === undefined ? {} : { fromMs: instantParameter("from", from, 0) }), ...(to === undefined ? {} : { toMs: instantParameter("to", to, 0) }),
  };
}

function showLine(line: DeliveryLine): z.infer<typeof inboxList>["data"][number] {
  const { receivedMs, processedMs, availableMs, ...rest } = line;
  return {
    ...rest, receivedAt: formatInstant(receivedMs), processedAt: processedMs === null ? null : formatInstant(processedMs),
    nextTryAt: availableMs === null ? null : formatInstant(availableMs),
  };
}

function showReplay({ askedMs, ...rest }: ReplayProgress): z.infer<typeof replay> {
  return { ...rest, askedAt: formatInstant(askedMs) };
}
