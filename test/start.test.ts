/** The real process: starts, tells where things are, stops without a trace, and refuses with one sentence what it cannot use. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort, startEmbedded, type EmbeddedPostgres } from "#db/embedded.ts";
import { migrate } from "#db/migrate.ts";
import { silentLog } from "../src/log.ts";
import { redisNote, startTestRedis, withoutRedis } from "./kit/redis.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
/** A machine that is busy with the other tests takes its time. */
const LIMIT_MS = 60_000;

let root: string;
const children = new Set<ChildProcess>();
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "islet-start-"));
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(root, { recursive: true, force: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  stdout(): string;
  stderr(): string;
}

/** Runs Islet in an environment of its own, so that nothing of this machine's settings reaches it. */
function run(environment: Record<string, string>, args: readonly string[] = ["all"]): Run {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env["PATH"] ?? "", ...environment } });
  children.add(child);
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const ended = once(child, "close").then(([code]) => {
    children.delete(child);
    return code as number | null;
  });
  return { child, ended, stdout: () => out, stderr: () => err };
}

async function ready(islet: Run, origin: string): Promise<void> {
  const isReady = (): Promise<boolean> => fetch(`${origin}/ready`).then((answer) => answer.ok, () => false);
  let hasEnded = false;
  void islet.ended.then(() => (hasEnded = true));
  while (!(await isReady()) || !islet.stdout().includes("Stop with Ctrl-C")) {
    if (hasEnded) throw new Error(`Islet ended: ${islet.stderr()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Processes that were started by this one, or work on the folder. */
async function processesOf(pid: number, folder: string): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const [status, command] = await Promise.all([readFile(`/proc/${entry}/status`, "utf8").catch(() => ""), readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "")]);
    const isChild = status.includes(`\nPPid:\t${pid}\n`);
    if ((isChild || (command.includes(folder) && !command.includes("vitest"))) && Number(entry) !== pid && !status.includes("\nState:\tZ")) found.push(Number(entry));
  }
  return found;
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, "127.0.0.1");
  const isOurs = await Promise.race([once(probe, "listening").then(() => true), once(probe, "error").then(() => false)]);
  if (isOurs) await new Promise((resolve) => probe.close(resolve));
  return isOurs;
}

describe("a fresh Islet", () => {
  it("is ready, says where all is, stops at a word without a trace, keeps everything, and gets over a kill", { timeout: LIMIT_MS }, async () => {
    const folder = join(root, "data");
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    const environment = { PORT: String(port), ISLET_DATA_DIR: folder, ISLET_DEMO: "on" };
    const passwords = new Set<string>();

    const startOnce = async (): Promise<{ islet: Run; call: (path: string, init?: RequestInit) => Promise<Response> }> => {
      const islet = run(environment);
      await ready(islet, origin);
      const text = islet.stdout();
      expect(text).toContain(`Open          ${origin}/`);
      expect(text).toContain(`API docs      ${origin}/docs`);
      expect(text).toContain(`Data          ${folder}`);
      expect(text).toMatch(/SIMULATED/);
      expect(text).toMatch(/not a medical device/);
      const printed = [...text.matchAll(/(patient|clinician|admin)@demo\.islet +password (\S+)/g)];
      expect(printed.map((match) => match[1])).toEqual(["patient", "clinician", "admin"]);
      for (const match of printed) passwords.add(match[2]!);
      expect(passwords.size).toBe(1);
      const signedIn = await fetch(`${origin}/api/v1/tokens`, {
        method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ email: "patient@demo.islet", password: [...passwords][0] }),
      });
      expect(signedIn.status).toBe(200);
      const { accessToken } = (await signedIn.json()) as { accessToken: string };
      return { islet, call: (path, init = {}) => fetch(origin + path, { ...init, headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" } }) };
    };
    const locale = async (call: (path: string) => Promise<Response>): Promise<string> => ((await (await call("/api/v1/me")).json()) as { preferences: { locale: string } }).preferences.locale;
    const nothingIsLeft = async (islet: Run): Promise<void> => {
      expect(await processesOf(islet.child.pid!, folder)).toEqual([]);
      expect(await isFree(port)).toBe(true);
      expect(existsSync(join(folder, "islet.pid"))).toBe(false);
      expect(existsSync(join(folder, "postgres", "postmaster.pid"))).toBe(false);
    };

    const first = await startOnce();
    for (const path of ["/health", "/ready", "/openapi.json", "/docs", "/sim/"]) expect((await fetch(origin + path)).status, path).toBe(200);
    expect((await fetch(`${origin}/api/v1/me`)).status).toBe(401);
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
    expect((await stat(join(folder, "secrets.json"))).mode & 0o777).toBe(0o600);
    expect((await processesOf(first.islet.child.pid!, folder)).length).toBeGreaterThan(0);
    expect((await first.call("/api/v1/me", { method: "PATCH", body: '{"locale":"es"}' })).status).toBe(200);
    // An open live stream must not hold up the end.
    const stream = await first.call("/api/v1/patients/me/live");
    expect(stream.status).toBe(200);
    first.islet.child.kill("SIGTERM");
    expect(await first.islet.ended).toBe(0);
    expect(first.islet.stderr()).not.toMatch(/"level":(?:50|60)/);
    await nothingIsLeft(first.islet);

    const second = await startOnce();
    expect(await locale(second.call)).toBe("es");
    expect((await second.call("/api/v1/me", { method: "PATCH", body: '{"locale":"en"}' })).status).toBe(200);
    second.islet.child.kill("SIGKILL");
    await second.islet.ended;

    const third = await startOnce();
    expect(await locale(third.call)).toBe("en");
    third.islet.child.kill("SIGINT");
    third.islet.child.kill("SIGINT");
    expect(await third.islet.ended).toBe(0);
    await nothingIsLeft(third.islet);
  });
});

describe.skipIf(withoutRedis)(`an Islet with its jobs on Redis${redisNote}`, () => {
  it("sends its jobs there, serves on while Redis is away, and stops without it", { timeout: LIMIT_MS }, async () => {
    const redis = await startTestRedis();
    try {
      const port = await freePort();
      const origin = `http://localhost:${port}`;
      const islet = run({ PORT: String(port), ISLET_DATA_DIR: join(root, "on-redis"), ISLET_DEMO: "off", REDIS_URL: redis.url.open(), ISLET_REDIS_PREFIX: redis.prefix });
      await ready(islet, origin);
      await expect.poll(() => redis.dump(), { timeout: 10_000 }).toMatch(/"name":"tick"/);
      await redis.outage(async () => {
        expect((await fetch(`${origin}/openapi.json`)).status).toBe(200);
        islet.child.kill("SIGTERM");
        expect(await islet.ended).toBe(0);
      });
      expect(islet.stdout() + islet.stderr()).not.toMatch(/"level":(?:50|60)/);
    } finally {
      await redis.close();
    }
  });
});

