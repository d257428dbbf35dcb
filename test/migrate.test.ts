/** Migrations take turns, and a turn never outlives who had it. */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrate, MIGRATION_LOCK } from "../src/db/migrate.ts";
import { createTestDatabase, type TestDatabase } from "./kit/database.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const waiting = async (): Promise<number> =>
  (await db.asOwner("select 1 from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())")).length;

describe("migrating", () => {
  it("waits for who is at it, and goes on at once when that session dies [QU-06]", async () => {
    const holder = new pg.Client({ connectionString: db.ownerUrl });
    holder.on("error", () => undefined);
    await holder.connect();
    await holder.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    let isOver = false;
    const migration = migrate(db.ownerUrl).finally(() => {
      isOver = true;
    });
    await expect.poll(waiting, { timeout: 10_000 }).toBe(1);
    expect(isOver).toBe(false);
    const { rows } = await holder.query<{ pid: number }>("select pg_backend_pid() as pid");
    await db.asOwner("select pg_terminate_backend($1)", [rows[0]!.pid]);
    expect((await migration).applied).toEqual([]);
    expect(await waiting()).toBe(0);
    await holder.end().catch(() => undefined);
  });

  it("by several at once applies everything once", async () => {
    const name = `test_migrate_${process.pid}`;
    await db.asOwner(`create database ${name}`);
    const empty = new URL(db.ownerUrl);
    empty.pathname = `/${name}`;
    const results = await Promise.all(Array.from({ length: 4 }, () => migrate(empty.href)));
    const applied = results.flatMap((result) => result.applied);
    expect(applied.length).toBeGreaterThan(1);
    expect(new Set(applied).size).toBe(applied.length);
    await db.asOwner(`drop database ${name}`);
  });
});
