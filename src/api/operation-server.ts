/** The small server of a process without the API (a worker): /health, /ready and /metrics, and nothing else. */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import type { Phase } from "#telemetry/readiness.ts";
import { NotFound } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { guardReplies } from "./guards.ts";
import { healthRoutes } from "./health.ts";
import { sendProblem } from "./problem.ts";
import { followRequests, requestIdOf } from "./request-trail.ts";

export async function buildOperationServer(context: ApiContext, phase: () => Phase): Promise<FastifyInstance> {
  const { log } = context;
  const server = fastify({
    bodyLimit: 1_024, requestTimeout: 10_000, http: { headersTimeout: 10_000 }, requestIdHeader: false,
    genReqId: (request) => requestIdOf(request, context.trustedProxies),
    frameworkErrors: (error, request, reply) => void sendProblem(log, error, request as FastifyRequest, reply as FastifyReply),
  });
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  server.setErrorHandler((error, request, reply) => sendProblem(log, error, request, reply));
  followRequests(server, context);
  guardReplies(server);
  healthRoutes(server.withTypeProvider<ZodTypeProvider>(), context, { phase, runsJobs: true });
  server.setNotFoundHandler(() => {
    throw new NotFound("There is nothing at this address.");
  });
  await server.ready();
  return server;
}
