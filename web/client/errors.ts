/** What can go wrong between the page and the server, in a form that a screen can explain. */
import type { ProblemDetails } from "./types.ts";

export type ApiErrorKind =
  | "network" // no answer: offline, or the server is away
  | "problem"; // an answer that says no

/** A request that failed. `code` is the server's problem code, or `offline`. */
export class ApiError extends Error {
  readonly kind: ApiErrorKind;
  readonly status: number;
  readonly code: string;
  readonly detail: string | null;
  readonly traceId: string | null;
  /** Seconds after which the server wants to be asked again; null when it did not say. */
  readonly retryAfterS: number | null;
  /** Pointers to what of the request was wrong. */
  readonly fields: readonly string[];
  /** With 412: who changed it meanwhile, and when. */
  readonly changed: ProblemDetails["changed"] | null;

  constructor(facts: {
    kind: ApiErrorKind; status: number; code: string; detail?: string | null; traceId?: string | null; retryAfterS?: number | null;
    fields?: readonly string[]; changed?: ProblemDetails["changed"] | null; cause?: unknown;
  }) {
    super(`The request failed: ${facts.code}`, { cause: facts.cause });
    this.name = "ApiError";
    this.kind = facts.kind;
    this.status = facts.status;
    this.code = facts.code;
    this.detail = facts.detail ?? null;
    this.traceId = facts.traceId ?? null;
    this.retryAfterS = facts.retryAfterS ?? null;
    this.fields = facts.fields ?? [];
    this.changed = facts.changed ?? null;
  }
}

/** No answer came. */
export function networkError(cause: unknown): ApiError {
  return new ApiError({ kind: "network", status: 0, code: "offline", cause });
}

/** The error of a reply that is not 2xx. A body that is no problem document (a proxy's page) gives the code `http_<status>`. */
export async function problemError(response: Response): Promise<ApiError> {
  const body = await readProblem(response);
  return new ApiError({
    kind: "problem",
    status: response.status,
    code: body?.code ?? `http_${response.status}`,
    detail: body?.detail ?? null,
    traceId: body?.trace_id ?? null,
    fields: Array.isArray(body?.errors) ? body.errors.map(({ pointer }) => pointer) : [],
    changed: body?.changed ?? null,
    retryAfterS: retryAfter(response.headers.get("retry-after")),
  });
}

async function readProblem(response: Response): Promise<Partial<ProblemDetails> | null> {
  if (!(response.headers.get("content-type") ?? "").includes("json")) return null;
  try {
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null ? (body as Partial<ProblemDetails>) : null;
  } catch {
    return null;
  }
}

/** Only the delta form; Islet's own server never sends a date there. */
function retryAfter(header: string | null): number | null {
  const seconds = header === null ? Number.NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

/** Whatever was thrown, as an ApiError. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError({ kind: "problem", status: 0, code: "page_error", cause: error });
}
