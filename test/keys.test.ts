/** Changing the vault's key: online, resumable after a kill, and with proof that the old key is used no more. Goal G10; faults §5.1. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConnectionRef } from "#sync/connections.ts";
import type { SyncContext } from "#sync/context.ts";
import { countUse, isUnused, openVault } from "#sync/ring-keys.ts";
import { openAccess, openRefresh, readTokens } from "#sync/sealed-tokens.ts";
import { parseKeyring } from "#vault/keys.ts";
import { createVault } from "#vault/seal.ts";
import { ConfigError } from "../src/errors.ts";
import { Secret } from "../src/secret.ts";
import { fakeVendor } from "./kit/fake-driver.ts";
import { layGround, TEST_VAULT_KEYS, type Ground } from "./kit/ground.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const K1 = TEST_VAULT_KEYS;
const K2 = `k2:${"cd".repeat(32)}`;
/** So many that a rotation is still at work when a busy machine hears of its progress late. */
const PATIENTS = 3_000;
/** Of them, with tokens from before there were data keys. */
const OLD_FORM = 1_000;

let ground: Ground;
let folder: string;
/** Connections and what their tokens are. */
const tokens = new Map<string, { ref: ConnectionRef; access: string; refresh: string }>();

/** Processes of a deployment in the middle of the change: one was restarted with the new key first, one has it behind the old one. */
let switched: SyncContext;
let notYet: SyncContext;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "islet-keys-"));
  ground = await layGround([fakeVendor().driver]);
  await seed();
  notYet = await ground.another(ground.db.database, `${K1},${K2}`);
  switched = await ground.another(ground.db.database, `${K2},${K1}`);
});
afterAll(async () => {
  await ground.close();
  await rm(folder, { recursive: true, force: true });
});

/** Patients with connections, half of them as this version seals, the rest as the one before did. */
async function seed(): Promise<void> {
  const vault = createVault({ keys: parseKeyring(K1, "K"), activeKeyId: "k1", randomBytes });
  const patients = (await ground.db.asOwner<{ id: string }>(
    "insert into patients (organization_id, display_name) select $1, 'Patient ' || n from generate_series(1, $2) n returning id", [ground.organizationId, PATIENTS],
  )).map(({ id }) => id);
  const ids = (await ground.db.asOwner<{ patient_id: string; id: string }>(
    `insert into connections (organization_id, patient_id, provider, status, vendor_user_id) select $1, id, 'fake', 'active', 'of ' || id from unnest($2::uuid[]) id
     returning patient_id, id`, [ground.organizationId, patients],
  ));
  const rows = ids.map(({ patient_id: patientId, id: connectionId }, index) => {
    const key = index < OLD_FORM ? undefined : vault.makeDataKey(patientId);
    const plain = { access: `access-${connectionId}`, refresh: `refresh-${connectionId}` };
    tokens.set(connectionId, { ref: { organizationId: ground.organizationId, patientId, connectionId }, ...plain });
    const seal = (field: "access" | "refresh") => vault.seal(new Secret(plain[field]), { table: "credentials", rowId: `${patientId}/${connectionId}`, field, version: 1 }, key);
    return { patientId, connectionId, key, access: seal("access"), refresh: seal("refresh") };
  });
  const keyed = rows.flatMap(({ key }) => (key ? [key] : []));
  await ground.db.asOwner(
    "insert into patient_keys (organization_id, patient_id, id, wrapped) select $1, * from unnest($2::uuid[], $3::uuid[], $4::text[])",
    [ground.organizationId, keyed.map((key) => key.ownerId), keyed.map((key) => key.id), keyed.map((key) => key.wrapped)],
  );
  await ground.db.asOwner(
    `insert into credentials (organization_id, expires_at, patient_id, connection_id, access_sealed, refresh_sealed)
     select $1, '2026-10-16T12:00:00Z', * from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[])`,
    [ground.organizationId, rows.map((row) => row.patientId), rows.map((row) => row.connectionId), rows.map((row) => row.access), rows.map((row) => row.refresh)],
  );
  await ground.db.asOwner("insert into provider_subscriptions (provider, callback_url, verify_token_sealed, secret_sealed) values ('fake', 'https://islet.example/webhooks/fake', $1, $2)", [
    vault.seal(new Secret("verify-me"), { table: "provider_subscriptions", rowId: "fake", field: "verify_token", version: 1 }),
    vault.seal(new Secret("sign-with"), { table: "provider_subscriptions", rowId: "fake", field: "secret", version: 1 }),
  ]);
}

