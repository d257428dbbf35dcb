/** What people's phones and meters call: paired once by a code, then they send. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { acceptPush, isDevice, pairDevice } from "#sync/device-door.ts";
import { storableText } from "#db/text.ts";
import { InvalidInput, NotAuthenticated } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEM, PROBLEMS, type Server } from "./route-kit.ts";
import { pairReply, pushReply } from "./schemas.ts";

/** A day of a watch, second by second, is a few megabytes; a phone's whole history comes in parts. */
const MOST_PUSH_BYTES = 64 * 1024 * 1024;
const JSON_TYPE = /^application\/(?:[a-z0-9.-]+\+)?json(?:$|[;\s])/i;

export function deviceRoutes(server: Server, context: ApiContext): void {
  server.post("/devices/pair", {
    // A code has forty bits and lives ten minutes; guessing must not pay all the same.
    config: { access: { who: "anyone" }, limit: "sensitive" },
    schema: {
      tags: ["devices"], summary: "Pair a phone or meter by the code its owner sees",
      description: "The code works once. The token is shown here and never again; it can send measurements and nothing else.",
      body: z.object({ code: z.string().max(40), name: z.string().max(80).optional().describe("What the owner calls the device.") }),
      response: { 201: pairReply, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const { code, name } = request.body;
    const paired = await pairDevice(context.sync, { code, name: name === undefined ? null : storableText(name) });
    return reply.code(201).send({
      token: paired.token, tokenType: "Bearer" as const, provider: paired.provider, connectionId: paired.ref.connectionId,
      pushUrl: `${context.config.publicOrigins[0]!}/api/v1/push/${paired.provider}`,
    });
  });
}

/** Registered in a scope of its own, where every body stays raw bytes. */
export function pushRoutes(server: Server, context: ApiContext): void {
  server.removeAllContentTypeParsers();
  const bodyLimit = Math.min(MOST_PUSH_BYTES, context.config.maxImportBytes);
  server.addContentTypeParser(JSON_TYPE, { parseAs: "buffer", bodyLimit }, (_request, body, done) => done(null, body));
  const schemaOf = (summary: string) => ({
    tags: ["devices"], summary, description: "Committed before it is acknowledged; the same body again is one delivery. Records appear a moment later.",
    response: { 202: pushReply, ...PROBLEMS, 409: PROBLEM, 413: PROBLEM, 415: PROBLEM },
  });
  // Before the body: nobody fills our memory without a token.
  const onRequest = async (request: FastifyRequest): Promise<void> => {
    const token = tokenOf(request);
    if (token === null || !(await isDevice(context.sync, token))) {
      throw new NotAuthenticated("Send the token that this device was given when it was paired, as a bearer token.");
    }
    const type = request.headers["content-type"] ?? "";
    if (!JSON_TYPE.test(type) || request.headers["content-encoding"] !== undefined) {
      throw new InvalidInput("Send JSON as application/json, not compressed.", { code: "unsupported_media_type", httpStatus: 415 });
    }
  };
  const take = async (request: FastifyRequest, provider: string, resource: string | null): Promise<{ deliveryId: string; isNew: boolean }> => {
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    refuseNonJson(body);
    const { id, isNew } = await acceptPush(context.sync, { provider, resource, token: tokenOf(request), body });
    return { deliveryId: id, isNew };
  };

  server.post("/push/:provider", { config: { access: { who: "device" } }, onRequest, schema: { ...schemaOf("Send measurements from a paired device"), params: z.object({ provider: z.string().max(40) }) } },
    async (request, reply) => reply.code(202).send(await take(request, request.params.provider, null)));
  server.post("/push/:provider/:resource", {
    config: { access: { who: "device" } },
    onRequest, schema: { ...schemaOf("Send measurements of one kind of payload"), params: z.object({ provider: z.string().max(40), resource: z.string().max(60) }) },
  }, async (request, reply) => reply.code(202).send(await take(request, request.params.provider, request.params.resource)));
}

function tokenOf(request: FastifyRequest): string | null {
  return /^Bearer +([A-Za-z0-9_-]{20,200})$/i.exec(request.headers.authorization ?? "")?.[1] ?? null;
}

/** The device is told at once, while its owner still looks. */
function refuseNonJson(body: Uint8Array): void {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw new InvalidInput("The body is no JSON.", { code: "malformed_json", cause: error });
  }
}
