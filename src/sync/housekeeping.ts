/** What is seen to once a day: room for the inbox's coming months, and an end for what need not be kept. */
import { dropMonths, forgetOldKeys, makeMonths } from "#inbox/months.ts";
import type { SyncContext } from "./context.ts";

/** Safe to repeat, and to be killed at any point: each step is a transaction of its own. */
export async function keepHouse(context: SyncContext): Promise<void> {
  const { database, clock, log, keeping } = context;
  const made = await database.asSystem((tx) => makeMonths(tx, clock.now()));
  if (made > 0) log.info({ made }, "the inbox has room for months to come");
  const dropped = await database.asSystem((tx) => dropMonths(tx, clock.now(), keeping));
  if (dropped.length > 0) log.info({ dropped }, "raw deliveries past their time were dropped");
  while ((await database.asSystem((tx) => forgetOldKeys(tx, clock.now()))) > 0);
}
