/**
 * The text of /metrics. What has to be looked up — the inbox, jobs, connections — is kept for some seconds and looked up by one caller at a
 * time, so that however many scrape, the database hears little of it; when it is away, the rest is told all the same.
 */
import type { Database, PoolUse } from "#db/database.ts";
import { isTooSlow } from "#db/failures.ts";
import { gaugeInbox } from "#inbox/gauge.ts";
import type { Queue } from "#jobs/queue.ts";
import { Unavailable } from "../errors.ts";
import { within } from "./deadline.ts";
import { secondsSince, type Telemetry } from "./telemetry.ts";

const LOOK_UP_LIMIT_MS = 2_000;
/** Shorter, so that the database gives up first and keeps no connection for a look that nobody waits for. */
const STATEMENT_LIMIT_MS = 1_500;
const KEPT_SECONDS = 5;
/** A look-up that takes long is made more seldom: never more than a twentieth of the time. */
const REST_FACTOR = 20;

export interface ScrapeParts {
  readonly telemetry: Telemetry;
  readonly database: Database;
  readonly queue: Partial<Pick<Queue, "stats">>;
  /** More pools than the database's own, by name. */
  readonly pools?: Readonly<Record<string, () => PoolUse>>;
}

export interface Scrape {
  readonly contentType: string;
  text(): Promise<string>;
}

export function createScrape({ telemetry, database, queue, pools }: ScrapeParts): Scrape {
  const { instruments } = telemetry;
  let running: Promise<void> | null = null;
  let restUntilMs = -1;

  const lookUp = async (): Promise<void> => {
    const startedMs = performance.now();
    await Promise.all([lookIntoDatabase(telemetry, database), lookIntoQueue(telemetry, queue)]);
    restUntilMs = performance.now() + Math.max(KEPT_SECONDS, secondsSince(startedMs) * REST_FACTOR) * 1000;
  };

  return {
    contentType: instruments.registry.contentType,
    text: async () => {
      if (performance.now() > restUntilMs) await (running ??= lookUp().finally(() => (running = null)));
      for (const [pool, use] of Object.entries({ main: () => database.poolUse(), ...pools })) {
        for (const [state, count] of Object.entries(use())) instruments.pool.set({ pool, state }, count);
      }
      return instruments.registry.metrics();
    },
  };
}

async function lookIntoDatabase({ instruments }: Telemetry, database: Database): Promise<void> {
  const { inboxDeliveries, inboxOldest, connections, summariesBehind, databaseUp } = instruments;
  try {
    const seen = await within(LOOK_UP_LIMIT_MS, "The database", () => database.asSystem(async (tx) => {
      await tx.query("select set_config('statement_timeout', $1, true)", [String(STATEMENT_LIMIT_MS)]);
      return {
        inbox: await gaugeInbox(tx),
        connections: await tx.query<{ provider: string; status: string; count: number }>(
          "select provider, status, count(*)::int as count from connections where disconnected_at is null group by provider, status",
        ),
        behind: await tx.query<{ seconds: number | null }>(
          `select extract(epoch from clock_timestamp() - (
             select created_at from changes where (transaction_id, id) > (select f.transaction_id, f.id from summary_follower f)
             order by changes.transaction_id, changes.id limit 1))::float8 as seconds`,
        ),
      };
    }));
    inboxDeliveries.reset();
    connections.reset();
    for (const { provider, state, count } of seen.inbox) inboxDeliveries.set({ provider, state }, count);
    for (const state of ["pending", "processing", "failed", "dead", "replay"]) {
      inboxOldest.set({ state }, Math.max(0, ...seen.inbox.filter((row) => row.state === state).map((row) => row.oldestSeconds)));
    }
    for (const { provider, status, count } of seen.connections) connections.set({ provider, status }, count);
    summariesBehind.set(seen.behind[0]?.seconds ?? 0);
    databaseUp.set(1);
  } catch (error) {
    databaseUp.set(error instanceof Unavailable && !isTooSlow(error.cause) ? 0 : 1);
    // Better no figure than an old one that looks like a new one.
    for (const gauge of [inboxDeliveries, inboxOldest, connections]) gauge.reset();
    // One without labels would be reset to 0, which means that all is well.
    summariesBehind.remove();
  }
}

async function lookIntoQueue({ instruments }: Telemetry, queue: Partial<Pick<Queue, "stats">>): Promise<void> {
  if (!queue.stats) return;
  try {
    const stats = await within(LOOK_UP_LIMIT_MS, "The job queue", () => queue.stats!());
    for (const { queue: name, waiting, active, failed } of stats) {
      for (const [state, count] of Object.entries({ waiting, active, failed })) instruments.jobs.set({ queue: name, state }, count);
    }
    instruments.queueUp.set(1);
  } catch {
    instruments.queueUp.set(0);
    instruments.jobs.reset();
  }
}
