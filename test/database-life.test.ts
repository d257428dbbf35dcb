/** The life of connections to a real PostgreSQL: what is slow, dead, in conflict, full or read-only is heard of in time, and gone again afterwards. */
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { openDatabase, type Database, type DatabaseOptions, type Tx } from "#db/database.ts";
import { migrate } from "#db/migrate.ts";
import { claimDeliveries, renewClaims } from "#inbox/claims.ts";
import { createInbox, digestOf } from "#inbox/inbox.ts";
import { LEASE_SECONDS } from "#inbox/lease.ts";
import { startQueue } from "#jobs/queue.ts";
import { INBOX_POOL } from "../src/environment.ts";
import { Unavailable } from "../src/errors.ts";
import { silentLog, type Log } from "../src/log.ts";
import { createTestDatabase, type TestDatabase } from "./kit/database.ts";
import { startFaultProxy, type FaultProxy } from "./kit/fault-proxy.ts";

let db: TestDatabase;
let proxy: FaultProxy;
const opened: Database[] = [];
beforeAll(async () => {
  db = await createTestDatabase();
  proxy = await startFaultProxy({ port: Number(new URL(db.appUrl).port) }, () => 0.5);
  await db.asOwner("create table pair (id int primary key, value int not null)");
  await db.asOwner("insert into pair values (1, 0), (2, 0)");
  await db.asOwner("grant all on pair to islet_system");
});
afterEach(async () => {
  proxy.heal();
  for (const database of opened.splice(0)) await database.close();
});
afterAll(async () => {
  await proxy.close();
  await db.close();
});

function open(options: Partial<DatabaseOptions> = {}): Database {
  const database = openDatabase({ url: db.appUrl, log: silentLog, random: () => 0, ...options });
  opened.push(database);
  return database;
}
const throughProxy = (url = db.appUrl): string => Object.assign(new URL(url), { port: String(proxy.port) }).href;

const one = (tx: Tx): Promise<unknown> => tx.query("select 1 as one");
const deliver = (database: Database, text: string) =>
  createInbox({ database }).accept({ provider: "fake", via: "webhook", resource: null, body: Buffer.from(text), headers: {}, owner: null, causedBy: null, dedupeKey: digestOf("body", text) });
const stored = async (text: string): Promise<number> => (await db.asOwner("select 1 from deliveries where body = $1", [Buffer.from(text)])).length;

/** How long it took to fail, with what. */
async function failure(work: Promise<unknown>): Promise<{ error: unknown; ms: number }> {
  const startedMs = performance.now();
  const error: unknown = await work.then(() => null, (reason: unknown) => reason);
  return { error, ms: performance.now() - startedMs };
}

/** Two transactions that both stand at the gate before either goes on. */
function gateFor(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let arrived = 0;
  return async () => {
    arrived += 1;
    if (arrived === count) resolve();
    // Who comes again finds it open.
    await promise;
  };
}

