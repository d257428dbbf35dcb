/** A circuit breaker over the last calls to a vendor: opens at half of twenty failed, lets one try again, closes when that is answered. Pure. Faults VA-03, QU-04. */

export interface Circuit {
  /** How the last calls ended, oldest first: "1" answered, "0" failed. */
  readonly outcomes: string;
  /** How often it opened without closing again; 0 while it is closed. */
  readonly opened: number;
  /** From when on somebody may try, UTC epoch milliseconds; null while it is closed. */
  readonly retryMs: number | null;
}

export const CLOSED: Circuit = { outcomes: "", opened: 0, retryMs: null };

/** So many calls are judged; fewer say nothing. */
export const CALLS_JUDGED = 20;
const FAILED_SHARE = 0.5;
const FIRST_REST_MS = 30_000;
const LONGEST_REST_MS = 15 * 60_000;
const LEAST_REST_MS = 1_000;

/** The circuit after calls that ended like this, in the notation of `outcomes`. An answer closes it, a failure while it is open rests it anew, ever longer, with full jitter. */
export function afterCalls(circuit: Circuit, outcomes: string, now: { readonly nowMs: number; readonly random: number }): Circuit {
  if (circuit.opened > 0) {
    if (outcomes.includes("1")) return CLOSED;
    // Who had begun before it opened tells nothing new.
    if (circuit.retryMs !== null && now.nowMs < circuit.retryMs) return circuit;
    return rested({ ...circuit, opened: circuit.opened + 1 }, now);
  }
  const last = (circuit.outcomes + outcomes).slice(-CALLS_JUDGED);
  const failures = last.replaceAll("1", "").length;
  const isOpening = last.length === CALLS_JUDGED && failures >= CALLS_JUDGED * FAILED_SHARE;
  return isOpening ? rested({ outcomes: "", opened: 1, retryMs: null }, now) : { ...circuit, outcomes: last };
}

function rested(circuit: Circuit, { nowMs, random }: { readonly nowMs: number; readonly random: number }): Circuit {
  const ceilingMs = Math.min(FIRST_REST_MS * 2 ** (circuit.opened - 1), LONGEST_REST_MS);
  return { ...circuit, retryMs: nowMs + Math.max(ceilingMs * random, LEAST_REST_MS) };
}
