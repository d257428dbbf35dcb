/** The job that sends to one endpoint, and the look that follows the feed and finds whose turn it is: a lost wake-up does no harm. */
import type { QueueDefinition, RunningQueue } from "#jobs/queue.ts";
import { lookAgain, type Looking } from "../../look.ts";
import { wakeEndpoint, WEBHOOKS_OUT_QUEUE, type WebhooksOutContext } from "./context.ts";
import { deliverTo } from "./deliver.ts";
import { CHANGES_AT_ONCE, endpointsDue, followForWebhooks } from "./follow.ts";

/** Endpoints that one process sends to at the same time. */
const CONCURRENCY = 10;
const LOOK_EVERY_MS = 1_000;

/** What failed stands with the delivery, which knows when it is tried again. */
export const WEBHOOKS_OUT_JOBS: readonly QueueDefinition[] = [{ name: WEBHOOKS_OUT_QUEUE, tries: 1, retryDelaySeconds: 5 }];

/** Follows to the end of the feed as it is now, and wakes a worker for each endpoint that something is due for. Safe to repeat and beside others. */
export async function lookAfterWebhooks(context: WebhooksOutContext, isStopping: () => boolean = () => false): Promise<void> {
  while (!isStopping() && (await followForWebhooks(context)) === CHANGES_AT_ONCE);
  for (const ref of await endpointsDue(context)) await wakeEndpoint(context, ref);
}

/** Starts this room's workers, and looks every second until stopped. A look that fails is logged; the next one comes anyway. */
export async function startWebhooksOut(context: WebhooksOutContext, queue: RunningQueue, everyMs = LOOK_EVERY_MS): Promise<Looking> {
  await queue.work(WEBHOOKS_OUT_QUEUE, { concurrency: CONCURRENCY }, async ({ organizationId = "", endpointId = "" }, signal) => {
    await deliverTo(context, { organizationId, endpointId }, signal);
  });
  return lookAgain({
    everyMs, look: (isStopping) => lookAfterWebhooks(context, isStopping),
    onError: (error) => context.log.warn({ error }, "changes could not be made into webhooks; the next look goes on"),
  });
}
