/** Builds every service once and hands them down. */
import { randomBytes } from "node:crypto";
import type { FastifyInstance, FastifyPluginAsync } from "fastify";
import type { ApiContext } from "./api/context.ts";
import { buildServer } from "./api/server.ts";
import type { Clock } from "./clock.ts";
import type { Config, ProviderConfig } from "./config.ts";
import type { Log } from "./log.ts";
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
import { createProviders } from "#sync/providers.ts";
import { openVault } from "#sync/ring-keys.ts";
import { wakeOnArrival } from "#sync/schedule.ts";
import { createSubscriptions, type Subscriptions } from "#sync/subscriptions.ts";
import { createWebhookDoor } from "#sync/webhook-door.ts";

export interface AppParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly database: Database;
  readonly drivers: readonly Driver[];
  /** Vendors with real credentials and, in the demo, simulated ones. */
  readonly providers: ReadonlyMap<string, ProviderConfig>;
  /** `id:hex,…`; the first seals. */
  readonly vaultKeys: string;
  readonly sessionSecret: string;
  readonly queue: Pick<Queue, "send">;
  readonly random?: () => number;
}

export interface App {
  readonly sync: SyncContext;
  readonly api: ApiContext;
  readonly live: LiveFeed;
  readonly subscriptions: Subscriptions;
  server(options: { isReady: () => boolean; simulator: FastifyPluginAsync | null }): Promise<FastifyInstance>;
}

/** Throws ConfigError for contradictory drivers, bad keys, or keys that cannot open what the database holds. */
export async function buildApp(parts: AppParts): Promise<App> {
  const { config, clock, log, database } = parts;
  checkDrivers(parts.drivers);
  const providers = createProviders(parts.drivers, parts.providers);
  const random = parts.random ?? Math.random;
  const limits = new Map(providers.drivers.map((driver) => [driver.id, limitsThatCount(driver.rateLimits, providers.find(driver.id)?.settings() ?? {})]));
  const limiter = createRateLimiter({ clock, limitsOf: (id) => limits.get(id) ?? [] });
  const http = createHttpClient({ clock, random, log, limiter, userAgent: "Islet/0.1 (+self-hosted)" });
  const vault = await openVault(database, parts.vaultKeys);
  const inbox = createInbox({ database });
  const sync: SyncContext = {
    database, clock, log, http, vault, inbox, providers, queue: parts.queue, random, randomBytes, returnSchemes: config.returnSchemes,
    allowsPrivateAddresses: config.allowsPrivateAddresses, keeping: config.keeping,
  };
  // Also where no worker runs: the process that takes a delivery in wakes those that do.
  inbox.onArrival(wakeOnArrival(sync));
  const subscriptions = createSubscriptions(sync);
  const live = createLiveFeed(database, log);
  const sessions = createSessions({ database, clock, secret: parts.sessionSecret });
  const api: ApiContext = {
    config, clock, log, database, sessions, sync, live, cursorSecret: parts.sessionSecret,
    webhooks: createWebhookDoor(sync, subscriptions, config.maxWebhookBytes),
  };
  return { sync, api, live, subscriptions, server: (options) => buildServer({ context: api, ...options }) };
}