/** `islet keys …` as an operator runs it beside the servers; killed so many milliseconds after so many lines of progress. */
async function islet(command: string, ring: string, killAt?: { lines: number; ms: number }): Promise<{ code: number | null; stdout: string; stderr: string; wasKilled: boolean }> {
  const child = spawn(join(ROOT, "bin/islet"), ["keys", ...command.split(" "), ...(command.startsWith("retire") ? [] : ["--json"])], {
    cwd: folder, stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"], ISLET_DATA_DIR: join(folder, "data"), ISLET_DEMO: "off", DATABASE_URL: ground.db.appUrl, DATABASE_OWNER_URL: ground.db.ownerUrl,
      ISLET_VAULT_KEYS: ring, ISLET_SESSION_SECRET: "a secret of at least thirty-two characters",
    },
  });
  let stdout = "";
  let stderr = "";
  let lines = 0;
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  createInterface({ input: child.stderr }).on("line", (line) => {
    stderr += `${line}\n`;
    lines += 1;
    if (lines === killAt?.lines) setTimeout(() => child.kill("SIGKILL"), killAt.ms);
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { code, stdout, stderr, wasKilled: signal === "SIGKILL" };
}

const read = async (context: SyncContext, { ref }: { ref: ConnectionRef }) => {
  const row = await context.database.withOrganization(ref.organizationId, (tx) => readTokens(tx, ref));
  return { access: openAccess(context, ref, row).open(), refresh: openRefresh(context, ref, row)?.open() };
};

const under = async (keyId: string): Promise<number> => {
  const use = (await countUse(ground.db.database)).find((each) => each.keyId === keyId);
  return use ? use.dataKeys + use.tokens + use.other : 0;
};

/** What servers do meanwhile, until told to stop: read tokens, and connect new people. */
function load(seedOf: number): { stop(): Promise<{ done: number; failures: unknown[] }> } {
  const all = [...tokens.values()];
  const failures: unknown[] = [];
  let state = seedOf;
  const next = (limit: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % limit;
  };
  const until = { isOn: true };
  let done = 0;
  const one = async (context: SyncContext): Promise<void> => {
    const some = all[next(all.length)]!;
    const got = await read(context, some);
    if (got.access !== some.access || got.refresh !== some.refresh) throw new Error("another token than was stored");
    if (done % 20 === 0) {
      const name = `new-${done}-${next(1_000_000)}`;
      const [row] = await ground.db.asOwner<{ id: string }>("insert into patients (organization_id, display_name) values ($1, $2) returning id", [ground.organizationId, name]);
      const ref = await ground.link({ patientId: row!.id, userId: null as never }, name);
      tokens.set(ref.connectionId, { ref, access: `access-of-${name}`, refresh: `refresh-of-${name}` });
    }
  };
  const running = [switched, notYet].map(async (context) => {
    while (until.isOn) {
      await one(context).then(() => (done += 1), (error: unknown) => {
        failures.push(error);
        until.isOn = false;
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  return {
    stop: async () => {
      until.isOn = false;
      await Promise.all(running);
      return { done, failures };
    },
  };
}

describe("a key of the vault", () => {
  it("[G10] may not be removed while anything lies under it, and no server starts without it", async () => {
    await expect(openVault(ground.db.database, K2)).rejects.toThrow(/^The vault key k1 is missing from ISLET_VAULT_KEYS/);
    await expect(openVault(ground.db.database, `k1:${"ef".repeat(32)}`)).rejects.toBeInstanceOf(ConfigError);
    expect(await isUnused(ground.db.database, "k1")).toBe(false);
    expect(await under("k1")).toBe(PATIENTS - OLD_FORM + 2 * OLD_FORM + 2);
  });

  it("[G10] does not become the first one by a rotation that no server is ready for", async () => {
    const answer = await islet("rotate", `k9:${"09".repeat(32)},${K1}`);
    expect([answer.code, answer.stderr]).toEqual([3, expect.stringContaining("No Islet was started with the vault key k9 yet")]);
    expect(await under("k9")).toBe(0);
  });

  it("[G10] is changed online, through kills at random points, without one failed read or write, and is provably unused afterwards", { timeout: 180_000 }, async () => {
    const working = load(20_261_121);
    const left: number[] = [await under("k1")];
    // Lines of progress and milliseconds after them: in the middle of the batch that follows.
    for (const killAt of [{ lines: 1, ms: 7 }, { lines: 2, ms: 3 }]) {
      const run = await islet("rotate", `${K2},${K1}`, killAt);
      expect(run.wasKilled).toBe(true);
      left.push(await under("k1"));
    }
    expect(left.at(-1), `left after each kill: ${left.join(", ")}`).toBeGreaterThan(0);
    expect(left.at(-1)).toBeLessThan(left[0]!);
    await islet("rotate", `${K2},${K1}`);
    const { done, failures } = await working.stop();
    expect(failures).toEqual([]);
    expect(done).toBeGreaterThan(50);
    const last = await islet("rotate", `${K2},${K1}`);
    expect([last.code, last.stderr]).toEqual([0, expect.any(String)]);
    const lines = last.stdout.trim().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.slice(1)).toContainEqual({ keyId: "k1", dataKeys: 0, tokens: 0, other: 0, isInRing: true, isFirst: false, isUnused: true });
    expect(await under("k1")).toBe(0);

    // The proof: a process with the new key alone opens everything there is.
    const alone = await ground.another(ground.db.database, K2);
    const all = [...tokens.values()];
    for (let from = 0; from < all.length; from += 50) {
      const some = all.slice(from, from + 50);
      expect(await Promise.all(some.map((one) => read(alone, one)))).toEqual(some.map(({ access, refresh }) => ({ access, refresh })));
    }
    expect(tokens.size).toBeGreaterThan(PATIENTS);
    const sealed = await ground.db.asOwner<{ text: string }>("select access_sealed as text from credentials union all select refresh_sealed from credentials");
    expect(sealed.filter(({ text }) => !text.startsWith("v2."))).toEqual([]);
    expect(await ground.db.asOwner("select 1 from audit_log where action = 'vault.rotated' and outcome = 'done'")).not.toEqual([]);
  });

  it("[G10] that was given up seals nothing any more, not even for a process that still has it", async () => {
    const [row] = await ground.db.asOwner<{ id: string }>("insert into patients (organization_id, display_name) values ($1, 'late') returning id", [ground.organizationId]);
    expect((await islet("retire k1", `${K2},${K1}`)).stderr).toContain("still in ISLET_VAULT_KEYS");
    expect((await islet("retire k2", K2)).code).not.toBe(0);
    expect(await islet("retire k1", K2)).toMatchObject({ code: 0, stderr: "" });
    expect(await ground.db.asOwner("select key_id from vault_key_checks")).toEqual([{ key_id: "k2" }]);
    await expect(ground.link({ patientId: row!.id, userId: null as never }, "late")).rejects.toThrow(/vault_key_checks|foreign key/);
    expect(await ground.db.asOwner("select 1 from credentials where patient_id = $1", [row!.id])).toEqual([]);
  });

  it("prints no key, whatever is asked", async () => {
    const status = await islet("status", K2);
    expect(status.code).toBe(0);
    const nothing = await islet("rotate", `${K1},k1:broken`);
    expect(nothing.code).toBe(3);
    for (const text of [status.stdout, status.stderr, nothing.stdout, nothing.stderr]) expect(text).not.toMatch(/(ab|cd){8}/);
  });
});
