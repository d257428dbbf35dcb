/**
 * A process of its own that carries an erasure out and is killed (SIGKILL) with the fourth statement that follows the begin of the named step, once it is on
 * its way: no handler runs, nothing is said to anybody.
 */
import pg from "pg";
import { openDatabase } from "#db/database.ts";
import { DRIVERS } from "#drivers/index.ts";
import { runErasure } from "#privacy/erasure/run.ts";
import { buildApp } from "../../src/app.ts";
import { parseConfig } from "../../src/config.ts";
import { silentLog } from "../../src/log.ts";
import { createTestClock } from "./clock.ts";
import { TEST_VAULT_KEYS } from "./ground.ts";

const [url = "", folder = "", id = "", fatal = "", nowMs = "0"] = process.argv.slice(2);
const app = await buildApp({
  config: parseConfig({ ISLET_DATA_DIR: folder, ISLET_DEMO: "off" }, DRIVERS), clock: createTestClock(Number(nowMs)), log: silentLog, database: openDatabase({ url, log: silentLog, size: 2 }), drivers: DRIVERS,
  providers: new Map(), vaultKeys: TEST_VAULT_KEYS, sessionSecret: "a secret of at least thirty-two characters", queue: { send: () => Promise.resolve() },
});
let left = Number.POSITIVE_INFINITY;
type AnyQuery = (this: pg.Client, ...rest: unknown[]) => unknown;
// oxlint-disable-next-line typescript/unbound-method -- called with its own `this` below
const original = pg.Client.prototype.query as unknown as AnyQuery;
(pg.Client.prototype as { query: unknown }).query = function query(this: pg.Client, ...rest: unknown[]): unknown {
  left -= 1;
  const answer = original.apply(this, rest);
  if (left === 0) setImmediate(() => process.kill(process.pid, "SIGKILL"));
  return answer;
};
await runErasure(app.privacy, id, {
  signal: new AbortController().signal,
  onStep: (step) => {
    if (step === fatal) left = 4;
  },
});
process.exit(0);
