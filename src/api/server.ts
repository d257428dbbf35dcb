/** The HTTP server: what stands before every route, and the routes, named one by one. */
import cookie from "@fastify/cookie";
import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyReply, type FastifyRequest } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { holdAccess } from "./access.ts";
import { accessRoutes } from "./accesses.ts";
import { attentionRoutes } from "./attention.ts";
import { auditRoutes } from "./audit.ts";
import { allergyRoutes } from "./allergies.ts";
import { apiKeyRoutes } from "./api-keys.ts";
import { appointmentQueueRoutes } from "./appointment-queue.ts";
import { appointmentRoutes, controlDataRoutes } from "./appointments.ts";
import { breakGlassRoutes } from "./break-glass.ts";
import { accountRoutes } from "./accounts.ts";
import { careTeamRoutes } from "./care-team.ts";
import { CHANGES_HEADER, changeRoutes } from "./changes.ts";
import { clinicalDocumentRoutes } from "./clinical-documents.ts";
import { clinicalNoteRoutes } from "./clinical-notes.ts";
import { conditionRoutes } from "./conditions.ts";
import { clinicLiveRoutes } from "./clinic-live.ts";
import { connectionRoutes } from "./connections.ts";
import { consentRoutes } from "./consents.ts";
import type { ApiContext } from "./context.ts";
import { dataExportRoutes } from "./data-exports.ts";
import { dayRoutes } from "./days.ts";
import { erasureRoutes } from "./erasures.ts";
import { registerDocuments } from "./documents.ts";
import { deviceRoutes, pushRoutes } from "./devices.ts";
import { glucoseAgpRoutes } from "./glucose-agp.ts";
import { glucoseCompareRoutes } from "./glucose-compare.ts";
import { glucoseDailyRoutes } from "./glucose-daily.ts";
import { glucoseEpisodeRoutes } from "./glucose-episodes.ts";
import { glucoseReportRoutes } from "./glucose-report.ts";
import { glucoseStatisticsRoutes } from "./glucose-statistics.ts";
import { glucoseRoutes } from "./glucose.ts";
import { collectMethods, guardReplies } from "./guards.ts";
import { grantRoutes } from "./grants.ts";
import { healthRoutes, type Standing } from "./health.ts";
import { importRoutes } from "./imports.ts";
import { inboxRoutes } from "./inbox.ts";
import { latestRoutes } from "./latest.ts";
import { liveRoutes } from "./live.ts";
import { createCounters, limitAccounts, limitAddresses } from "./limits.ts";
import { logoRoutes } from "./logos.ts";
import { mySessionRoutes } from "./me-sessions.ts";
import { medicationRoutes } from "./medications.ts";
import { metricRoutes } from "./metrics.ts";
import { NOTICE_HEADER } from "./notice.ts";
import { oauthCallbackRoutes } from "./oauth-callback.ts";
import { outsideSignInRoutes } from "./outside-sign-in.ts";
import { organizationRoutes } from "./organization.ts";
import { outgoingWebhookRoutes } from "./outgoing-webhooks.ts";
import { passwordRoutes } from "./passwords.ts";
import { patientRoutes } from "./patients.ts";
import { patientSummaryRoutes } from "./patient-summaries.ts";
import { populationRoutes } from "./population.ts";
import { portalRoutes } from "./portal.ts";
import { privacyRoutes } from "./privacy.ts";
import { sendProblem } from "./problem.ts";
import { procedureRoutes } from "./procedures.ts";
import { provenanceRoutes } from "./provenance.ts";
import { providerRoutes } from "./providers.ts";
import { readingRoutes } from "./readings.ts";
import { recordDetailRoutes } from "./record-details.ts";
import { recordRoutes } from "./records.ts";
import { followRequests, REQUEST_ID_HEADER, requestIdOf } from "./request-trail.ts";
import type { Server } from "./route-kit.ts";
import { secondFactorRoutes } from "./second-factor.ts";
import { secondStepRoutes } from "./second-step.ts";
import { securityTxtRoutes } from "./security-txt.ts";
import { sessionRoutes } from "./session.ts";
import { signingKeyRoutes, tokenRoutes } from "./tokens.ts";
import { versionRoutes } from "./versions.ts";
import { reviewRoutes } from "./reviews.ts";
import { sourceRuleRoutes } from "./source-rules.ts";
import { streakRoutes } from "./streaks.ts";
import { streamRoutes } from "./stream.ts";
import { tagRoutes } from "./tags.ts";
import { targetRoutes } from "./targets.ts";
import { userRoutes } from "./users.ts";
import { vendorRoutes } from "./vendors.ts";
import { webhookRoutes } from "./webhooks.ts";
import { withdrawnReadingRoutes } from "./withdrawn-readings.ts";
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
/** A year. */
const HSTS_SECONDS = 31_536_000;
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
    // Whose address a request bears: what proxies say counts where the operator knows them (faults AU-22).
    trustProxy: (address) => context.trustedProxies.has(address),
    // Addresses that no router can read.
    frameworkErrors: (error, request, reply) => {
      // No hook has run for these: what every answer says to browsers is said here (ASVS 3.4).
      void sendProblem(log, error, request as FastifyRequest, (reply as FastifyReply).headers(bareHeaders(context)));
    },
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
  // In a scope of its own: whoever may see the pages' files need not be declared.
  await islet.register((routes) => registerRoutes(routes, { context, standing, patience }));
  await portalRoutes(islet, methodsAt);
}