describe("a connection that leads nowhere", () => {
  it("[ST-05] is given up within the time to open a transaction, and thrown away", async () => {
    const database = open({ url: throughProxy(), size: 2, openTimeoutMs: 300, statementTimeoutMs: 30_000, acquireTimeoutMs: 1_000 });
    await Promise.all([database.asSystem(one), database.asSystem(one)]);
    proxy.halfOpen();
    const { error, ms } = await failure(database.asSystem(one));
    expect(error).toBeInstanceOf(Unavailable);
    expect(ms).toBeLessThan(3_000);
    proxy.heal();
    expect(await database.asSystem(one)).toEqual([{ one: 1 }]);
  });

  it("[ST-05] in the middle of a transaction is given up soon after its statement should have ended", async () => {
    const database = open({ url: throughProxy(), size: 1, openTimeoutMs: 300, statementTimeoutMs: 300 });
    const { error, ms } = await failure(database.asSystem(async (tx) => {
      await one(tx);
      proxy.halfOpen();
      await tx.query("select 2");
    }));
    expect(error).toBeInstanceOf(Unavailable);
    expect(ms).toBeLessThan(4_000);
    proxy.heal();
    expect(await database.asSystem(one)).toEqual([{ one: 1 }]);
  });

  it("[ST-05] is given up within ten seconds by the inbox as it is really set up", () => {
    // To get a connection, to open a transaction, and a statement with the grace for the server's own word.
    expect(INBOX_POOL.acquireTimeoutMs + INBOX_POOL.statementTimeoutMs).toBeLessThanOrEqual(10_000);
  });

  it("[ST-04] is replaced when it was reset, in use or idle, and nobody's process ends", async () => {
    const warnings: unknown[] = [];
    const log: Log = { ...silentLog, warn: (fields) => void warnings.push(fields) };
    const database = open({ url: throughProxy(), size: 3, log });
    await Promise.all([1, 2, 3].map(() => database.asSystem(one)));
    const { error } = await failure(database.asSystem(async (tx) => {
      proxy.reset();
      await tx.query("select pg_sleep(0.2)");
    }));
    expect(error).toBeInstanceOf(Unavailable);
    expect(warnings.length).toBeGreaterThan(0);
    expect(await Promise.all([1, 2, 3].map(() => database.asSystem(one)))).toHaveLength(3);
  });

  it("[ST-05] does not keep the queue deaf: it hears again after its listening connection was cut", async () => {
    const queue = await startQueue({ url: throughProxy(), log: silentLog, definitions: [{ name: "cut", tries: 1 + 0, retryDelaySeconds: 1 }] });
    try {
      const heard: (string | undefined)[] = [];
      await queue.work("cut", { concurrency: 1 }, ({ id }) => Promise.resolve(void heard.push(id)));
      await queue.send("cut", { id: "before" });
      await expect.poll(() => heard, { timeout: 15_000, interval: 20 }).toEqual(["before"]);
      proxy.reset();
      await expect.poll(() => queue.send("cut", { id: "after" }).then(() => true, () => false), { timeout: 15_000, interval: 100 }).toBe(true);
      await expect.poll(() => heard, { timeout: 15_000, interval: 20 }).toContain("after");
    } finally {
      await queue.stop();
    }
  });
});

describe("a commit whose answer never comes", () => {
  it("[ST-04, WH-08] is an error to the sender, who comes again; what was committed is there once", async () => {
    const database = open({ url: throughProxy(), size: 1, openTimeoutMs: 300, statementTimeoutMs: 300 });
    await database.asSystem(one);
    // The statement's own answer is let through, that of the commit is not: the test's owner sees the row, the caller an error.
    let isStored = false;
    const doubtful: Database = {
      ...database,
      asSystem: (work) => database.asSystem(async (tx) => {
        const result = await work(tx);
        proxy.answers({ silentAfterBytes: 0 });
        isStored = true;
        return result;
      }),
    };
    const { error } = await failure(deliver(doubtful, "in doubt"));
    expect(isStored).toBe(true);
    expect(error).toBeInstanceOf(Unavailable);
    await expect.poll(() => stored("in doubt"), { timeout: 5_000, interval: 20 }).toBe(1);
    proxy.heal();
    expect(await deliver(database, "in doubt")).toMatchObject({ isNew: false });
    expect(await stored("in doubt")).toBe(1);
  });
});

describe("a server that became a read-only standby", () => {
  it("[ST-06] acknowledges nothing, and is left by all connections at once", async () => {
    const name = new URL(db.appUrl).pathname.slice(1);
    await db.asOwner(`alter database ${name} set default_transaction_read_only = on`);
    const database = open({ size: 3 });
    await Promise.all([1, 2, 3].map(() => database.asSystem((tx) => tx.query("select pg_sleep(0.05)"))));
    await db.asOwner(`alter database ${name} reset default_transaction_read_only`);
    const { error } = await failure(deliver(database, "to a standby"));
    expect(error).toBeInstanceOf(Unavailable);
    expect(await stored("to a standby")).toBe(0);
    // The old sessions would stay read-only for ever.
    await Promise.all([1, 2, 3].map((index) => deliver(database, `to the new primary ${index}`)));
    expect(await stored("to the new primary 3")).toBe(1);
  });
});

