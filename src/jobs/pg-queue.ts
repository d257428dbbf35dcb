/** The queue on pg-boss, in the database that is there anyway. */
import { createHash, randomUUID } from "node:crypto";
import { PgBoss } from "pg-boss";
import { systemClock } from "../clock.ts";
import { startBell } from "./bell.ts";
import { checkJobData, STOP_LIMIT_MS, type QueueDefinition, type QueueParts, type QueueStats, type RunningQueue } from "./queue.ts";
import { HEARTBEAT_SECONDS, startHands, type Hands } from "./pg-hands.ts";
import { LONGEST_RUN_MS } from "./run-job.ts";
import { startTicks, type Tick } from "./ticks.ts";

const SCHEMA = "pgboss";
/** Where pg-boss announces new jobs of queues with `notify`. */
const CHANNEL = `pgboss_${createHash("sha224").update(SCHEMA).digest("hex").slice(0, 24)}`;
/** How often jobs without heartbeat are looked for: with it, a dead worker's job is free after 15 to 25 s. */
const WATCH_EVERY_SECONDS = 5;

/** Rejects when the database does not answer. */
export async function startPgQueue({ url, log, definitions, clock = systemClock }: QueueParts): Promise<RunningQueue> {
  const boss = new PgBoss({
    connectionString: url, application_name: "islet queue", max: 4, createSchema: false, schedule: false,
    superviseIntervalSeconds: WATCH_EVERY_SECONDS, monitorIntervalSeconds: WATCH_EVERY_SECONDS, maintenanceIntervalSeconds: 300,
  });
  boss.on("error", (error) => log.warn({ error }, "the job queue met an error"));
  await boss.start();
  const hands: Hands[] = [];
  try {
    await define(boss, definitions);
  } catch (error) {
    await boss.stop({ graceful: false });
    throw error;
  }
  const wake = (queue: string | null): void => {
    for (const each of hands) if (queue === null || each.queue === queue) each.wake();
  };
  const bell = startBell({ url, channel: CHANNEL, onNotice: wake, log });
  const stopping = new AbortController();
  const ticks = startTicks({
    clock, log,
    send: async (tick) => {
      // Whoever emptied pg-boss's tables took the queues' definitions along: without them jobs vanish unsaid.
      await define(boss, definitions, await boss.getQueues());
      await sendTick(boss, tick);
    },
  });
  return {
    send: async (queue, data, { key, afterSeconds } = {}) => {
      checkJobData(queue, data);
      await boss.send(queue, data, { singletonKey: key ?? randomUUID(), ...(afterSeconds ? { startAfter: afterSeconds } : {}) });
      // This process's own workers need no notice, which may not be back yet after a loss of the database.
      if (!afterSeconds) wake(queue);
    },
    work: async (queue, { concurrency }, handler) => {
      hands.push(startHands({ boss, queue, concurrency, handler, stopping: stopping.signal, log }));
    },
    schedule: (queue, cron) => ticks.add(queue, cron),
    stats: () => readStats(boss, definitions),
    redrive: async (queue) => {
      const failed = (await boss.findJobs(queue, {})).filter((job) => job.state === "failed").map((job) => job.id);
      if (failed.length > 0) await boss.retry(queue, failed);
      wake(queue);
      return failed.length;
    },
    forget: async (name, id) => {
      const { rows } = await boss.getDb().executeSql(`delete from ${SCHEMA}.job where data ->> $1 = $2 and state <> 'active' returning 1 as gone`, [name, id]);
      return rows.length;
    },
    stop: async () => {
      ticks.stop();
      stopping.abort();
      await bell.close();
      await Promise.all(hands.map((each) => each.stop(STOP_LIMIT_MS)));
      await boss.stop({ graceful: false, close: true });
    },
  };
}

/** Creates the queues that are missing; those of an earlier version get today's settings. */
async function define(boss: PgBoss, definitions: readonly QueueDefinition[], present?: readonly { readonly name: string }[]): Promise<void> {
  for (const { name, tries, retryDelaySeconds } of definitions) {
    if (present?.some((queue) => queue.name === name)) continue;
    const settings = {
      retryLimit: tries - 1, retryDelay: retryDelaySeconds, retryBackoff: true, heartbeatSeconds: HEARTBEAT_SECONDS,
      // Longer than any run: who lives and beats is not taken for dead.
      expireInSeconds: LONGEST_RUN_MS / 1_000 + 60,
      deleteAfterSeconds: 3_600, notify: true,
    };
    if (await boss.getQueue(name)) await boss.updateQueue(name, settings);
    // One waiting job of a key is enough: its worker takes all there is to do.
    else await boss.createQueue(name, { policy: "short", ...settings });
  }
}

/** The tick's id says its time, so that the database knows it again; one that waits swallows the next. */
async function sendTick(boss: PgBoss, { queue, atMs, keepSeconds }: Tick): Promise<void> {
  const digest = createHash("sha256").update(`tick ${queue} ${atMs}`).digest("hex");
  const id = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-4${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
  await boss.send(queue, {}, { id, singletonKey: "tick", deleteAfterSeconds: keepSeconds });
}

/** Counted from the jobs: pg-boss's own figures may be a minute old. */
async function readStats(boss: PgBoss, definitions: readonly QueueDefinition[]): Promise<QueueStats[]> {
  const { rows } = await boss.getDb().executeSql(
    `select name, count(*) filter (where state in ('created', 'retry'))::int as waiting, count(*) filter (where state = 'active')::int as active,
            count(*) filter (where state = 'failed')::int as failed
     from ${SCHEMA}.job where name = any($1) group by name`,
    [definitions.map(({ name }) => name)],
  );
  const counts = rows as { name: string; waiting: number; active: number; failed: number }[];
  return definitions.map(({ name }) => {
    const { waiting = 0, active = 0, failed = 0 } = counts.find((row) => row.name === name) ?? {};
    return { queue: name, waiting, active, failed };
  });
}
