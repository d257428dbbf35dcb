/** pg-boss behind the five methods, on a real database: it wakes, it repeats, and losing it loses nothing. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "#inbox/inbox.ts";
import { startQueue, type QueueDefinition, type RunningQueue } from "#jobs/queue.ts";
import { QUEUES, type SyncContext } from "#sync/context.ts";
import { queueDefinitions, startJobs, sweep, wakeOnArrival } from "#sync/schedule.ts";
import { silentLog } from "../src/log.ts";
import { fakeVendor, page, reading } from "./kit/fake-driver.ts";
import { layGround, type Ground } from "./kit/ground.ts";

const vendor = fakeVendor();
const PATIENCE = { timeout: 15_000, interval: 20 };
let ground: Ground;
const running: RunningQueue[] = [];
beforeAll(async () => {
  ground = await layGround([vendor.driver]);
});
afterAll(() => ground.close());
afterEach(async () => {
  for (const queue of running.splice(0)) await queue.stop();
});

async function start(...definitions: readonly QueueDefinition[]): Promise<RunningQueue> {
  const queue = await startQueue({ url: ground.db.appUrl, log: silentLog, definitions });
  running.push(queue);
  return queue;
}
const define = (name: string, tries = 1): QueueDefinition => ({ name, tries, retryDelaySeconds: 1 });

const stateOf = async (id: string) => (await ground.db.asOwner<{ state: string }>("select state from deliveries where id = $1", [id]))[0]?.state;

/** The system's clock, for jobs that run in real time. */
const contextWith = (queue: RunningQueue): SyncContext => ({ ...ground.context, queue });

