/** What accounts leave behind and need not keep: failed tries, links, browsers that ran out. */
import type { Database } from "#db/database.ts";
import { forgetOldAttempts } from "../sign-in/attempts.ts";
import { forgetOldDevices } from "../sign-in/known-devices.ts";
import { forgetOldLinks } from "./links.ts";

/** Safe to repeat; each step is a transaction of its own. */
export async function forgetOldAccountTraces(database: Database, nowMs: number): Promise<void> {
  for (const forget of [forgetOldAttempts, forgetOldDevices, forgetOldLinks]) await database.asSystem((tx) => forget(tx, nowMs));
}
