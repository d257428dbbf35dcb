/** The HTTP server: what stands before every route, and the routes, named one by one. */
import cookie from "@fastify/cookie";
import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyReply, type FastifyRequest } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { CHANGES_HEADER, changeRoutes } from "./changes.ts";
import { connectionRoutes } from "./connections.ts";
import type { ApiContext } from "./context.ts";
import { dayRoutes } from "./days.ts";
import { registerDocuments } from "./documents.ts";
import { deviceRoutes, pushRoutes } from "./devices.ts";
import { glucoseRoutes } from "./glucose.ts";
import { collectMethods, guardReplies } from "./guards.ts";
import { healthRoutes, type Standing } from "./health.ts";
import { importRoutes } from "./imports.ts";
import { inboxRoutes } from "./inbox.ts";
import { latestRoutes } from "./latest.ts";
import { liveRoutes } from "./live.ts";
import { logoRoutes } from "./logos.ts";
import { metricRoutes } from "./metrics.ts";
import { NOTICE_HEADER } from "./notice.ts";
import { oauthCallbackRoutes } from "./oauth-callback.ts";
import { patientRoutes } from "./patients.ts";
import { patientSummaryRoutes } from "./patient-summaries.ts";
import { portalRoutes } from "./portal.ts";
import { sendProblem } from "./problem.ts";
import { provenanceRoutes } from "./provenance.ts";
import { providerRoutes } from "./providers.ts";
import { readingRoutes } from "./readings.ts";
import { recordDetailRoutes } from "./record-details.ts";
import { recordRoutes } from "./records.ts";
import { followRequests, REQUEST_ID_HEADER, requestIdOf } from "./request-trail.ts";
import type { Server } from "./route-kit.ts";
import { sessionRoutes } from "./session.ts";
import { versionRoutes } from "./versions.ts";
import { sourceRuleRoutes } from "./source-rules.ts";
import { streamRoutes } from "./stream.ts";
import { webhookRoutes } from "./webhooks.ts";
import { zoneRoutes } from "./zones.ts";

export interface ServerOptions {
  readonly context: ApiContext;
  /** False until start-up has ended: /ready then answers 503. */
  readonly isReady: () => boolean;
  /** True once it is to stop: /ready then answers 503, while what is under way is still answered. */
  readonly isStopping?: () => boolean;
  /** Whether jobs run in this process, too; by default they do. */
  readonly runsJobs?: boolean;
  /** The simulated clouds, mounted below /sim in the demo. */
  readonly simulator: FastifyPluginAsync | null;
  readonly patience?: Patience;
}

/** How long somebody may take to say what he wants, and a vendor to send all of a webhook. */
export interface Patience {
  readonly headersMs: number;
  readonly webhookMs: number;
}

const BODY_LIMIT = 1024 * 1024;
/** Who needs longer to say what he wants holds a socket, not a conversation (faults WH-18). */
const PATIENCE: Patience = { headersMs: 10_000, webhookMs: 15_000 };
/** Node looks for the slow ones only so often. */
const LOOK_EVERY_MS = 2_000;

export async function buildServer({ context, isReady, isStopping, runsJobs = true, simulator, patience = PATIENCE }: ServerOptions): Promise<FastifyInstance> {
  const { log } = context;
  const server = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: 120_000,
    http: { headersTimeout: patience.headersMs, connectionsCheckingInterval: Math.min(LOOK_EVERY_MS, patience.headersMs) },
    keepAliveTimeout: 65_000,
    genReqId: (request) => requestIdOf(request, context.trustedProxies),
    routerOptions: { maxParamLength: 200 },
    requestIdHeader: false,
    // Addresses that no router can read.
    frameworkErrors: (error, request, reply) => void sendProblem(log, error, request as FastifyRequest, reply as FastifyReply),
  });
  server.setErrorHandler((error, request, reply) => sendProblem(log, error, request, reply));
  if (simulator) await server.register(simulator, { prefix: "/sim" });
  await server.register(async (islet) => {
    await registerIslet(islet, { context, patience, standing: { phase: () => (isStopping?.() ? "stopping" : isReady() ? "serving" : "starting"), runsJobs } });
  });
  return server;
}