describe("the queue", () => {
  it("wakes an idle worker at once, not at its next look", async () => {
    const queue = await start(define("wakes"));
    let handledMs = 0;
    await queue.work("wakes", { concurrency: 1 }, async () => {
      handledMs = performance.now();
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const sentMs = performance.now();
    await queue.send("wakes", { id: "1" });
    await expect.poll(() => handledMs, PATIENCE).toBeGreaterThan(0);
    // Without LISTEN it would be the next poll, with LISTEN alone the next one in half a minute.
    expect(handledMs - sentMs).toBeLessThan(1_500);
  });

  it("works off a backlog in one go, several jobs at once but no more than allowed", async () => {
    const queue = await start(define("backlog"));
    for (let index = 0; index < 40; index += 1) await queue.send("backlog", { id: String(index) });
    let [active, most] = [0, 0];
    const done = new Set<string>();
    await queue.work("backlog", { concurrency: 3 }, async ({ id }) => {
      active += 1;
      most = Math.max(most, active);
      await new Promise((resolve) => setTimeout(resolve, 5));
      active -= 1;
      done.add(id!);
    });
    await expect.poll(() => done.size, PATIENCE).toBe(40);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(3);
  });

  it("[QU-05] keeps one waiting job of a key, and takes one more while it runs", async () => {
    const queue = await start(define("keyed"));
    await Promise.all(Array.from({ length: 100 }, () => queue.send("keyed", {}, { key: "one" })));
    await queue.send("keyed", {}, { key: "other" });
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    let runs = 0;
    await queue.work("keyed", { concurrency: 2 }, async () => {
      runs += 1;
      await gate;
    });
    await expect.poll(() => runs, PATIENCE).toBe(2);
    await queue.send("keyed", {}, { key: "one" });
    open(undefined);
    await expect.poll(() => runs, PATIENCE).toBe(3);
  });

  it("[QU-03, QU-11] repeats what fails, gives up in the end, counts it, and puts it back when asked", async () => {
    const queue = await start(define("fails", 2));
    let [runs, isMended] = [0, false];
    await queue.work("fails", { concurrency: 1 }, async () => {
      runs += 1;
      if (!isMended) throw new Error("not yet");
    });
    await queue.send("fails", { id: "1" });
    await expect.poll(() => runs, PATIENCE).toBe(2);
    await expect.poll(async () => ground.db.asOwner("select state::text from pgboss.job where name = 'fails'"), PATIENCE).toEqual([{ state: "failed" }]);
    expect(await queue.stats()).toEqual([{ queue: "fails", waiting: 0, active: 0, failed: 1 }]);
    isMended = true;
    expect(await queue.redrive("fails")).toBe(1);
    await expect.poll(() => runs, PATIENCE).toBe(3);
    await expect.poll(async () => ground.db.asOwner("select state::text from pgboss.job where name = 'fails'"), PATIENCE).toEqual([{ state: "completed" }]);
    expect(await queue.redrive("fails")).toBe(0);
  });

  it("does not run before its time", async () => {
    const queue = await start(define("later"));
    await queue.send("later", {}, { afterSeconds: 3_600 });
    let runs = 0;
    await queue.work("later", { concurrency: 1 }, async () => {
      runs += 1;
    });
    await queue.send("later", {}, { key: "now" });
    await expect.poll(() => runs, PATIENCE).toBe(1);
    expect((await ground.db.asOwner("select 1 from pgboss.job where name = 'later' and state = 'created'")).length).toBe(1);
  });

  it("[QU-09] keeps one schedule however many processes set it, and starts again on what is there", async () => {
    const [first, second] = [await start(define("ticks")), await start(define("ticks", 3))];
    await first.schedule("ticks", "* * * * *");
    await second.schedule("ticks", "* * * * *");
    expect(await ground.db.asOwner("select cron, timezone from pgboss.schedule where name = 'ticks'")).toEqual([{ cron: "* * * * *", timezone: "UTC" }]);
    expect(await ground.db.asOwner("select retry_limit from pgboss.queue where name = 'ticks'")).toEqual([{ retry_limit: 2 }]);
  });

  it("[QU-10] tells what runs to end when it stops, waits for it, and leaves no connection", async () => {
    const queue = await startQueue({ url: ground.db.appUrl, log: silentLog, definitions: [define("stops")] });
    let ended = "not yet";
    await queue.work("stops", { concurrency: 1 }, async (_data, signal) => {
      ended = "running";
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      ended = "told";
    });
    await queue.send("stops", {});
    await expect.poll(() => ended, PATIENCE).toBe("running");
    await queue.stop();
    expect(ended).toBe("told");
    expect(await ground.db.asOwner("select state::text from pgboss.job where name = 'stops'")).toEqual([{ state: "completed" }]);
    await expect.poll(() => ground.db.asOwner("select 1 from pg_stat_activity where application_name = 'islet queue' and datname = current_database()"), PATIENCE).toEqual([]);
  });
});

describe("the jobs", () => {

  it("[W1, W5] process a delivery as soon as it has arrived, ten of them well within ten seconds", async () => {
    const queue = await start(...queueDefinitions());
    const context = contextWith(queue);
    await startJobs(context, queue);
    context.inbox.onArrival(wakeOnArrival(context));
    const ref = await ground.link(await ground.addPatient("arrives"), "arrives");
    const startedMs = performance.now();
    const ids: string[] = [];
    for (let index = 0; index < 10; index += 1) {
      const { body } = page("readings", [reading(Date.UTC(2026, 9, 15, 8, index * 5), 100 + index)]);
      ids.push((await context.inbox.accept({ provider: "fake", via: "push", resource: "readings", body, headers: {}, owner: ref, causedBy: null, dedupeKey: digestOf("body", body) })).id);
    }
    await expect.poll(() => ground.db.asOwner("select 1 from samples where patient_id = $1", [ref.patientId]).then((rows) => rows.length), PATIENCE).toBe(10);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    for (const id of ids) expect(await stateOf(id)).toBe("done");
  });

  it("[QU-01] are found again by the sweep when the queue has lost everything", async () => {
    const patient = await ground.addPatient("forgotten");
    const ref = await ground.link(patient, "forgotten");
    const { body } = page("readings", [reading(Date.UTC(2026, 9, 15, 9), 140)]);
    const { id } = await ground.context.inbox.accept({ provider: "fake", via: "push", resource: "readings", body, headers: {}, owner: ref, causedBy: null, dedupeKey: null });
    await ground.db.asOwner("update credentials set expires_at = to_timestamp($2::float8 / 1000) where connection_id = $1", [ref.connectionId, ground.clock.now() + 1_000]);
    vendor.asked.length = 0;
    const queue = await start(...queueDefinitions());
    await queue.send(QUEUES.webhookProcessing, {}, { key: "inbox" });
    await ground.db.asOwner("truncate pgboss.job cascade");
    const context = contextWith(queue);
    await sweep(context);
    const waiting = await ground.db.asOwner<{ name: string; singleton_key: string; data: unknown }>("select name, singleton_key, data from pgboss.job where state = 'created' order by name");
    expect(waiting.map(({ name }) => name)).toEqual(expect.arrayContaining([QUEUES.healthSync, QUEUES.tokenRefresh, QUEUES.webhookProcessing]));
    expect(waiting.filter(({ name, singleton_key: key }) => name === QUEUES.healthSync && key === ref.connectionId)).toHaveLength(1);
    for (const { data } of waiting) expect(Object.values((data ?? {}) as object).every((value) => typeof value === "string" && /^[0-9a-f-]{36}$/.test(value))).toBe(true);
    await startJobs(context, queue);
    await expect.poll(() => stateOf(id), PATIENCE).toBe("done");
    await expect.poll(() => vendor.asked.length, PATIENCE).toBeGreaterThan(0);
  });

  it("leave nothing leased and nothing half-done when they are stopped in the middle", async () => {
    const ref = await ground.link(await ground.addPatient("stopped"), "stopped");
    const queue = await startQueue({ url: ground.db.appUrl, log: silentLog, definitions: queueDefinitions() });
    const context = contextWith(queue);
    let pulls = 0;
    vendor.answer = async function* (resource, _request, call) {
      pulls += 1;
      yield page(resource, [reading(Date.UTC(2026, 9, 15, 10), 150)]);
      call.signal.throwIfAborted();
      await new Promise((_resolve, reject) => call.signal.addEventListener("abort", () => reject(call.signal.reason as Error), { once: true }));
    };
    await startJobs(context, queue);
    await queue.send(QUEUES.healthSync, { ...ref }, { key: ref.connectionId });
    await expect.poll(() => pulls, PATIENCE).toBe(1);
    await queue.stop();
    vendor.answer = () => [];
    expect(await ground.db.asOwner("select sync_lease_id, failures, status, cursors from connections where id = $1", [ref.connectionId])).toEqual([
      { sync_lease_id: null, failures: 0, status: "active", cursors: {} },
    ]);
    expect(await ground.db.asOwner("select 1 from deliveries where state = 'processing'")).toEqual([]);
  });
});
