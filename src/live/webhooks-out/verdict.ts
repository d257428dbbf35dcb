/** What an attempt amounts to, and when the next one comes. Pure. */
import type { Outcome } from "#http/attempt.ts";
import { retryAfterMs } from "#http/retry-after.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "#units/time.ts";

/** Why an attempt did not arrive, for the log of deliveries. */
export type AttemptError = "redirect" | "refused" | "unavailable" | "gone" | "timeout" | "private_address" | "name_not_found" | "tls" | "unreachable";

export interface Verdict {
  readonly status: number | null;
  /** Null: it has arrived. */
  readonly error: AttemptError | null;
  /** What the receiver asks to wait, milliseconds. */
  readonly waitMs: number | null;
}

/** With the pauses between them, about a day. */
export const MOST_ATTEMPTS = 11;
/** An endpoint that has answered nothing well for so long is disabled. */
export const FAILING_LIMIT_MS = 3 * DAY_MS;
const FIRST_PAUSE_MS = 5 * SECOND_MS;
const PAUSE_GROWTH = 4;
const LONGEST_PAUSE_MS = 6 * HOUR_MS;
/** The pause is spread by so much to both sides. */
const JITTER = 0.2;
const FIRST_REST_MS = SECOND_MS;
const LONGEST_REST_MS = 5 * MINUTE_MS;

/** A redirect is not followed: it would lead where nobody checked (faults DA-17). */
export function verdictOf(outcome: Outcome, nowMs: number): Verdict {
  if (outcome.kind === "no-answer") return { status: null, error: errorOf(outcome), waitMs: null };
  const { status } = outcome;
  const asked = outcome.kind === "answer" && (status === 429 || status === 503) ? retryAfterMs(outcome.headers["retry-after"], nowMs) : null;
  return { status, error: errorOfStatus(status), waitMs: asked };
}

function errorOfStatus(status: number): AttemptError | null {
  if (status >= 200 && status < 300) return null;
  if (status === 410) return "gone";
  if (status >= 300 && status < 400) return "redirect";
  return status === 429 || status >= 500 ? "unavailable" : "refused";
}

function errorOf({ reason, cause }: Extract<Outcome, { kind: "no-answer" }>): AttemptError {
  if (reason.startsWith("no answer within")) return "timeout";
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  if (code === "EPRIVATEADDRESS") return "private_address";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "name_not_found";
  return /CERT|TLS|SSL|SIGNATURE/.test(code) ? "tls" : "unreachable";
}

/** How long after the attempt of this number, from 1, the next one comes; null: there is none. `random` in [0, 1). */
export function pauseMs(attempts: number, random: number): number | null {
  if (attempts >= MOST_ATTEMPTS) return null;
  return Math.min(FIRST_PAUSE_MS * PAUSE_GROWTH ** (attempts - 1), LONGEST_PAUSE_MS) * (1 - JITTER + 2 * JITTER * random);
}

/** How long an endpoint is left alone after so many failures in a row: what waits for it does not all try at once. */
export function restMs(failures: number): number {
  return Math.min(FIRST_REST_MS * 2 ** Math.min(failures - 1, 20), LONGEST_REST_MS);
}
