/** Builds every service once and hands them down. */
import { randomBytes } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { ApiContext } from "./api/context.ts";
import { buildOperationServer } from "./api/operation-server.ts";
import { buildServer, type ServerOptions } from "./api/server.ts";
import type { Clock } from "./clock.ts";
import type { Config, ProviderConfig } from "./config.ts";
import type { Log } from "./log.ts";
import { NO_NETWORKS, parseNetworks } from "./networks.ts";
import type { Database } from "#db/database.ts";
import { checkDrivers } from "#driver/check.ts";
import type { Driver } from "#driver/types.ts";
import { createHttpClient } from "#http/client.ts";
import { createRateLimiter, limitsThatCount } from "#http/rate-limiter.ts";
import { createInbox } from "#inbox/inbox.ts";
import type { Queue } from "#jobs/queue.ts";
import { createLiveFeed, type LiveFeed } from "#live/feed.ts";
import { createSessions } from "#people/sessions.ts";
import type { SyncContext } from "#sync/context.ts";
import { isAddressGiven } from "#sync/given-address.ts";
import { createProviders } from "#sync/providers.ts";
import { openVault } from "#sync/ring-keys.ts";
import { wakeOnArrival } from "#sync/schedule.ts";
import { BACKFILL_PLACES, createSlots } from "#sync/slots.ts";
import { createSubscriptions, type Subscriptions } from "#sync/subscriptions.ts";
import { createVendorGate } from "#sync/vendor-gate.ts";
import { createWebhookDoor } from "#sync/webhook-door.ts";
import { createReadiness, type Phase } from "#telemetry/readiness.ts";
import { createScrape } from "#telemetry/scrape.ts";
import { createTelemetry, type Telemetry } from "#telemetry/telemetry.ts";
import { watchDatabase, watchHttp, watchInbox } from "#telemetry/watch.ts";

export interface AppParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly database: Database;
  /** The inbox's own connections; absent, it shares the others. */
  readonly inboxDatabase?: Database;
  readonly drivers: readonly Driver[];
  /** Vendors with real credentials and, in the demo, simulated ones. */
  readonly providers: ReadonlyMap<string, ProviderConfig>;
  /** `id:hex,…`; the first seals. */
  readonly vaultKeys: string;
  readonly sessionSecret: string;
  readonly queue: Pick<Queue, "send"> & Partial<Pick<Queue, "stats">>;
  readonly random?: () => number;
  /** Metrics and spans of this process; without it they are counted for nobody. */
  readonly telemetry?: Telemetry;
  /** Pools of connections beside the database's own, by name, to be told in the metrics. */
  readonly pools?: Readonly<Record<string, Database["poolUse"]>>;
}

export interface App {
  readonly sync: SyncContext;
  readonly api: ApiContext;
  readonly live: LiveFeed;
  readonly subscriptions: Subscriptions;
  server(options: Omit<ServerOptions, "context">): Promise<FastifyInstance>;
  /** For a process without the API: /health, /ready and /metrics alone. */
  operationServer(options: { phase: () => Phase }): Promise<FastifyInstance>;
}

/** Throws ConfigError for contradictory drivers, bad keys, or keys that cannot open what the database holds. */
export async function buildApp(parts: AppParts): Promise<App> {
  const { config, clock, log } = parts;
  const telemetry = parts.telemetry ?? createTelemetry({ clock });
  const database = watchDatabase(parts.database, telemetry);
  checkDrivers(parts.drivers);
  const providers = createProviders(parts.drivers, parts.providers);
  const random = parts.random ?? Math.random;
  const limits = new Map(providers.drivers.map((driver) => [driver.id, limitsThatCount(driver.rateLimits, providers.find(driver.id)?.settings() ?? {})]));
  const limitsOf = (id: string) => limits.get(id) ?? [];
  const limiter = createRateLimiter({ clock, limitsOf });
  const gate = createVendorGate({ database, clock, random, log, limitsOf, hasOwnDoors: (id) => providers.drivers.some((driver) => driver.id === id && isAddressGiven(driver)) });
  const http = watchHttp(createHttpClient({ clock, random, log, limiter, gate, userAgent: "Islet/0.1 (+self-hosted)" }), telemetry);
  const vault = await openVault(database, parts.vaultKeys);
  const inboxDatabase = parts.inboxDatabase ? watchDatabase(parts.inboxDatabase, telemetry) : database;
  const inbox = watchInbox(createInbox({ database: inboxDatabase, onCommit: (rows) => telemetry.instruments.batchRows.observe(rows) }), telemetry);
  const sync: SyncContext = {
    database, clock, log, telemetry, http, vault, inbox, providers, queue: parts.queue, random, randomBytes, returnSchemes: config.returnSchemes,
    allowsPrivateAddresses: config.allowsPrivateAddresses, backfillSlots: createSlots(BACKFILL_PLACES), keeping: config.keeping,
  };
  // Also where no worker runs: the process that takes a delivery in wakes those that do.
  inbox.onArrival(wakeOnArrival(sync));
  const subscriptions = createSubscriptions(sync);
  const door: SyncContext = { ...sync, database: inboxDatabase };
  const live = createLiveFeed(database, log);
  const sessions = createSessions({ database, clock, secret: parts.sessionSecret });
  const api: ApiContext = {
    config, clock, log, database, sessions, sync, live, cursorSecret: parts.sessionSecret,
    webhooks: createWebhookDoor(door, createSubscriptions(door), config.maxWebhookBytes),
    trustedProxies: parseNetworks(config.trustedProxies) ?? NO_NETWORKS,
    scrape: createScrape({ telemetry, database, queue: parts.queue, pools: parts.pools ?? {} }),
    readiness: (process) => createReadiness({ database, queue: parts.queue, ...process }),
  };
  return { sync, api, live, subscriptions, server: (options) => buildServer({ context: api, ...options }), operationServer: (options) => buildOperationServer(api, options.phase) };
}
