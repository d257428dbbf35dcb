/** The inbox on a real database: what is acknowledged is there, once, whoever comes and whatever breaks. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase, type Database } from "#db/database.ts";
import { buryLost, claimDeliveries, failDelivery, finishDelivery, releaseClaims, renewClaims, reviveDelivery } from "#inbox/claims.ts";
import { createInbox, digestOf, type NewDelivery } from "#inbox/inbox.ts";
import { readDeliveryBody } from "#inbox/read.ts";
import { drainInbox, processClaimed } from "#sync/process.ts";
import { Unavailable } from "../src/errors.ts";
import { silentLog } from "../src/log.ts";
import { fakeVendor, page, reading, type FakeVendor } from "./kit/fake-driver.ts";
import { layGround, type Ground } from "./kit/ground.ts";

let ground: Ground;
let vendor: FakeVendor;
let other: Database;
beforeAll(async () => {
  vendor = fakeVendor();
  ground = await layGround([vendor.driver]);
  other = openDatabase({ url: ground.db.appUrl, log: silentLog, size: 4 });
});
afterAll(async () => {
  await other.close();
  await ground.close();
});

const delivery = (body: string | Uint8Array, change: Partial<NewDelivery> = {}): NewDelivery => ({
  provider: "fake", via: "webhook", resource: null, body: typeof body === "string" ? Buffer.from(body) : body, headers: {}, owner: null, causedBy: null,
  dedupeKey: digestOf("body", body), ...change,
});

const count = async (where: string, values: unknown[] = []): Promise<number> =>
  Number((await ground.db.asOwner<{ n: string }>(`select count(*) as n from deliveries where ${where}`, values))[0]!.n);

/** The inbox's own database, with a hand on its transactions. */
function handled(around: (work: () => Promise<unknown>) => Promise<unknown>): Database {
  const { database } = ground.db;
  return { ...database, asSystem: ((work: never) => around(() => database.asSystem(work))) as Database["asSystem"] };
}

const put = async (number: number, name: string): Promise<string[]> => {
  await ground.db.asOwner("update deliveries set state = 'done', lease_id = null where state <> 'done'");
  const inbox = createInbox({ database: ground.db.database });
  return (await Promise.all(Array.from({ length: number }, (_, index) => inbox.accept(delivery(`${name} ${index}`))))).map(({ id }) => id);
};

const expire = (id: string) => ground.db.asOwner("update deliveries set lease_until = now() - interval '1 second' where id = $1", [id]);

