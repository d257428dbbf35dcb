/** Signs of life of long work: a lease is renewed as long as its holder lives, and not a moment longer. */
import { RENEW_EVERY_MS } from "#inbox/lease.ts";
import type { Log } from "../log.ts";

/** Calls `renew` every few seconds until stopped. A renewal that fails is logged: the next one tries again, and fencing covers the rest. */
export function keepAlive(log: Log, renew: () => Promise<unknown>): { stop(): void } {
  const timer = setInterval(() => {
    renew().catch((error: unknown) => log.warn({ error }, "a lease could not be renewed"));
  }, RENEW_EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
