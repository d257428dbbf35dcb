/** Both queues for the same tests: on the database of a ground, and on a real Redis. */
import { startQueue, type QueueDefinition, type QueueParts, type RunningQueue } from "#jobs/queue.ts";
import type { Clock } from "../../src/clock.ts";
import { silentLog, type Log } from "../../src/log.ts";
import type { TestDatabase } from "./database.ts";
import { redisNote, startTestRedis, withoutRedis } from "./redis.ts";

export interface QueueWorld {
  /** What a process, also one of its own, needs to reach the queue. */
  readonly parts: Pick<QueueParts, "url" | "redis">;
  start(definitions: readonly QueueDefinition[], options?: { clock?: Pick<Clock, "now">; log?: Log }): Promise<RunningQueue>;
  /** Everything the queue holds is gone at once: jobs, definitions, schedules. */
  loseEverything(): Promise<void>;
  /** The queue's server cuts every connection; where it is our own it is away while `work` runs. */
  outage(work: () => Promise<void>): Promise<void>;
  /** All that rests of jobs, as text. */
  dump(): Promise<string>;
  /** Stops what was started and is not stopped. */
  stopAll(): Promise<void>;
  readonly close: () => Promise<void>;
}

export type OpenQueueWorld = (db: TestDatabase) => Promise<QueueWorld>;

/** The kinds, with what makes each; `note` belongs into the title. */
export const QUEUE_KINDS = [
  { kind: "pg-boss", isLeftOut: false, note: "", open: onPostgres },
  { kind: "BullMQ", isLeftOut: withoutRedis, note: redisNote, open: onRedis },
] as const;

function starter(parts: Pick<QueueParts, "url" | "redis">): Pick<QueueWorld, "parts" | "start" | "stopAll"> {
  const running: RunningQueue[] = [];
  return {
    parts,
    start: async (definitions, { clock, log = silentLog } = {}) => {
      const queue = await startQueue({ ...parts, log, definitions, ...(clock ? { clock } : {}) });
      running.push(queue);
      return queue;
    },
    stopAll: async () => {
      await Promise.all(running.splice(0).map((queue) => queue.stop()));
    },
  };
}

function onPostgres(db: TestDatabase): Promise<QueueWorld> {
  const world = starter({ url: db.appUrl, redis: null });
  return Promise.resolve({
    ...world,
    loseEverything: async () => {
      await db.asOwner("truncate pgboss.job, pgboss.queue, pgboss.schedule cascade");
    },
    outage: async (work) => {
      await db.asOwner("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'islet queue' and datname = current_database()");
      await work();
    },
    dump: async () => JSON.stringify(await db.asOwner("select * from pgboss.job")),
    close: world.stopAll,
  });
}

async function onRedis(db: TestDatabase): Promise<QueueWorld> {
  const redis = await startTestRedis();
  const world = starter({ url: db.appUrl, redis: { url: redis.url, prefix: redis.prefix } });
  return {
    ...world,
    loseEverything: redis.flush,
    outage: redis.outage,
    dump: redis.dump,
    close: async () => {
      await world.stopAll();
      await redis.close();
    },
  };
}
