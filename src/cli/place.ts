/** Where a command finds Islet: its database, secrets and people. */
import { join } from "node:path";
import { readSecrets } from "../data-folder.ts";
import { openEnvironment } from "../environment.ts";
import { ConfigError, NotFound } from "../errors.ts";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import { openDatabase, type Database } from "#db/database.ts";
import { runningServer } from "#db/embedded.ts";
import { migrate } from "#db/migrate.ts";
import { DEMO_EMAILS, DEMO_ZONE, ensureDemoPeople } from "#people/demo.ts";

export interface Place {
  readonly database: Database;
  readonly vaultKeys: string;
  readonly sessionSecret: string;
  close(): Promise<void>;
}

/** The database of a running Islet, else one started for this command. Throws ConfigError where there is none. */
export async function openPlace(config: Config, log: Log): Promise<Place> {
  const secrets = await readSecrets(config.dataDir);
  const running = config.databaseUrl === null && secrets
    ? await runningServer(join(config.dataDir, "postgres"), secrets.databaseOwnerPassword, secrets.databaseAppPassword)
    : null;
  if (running && secrets) {
    const database = openDatabase({ url: running.appUrl, log });
    return {
      database, vaultKeys: config.vaultKeys?.open() ?? secrets.vaultKeys, sessionSecret: config.sessionSecret?.open() ?? secrets.sessionSecret,
      close: () => database.close(),
    };
  }
  const vaultKeys = config.vaultKeys?.open() ?? secrets?.vaultKeys;
  const sessionSecret = config.sessionSecret?.open() ?? secrets?.sessionSecret;
  if (config.databaseUrl !== null && vaultKeys !== undefined && sessionSecret !== undefined) {
    // The data folder stays with the server that uses it: all that is needed of it was read.
    await migrate(config.databaseOwnerUrl ?? config.databaseUrl, decodeURIComponent(new URL(config.databaseUrl).username));
    const database = openDatabase({ url: config.databaseUrl, log });
    if (config.isDemo && secrets) await ensureDemoPeople(database, secrets.demoPassword, DEMO_ZONE);
    return { database, vaultKeys, sessionSecret, close: () => database.close() };
  }
  if (config.databaseUrl === null && !secrets && !config.isDemo) throw new ConfigError(`There is no Islet in ${config.dataDir}: start it once, or set ISLET_DATA_DIR.`);
  const environment = await openEnvironment(config, log);
  if (config.isDemo) await ensureDemoPeople(environment.database, environment.folder.secrets.demoPassword, DEMO_ZONE);
  return {
    database: environment.database, vaultKeys: config.vaultKeys?.open() ?? environment.folder.secrets.vaultKeys,
    sessionSecret: config.sessionSecret?.open() ?? environment.folder.secrets.sessionSecret, close: () => environment.close(),
  };
}

/** A patient by id, sign-in e-mail or `demo`. Throws NotFound. */
export async function findPatient(database: Database, who: string): Promise<{ organizationId: string; patientId: string; zone: string }> {
  const rows = await database.asSystem((tx) =>
    tx.query<{ organization_id: string; id: string; zone: string }>(
      `select p.organization_id, p.id, p.zone from patients p left join users u on u.id = p.user_id where u.email = lower($1) or p.id::text = $1`,
      [who === "demo" ? DEMO_EMAILS.patient : who],
    ),
  );
  if (!rows[0]) throw new NotFound(who === "demo" ? "There is no demo patient here: start Islet once with ISLET_DEMO=on." : "There is no patient of that id or e-mail.");
  return { organizationId: rows[0].organization_id, patientId: rows[0].id, zone: rows[0].zone };
}
