/** Builds every service once and hands them down. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
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
import type { WebhooksOutContext } from "#live/webhooks-out/context.ts";
import { auditKeys } from "#people/audit/keys.ts";
import { createApiKeys } from "#people/sessions/keys/api-keys.ts";
import { createForeignTokens } from "#people/sessions/outside/foreign-tokens.ts";
import { createOutsideSignIn } from "#people/sessions/outside/outside-sign-in.ts";
import { createPublishedKeys } from "#people/sessions/outside/published-keys.ts";
import type { SessionLives } from "#people/sessions/lives.ts";
import { createMailTransport } from "#mail/transport.ts";
import type { MailContext } from "#mail/deliver.ts";
import type { AccountsContext } from "#people/accounts/context.ts";
import { createIdentities } from "#people/accounts/identities.ts";
import { tellUser } from "#people/accounts/person.ts";
import { hasSecondFactor } from "#people/second-factor/factors.ts";
import { partyOf } from "#people/second-factor/passkeys.ts";
import { createSecondFactor } from "#people/second-factor/prove.ts";
import { countAttempt, forgiveAttempt } from "#people/sign-in/attempts.ts";
import { createSessions } from "#people/sessions/sessions.ts";
import { createHashing } from "#people/sign-in/hashing.ts";
import { createSignIn } from "#people/sign-in/sign-in.ts";
import type { PrivacyContext } from "#privacy/context.ts";
import { askForErasure } from "#privacy/erasure/wishes.ts";
import { tellErased } from "#privacy/erasure/tell-erased.ts";
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
import { createUploads } from "#uploads/check-upload.ts";
import { createClamAv } from "#uploads/clamav.ts";

const USER_AGENT = "Islet/0.1 (+self-hosted)";

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
  readonly queue: Pick<Queue, "send"> & Partial<Pick<Queue, "stats" | "forget">>;
  readonly random?: () => number;
  /** Where they are not those of the configuration. */
  readonly sessionLives?: Partial<SessionLives>;
  /** Metrics and spans of this process; without it they are counted for nobody. */
  readonly telemetry?: Telemetry;
  /** Pools of connections beside the database's own, by name, to be told in the metrics. */
  readonly pools?: Readonly<Record<string, Database["poolUse"]>>;
}

export interface App {
  readonly sync: SyncContext;
  readonly api: ApiContext;
  readonly privacy: PrivacyContext;
  readonly live: LiveFeed;
  readonly webhooksOut: WebhooksOutContext;
  /** What `watchMails` sends by. */
  readonly mail: MailContext;
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
  const http = watchHttp(createHttpClient({ clock, random, log, limiter, gate, userAgent: USER_AGENT }), telemetry);
  const vault = await openVault(database, parts.vaultKeys);
  const inboxDatabase = parts.inboxDatabase ? watchDatabase(parts.inboxDatabase, telemetry) : database;
  const inbox = watchInbox(createInbox({ database: inboxDatabase, onCommit: (rows) => telemetry.instruments.batchRows.observe(rows) }), telemetry);
  const sync: SyncContext = {
    database, clock, log, telemetry, http, vault, inbox, providers, queue: parts.queue, random, randomBytes, returnSchemes: config.returnSchemes,
    allowsPrivateAddresses: config.allowsPrivateAddresses, backfillSlots: createSlots(BACKFILL_PLACES), keeping: config.keeping,
    auditKeeping: { keepDays: config.keepAuditDays, keys: auditKeys(parts.sessionSecret) },
  };
  // Also where no worker runs: the process that takes a delivery in wakes those that do.
  inbox.onArrival(wakeOnArrival(sync));
  const subscriptions = createSubscriptions(sync);
  const door: SyncContext = { ...sync, database: inboxDatabase };
  const live = createLiveFeed(database, log);
  const webhooksOut: WebhooksOutContext = {
    database, clock, log, vault, queue: parts.queue, random, randomBytes, userAgent: USER_AGENT, allowsPrivateAddresses: config.allowsPrivateAddresses,
    hiddenProviders: providers.drivers.filter(({ brand }) => brand.isForOwnerOnly).map(({ id }) => id),
  };
  const sessions = createSessions({
    database, clock, secret: parts.sessionSecret, issuer: config.publicOrigins[0]!, lives: { ...config.sessionLives, ...parts.sessionLives },
    onReuse: (tx, { userId }) => tellUser(tx, userId, { template: "session_reused" }),
  });
  const hashing = createHashing();
  const identities = createIdentities({ vault, secret: parts.sessionSecret, pattern: config.accounts.nationalIdPattern });
  const signIn = createSignIn({ database, clock, hashing, identities, hasSecondFactor });
  const party = partyOf(config.publicOrigins);
  const tries = (userId: string) => ({ device: identities.digest("tries-second-factor", userId) });
  const secondFactor = createSecondFactor({
    database, clock, vault, party, admit: (tx, userId) => countAttempt(tx, tries(userId), clock.now()), forgive: (tx, userId) => forgiveAttempt(tx, tries(userId), clock.now()),
  });
  const accounts: AccountsContext = {
    database, clock, hashing, signIn, identities, vault, publicOrigin: config.publicOrigins[0]!, registration: config.accounts.registration,
    registrationOrganizationId: config.accounts.registrationOrganizationId, hasSecondFactor,
    requestErasure: ({ userId, ...whose }) => database.withOrganization(whose.organizationId, (tx) => askForErasure(tx, privacy, { ...whose, askedBy: userId, reason: "account_closed" })),
  };
  const mail: MailContext = {
    database, clock, log, vault, transport: createMailTransport({ ...config.mail, folder: config.isProduction ? null : join(config.dataDir, "mail") }, log),
  };
  const { allowsPrivateAddresses } = config;
  const privacy: PrivacyContext = { sync, settings: config.privacy, dataFolder: config.dataDir, queue: parts.queue, tellErased };
  const api: ApiContext = {
    config, clock, log, database, sessions, signIn, secondFactor, party, accounts, privacy, sync, live, webhooksOut, cursorSecret: parts.sessionSecret,
    outsideSignIn: createOutsideSignIn({ database, clock, http, log, providers: config.signInProviders, allowsPrivateAddresses }),
    foreignTokens: createForeignTokens({ database, clock, issuers: config.tokenIssuers, keys: createPublishedKeys({ http, clock, log, allowsPrivateAddresses }) }),
    apiKeys: createApiKeys({ database, clock, perMinute: config.apiKeyLimit }),
    webhooks: createWebhookDoor(door, createSubscriptions(door), config.maxWebhookBytes),
    uploads: createUploads({ scan: config.clamAv && createClamAv(config.clamAv) }),
    trustedProxies: parseNetworks(config.trustedProxies) ?? NO_NETWORKS,
    scrape: createScrape({ telemetry, database, queue: parts.queue, pools: parts.pools ?? {} }),
    readiness: (process) => createReadiness({ database, queue: parts.queue, ...process }),
  };
  return { sync, api, privacy, live, webhooksOut, mail, subscriptions, server: (options) => buildServer({ context: api, ...options }), operationServer: (options) => buildOperationServer(api, options.phase) };
}