describe("a full disk", () => {
  it("[ST-07] is Unavailable, stores nothing by halves, and is over when there is room", async () => {
    const database = open();
    await db.asOwner("create function no_room() returns trigger language plpgsql as $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$");
    await db.asOwner("create trigger no_room before insert on deliveries for each row execute function no_room()");
    const { error } = await failure(deliver(database, "no room"));
    expect(error).toBeInstanceOf(Unavailable);
    expect(await db.asOwner("select 1 from delivery_keys k left join deliveries d on d.id = k.delivery_id where d.id is null")).toEqual([]);
    await db.asOwner("drop trigger no_room on deliveries");
    expect(await deliver(database, "no room")).toMatchObject({ isNew: true });
  });
});

describe("who takes too long", () => {
  it("[ST-08] is ended by the statement's limit, and its connection serves the next", async () => {
    const database = open({ size: 1, statementTimeoutMs: 200 });
    const { error, ms } = await failure(database.asSystem((tx) => tx.query("select pg_sleep(10)")));
    expect(error).toBeInstanceOf(Unavailable);
    expect(ms).toBeLessThan(3_000);
    expect(await database.asSystem(one)).toEqual([{ one: 1 }]);
  });

  it("[ST-08] waits for a lock no longer than for a statement", async () => {
    const database = open({ size: 2, statementTimeoutMs: 300 });
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const holder = open().asSystem(async (tx) => {
      await tx.query("update pair set value = value where id = 1");
      await held;
    });
    await expect.poll(() => db.asOwner("select 1 from pg_locks where mode = 'RowExclusiveLock' and relation = 'pair'::regclass")).not.toHaveLength(0);
    const { error } = await failure(database.asSystem((tx) => tx.query("update pair set value = value where id = 1")));
    expect(error).toBeInstanceOf(Unavailable);
    release();
    await holder;
  });

  it("[ST-08] takes nothing from the inbox, which has connections of its own, and refuses within its two seconds when those are taken", async () => {
    const app = open({ size: 1, acquireTimeoutMs: 200 });
    const inbox = open({ ...INBOX_POOL, size: 1 });
    const { promise: gate, resolve: leave } = Promise.withResolvers<void>();
    const slow = [app.asSystem(() => gate)];
    expect((await failure(app.asSystem(one))).error).toBeInstanceOf(Unavailable);
    expect(await deliver(inbox, "past the slow ones")).toMatchObject({ isNew: true });
    slow.push(inbox.asSystem(() => gate));
    const { error, ms } = await failure(deliver(inbox, "one too many"));
    expect(error).toBeInstanceOf(Unavailable);
    expect(ms).toBeLessThan(4_000);
    leave();
    await Promise.all(slow);
    expect(await deliver(inbox, "one too many")).toMatchObject({ isNew: true });
  });

  it("[ST-09] and sits idle in a transaction is ended by the server, so that vacuum need not wait", async () => {
    const database = open({ size: 1 });
    expect(await database.asSystem((tx) => tx.query("select current_setting('idle_in_transaction_session_timeout') as ms"))).toEqual([{ ms: "30s" }]);
    const horizons = () => db.asOwner("select 1 from pg_stat_activity where datname = current_database() and usename = 'islet_login' and backend_xmin is not null");
    const { error } = await failure(database.asSystem(async (tx) => {
      await tx.query("declare holds_a_snapshot cursor for select 1");
      expect(await horizons()).toHaveLength(1);
      await tx.query("set local idle_in_transaction_session_timeout = 100");
      await expect.poll(() => db.asOwner("select 1 from pg_stat_activity where datname = current_database() and state = 'idle in transaction'"), { timeout: 5_000 }).toEqual([]);
      await one(tx);
    }));
    expect(error).toBeInstanceOf(Unavailable);
    expect(await horizons()).toEqual([]);
    expect(await database.asSystem(one)).toEqual([{ one: 1 }]);
  });
});

