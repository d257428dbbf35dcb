/** The only way out of the house: time-out, retries, rate limits and typed errors for every call to a vendor. */
import type { Dispatcher } from "undici";
import type { Clock } from "../clock.ts";
import { ConfigError, ProviderContractBroken, ProviderRateLimited, ProviderRefused, ProviderResting, ProviderUnavailable, type IsletError } from "../errors.ts";
import type { Log } from "../log.ts";
import { attempt, MAX_BODY_BYTES, type Outcome } from "./attempt.ts";
import { createPublicDispatcher, refusePrivateHost } from "./public-address.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { backoffMs, resetMs, retryAfterMs } from "./retry-after.ts";
import { readTarget, type CallTarget } from "./target.ts";
import type { CallScope, HttpClient, HttpRequest, VendorGate, VendorResponse } from "./types.ts";

const MAX_ATTEMPTS = 4;
const RETRIED_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
/** A vendor that asks for more gets its worker's time back: the job returns when told. */
const LONGEST_SLEEP_MS = 60_000;
/** Rest after a 429 of a vendor that says neither when nor how much. */
const DEFAULT_REST_MS = 60_000;

const SHORTEST_TIMEOUT_MS = 10_000;
const LONGEST_TIMEOUT_MS = 30_000;

export interface HttpClientParts {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly limiter: RateLimiter;
  /** What all processes share; without it each goes by its own view. */
  readonly gate?: VendorGate;
  readonly userAgent: string;
  readonly dispatcher?: Dispatcher;
  /** Per attempt where the call does not say; 10–30 s, default 30 s (requirement E3). */
  readonly timeoutMs?: number;
}

/** What became of an attempt that failed. `waitMs` null: trying again is of no use. */
interface Failure {
  readonly error: IsletError;
  readonly waitMs: number | null;
  /** Until then the vendor wants no call of anybody's. */
  readonly restUntilMs?: number;
}

/**
 * Builds the client. Retries 429, 500, 502, 503, 504 and network errors at most three times with full jitter; a `Retry-After` (after a
 * 429 also an `X-RateLimit-Reset`) of up to 60 s is waited for, a longer one becomes ProviderRateLimited with the time to return. Every
 * attempt draws on the budget. Throws ConfigError for a default time-out outside 10–30 s. Sources: requirements E2, E3; faults §2.5 and OA-13, OA-21, OA-27.
 */
