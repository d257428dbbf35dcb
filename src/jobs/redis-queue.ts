/** The queue on BullMQ, for a site that wants its jobs on Redis (requirement R3). */
import { Queue, Worker, type JobsOptions } from "bullmq";
import { Redis } from "ioredis";
import { systemClock } from "../clock.ts";
import { ConfigError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Secret } from "../secret.ts";
import { atMost } from "./at-most.ts";
import { checkJobData, STOP_LIMIT_MS, type JobData, type JobHandler, type QueueDefinition, type QueueParts, type RunningQueue } from "./queue.ts";
import { runJob } from "./run-job.ts";
import { startTicks } from "./ticks.ts";

/** Without a sign of life for so long a job counts as lost; looked for every 5 s, so it is free after 15 to 25 s (faults QU-01). */
const LOCK_MS = 15_000;
const WATCH_EVERY_MS = 5_000;
/** Long enough for an operator to put back what was given up; the sweep does not wait for it. */
const KEEP_FAILED = { age: 7 * 86_400, count: 1_000 };
const REDRIVE_AT_ONCE = 500;
/** For letting go of connections that lead nowhere. */
const LETTING_GO_MS = 1_000;

type RedisParts = QueueParts & { readonly redis: { readonly url: Secret; readonly prefix: string } };

/** Throws ConfigError when Redis does not answer or refuses the password. A loss later on is waited out. */
export async function startRedisQueue({ redis, log, definitions, clock = systemClock }: RedisParts): Promise<RunningQueue> {
  const { prefix } = redis;
  const complain = complainNowAndThen(log);
  // Whoever sends waits for nobody: the sweep makes up for what could not be sent.
  const sender = open(redis.url, complain, { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: 5_000 });
  await connect(sender, redis.url);
  const worker = open(redis.url, complain, { maxRetriesPerRequest: null });
  const queues = new Map(definitions.map((definition) => [definition.name, openQueue(definition, { sender, prefix, complain })]));
  const workers: Worker<JobData>[] = [];
  const running = new Set<Promise<unknown>>();
  const stopping = new AbortController();
  const queueOf = (name: string): Queue<JobData> => {
    const queue = queues.get(name);
    if (!queue) throw new ConfigError(`There is no queue ${name}.`);
    return queue;
  };
  const ticks = startTicks({
    clock, log,
    send: async ({ queue, atMs, keepSeconds }) => {
      const keep = { age: keepSeconds };
      await queueOf(queue).add("tick", {}, { jobId: `tick-${atMs}`, deduplication: { id: "tick" }, removeOnComplete: keep, removeOnFail: keep });
    },
  });
  return {
    send: async (name, data, { key, afterSeconds } = {}) => {
      checkJobData(name, data);
      const options: JobsOptions = { ...(key === undefined ? {} : { deduplication: { id: key } }), ...(afterSeconds ? { delay: afterSeconds * 1_000 } : {}) };
      await queueOf(name).add("job", data, options);
    },
    work: async (name, { concurrency }, handler) => {
      const tries = definitions.find((definition) => definition.name === name)?.tries ?? 1;
      workers.push(startWorker(name, { worker, prefix, complain, concurrency, tries, handler, running, stopping: stopping.signal, log }));
    },
    schedule: (name, cron) => ticks.add(queueOf(name).name, cron),
    stats: () =>
      Promise.all([...queues.values()].map(async (queue) => {
        const counts = await queue.getJobCounts("wait", "delayed", "prioritized", "active", "failed");
        const { wait = 0, delayed = 0, prioritized = 0, active = 0, failed = 0 } = counts;
        return { queue: queue.name, waiting: wait + delayed + prioritized, active, failed };
      })),
    redrive: (name) => redrive(queueOf(name)),
    forget: async (name, id) => {
      let count = 0;
      for (const queue of queues.values()) count += await forget(queue, name, id);
      return count;
    },
    stop: async () => {
      ticks.stop();
      stopping.abort();
      // With Redis away nothing can be handed back, and who tries waits for ever: what runs is ended, no more.
      const isLost = Promise.withResolvers<undefined>();
      worker.once("close", () => isLost.resolve(undefined));
      if (worker.status === "ready") await Promise.race([atMost(STOP_LIMIT_MS, workers.map((each) => each.close())), isLost.promise]);
      if (worker.status !== "ready") {
        await atMost(STOP_LIMIT_MS, running);
        await atMost(LETTING_GO_MS, workers.map((each) => each.close(true)));
      }
      sender.disconnect();
      worker.disconnect();
    },
  };
}

