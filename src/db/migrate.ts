/** Brings the database's schema up to this version. Plain SQL files, in order, each in one transaction, forward only. */
import { readdir, readFile } from "node:fs/promises";
import pg from "pg";
import { ConfigError } from "../errors.ts";
import type { Tx } from "./database.ts";
import { sqlState } from "./failures.ts";

const FOLDER = new URL("../../migrations/", import.meta.url);
/** Any fixed number: whoever holds it migrates, the others wait. */
export const MIGRATION_LOCK = 7_403_811;
const LOCK_WAIT_MS = 1_000;
const LOCK_TRIES = 40;

export interface MigrationResult {
  readonly applied: readonly string[];
}

/**
 * Applies what is missing. `ownerUrl` must be allowed to create roles and tables; `loginRole`, when given, becomes a member of the
 * three working roles and of the one that reads the audit log. Throws ConfigError when the database is of a newer version, unreachable, or not durable (`fsync=off`).
 */
export async function migrate(ownerUrl: string, loginRole?: string): Promise<MigrationResult> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000, application_name: "islet migrate" });
  client.on("error", () => undefined); // the running query rejects with the same loss
  await client.connect().catch((error: unknown) => {
    throw new ConfigError(unreachable(ownerUrl, error), { cause: error });
  });
  try {
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await client.query("create table if not exists schema_migrations (name text primary key, applied_at timestamptz not null default now())");
    const known = await knownMigrations();
    const done = new Set((await client.query<{ name: string }>("select name from schema_migrations")).rows.map((row) => row.name));
    const foreign = [...done].filter((name) => !known.includes(name));
    if (foreign.length > 0) {
      throw new ConfigError(
        `The database was written by a newer version of Islet (it has the migration ${foreign.toSorted().at(-1)}, which this version does not know): start that version, or point ISLET_DATA_DIR or DATABASE_URL elsewhere.`,
      );
    }
    const applied: string[] = [];
    for (const name of known.filter((file) => !done.has(file))) {
      await apply(client, name);
      applied.push(name);
    }
    // Names of migrations are nobody's data; the running server compares them with its own.
    await client.query("grant select on schema_migrations to islet_system");
    if (loginRole) {
      await client.query(`grant islet_app, islet_worker, islet_system, islet_audit to ${client.escapeIdentifier(loginRole)}`);
      await client.query(`create schema if not exists pgboss authorization ${client.escapeIdentifier(loginRole)}`);
    }
    return { applied };
  } finally {
    await client.end();
  }
}

async function knownMigrations(): Promise<string[]> {
  return (await readdir(FOLDER)).filter((name) => name.endsWith(".sql")).toSorted();
}

/** How the schema of a running server stands to this version: how many migrations it lacks, and whether it has some that we do not know. */
export async function compareSchema(tx: Tx): Promise<{ readonly missing: number; readonly isNewer: boolean }> {
  const known = await knownMigrations();
  const done = new Set((await tx.query<{ name: string }>("select name from schema_migrations")).map((row) => row.name));
  return { missing: known.filter((name) => !done.has(name)).length, isNewer: [...done].some((name) => !known.includes(name)) };
}

/**
 * Applies one file as one transaction. While it waits for a table's lock everybody else waits behind it: so it waits a short time only, lets
 * them pass, and comes again (faults ST-16).
 */
async function apply(client: pg.Client, name: string): Promise<void> {
  const text = await readFile(new URL(name, FOLDER), "utf8");
  for (let tries = 1; ; tries += 1) {
    try {
      await client.query("begin");
      await client.query(`set local lock_timeout = ${LOCK_WAIT_MS}`);
      await client.query(text);
      await client.query("insert into schema_migrations (name) values ($1)", [name]);
      await client.query("commit");
      return;
    } catch (error) {
      if (sqlState(error) !== "55P03" || tries >= LOCK_TRIES) throw error;
      await client.query("rollback");
      await new Promise((resolve) => setTimeout(resolve, LOCK_WAIT_MS / 2));
    }
  }
}

/**
 * Throws ConfigError when the server may lose what it has acknowledged: Islet answers a vendor only after COMMIT, which is worth
 * nothing with `fsync=off`.
 */
export async function checkDurable(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined); // the running query rejects with the same loss
  await client.connect().catch((error: unknown) => {
    throw new ConfigError(unreachable(url, error), { cause: error });
  });
  try {
    const { rows } = await client.query<{ name: string; setting: string }>(
      "select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit')",
    );
    const off = rows.filter((row) => row.setting === "off").map((row) => row.name);
    if (off.length > 0) {
      throw new ConfigError(
        `The database runs with ${off.map((name) => `${name}=off`).join(" and ")}, so that acknowledged data can be lost: switch ${off.join(" and ")} on in its configuration and restart it.`,
      );
    }
  } finally {
    await client.end();
  }
}

function unreachable(url: string, error: unknown): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const where = parsed ? `${parsed.hostname}:${parsed.port || "5432"}${parsed.pathname}` : "its address";
  const code = (error as { code?: unknown }).code;
  const why = code === "28P01" || code === "28000" ? "refuses the user or password" : code === "3D000" ? "has no such database" : "does not answer";
  return `The database at ${where} ${why}: check DATABASE_URL, and that the server runs and lets Islet in.`;
}
