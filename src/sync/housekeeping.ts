/** What is seen to once a day: room for the inbox's coming months, an end for what need not be kept, and blocks of the days that have settled. */
import { forgetOldChanges } from "#ingest/forget-changes.ts";
import { dropMonths, forgetOldKeys, makeMonths } from "#inbox/months.ts";
import { pruneAuditLog } from "#people/audit/prune.ts";
import { forgetMails } from "#mail/deliver.ts";
import { forgetOldAccountTraces } from "#people/accounts/housekeeping.ts";
import { foldNews } from "#samples/store/fold.ts";
import type { SyncContext } from "./context.ts";

/** Safe to repeat, and to be killed at any point: each step is a transaction of its own. */
export async function keepHouse(context: SyncContext, signal?: AbortSignal): Promise<void> {
  const { database, clock, log, keeping } = context;
  const made = await database.asSystem((tx) => makeMonths(tx, clock.now()));
  if (made > 0) log.info({ made }, "the inbox has room for months to come");
  const dropped = await database.asSystem((tx) => dropMonths(tx, clock.now(), keeping));
  if (dropped.length > 0) log.info({ dropped }, "raw deliveries past their time were dropped");
  while ((await database.asSystem((tx) => forgetOldKeys(tx, clock.now()))) > 0);
  while ((await database.asSystem((tx) => forgetOldChanges(tx, clock.now()))) > 0);
  const { keepDays, keys } = context.auditKeeping;
  const pruned = await pruneAuditLog(database, keys, { nowMs: clock.now(), keepDays });
  if (pruned > 0) log.info({ pruned }, "entries of the audit log past their time were taken from its chains");
  await forgetOldAccountTraces(database, clock.now());
  await forgetMails(database, clock.now());
  const folded = await foldNews(database, { nowMs: clock.now(), ...(signal ? { signal } : {}) });
  if (folded > 0) log.info({ days: folded }, "settled days of samples were packed");
}