describe("an Islet whose embedded database is killed", () => {
  it("[ST-02, G7] starts it again, and serves on in the same process", { timeout: 2 * LIMIT_MS }, async () => {
    const folder = join(root, "killed");
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    const islet = run({ PORT: String(port), ISLET_DATA_DIR: folder, ISLET_DEMO: "on" });
    await ready(islet, origin);
    const postmaster = async (): Promise<number> => Number((await readFile(join(folder, "postgres", "postmaster.pid"), "utf8").catch(() => "")).split("\n")[0]);
    const killed = await postmaster();
    process.kill(killed, "SIGKILL");
    await expect.poll(postmaster, { timeout: LIMIT_MS, interval: 50 }).not.toSatisfy((pid: number) => pid === killed || !(pid > 0));
    // Until then the dead server's last sessions may still answer.
    await expect.poll(() => islet.stdout() + islet.stderr(), { timeout: LIMIT_MS, interval: 50 }).toContain("the embedded database is back");
    const password = /patient@demo\.islet +password (\S+)/.exec(islet.stdout())![1];
    const signIn = (): Promise<number> => fetch(`${origin}/api/v1/tokens`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ email: "patient@demo.islet", password }),
    }).then((answer) => answer.status);
    // Faults G7: within ten seconds, without a restart.
    await expect.poll(signIn, { timeout: 10_000, interval: 50 }).toBe(200);
    expect((await fetch(`${origin}/ready`)).status).toBe(200);
    expect(islet.child.exitCode).toBe(null);
    islet.child.kill("SIGTERM");
    expect(await islet.ended).toBe(0);
    expect(await processesOf(islet.child.pid!, folder)).toEqual([]);
    expect(islet.stdout() + islet.stderr()).toContain("started again");
  });
});

describe("an Islet whose start fails when it already listens", () => {
  it("ends, so that whoever watches over it can start it again", { timeout: 2 * LIMIT_MS }, async () => {
    const server = await startEmbedded({ folder: join(root, "late", "postgres"), ownerPassword: "late-owner", appPassword: "late-app", log: silentLog });
    try {
      await migrate(server.ownerUrl, server.appRole);
      const owner = new pg.Client({ connectionString: server.ownerUrl });
      await owner.connect();
      await owner.query("revoke select on connections from islet_system");
      await owner.end();
      for (const mode of ["worker", "all"]) {
        const port = String(await freePort());
        const islet = run({
          PORT: port, ISLET_WORKER_PORT: port, ISLET_DATA_DIR: join(root, "late", "data"), ISLET_DEMO: "off", DATABASE_URL: server.appUrl, DATABASE_OWNER_URL: server.ownerUrl,
        }, [mode]);
        expect(await islet.ended, mode).toBe(1);
        expect(islet.stderr(), mode).toContain("permission denied for table connections");
      }
    } finally {
      await server.stop();
    }
  });
});

