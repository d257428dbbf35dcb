/** Sync on a cloned database without server or simulated cloud: for races and faults that a fake vendor shows best. */
import { buildApp, type App } from "../../src/app.ts";
import { parseConfig } from "../../src/config.ts";
import { silentLog, type Log } from "../../src/log.ts";
import { Secret } from "../../src/secret.ts";
import type { Database } from "#db/database.ts";
import type { Driver } from "#driver/types.ts";
import { DRIVERS } from "#drivers/index.ts";
import type { JobData } from "#jobs/queue.ts";
import { createUser } from "#people/accounts/accounts.ts";
import type { ConnectionRef } from "#sync/connections.ts";
import type { SyncContext } from "#sync/context.ts";
import { linkAccount } from "#sync/link.ts";
import { createTestClock, type TestClock } from "./clock.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";

export const TEST_VAULT_KEYS = `k1:${"ab".repeat(32)}`;

export interface Ground {
  readonly db: TestDatabase;
  readonly clock: TestClock;
  readonly app: App;
  readonly context: SyncContext;
  readonly organizationId: string;
  /** Jobs sent. */
  readonly jobs: { readonly queue: string; readonly data: JobData; readonly key: string | undefined }[];
  /** Another patient of the organization. */
  addPatient(name: string): Promise<{ patientId: string; userId: string }>;
  /** A working connection with tokens that live for a day. */
  link(patient: { patientId: string; userId: string }, vendorUserId: string, provider?: string): Promise<ConnectionRef>;
  /** One more process's view of the same database, with these vault keys if need be. */
  another(database: Database, vaultKeys?: string): Promise<SyncContext>;
  close(): Promise<void>;
}

export async function layGround(drivers: readonly Driver[], options: { log?: Log; baseUrl?: string; settings?: Record<string, string> } = {}): Promise<Ground> {
  const db = await createTestDatabase();
  const clock = createTestClock();
  const jobs: Ground["jobs"] = [];
  const appOn = async (database: Database, vaultKeys = TEST_VAULT_KEYS): Promise<App> => {
    const config = parseConfig({ ISLET_DATA_DIR: "unused", ISLET_DEMO: "off" }, DRIVERS);
    const client = { clientId: "client", clientSecret: new Secret("client-secret"), settings: { ...options.settings, ...(options.baseUrl ? { base_url: options.baseUrl } : {}) }, isSimulated: false };
    return buildApp({
      config, clock, log: options.log ?? silentLog, database, drivers, providers: new Map(drivers.map((driver) => [driver.id, client])),
      vaultKeys, sessionSecret: "a secret of at least thirty-two characters", random: () => 0.5,
      queue: {
        send: (queue, data, sent) => {
          jobs.push({ queue, data, key: sent?.key });
          return Promise.resolve();
        },
      },
    });
  };
  const app = await appOn(db.database);
  const context = app.sync;
  const organizationId = (await db.asOwner<{ id: string }>("insert into organizations (name) values ('A clinic') returning id"))[0]!.id;
  return {
    db, clock, app, context, organizationId, jobs,
    addPatient: async (name) => {
      const { userId, patientId } = await createUser(db.database, {
        organizationId, email: `${name}@example.org`, password: "correct horse battery", displayName: name, roles: ["patient"], zone: "Europe/Madrid",
      });
      return { userId, patientId: patientId! };
    },
    link: (patient, vendorUserId, provider = drivers[0]!.id) =>
      linkAccount(context, context.providers.require(provider), {
        organizationId, ...patient, settings: {}, account: { vendorUserId, grantedScopes: null },
        tokens: { accessToken: new Secret(`access-of-${vendorUserId}`), refreshToken: new Secret(`refresh-of-${vendorUserId}`), expiresAtMs: clock.now() + 86_400_000, scopes: null },
      }),
    another: async (database, vaultKeys) => (await appOn(database, vaultKeys)).sync,
    close: () => db.close(),
  };
}
