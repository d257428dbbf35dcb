/** A look at the inbox every few seconds: deliveries whose time has come and claims of dead workers need no wake-up that could get lost. */
import { buryLost, isWaiting } from "#inbox/claims.ts";
import { LOOK_EVERY_MS } from "#inbox/lease.ts";
import { lookAgain, type Looking } from "../look.ts";
import { QUEUES, type SyncContext } from "./context.ts";

/** Buries what took its workers down with it, and sends one wake-up when a delivery is due; gives whether one was. */
export async function lookAtInbox(context: SyncContext): Promise<boolean> {
  const { lost, isDue } = await context.database.asSystem(async (tx) => ({ lost: await buryLost(tx), isDue: await isWaiting(tx) }));
  if (lost.length > 0) context.log.error({ deliveries: lost.slice(0, 20), count: lost.length }, "deliveries are dead: each took its worker down with it");
  if (isDue) await context.queue.send(QUEUES.webhookProcessing, {}, { key: "inbox" });
  return isDue;
}

/** Looks until stopped. A look that fails is logged; the next one comes anyway. */
export function watchInbox(context: SyncContext): Looking {
  return lookAgain({ everyMs: LOOK_EVERY_MS, look: () => lookAtInbox(context), onError: (error) => context.log.warn({ error }, "the inbox could not be looked at") });
}
