/** What becomes of a real cluster that is killed, damaged, carelessly set up, or restored: with servers of its own, whose commits are flushed. */
import { spawnSync } from "node:child_process";
import { chown, mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "#db/database.ts";
import { startEmbedded, type EmbeddedPostgres } from "#db/embedded.ts";
import { keepEmbedded } from "#db/keep-embedded.ts";
import { isAlive } from "#db/leftover.ts";
import { checkDurable, migrate } from "#db/migrate.ts";
import { createInbox, digestOf } from "#inbox/inbox.ts";
import { Unavailable } from "../src/errors.ts";
import { silentLog, type Log } from "../src/log.ts";

const LIMIT_MS = 120_000;
const OPTIONS = { ownerPassword: "death-owner", appPassword: "death-app", log: silentLog };
let root: string;
let cluster: EmbeddedPostgres;
const errors: unknown[][] = [];
const log: Log = { ...silentLog, error: (...words) => void errors.push(words) };
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "islet-death-"));
  cluster = await keepEmbedded({ ...OPTIONS, folder: join(root, "kept", "postgres"), log, pausesMs: [0, 200, 500, 1_000, 2_000] });
  await migrate(cluster.ownerUrl, cluster.appRole);
});
afterAll(async () => {
  await cluster.stop();
  await rm(root, { recursive: true, force: true });
});

const inDatabase = (url: string, name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href;
async function ask<Row extends object = Record<string, unknown>>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined); // the query rejects with the same loss
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
const delivery = (text: string) =>
  ({ provider: "fake", via: "webhook", resource: null, body: Buffer.from(text), headers: {}, owner: null, causedBy: null, dedupeKey: digestOf("body", text) }) as const;

