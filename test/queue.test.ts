/** One contract for both queues, each on its real server: it wakes, it repeats, and losing it loses nothing. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { digestOf } from "#inbox/inbox.ts";
import { startQueue, type QueueDefinition, type RunningQueue } from "#jobs/queue.ts";
import type { ConnectionRef } from "#sync/connections.ts";
import { QUEUES, type SyncContext } from "#sync/context.ts";
import { JOB_LIMITS } from "#sync/job-limits.ts";
import { queueDefinitions, runRefresh, startJobs, sweep, wakeOnArrival } from "#sync/schedule.ts";
import { ConfigError, InternalError } from "../src/errors.ts";
import { createLog, silentLog } from "../src/log.ts";
import { Secret } from "../src/secret.ts";
import { freePort } from "#db/embedded.ts";
import { createTestClock } from "./kit/clock.ts";
import { fakeVendor, page, reading } from "./kit/fake-driver.ts";
import { layGround, type Ground } from "./kit/ground.ts";
import { QUEUE_KINDS, type QueueWorld } from "./kit/queues.ts";

const vendor = fakeVendor();
const PATIENCE = { timeout: 15_000, interval: 20 };
let ground: Ground;
beforeAll(async () => {
  ground = await layGround([vendor.driver]);
});
afterAll(() => ground.close());

const define = (name: string, tries = 1): QueueDefinition => ({ name, tries, retryDelaySeconds: 1 });
const stateOf = async (id: string) => (await ground.db.asOwner<{ state: string }>("select state from deliveries where id = $1", [id]))[0]?.state;

/** Resolves when a handler says so. */
function gate(): { readonly opened: Promise<undefined>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { opened: promise, open: () => resolve(undefined) };
}

