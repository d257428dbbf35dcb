/** Each request on its trail: an id that its log lines, its problem, its deliveries and its answer carry; counted and timed by route pattern. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { callerFrom } from "#people/audit/caller.ts";
import { auditKeys } from "#people/audit/keys.ts";
import type { Networks } from "../networks.ts";
import type { OpenSpan } from "#telemetry/tracer.ts";
import { isRequestId, isTraceparent, onTrail, type Trail } from "../trail.ts";
import type { ApiContext } from "./context.ts";

export const REQUEST_ID_HEADER = "x-request-id";

/** Asked every few seconds by machines: counted, but not traced. */
const NOT_TRACED: ReadonlySet<string> = new Set(["/health", "/ready", "/metrics"]);
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** The id of a request: a trusted proxy's where it is well formed, else one of our own; a stranger's could forge a log line. */
export function requestIdOf(request: IncomingMessage, trusted: Networks): string {
  const given = request.headers[REQUEST_ID_HEADER];
  return isRequestId(given) && trusted.has(request.socket.remoteAddress) ? given : randomUUID();
}

interface Followed {
  readonly trail: Trail;
  readonly span: OpenSpan;
}

/** Follows every request of this server from its head to the end of its answer. */
export function followRequests(server: FastifyInstance, { trustedProxies, cursorSecret, sync: { telemetry } }: Pick<ApiContext, "trustedProxies" | "cursorSecret" | "sync">): void {
  const keys = auditKeys(cursorSecret);
  const followed = new WeakMap<FastifyRequest, Followed>();
  server.addHook("onRequest", (request, reply, done) => {
    reply.header(REQUEST_ID_HEADER, request.id);
    const route = routeOf(request);
    const given = request.headers["traceparent"];
    const parent = isTraceparent(given) && trustedProxies.has(request.raw.socket.remoteAddress) ? given : null;
    const span = telemetry.tracer.isOn && !NOT_TRACED.has(route)
      ? telemetry.tracer.start("request", { kind: "server", parent, attributes: { "http.request.method": methodOf(request), "http.route": route, "islet.request": request.id } })
      : NO_SPAN;
    const caller = callerFrom(keys, request.ip, request.headers["user-agent"]);
    const trail: Trail = { requestId: request.id, caller, ...(span.traceparent === null ? {} : { traceparent: span.traceparent }) };
    followed.set(request, { trail, span });
    onTrail(trail, done);
  });
  // Reading the body goes on in the socket's own context, where the trail is lost.
  server.addHook("preValidation", (request, _reply, done) => {
    const at = followed.get(request);
    if (at) onTrail(at.trail, done);
    else done();
  });
  server.addHook("onRequestAbort", (request, done) => {
    followed.get(request)?.span.end("aborted");
    followed.delete(request);
    done();
  });
  server.addHook("onResponse", (request, reply, done) => {
    const { statusCode } = reply;
    telemetry.instruments.requests.observe({ method: methodOf(request), route: routeOf(request), status: String(statusCode) }, reply.elapsedTime / 1000);
    const span = followed.get(request)?.span;
    span?.note({ "http.response.status_code": statusCode });
    span?.end(statusCode >= 500 ? String(statusCode) : undefined);
    done();
  });
}

const NO_SPAN: OpenSpan = { traceparent: null, note: () => undefined, end: () => undefined };

/** The pattern, so that there are as many as routes and no address of a person is in it. */
function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? "none";
}

function methodOf({ method }: FastifyRequest): string {
  return METHODS.has(method) ? method : "OTHER";
}
