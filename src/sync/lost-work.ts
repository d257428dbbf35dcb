/** Looks for work that nobody was woken for: a dead worker's, whose lease has ended, and what arrived while the queue was away (faults QU-01). */
import { hasWork } from "#inbox/claims.ts";
import { QUEUES, type SyncContext } from "./context.ts";

/** With the lease of 30 s this keeps the time until a dead worker's delivery is in other hands well below a minute. */
const EVERY_MS = 5_000;

/** Looks every 5 s until stopped, and wakes a worker where there is something to do. A look that fails is logged; the next one tries again. */
export function watchLostWork(context: SyncContext, everyMs = EVERY_MS): { stop(): void } {
  let isLooking = false;
  const look = async (): Promise<void> => {
    isLooking = true;
    try {
      await wakeLostWork(context);
    } catch (error) {
      context.log.warn({ error }, "lost work could not be looked for");
    } finally {
      isLooking = false;
    }
  };
  const timer = setInterval(() => {
    if (!isLooking) void look();
  }, everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** One look. True when a worker was woken. */
export async function wakeLostWork(context: SyncContext): Promise<boolean> {
  if (!(await context.database.asSystem((tx) => hasWork(tx)))) return false;
  await context.queue.send(QUEUES.webhookProcessing, {}, { key: "inbox" });
  return true;
}
