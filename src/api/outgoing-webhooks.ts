/** Where the organization's own systems hear of changes, for its admins: endpoints, their secrets, and the log of what was sent. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import { wakeEndpoint } from "#live/webhooks-out/context.ts";
import { addEndpoint, BOTH_SECRETS_MS, changeEndpoint, listEndpoints, readEndpoint, removeEndpoint, rotateSecret, type WebhookEndpoint } from "#live/webhooks-out/endpoints.ts";
import { listDeliveries, MOST_REPLAYED, readDelivery, replayDelivery, replaySpan, sendTrial, type WebhookDelivery } from "#live/webhooks-out/deliveries.ts";
import { eventType } from "#live/webhooks-out/message.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { formatInstant, parseInstant } from "#units/time.ts";
import { InvalidInput } from "../errors.ts";
import { requireActor, requireRecentProof } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { decodeCursor, encodeCursor } from "./paging.ts";
import { instantParameter, PROBLEM, PROBLEMS, type Server } from "./route-kit.ts";
import {
  webhookDeliveryList, webhookDeliveryShown, webhookDeliveryState, webhookEndpoint, webhookEndpointList, webhookEndpointMade, webhookEndpointPatch, webhookEndpointRequest, webhookReplay, webhookReplayRequest,
  webhookSecretMade,
} from "./schemas.ts";

const TAGS = ["administration"];
const access = { who: "user", roles: ["admin"] } as const;
const endpointParams = z.object({ endpointId: z.string().max(40) });
const deliveryParams = endpointParams.extend({ deliveryId: z.string().regex(/^\d{1,18}$/) });
const listQuery = z.object({
  state: z.union([webhookDeliveryState, z.array(webhookDeliveryState)]).optional(), from: z.string().max(40).optional().describe("Made at or after this instant."), to: z.string().max(40).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50), cursor: z.string().max(400).optional(),
});

export function outgoingWebhookRoutes(server: Server, context: ApiContext): void {
  endpointRoutes(server, context);
  secretRoutes(server, context);
  deliveryRoutes(server, context);
  replayRoutes(server, context);
}

function endpointRoutes(server: Server, context: ApiContext): void {
  const { clock, webhooksOut } = context;
  server.get("/webhook-endpoints", {
    config: { access }, schema: { tags: TAGS, summary: "Systems of the organization that are told of changes", response: { 200: webhookEndpointList, ...PROBLEMS } },
  }, (request) => asAdmin(context, request as FastifyRequest, async (tx) => ({ data: (await listEndpoints(tx, clock.now())).map(show) })));

  server.get("/webhook-endpoints/:endpointId", {
    config: { access }, schema: { tags: TAGS, summary: "One of them", params: endpointParams, response: { 200: webhookEndpoint, ...PROBLEMS } },
  }, (request) => asAdmin(context, request as FastifyRequest, async (tx) => show(await readEndpoint(tx, request.params.endpointId, clock.now()))));

  server.patch("/webhook-endpoints/:endpointId", {
    config: { access, limit: "sensitive" },
    schema: { tags: TAGS, summary: "Change, pause or resume one", params: endpointParams, body: webhookEndpointPatch, response: { 200: webhookEndpoint, ...PROBLEMS } },
  }, async (request) => {
    const { endpointId } = request.params;
    const changed = await asAdmin(context, request as FastifyRequest, async (tx, admin) => {
      // Where messages go is as grave as who may read.
      if (request.body.url !== undefined) requireRecentProof(context, admin);
      await changeEndpoint(webhooksOut, tx, { admin, endpointId }, request.body);
      return { organizationId: admin.organizationId, endpoint: await readEndpoint(tx, endpointId, clock.now()) };
    });
    if (changed.endpoint.state === "active") await wakeEndpoint(webhooksOut, { organizationId: changed.organizationId, endpointId });
    return show(changed.endpoint);
  });

  server.delete("/webhook-endpoints/:endpointId", {
    config: { access, limit: "sensitive" }, schema: { tags: TAGS, summary: "Remove one, with its log", params: endpointParams, response: { 204: z.null(), ...PROBLEMS } },
  }, async (request, reply) => {
    await asAdmin(context, request as FastifyRequest, (tx, admin) => removeEndpoint(tx, { admin, endpointId: request.params.endpointId }));
    return reply.code(204).send(null);
  });
}

function secretRoutes(server: Server, context: ApiContext): void {
  const { clock, webhooksOut } = context;
  server.post("/webhook-endpoints", {
    config: { access, limit: "sensitive" },
    schema: {
      tags: TAGS, summary: "Tell one more system; its secret is shown this once", description: "Needs a proof of the last ten minutes. Messages carry ids, kinds, times and counts, never a value, and only of people who share with the organization.",
      body: webhookEndpointRequest, response: { 201: webhookEndpointMade, ...PROBLEMS, 409: PROBLEM },
    },
  }, async (request, reply) => {
    const made = await asAdmin(context, request as FastifyRequest, async (tx, admin) => {
      requireRecentProof(context, admin);
      const { id, secret } = await addEndpoint(webhooksOut, tx, admin, request.body);
      return { ...show(await readEndpoint(tx, id, clock.now())), secret };
    });
    return reply.code(201).send(made);
  });

  server.post("/webhook-endpoints/:endpointId/secret", {
    config: { access, limit: "sensitive" },
    schema: {
      tags: TAGS, summary: "Give it a new secret; the one before is signed with for another day", description: "Needs a proof of the last ten minutes.", params: endpointParams,
      response: { 201: webhookSecretMade, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const secret = await asAdmin(context, request as FastifyRequest, (tx, admin) => {
      requireRecentProof(context, admin);
      return rotateSecret(webhooksOut, tx, { admin, endpointId: request.params.endpointId });
    });
    return reply.code(201).send({ secret, oldSecretUntil: formatInstant(clock.now() + BOTH_SECRETS_MS) });
  });
}

function deliveryRoutes(server: Server, context: ApiContext): void {
  server.get("/webhook-endpoints/:endpointId/deliveries", {
    config: { access },
    schema: { tags: TAGS, summary: "What it was sent and how that went, the newest first", params: endpointParams, querystring: listQuery, response: { 200: webhookDeliveryList, ...PROBLEMS } },
  }, (request) => asAdmin(context, request as FastifyRequest, async (tx, { organizationId }) => {
    const { endpointId } = request.params;
    const { limit, cursor, state, from, to } = request.query;
    await readEndpoint(tx, endpointId, context.clock.now());
    const filter = {
      endpointId, states: state === undefined ? undefined : [state].flat(), fromMs: from === undefined ? undefined : instantParameter("from", from, 0), toMs: to === undefined ? undefined : instantParameter("to", to, 0),
    };
    const scope = `webhook-deliveries ${organizationId} ${JSON.stringify(filter)}`;
    const found = await listDeliveries(tx, filter, { limit: limit + 1, beforeId: cursor === undefined ? null : String(decodeCursor(context, scope, cursor)[0]) });
    const page = found.slice(0, limit);
    return { data: page.map(showDelivery), nextCursor: found.length > limit ? encodeCursor(context, scope, [page.at(-1)!.id]) : null };
  }));

  server.get("/webhook-endpoints/:endpointId/deliveries/:deliveryId", {
    config: { access }, schema: { tags: TAGS, summary: "One delivery with all its attempts and what it says", params: deliveryParams, response: { 200: webhookDeliveryShown, ...PROBLEMS } },
  }, (request) => asAdmin(context, request as FastifyRequest, (tx) => shown(tx, request.params)));
}

function replayRoutes(server: Server, context: ApiContext): void {
  const { webhooksOut } = context;
  server.post("/webhook-endpoints/:endpointId/trial", {
    config: { access, limit: "sensitive" }, schema: { tags: TAGS, summary: "Send it a message about nobody, to try it", params: endpointParams, response: { 202: webhookDeliveryShown, ...PROBLEMS } },
  }, async (request, reply) => {
    const { endpointId } = request.params;
    const sent = await asAdmin(context, request as FastifyRequest, async (tx, { organizationId, userId }) => {
      await readEndpoint(tx, endpointId, context.clock.now());
      const deliveryId = await sendTrial(webhooksOut, tx, { organizationId, userId, endpointId });
      return { organizationId, delivery: await shown(tx, { endpointId, deliveryId }) };
    });
    await wakeEndpoint(webhooksOut, { organizationId: sent.organizationId, endpointId });
    return reply.code(202).send(sent.delivery);
  });

  server.post("/webhook-endpoints/:endpointId/deliveries/:deliveryId/replay", {
    config: { access, limit: "sensitive" },
    schema: { tags: TAGS, summary: "Send one once more, from the first attempt, under the same id", params: deliveryParams, response: { 202: webhookDeliveryShown, ...PROBLEMS } },
  }, async (request, reply) => {
    const { endpointId, deliveryId } = request.params;
    const again = await asAdmin(context, request as FastifyRequest, async (tx, { organizationId, userId }) => {
      await readEndpoint(tx, endpointId, context.clock.now());
      await replayDelivery(webhooksOut, tx, { organizationId, userId, endpointId }, deliveryId);
      return { organizationId, delivery: await shown(tx, request.params) };
    });
    await wakeEndpoint(webhooksOut, { organizationId: again.organizationId, endpointId });
    return reply.code(202).send(again.delivery);
  });

  server.post("/webhook-endpoints/:endpointId/replays", {
    config: { access, limit: "sensitive" },
    schema: { tags: TAGS, summary: "Send all of a span once more", params: endpointParams, body: webhookReplayRequest, response: { 202: webhookReplay, ...PROBLEMS } },
  }, async (request, reply) => {
    const { endpointId } = request.params;
    const { from, to, states } = request.body;
    const span = { states, fromMs: instantOf("from", from), toMs: to === undefined ? undefined : instantOf("to", to) };
    const ordered = await asAdmin(context, request as FastifyRequest, async (tx, { organizationId, userId }) => {
      await readEndpoint(tx, endpointId, context.clock.now());
      return { organizationId, replayed: await replaySpan(webhooksOut, tx, { organizationId, userId, endpointId }, span) };
    });
    await wakeEndpoint(webhooksOut, { organizationId: ordered.organizationId, endpointId });
    return reply.code(202).send({ replayed: ordered.replayed, isAll: ordered.replayed < MOST_REPLAYED });
  });
}

/** An instant of a body, as epoch milliseconds. Throws InvalidInput naming it. */
function instantOf(name: string, text: string): number {
  const parsed = parseInstant(text);
  if (!parsed) throw new InvalidInput(`${name} is no instant.`, { issues: [{ pointer: `/body/${name}`, detail: "use RFC 3339 with an offset, e.g. 2026-03-02T06:30:00Z" }] });
  return parsed.ms;
}