/** Below /api/v1, in the order in which the document tells them. */
const RESOURCES: readonly ((server: Server, context: ApiContext) => void)[] = [
  sessionRoutes, secondStepRoutes, secondFactorRoutes, mySessionRoutes, tokenRoutes, apiKeyRoutes, outsideSignInRoutes, accountRoutes, passwordRoutes, userRoutes,
  patientRoutes, zoneRoutes, patientSummaryRoutes, grantRoutes, breakGlassRoutes,
  conditionRoutes, medicationRoutes, allergyRoutes, procedureRoutes, clinicalNoteRoutes, clinicalDocumentRoutes, careTeamRoutes,
  appointmentRoutes, appointmentQueueRoutes,
  providerRoutes, connectionRoutes, deviceRoutes,
  readingRoutes, withdrawnReadingRoutes, metricRoutes, streamRoutes, latestRoutes,
  glucoseRoutes, glucoseStatisticsRoutes, glucoseAgpRoutes, glucoseEpisodeRoutes, glucoseDailyRoutes, glucoseCompareRoutes, glucoseReportRoutes,
  recordRoutes, versionRoutes, recordDetailRoutes, dayRoutes, streakRoutes, sourceRuleRoutes, provenanceRoutes,
  populationRoutes, attentionRoutes, tagRoutes, targetRoutes, reviewRoutes,
  liveRoutes, clinicLiveRoutes, changeRoutes,
  auditRoutes, accessRoutes, consentRoutes,
  inboxRoutes,
  organizationRoutes, outgoingWebhookRoutes, vendorRoutes,
  dataExportRoutes, erasureRoutes, privacyRoutes,
];
/** Each in a scope of its own: they read bodies in their own way. */
const RAW_RESOURCES = [importRoutes, pushRoutes, controlDataRoutes] as const;

async function registerRoutes(
  scope: FastifyInstance, { context, standing, patience }: { readonly context: ApiContext; readonly standing: Standing; readonly patience: Patience },
): Promise<void> {
  const counters = createCounters(scope, context);
  limitAddresses(scope, counters);
  holdAccess(scope, context);
  limitAccounts(scope, counters);
  const typed: Server = scope.withTypeProvider<ZodTypeProvider>();
  healthRoutes(typed, context, standing);
  oauthCallbackRoutes(typed, context);
  logoRoutes(typed, context);
  signingKeyRoutes(typed, context);
  securityTxtRoutes(typed, context);
  await typed.register((inner, _options, done) => {
    webhookRoutes(inner.withTypeProvider<ZodTypeProvider>(), context, patience.webhookMs);
    done();
  });
  await typed.register(
    async (inner) => {
      inner.addHook("onSend", async (_request, reply) => {
        if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
      });
      const api = inner.withTypeProvider<ZodTypeProvider>();
      for (const register of RESOURCES) register(api, context);
      for (const register of RAW_RESOURCES) {
        await api.register((raw, _options, done) => {
          register(raw.withTypeProvider<ZodTypeProvider>(), context);
          done();
        });
      }
    },
    { prefix: "/api/v1" },
  );
}

/** For an answer that is a problem document and nothing else. */
function bareHeaders({ config }: ApiContext): Record<string, string> {
  return {
    "content-security-policy": "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
    "cache-control": "no-store", ...(config.publicOrigins[0]!.startsWith("https:") ? { "strict-transport-security": `max-age=${HSTS_SECONDS}; includeSubDomains` } : {}),
  };
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
    hsts: isSecure ? { maxAge: HSTS_SECONDS } : false,
    referrerPolicy: { policy: "no-referrer" },
  });
  await islet.register(cors, {
    origin: [...config.corsOrigins], credentials: false, exposedHeaders: [NOTICE_HEADER, CHANGES_HEADER, "etag", "link", "retry-after", REQUEST_ID_HEADER],
    allowedHeaders: ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match"], methods: ["GET", "POST", "PATCH", "DELETE"],
  });
  await islet.register(cookie);
  await islet.register(rateLimit, { global: false });
}
