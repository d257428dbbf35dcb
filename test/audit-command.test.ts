/** `islet audit` as an operator runs it: its own process, its exit code, its words. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ANCHORS_FILE, createAnchoring } from "#people/audit/anchors.ts";
import { audit } from "#people/audit/audit.ts";
import { auditKeys } from "#people/audit/keys.ts";
import { silentLog } from "../src/log.ts";
import { systemClock } from "../src/clock.ts";
import { createTestDatabase, type TestDatabase } from "./kit/database.ts";

const SECRET = "a secret of at least thirty-two characters";
const CLI = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
let db: TestDatabase;
let folder: string;
let organizationId: string;

beforeAll(async () => {
  db = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), "islet-audit-"));
  organizationId = (await db.asOwner<{ id: string }>("insert into organizations (name) values ('A clinic') returning id"))[0]!.id;
  for (const action of ["patient.view", "report.exported", "consent.given"]) await db.database.withOrganization(organizationId, (tx) => audit(tx, organizationId, { action }));
  await createAnchoring({ database: db.database, clock: systemClock, log: silentLog, keys: auditKeys(SECRET), file: join(folder, ANCHORS_FILE) })();
});
afterAll(async () => {
  await db.close();
  await rm(folder, { recursive: true });
});

function islet(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, DATABASE_URL: db.appUrl, DATABASE_OWNER_URL: db.ownerUrl, ISLET_DATA_DIR: folder, ISLET_DEMO: "off", ISLET_SESSION_SECRET: SECRET, ISLET_VAULT_KEYS: `k1:${"ab".repeat(32)}` };
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, "audit", ...words], { env, cwd: folder }, (error, out, err) => resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err }));
  });
}

describe("islet audit", () => {
  it("verify finds nothing in a log as written, and ends with 1 naming what and where after a change [PR-07]", async () => {
    expect(await islet("verify")).toEqual({ code: 0, out: "3 entries of 1 chains recomputed, held against 1 anchors: all as written.\n", err: "" });
    const [row] = await db.asOwner<{ id: string }>("select id from audit_log where action = 'report.exported'");
    await db.asOwner("update audit_log set action = 'report.opened' where id = $1", [row!.id]);
    const told = await islet("verify");
    expect(told.code).toBe(1);
    expect(told.out).toContain(`edit      chain ${organizationId} place 2 entry ${row!.id}: `);
    const json = await islet("verify", "--json");
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({ chains: 1, findings: [{ kind: "edit", chain: organizationId, seq: 2, entryId: row!.id }] });
    await db.asOwner("update audit_log set action = 'report.exported' where id = $1", [row!.id]);
    expect((await islet("verify", "--since", "yesterday")).code).toBe(2);
  });

  it("says that without anchors a rewrite would not show", async () => {
    const told = await islet("verify", "--anchors", join(folder, "none.jsonl"));
    expect(told.code).toBe(0);
    expect(told.out).toContain(`No anchor of ours for 1 chains (${organizationId})`);
  });

  it("export prints the log as CSV and stands in it from then on", async () => {
    const { code, out } = await islet("export", "--organization", organizationId);
    expect(code).toBe(0);
    const [header, ...rows] = out.trimEnd().split("\r\n");
    expect(header).toMatch(/^id,at,organization,action,outcome/);
    expect(rows.map((row) => row.split(",")[3])).toEqual(["patient.view", "report.exported", "consent.given", "audit.exported"]);
    expect(rows.at(-1)).toContain(",operator,");
    expect((await islet("verify")).code).toBe(0);
  });
});
