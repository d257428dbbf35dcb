/** The jobs: what wakes up when, and the sweep that makes a lost wake-up harmless. */
import type { QueueDefinition, RunningQueue } from "#jobs/queue.ts";
import { sweepSessions } from "#people/sessions/sweep.ts";
import { watchChanges } from "#summaries/keep.ts";
import { IsletError } from "../errors.ts";
import type { Looking } from "../look.ts";
import { sweepStates } from "./connect.ts";
import type { ConnectionRef } from "./connections.ts";
import { QUEUES, type SyncContext } from "./context.ts";
import { connectionsDue } from "./due.ts";
import { farewellsDue, sayFarewell } from "./farewell.ts";
import { keepHouse } from "./housekeeping.ts";
import { JOB_LIMITS, type JobLimits } from "./job-limits.ts";
import { drainInbox } from "./process.ts";
import { refreshIsNear, refreshNow } from "./refresh-sweep.ts";
import { subscribeNow, subscriptionIsDue, wakeSubscribe } from "./subscribe-connection.ts";
import { renewSubscription, subscriptionsToRenew } from "./subscriptions.ts";
import { syncConnection } from "./sync-connection.ts";
import { sweepVendorGate } from "./vendor-gate.ts";
import { createTurns } from "./turns.ts";
import { watchInbox } from "./watch.ts";

/** More connections than any one site has. */
const MOST_REFRESHES = 100_000;

/** The queues and how their jobs are repeated (requirement R3). */
export function queueDefinitions(limits: JobLimits = JOB_LIMITS): readonly QueueDefinition[] {
  return [
    { name: QUEUES.healthSync, tries: limits.healthSync.tries, retryDelaySeconds: 5 },
    { name: QUEUES.tokenRefresh, tries: limits.tokenRefresh.tries, retryDelaySeconds: 10 },
    { name: QUEUES.webhookSubscription, tries: 1, retryDelaySeconds: 10 },
    { name: QUEUES.farewell, tries: 1, retryDelaySeconds: 10 },
    { name: QUEUES.webhookProcessing, tries: limits.webhookProcessing.tries, retryDelaySeconds: 3 },
    { name: QUEUES.sweep, tries: 1, retryDelaySeconds: 1 },
    { name: QUEUES.housekeeping, tries: 4, retryDelaySeconds: 60 },
  ];
}

/** Starts the workers and schedules of this process, its watch over the inbox, and the one that keeps summaries. */
export async function startJobs(context: SyncContext, queue: RunningQueue, limits: JobLimits = JOB_LIMITS): Promise<Looking> {
  await queue.work(QUEUES.healthSync, limits.healthSync, async (data, signal) => {
    try {
      await syncConnection(context, connectionOf(data), { signal });
    } catch (error) {
      // Its failure stands with the connection, which knows when to try again; repeating the job at once would only hurry the vendor.
      if (!(error instanceof IsletError)) throw error;
    }
  });
  const turns = createTurns();
  await queue.work(QUEUES.webhookProcessing, limits.webhookProcessing, async (_data, signal) => {
    await drainInbox(context, signal, turns);
  });
  await queue.work(QUEUES.tokenRefresh, limits.tokenRefresh, (data) => runRefresh(context, data));
  await queue.work(QUEUES.webhookSubscription, { concurrency: 2 }, (data, signal) => runSubscription(context, data, signal));
  await queue.work(QUEUES.farewell, { concurrency: 2 }, async (data) => {
    await sayFarewell(context, connectionOf(data));
  });
  await queue.work(QUEUES.sweep, { concurrency: 1 }, () => sweep(context));
  await queue.work(QUEUES.housekeeping, { concurrency: 1 }, (_data, signal) => keepHouse(context, signal));
  await queue.schedule(QUEUES.sweep, "* * * * *");
  await queue.schedule(QUEUES.tokenRefresh, "0 * * * *");
  // A day's time that passed while nothing ran is made up for at the start: an Islet that runs by day only keeps its house, too.
  await queue.schedule(QUEUES.housekeeping, "17 3 * * *");
  const watches = [watchInbox(context), watchChanges(context)];
  return { stop: async () => void (await Promise.all(watches.map((watch) => watch.stop()))) };
}

/**
 * What to do when a delivery has arrived: wake a worker, in this process or another. Arrivals while a wake-up is on its way make one more:
 * its worker may have looked before they were committed.
 */
export function wakeOnArrival(context: SyncContext): () => void {
  let isSending = false;
  let isAsked = false;
  const send = async (): Promise<void> => {
    isSending = true;
    while (isAsked) {
      isAsked = false;
      await context.queue
        .send(QUEUES.webhookProcessing, {}, { key: "inbox" })
        .catch((error: unknown) => context.log.warn({ error }, "the inbox could not wake a worker; the sweep will"));
    }
    isSending = false;
  };
  return () => {
    isAsked = true;
    if (!isSending) void send();
  };
}

/** Finds due connections, forgotten deliveries, tokens near their end and subscriptions that lapse. */
export async function sweep(context: SyncContext): Promise<void> {
  for (const ref of await connectionsDue(context)) await context.queue.send(QUEUES.healthSync, { ...ref }, { key: ref.connectionId });
  for (const ref of await refreshIsNear(context)) await context.queue.send(QUEUES.tokenRefresh, { ...ref }, { key: ref.connectionId });
  for (const ref of await farewellsDue(context)) await context.queue.send(QUEUES.farewell, { ...ref }, { key: ref.connectionId });
  for (const ref of await subscriptionIsDue(context)) await wakeSubscribe(context, ref);
  await context.queue.send(QUEUES.webhookProcessing, {}, { key: "inbox" });
  for (const provider of await subscriptionsToRenew(context)) await context.queue.send(QUEUES.webhookSubscription, { provider }, { key: provider });
  await sweepStates(context);
  await sweepSessions(context);
  await sweepVendorGate(context);
}

/** A job of the queue of tokens: one connection's, or, every hour, all that end within it and that the sweep's portions left over (R3). */
export async function runRefresh(context: SyncContext, data: Readonly<Record<string, string>>): Promise<void> {
  if (data["connectionId"] !== undefined) return refreshNow(context, connectionOf(data));
  for (const ref of await refreshIsNear(context, MOST_REFRESHES)) await context.queue.send(QUEUES.tokenRefresh, { ...ref }, { key: ref.connectionId });
}

/** A job of the queue of subscriptions: for one connection, or for a vendor's whole app. */
export async function runSubscription(context: SyncContext, data: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
  if (data["provider"] !== undefined) await renewSubscription(context, data["provider"]);
  else await subscribeNow(context, connectionOf(data), signal);
}

function connectionOf(data: Readonly<Record<string, string>>): ConnectionRef {
  const { organizationId = "", patientId = "", connectionId = "" } = data;
  return { organizationId, patientId, connectionId };
}