describe("the embedded database", () => {
  it("[ST-02, ST-04] that is killed is started again where it was, and the same pool goes on; what was acknowledged is there", { timeout: LIMIT_MS }, async () => {
    const database = openDatabase({ url: cluster.appUrl, log: silentLog, size: 3 });
    const inbox = createInbox({ database });
    try {
      await inbox.accept(delivery("before"));
      const { pid } = cluster;
      process.kill(pid, "SIGKILL");
      const outcomes = new Set<string>();
      await expect.poll(async () => {
        const outcome = await inbox.accept(delivery("after")).then(() => "accepted", (error: unknown) => (error instanceof Unavailable ? "unavailable" : String(error)));
        outcomes.add(outcome);
        return outcome;
      }, { timeout: 60_000, interval: 50 }).toBe("accepted");
      expect([...outcomes].filter((outcome) => outcome !== "accepted" && outcome !== "unavailable")).toEqual([]);
      await expect.poll(() => cluster.pid).not.toBe(pid);
      expect(await ask(cluster.ownerUrl, "select convert_from(body, 'UTF8') as body from deliveries order by id")).toEqual([{ body: "before" }, { body: "after" }]);
      expect(errors).toMatchObject([[{ attempt: 1 }, /started again/]]);
    } finally {
      await database.close();
    }
  });

  it("[ST-02] that is killed starts again beside a backend of its own that hangs for ever", { timeout: LIMIT_MS }, async () => {
    const warnings: unknown[][] = [];
    const options = { ...OPTIONS, folder: join(root, "hanging", "postgres"), log: { ...silentLog, warn: (...words: unknown[]) => void warnings.push(words) } };
    const killed = await startEmbedded(options);
    const client = new pg.Client({ connectionString: killed.ownerUrl });
    client.on("error", () => undefined); // its server dies
    await client.connect();
    const [backend] = (await client.query<{ pid: number }>("select pg_backend_pid() as pid")).rows;
    // Like one that waits for a lock whose holder was killed: it neither hears of the death nor lets go of the shared memory.
    process.kill(backend!.pid, "SIGSTOP");
    process.kill(killed.pid, "SIGKILL");
    await killed.ended;
    const again = await startEmbedded(options);
    try {
      expect(isAlive(backend!.pid)).toBe(false);
      expect(warnings).toHaveLength(1);
      expect((warnings[0]![0] as { pids: number[] }).pids).toContain(backend!.pid);
      expect(await ask(again.ownerUrl, "select 1 as one")).toEqual([{ one: 1 }]);
    } finally {
      await again.stop();
      await client.end().catch(() => undefined); // its connection was lost with the server
    }
  });

  it("[ST-02] says why it does not start, in PostgreSQL's own words", { timeout: LIMIT_MS }, async () => {
    const folder = join(root, "worded", "postgres");
    const first = await startEmbedded({ ...OPTIONS, folder });
    await first.stop();
    await expect(startEmbedded({ ...OPTIONS, folder, serverSettings: ["shared_buffers=1"] })).rejects.toThrow(/did not start \(FATAL:.*shared_buffers.*postgres\.log/);
  });

  it("[ST-02] that does not start again is given up after its tries, and says so", { timeout: LIMIT_MS }, async () => {
    const folder = join(root, "broken", "postgres");
    const warnings: unknown[][] = [];
    const doomed = await keepEmbedded({ ...OPTIONS, folder, log: { ...silentLog, warn: (...words) => void warnings.push(words) }, pausesMs: [0, 10, 10] });
    await rm(join(folder, "global", "pg_control"));
    process.kill(doomed.pid, "SIGKILL");
    await doomed.ended;
    expect(warnings.filter(([, words]) => /did not start again/.test(String(words)))).toHaveLength(3);
    await doomed.stop();
  });

  it("that is told to stop is not started again", { timeout: LIMIT_MS }, async () => {
    const words: unknown[] = [];
    const note: Log = { ...silentLog, warn: (...said) => void words.push(said), error: (...said) => void words.push(said) };
    const stopped = await keepEmbedded({ ...OPTIONS, folder: join(root, "stopped", "postgres"), log: note });
    await stopped.stop();
    await stopped.ended;
    expect(words).toEqual([]);
  });
});

describe("a migration", () => {
  it("[ST-03] whose database is killed in the middle is whole or not there, and goes through the next time", { timeout: LIMIT_MS }, async () => {
    for (const [round, afterMs] of [10, 80].entries()) {
      const name = `migrated_${round}`;
      const fresh = inDatabase(cluster.ownerUrl, name);
      await ask(cluster.ownerUrl, `create database ${name}`);
      const { pid } = cluster;
      const interrupted = migrate(fresh).then(() => "done", () => "interrupted");
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      process.kill(pid, "SIGKILL");
      await interrupted;
      await expect.poll(() => migrate(fresh).then(() => "done", () => "away"), { timeout: 60_000, interval: 100 }).toBe("done");
      expect((await migrate(fresh)).applied).toEqual([]);
      const tables = (url: string) => ask(url, "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by 1");
      expect(await tables(fresh)).toEqual(await tables(cluster.ownerUrl));
    }
  });
});

describe("a database that may lose what it acknowledged", () => {
  it.each([
    ["server", "alter system set synchronous_commit = off"], ["database", "alter database islet set synchronous_commit = off"], ["role", "alter role islet_login set synchronous_commit = off"],
    ["server", "alter system set full_page_writes = off"],
  ])("[ST-12] by a setting of the %s is refused (%s)", async (_, statement) => {
    await expect(checkDurable(cluster.appUrl)).resolves.toBeUndefined();
    const reload = (): Promise<unknown> => ask(cluster.ownerUrl, "select pg_reload_conf(), pg_sleep(0.2)");
    await ask(cluster.ownerUrl, statement);
    await reload();
    const [, setting] = /set (\w+)/.exec(statement)!;
    await expect(checkDurable(cluster.appUrl)).rejects.toThrow(new RegExp(`^The database runs with ${setting}=off`));
    await ask(cluster.ownerUrl, statement.replace(/set (\w+) = off/, "reset $1"));
    await reload();
    await expect(checkDurable(cluster.appUrl)).resolves.toBeUndefined();
  });
});

describe("a copy of a running database", () => {
  it("[ST-13] by the server's own backup functions starts elsewhere with all that was committed before", { timeout: LIMIT_MS }, async () => {
    const [kept, copy] = [join(root, "kept", "postgres"), join(root, "restored", "postgres")];
    // A file may go away under the copy's hands; what it held is in the log.
    const copyAll = (from: string, to: string): void => void spawnSync("cp", ["-a", `${from}/.`, to], { stdio: "ignore" });
    const database = openDatabase({ url: cluster.appUrl, log: silentLog, size: 1 });
    const inbox = createInbox({ database });
    const client = new pg.Client({ connectionString: cluster.ownerUrl });
    await client.connect();
    await inbox.accept(delivery("before the backup"));
    await client.query("select pg_backup_start('test', fast => true)");
    await mkdir(copy, { recursive: true, mode: 0o700 });
    copyAll(kept, copy);
    const { rows } = await client.query<{ labelfile: string }>("select labelfile from pg_backup_stop(wait_for_archive => false)");
    // What was written while the copy was made is in the log up to here.
    copyAll(join(kept, "pg_wal"), join(copy, "pg_wal"));
    await client.end();
    await writeFile(join(copy, "backup_label"), rows[0]!.labelfile, { mode: 0o600 });
    const { uid, gid } = await stat(kept);
    await chown(join(copy, "backup_label"), uid, gid);
    for (const name of ["postmaster.pid", "postmaster.opts"]) await rm(join(copy, name), { force: true });
    await inbox.accept(delivery("after the backup"));
    await database.close();
    const restored = await startEmbedded({ ...OPTIONS, folder: copy });
    try {
      const found = await ask<{ body: string }>(restored.ownerUrl, "select convert_from(body, 'UTF8') as body from deliveries order by id");
      expect(found).toContainEqual({ body: "before the backup" });
      expect(found).not.toContainEqual({ body: "after the backup" });
      expect((await migrate(restored.ownerUrl)).applied).toEqual([]);
    } finally {
      await restored.stop();
    }
  });
});

describe("a page with a flipped bit", () => {
  it("[ST-14] is reported, and never served", { timeout: LIMIT_MS }, async () => {
    const folder = join(root, "flipped", "postgres");
    const options = { ...OPTIONS, folder };
    const before = await startEmbedded(options);
    await ask(before.ownerUrl, "create table readings as select n, 100 + n % 80 as value from generate_series(1, 5000) n");
    const [place] = await ask<{ path: string; sum: string }>(before.ownerUrl, "select pg_relation_filepath('readings') as path, sum(value)::text as sum from readings");
    await before.stop();
    const file = await open(join(folder, place!.path), "r+");
    const at = 8_192 + 8_000;
    const byte = (await readFile(join(folder, place!.path))).subarray(at, at + 1);
    await file.write(Buffer.from([byte[0]! ^ 0b100]), 0, 1, at);
    await file.close();
    const after = await startEmbedded(options);
    try {
      await expect(ask(after.ownerUrl, "select sum(value) from readings")).rejects.toMatchObject({ code: "XX001" });
    } finally {
      await after.stop();
    }
  });
});
