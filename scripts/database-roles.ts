/** Writes docs/database-roles.md from the catalogue of a fresh, migrated database. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startEmbedded } from "#db/embedded.ts";
import { migrate } from "#db/migrate.ts";
import { databaseRolesDocument, tableRights } from "#test/kit/database-roles.ts";
import { silentLog } from "../src/log.ts";

const folder = mkdtempSync(join(tmpdir(), "islet-roles-"));
const server = await startEmbedded({ folder: join(folder, "postgres"), ownerPassword: "owner", appPassword: "app", log: silentLog, serverSettings: ["fsync=off"] });
try {
  await migrate(server.ownerUrl, server.appRole);
  const client = new pg.Client({ connectionString: server.ownerUrl });
  await client.connect();
  const rights = await tableRights(async <Row extends object>(sql: string) => (await client.query<Row>(sql)).rows);
  await client.end();
  writeFileSync(new URL("../docs/database-roles.md", import.meta.url), databaseRolesDocument(rights));
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
