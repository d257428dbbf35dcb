/**
 * The workers of one queue on pg-boss: one look takes as many jobs as hands are free. pg-boss's own workers would each look for
 * themselves: twenty of them make twenty queries of every notice.
 */
import type { PgBoss } from "pg-boss";
import type { Log } from "../log.ts";
import { atMost } from "./at-most.ts";
import type { JobData, JobHandler } from "./queue.ts";
import { runJob } from "./run-job.ts";

/** Without a sign of life for so long, a job is given to another worker (faults QU-01: within 60 s). */
export const HEARTBEAT_SECONDS = 15;
const BEAT_EVERY_MS = 5_000;
/** New jobs come with a notice; what waited for its time (a repeat, a delay) is found by looking. */
const LOOK_EVERY_MS = 2_000;

export interface Hands {
  readonly queue: string;
  /** There may be work. */
  wake(): void;
  /** Resolves when nothing runs any more, or after `limitMs`; what still runs then is given back as failed. */
  stop(limitMs: number): Promise<void>;
}

export interface HandsOptions {
  readonly boss: PgBoss;
  readonly queue: string;
  readonly concurrency: number;
  readonly handler: JobHandler;
  /** Aborted when the process stops. */
  readonly stopping: AbortSignal;
  readonly log: Log;
}

/** A run of a job: the count of its repeats tells it from another worker's. */
interface Taken {
  readonly id: string;
  readonly data: JobData;
  readonly retryCount: number;
}

/** Starts looking for jobs of the queue. */
export function startHands(options: HandsOptions): Hands {
  const { boss, queue, concurrency, stopping, log } = options;
  const running = new Map<string, Promise<void>>();
  let looking: Promise<void> | null = null;
  let isAsked = false;

  const takeJobs = async (): Promise<void> => {
    while (isAsked && !stopping.aborted) {
      isAsked = false;
      const free = concurrency - running.size;
      if (free <= 0) return; // the next hand that is free looks again
      for (const job of await boss.fetch<JobData>(queue, { batchSize: free, includeMetadata: true })) {
        const run = runOne(options, job).finally(() => {
          running.delete(job.id);
          wake();
        });
        running.set(job.id, run);
      }
    }
  };
  const wake = (): void => {
    isAsked = true;
    looking ??= takeJobs()
      .catch((error: unknown) => log.warn({ queue, error }, "the queue could not be asked for jobs; it is tried again"))
      .finally(() => (looking = null));
  };
  const timer = setInterval(wake, LOOK_EVERY_MS);
  wake();
  return {
    queue,
    wake,
    stop: async (limitMs) => {
      clearInterval(timer);
      await looking;
      await atMost(limitMs, running.values());
      if (running.size > 0) await boss.fail(queue, [...running.keys()], { code: "stopped" }).catch(() => undefined);
    },
  };
}

/** Runs a job under its heartbeat and says how it ended. Never rejects: what cannot be said is found out by the missing heartbeat. */
async function runOne({ boss, queue, handler, stopping, log }: HandsOptions, job: Taken): Promise<void> {
  const lost = new AbortController();
  let aliveMs = performance.now();
  const beat = async (): Promise<void> => {
    if (await renew(boss, queue, job)) aliveMs = performance.now();
    else lost.abort(new DOMException("The job was given to another worker.", "AbortError"));
  };
  const timer = setInterval(() => {
    beat().catch((error: unknown) => log.warn({ queue, error }, "a job could not give a sign of life"));
  }, BEAT_EVERY_MS);
  try {
    const failure = await runJob({ queue, data: job.data, handler, signals: [stopping, lost.signal], log });
    clearInterval(timer);
    // Whoever slept past the heartbeat must not end the job for the one who has it now (faults QU-02).
    if (performance.now() - aliveMs > 2 * BEAT_EVERY_MS) await beat();
    if (lost.signal.aborted) return;
    if (failure === null) await boss.complete(queue, job.id);
    else await boss.fail(queue, job.id, { code: failure });
  } catch (error) {
    log.warn({ queue, error }, "the end of a job could not be told; it runs again");
  } finally {
    clearInterval(timer);
  }
}

/** A sign of life for this very run. False when the job has ended or another worker has it: pg-boss's own touch would not tell. */
async function renew(boss: PgBoss, queue: string, job: Taken): Promise<boolean> {
  const { rows } = await boss.getDb().executeSql(
    "update pgboss.job set heartbeat_on = now() where name = $1 and id = $2 and state = 'active' and retry_count = $3 returning 1", [queue, job.id, job.retryCount],
  );
  return rows.length === 1;
}
