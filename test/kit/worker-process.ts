/**
 * A process that tests kill: works on a queue, or drains the inbox, and says on standard output what it is at. Started with one argument,
 * its orders as JSON. Ends by itself when whoever started it has gone.
 */
import { writeSync } from "node:fs";
import { startQueue, type QueueDefinition } from "#jobs/queue.ts";
import { silentLog } from "../../src/log.ts";
import { Secret } from "../../src/secret.ts";

export type WorkerOrders =
  /** Takes jobs of the queue; each says "took <id>" and lasts until the process is told to end ("told"). */
  | { readonly work: "queue"; readonly url: string; readonly redis: { url: string; prefix: string } | null; readonly definition: QueueDefinition }
  /** Drains the inbox and stops itself (SIGSTOP) in the middle of a mapping, after "mapping"; says "ended" when it is through. */
  | { readonly work: "inbox"; readonly url: string };

const say = (text: string): void => void writeSync(1, `${text}\n`);

async function workOnQueue({ url, redis, definition }: Extract<WorkerOrders, { work: "queue" }>): Promise<void> {
  const queue = await startQueue({ url, log: silentLog, definitions: [definition], redis: redis && { url: new Secret(redis.url), prefix: redis.prefix } });
  process.once("SIGTERM", () => void queue.stop().then(() => process.exit(0)));
  await queue.work(definition.name, { concurrency: 3 }, async ({ id }, signal) => {
    say(`took ${id}`);
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    say(`told ${id}`);
  });
  say("ready");
}

async function workOnInbox({ url }: { readonly url: string }): Promise<void> {
  // Loaded here: a worker on a queue needs none of it, and several of them start at once.
  const [{ openDatabase }, { DRIVERS }, { drainInbox }, { buildApp }, { parseConfig }, { createTestClock }, { fakeVendor }] = await Promise.all([
    import("#db/database.ts"), import("#drivers/index.ts"), import("#sync/process.ts"), import("../../src/app.ts"), import("../../src/config.ts"), import("./clock.ts"),
    import("./fake-driver.ts"),
  ]);
  const vendor = fakeVendor();
  vendor.map = (_resource, payload) => {
    say("mapping");
    process.kill(process.pid, "SIGSTOP");
    return payload as ReturnType<typeof vendor.map>;
  };
  const database = openDatabase({ url, log: silentLog, size: 4 });
  const app = await buildApp({
    config: parseConfig({ ISLET_DATA_DIR: "unused", ISLET_DEMO: "off" }, DRIVERS), clock: createTestClock(), log: silentLog, database, drivers: [vendor.driver],
    providers: new Map([["fake", { clientId: "client", clientSecret: new Secret("client-secret"), settings: {}, isSimulated: false }]]),
    vaultKeys: `k1:${"ab".repeat(32)}`, sessionSecret: "a secret of at least thirty-two characters", random: () => 0.5, queue: { send: () => Promise.resolve() },
  });
  const stored = await drainInbox(app.sync, AbortSignal.timeout(60_000));
  await database.close();
  say(`ended ${JSON.stringify(stored)}`);
}

process.stdin.once("end", () => process.exit(0)).resume();
const orders = JSON.parse(process.argv[2]!) as WorkerOrders;
if (orders.work === "queue") await workOnQueue(orders);
else {
  await workOnInbox(orders);
  process.exit(0);
}