describe("an Islet that cannot start", () => {
  let count = 0;
  /** Runs it to its end; gives the one sentence that it leaves, after making sure that it leaves nothing else. */
  async function refusal(environment: Record<string, string>, options: { folder?: string; args?: readonly string[] } = {}): Promise<string> {
    const folder = options.folder ?? join(root, `refused-${(count += 1)}`);
    const islet = run({ PORT: String(await freePort()), ISLET_DATA_DIR: folder, ISLET_DEMO: "off", ...environment }, options.args);
    expect(await islet.ended, islet.stdout()).not.toBe(0);
    const sentence = islet.stderr().trim();
    expect(sentence.split("\n"), sentence).toHaveLength(1);
    expect(sentence).toMatch(/^[A-Z].*[.)`a-z]$/);
    expect(sentence).not.toMatch(/^\s+at |Error:|\{"level"|canary/);
    expect(islet.stdout()).toBe("");
    expect(await processesOf(islet.child.pid!, folder)).toEqual([]);
    expect(existsSync(join(folder, "islet.pid"))).toBe(false);
    expect(existsSync(join(folder, "postgres")), "no database was made for nothing").toBe(false);
    return sentence;
  }

  it("says what to change: port, settings, data folder, database address, keys, mode", { timeout: LIMIT_MS }, async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const newer = join(root, "newer");
    await mkdir(newer);
    await writeFile(join(newer, "version.json"), '{"dataVersion": 99}\n');
    const file = join(root, "a-file");
    await writeFile(file, "");
    const nobody = `postgres://islet:canary-9f3b@127.0.0.1:${await freePort()}/islet`;
    const production = { NODE_ENV: "production", ISLET_SESSION_SECRET: "canary-9f3b".repeat(3), PUBLIC_URL: "https://islet.example.org" };
    const cases: (() => Promise<void>)[] = [
      async () => expect(await refusal({ PORT: String(port) })).toMatch(new RegExp(`^Port ${port} is taken: .* choose another with PORT, e\\.g\\. PORT=${port + 1} `)),
      async () => expect(await refusal({ PORT: "eighty" })).toBe("PORT must be a whole number from 1 to 65535."),
      async () => expect(await refusal({ HOST: "203.0.113.7" })).toMatch(/^This machine has no address 203\.0\.113\.7: set HOST/),
      async () => expect(await refusal({}, { folder: newer })).toMatch(/newer version of Islet .* choose another folder with ISLET_DATA_DIR\.$/),
      async () => expect(await refusal({}, { folder: join(file, "below") })).toMatch(/^The data folder .* choose another with ISLET_DATA_DIR/),
      async () => expect(await refusal({ DATABASE_URL: nobody })).toMatch(/^The database at 127\.0\.0\.1:\d+\/islet does not answer: check DATABASE_URL/),
      async () => expect(await refusal({ DATABASE_URL: "canary-9f3b" })).toMatch(/^DATABASE_URL must look like postgres:/),
      async () => expect(await refusal(production)).toMatch(/^ISLET_VAULT_KEYS is missing: in production/),
      async () => expect(await refusal({}, { args: ["everything"] })).toMatch(/^There is no mode everything: use one of all, api, worker, migrate\.$/),
    ];
    // Two at a time, as many as there are processors.
    const next = async (): Promise<void> => {
      for (let one = cases.shift(); one; one = cases.shift()) await one();
    };
    await Promise.all([next(), next()]);
    taken.close();
  });

  it("[ST-12] refuses a database that may lose what it acknowledged, one of a newer version, and one it may not enter", { timeout: LIMIT_MS }, async () => {
    let server: EmbeddedPostgres | undefined;
    try {
      server = await startEmbedded({
        folder: join(root, "careless", "postgres"), ownerPassword: "owner-canary", appPassword: "app-canary", log: silentLog, serverSettings: ["fsync=off"],
      });
      const environment = { DATABASE_URL: server.appUrl, DATABASE_OWNER_URL: server.ownerUrl };
      expect(await refusal(environment)).toMatch(/^The database runs with fsync=off, so that acknowledged data can be lost: switch fsync on/);
      expect(await refusal({ ...environment, DATABASE_OWNER_URL: server.ownerUrl.replace("owner-canary", "wrong-canary") })).toMatch(/refuses the user or password: check DATABASE_URL/);
      const owner = new pg.Client({ connectionString: server.ownerUrl });
      await owner.connect();
      await owner.query("insert into schema_migrations (name) values ('9999-from-the-future.sql')");
      await owner.end();
      expect(await refusal(environment)).toMatch(/^The database was written by a newer version of Islet \(it has the migration 9999-from-the-future\.sql/);
    } finally {
      await server?.stop();
    }
  });
});