describe("accepting", () => {
  it("commits callers that arrive together in few transactions, and nobody waits for a batch to fill", async () => {
    let commits = 0;
    const inbox = createInbox({
      database: handled((work) => {
        commits += 1;
        return work();
      }),
    });
    expect(await inbox.accept(delivery("alone"))).toMatchObject({ isNew: true });
    expect(commits).toBe(1);
    const accepted = await Promise.all(Array.from({ length: 300 }, (_, index) => inbox.accept(delivery(`together ${index}`))));
    expect(new Set(accepted.map(({ id }) => id)).size).toBe(300);
    expect(commits).toBeLessThan(8);
  });

  it("[WH-07] stores one row of a hundred equal deliveries that come at once, through two processes", async () => {
    const inboxes = [createInbox({ database: ground.db.database }), createInbox({ database: other, batchSize: 3 })];
    const accepted = await Promise.all(Array.from({ length: 100 }, (_, index) => inboxes[index % 2]!.accept(delivery("the same"))));
    expect(accepted.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(accepted.map(({ id }) => id)).size).toBe(1);
    expect(await count("id = $1", [accepted[0]!.id])).toBe(1);
    expect(await count("body = 'the same'")).toBe(1);
  });

  it("[WH-08] knows a delivery again that was committed before", async () => {
    const first = await createInbox({ database: ground.db.database }).accept(delivery("again"));
    expect(await createInbox({ database: other }).accept(delivery("again"))).toEqual({ id: first.id, isNew: false });
  });

  it("[ST-10] takes two commits with the same keys in opposite order without a deadlock", async () => {
    const keys = Array.from({ length: 60 }, (_, index) => `crossed ${index}`);
    for (let round = 0; round < 5; round += 1) {
      let commits = 0;
      const counted = (database: Database): Database => ({
        ...database,
        asSystem: (work) => {
          commits += 1;
          return database.asSystem(work);
        },
      });
      const inboxes = [ground.db.database, other].map((database) => createInbox({ database: counted(database), batchSize: 60 }));
      const texts = keys.map((key) => `${key} ${round}`);
      const results = await Promise.all([
        ...texts.map((text) => inboxes[0]!.accept(delivery(text))), ...texts.toReversed().map((text) => inboxes[1]!.accept(delivery(text))),
      ]);
      expect(results.filter(({ isNew }) => isNew)).toHaveLength(60);
      // A deadlock would end one of the commits, whose deliveries are then tried one by one.
      expect(commits).toBeLessThanOrEqual(6);
    }
  });

  it("always stores what has no key", async () => {
    const inbox = createInbox({ database: ground.db.database });
    const accepted = await Promise.all([1, 2].map(() => inbox.accept(delivery("no key", { dedupeKey: null }))));
    expect(accepted.map(({ isNew }) => isNew)).toEqual([true, true]);
  });

  it("[WH-25] refuses a bad row alone, not its neighbours", async () => {
    const inbox = createInbox({ database: ground.db.database, inFlight: 1 });
    const [, ...rest] = await Promise.all([
      inbox.accept(delivery("opens the batch")),
      ...["left", "bad", "right"].map((text) => inbox.accept(delivery(text, text === "bad" ? { provider: "no\0vendor" } : {})).then(() => "stored", () => "refused")),
    ]);
    expect(rest).toEqual(["stored", "refused", "stored"]);
  });

  it("keeps a caller's own bytes when they are a part of a larger buffer", async () => {
    const whole = Buffer.from(`head|${"x".repeat(5_000)}|tail`);
    const { id } = await createInbox({ database: ground.db.database }).accept(delivery(whole.subarray(5, 5_005)));
    const [row] = await ground.db.asOwner<{ body_bytes: number; body_encoding: string }>("select body_bytes, body_encoding from deliveries where id = $1", [id]);
    expect(row).toEqual({ body_bytes: 5_000, body_encoding: "zstd" });
  });

  it("refuses with Unavailable when too much waits, by number or by bytes, and serves those who wait", async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    const database = handled(async (work) => {
      await gate;
      return work();
    });
    const inbox = createInbox({ database, waitingMost: 5, inFlight: 1, waitingBytesMost: 10_000 });
    const served = Array.from({ length: 6 }, (_, index) => inbox.accept(delivery(`waiting ${index}`)));
    await expect(inbox.accept(delivery("one too many"))).rejects.toBeInstanceOf(Unavailable);
    const bulky = createInbox({ database, inFlight: 1, waitingBytesMost: 10_000 });
    const kept = [bulky.accept(delivery("first")), bulky.accept(delivery(Buffer.alloc(9_000, "a"))), bulky.accept(delivery("small"))];
    await expect(bulky.accept(delivery(Buffer.alloc(9_000, "b")))).rejects.toBeInstanceOf(Unavailable);
    open(undefined);
    expect(await Promise.all(served)).toHaveLength(6);
    expect(await Promise.all(kept)).toHaveLength(3);
  });

  it("[ST-04] rejects a commit in doubt, because its backend died, and serves the next caller", async () => {
    const { database } = ground.db;
    let kills = 1;
    const dying: Database = {
      ...database,
      asSystem: (work) =>
        database.asSystem(async (tx) => {
          const result = await work(tx);
          if (kills > 0) {
            kills -= 1;
            const [{ pid } = { pid: 0 }] = await tx.query<{ pid: number }>("select pg_backend_pid() as pid");
            await ground.db.asOwner("select pg_terminate_backend($1, 5000)", [pid]);
          }
          return result;
        }),
    };
    const inbox = createInbox({ database: dying, inFlight: 1 });
    const [doubtful, next] = await Promise.allSettled([inbox.accept(delivery("in doubt 1")), inbox.accept(delivery("in doubt 2"))]);
    expect(doubtful).toMatchObject({ status: "rejected", reason: expect.any(Unavailable) as Unavailable });
    expect(next).toMatchObject({ status: "fulfilled" });
    expect(await inbox.accept(delivery("in doubt 1"))).toMatchObject({ isNew: true });
    expect(await count("body = 'in doubt 1'")).toBe(1);
  });

  it("tells of what arrives for anybody, not of what its sender works on itself", async () => {
    const inbox = createInbox({ database: ground.db.database });
    let arrivals = 0;
    inbox.onArrival(() => (arrivals += 1));
    await inbox.accept(delivery("arrives"));
    await inbox.accept(delivery("arrives"));
    const { claimed } = await inbox.acceptAndClaim(delivery("mine"));
    expect(arrivals).toBe(1);
    expect(claimed).toMatchObject({ attempts: 1, provider: "fake" });
    expect((await inbox.acceptAndClaim(delivery("mine"))).claimed).toBeNull();
    const taken = await other.asSystem((tx) => claimDeliveries(tx, 1_000));
    expect(taken.map(({ id }) => id)).not.toContain(claimed!.id);
  });

  it("[WH-14, WH-16] keeps NUL, broken text and JSON of any depth as the bytes they are, and processing them harms nobody", async () => {
    const bodies = ['{"id":"a\\u0000b","half":"\\ud800"}', "[".repeat(100_000), `${"[".repeat(100_000)}${"]".repeat(100_000)}`, "\0\u0001\uFFFF", '{"__proto__":{"isAdmin":true},"n":1e400}'];
    const inbox = createInbox({ database: ground.db.database });
    const patient = await ground.addPatient("odd");
    const ref = await ground.link(patient, "odd-user");
    const ids: string[] = [];
    for (const body of bodies) ids.push((await inbox.accept(delivery(body, { via: "pull", resource: "readings", owner: ref, dedupeKey: null }))).id);
    await drainInbox(ground.context, new AbortController().signal);
    for (const [index, id] of ids.entries()) {
      const found = await ground.db.database.withOrganization(ground.organizationId, (tx) => readDeliveryBody(tx, patient.patientId, id));
      expect(found?.body.toString(), `body ${index}`).toBe(Buffer.from(bodies[index]!).toString());
    }
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    expect(await count("id = any($1) and state in ('failed', 'dead')", [ids])).toBe(bodies.length);
  });
});

