/**
 * The queue: six methods, on pg-boss or, with REDIS_URL, on BullMQ. It only wakes workers up — the truth is in the tables (deliveries,
 * due connections, tokens), and a sweep finds what a lost job would have done.
 */
import type { Clock } from "../clock.ts";
import { InternalError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Secret } from "../secret.ts";

export interface JobOptions {
  /** Only one job of this key waits at a time; another may already run. Without a key every job counts (faults QU-05). */
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
  /** Waiting for a worker or for their time, repeats included. */
  readonly waiting: number;
  readonly active: number;
  /** Given up. */
  readonly failed: number;
}

/** Ids and names of ours only: a queue's tables and keys lie open to whoever operates them (faults QU-12). */
export type JobData = Readonly<Record<string, string>>;

export type JobHandler = (data: JobData, signal: AbortSignal) => Promise<void>;

export interface Queue {
  /** Throws InternalError for data that is no id; rejects when the queue cannot be reached. */
  send(queue: string, data: JobData, options?: JobOptions): Promise<void>;
  /**
   * The handler's rejection counts as a failure: tried again with back-off, then dead. Its signal is aborted when the process stops, when
   * another worker was given the job, or after an hour.
   */
  work(queue: string, options: WorkOptions, handler: JobHandler): Promise<void>;
  /**
   * Sends a job without data at each time of the cron expression (UTC, minutes): one for all processes together, and one at once for
   * a time that passed while none ran (faults QU-09). At most one schedule a queue.
   */
  schedule(queue: string, cron: string): Promise<void>;
  stats(): Promise<QueueStats[]>;
  /** Puts the failed jobs of a queue back; gives their number. */
  redrive(queue: string): Promise<number>;
  /** Removes the jobs, of whatever state but running, whose data has this id under this name; gives their number. */
  forget(name: string, id: string): Promise<number>;
}

export interface RunningQueue extends Queue {
  /** Takes no more jobs, tells those that run to end, waits for them (faults QU-10). */
  stop(): Promise<void>;
}

/** A queue's name and how its failures are repeated. */
export interface QueueDefinition {
  readonly name: string;
  /** Runs of a job in all, the first included. A run whose process was killed counts. */
  readonly tries: number;
  /** Before the second run; doubled for each further one, with jitter. */
  readonly retryDelaySeconds: number;
}

export interface QueueParts {
  /** PostgreSQL, as the app's own user. */
  readonly url: string;
  readonly log: Log;
  readonly definitions: readonly QueueDefinition[];
  /** Redis in place of PostgreSQL; processes with the same prefix share their jobs. */
  readonly redis?: { readonly url: Secret; readonly prefix: string } | null;
  /** Of the schedules; the system's when absent. */
  readonly clock?: Pick<Clock, "now">;
}

/** A worker that does not end when told is left behind: its job is tried again elsewhere. */
export const STOP_LIMIT_MS = 10_000;

/** Starts the queue that the parts name. Throws ConfigError when Redis does not answer. */
export async function startQueue(parts: QueueParts): Promise<RunningQueue> {
  // Loaded when chosen: neither library is small.
  if (parts.redis) return (await import("./redis-queue.ts")).startRedisQueue({ ...parts, redis: parts.redis });
  return (await import("./pg-queue.ts")).startPgQueue(parts);
}

/** Throws InternalError for what is neither an id nor a name of ours. The message does not repeat it. */
export function checkJobData(queue: string, data: JobData): void {
  for (const [name, value] of Object.entries(data)) {
    if (!/^[a-z0-9][a-z0-9_-]{0,63}$/i.test(value)) throw new InternalError(`A job of ${queue} may carry ids only, and its ${name} is none.`);
  }
}