type Complain = (error: unknown) => void;

/** An outage makes every connection complain every second: once in half a minute is enough to know. */
function complainNowAndThen(log: Log): Complain {
  let quietUntilMs = 0;
  return (error) => {
    if (performance.now() < quietUntilMs) return;
    quietUntilMs = performance.now() + 30_000;
    log.warn({ error }, "the job queue met an error");
  };
}

function open(url: Secret, complain: Complain, options: { maxRetriesPerRequest: number | null; enableOfflineQueue?: boolean; commandTimeout?: number }): Redis {
  const client = new Redis(url.open(), { ...options, lazyConnect: true, connectTimeout: 5_000, retryStrategy: (times) => Math.min(times * 100, 1_000) });
  client.on("error", complain);
  return client;
}

/** The address is named without its password. */
async function connect(client: Redis, url: Secret): Promise<void> {
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    client.disconnect();
    const { host } = new URL(url.open());
    const isRefused = /NOAUTH|WRONGPASS|NOPERM|invalid (?:username-)?password/i.test(error instanceof Error ? error.message : "");
    throw new ConfigError(isRefused ? `Redis at ${host} refuses the user or password: check REDIS_URL.` : `Redis at ${host} does not answer: check REDIS_URL, or leave it out.`, { cause: error });
  }
}

function openQueue({ name, tries, retryDelaySeconds }: QueueDefinition, { sender, prefix, complain }: { sender: Redis; prefix: string; complain: Complain }): Queue<JobData> {
  const queue = new Queue<JobData>(name, {
    connection: sender, prefix, skipWaitingForReady: true, streams: { events: { maxLen: 100 } },
    defaultJobOptions: {
      attempts: tries, backoff: { type: "exponential", delay: retryDelaySeconds * 1_000, jitter: 0.5 }, removeOnComplete: true, removeOnFail: KEEP_FAILED,
      stackTraceLimit: 0,
    },
  });
  queue.on("error", complain);
  return queue;
}

interface WorkerParts {
  readonly worker: Redis;
  readonly prefix: string;
  readonly complain: Complain;
  readonly concurrency: number;
  readonly tries: number;
  readonly handler: JobHandler;
  /** What is being worked on. */
  readonly running: Set<Promise<unknown>>;
  readonly stopping: AbortSignal;
  readonly log: Log;
}

function startWorker(name: string, { worker: connection, prefix, complain, concurrency, tries, handler, running, stopping, log }: WorkerParts): Worker<JobData> {
  const worker = new Worker<JobData>(
    name,
    async (job, _token, lost) => {
      // The key is free as soon as the job runs: what is sent from here on may be news that this run no longer sees (QU-05).
      await job.removeDeduplicationKey();
      const run = runJob({ queue: name, data: job.data, handler, signals: lost ? [stopping, lost] : [stopping], log });
      running.add(run);
      const failure = await run.finally(() => running.delete(run));
      if (failure !== null) throw new Error(failure);
    },
    {
      connection, prefix, concurrency, lockDuration: LOCK_MS, stalledInterval: WATCH_EVERY_MS, maxStalledCount: Math.max(0, tries - 1), runRetryDelay: 1_000,
    },
  );
  worker.on("error", complain);
  worker.on("lockRenewalFailed", (ids) => {
    for (const id of ids) worker.cancelJob(id, "The job was given to another worker.");
  });
  return worker;
}

async function forget(queue: Queue<JobData>, name: string, id: string): Promise<number> {
  let count = 0;
  for (const job of await queue.getJobs(["wait", "delayed", "prioritized", "failed", "completed"])) {
    if (job?.data[name] !== id) continue;
    await job.remove();
    count += 1;
  }
  return count;
}

async function redrive(queue: Queue<JobData>): Promise<number> {
  let count = 0;
  for (;;) {
    const failed = await queue.getFailed(0, REDRIVE_AT_ONCE - 1);
    let put = 0;
    for (const job of failed) {
      try {
        await job.retry("failed", { resetAttemptsMade: true, resetAttemptsStarted: true });
        put += 1;
      } catch {
        // Somebody else put it back, or it is gone: either way it is no longer failed.
      }
    }
    count += put;
    if (put === 0) return count;
  }
}