describe("claims", () => {

  it("go to one of two processes each, oldest first", async () => {
    const ids = await put(60, "shared");
    const [a, b] = await Promise.all([ground.db.database.asSystem((tx) => claimDeliveries(tx, 40)), other.asSystem((tx) => claimDeliveries(tx, 40))]);
    expect(a.length + b.length).toBe(60);
    expect(new Set([...a, ...b].map(({ id }) => id))).toEqual(new Set(ids));
    expect(a.map(({ id }) => Number(id))).toEqual(a.map(({ id }) => Number(id)).toSorted((x, y) => x - y));
    expect(await other.asSystem((tx) => claimDeliveries(tx, 40))).toEqual([]);
  });

  it("[QU-01] pass to another when their worker shows no more life, and not while it does", async () => {
    const [id] = await put(1, "leased");
    const [first] = await ground.db.database.asSystem((tx) => claimDeliveries(tx, 1));
    await expire(id!);
    await ground.db.database.asSystem((tx) => renewClaims(tx, [first!]));
    expect(await other.asSystem((tx) => claimDeliveries(tx, 1))).toEqual([]);
    await expire(id!);
    const [second] = await other.asSystem((tx) => claimDeliveries(tx, 1));
    expect(second).toMatchObject({ id, attempts: 2 });
    await ground.db.database.asSystem((tx) => renewClaims(tx, [first!]));
    await ground.db.database.asSystem((tx) => releaseClaims(tx, [first!]));
    await ground.db.database.asSystem((tx) => failDelivery(tx, first!, "too_late", 0));
    expect(await other.asSystem((tx) => finishDelivery(tx, second!, { state: "done", problems: [] }))).toBe(true);
  });

  it("[QU-02] fence a late finisher: its work is rolled back, the other's stands", async () => {
    const patient = await ground.addPatient("fenced");
    const ref = await ground.link(patient, "fenced-user");
    const atMs = Date.UTC(2026, 9, 15, 8);
    await put(0, "none");
    const { body } = page("readings", [reading(atMs, 123)]);
    const { id, claimed } = await createInbox({ database: ground.db.database }).acceptAndClaim(delivery(body, { via: "pull", resource: "readings", owner: ref, dedupeKey: null }));
    await expire(id);
    const [taken] = await other.asSystem((tx) => claimDeliveries(tx, 1));
    const { signal } = new AbortController();
    await expect(processClaimed(ground.context, claimed!, { signal })).rejects.toThrow(/lease/);
    expect(await ground.db.ofSamples("select 1 from samples where patient_id = $1", [patient.patientId])).toEqual([]);
    expect(await processClaimed(ground.context, taken!, { signal })).toMatchObject({ samples: 1 });
    expect(await ground.db.ofSamples("select value from samples where patient_id = $1", [patient.patientId])).toEqual([{ value: 123 }]);
    expect(await ground.db.asOwner("select state, attempts from deliveries where id = $1", [id])).toEqual([{ state: "done", attempts: 2 }]);
  });

  it("[W5] are tried three times, after 60 s and twice that with jitter, and then the delivery is dead until it is revived", async () => {
    const patient = await ground.addPatient("dying");
    const ref = await ground.link(patient, "dying-user");
    await put(0, "none");
    vendor.map = () => {
      throw new TypeError("a bug of the driver");
    };
    const { id } = await createInbox({ database: ground.db.database }).accept(delivery("[]", { via: "pull", resource: "readings", owner: ref, dedupeKey: null }));
    const state = async () =>
      (await ground.db.asOwner<{ state: string; attempts: number; last_error: string; wait: number }>(
        "select state, attempts, last_error, round(extract(epoch from available_at - now()))::int as wait from deliveries where id = $1", [id],
      ))[0]!;
    const { signal } = new AbortController();
    await drainInbox(ground.context, signal);
    expect(await state()).toMatchObject({ state: "failed", attempts: 1, last_error: "internal", wait: 45 });
    await drainInbox(ground.context, signal);
    expect(await state()).toMatchObject({ attempts: 1 });
    for (const expected of [{ state: "failed", attempts: 2, wait: 90 }, { state: "dead", attempts: 3 }]) {
      await ground.db.asOwner("update deliveries set available_at = now() where id = $1", [id]);
      await drainInbox(ground.context, signal);
      expect(await state()).toMatchObject(expected);
    }
    vendor.map = (_resource, payload) => payload as never;
    await drainInbox(ground.context, signal);
    expect(await state()).toMatchObject({ state: "dead" });
    expect(await ground.db.database.asSystem((tx) => reviveDelivery(tx, id))).toBe(true);
    await drainInbox(ground.context, signal);
    expect(await state()).toMatchObject({ state: "done", last_error: null });
  });

  it("[QU-03] bury what took its worker down with it three times, and nothing else", async () => {
    const [poison, slow] = await put(2, "poison");
    for (let crash = 1; crash <= 3; crash += 1) {
      while ((await ground.db.database.asSystem((tx) => claimDeliveries(tx, 2))).length > 0);
      await expire(poison!);
      await ground.db.asOwner("update deliveries set attempts = 1 where id = $1", [slow]);
      await expire(slow!);
    }
    expect((await ground.db.database.asSystem((tx) => claimDeliveries(tx, 2))).map(({ id }) => id)).toEqual([slow]);
    expect(await ground.db.database.asSystem((tx) => buryLost(tx))).toEqual([poison]);
    expect(await count("id = $1 and state = 'dead' and last_error = 'worker_lost'", [poison])).toBe(1);
  });

  it("[QU-03] of a dead worker are tried a few at once, and alone the next time, so that the one that kills workers takes no neighbours with it", async () => {
    const ids = await put(12, "neighbours");
    const claim = async (): Promise<string[]> => (await ground.db.database.asSystem((tx) => claimDeliveries(tx, 50))).map(({ id }) => id);
    expect(await claim()).toHaveLength(12);
    for (const id of ids) await expire(id);
    const together = await claim();
    expect(together).toHaveLength(10);
    // Their next worker dies, too, while the last two are not yet taken: those come first, and the others one by one.
    for (const id of together) await expire(id);
    const rest = await claim();
    expect([...together, ...rest].toSorted()).toEqual(ids.toSorted());
    const alone: string[] = [];
    for (const _ of together) {
      const claimed = await claim();
      expect(claimed).toHaveLength(1);
      alone.push(claimed[0]!);
    }
    expect(alone.toSorted()).toEqual(together.toSorted());
  });

  it("[QU-10] are given back untried when their worker has to stop", async () => {
    const patient = await ground.addPatient("stopped");
    const ref = await ground.link(patient, "stopped-user");
    await put(0, "none");
    const inbox = createInbox({ database: ground.db.database });
    // Too large to be stored together with others.
    for (let index = 0; index < 3; index += 1) await inbox.accept(delivery(`[]${" ".repeat(300_000)}`, { via: "pull", resource: "readings", owner: ref, dedupeKey: null }));
    const stopping = new AbortController();
    vendor.map = () => {
      stopping.abort();
      return [];
    };
    await drainInbox(ground.context, stopping.signal);
    vendor.map = (_resource, payload) => payload as never;
    expect(await ground.db.asOwner("select state, attempts, count(*)::int as n from deliveries where connection_id = $1 group by 1, 2 order by 1", [ref.connectionId])).toEqual([
      { state: "done", attempts: 1, n: 1 }, { state: "pending", attempts: 0, n: 2 },
    ]);
  });

  it("survive a body that no longer unpacks: it fails alone", async () => {
    const patient = await ground.addPatient("spoilt");
    const ref = await ground.link(patient, "spoilt-user");
    await put(0, "none");
    const inbox = createInbox({ database: ground.db.database });
    const ids: string[] = [];
    for (let index = 0; index < 2; index += 1) {
      ids.push((await inbox.accept(delivery("[]", { via: "pull", resource: "readings", owner: ref, dedupeKey: null }))).id);
    }
    await ground.db.asOwner("update deliveries set body = 'spoilt', body_encoding = 'zstd' where id = $1", [ids[0]]);
    await drainInbox(ground.context, new AbortController().signal);
    expect(await ground.db.asOwner("select state from deliveries where id = any($1) order by id", [ids])).toEqual([{ state: "failed" }, { state: "done" }]);
  });
});

