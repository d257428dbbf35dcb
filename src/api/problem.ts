/** Replies to what went wrong: RFC 9457 problem details, one shape for everything. */
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from "fastify-type-provider-zod";
import { ChangedMeanwhile, ConsentMissing, InternalError, InvalidInput, IsletError, ProviderRateLimited, TooManyRequests, Unavailable, WebhookRejected, type InputIssue } from "../errors.ts";
import { formatInstant } from "#units/time.ts";
import type { Log } from "../log.ts";
import type { ProblemDetails } from "./schemas.ts";
import type { Check } from "#telemetry/readiness.ts";

export const PROBLEM_TYPE = "application/problem+json";

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly issues?: readonly InputIssue[];
  readonly retryAfterSeconds?: number;
}

/** What a status means, in few words. */
export const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request", 401: "Not signed in", 403: "Not permitted", 404: "Not found", 405: "Method not allowed", 409: "Conflict", 410: "Gone", 412: "Changed meanwhile",
  413: "Too large", 414: "Address too long", 415: "Unsupported media type", 422: "Cannot be processed", 429: "Too many requests", 500: "Internal error",
  502: "Vendor trouble", 503: "Not available now",
};

/** What happens to people who do nothing wrong; everything else below 500 may be an attempt, and the log tells of it (ASVS 16.3.2, 16.3.3). */
const HARMLESS: ReadonlySet<number> = new Set([404, 409, 410, 412]);

/** The address is right and the method is not; only HTTP knows such an error. */
export class MethodNotAllowed extends Error {
  readonly statusCode = 405;
}

/** The process cannot do its work now. 503, with what was found out for those who may know. */
export class NotReady extends Unavailable {
  readonly checks: readonly Check[] | null;

  constructor(message: string, retryAfterSeconds: number, checks: readonly Check[] | null) {
    super(message, { retryAfterSeconds });
    this.checks = checks;
  }
}

/** What to tell of an error. Whatever is not ours becomes a bare 500. */
export function problemOf(error: unknown): Problem {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const issues = error.validation.map((issue) => ({ pointer: `/${error.validationContext ?? "body"}${issue.instancePath}`, detail: issue.message ?? "not as described" }));
    return { status: 400, code: "invalid_input", detail: "The request does not fit the description of this route.", issues };
  }
  // Whoever forges webhooks must not learn which check found out (faults WH-01).
  if (error instanceof WebhookRejected) return { status: error.httpStatus, code: "webhook_rejected", detail: "The webhook was not accepted." };
  if (error instanceof IsletError && error.httpStatus !== null) {
    return {
      status: error.httpStatus, code: error.code, detail: error.httpStatus === 500 ? "Something went wrong on our side." : error.message,
      ...(error instanceof ConsentMissing ? { issues: [error.issue] } : {}),
      ...(error instanceof InvalidInput && error.issues.length > 0 ? { issues: error.issues } : {}),
      ...(error instanceof Unavailable || error instanceof TooManyRequests ? { retryAfterSeconds: error.retryAfterSeconds } : {}),
      ...(error instanceof ProviderRateLimited ? { retryAfterSeconds: 60 } : {}),
    };
  }
  const status = (error as FastifyError).statusCode;
  if (status !== undefined && status >= 400 && status < 500) return frameworkProblem(error as FastifyError, status);
  return { status: 500, code: "internal", detail: "Something went wrong on our side." };
}

function frameworkProblem(error: FastifyError, status: number): Problem {
  if (status === 414) return { status, code: "invalid_input", detail: "The address is longer than any of ours." };
  if (status === 405) return { status, code: "method_not_allowed", detail: "This address does not take that method; the Allow header names those it takes." };
  if (status === 413) return { status, code: "too_large", detail: "The body is larger than this route accepts." };
  if (status === 415) return { status, code: "unsupported_media_type", detail: "This route does not accept a body of that content type." };
  if (status === 429) return { status, code: "too_many_requests", detail: "Too many requests from this address: wait and try again." };
  if (error.code?.startsWith("FST_ERR_CTP")) return { status, code: "invalid_input", detail: "The body is empty or no valid JSON." };
  return { status, code: "invalid_input", detail: "The request cannot be read." };
}

/** Sends a problem. Server errors are logged with their cause, refusals without what was sent. */
export async function sendProblem(log: Log, thrown: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const error = thrown instanceof Error ? thrown : new InternalError("Something was thrown that is no error.");
  const problem = problemOf(error);
  const route = request.routeOptions.url;
  if (error instanceof Unavailable) {
    // To say "not yet" is what /ready is asked for.
    if (!(error instanceof NotReady)) log.warn({ requestId: request.id, route, error }, "a request could not be served now");
  } else if (problem.status >= 500) {
    const reason = isResponseSerializationError(error) ? { error: new Error("a reply did not fit its schema"), issues: error.cause.issues.map((issue) => issue.path.join("/")) } : { error };
    log.error({ requestId: request.id, route, ...reason }, "a request failed");
  } else if (!HARMLESS.has(problem.status)) {
    // Field names that no redaction cuts: `code` would go.
    log.info({ event: "request_refused", requestId: request.id, method: request.method, route, status: problem.status, problem: problem.code }, "a request was refused");
  }
  reply.header("x-request-id", request.id);
  if (problem.retryAfterSeconds !== undefined) reply.header("retry-after", String(problem.retryAfterSeconds));
  if (problem.status === 401) reply.header("www-authenticate", "Bearer");
  const body: ProblemDetails = {
    type: `https://islet.invalid/problems/${problem.code}`,
    title: TITLES[problem.status] ?? "Problem",
    status: problem.status,
    detail: problem.detail,
    instance: request.url.split("?")[0]!,
    code: problem.code,
    ...(problem.issues ? { errors: problem.issues.map((issue) => ({ pointer: issue.pointer, detail: issue.detail })) } : {}),
    ...(error instanceof ChangedMeanwhile ? { changed: { version: error.changed.version, by: error.changed.by, at: formatInstant(error.changed.atMs) } } : {}),
    trace_id: request.id,
    ...(error instanceof NotReady && error.checks ? { checks: error.checks } : {}),
  };
  // Past the response schema on purpose: every route answers problems alike, also with a status it did not think of.
  return reply.code(problem.status).type(PROBLEM_TYPE).serializer((value: unknown) => JSON.stringify(value)).send(body);
}