/** Everything but the simulator, in a scope of its own: none of these hooks touch the vendors' clouds. */
async function registerIslet(
  islet: FastifyInstance, { context, standing, patience }: { readonly context: ApiContext; readonly standing: Standing; readonly patience: Patience },
): Promise<void> {
  const { log } = context;
  islet.setValidatorCompiler(validatorCompiler);
  islet.setSerializerCompiler(serializerCompiler);
  islet.setErrorHandler((error, request, reply) => sendProblem(log, error, request, reply));
  followRequests(islet, context);
  await registerProtection(islet, context);
  islet.addHook("onResponse", (request, reply, done) => {
    log.debug({ requestId: request.id, method: request.method, route: request.routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, "request");
    done();
  });
  await registerDocuments(islet, context);
  // After the documents: their own pages have no schemas.
  guardReplies(islet);
  const methodsAt = collectMethods(islet);

  const typed: Server = islet.withTypeProvider<ZodTypeProvider>();
  healthRoutes(typed, context, standing);
  oauthCallbackRoutes(typed, context);
  logoRoutes(typed, context);
  await typed.register((scope, _options, done) => {
    webhookRoutes(scope.withTypeProvider<ZodTypeProvider>(), context, patience.webhookMs);
    done();
  });
  await typed.register(
    async (scope) => {
      scope.addHook("onSend", async (_request, reply) => {
        if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
      });
      const api = scope.withTypeProvider<ZodTypeProvider>();
      sessionRoutes(api, context);
      patientRoutes(api, context);
      zoneRoutes(api, context);
      patientSummaryRoutes(api, context);
      providerRoutes(api, context);
      connectionRoutes(api, context);
      deviceRoutes(api, context);
      readingRoutes(api, context);
      metricRoutes(api, context);
      streamRoutes(api, context);
      latestRoutes(api, context);
      glucoseRoutes(api, context);
      recordRoutes(api, context);
      versionRoutes(api, context);
      recordDetailRoutes(api, context);
      dayRoutes(api, context);
      sourceRuleRoutes(api, context);
      provenanceRoutes(api, context);
      liveRoutes(api, context);
      changeRoutes(api, context);
      inboxRoutes(api, context);
      await api.register((inner, _options, done) => {
        importRoutes(inner.withTypeProvider<ZodTypeProvider>(), context);
        done();
      });
      await api.register((inner, _options, done) => {
        pushRoutes(inner.withTypeProvider<ZodTypeProvider>(), context);
        done();
      });
    },
    { prefix: "/api/v1" },
  );
  await portalRoutes(islet, methodsAt);
}

async function registerProtection(islet: FastifyInstance, { config }: ApiContext): Promise<void> {
  const isSecure = config.publicOrigins[0]!.startsWith("https:");
  await islet.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"], scriptSrc: ["'self'"], styleSrc: ["'self'"], imgSrc: ["'self'", "data:"], connectSrc: ["'self'"],
        objectSrc: ["'none'"], baseUri: ["'none'"], frameAncestors: ["'none'"], formAction: ["'self'"],
        ...(isSecure ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    hsts: isSecure ? { maxAge: 31_536_000 } : false,
    referrerPolicy: { policy: "no-referrer" },
  });
  await islet.register(cors, {
    origin: [...config.corsOrigins], credentials: false, exposedHeaders: [NOTICE_HEADER, CHANGES_HEADER, "etag", "link", "retry-after", REQUEST_ID_HEADER],
    allowedHeaders: ["authorization", "content-type", "idempotency-key", "if-none-match"], methods: ["GET", "POST", "PATCH", "DELETE"],
  });
  await islet.register(cookie);
  await islet.register(rateLimit, { global: false, enableDraftSpec: true });
}
