/** When to try again: the vendor's word, else exponential back-off with full jitter. */

/** A vendor that asks for more is asked again after this anyway (faults VA-02). */
const LONGEST_RETRY_AFTER_MS = 3_600_000;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 8_000;

const SECONDS = /^\d+(?:\.\d+)?$/;
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /i;

/**
 * Milliseconds that a `Retry-After` header asks to wait, from seconds or an HTTP-date; 0 for a date that has passed, at most one
 * hour. Null when there is no header or it makes no sense: then our own back-off applies.
 * Source: RFC 9110 §10.2.3; faults VA-02.
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | null {
  const text = header?.trim() ?? "";
  let waitMs: number;
  if (SECONDS.test(text)) waitMs = Number(text) * 1000;
  else if (HTTP_DATE.test(text)) waitMs = Date.parse(text) - nowMs;
  else return null;
  if (Number.isNaN(waitMs)) return null;
  return Math.min(Math.max(waitMs, 0), LONGEST_RETRY_AFTER_MS);
}

/** A reset of at least this is no duration but an instant, in seconds since 1970. */
const EPOCH_FROM = 1e9;

/**
 * Milliseconds until an `X-RateLimit-Reset`: seconds from now, or an epoch in seconds; 0 for one that has passed, at most one hour. Null
 * when there is no header or it makes no sense.
 */
export function resetMs(header: string | undefined, nowMs: number): number | null {
  const text = header?.trim() ?? "";
  if (!SECONDS.test(text)) return null;
  const waitMs = Number(text) >= EPOCH_FROM ? Number(text) * 1000 - nowMs : Number(text) * 1000;
  return Math.min(Math.max(waitMs, 0), LONGEST_RETRY_AFTER_MS);
}

/**
 * Milliseconds before the next attempt, after `failedAttempts` ≥ 1: anywhere between 0 and 1, 2, 4 … 8 s. Full jitter, so that
 * callers who failed together do not come back together. Source: requirement E3.
 */
export function backoffMs(failedAttempts: number, random: () => number): number {
  return random() * Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failedAttempts - 1));
}
