/** One HTTP exchange: a deadline over connect, headers and body together, and a cap on the body. No retries, no judgement. */
import { request as undiciRequest, type Dispatcher } from "undici";
import { InvalidInput } from "../errors.ts";
import type { HttpRequest } from "./types.ts";

/** Largest answer taken in (faults VA-07). */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** Of an answer that nobody asked for only the start is read: enough to classify an error. */
const ERROR_BODY_BYTES = 64 * 1024;

export type Outcome =
  | { readonly kind: "answer"; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array }
  | { readonly kind: "too-large"; readonly status: number }
  /** `reason` is an error code such as `ECONNREFUSED`, an error's class, or tells the time-out. */
  | { readonly kind: "no-answer"; readonly reason: string; readonly cause: Error };

export interface AttemptOptions {
  readonly url: URL;
  readonly userAgent: string;
  readonly timeoutMs: number;
  readonly dispatcher: Dispatcher | undefined;
  /** Whether the caller wants the whole body of an answer with this status. */
  readonly wants: (status: number) => boolean;
}

/**
 * Sends one request. Never follows a redirect. Throws only the reason of the caller's own abort signal, and InvalidInput for a
 * request that cannot be put on the wire; all that a network can do is an outcome.
 */
export async function attempt(request: HttpRequest, options: AttemptOptions): Promise<Outcome> {
  request.signal?.throwIfAborted();
  const deadline = startDeadline(options.timeoutMs, request.signal);
  try {
    const answer = await undiciRequest(options.url, {
      method: request.method,
      headers: { "user-agent": options.userAgent, ...request.headers },
      signal: deadline.signal,
      // Our deadline rules; undici's own limits of 300 s would cut calls that were given longer.
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(options.dispatcher ? { dispatcher: options.dispatcher } : {}),
    });
    return await readAnswer(answer, options.wants(answer.statusCode));
  } catch (error) {
    request.signal?.throwIfAborted();
    if (errorCodeOf(error) === "UND_ERR_INVALID_ARG") throw new InvalidInput("A vendor call has a header or body that HTTP cannot carry.");
    const cause = cleanCause(error);
    const reason = deadline.isOver() ? `no answer within ${options.timeoutMs} ms` : (errorCodeOf(error) ?? cause.message);
    return { kind: "no-answer", reason, cause };
  } finally {
    deadline.stop();
  }
}

async function readAnswer(answer: Dispatcher.ResponseData, wanted: boolean): Promise<Outcome> {
  const status = answer.statusCode;
  const headers = flattenHeaders(answer.headers);
  if (!wanted) return { kind: "answer", status, headers, body: await readStart(answer.body, ERROR_BODY_BYTES) };
  if (Number(headers["content-length"] ?? 0) > MAX_BODY_BYTES) {
    discard(answer.body);
    return { kind: "too-large", status };
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) return { kind: "too-large", status };
    chunks.push(chunk);
  }
  return { kind: "answer", status, headers, body: Buffer.concat(chunks, size) };
}

/** The status of an error answer counts even if its body breaks off, so what was read until then is given. */
async function readStart(body: Dispatcher.ResponseData["body"], limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size >= limit) break;
    }
  } catch {
    discard(body);
  }
  return Buffer.concat(chunks, size).subarray(0, limit);
}

function discard(body: Dispatcher.ResponseData["body"]): void {
  body.on("error", () => undefined);
  body.destroy();
}

function flattenHeaders(headers: Dispatcher.ResponseData["headers"]): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  }
  return flat;
}

interface Deadline {
  readonly signal: AbortSignal;
  isOver(): boolean;
  stop(): void;
}

/** Real time, not the injected clock: a socket does not know of any other. Leaves no listener on the caller's long-lived signal. */
function startDeadline(timeoutMs: number, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    controller.abort(new Error("The deadline of this attempt is over."));
  }, timeoutMs);
  const onAbort = (): void => controller.abort(outer?.reason);
  outer?.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    isOver: () => isOver,
    stop: () => {
      clearTimeout(timer);
      outer?.removeEventListener("abort", onAbort);
    },
  };
}

/** The client library hangs bytes of the answer on some of its errors (parser errors: `data`); only name and code pass. */
function cleanCause(error: unknown): Error {
  const code = errorCodeOf(error);
  const cause = new Error(error instanceof Error ? error.name : "a non-error was thrown");
  return code === null ? cause : Object.assign(cause, { code });
}

function errorCodeOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : null;
}