describe("transactions in conflict", () => {
  it("[ST-10] are run again after a deadlock, as a whole, and all take effect once", async () => {
    const database = open();
    await db.asOwner("update pair set value = 0");
    const both = gateFor(2);
    let runs = 0;
    const add = (first: number, second: number) => database.asSystem(async (tx) => {
      runs += 1;
      await tx.query("update pair set value = value + 1 where id = $1", [first]);
      await both();
      await tx.query("update pair set value = value + 1 where id = $1", [second]);
    });
    await Promise.all([add(1, 2), add(2, 1)]);
    // The one that lost may lose once more: it starts while the other still waits.
    expect(runs).toBeGreaterThan(2);
    expect(await db.asOwner("select value from pair order by id")).toEqual([{ value: 2 }, { value: 2 }]);
  });

  it("[ST-10] are run again after a serialization failure", async () => {
    const name = new URL(db.appUrl).pathname.slice(1);
    await db.asOwner(`alter database ${name} set default_transaction_isolation = 'repeatable read'`);
    try {
      const database = open();
      await db.asOwner("update pair set value = 0");
      const both = gateFor(2);
      let runs = 0;
      const add = () => database.asSystem(async (tx) => {
        runs += 1;
        const [row] = await tx.query<{ value: number }>("select value from pair where id = 1");
        await both();
        await tx.query("update pair set value = $1 where id = 1", [row!.value + 1]);
      });
      await Promise.all([add(), add()]);
      expect(runs).toBe(3);
      expect(await db.asOwner("select value from pair where id = 1")).toEqual([{ value: 2 }]);
    } finally {
      await db.asOwner(`alter database ${name} reset default_transaction_isolation`);
    }
  });

  it.each(["40001", "40P01"])("[ST-10] are given up after the third repetition (%s)", async (code) => {
    const database = open();
    let runs = 0;
    const { error } = await failure(database.asSystem(async (tx) => {
      runs += 1;
      await tx.query(`do $$ begin raise exception 'again' using errcode = '${code}'; end $$`);
    }));
    expect(runs).toBe(4);
    expect(error).toBeInstanceOf(Unavailable);
  });

  it("[ST-10] are not run again for an error of their own, which keeps no row's content", async () => {
    const database = open();
    let runs = 0;
    const { error } = await failure(database.asSystem(async (tx) => {
      runs += 1;
      await tx.query("insert into pair values (1, 123456789)");
    }));
    expect(runs).toBe(1);
    expect(error).toBeInstanceOf(pg.DatabaseError);
    expect(error).toMatchObject({ code: "23505", detail: undefined, where: undefined });
    expect(JSON.stringify({ ...(error as object), message: (error as Error).message, stack: (error as Error).stack })).not.toContain("123456789");
  });
});

