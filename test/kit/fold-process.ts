/**
 * Folds in a process of its own, which kills itself (SIGKILL) at statement number KILL_AT of its database connection: before it is sent, or, with
 * KILL_WHEN=sent, once it is on its way. Without KILL_AT it folds to the end. NOW_MS is the time.
 */
import pg from "pg";
import { openDatabase } from "#db/database.ts";
import { foldSettled } from "#samples/store/fold.ts";
import { silentLog } from "../../src/log.ts";

const { DATABASE_URL: url = "", NOW_MS: nowMs, KILL_AT: killAt, KILL_WHEN: killWhen } = process.env;

let statements = 0;
type AnyQuery = (this: pg.Client, ...rest: unknown[]) => unknown;
// oxlint-disable-next-line typescript/unbound-method -- called with its own `this` below
const original = pg.Client.prototype.query as unknown as AnyQuery;
(pg.Client.prototype as { query: unknown }).query = function query(this: pg.Client, ...rest: unknown[]): unknown {
  statements += 1;
  const isLast = statements === Number(killAt);
  if (isLast && killWhen !== "sent") process.kill(process.pid, "SIGKILL");
  const answer = original.apply(this, rest);
  if (isLast) setImmediate(() => process.kill(process.pid, "SIGKILL"));
  return answer;
};

const database = openDatabase({ url, log: silentLog, size: 1 });
const days = await foldSettled(database, { nowMs: Number(nowMs) });
await database.close();
process.stdout.write(JSON.stringify({ days, statements }));
