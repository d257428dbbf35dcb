/** `/webhooks/{provider}`: the vendors push here. Answered after the delivery is committed, before anything is made of it. */
import { z } from "zod";
import type { FastifyRequest } from "fastify";
import { InvalidInput } from "../errors.ts";
import type { WebhookRequest } from "#driver/types.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEM, PROBLEMS, type Server } from "./route-kit.ts";

const params = z.object({ provider: z.string().max(40) });
const query = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

const acknowledged = z.object({ received: z.literal(true) });

/** What a vendor may push; anything else is answered 415 unread (faults WH-17). */
const TYPES = {
  json: /^application\/(?:[a-z0-9.-]+\+)?json(?:$|[;\s])/i,
  form: /^application\/x-www-form-urlencoded(?:$|[;\s])/i,
};

/** Registered in a scope of its own, where every body stays raw bytes. */
export function webhookRoutes(server: Server, context: ApiContext, patienceMs: number): void {
  cutTheSlow(server, patienceMs);
  server.removeAllContentTypeParsers();
  for (const type of Object.values(TYPES)) {
    server.addContentTypeParser(type, { parseAs: "buffer", bodyLimit: context.config.maxWebhookBytes }, (_request, body, done) => done(null, body));
  }

  server.post("/webhooks/:provider", {
    config: { access: { who: "vendor" }, limit: "none" },
    errorHandler: (error, request) => {
      // A vendor of ours, or none: strangers do not get to name metrics.
      const { provider } = request.params as { provider: string };
      context.sync.telemetry.webhookRefused(context.sync.providers.drivers.some(({ id }) => id === provider) ? provider : "none", error);
      throw error;
    },
    // A vendor is no browser: of the headers that guard pages it gets none.
    helmet: false,
    onRequest: async (request) => {
      // Never inflated: a few bytes could become gigabytes.
      if (request.headers["content-encoding"] !== undefined) throw notTaken("Compressed webhooks are not accepted.");
      const type = request.headers["content-type"];
      if (type && !TYPES[context.webhooks.bodyFormat(request.params.provider)].test(type)) throw notTaken("This vendor's webhooks are not of that content type.");
    },
    schema: {
      tags: ["vendors"], summary: "A vendor's webhook", params, querystring: query,
      response: { 200: acknowledged, 201: acknowledged, 204: z.null(), ...PROBLEMS, 413: PROBLEM, 415: PROBLEM },
    },
  }, async (request, reply) => {
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    if (body.length > context.webhooks.maxBytes(request.params.provider)) {
      throw new InvalidInput("The webhook is larger than this vendor's may be.", { code: "too_large", httpStatus: 413 });
    }
    const { status, answer } = await context.webhooks.accept(request.params.provider, received(request, body, context.clock.now()));
    if (status === 204) return reply.code(204).send(null);
    if (answer) return reply.code(status as 200).type(answer.contentType).serializer((value: unknown) => String(value)).send(answer.body as never);
    return reply.code(status as 200).send({ received: true as const });
  });

  server.get("/webhooks/:provider", {
    config: { access: { who: "vendor" } },
    schema: { tags: ["vendors"], summary: "A vendor's check of our webhook address", params, querystring: query, response: { 200: z.string(), 204: z.null(), ...PROBLEMS } },
  }, async (request, reply) => {
    const answer = await context.webhooks.handshake(request.params.provider, received(request, new Uint8Array(), context.clock.now()));
    if (answer.status === 204) return reply.code(204).send(null);
    return reply.type(answer.contentType).header("x-content-type-options", "nosniff").serializer((text: unknown) => String(text)).send(answer.body);
  });
}

/** Who has not sent all of a webhook in time is cut off: nothing of it was stored, and a vendor comes again (faults WH-18). */
function cutTheSlow(server: Server, patienceMs: number): void {
  server.addHook("onRequest", (request, _reply, done) => {
    const { raw } = request;
    const timer = setTimeout(() => raw.destroy(), patienceMs);
    raw.once("end", () => clearTimeout(timer)).once("close", () => clearTimeout(timer));
    done();
  });
}

function notTaken(message: string): InvalidInput {
  return new InvalidInput(message, { code: "unsupported_media_type", httpStatus: 415 });
}

function received(request: FastifyRequest, body: Uint8Array, receivedMs: number): WebhookRequest {
  const single = (values: Readonly<Record<string, unknown>>): Record<string, string | undefined> =>
    Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])));
  return { headers: single(request.headers), query: single(request.query as Record<string, unknown>), body, receivedMs };
}
