/** The jobs of this room, and the sweep that makes a lost wake-up harmless. */
import type { QueueDefinition, RunningQueue } from "#jobs/queue.ts";
import { PRIVACY_QUEUES, type PrivacyContext } from "./context.ts";
import { erasuresDue, runErasure } from "./erasure/run.ts";
import { runRetention } from "./retention.ts";
import { endExpired, exportsDue, makeExport } from "./package/run.ts";

/** How their jobs are repeated: what failed stands in its row, which knows when to try again. */
export const PRIVACY_JOBS: readonly QueueDefinition[] = [
  { name: PRIVACY_QUEUES.dataExport, tries: 3, retryDelaySeconds: 30 },
  { name: PRIVACY_QUEUES.erasure, tries: 1, retryDelaySeconds: 10 },
  { name: PRIVACY_QUEUES.sweep, tries: 1, retryDelaySeconds: 1 },
  { name: PRIVACY_QUEUES.retention, tries: 4, retryDelaySeconds: 60 },
];

type Ids = Readonly<Record<string, string>>;

/** Starts this room's workers and schedules. */
export async function startPrivacyJobs(context: PrivacyContext, queue: RunningQueue): Promise<void> {
  await queue.work(PRIVACY_QUEUES.dataExport, { concurrency: 1 }, (data, signal) => runDataExport(context, data, signal));
  await queue.work(PRIVACY_QUEUES.erasure, { concurrency: 1 }, (data, signal) => runErasureJob(context, data, signal));
  await queue.work(PRIVACY_QUEUES.sweep, { concurrency: 1 }, () => sweepPrivacy(context));
  await queue.work(PRIVACY_QUEUES.retention, { concurrency: 1 }, async (_data, signal) => {
    await runRetention(context, signal);
  });
  await queue.schedule(PRIVACY_QUEUES.sweep, "* * * * *");
  await queue.schedule(PRIVACY_QUEUES.retention, "41 3 * * *");
}

export function runDataExport(context: PrivacyContext, { organizationId = "", patientId = "", exportId = "" }: Ids, signal: AbortSignal): Promise<void> {
  return makeExport(context, { organizationId, patientId, exportId }, { signal });
}

export async function runErasureJob(context: PrivacyContext, { erasureId = "" }: Ids, signal: AbortSignal): Promise<void> {
  await runErasure(context, erasureId, { signal });
}

/** Finds packages and erasures that wait or were left, and ends packages whose time is over. */
export async function sweepPrivacy(context: PrivacyContext): Promise<void> {
  for (const ref of await exportsDue(context)) await context.queue.send(PRIVACY_QUEUES.dataExport, { ...ref }, { key: ref.exportId });
  for (const erasureId of await erasuresDue(context)) await context.queue.send(PRIVACY_QUEUES.erasure, { erasureId }, { key: erasureId });
  while ((await endExpired(context)) > 0);
}