for (const { kind, isLeftOut, note, open } of QUEUE_KINDS) {
  describe.skipIf(isLeftOut)(`the queue on ${kind}${note}`, () => {
    let world: QueueWorld;
    beforeAll(async () => {
      world = await open(ground.db);
    });
    afterEach(() => world.stopAll());
    afterAll(() => world.close());
    const countsOf = async (queue: RunningQueue) => (await queue.stats()).map(({ waiting, active, failed }) => [waiting, active, failed]).flat();

    it("wakes an idle worker at once, not at its next look", async () => {
      // Another process's worker: one's own is woken without a notice.
      const [queue, worker] = [await world.start([define("wakes")]), await world.start([define("wakes")])];
      const handled: number[] = [];
      await worker.work("wakes", { concurrency: 1 }, async () => void handled.push(performance.now()));
      await queue.send("wakes", { id: "1" });
      await expect.poll(() => handled.length, PATIENCE).toBe(1);
      // The best of a few: a look that happens to come in between says nothing, a notice that never comes says it each time.
      const waitsMs: number[] = [];
      for (let round = 0; round < 4; round += 1) {
        const sentMs = performance.now();
        await queue.send("wakes", { id: "2" });
        await expect.poll(() => handled.length, PATIENCE).toBe(round + 2);
        waitsMs.push(handled.at(-1)! - sentMs);
      }
      expect(waitsMs.toSorted((a, b) => a - b)[2]).toBeLessThan(500);
    });

    it("works off a backlog in one go, several jobs at once but no more than allowed", async () => {
      const queue = await world.start([define("backlog")]);
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
      expect(most).toBe(3);
    });

    it("[QU-05] keeps one waiting job of a key, and takes one more while it runs", async () => {
      const queue = await world.start([define("keyed")]);
      await Promise.all(Array.from({ length: 100 }, () => queue.send("keyed", {}, { key: "one" })));
      await queue.send("keyed", {}, { key: "other" });
      expect(await countsOf(queue)).toEqual([2, 0, 0]);
      const { opened, open: release } = gate();
      let runs = 0;
      await queue.work("keyed", { concurrency: 3 }, async () => {
        runs += 1;
        await opened;
      });
      await expect.poll(() => runs, PATIENCE).toBe(2);
      // A change that comes while the job runs is not swallowed, and is not held up by it.
      for (let count = 0; count < 10; count += 1) await queue.send("keyed", {}, { key: "one" });
      await expect.poll(() => runs, PATIENCE).toBe(3);
      await queue.send("keyed", {}, { key: "one" });
      release();
      await expect.poll(() => runs, PATIENCE).toBe(4);
      await expect.poll(() => countsOf(queue), PATIENCE).toEqual([0, 0, 0]);
      expect(runs).toBe(4);
    });

    it("[QU-03] repeats what fails, gives up in the end, leaves its neighbours alone, and puts it back when asked", async () => {
      const queue = await world.start([define("fails", 2)]);
      const runs: string[] = [];
      let isMended = false;
      await queue.work("fails", { concurrency: 1 }, async ({ id }) => {
        runs.push(id!);
        if (id === "poison" && !isMended) throw new Error("the canary value 412 must not rest anywhere");
      });
      await queue.send("fails", { id: "poison" });
      await queue.send("fails", { id: "neighbour" });
      await expect.poll(() => countsOf(queue), PATIENCE).toEqual([0, 0, 1]);
      expect(runs.toSorted()).toEqual(["neighbour", "poison", "poison"]);
      // Only a failure's code rests with the job.
      const resting = await world.dump();
      expect(resting).toContain("internal");
      expect(resting).not.toContain("canary");
      isMended = true;
      expect(await queue.redrive("fails")).toBe(1);
      await expect.poll(() => runs.length, PATIENCE).toBe(4);
      await expect.poll(() => countsOf(queue), PATIENCE).toEqual([0, 0, 0]);
      expect(await queue.redrive("fails")).toBe(0);
    });

    it("does not run before its time", async () => {
      const queue = await world.start([define("later")]);
      await queue.send("later", { id: "much-later" }, { afterSeconds: 3_600 });
      await queue.send("later", { id: "soon" }, { afterSeconds: 1 });
      const ran: string[] = [];
      await queue.work("later", { concurrency: 1 }, async ({ id }) => void ran.push(id!));
      await queue.send("later", { id: "now" }, { key: "now" });
      await expect.poll(() => ran, PATIENCE).toEqual(["now", "soon"]);
      await expect.poll(() => countsOf(queue), PATIENCE).toEqual([1, 0, 0]);
    });

    it("[QU-09] makes one job a tick of three processes, one for a downtime, and none for a restart", async () => {
      const clock = createTestClock();
      const ran: string[] = [];
      const process = async (): Promise<RunningQueue> => {
        const queue = await world.start([define("ticks")], { clock });
        await queue.schedule("ticks", "0 * * * *");
        return queue;
      };
      /** All that was sent before has run. */
      const settle = async (queue: RunningQueue): Promise<string[]> => {
        await queue.send("ticks", { id: "end" });
        await expect.poll(() => ran.at(-1), PATIENCE).toBe("end");
        return ran.splice(0);
      };
      const handler = async ({ id = "tick" }: Readonly<Record<string, string>>): Promise<void> => void ran.push(id);
      const first = await process();
      await first.work("ticks", { concurrency: 1 }, handler);
      expect(await settle(first)).toEqual(["tick", "end"]);
      await process();
      await process();
      expect(await settle(first)).toEqual(["end"]);
      await world.stopAll();

      clock.advance(5 * 3_600_000);
      const again = await process();
      await again.work("ticks", { concurrency: 1 }, handler);
      await process();
      expect(await settle(again)).toEqual(["tick", "end"]);
      await world.stopAll();
      const restarted = await process();
      await restarted.work("ticks", { concurrency: 1 }, handler);
      expect(await settle(restarted)).toEqual(["end"]);
    });

    it("[QU-10] tells what runs to end when it stops, takes nothing more, and leaves nothing with itself", async () => {
      const queue = await startQueue({ ...world.parts, log: silentLog, definitions: [define("stops", 2)] });
      let ended = "not yet";
      await queue.work("stops", { concurrency: 1 }, async (_data, signal) => {
        ended = "running";
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
        ended = "told";
      });
      await queue.send("stops", { id: "1" });
      await queue.send("stops", { id: "2" });
      await expect.poll(() => ended, PATIENCE).toBe("running");
      await queue.stop();
      expect(ended).toBe("told");
      const other = await world.start([define("stops", 2)]);
      expect(await countsOf(other)).toEqual([1, 0, 0]);
      if (kind === "pg-boss") {
        const sessions = "select 1 from pg_stat_activity where application_name = 'islet queue' and datname = current_database()";
        await world.stopAll();
        await expect.poll(() => ground.db.asOwner(sessions), PATIENCE).toEqual([]);
      }
    });

    it("[QU-10] ends in time while its server is away, once what runs has ended", async () => {
      const queue = await startQueue({ ...world.parts, log: silentLog, definitions: [define("leaves", 2)] });
      let ended = "not yet";
      await queue.work("leaves", { concurrency: 1 }, async (_data, signal) => {
        ended = "running";
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
        ended = "told";
      });
      await queue.send("leaves", { id: "1" });
      await expect.poll(() => ended, PATIENCE).toBe("running");
      await world.outage(async () => {
        const askedMs = performance.now();
        await queue.stop();
        expect(performance.now() - askedMs).toBeLessThan(5_000);
        expect(ended).toBe("told");
      });
    });

    it("[QU-12] takes ids and names of ours only", async () => {
      const queue = await world.start([define("ids")]);
      await queue.send("ids", { connectionId: "0197c1de-7a4b-7cc0-8f54-4f2f3f6f2a11", provider: "apple-health" });
      for (const value of ["", "a name", "person@example.org", "5.4", '{"glucose":120}', "eyJhbGciOi.eyJzdWIi.x", "x".repeat(65)]) {
        await expect(queue.send("ids", { note: value })).rejects.toThrow(new InternalError("A job of ids may carry ids only, and its note is none."));
      }
      expect(await countsOf(queue)).toEqual([1, 0, 0]);
    });

    it("comes back by itself after its server was away, and says so without a flood", async () => {
      const lines: string[] = [];
      const log = createLog("warn", { write: (line: string) => lines.push(line) } as unknown as NodeJS.WritableStream);
      const queue = await world.start([define("outage", 3)], { log });
      const done = new Set<string>();
      const { opened, open: release } = gate();
      await queue.work("outage", { concurrency: 2 }, async ({ id }) => {
        if (id === "during") await opened;
        done.add(id!);
      });
      await queue.send("outage", { id: "before" });
      await expect.poll(() => done.has("before"), PATIENCE).toBe(true);
      await queue.send("outage", { id: "during" });
      await expect.poll(() => countsOf(queue).then(([, active]) => active), PATIENCE).toBe(1);
      await world.outage(async () => {
        release();
        await expect.poll(() => done.has("during"), PATIENCE).toBe(true);
        // Whoever sends is told at once, or is served: nobody hangs.
        const sentMs = performance.now();
        await queue.send("outage", { id: "meanwhile" }).catch(() => undefined);
        expect(performance.now() - sentMs).toBeLessThan(6_000);
      });
      await expect.poll(() => queue.send("outage", { id: "after" }).then(() => "sent", () => "refused"), PATIENCE).toBe("sent");
      await expect.poll(() => done.has("after"), PATIENCE).toBe(true);
      expect(lines.length).toBeLessThan(30);
    });
  });

  describe.skipIf(isLeftOut)(`the jobs on ${kind}${note}`, () => {
    let world: QueueWorld;
    beforeAll(async () => {
      world = await open(ground.db);
    });
    afterEach(() => world.stopAll());
    afterAll(() => world.close());

    // What other tests left due is none of this one's business.
    beforeEach(() => ground.db.asOwner("update connections set next_sync_at = null"));

    /** The workers and schedules, without the look every five seconds: what is done here was woken or swept. */
    const startWork = async (context: SyncContext, queue: RunningQueue): Promise<void> => (await startJobs(context, queue)).stop();
    /** The ground's context, for jobs that run in real time. */
    const contextWith = (queue: RunningQueue): SyncContext => ({ ...ground.context, queue });
    const accept = async (context: SyncContext, ref: ConnectionRef, index: number): Promise<string> => {
      const { body } = page("readings", [reading(Date.UTC(2026, 9, 15, 8, index), 100 + index)]);
      return (await context.inbox.accept({ provider: "fake", via: "push", resource: "readings", body, headers: {}, owner: ref, causedBy: null, dedupeKey: digestOf(kind, ref.connectionId, body) })).id;
    };

    it("[W1, W5] process a delivery as soon as it has arrived, ten of them well within ten seconds", async () => {
      const queue = await world.start(queueDefinitions());
      const context = contextWith(queue);
      await startWork(context, queue);
      context.inbox.onArrival(wakeOnArrival(context));
      const ref = await ground.link(await ground.addPatient(`arrives-${kind}`), `arrives-${kind}`);
      const startedMs = performance.now();
      const ids: string[] = [];
      for (let index = 0; index < 10; index += 1) ids.push(await accept(context, ref, index));
      await expect.poll(() => ground.db.ofSamples("select 1 from samples where patient_id = $1", [ref.patientId]).then((rows) => rows.length), PATIENCE).toBe(10);
      expect(performance.now() - startedMs).toBeLessThan(10_000);
      for (const id of ids) expect(await stateOf(id)).toBe("done");
      context.inbox.onArrival(() => undefined);
    });

    it("[R3, QU-12] are found again by the sweep when the queue lost everything in mid-flight", async () => {
      const clock = createTestClock();
      const refs = await Promise.all(
        Array.from({ length: 8 }, async (_each, index) => ground.link(await ground.addPatient(`lost-${kind}-${index}`), `lost-${kind}-${index}`)),
      );
      const queue = await world.start(queueDefinitions(), { clock });
      const context = contextWith(queue);
      const { opened, open: release } = gate();
      let pulling = 0;
      vendor.asked.length = 0;
      vendor.answer = async function* (resource) {
        pulling += 1;
        await opened;
        yield page(resource, [reading(Date.UTC(2026, 9, 15, 9), 140)]);
      };
      await startWork(context, queue);
      // Five are in the workers' hands, the others wait: those are lost, and so are the wake-ups of what arrives meanwhile.
      await expect.poll(() => pulling, PATIENCE).toBe(5);
      await expect.poll(async () => (await queue.stats()).find((one) => one.queue === QUEUES.healthSync)?.waiting, PATIENCE).toBeGreaterThanOrEqual(3);
      // The first sweep's look at the inbox is over: nobody's hands hold a job that would find what arrives from here on.
      const atInbox = async (): Promise<number> => (await queue.stats()).filter(({ queue: name }) => name === QUEUES.sweep || name === QUEUES.webhookProcessing).reduce((sum, { waiting, active }) => sum + waiting + active, 0);
      await expect.poll(atInbox, PATIENCE).toBe(0);
      const early = await accept(context, refs[0]!, 1);
      expect(await world.dump()).not.toMatch(/access-of|refresh-of|example\.org|"value"\s*:\s*1\d\d/);
      await world.loseEverything();
      const late = await accept(context, refs[1]!, 2);
      release();
      await expect.poll(() => ground.db.asOwner("select 1 from connections where id = any($1) and last_sync_at is not null", [refs.map((ref) => ref.connectionId)]).then((rows) => rows.length), PATIENCE).toBe(5);
      expect([await stateOf(early), await stateOf(late)]).toEqual(["pending", "pending"]);

      clock.advance(60_000);
      await expect.poll(() => stateOf(early), PATIENCE).toBe("done");
      await expect.poll(() => stateOf(late), PATIENCE).toBe("done");
      await expect.poll(() => ground.db.asOwner("select 1 from connections where id = any($1) and last_sync_at is not null", [refs.map((ref) => ref.connectionId)]).then((rows) => rows.length), PATIENCE).toBe(8);
      for (const ref of refs) expect(await ground.db.ofSamples("select 1 from samples where patient_id = $1 and value = 140", [ref.patientId])).toHaveLength(1);
      vendor.answer = () => [];
      // And it is a whole queue again, not one that limps from sweep to sweep.
      const { id } = await context.inbox.accept({ provider: "fake", via: "push", resource: "readings", body: page("readings", [reading(Date.UTC(2026, 9, 15, 10), 99)]).body, headers: {}, owner: refs[2]!, causedBy: null, dedupeKey: null });
      await queue.send(QUEUES.webhookProcessing, {}, { key: "inbox" });
      await expect.poll(() => stateOf(id), PATIENCE).toBe("done");
    });

    it("[QU-07] of one connection never run together, however often and from wherever they are sent", async () => {
      const ref = await ground.link(await ground.addPatient(`serial-${kind}`), `serial-${kind}`);
      const queues = [await world.start(queueDefinitions()), await world.start(queueDefinitions())];
      let [active, most] = [0, 0];
      vendor.answer = async function* (resource, _request, call) {
        // Other tests' connections have their turns, too.
        if (call.account.vendorUserId !== `serial-${kind}`) return;
        active += 1;
        most = Math.max(most, active);
        try {
          yield page(resource, []);
          await new Promise((resolve) => setTimeout(resolve, 20));
        } finally {
          active -= 1;
        }
      };
      vendor.asked.length = 0;
      for (const queue of queues) await startWork(contextWith(queue), queue);
      for (let round = 0; round < 20; round += 1) {
        for (const queue of queues) await queue.send(QUEUES.healthSync, { ...ref }, { key: round % 2 === 0 ? ref.connectionId : `other-${round}` });
      }
      await expect.poll(async () => (await queues[0]!.stats()).find((one) => one.queue === QUEUES.healthSync), PATIENCE).toMatchObject({ waiting: 0, active: 0 });
      expect(vendor.asked.length).toBeGreaterThan(0);
      expect(most).toBe(1);
      vendor.answer = () => [];
    });

    it("[QU-10] leave nothing leased and nothing half-done when they are stopped in the middle", async () => {
      const ref = await ground.link(await ground.addPatient(`stopped-${kind}`), `stopped-${kind}`);
      const queue = await startQueue({ ...world.parts, log: silentLog, definitions: queueDefinitions() });
      const context = contextWith(queue);
      let pulls = 0;
      vendor.answer = async function* (resource, _request, call) {
        yield page(resource, [reading(Date.UTC(2026, 9, 15, 10), 150)]);
        // Who asks for what comes next has stored the page.
        pulls += 1;
        call.signal.throwIfAborted();
        await new Promise((_resolve, reject) => call.signal.addEventListener("abort", () => reject(call.signal.reason as Error), { once: true }));
      };
      await startWork(context, queue);
      await queue.send(QUEUES.healthSync, { ...ref }, { key: ref.connectionId });
      await expect.poll(() => pulls, PATIENCE).toBe(1);
      await queue.stop();
      vendor.answer = () => [];
      const [row] = await ground.db.asOwner<{ cursors: Record<string, { fromMs: number; throughMs: number }> }>("select sync_lease_id, failures, status, cursors from connections where id = $1", [ref.connectionId]);
      expect(row).toMatchObject({ sync_lease_id: null, failures: 0, status: "active" });
      // The page is remembered; the window that it was the first of is not behind us.
      const { readings } = row!.cursors;
      expect(readings).toMatchObject({ askedMs: 0, fromMs: readings!.throughMs });
      expect(await ground.db.asOwner("select 1 from deliveries where state = 'processing'")).toEqual([]);
    });
  });
}

