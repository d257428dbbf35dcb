/** The jobs of this room. */
import type { QueueDefinition, RunningQueue } from "#jobs/queue.ts";
import type { SyncContext } from "#sync/context.ts";
import { expireAppointments } from "./appointments/expire.ts";

export const CLINIC_QUEUES = {
  /** Once an hour: requests with which nobody goes on. */
  expiry: "appointment-expiry",
} as const;

export const CLINIC_JOBS: readonly QueueDefinition[] = [{ name: CLINIC_QUEUES.expiry, tries: 3, retryDelaySeconds: 60 }];

/** Starts this room's workers and schedules. */
export async function startClinicJobs({ database, clock, log }: Pick<SyncContext, "database" | "clock" | "log">, queue: RunningQueue): Promise<void> {
  await queue.work(CLINIC_QUEUES.expiry, { concurrency: 1 }, async (_data, signal) => {
    const ended = await expireAppointments({ database, nowMs: clock.now(), signal });
    if (ended > 0) log.info({ ended }, "requests for appointments with which nobody went on have expired");
  });
  await queue.schedule(CLINIC_QUEUES.expiry, "23 * * * *");
}
