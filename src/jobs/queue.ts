/**
 * The queue: five methods over pg-boss. It only wakes workers up — the truth is in the tables (deliveries, due connections), and a
 * sweep finds what a lost job would have done.
 */
import { randomUUID } from "node:crypto";
import { PgBoss } from "pg-boss";
import type { Log } from "../log.ts";

export interface JobOptions {
  /** Only one job of this key waits at a time; another may already run. Without a key every job counts. */
  readonly key?: string;
  /** Not before this many seconds from now. */
  readonly afterSeconds?: number;
}

export interface WorkOptions {
  /** Jobs of this queue worked on at once by this process. */
  readonly concurrency: number;
}

export interface QueueStats {
  readonly queue: string;
  readonly waiting: number;
  readonly active: number;
  readonly failed: number;
}

export type JobData = Readonly<Record<string, string>>;

export interface Queue {
  send(queue: string, data: JobData, options?: JobOptions): Promise<void>;
  /** The handler's rejection counts as a failure: tried again with back-off, then dead. */
  work(queue: string, options: WorkOptions, handler: (data: JobData, signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Sends a job at each time of the cron expression (UTC, minutes). */
  schedule(queue: string, cron: string): Promise<void>;
  stats(): Promise<QueueStats[]>;
  /** Puts the failed jobs of a queue back; gives their number. */
  redrive(queue: string): Promise<number>;
}

export interface RunningQueue extends Queue {
  stop(): Promise<void>;
}

/** A queue's name and how its failures are retried. */
export interface QueueDefinition {
  readonly name: string;
  readonly retries: number;
  readonly retryDelaySeconds: number;
}

/** A worker that does not end when told is left behind: its job is tried again elsewhere. */
const STOP_LIMIT_MS = 10_000;

/** New jobs wake a worker by a notice; what waits for its time (a retry, a delay) is found by looking. */
const LOOKS = { pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 5 };

export async function startQueue(options: { url: string; log: Log; definitions: readonly QueueDefinition[] }): Promise<RunningQueue> {
  const { log, definitions } = options;
  const boss = new PgBoss({
    connectionString: options.url,
    application_name: "islet queue",
    max: 4,
    createSchema: false,
    useListenNotify: true,
  });
  boss.on("error", (error) => log.warn({ error }, "the job queue met an error"));
  await boss.start();
  for (const { name, retries, retryDelaySeconds } of definitions) {
    const settings = {
      policy: "short" as const, // one waiting job per key is enough: the worker takes all there is to do
      retryLimit: retries, retryDelay: retryDelaySeconds, retryBackoff: true, expireInSeconds: 900, deleteAfterSeconds: 3_600, notify: true,
    };
    if (await boss.getQueue(name)) {
      const { policy: _policy, ...changeable } = settings;
      await boss.updateQueue(name, changeable);
    } else await boss.createQueue(name, settings);
  }
  const stopping = new AbortController();
  /** The workers of this process, by queue. */
  const own = new Map<string, string[]>();
  return {
    send: async (queue, data, { key, afterSeconds } = {}) => {
      await boss.send(queue, data, { singletonKey: key ?? randomUUID(), ...(afterSeconds ? { startAfter: afterSeconds } : {}) });
      // After a loss of the database the listener for notices may not be back yet, while this very process has just reached it.
      if (!afterSeconds) for (const id of own.get(queue) ?? []) boss.notifyWorker(id);
    },
    work: async (queue, { concurrency }, handler) => {
      for (let worker = 0; worker < concurrency; worker += 1) {
        const id: { own?: string } = {};
        id.own = await boss.work<JobData>(queue, { batchSize: 1, ...LOOKS }, async ([job]) => {
          // There may be more than one waiting: look again at once after this one, not only at the next notice or poll.
          if (id.own) boss.notifyWorker(id.own);
          if (job) await handler(job.data, AbortSignal.any([job.signal, stopping.signal]));
        });
        own.set(queue, [...(own.get(queue) ?? []), id.own]);
      }
    },
    schedule: async (queue, cron) => {
      await boss.schedule(queue, cron, {}, { tz: "UTC" });
    },
    stats: async () => {
      const found: QueueStats[] = [];
      for (const { name } of definitions) {
        const [stats] = await boss.getQueueStats(name, { force: true });
        found.push({ queue: name, waiting: stats?.queuedCount ?? 0, active: stats?.activeCount ?? 0, failed: stats?.failedCount ?? 0 });
      }
      return found;
    },
    redrive: async (queue) => {
      const failed = await boss.findJobs(queue, {});
      const ids = failed.filter((job) => job.state === "failed").map((job) => job.id);
      if (ids.length > 0) await boss.retry(queue, ids);
      return ids.length;
    },
    stop: async () => {
      // What runs is told at once and ends early; pg-boss alone would wait for it until its patience is over.
      stopping.abort();
      await boss.stop({ graceful: true, timeout: STOP_LIMIT_MS, close: true });
    },
  };
}
