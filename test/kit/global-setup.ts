/** One real PostgreSQL for the whole run, with a migrated template database that each test file clones. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { startEmbedded } from "#db/embedded.ts";
import { migrate } from "#db/migrate.ts";
import { silentLog } from "../../src/log.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Owner's and app's address of the test server, database name left out. */
    postgres: { ownerUrl: string; appUrl: string; template: string };
  }
}

const TEMPLATE = "islet";

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "islet-test-"));
  const server = await startEmbedded({
    folder: join(folder, "postgres"), ownerPassword: "test-owner", appPassword: "test-app", log: silentLog,
    // Nothing here needs to survive a crash; tests that need durability start a server of their own.
    serverSettings: ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200"],
  });
  const tearDown = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await migrate(server.ownerUrl, server.appRole);
    // A template must have no open sessions and may have none while it is cloned.
    const client = new pg.Client({ connectionString: withDatabase(server.ownerUrl, "postgres") });
    await client.connect();
    await client.query(`alter database ${TEMPLATE} with allow_connections false is_template true`);
    await client.end();
  } catch (error) {
    await tearDown();
    throw error;
  }
  project.provide("postgres", { ownerUrl: server.ownerUrl, appUrl: server.appUrl, template: TEMPLATE });
  return tearDown;
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