describe("a process whose clock is wrong", () => {
  afterEach(() => void vi.useRealTimers());
  it.each([-600_000, 600_000])("[ST-11] by %i ms neither takes what another holds, nor holds on longer: leases go by the database's time", async (skewMs) => {
    const database = open({ size: 2 });
    await db.asOwner("update deliveries set state = 'done', lease_id = null, lease_until = null");
    const { id } = await deliver(database, `skewed ${skewMs}`);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + skewMs });
    const [held] = await database.asSystem((tx) => claimDeliveries(tx, 10));
    expect(held!.id).toBe(id);
    const lease = () => db.asOwner<{ seconds: number }>(`select extract(epoch from lease_until - now())::float8 as seconds from deliveries where id = ${id}`);
    const isOfNow = expect.closeTo(LEASE_SECONDS, -1) as number;
    expect(await lease()).toEqual([{ seconds: isOfNow }]);
    await database.asSystem((tx) => renewClaims(tx, [held!]));
    expect(await lease()).toEqual([{ seconds: isOfNow }]);
    vi.setSystemTime(Date.now() - 2 * skewMs);
    expect(await database.asSystem((tx) => claimDeliveries(tx, 10))).toEqual([]);
    await db.asOwner(`update deliveries set lease_until = now() - interval '1 second' where id = ${id}`);
    expect((await database.asSystem((tx) => claimDeliveries(tx, 10))).map((claimed) => claimed.id)).toEqual([id]);
  });
});

describe("migrating", () => {
  it("[ST-16] does not keep others waiting behind its own wait for a lock, and goes through once it is free", async () => {
    const name = `${new URL(db.ownerUrl).pathname.slice(1)}_fresh`;
    await db.asOwner(`create database ${name}`);
    const fresh = Object.assign(new URL(db.ownerUrl), { pathname: `/${name}` }).href;
    const [holder, other] = [new pg.Client({ connectionString: fresh }), new pg.Client({ connectionString: fresh })];
    await Promise.all([holder.connect(), other.connect()]);
    // Stands for any table that the file must lock, and somebody reads for long.
    await holder.query("create table schema_migrations (name text primary key, applied_at timestamptz not null default now())");
    await holder.query("begin");
    await holder.query("lock table schema_migrations in share mode");
    const migrated = migrate(fresh);
    await expect.poll(async () => (await other.query("select 1 from pg_locks where not granted and locktype = 'relation'")).rowCount, { timeout: 10_000, interval: 20 }).toBe(1);
    const startedMs = performance.now();
    await expect.poll(async () => (await other.query("select 1 from pg_locks where not granted and locktype = 'relation'")).rowCount, { timeout: 10_000, interval: 20 }).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(4_000);
    await holder.query("rollback");
    expect((await migrated).applied).toContain("0001-first-house.sql");
    await Promise.all([holder.end(), other.end()]);
  });
});

describe("a look", () => {
  it("has the rights of islet_system for its one message, and leaves nothing of them on the connection", async () => {
    const database = open({ size: 1 });
    await db.asOwner("update pair set value = 7 where id = 1");
    expect(await database.look("select current_user::text as who, value, $1 as bytes from pair where id = $2", [Buffer.from([0, 255]), 1])).toEqual([
      { who: "islet_system", value: 7, bytes: Buffer.from([0, 255]) },
    ]);
    const [organization] = await db.asOwner<{ id: string }>("insert into organizations (name) values ('Looked at') returning id");
    const who = (tx: Tx) => tx.query<{ who: string }>("select current_user::text as who");
    expect(await database.withOrganization(organization!.id, who)).toEqual([{ who: "islet_worker" }]);
    await expect(database.look("select 1 / 0 as never", [])).rejects.toMatchObject({ code: "22012" });
    expect(await database.asSystem(who)).toEqual([{ who: "islet_system" }]);
    await expect(database.look("select * from samples", [])).rejects.toMatchObject({ code: "42501" });
  });

  it("takes bytes and numbers, and refuses a place that has neither", async () => {
    const database = open({ size: 1 });
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, "1; drop table pair" as never]) await expect(database.look("select $1", [value])).rejects.toThrow(/no value for a place/);
    await expect(database.look("select $2", [1])).rejects.toThrow(/no value for a place/);
  });

  it("does not notice that the connection broke while it lay idle", async () => {
    const database = open({ size: 1 });
    await database.look("select 1", []);
    await db.asOwner("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'islet'");
    expect(await database.look("select 2 as two", [])).toEqual([{ two: 2 }]);
  });
});
