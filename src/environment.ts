/** The ground the app stands on: the data folder, the database (embedded or the operator's) and its schema. */
import { openDatabase, type Database } from "#db/database.ts";
import { startEmbedded, type EmbeddedPostgres } from "#db/embedded.ts";
import { checkDurable, migrate } from "#db/migrate.ts";
import type { Config } from "./config.ts";
import { openDataFolder, type DataFolder } from "./data-folder.ts";
import type { Log } from "./log.ts";

export interface Environment {
  readonly folder: DataFolder;
  readonly database: Database;
  /** For the workers alone: all of them at once must not keep a person's request waiting for a connection (faults ST-08). */
  readonly workersDatabase: Database;
  /** For the job queue, which has its own connections. */
  readonly appUrl: string;
  /** Null with DATABASE_URL. */
  readonly embedded: EmbeddedPostgres | null;
  close(): Promise<void>;
}

/** Few, since a worker's transaction is short and its waiting for vendors needs none. Nobody sits before a worker: it may wait its turn. */
export const WORKERS_POOL = { size: 8, acquireTimeoutMs: 30_000 } as const;

/** Opens everything; throws ConfigError with the one sentence that says what to change. Leaves nothing behind when it throws. */
export async function openEnvironment(config: Config, log: Log): Promise<Environment> {
  const folder = await openDataFolder(config.dataDir);
  let embedded: EmbeddedPostgres | null = null;
  try {
    if (config.databaseUrl === null) {
      embedded = await startEmbedded({
        folder: folder.postgresFolder, ownerPassword: folder.secrets.databaseOwnerPassword, appPassword: folder.secrets.databaseAppPassword, log,
      });
    }
    const appUrl = embedded?.appUrl ?? config.databaseUrl!;
    const ownerUrl = embedded?.ownerUrl ?? config.databaseOwnerUrl ?? config.databaseUrl!;
    await migrate(ownerUrl, embedded?.appRole ?? decodeURIComponent(new URL(appUrl).username));
    await checkDurable(appUrl);
    const database = openDatabase({ url: appUrl, log });
    const workersDatabase = openDatabase({ url: appUrl, log, ...WORKERS_POOL });
    const started = embedded;
    return {
      folder, database, workersDatabase, appUrl, embedded,
      close: async () => {
        await workersDatabase.close();
        await database.close();
        await started?.stop();
        await folder.release();
      },
    };
  } catch (error) {
    await embedded?.stop();
    await folder.release();
    throw error;
  }
}