describe("the transaction", () => {
  it("does not take a swallowed failure for success", async () => {
    await expect(
      ground.db.database.asSystem(async (tx) => {
        await tx.query("select 1 / 0").catch(() => undefined);
        return "done";
      }),
    ).rejects.toThrow(/rolled back/);
  });

  it("leaves no organization and no role behind on its connection", async () => {
    const single = openDatabase({ url: ground.db.appUrl, log: silentLog, size: 1 });
    try {
      await single.withOrganization(ground.organizationId, (tx) => tx.query("select 1"));
      const [left] = await single.asSystem((tx) => tx.query("select current_setting('app.organization_id', true) as organization, current_user as role"));
      expect(left).toEqual({ organization: "", role: "islet_system" });
    } finally {
      await single.close();
    }
  });

  it("[ST-08] answers Unavailable when every connection is taken for too long", async () => {
    const single = openDatabase({ url: ground.db.appUrl, log: silentLog, size: 1, acquireTimeoutMs: 200 });
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    try {
      const holder = single.asSystem(() => gate);
      await expect(single.asSystem((tx) => tx.query("select 1"))).rejects.toBeInstanceOf(Unavailable);
      open(undefined);
      await holder;
      expect(await single.asSystem((tx) => tx.query("select 1 as one"))).toEqual([{ one: 1 }]);
    } finally {
      await single.close();
    }
  });
});
