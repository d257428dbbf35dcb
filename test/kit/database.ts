/** A fresh, migrated database for one test file. */
import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { openDatabase, type Database } from "#db/database.ts";
import { silentLog } from "../../src/log.ts";

export interface TestDatabase {
  readonly database: Database;
  readonly appUrl: string;
  readonly ownerUrl: string;
  /** Runs SQL as the owner of the tables, past the policies: to look at what rests, or to break it. */
  asOwner<Row extends object = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export async function createTestDatabase(): Promise<TestDatabase> {
  const { ownerUrl, appUrl, template } = inject("postgres");
  const name = `test_${randomBytes(6).toString("hex")}`;
  const admin = new pg.Client({ connectionString: withDatabase(ownerUrl, "postgres") });
  await admin.connect();
  await admin.query(`create database ${name} template ${template}`);
  await admin.end();
  const owner = new pg.Pool({ connectionString: withDatabase(ownerUrl, name), max: 2 });
  const database = openDatabase({ url: withDatabase(appUrl, name), log: silentLog, size: 8 });
  return {
    database,
    appUrl: withDatabase(appUrl, name),
    ownerUrl: withDatabase(ownerUrl, name),
    asOwner: async <Row extends object>(sql: string, values: unknown[] = []) => (await owner.query<Row>(sql, values)).rows,
    close: async () => {
      await database.close();
      await owner.end();
    },
  };
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