export function createHttpClient(parts: HttpClientParts): HttpClient {
  const { clock, random, limiter, log, gate } = parts;
  const defaultTimeoutMs = parts.timeoutMs ?? LONGEST_TIMEOUT_MS;
  if (!(defaultTimeoutMs >= SHORTEST_TIMEOUT_MS && defaultTimeoutMs <= LONGEST_TIMEOUT_MS)) {
    throw new ConfigError(`The time-out of vendor calls must lie between ${SHORTEST_TIMEOUT_MS} and ${LONGEST_TIMEOUT_MS} ms.`);
  }

  function judge(scope: CallScope, what: string, outcome: Outcome, failedAttempts: number): Failure {
    if (outcome.kind === "too-large") {
      return { error: new ProviderContractBroken(`${what} gave more than ${MAX_BODY_BYTES} bytes.`, "$"), waitMs: null };
    }
    if (outcome.kind === "no-answer") {
      const error = new ProviderUnavailable(`${what} failed: ${outcome.reason}.`, { cause: outcome.cause });
      return { error, waitMs: backoffMs(failedAttempts, random) };
    }
    const { status } = outcome;
    const askedMs = retryAfterMs(outcome.headers["retry-after"], clock.now());
    if (status === 429) return judgeRateLimit(scope, what, askedMs ?? resetMs(outcome.headers["x-ratelimit-reset"], clock.now()), failedAttempts);
    const message = `${what} answered ${status}.`;
    if (status < 500) return { error: new ProviderRefused(message, status, new TextDecoder().decode(outcome.body)), waitMs: null };
    if (askedMs !== null && askedMs > LONGEST_SLEEP_MS) {
      return { error: new ProviderRateLimited(`${message} It asks to come back later.`, clock.now() + askedMs), waitMs: null };
    }
    const error = new ProviderUnavailable(message, { vendorStatus: status });
    return { error, waitMs: RETRIED_STATUSES.has(status) ? Math.max(askedMs ?? 0, backoffMs(failedAttempts, random)) : null };
  }

  /** Tells this process and all others to leave the vendor alone until then. */
  async function rest(scope: CallScope, untilMs: number): Promise<void> {
    limiter.penalize(scope, untilMs);
    await gate?.penalize(scope, untilMs);
  }

  /** Where the vendor does not say when, the end of the vendor's window is the best guess (Strava: the next quarter hour). */
  function judgeRateLimit(scope: CallScope, what: string, askedMs: number | null, failedAttempts: number): Failure {
    const nowMs = clock.now();
    const retryAtMs = askedMs === null ? (limiter.shortWindowEndMs(scope) ?? nowMs + DEFAULT_REST_MS) : nowMs + askedMs;
    const error = new ProviderRateLimited(`${what} answered 429.`, retryAtMs);
    const isTooLong = askedMs !== null && askedMs > LONGEST_SLEEP_MS;
    return { error, waitMs: isTooLong ? null : Math.max(askedMs ?? 0, backoffMs(failedAttempts, random)), ...(askedMs === null ? {} : { restUntilMs: nowMs + askedMs }) };
  }

  // Made with the first call that needs it: most installations have none.
  let publicDispatcher: Dispatcher | undefined;
  const dispatcherFor = ({ publicOnly }: HttpRequest, url: URL): Dispatcher | undefined => {
    if (!publicOnly) return parts.dispatcher;
    refusePrivateHost(url);
    return (publicDispatcher ??= createPublicDispatcher());
  };

  return {
    async request(scope: CallScope, request: HttpRequest): Promise<VendorResponse> {
      const target = readTarget(request.url);
      const dispatcher = dispatcherFor(request, target.url);
      const what = `${scope.provider} ${request.method} ${target.host}${target.path}`;
      const attempts = request.retries === false ? 1 : MAX_ATTEMPTS;
      const wants = (status: number): boolean => (status >= 200 && status < 300) || (request.accept?.includes(status) ?? false);
      const timeoutMs = request.timeoutMs ?? defaultTimeoutMs;

      await gate?.admit(scope);
      for (let number = 1; ; number += 1) {
        await limiter.acquire(scope, request.signal);
        await gate?.take(scope, request.signal);
        const startedMs = clock.now();
        const answered = await attempt(request, { url: target.url, userAgent: parts.userAgent, timeoutMs, dispatcher, wants });
        const outcome = withMeantStatus(answered, request);
        const fields = describe({ scope, request, target, outcome, attempt: number, ms: clock.now() - startedMs });
        if (outcome.kind === "answer" && wants(outcome.status)) {
          log.debug(fields, "a vendor answered");
          await gate?.report(scope, true);
          return toResponse(outcome, what);
        }
        const { error, waitMs, restUntilMs } = judge(scope, what, outcome, number);
        if (restUntilMs !== undefined) await rest(scope, restUntilMs);
        if (waitMs === null || number >= attempts) {
          if (error instanceof ProviderRateLimited) await rest(scope, error.retryAtMs);
          const restsUntilMs = await gate?.report(scope, !(error instanceof ProviderUnavailable));
          log.warn({ ...fields, errorCode: error.code }, "a vendor call failed");
          // Whoever found out that the vendor is away for all must not pay for it alone.
          if (restsUntilMs != null && error instanceof ProviderUnavailable) throw new ProviderResting(error.message, restsUntilMs, { cause: error });
          throw error;
        }
        log.info({ ...fields, waitMs: Math.round(waitMs) }, "a vendor call will be repeated");
        await clock.sleep(waitMs, request.signal);
      }
    },
  };
}

/** The outcome with the status that the body stands for, where the vendor says it there. */
function withMeantStatus(outcome: Outcome, { statusOf, statusOfError }: HttpRequest): Outcome {
  if (outcome.kind !== "answer") return outcome;
  const isSuccess = outcome.status >= 200 && outcome.status < 300;
  if (isSuccess) return statusOf ? { ...outcome, status: statusOf(outcome.body) } : outcome;
  return statusOfError ? { ...outcome, status: statusOfError(outcome.body, outcome.status) } : outcome;
}

interface CallEvent {
  readonly scope: CallScope;
  readonly request: HttpRequest;
  readonly target: CallTarget;
  readonly outcome: Outcome;
  readonly attempt: number;
  readonly ms: number;
}

function describe({ scope, request, target, outcome, attempt, ms }: CallEvent): object {
  return {
    provider: scope.provider,
    ...(scope.connectionId === undefined ? {} : { connectionId: scope.connectionId }),
    method: request.method,
    host: target.host,
    path: target.path,
    attempt,
    ms,
    ...(outcome.kind === "no-answer" ? { reason: outcome.reason } : { status: outcome.status }),
  };
}

function toResponse(outcome: Extract<Outcome, { kind: "answer" }>, what: string): VendorResponse {
  const { status, headers, body } = outcome;
  return {
    status,
    headers,
    body,
    json: () => {
      try {
        return JSON.parse(new TextDecoder().decode(body)) as unknown;
      } catch {
        // No cause: the parser's message quotes the body, which may hold tokens or health values.
        throw new ProviderContractBroken(`${what} answered ${status} with a body that is no JSON.`, "$");
      }
    },
  };
}
