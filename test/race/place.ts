/** One process's view of a database in which one person's token is fought for: the parent's, or a racer's. */
import { openDatabase, type Database } from "#db/database.ts";
import type { SyncContext } from "#sync/context.ts";
import { buildApp } from "../../src/app.ts";
import { systemClock } from "../../src/clock.ts";
import { parseConfig } from "../../src/config.ts";
import type { Log } from "../../src/log.ts";
import { Secret } from "../../src/secret.ts";
import { fakeVendor } from "../kit/fake-driver.ts";

/** The vendor's client as the token endpoint knows it. */
export const CLIENT_SECRET = "client-secret";

/** With the real clock, and calls to the vendor at `baseUrl`. */
export async function openRacePlace(appUrl: string, baseUrl: string, log: Log): Promise<{ context: SyncContext; database: Database }> {
  const { driver } = fakeVendor();
  const database = openDatabase({ url: appUrl, log, size: 4 });
  const app = await buildApp({
    config: parseConfig({ ISLET_DATA_DIR: "unused", ISLET_DEMO: "off" }, [driver]), clock: systemClock, log, database, drivers: [driver],
    providers: new Map([[driver.id, { clientId: "client", clientSecret: new Secret(CLIENT_SECRET), settings: { base_url: baseUrl }, isSimulated: false }]]),
    vaultKeys: `k1:${"ab".repeat(32)}`, sessionSecret: "a secret of at least thirty-two characters", queue: { send: () => Promise.resolve() },
  });
  return { context: app.sync, database };
}