async function asAdmin<T>(context: ApiContext, request: FastifyRequest, work: (tx: Tx, admin: Actor) => Promise<T>): Promise<T> {
  const admin = await requireActor(context, request);
  return context.database.withOrganization(admin.organizationId, (tx) => work(tx, admin));
}

async function shown(tx: Tx, { endpointId, deliveryId }: { readonly endpointId: string; readonly deliveryId: string }): Promise<z.infer<typeof webhookDeliveryShown>> {
  const { tries, body, ...delivery } = await readDelivery(tx, endpointId, deliveryId);
  return { ...showDelivery(delivery), body, tries: tries.map(({ atMs, ...rest }) => ({ at: formatInstant(atMs), ...rest })) };
}

function show({ failingSinceMs, createdMs, oldSecretUntilMs, kinds, ...rest }: WebhookEndpoint): z.infer<typeof webhookEndpoint> {
  return { ...rest, kinds: [...kinds], failingSince: at(failingSinceMs), createdAt: formatInstant(createdMs), oldSecretUntil: at(oldSecretUntilMs) };
}

function showDelivery({ kind, createdMs, nextMs, endedMs, ...rest }: WebhookDelivery): z.infer<typeof webhookDeliveryList>["data"][number] {
  return { ...rest, type: eventType(kind), createdAt: formatInstant(createdMs), nextAttemptAt: at(nextMs), endedAt: at(endedMs) };
}

function at(ms: number | null): string | null {
  return ms === null ? null : formatInstant(ms);
}
