/** A fresh, migrated database for one test file. */
import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { openDatabase, type Database } from "#db/database.ts";
import { decodeDay } from "#samples/store/codec.ts";
import { samplesOf } from "#samples/store/day.ts";
import { silentLog } from "../../src/log.ts";

export interface TestDatabase {
  readonly database: Database;
  readonly appUrl: string;
  readonly ownerUrl: string;
  /** Runs SQL as the owner of the tables, past the policies: to look at what rests, or to break it. */
  asOwner<Row extends object = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Like asOwner, but the table `samples` has what rests in day blocks, too; for reading only. */
  ofSamples<Row extends object = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]>;
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
    ofSamples: (sql, values = []) => ofSamples(owner, sql, values),
    close: async () => {
      await database.close();
      await owner.end();
    },
  };
}

/** A temporary table hides the other of its name from this one transaction. */
async function ofSamples<Row extends object>(owner: pg.Pool, sql: string, values: unknown[]): Promise<Row[]> {
  const client = await owner.connect();
  try {
    await client.query("begin");
    await client.query("create temporary table samples on commit drop as select * from public.samples");
    const { rows: blocks } = await client.query<{ organization_id: string; patient_id: string; series_id: string; data: Buffer }>("select * from day_blocks");
    for (const block of blocks) {
      const samples = samplesOf(decodeDay(block.data));
      await client.query(
        `insert into samples (organization_id, patient_id, series_id, start_at, end_at, value, delivery_id, offset_minutes, flags)
         select $1, $2, $3, to_timestamp(s / 1000), to_timestamp(e / 1000), v, d, o, f from unnest($4::float8[], $5::float8[], $6::float8[], $7::bigint[], $8::smallint[], $9::smallint[]) as t (s, e, v, d, o, f)`,
        [
          block.organization_id, block.patient_id, block.series_id, samples.map(({ startMs }) => startMs), samples.map(({ endMs }) => (Number.isNaN(endMs) ? null : endMs)),
          samples.map(({ value }) => value), samples.map(({ deliveryId }) => deliveryId), samples.map(({ offsetMinutes }) => offsetMinutes), samples.map(({ flags }) => flags),
        ],
      );
    }
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.query("rollback");
    client.release();
  }
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