describe("a Redis that cannot be used", () => {
  it("is named in one sentence, without its password", async () => {
    const port = await freePort();
    const redis = { url: new Secret(`redis://islet:canary-9f3b@127.0.0.1:${port}/0`), prefix: "islet" };
    const failure = await startQueue({ url: ground.db.appUrl, redis, log: silentLog, definitions: [] }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect((failure as ConfigError).message).toBe(`Redis at 127.0.0.1:${port} does not answer: check REDIS_URL, or leave it out.`);
  });
});

describe("the schedules", () => {
  it("[R3, W6] look every hour for the tokens that end within it, beside the sweep of every minute", async () => {
    const scheduled: string[] = [];
    const queue = { work: () => Promise.resolve(), schedule: (name: string, cron: string) => Promise.resolve(void scheduled.push(`${name} ${cron}`)) };
    await (await startJobs(ground.context, queue as unknown as RunningQueue)).stop();
    expect(scheduled).toEqual([`${QUEUES.sweep} * * * * *`, `${QUEUES.tokenRefresh} 0 * * * *`, `${QUEUES.housekeeping} 17 3 * * *`]);
    const near = await Promise.all(["near-1", "near-2"].map(async (name) => ground.link(await ground.addPatient(name), name)));
    const far = await ground.link(await ground.addPatient("far"), "far");
    await ground.db.asOwner("update credentials set expires_at = to_timestamp($2::float8 / 1000) where connection_id = any($1)", [near.map((ref) => ref.connectionId), ground.clock.now() + 3_500_000]);
    await ground.db.asOwner("update credentials set expires_at = to_timestamp($2::float8 / 1000) where connection_id = $1", [far.connectionId, ground.clock.now() + 3_700_000]);
    ground.jobs.length = 0;
    await runRefresh(ground.context, {});
    expect(ground.jobs.map(({ queue: name, key }) => `${name} ${key}`).toSorted()).toEqual(near.map((ref) => `${QUEUES.tokenRefresh} ${ref.connectionId}`).toSorted());
  });

  it("[R3] have the limits of the requirement unless the operator sets others", () => {
    expect(queueDefinitions().map(({ name, tries, retryDelaySeconds }) => [name, tries, retryDelaySeconds])).toEqual([
      ["health-sync", 3, 5], ["token-refresh", 5, 10], ["webhook-subscription", 1, 10], ["farewell", 1, 10], ["webhook-processing", 3, 3], ["sweep", 1, 1],
      ["housekeeping", 4, 60],
    ]);
    expect(JOB_LIMITS).toEqual({ healthSync: { concurrency: 5, tries: 3 }, tokenRefresh: { concurrency: 10, tries: 5 }, webhookProcessing: { concurrency: 20, tries: 3 } });
  });
});

describe("the sweep", () => {
  it("sends what is due, by ids, once", async () => {
    const ref = await ground.link(await ground.addPatient("swept"), "swept");
    await ground.db.asOwner("update credentials set expires_at = to_timestamp($2::float8 / 1000) where connection_id = $1", [ref.connectionId, ground.clock.now() + 1_000]);
    ground.jobs.length = 0;
    await sweep(ground.context);
    expect(ground.jobs.filter(({ data }) => data["connectionId"] === ref.connectionId).map(({ queue, key }) => [queue, key])).toEqual([
      [QUEUES.healthSync, ref.connectionId], [QUEUES.tokenRefresh, ref.connectionId],
    ]);
    expect(ground.jobs.filter(({ queue }) => queue === QUEUES.webhookProcessing)).toEqual([{ queue: QUEUES.webhookProcessing, data: {}, key: "inbox" }]);
  });
});
